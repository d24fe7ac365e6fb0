// SPDX-License-Identifier: GPL-3.0-or-later

/// `ACCESS_ALLOWED_ACE`: an entry of a list: whom it is about (the SID begins at SidStart), and what is allowed (AceType 0) or denied (1).
package struct ACCESS_ALLOWED_ACE: Structure {
    package static let size: UInt32 = 0xC
    package let AceType = Field.u8(0x00)
    package let AceFlags = Field.u8(0x01)
    package let AceSize = Field.u16(0x02)
    package let Mask = Field.u32(0x04)
    package let SidStart = Field.u32(0x08)

    package static let layout = Self()
}
