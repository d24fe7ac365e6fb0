// SPDX-License-Identifier: GPL-3.0-or-later

/// `DBGKD_GET_VERSION64` (spec/boot.md section 5.18).
package struct DBGKD_GET_VERSION64: Structure {
    package static let size: UInt32 = 0x28
    package let MajorVersion = Field.u16(0x00)
    package let MinorVersion = Field.u16(0x02)
    package let ProtocolVersion = Field.u8(0x04)
    package let KdSecondaryVersion = Field.u8(0x05)
    package let Flags = Field.u16(0x06)
    package let MachineType = Field.u16(0x08)
    package let MaxPacketType = Field.u8(0x0A)
    package let MaxStateChange = Field.u8(0x0B)
    package let MaxManipulate = Field.u8(0x0C)
    package let Simulation = Field.u8(0x0D)
    package let Unused = Field.u16(0x0E)
    package let KernBase = Field.u32(0x10)
    package let KernBaseHigh = Field.u32(0x14)
    package let PsLoadedModuleList = Field.u32(0x18)
    package let PsLoadedModuleListHigh = Field.u32(0x1C)
    package let DebuggerDataList = Field.u32(0x20)
    package let DebuggerDataListHigh = Field.u32(0x24)

    package static let layout = Self()
}
