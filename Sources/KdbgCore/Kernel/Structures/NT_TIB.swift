// SPDX-License-Identifier: GPL-3.0-or-later

/// `NT_TIB` (spec/boot.md section 5.10): what FS:0 begins with.
package struct NT_TIB: Structure {
    package static let size: UInt32 = 0x1C
    package let ExceptionList = PointerTo<EXCEPTION_REGISTRATION_RECORD>(0x00)
    package let StackBase = Field.pointer(0x04)
    package let StackLimit = Field.pointer(0x08)
    package let SubSystemTib = Field.pointer(0x0C)
    package let Version = Field.u32(0x10)
    package let ArbitraryUserPointer = Field.pointer(0x14)
    package let `Self` = Field.pointer(0x18, to: "NT_TIB")

    package static let layout = NT_TIB()
}
