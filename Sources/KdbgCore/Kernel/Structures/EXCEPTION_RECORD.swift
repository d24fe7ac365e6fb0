// SPDX-License-Identifier: GPL-3.0-or-later

/// `EXCEPTION_RECORD` (spec/boot.md section 5.16).
package struct EXCEPTION_RECORD: Structure {
    package static let size: UInt32 = 0x50
    package let ExceptionCode = Field.u32(0x00)
    package let ExceptionFlags = Field.u32(0x04)
    package let NestedRecord = PointerTo<EXCEPTION_RECORD>(0x08)
    package let ExceptionAddress = Field.pointer(0x0C, to: "VOID")
    package let NumberParameters = Field.u32(0x10)
    package let ExceptionInformation = ArrayField(0x14, count: 15, stride: 4, of: "ULONG")

    package static let layout = Self()
}
