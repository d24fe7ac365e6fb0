// SPDX-License-Identifier: GPL-3.0-or-later

/// `LUID_AND_ATTRIBUTES`: a privilege, and whether it is enabled (2), from the start (1), and has been used (0x80000000).
package struct LUID_AND_ATTRIBUTES: Structure {
    package static let size: UInt32 = 0xC
    package let Luid = Embedded<LUID>(0x00)
    package let Attributes = Field.u32(0x08)

    package static let layout = Self()
}
