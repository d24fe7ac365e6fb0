// SPDX-License-Identifier: GPL-3.0-or-later

/// `CONFIGURATION_INFORMATION` (iorsrce.c: how many devices of each kind drivers have found).
package struct CONFIGURATION_INFORMATION: Structure {
    package static let size: UInt32 = 0x24
    package let DiskCount = Field.u32(0x00)
    package let FloppyCount = Field.u32(0x04)
    package let CdRomCount = Field.u32(0x08)
    package let TapeCount = Field.u32(0x0C)
    package let ScsiPortCount = Field.u32(0x10)
    package let SerialCount = Field.u32(0x14)
    package let ParallelCount = Field.u32(0x18)
    package let AtDiskPrimaryAddressClaimed = Field.u8(0x1C)
    package let AtDiskSecondaryAddressClaimed = Field.u8(0x1D)
    package let Version = Field.u32(0x20)

    package static let layout = Self()
}
