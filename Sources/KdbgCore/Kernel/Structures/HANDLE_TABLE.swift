// SPDX-License-Identifier: GPL-3.0-or-later

/// `HANDLE_TABLE` (spec/boot.md section 5.20).
package struct HANDLE_TABLE: Structure {
    package static let size: UInt32 = 0x44
    package let TableCode = Field.pointer(0x00, to: "VOID")
    package let QuotaProcess = PointerTo<EPROCESS>(0x04)
    package let UniqueProcessId = Field.pointer(0x08, to: "VOID")
    package let HandleTableLock = ArrayField(0x0C, count: 4, stride: 4, of: "ULONG")
    package let HandleTableList = Embedded<LIST_ENTRY>(0x1C)
    package let FirstFree = Field.u32(0x30)
    package let LastFree = Field.u32(0x34)
    package let NextHandleNeedingPool = Field.u32(0x38)
    package let HandleCount = Field.u32(0x3C)

    package static let layout = Self()
}
