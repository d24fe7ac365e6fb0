// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMVAD`: what a process has at a range of its addresses; the layout is that of Windows Server 2003. See `VadFlag` for `u`.
package struct MMVAD: Structure {
    package static let size: UInt32 = 0x28
    package let u1 = Field.pointer(0x00, to: "MMVAD")
    package let LeftChild = PointerTo<MMVAD>(0x04)
    package let RightChild = PointerTo<MMVAD>(0x08)
    package let StartingVpn = Field.u32(0x0C)
    package let EndingVpn = Field.u32(0x10)
    package let u = Field.u32(0x14)
    /// NULL for private memory.
    package let ControlArea = PointerTo<CONTROL_AREA>(0x18)
    package let FirstPrototypePte = Field.pointer(0x1C, to: "MMPTE")
    package let LastContiguousPte = Field.pointer(0x20, to: "MMPTE")
    package let u2 = Field.u32(0x24)

    package static let layout = Self()
}
