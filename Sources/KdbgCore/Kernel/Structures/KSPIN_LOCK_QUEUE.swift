// SPDX-License-Identifier: GPL-3.0-or-later

/// `KSPIN_LOCK_QUEUE` (spec/boot.md section 5.1).
package struct KSPIN_LOCK_QUEUE: Structure {
    package static let size: UInt32 = 0x08
    package let Next = PointerTo<KSPIN_LOCK_QUEUE>(0x00)
    package let Lock = Field.pointer(0x04, to: "VOID")

    package static let layout = Self()
}
