// SPDX-License-Identifier: GPL-3.0-or-later

/// `KSPIN_LOCK`: 0 when it is free (spec/boot.md section 5.1).
package struct KSPIN_LOCK: Structure {
    package static let size: UInt32 = 0x4
    package let Lock = Field.u32(0x00)

    package static let layout = Self()
}
