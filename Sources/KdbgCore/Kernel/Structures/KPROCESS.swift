// SPDX-License-Identifier: GPL-3.0-or-later

/// `KPROCESS` (spec/boot.md section 5.14).
package struct KPROCESS: Structure {
    package static let size: UInt32 = 0x78
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)
    package let ProfileListHead = Embedded<LIST_ENTRY>(0x10)
    package let DirectoryTableBase = ArrayField(0x18, count: 2, stride: 4, of: "ULONG_PTR")
    package let LdtDescriptor = Embedded<KGDTENTRY>(0x20)
    package let Int21Descriptor = Embedded<KIDTENTRY>(0x28)
    package let IopmOffset = Field.u16(0x30)
    package let Iopl = Field.u8(0x32)
    package let Unused = Field.u8(0x33)
    package let ActiveProcessors = Field.u32(0x34)
    package let KernelTime = Field.u32(0x38)
    package let UserTime = Field.u32(0x3C)
    package let ReadyListHead = Embedded<LIST_ENTRY>(0x40)
    package let SwapListEntry = Embedded<SINGLE_LIST_ENTRY>(0x48)
    package let VdmTrapcHandler = Field.pointer(0x4C, to: "VOID")
    package let ThreadListHead = Embedded<LIST_ENTRY>(0x50)
    package let ProcessLock = Field.u32(0x58)
    package let Affinity = Field.u32(0x5C)
    package let ProcessFlags = Field.i32(0x60)
    package let BasePriority = Field.i8(0x64)
    package let QuantumReset = Field.i8(0x65)
    package let State = Field.u8(0x66)
    package let ThreadSeed = Field.u8(0x67)
    package let PowerState = Field.u8(0x68)
    package let IdealNode = Field.u8(0x69)
    package let Visited = Field.u8(0x6A)
    package let Flags = Field.u8(0x6B)
    package let ExecuteOptions = Field.u8(0x6B)
    package let StackCount = Field.u32(0x6C)
    package let ProcessListEntry = Embedded<LIST_ENTRY>(0x70)

    package static let layout = Self()
}
