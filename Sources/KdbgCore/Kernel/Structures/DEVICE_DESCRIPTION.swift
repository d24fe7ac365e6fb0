// SPDX-License-Identifier: GPL-3.0-or-later

/// `DEVICE_DESCRIPTION` (what a driver says of its device's way to memory).
package struct DEVICE_DESCRIPTION: Structure {
    package static let size: UInt32 = 0x28
    package let Version = Field.u32(0x00)
    package let Master = Field.u8(0x04)
    package let ScatterGather = Field.u8(0x05)
    package let DemandMode = Field.u8(0x06)
    package let AutoInitialize = Field.u8(0x07)
    package let Dma32BitAddresses = Field.u8(0x08)
    package let IgnoreCount = Field.u8(0x09)
    package let Dma64BitAddresses = Field.u8(0x0B)
    package let BusNumber = Field.u32(0x0C)
    package let DmaChannel = Field.u32(0x10)
    package let InterfaceType = Field.u32(0x14)
    package let DmaWidth = Field.u32(0x18)
    package let DmaSpeed = Field.u32(0x1C)
    package let MaximumLength = Field.u32(0x20)
    package let DmaPort = Field.u32(0x24)

    package static let layout = Self()
}
