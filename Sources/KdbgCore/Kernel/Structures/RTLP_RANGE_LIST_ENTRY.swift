// SPDX-License-Identifier: GPL-3.0-or-later

/// `RTLP_RANGE_LIST_ENTRY`: both ends belong to it. Public flag 1: shared. It begins with what is public of it, an RTL_RANGE.
package struct RTLP_RANGE_LIST_ENTRY: Structure {
    package static let size: UInt32 = 0x28
    package let Start = Embedded<LARGE_INTEGER>(0x00)
    package let End = Embedded<LARGE_INTEGER>(0x08)
    package let UserData = Field.pointer(0x10)
    package let Owner = Field.pointer(0x14)
    package let Attributes = Field.u8(0x18)
    package let PublicFlags = Field.u8(0x19)
    package let PrivateFlags = Field.u16(0x1A)
    package let ListEntry = Embedded<LIST_ENTRY>(0x1C)

    package static let layout = Self()
}
