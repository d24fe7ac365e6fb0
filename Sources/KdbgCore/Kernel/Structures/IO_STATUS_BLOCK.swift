// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_STATUS_BLOCK` (spec/boot.md section 5.1).
package struct IO_STATUS_BLOCK: Structure {
    package static let size: UInt32 = 0x08
    package let Status = Field.u32(0x00)
    package let Information = Field.u32(0x04)

    package static let layout = Self()
}
