// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_CREATE_INFORMATION` (spec/boot.md section 5.2).
package struct OBJECT_CREATE_INFORMATION: Structure {
    package static let size: UInt32 = 0x30
    package let Attributes = Field.u32(0x00)
    package let RootDirectory = Field.pointer(0x04, to: "VOID")
    package let ParseContext = Field.pointer(0x08, to: "VOID")
    package let ProbeMode = Field.u8(0x0C)
    package let PagedPoolCharge = Field.u32(0x10)
    package let NonPagedPoolCharge = Field.u32(0x14)
    package let SecurityDescriptorCharge = Field.u32(0x18)
    package let SecurityDescriptor = Field.pointer(0x1C, to: "VOID")
    package let SecurityQos = Field.pointer(0x20, to: "VOID")
    package let SecurityQualityOfService = ArrayField(0x24, count: 3, stride: 4, of: "ULONG")

    package static let layout = Self()
}
