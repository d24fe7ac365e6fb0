// SPDX-License-Identifier: GPL-3.0-or-later

/// `POOL_HEADER` (spec/boot.md section 5.20).
package struct POOL_HEADER: Structure {
    package static let size: UInt32 = 0x08
    package let Ulong1 = Field.u32(0x00)
    package let PoolTag = Field.u32(0x04)
    package let AllocatorBackTraceIndex = Field.u16(0x04)
    package let PoolTagHash = Field.u16(0x06)

    package static let layout = Self()
}
