// SPDX-License-Identifier: GPL-3.0-or-later

/// Create options.
package enum CreateOption {
    package static let directory: UInt32 = 0x01
    package static let writeThrough: UInt32 = 0x02
    package static let sequentialOnly: UInt32 = 0x04
    package static let synchronousAlert: UInt32 = 0x10
    package static let synchronousNonAlert: UInt32 = 0x20
    package static let nonDirectory: UInt32 = 0x40
}
