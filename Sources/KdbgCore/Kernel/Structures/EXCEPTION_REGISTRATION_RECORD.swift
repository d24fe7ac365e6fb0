// SPDX-License-Identifier: GPL-3.0-or-later

/// `EXCEPTION_REGISTRATION_RECORD` (spec/boot.md section 5.10).
package struct EXCEPTION_REGISTRATION_RECORD: Structure {
    package static let size: UInt32 = 0x08
    package let Next = PointerTo<EXCEPTION_REGISTRATION_RECORD>(0x00)
    package let Handler = Field.pointer(0x04, to: "VOID")

    package static let layout = Self()
}
