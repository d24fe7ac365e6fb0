// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_REMOVE_LOCK_TRACKING_BLOCK` (remlock.c: one holder of a remove lock of a checked driver).
package struct IO_REMOVE_LOCK_TRACKING_BLOCK: Structure {
    package static let size: UInt32 = 0x18
    package let Link = PointerTo<IO_REMOVE_LOCK_TRACKING_BLOCK>(0x00)
    package let Tag = Field.pointer(0x04, to: "VOID")
    package let TimeLocked = Embedded<LARGE_INTEGER>(0x08)
    package let File = Field.pointer(0x10, to: "CHAR")
    package let Line = Field.u32(0x14)

    package static let layout = Self()
}
