// SPDX-License-Identifier: GPL-3.0-or-later

/// `KTIMER` (spec/boot.md section 5.12).
package struct KTIMER: Structure {
    package static let size: UInt32 = 0x28
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)
    package let DueTime = Embedded<LARGE_INTEGER>(0x10)
    package let TimerListEntry = Embedded<LIST_ENTRY>(0x18)
    package let Dpc = PointerTo<KDPC>(0x20)
    package let Period = Field.u32(0x24)

    package static let layout = Self()
}
