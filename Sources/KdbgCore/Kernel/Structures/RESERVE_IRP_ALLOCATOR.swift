// SPDX-License-Identifier: GPL-3.0-or-later

/// `RESERVE_IRP_ALLOCATOR`: the packet that is put aside at 1.9 #4, and who has it.
package struct RESERVE_IRP_ALLOCATOR: Structure {
    package static let size: UInt32 = 0x1C
    package let ReserveIrp = PointerTo<IRP>(0x00)
    package let ReserveIrpInUse = Field.u32(0x04)
    package let WaitEvent = Embedded<KEVENT>(0x08)
    package let ReserveIrpStackSize = Field.u8(0x18)

    package static let layout = Self()
}
