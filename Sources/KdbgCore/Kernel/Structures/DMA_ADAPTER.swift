// SPDX-License-Identifier: GPL-3.0-or-later

/// `DMA_ADAPTER` (what a driver sees of an adapter object).
package struct DMA_ADAPTER: Structure {
    package static let size: UInt32 = 0x8
    package let Version = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let DmaOperations = PointerTo<DMA_OPERATIONS>(0x04)

    package static let layout = Self()
}
