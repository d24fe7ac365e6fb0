// SPDX-License-Identifier: GPL-3.0-or-later

/// `KSEMAPHORE` (spec/boot.md section 5.12).
package struct KSEMAPHORE: Structure {
    package static let size: UInt32 = 0x14
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)
    package let Limit = Field.u32(0x10)

    package static let layout = Self()
}
