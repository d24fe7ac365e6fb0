// SPDX-License-Identifier: GPL-3.0-or-later

/// `PHYSICAL_MEMORY_RUN`: adjacent physical pages.
package struct PHYSICAL_MEMORY_RUN: Structure {
    package static let size: UInt32 = 0x08
    package let BasePage = Field.u32(0x00)
    package let PageCount = Field.u32(0x04)

    package static let layout = Self()
}
