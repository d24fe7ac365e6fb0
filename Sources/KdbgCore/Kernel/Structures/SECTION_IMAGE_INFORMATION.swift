// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECTION_IMAGE_INFORMATION`: what an image's headers say that who starts it wants to know; `NtQuerySection` class 1.
package struct SECTION_IMAGE_INFORMATION: Structure {
    package static let size: UInt32 = 0x30
    /// The entry point, at the base the image is linked for.
    package let TransferAddress = Field.pointer(0x00, to: "VOID")
    package let ZeroBits = Field.u32(0x04)
    /// Bytes.
    package let MaximumStackSize = Field.u32(0x08)
    /// Bytes.
    package let CommittedStackSize = Field.u32(0x0C)
    package let SubSystemType = Field.u32(0x10)
    package let SubSystemMinorVersion = Field.u16(0x14)
    package let SubSystemMajorVersion = Field.u16(0x16)
    package let GpValue = Field.u32(0x18)
    package let ImageCharacteristics = Field.u16(0x1C)
    package let DllCharacteristics = Field.u16(0x1E)
    package let Machine = Field.u16(0x20)
    package let ImageContainsCode = Field.u8(0x22)
    package let LoaderFlags = Field.u32(0x24)
    package let ImageFileSize = Field.u32(0x28)

    package static let layout = Self()
}
