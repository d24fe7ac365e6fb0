// SPDX-License-Identifier: GPL-3.0-or-later

/// `GENERIC_MAPPING`: what the generic rights mean for a type of object (spec/boot.md section 5.3).
package struct GENERIC_MAPPING: Structure {
    package static let size: UInt32 = 0x10
    package let GenericRead = Field.u32(0x00)
    package let GenericWrite = Field.u32(0x04)
    package let GenericExecute = Field.u32(0x08)
    package let GenericAll = Field.u32(0x0C)

    package static let layout = Self()
}
