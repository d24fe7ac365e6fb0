// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_MINI_COMPLETION_PACKET` (iocomp.c: a packet of a port that is no IRP; the first four fields lie as in an IRP's tail).
package struct IO_MINI_COMPLETION_PACKET: Structure {
    package static let size: UInt32 = 0x28
    package let ListEntry = Embedded<LIST_ENTRY>(0x00)
    package let PacketType = Field.u32(0x08)
    package let KeyContext = Field.pointer(0x0C, to: "VOID")
    package let ApcContext = Field.pointer(0x10, to: "VOID")
    package let IoStatus = Field.u32(0x14)
    package let IoStatusInformation = Field.u32(0x18)
    package let MiniPacketCallback = Field.pointer(0x1C, to: "VOID")
    package let Context = Field.pointer(0x20, to: "VOID")
    package let Allocated = Field.u8(0x24)

    package static let layout = Self()
}
