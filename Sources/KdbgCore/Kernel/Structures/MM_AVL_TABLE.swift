// SPDX-License-Identifier: GPL-3.0-or-later

/// `MM_AVL_TABLE`: the ranges of a process, as EPROCESS.VadRoot holds them; the layout is that of Windows Server 2003.
package struct MM_AVL_TABLE: Structure {
    package static let size: UInt32 = 0x20
    /// No range: its right child is the top of the tree.
    package let BalancedRoot = Embedded<MMADDRESS_NODE>(0x00)
    /// Bits 8 to 31: how many ranges there are.
    package let NumberGenericTableElements = Field.u32(0x14)
    package let NodeHint = Field.pointer(0x18, to: "MMADDRESS_NODE")
    package let NodeFreeHint = Field.pointer(0x1C, to: "MMADDRESS_NODE")

    package static let layout = Self()
}
