// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_HEADER` (spec/boot.md section 5.2).
package struct OBJECT_HEADER: Structure {
    package static let size: UInt32 = 0x20
    package let PointerCount = Field.u32(0x00)
    package let HandleCount = Field.u32(0x04)
    package let NextToFree = Field.pointer(0x04, to: "VOID")
    package let `Type` = PointerTo<OBJECT_TYPE>(0x08)
    package let NameInfoOffset = Field.u8(0x0C)
    package let HandleInfoOffset = Field.u8(0x0D)
    package let QuotaInfoOffset = Field.u8(0x0E)
    package let Flags = Field.u8(0x0F)
    package let ObjectCreateInfo = PointerTo<OBJECT_CREATE_INFORMATION>(0x10)
    package let QuotaBlockCharged = Field.pointer(0x10, to: "VOID")
    package let SecurityDescriptor = Field.pointer(0x14, to: "SECURITY_DESCRIPTOR")
    package let Body = Field.u64(0x18)

    package static let layout = Self()
}
