// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_REMOVE_LOCK` (spec/boot.md section 5.20; from 0x18 on only in checked drivers).
package struct IO_REMOVE_LOCK: Structure {
    package static let size: UInt32 = 0x58
    package let Removed = Field.u8(0x00)
    package let IoCount = Field.i32(0x04)
    package let RemoveEvent = Embedded<KEVENT>(0x08)
    package let Signature = Field.u32(0x18)
    package let HighWatermark = Field.u32(0x1C)
    package let MaxLockedTicks = Embedded<LARGE_INTEGER>(0x20)
    package let AllocateTag = Field.u32(0x28)
    package let LockList = Embedded<LIST_ENTRY>(0x2C)
    package let Spin = Field.u32(0x34)
    package let LowMemoryCount = Field.i32(0x38)
    package let Blocks = PointerTo<IO_REMOVE_LOCK_TRACKING_BLOCK>(0x50)

    package static let layout = Self()
}
