// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_WORKITEM` (spec/boot.md section 5.20).
package struct IO_WORKITEM: Structure {
    package static let size: UInt32 = 0x1C
    package let Item = Embedded<WORK_QUEUE_ITEM>(0x00)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x10)
    package let WorkerRoutine = Field.pointer(0x14, to: "VOID")
    package let Context = Field.pointer(0x18, to: "VOID")

    package static let layout = Self()
}
