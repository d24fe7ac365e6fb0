// SPDX-License-Identifier: GPL-3.0-or-later

/// `KQUEUE` (spec/boot.md section 5.12).
package struct KQUEUE: Structure {
    package static let size: UInt32 = 0x28
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)
    package let EntryListHead = Embedded<LIST_ENTRY>(0x10)
    package let CurrentCount = Field.u32(0x18)
    package let MaximumCount = Field.u32(0x1C)
    package let ThreadListHead = Embedded<LIST_ENTRY>(0x20)

    package static let layout = Self()
}
