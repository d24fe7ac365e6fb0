// SPDX-License-Identifier: GPL-3.0-or-later

/// `KDPC_DATA` (spec/boot.md section 5.11).
package struct KDPC_DATA: Structure {
    package static let size: UInt32 = 0x14
    package let DpcListHead = Embedded<LIST_ENTRY>(0x00)
    package let DpcLock = Field.u32(0x08)
    package let DpcQueueDepth = Field.u32(0x0C)
    package let DpcCount = Field.u32(0x10)

    package static let layout = Self()
}
