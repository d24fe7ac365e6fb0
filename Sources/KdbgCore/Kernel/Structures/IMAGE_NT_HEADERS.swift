// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_NT_HEADERS` (PE specification, section 3).
package struct IMAGE_NT_HEADERS: Structure {
    package static let size: UInt32 = 0xF8
    package let Signature = Field.u32(0x00)
    package let FileHeader = Embedded<IMAGE_FILE_HEADER>(0x04)
    package let OptionalHeader = Embedded<IMAGE_OPTIONAL_HEADER>(0x18)

    package static let layout = Self()
}
