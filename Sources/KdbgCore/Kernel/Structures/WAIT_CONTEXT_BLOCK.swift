// SPDX-License-Identifier: GPL-3.0-or-later

/// `WAIT_CONTEXT_BLOCK` (spec/boot.md section 5.5).
package struct WAIT_CONTEXT_BLOCK: Structure {
    package static let size: UInt32 = 0x28
    package let WaitQueueEntry = Embedded<KDEVICE_QUEUE_ENTRY>(0x00)
    package let DeviceRoutine = Field.pointer(0x10, to: "VOID")
    package let DeviceContext = Field.pointer(0x14, to: "VOID")
    package let NumberOfMapRegisters = Field.u32(0x18)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x1C)
    package let CurrentIrp = PointerTo<IRP>(0x20)
    package let BufferChainingDpc = PointerTo<KDPC>(0x24)

    package static let layout = Self()
}
