// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_DATA_DIRECTORY` (PE specification, section 3.4.3).
package struct IMAGE_DATA_DIRECTORY: Structure {
    package static let size: UInt32 = 0x08
    package let VirtualAddress = Field.u32(0x00)
    package let Size = Field.u32(0x04)

    package static let layout = Self()
}
