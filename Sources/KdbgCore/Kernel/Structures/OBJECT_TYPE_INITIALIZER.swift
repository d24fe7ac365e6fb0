// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_TYPE_INITIALIZER` (spec/boot.md section 5.3).
package struct OBJECT_TYPE_INITIALIZER: Structure {
    package static let size: UInt32 = 0x4C
    package let Length = Field.u16(0x00)
    package let UseDefaultObject = Field.u8(0x02)
    package let CaseInsensitive = Field.u8(0x03)
    package let InvalidAttributes = Field.u32(0x04)
    package let GenericMapping = ArrayField(0x08, count: 16, stride: 1, of: "UCHAR")
    package let ValidAccessMask = Field.u32(0x18)
    package let SecurityRequired = Field.u8(0x1C)
    package let MaintainHandleCount = Field.u8(0x1D)
    package let MaintainTypeList = Field.u8(0x1E)
    package let PoolType = Field.u32(0x20)
    package let DefaultPagedPoolCharge = Field.u32(0x24)
    package let DefaultNonPagedPoolCharge = Field.u32(0x28)
    package let DumpProcedure = Field.u32(0x2C)
    package let OpenProcedure = Field.u32(0x30)
    package let CloseProcedure = Field.u32(0x34)
    package let DeleteProcedure = Field.u32(0x38)
    package let ParseProcedure = Field.u32(0x3C)
    package let SecurityProcedure = Field.u32(0x40)
    package let QueryNameProcedure = Field.u32(0x44)
    package let OkayToCloseProcedure = Field.u32(0x48)

    package static let layout = Self()
}
