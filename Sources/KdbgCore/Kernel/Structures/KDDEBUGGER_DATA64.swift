// SPDX-License-Identifier: GPL-3.0-or-later

/// `KDDEBUGGER_DATA64` (spec/boot.md section 5.18).
package struct KDDEBUGGER_DATA64: Structure {
    package static let size: UInt32 = 0x318
    package let Header = Embedded<DBGKD_DEBUG_DATA_HEADER64>(0x00)
    package let KernBase = Field.u32(0x18)
    package let BreakpointWithStatus = Field.u32(0x20)
    package let SavedContext = Field.u32(0x28)
    package let PsLoadedModuleList = Field.u32(0x48)
    package let PsActiveProcessHead = Field.u32(0x50)
    package let PspCidTable = Field.u32(0x58)
    package let IopErrorLogListHead = Field.u32(0x90)
    package let ObpRootDirectoryObject = Field.u32(0x98)
    package let ObpTypeObjectType = Field.u32(0xA0)
    package let MmPfnDatabase = Field.u32(0xC0)
    package let MmNonPagedPoolStart = Field.u32(0x110)
    package let MmHighestUserAddress = Field.u32(0x1C8)
    package let KdPrintCircularBuffer = Field.u32(0x1E0)
    package let KiProcessorBlock = Field.u32(0x218)
    package let KeLoaderBlock = Field.u32(0x2D8)
    package let IopNumTriageDumpDataBlocks = Field.u32(0x308)

    package static let layout = Self()
}
