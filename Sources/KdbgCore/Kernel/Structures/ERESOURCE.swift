// SPDX-License-Identifier: GPL-3.0-or-later

/// `ERESOURCE` (spec/boot.md section 5.12).
package struct ERESOURCE: Structure {
    package static let size: UInt32 = 0x38
    package let SystemResourcesList = Embedded<LIST_ENTRY>(0x00)
    package let OwnerTable = Field.pointer(0x08, to: "VOID")
    package let ActiveCount = Field.u16(0x0C)
    package let Flag = Field.u16(0x0E)
    package let SharedWaiters = Field.pointer(0x10, to: "VOID")
    package let ExclusiveWaiters = Field.pointer(0x14, to: "VOID")
    package let OwnerEntry = ArrayField(0x18, count: 2, stride: 4, of: "ULONG")
    package let ActiveEntries = Field.u32(0x20)
    package let ContentionCount = Field.u32(0x24)
    package let NumberOfSharedWaiters = Field.u32(0x28)
    package let NumberOfExclusiveWaiters = Field.u32(0x2C)
    package let SpinLock = Field.u32(0x34)

    package static let layout = Self()
}
