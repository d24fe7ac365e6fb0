// SPDX-License-Identifier: GPL-3.0-or-later

/// `KMUTANT`, which is also a KMUTEX.
package struct KMUTANT: Structure {
    package static let size: UInt32 = 0x20
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)
    package let MutantListEntry = Embedded<LIST_ENTRY>(0x10)
    package let OwnerThread = PointerTo<KTHREAD>(0x18)
    package let Abandoned = Field.u8(0x1C)
    package let ApcDisable = Field.u8(0x1D)

    package static let layout = Self()
}
