// SPDX-License-Identifier: GPL-3.0-or-later

/// `LIST_ENTRY64`: a list entry whose pointers have room for 64 bits (spec/boot.md section 5.18).
package struct LIST_ENTRY64: Structure {
    package static let size: UInt32 = 0x10
    package let Flink = Field.u64(0x00)
    package let Blink = Field.u64(0x08)

    package static let layout = Self()
}
