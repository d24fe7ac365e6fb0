// SPDX-License-Identifier: GPL-3.0-or-later

/// `KD_CONTEXT` (spec/boot.md section 5.18).
package struct KD_CONTEXT: Structure {
    package static let size: UInt32 = 0x08
    package let KdpDefaultRetries = Field.u32(0x00)
    package let KdpControlCPending = Field.u8(0x04)

    package static let layout = Self()
}
