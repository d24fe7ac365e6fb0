// SPDX-License-Identifier: GPL-3.0-or-later

/// `SETUP_LOADER_BLOCK` (spec/boot.md section 5.9).
package struct SETUP_LOADER_BLOCK: Structure {
    package static let size: UInt32 = 0x388
    package let Flags = Field.u32(0x22C)

    package static let layout = Self()
}
