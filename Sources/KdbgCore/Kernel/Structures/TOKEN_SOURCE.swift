// SPDX-License-Identifier: GPL-3.0-or-later

/// `TOKEN_SOURCE`: who made a token: eight characters, and a number of his.
package struct TOKEN_SOURCE: Structure {
    package static let size: UInt32 = 0x10
    package let SourceName = ArrayField(0x00, count: 8, stride: 1, of: "CHAR")
    package let SourceIdentifier = Embedded<LUID>(0x08)

    package static let layout = Self()
}
