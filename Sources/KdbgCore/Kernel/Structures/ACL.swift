// SPDX-License-Identifier: GPL-3.0-or-later

/// `ACL`: the head of a list of AceCount entries, which follow; AclSize bytes with them and what is free.
package struct ACL: Structure {
    package static let size: UInt32 = 0x8
    package let AclRevision = Field.u8(0x00)
    package let Sbz1 = Field.u8(0x01)
    package let AclSize = Field.u16(0x02)
    package let AceCount = Field.u16(0x04)
    package let Sbz2 = Field.u16(0x06)

    package static let layout = Self()
}
