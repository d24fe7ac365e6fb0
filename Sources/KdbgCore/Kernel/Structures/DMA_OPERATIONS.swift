// SPDX-License-Identifier: GPL-3.0-or-later

/// `DMA_OPERATIONS` (the HAL routines behind a DMA adapter).
package struct DMA_OPERATIONS: Structure {
    package static let size: UInt32 = 0x40
    package let Size = Field.u32(0x00)
    package let PutDmaAdapter = Field.pointer(0x04, to: "VOID")
    package let AllocateCommonBuffer = Field.pointer(0x08, to: "VOID")
    package let FreeCommonBuffer = Field.pointer(0x0C, to: "VOID")
    package let AllocateAdapterChannel = Field.pointer(0x10, to: "VOID")
    package let FlushAdapterBuffers = Field.pointer(0x14, to: "VOID")
    package let FreeAdapterChannel = Field.pointer(0x18, to: "VOID")
    package let FreeMapRegisters = Field.pointer(0x1C, to: "VOID")
    package let MapTransfer = Field.pointer(0x20, to: "VOID")
    package let GetDmaAlignment = Field.pointer(0x24, to: "VOID")
    package let ReadDmaCounter = Field.pointer(0x28, to: "VOID")
    package let GetScatterGatherList = Field.pointer(0x2C, to: "VOID")
    package let PutScatterGatherList = Field.pointer(0x30, to: "VOID")
    package let CalculateScatterGatherList = Field.pointer(0x34, to: "VOID")
    package let BuildScatterGatherList = Field.pointer(0x38, to: "VOID")
    package let BuildMdlFromScatterGatherList = Field.pointer(0x3C, to: "VOID")

    package static let layout = Self()
}
