// SPDX-License-Identifier: GPL-3.0-or-later

/// `MMVIEW`: a view in system space; the layout is that of Windows Server 2003.
package struct MMVIEW: Structure {
    package static let size: UInt32 = 0x8
    /// The address, and in bits 0 to 15 how many units of 64 KiB; 0 for an empty row.
    package let Entry = Field.u32(0x00)
    package let ControlArea = PointerTo<CONTROL_AREA>(0x04)

    package static let layout = Self()
}
