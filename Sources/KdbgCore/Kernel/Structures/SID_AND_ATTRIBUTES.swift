// SPDX-License-Identifier: GPL-3.0-or-later

/// `SID_AND_ATTRIBUTES`: an account or a group of a token, and what it counts for: mandatory (1), enabled by default (2), enabled (4), may own (8).
package struct SID_AND_ATTRIBUTES: Structure {
    package static let size: UInt32 = 0x8
    package let Sid = Field.pointer(0x00, to: "SID")
    package let Attributes = Field.u32(0x04)

    package static let layout = Self()
}
