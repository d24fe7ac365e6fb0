// SPDX-License-Identifier: GPL-3.0-or-later

/// `FILE_OBJECT` (spec/boot.md section 5.7).
package struct FILE_OBJECT: Structure {
    package static let size: UInt32 = 0x80
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x04)
    package let Vpb = PointerTo<VPB>(0x08)
    package let FsContext = Field.pointer(0x0C, to: "VOID")
    package let FsContext2 = Field.pointer(0x10, to: "VOID")
    package let SectionObjectPointer = Field.pointer(0x14, to: "SECTION_OBJECT_POINTERS")
    package let PrivateCacheMap = Field.pointer(0x18, to: "VOID")
    package let FinalStatus = Field.u32(0x1C)
    package let RelatedFileObject = PointerTo<FILE_OBJECT>(0x20)
    package let LockOperation = Field.u8(0x24)
    package let DeletePending = Field.u8(0x25)
    package let ReadAccess = Field.u8(0x26)
    package let WriteAccess = Field.u8(0x27)
    package let DeleteAccess = Field.u8(0x28)
    package let SharedRead = Field.u8(0x29)
    package let SharedWrite = Field.u8(0x2A)
    package let SharedDelete = Field.u8(0x2B)
    package let Flags = Field.u32(0x2C)
    package let FileName = Embedded<UNICODE_STRING>(0x30)
    package let CurrentByteOffset = Embedded<LARGE_INTEGER>(0x38)
    package let Waiters = Field.u32(0x40)
    package let Busy = Field.u32(0x44)
    package let LastLock = Field.pointer(0x48, to: "VOID")
    package let Lock = Embedded<KEVENT>(0x4C)
    package let Event = Embedded<KEVENT>(0x5C)
    package let CompletionContext = PointerTo<IO_COMPLETION_CONTEXT>(0x6C)
    package let IrpListLock = Field.u32(0x70)
    package let IrpList = Embedded<LIST_ENTRY>(0x74)
    package let FileObjectExtension = Field.pointer(0x7C, to: "VOID")

    package static let layout = Self()
}
