// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECURITY_DESCRIPTOR`, absolute: pointers. In a self-relative one (Control 0x8000) the four are offsets, and the parts follow.
package struct SECURITY_DESCRIPTOR: Structure {
    package static let size: UInt32 = 0x14
    package let Revision = Field.u8(0x00)
    package let Sbz1 = Field.u8(0x01)
    package let Control = Field.u16(0x02)
    package let Owner = Field.pointer(0x04, to: "SID")
    package let Group = Field.pointer(0x08, to: "SID")
    package let Sacl = Field.pointer(0x0C, to: "ACL")
    package let Dacl = Field.pointer(0x10, to: "ACL")

    package static let layout = Self()
}
