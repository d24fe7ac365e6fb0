// SPDX-License-Identifier: GPL-3.0-or-later

/// `POOL_HEADER` (spec/boot.md section 5.20).
package struct POOL_HEADER: Structure {
    package static let size: UInt32 = 0x08
    /// Sizes are in units of 8 bytes; the type is that of the request plus one, 0 when the block is free.
    package let PreviousSize = BitField(0x00, size: 2, bits: 0...8)
    package let PoolIndex = BitField(0x00, size: 2, bits: 9...15)
    package let BlockSize = BitField(0x02, size: 2, bits: 0...8)
    package let PoolType = BitField(0x02, size: 2, bits: 9...15)
    package let Ulong1 = Field.u32(0x00)
    package let PoolTag = Field.u32(0x04)
    package let AllocatorBackTraceIndex = Field.u16(0x04)
    package let PoolTagHash = Field.u16(0x06)

    package static let layout = Self()
}
