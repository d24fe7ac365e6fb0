// SPDX-License-Identifier: GPL-3.0-or-later

/// `SUPPORTED_RANGES`: what addresses a bus has, by kind.
package struct SUPPORTED_RANGES: Structure {
    package static let size: UInt32 = 0xA0
    package let Version = Field.u16(0x00)
    package let Sorted = Field.u8(0x02)
    package let NoIO = Field.u32(0x04)
    package let IO = Embedded<SUPPORTED_RANGE>(0x08)
    package let NoMemory = Field.u32(0x28)
    package let Memory = Embedded<SUPPORTED_RANGE>(0x30)
    package let NoPrefetchMemory = Field.u32(0x50)
    package let PrefetchMemory = Embedded<SUPPORTED_RANGE>(0x58)
    package let NoDma = Field.u32(0x78)
    package let Dma = Embedded<SUPPORTED_RANGE>(0x80)

    package static let layout = Self()
}
