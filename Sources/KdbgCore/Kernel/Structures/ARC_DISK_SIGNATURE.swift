// SPDX-License-Identifier: GPL-3.0-or-later

/// `ARC_DISK_SIGNATURE` (spec/boot.md section 5.9).
package struct ARC_DISK_SIGNATURE: Structure {
    package static let size: UInt32 = 0x28
    package let ListEntry = Embedded<LIST_ENTRY>(0x00)
    package let Signature = Field.u32(0x08)
    package let ArcName = Field.pointer(0x0C, to: "CHAR")
    package let CheckSum = Field.u32(0x10)
    package let ValidPartitionTable = Field.u8(0x14)
    package let xInt13 = Field.u8(0x15)
    package let IsGpt = Field.u8(0x16)
    package let GptSignature = ArrayField(0x18, count: 16, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
