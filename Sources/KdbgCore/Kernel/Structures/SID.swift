// SPDX-License-Identifier: GPL-3.0-or-later

/// `SID`: who somebody is. SubAuthorityCount numbers follow, the first of which is the last field here.
package struct SID: Structure {
    package static let size: UInt32 = 0xC
    package let Revision = Field.u8(0x00)
    package let SubAuthorityCount = Field.u8(0x01)
    package let IdentifierAuthority = ArrayField(0x02, count: 6, stride: 1, of: "UCHAR")
    package let SubAuthority = ArrayField(0x08, count: 1, stride: 4, of: "ULONG")

    package static let layout = Self()
}
