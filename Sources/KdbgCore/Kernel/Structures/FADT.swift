// SPDX-License-Identifier: GPL-3.0-or-later

/// `FADT`, signature FACP: where the registers of power management are (ACPI specification 2.0, section 5.2.8). The extended addresses behind what stands here are not used.
package struct FADT: Structure {
    package static let size: UInt32 = 0xF4
    package let Signature = ArrayField(0x00, count: 4, stride: 1, of: "CHAR")
    package let Length = Field.u32(0x04)
    package let Revision = Field.u8(0x08)
    package let Checksum = Field.u8(0x09)
    package let OEMID = ArrayField(0x0A, count: 6, stride: 1, of: "CHAR")
    package let OEMTableID = ArrayField(0x10, count: 8, stride: 1, of: "CHAR")
    package let FirmwareControl = Field.u32(0x24)
    package let Dsdt = Field.u32(0x28)
    package let SciInterrupt = Field.u16(0x2E)
    package let SmiCommand = Field.u32(0x30)
    package let Pm1aEventBlock = Field.u32(0x38)
    package let Pm1bEventBlock = Field.u32(0x3C)
    package let Pm1aControlBlock = Field.u32(0x40)
    package let Pm1bControlBlock = Field.u32(0x44)
    package let Pm2ControlBlock = Field.u32(0x48)
    package let PmTimerBlock = Field.u32(0x4C)
    package let Pm1EventLength = Field.u8(0x58)
    package let Pm1ControlLength = Field.u8(0x59)
    package let PmTimerLength = Field.u8(0x5B)
    package let Century = Field.u8(0x6C)
    package let Flags = Field.u32(0x70)

    package static let layout = Self()
}
