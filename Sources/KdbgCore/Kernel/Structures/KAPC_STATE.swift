// SPDX-License-Identifier: GPL-3.0-or-later

/// `KAPC_STATE` (spec/boot.md section 5.12).
package struct KAPC_STATE: Structure {
    package static let size: UInt32 = 0x18
    package let ApcListHead = ArrayField(0x00, count: 2, stride: 8, of: "LIST_ENTRY")
    package let Process = PointerTo<KPROCESS>(0x10)
    package let KernelApcInProgress = Field.u8(0x14)
    package let KernelApcPending = Field.u8(0x15)
    package let UserApcPending = Field.u8(0x16)

    package static let layout = Self()
}
