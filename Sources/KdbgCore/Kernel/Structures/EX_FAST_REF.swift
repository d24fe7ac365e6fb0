// SPDX-License-Identifier: GPL-3.0-or-later

/// `EX_FAST_REF`: a pointer to an object, with references taken in advance in its low bits (spec/boot.md section 5.14).
package struct EX_FAST_REF: Structure {
    package static let size: UInt32 = 0x4
    package let Object = Field.pointer(0x00)
    package let RefCnt = BitField(0x00, size: 4, bits: 0...2)
    package let Value = Field.u32(0x00)

    package static let layout = Self()
}
