// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_SYMBOLIC_LINK` (spec/boot.md section 5.2).
package struct OBJECT_SYMBOLIC_LINK: Structure {
    package static let size: UInt32 = 0x20
    package let CreationTime = Embedded<LARGE_INTEGER>(0x00)
    package let LinkTarget = Embedded<UNICODE_STRING>(0x08)
    package let LinkTargetRemaining = Embedded<UNICODE_STRING>(0x10)
    package let LinkTargetObject = Field.pointer(0x18, to: "VOID")
    package let DosDeviceDriveIndex = Field.u32(0x1C)

    package static let layout = Self()
}
