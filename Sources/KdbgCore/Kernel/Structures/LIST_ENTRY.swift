// SPDX-License-Identifier: GPL-3.0-or-later

/// `LIST_ENTRY` (spec/boot.md section 5.1).
package struct LIST_ENTRY: Structure {
    package static let size: UInt32 = 0x08
    package let Flink = PointerTo<LIST_ENTRY>(0x00)
    package let Blink = PointerTo<LIST_ENTRY>(0x04)

    package static let layout = Self()
}
