// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_HEADER_HANDLE_INFO` (spec/boot.md section 5.2).
package struct OBJECT_HEADER_HANDLE_INFO: Structure {
    package static let size: UInt32 = 0x08
    package let SingleEntryProcess = Field.pointer(0x00, to: "VOID")
    package let SingleEntryCount = Field.u32(0x04)

    package static let layout = Self()
}
