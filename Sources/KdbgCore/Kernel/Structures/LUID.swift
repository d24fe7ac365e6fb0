// SPDX-License-Identifier: GPL-3.0-or-later

/// `LUID`: a number that is never given twice while the system runs.
package struct LUID: Structure {
    package static let size: UInt32 = 0x8
    package let LowPart = Field.u32(0x00)
    package let HighPart = Field.i32(0x04)

    package static let layout = Self()
}
