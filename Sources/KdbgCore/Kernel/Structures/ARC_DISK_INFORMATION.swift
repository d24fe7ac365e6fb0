// SPDX-License-Identifier: GPL-3.0-or-later

/// `ARC_DISK_INFORMATION` (spec/boot.md section 5.9).
package struct ARC_DISK_INFORMATION: Structure {
    package static let size: UInt32 = 0x08
    package let DiskSignatureListHead = Embedded<LIST_ENTRY>(0x00)

    package static let layout = Self()
}
