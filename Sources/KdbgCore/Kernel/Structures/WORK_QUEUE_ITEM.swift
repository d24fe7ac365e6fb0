// SPDX-License-Identifier: GPL-3.0-or-later

/// `WORK_QUEUE_ITEM` (spec/boot.md section 5.12).
package struct WORK_QUEUE_ITEM: Structure {
    package static let size: UInt32 = 0x10
    package let List = Embedded<LIST_ENTRY>(0x00)
    package let WorkerRoutine = Field.pointer(0x08, to: "VOID")
    package let Parameter = Field.pointer(0x0C, to: "VOID")

    package static let layout = Self()
}
