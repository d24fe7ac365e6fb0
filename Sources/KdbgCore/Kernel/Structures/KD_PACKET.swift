// SPDX-License-Identifier: GPL-3.0-or-later

/// `KD_PACKET` (spec/boot.md section 5.18).
package struct KD_PACKET: Structure {
    package static let size: UInt32 = 0x10
    package let PacketLeader = Field.u32(0x00)
    package let PacketType = Field.u16(0x04)
    package let ByteCount = Field.u16(0x06)
    package let PacketId = Field.u32(0x08)
    package let Checksum = Field.u32(0x0C)

    package static let layout = Self()
}
