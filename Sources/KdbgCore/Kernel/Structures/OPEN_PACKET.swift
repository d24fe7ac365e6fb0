// SPDX-License-Identifier: GPL-3.0-or-later

/// `OPEN_PACKET` (0x78 bytes, spec/boot.md section 5.20): what `IoCreateFile` hands through the name space to `IopParseDevice`.
package struct OPEN_PACKET: Structure {
    package static let size: UInt32 = 0x78
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let FileObject = PointerTo<FILE_OBJECT>(0x04)
    package let FinalStatus = Field.u32(0x08)
    package let Information = Field.u32(0x0C)
    package let ParseCheck = Field.u32(0x10)
    package let RelatedFileObject = PointerTo<FILE_OBJECT>(0x14)
    package let DesiredAccess = Field.u32(0x18)
    package let AllocationSize = Embedded<LARGE_INTEGER>(0x20)
    package let CreateOptions = Field.u32(0x28)
    package let FileAttributes = Field.u16(0x2C)
    package let ShareAccess = Field.u16(0x2E)
    package let EaBuffer = Field.pointer(0x30, to: "VOID")
    package let EaLength = Field.u32(0x34)
    package let Options = Field.u32(0x38)
    package let Disposition = Field.u32(0x3C)

    package static let layout = Self()

    /// `ParseCheck` once the name space has led to the I/O manager.
    static let parsed: UInt32 = 0xBEAA_0251
}
