// SPDX-License-Identifier: GPL-3.0-or-later

/// `KPCR` (spec/boot.md section 5.10).
package struct KPCR: Structure {
    package static let size: UInt32 = 0xFE0
    package let Used_ExceptionList = PointerTo<EXCEPTION_REGISTRATION_RECORD>(0x00)
    package let Used_StackBase = Field.pointer(0x04, to: "VOID")
    package let PerfGlobalGroupMask = Field.pointer(0x08, to: "VOID")
    package let TssCopy = Field.pointer(0x0C, to: "VOID")
    package let ContextSwitches = Field.u32(0x10)
    package let SetMemberCopy = Field.u32(0x14)
    package let Used_Self = Field.pointer(0x18, to: "VOID")
    package let SelfPcr = PointerTo<KPCR>(0x1C)
    package let Prcb = PointerTo<KPRCB>(0x20)
    package let Irql = Field.u8(0x24)
    package let IRR = Field.u32(0x28)
    package let IrrActive = Field.u32(0x2C)
    package let IDR = Field.u32(0x30)
    package let KdVersionBlock = Field.pointer(0x34, to: "VOID")
    package let IDT = Field.pointer(0x38, to: "KIDTENTRY")
    package let GDT = Field.pointer(0x3C, to: "KGDTENTRY")
    package let TSS = PointerTo<KTSS>(0x40)
    package let MajorVersion = Field.u16(0x44)
    package let MinorVersion = Field.u16(0x46)
    package let SetMember = Field.u32(0x48)
    package let StallScaleFactor = Field.u32(0x4C)
    package let SpareUnused = Field.u8(0x50)
    package let Number = Field.u8(0x51)
    package let SecondLevelCacheAssociativity = Field.u8(0x53)
    package let VdmAlert = Field.u32(0x54)
    package let KernelReserved = ArrayField(0x58, count: 14, stride: 4, of: "ULONG")
    package let SecondLevelCacheSize = Field.u32(0x90)
    package let HalReserved = ArrayField(0x94, count: 16, stride: 4, of: "ULONG")
    package let InterruptMode = Field.u32(0xD4)
    package let KernelReserved2 = ArrayField(0xDC, count: 17, stride: 4, of: "ULONG")
    package let PrcbData = Embedded<KPRCB>(0x120)

    package static let layout = Self()
}
