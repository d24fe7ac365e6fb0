// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_TYPE` (spec/boot.md section 5.3).
package struct OBJECT_TYPE: Structure {
    package static let size: UInt32 = 0x190
    package let Mutex = Embedded<ERESOURCE>(0x00)
    package let TypeList = Embedded<LIST_ENTRY>(0x38)
    package let Name = Embedded<UNICODE_STRING>(0x40)
    package let DefaultObject = Field.pointer(0x48, to: "VOID")
    package let Index = Field.u32(0x4C)
    package let TotalNumberOfObjects = Field.u32(0x50)
    package let TotalNumberOfHandles = Field.u32(0x54)
    package let HighWaterNumberOfObjects = Field.u32(0x58)
    package let HighWaterNumberOfHandles = Field.u32(0x5C)
    package let TypeInfo = Embedded<OBJECT_TYPE_INITIALIZER>(0x60)
    package let Key = Field.u32(0xAC)
    package let ObjectLocks = ArrayField(0xB0, count: 4, stride: 56, of: "ERESOURCE")

    package static let layout = Self()
}
