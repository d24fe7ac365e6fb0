// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_SYSTEM_CONTROL_VECTOR`: a variable of the kernel that is read from the registry in phase 0. The path is one below `Control`. Without a length cell the
/// variable has four bytes; the cell gets the value's length, or -1 when there is none.
package struct CM_SYSTEM_CONTROL_VECTOR: Structure {
    package static let size: UInt32 = 0x14
    package let KeyPath = Field.pointer(0x00, to: "WCHAR")
    package let ValueName = Field.pointer(0x04, to: "WCHAR")
    package let Buffer = Field.pointer(0x08)
    package let BufferLength = Field.pointer(0x0C, to: "ULONG")
    package let `Type` = Field.pointer(0x10, to: "ULONG")

    package static let layout = Self()
}
