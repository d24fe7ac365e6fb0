// SPDX-License-Identifier: GPL-3.0-or-later

/// `ADAPTER_OBJECT` (the HAL's side of a DMA adapter; the layout is ours, but for the part that drivers see).
package struct ADAPTER_OBJECT: Structure {
    package static let size: UInt32 = 0x48
    package let DmaHeader = Embedded<DMA_ADAPTER>(0x00)
    package let NumberOfMapRegisters = Field.u32(0x08)
    package let CurrentWcb = PointerTo<WAIT_CONTEXT_BLOCK>(0x0C)
    package let ChannelWaitQueue = Embedded<KDEVICE_QUEUE>(0x10)
    package let DmaPortAddress = Field.u16(0x24)
    package let ChannelNumber = Field.u8(0x26)
    package let AdapterNumber = Field.u8(0x27)
    package let AdapterMode = Field.u8(0x28)
    package let MasterDevice = Field.u8(0x29)
    package let Width16Bits = Field.u8(0x2A)
    package let ScatterGather = Field.u8(0x2B)
    package let PagePort = Field.u16(0x2C)
    package let MaximumLength = Field.u32(0x30)
    package let LastLength = Field.u32(0x34)
    package let LastAddress = Field.u32(0x38)

    package static let layout = Self()
}
