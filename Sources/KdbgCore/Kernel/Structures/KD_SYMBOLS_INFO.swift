// SPDX-License-Identifier: GPL-3.0-or-later

/// `KD_SYMBOLS_INFO` (spec/boot.md section 5.18).
package struct KD_SYMBOLS_INFO: Structure {
    package static let size: UInt32 = 0x10
    package let BaseOfDll = Field.pointer(0x00, to: "VOID")
    package let ProcessId = Field.pointer(0x04, to: "VOID")
    package let CheckSum = Field.u32(0x08)
    package let SizeOfImage = Field.u32(0x0C)

    package static let layout = Self()
}
