// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMADDRESS_NODE`: a range of virtual pages in a tree; the layout is that of Windows Server 2003.
package struct MMADDRESS_NODE: Structure {
    package static let size: UInt32 = 0x14
    /// The node above. NT keeps how balanced the tree is in the two lowest bits; here they are 0.
    package let u1 = Field.pointer(0x00, to: "MMADDRESS_NODE")
    package let LeftChild = PointerTo<MMADDRESS_NODE>(0x04)
    package let RightChild = PointerTo<MMADDRESS_NODE>(0x08)
    /// First and last page, both inclusive.
    package let StartingVpn = Field.u32(0x0C)
    package let EndingVpn = Field.u32(0x10)

    package static let layout = Self()
}
