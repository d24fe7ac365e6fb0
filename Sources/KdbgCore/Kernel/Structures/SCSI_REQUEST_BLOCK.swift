// SPDX-License-Identifier: GPL-3.0-or-later

/// `SCSI_REQUEST_BLOCK` (0x40 bytes): what a class driver asks a port driver for (Windows DDK, srb.h).
package struct SCSI_REQUEST_BLOCK: Structure {
    package static let size: UInt32 = 0x40
    package let Length = Field.u16(0x00)
    package let Function = Field.u8(0x02)
    package let SrbStatus = Field.u8(0x03)
    package let ScsiStatus = Field.u8(0x04)
    package let PathId = Field.u8(0x05)
    package let TargetId = Field.u8(0x06)
    package let Lun = Field.u8(0x07)
    package let QueueTag = Field.u8(0x08)
    package let QueueAction = Field.u8(0x09)
    package let CdbLength = Field.u8(0x0A)
    package let SenseInfoBufferLength = Field.u8(0x0B)
    package let SrbFlags = Field.u32(0x0C)
    package let DataTransferLength = Field.u32(0x10)
    package let TimeOutValue = Field.u32(0x14)
    package let DataBuffer = Field.pointer(0x18)
    package let SenseInfoBuffer = Field.pointer(0x1C)
    package let NextSrb = PointerTo<SCSI_REQUEST_BLOCK>(0x20)
    package let OriginalRequest = PointerTo<IRP>(0x24)
    package let SrbExtension = Field.pointer(0x28)
    package let InternalStatus = Field.u32(0x2C)
    package let Cdb = ArrayField(0x30, count: 16, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
