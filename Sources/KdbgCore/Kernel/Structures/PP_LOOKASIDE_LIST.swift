// SPDX-License-Identifier: GPL-3.0-or-later

/// `PP_LOOKASIDE_LIST` (spec/boot.md section 5.11): a processor's own list, and the one that all share.
package struct PP_LOOKASIDE_LIST: Structure {
    package static let size: UInt32 = 0x08
    package let P = PointerTo<GENERAL_LOOKASIDE>(0x00)
    package let L = PointerTo<GENERAL_LOOKASIDE>(0x04)

    package static let layout = Self()
}
