// SPDX-License-Identifier: GPL-3.0-or-later

/// How waits end.
extension Status {
    package static let abandoned: Value = 0x0000_0080
    package static let userApc: Value = 0x0000_00C0
    package static let kernelApc: Value = 0x0000_0100
    package static let alerted: Value = 0x0000_0101
}
