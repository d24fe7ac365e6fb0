// SPDX-License-Identifier: GPL-3.0-or-later

/// `RTL_BITMAP`: bits and how many there are.
package struct RTL_BITMAP: Structure {
    package static let size: UInt32 = 0x08
    package let SizeOfBitMap = Field.u32(0x00)
    package let Buffer = Field.pointer(0x04, to: "ULONG")

    package static let layout = Self()
}
