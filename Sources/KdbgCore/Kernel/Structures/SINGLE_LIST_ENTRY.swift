// SPDX-License-Identifier: GPL-3.0-or-later

/// `SINGLE_LIST_ENTRY` (spec/boot.md section 5.1).
package struct SINGLE_LIST_ENTRY: Structure {
    package static let size: UInt32 = 0x04
    package let Next = PointerTo<SINGLE_LIST_ENTRY>(0x00)

    package static let layout = Self()
}
