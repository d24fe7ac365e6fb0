// SPDX-License-Identifier: GPL-3.0-or-later

/// `OBJECT_HEADER_QUOTA_INFO` (spec/boot.md section 5.2).
package struct OBJECT_HEADER_QUOTA_INFO: Structure {
    package static let size: UInt32 = 0x10
    package let PagedPoolCharge = Field.u32(0x00)
    package let NonPagedPoolCharge = Field.u32(0x04)
    package let SecurityDescriptorCharge = Field.u32(0x08)
    package let ExclusiveProcess = PointerTo<EPROCESS>(0x0C)

    package static let layout = Self()
}
