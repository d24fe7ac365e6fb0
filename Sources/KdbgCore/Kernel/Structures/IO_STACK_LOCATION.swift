// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_STACK_LOCATION` (spec/boot.md section 5.6).
package struct IO_STACK_LOCATION: Structure {
    package static let size: UInt32 = 0x24
    package let MajorFunction = Field.u8(0x00)
    package let MinorFunction = Field.u8(0x01)
    package let Flags = Field.u8(0x02)
    package let Control = Field.u8(0x03)
    package let Argument1 = Field.u32(0x04)
    package let Argument2 = Field.u32(0x08)
    package let Argument3 = Field.u32(0x0C)
    package let Argument4 = Field.u32(0x10)
    package let DeviceObject = PointerTo<DEVICE_OBJECT>(0x14)
    package let FileObject = PointerTo<FILE_OBJECT>(0x18)
    package let CompletionRoutine = Field.pointer(0x1C, to: "VOID")
    package let Context = Field.pointer(0x20, to: "VOID")

    package static let layout = Self()
}
