// SPDX-License-Identifier: GPL-3.0-or-later

/// `CMHIVE`: a hive as the configuration manager keeps it, on the list `CmpHiveListHead`. The layout is ours.
package struct CMHIVE: Structure {
    package static let size: UInt32 = 0x80
    package let Hive = Embedded<HHIVE>(0x00)
    package let HiveList = Embedded<LIST_ENTRY>(0x60)
    package let FileFullPath = Embedded<UNICODE_STRING>(0x68)
    package let HiveRootPath = Embedded<UNICODE_STRING>(0x70)
    package let UseCount = Field.u32(0x78)
    package let Flags = Field.u32(0x7C)

    package static let layout = Self()
}
