// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMCOLOR_TABLES`: free or zeroed pages whose numbers end in the same six bits.
package struct MMCOLOR_TABLES: Structure {
    package static let size: UInt32 = 0x0C
    /// Number of the first page; 0xFFFFFFFF when there is none.
    package let Flink = Field.u32(0x00)
    /// The last page's entry in the PFN database.
    package let Blink = PointerTo<MMPFN>(0x04)
    package let Count = Field.u32(0x08)

    package static let layout = Self()
}
