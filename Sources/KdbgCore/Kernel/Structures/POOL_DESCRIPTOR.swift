// SPDX-License-Identifier: GPL-3.0-or-later

/// `POOL_DESCRIPTOR` (spec/boot.md section 5.20).
package struct POOL_DESCRIPTOR: Structure {
    package static let size: UInt32 = 0x1030
    package let PoolType = Field.u32(0x00)
    package let PoolIndex = Field.u32(0x04)
    package let RunningAllocs = Field.u32(0x08)
    package let RunningDeAllocs = Field.u32(0x0C)
    package let TotalPages = Field.u32(0x10)
    package let TotalBigPages = Field.u32(0x14)
    package let Threshold = Field.u32(0x18)
    package let LockAddress = Field.pointer(0x1C, to: "VOID")
    package let PendingFrees = Field.pointer(0x20, to: "VOID")
    package let PendingFreeDepth = Field.u32(0x24)
    package let TotalBytes = Field.u32(0x28)
    package let ListHeads = ArrayField(0x30, count: 512, stride: 8, of: "LIST_ENTRY")

    package static let layout = Self()
}
