// SPDX-License-Identifier: GPL-3.0-or-later

/// `KINTERRUPT`, the interrupt object of NT 5.2.
package struct KINTERRUPT: Structure {
    package static let size: UInt32 = 0x1E4
    package let `Type` = Field.u16(0x00)
    package let Size = Field.u16(0x02)
    package let InterruptListEntry = Embedded<LIST_ENTRY>(0x04)
    package let ServiceRoutine = Field.pointer(0x0C, to: "KSERVICE_ROUTINE")
    package let ServiceContext = Field.pointer(0x10, to: "VOID")
    package let SpinLock = Field.u32(0x14)
    package let TickCount = Field.u32(0x18)
    package let ActualLock = Field.pointer(0x1C, to: "ULONG")
    package let DispatchAddress = Field.pointer(0x20, to: "VOID")
    package let Vector = Field.u32(0x24)
    package let Irql = Field.u8(0x28)
    package let SynchronizeIrql = Field.u8(0x29)
    package let FloatingSave = Field.u8(0x2A)
    package let Connected = Field.u8(0x2B)
    package let Number = Field.u8(0x2C)
    package let ShareVector = Field.u8(0x2D)
    package let Mode = Field.u32(0x30)
    package let ServiceCount = Field.u32(0x34)
    package let DispatchCount = Field.u32(0x38)
    package let DispatchCode = ArrayField(0x3C, count: 106, stride: 4, of: "ULONG")

    package static let layout = Self()
}
