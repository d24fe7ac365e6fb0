// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_BASE_RELOCATION` (PE specification, section 6.6).
package struct IMAGE_BASE_RELOCATION: Structure {
    package static let size: UInt32 = 0x08
    package let VirtualAddress = Field.u32(0x00)
    package let SizeOfBlock = Field.u32(0x04)

    package static let layout = Self()
}
