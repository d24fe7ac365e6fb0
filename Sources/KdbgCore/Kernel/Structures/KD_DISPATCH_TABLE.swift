// SPDX-License-Identifier: GPL-3.0-or-later

/// `KD_DISPATCH_TABLE` (spec/boot.md section 5.18).
package struct KD_DISPATCH_TABLE: Structure {
    package static let size: UInt32 = 0x14
    package let KdProvidersList = Embedded<LIST_ENTRY>(0x00)
    package let KdpInitRoutine = Field.pointer(0x08, to: "VOID")
    package let KdpPrintRoutine = Field.pointer(0x0C, to: "VOID")
    package let InitStatus = Field.u32(0x10)

    package static let layout = Self()
}
