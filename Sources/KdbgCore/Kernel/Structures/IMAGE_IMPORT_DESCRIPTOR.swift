// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_IMPORT_DESCRIPTOR` (PE specification, section 6.4).
package struct IMAGE_IMPORT_DESCRIPTOR: Structure {
    package static let size: UInt32 = 0x14
    package let OriginalFirstThunk = Field.u32(0x00)
    package let TimeDateStamp = Field.u32(0x04)
    package let ForwarderChain = Field.u32(0x08)
    package let Name = Field.u32(0x0C)
    package let FirstThunk = Field.u32(0x10)

    package static let layout = Self()
}
