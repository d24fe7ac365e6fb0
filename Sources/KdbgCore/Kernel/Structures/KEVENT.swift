// SPDX-License-Identifier: GPL-3.0-or-later

/// `KEVENT` (spec/boot.md section 5.12).
package struct KEVENT: Structure {
    package static let size: UInt32 = 0x10
    package let Header = Embedded<DISPATCHER_HEADER>(0x00)

    package static let layout = Self()
}
