// SPDX-License-Identifier: GPL-3.0-or-later

/// `IMAGE_DOS_HEADER` (PE specification, section 2).
package struct IMAGE_DOS_HEADER: Structure {
    package static let size: UInt32 = 0x40
    package let e_magic = Field.u16(0x00)
    package let e_cblp = Field.u16(0x02)
    package let e_cp = Field.u16(0x04)
    package let e_crlc = Field.u16(0x06)
    package let e_cparhdr = Field.u16(0x08)
    package let e_minalloc = Field.u16(0x0A)
    package let e_maxalloc = Field.u16(0x0C)
    package let e_ss = Field.u16(0x0E)
    package let e_sp = Field.u16(0x10)
    package let e_csum = Field.u16(0x12)
    package let e_ip = Field.u16(0x14)
    package let e_cs = Field.u16(0x16)
    package let e_lfarlc = Field.u16(0x18)
    package let e_ovno = Field.u16(0x1A)
    package let e_res = ArrayField(0x1C, count: 4, stride: 2, of: "USHORT")
    package let e_oemid = Field.u16(0x24)
    package let e_oeminfo = Field.u16(0x26)
    package let e_res2 = ArrayField(0x28, count: 10, stride: 2, of: "USHORT")
    package let e_lfanew = Field.u32(0x3C)

    package static let layout = Self()
}
