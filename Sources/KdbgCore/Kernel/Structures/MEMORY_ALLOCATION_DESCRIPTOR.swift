// SPDX-License-Identifier: GPL-3.0-or-later

/// `MEMORY_ALLOCATION_DESCRIPTOR` (spec/boot.md section 5.9).
package struct MEMORY_ALLOCATION_DESCRIPTOR: Structure {
    package static let size: UInt32 = 0x14
    package let ListEntry = Embedded<LIST_ENTRY>(0x00)
    package let MemoryType = Field.u32(0x08)
    package let BasePage = Field.u32(0x0C)
    package let PageCount = Field.u32(0x10)

    package static let layout = Self()
}
