// SPDX-License-Identifier: GPL-3.0-or-later

/// `LARGE_INTEGER` (spec/boot.md section 5.1).
package struct LARGE_INTEGER: Structure {
    package static let size: UInt32 = 0x08
    package let LowPart = Field.u32(0x00)
    package let HighPart = Field.u32(0x04)

    package static let layout = Self()
}
