// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The LBA extensions of INT 13h (EDD): 41h to 44h and 48h.
extension Firmware {
    mutating func writeExtendedDisk() {
        // BX = 55AAh asks whether they are there: packets and EDD are.
        code.label("disk.extensions")
        code.alu(.cmp, caller(Frame.bx), 0x55AA, .word)
        code.jcc(.notEqual, "disk.bad")
        code.store(0xAA55, .word, to: caller(Frame.bx))
        code.store(0x0005, .word, to: caller(Frame.cx))
        code.store(0x30, to: caller(Frame.ah))
        leave(carry: false)

        for (label, kind) in [
            ("disk.extendedRead", Transfer.read), ("disk.extendedWrite", Transfer.write), ("disk.extendedVerify", Transfer.verify),
        ] {
            code.label(label)
            code.mov(.ebx, UInt32(kind))
            if kind != Transfer.verify { code.jmp("disk.packet") }
        }
        writePacket()
        writeExtendedParameters()
    }

    /// DS:SI of the caller is a packet: size, count at 2, offset and segment of the buffer at 4, first sector at 8.
    private mutating func writePacket() {
        code.label("disk.packet")
        code.movzxWord(.esi, caller(Frame.si))
        code.mov(.eax, caller(Frame.ds), .word)
        code.mov(.ds, .eax)
        code.mov(.dl, .at(.esi))
        code.movzxWord(.ecx, .at(.esi, 2))
        code.movzxWord(.edi, .at(.esi, 4))
        code.mov(.es, .at(.esi, 6))
        code.mov(.eax, .at(.esi, 8))
        code.alu(.cmp, .at(.esi, 12), 0, .dword)
        code.push(.eax)
        code.mov(.eax, 0)
        code.mov(.ds, .eax)
        code.pop(.eax)
        code.jcc(.notEqual, "disk.bad")
        code.alu(.cmp, .dl, 16)
        code.jcc(.below, "disk.bad")
        code.alu(.cmp, .ecx, 0)
        code.jcc(.equal, "disk.done")
        code.call("transferPacket")
        // The packet says how many sectors were done.
        code.push(.eax)
        code.mov(.eax, caller(Frame.ds), .word)
        code.mov(.ds, .eax)
        code.mov(.at(.esi, 2), .ecx, .word)
        code.mov(.eax, 0)
        code.mov(.ds, .eax)
        code.pop(.eax)
        code.alu(.cmp, .ah, 0)
        code.jcc(.notEqual, "disk.fail")
        code.jmp("disk.done")

        // As `transfer`, but keeps ESI and answers in AH and ECX.
        code.label("transferPacket")
        code.push(.esi)
        code.call("transfer")
        code.mov(.ecx, .edx)
        code.pop(.esi)
        code.ret()
    }

    /// DS:SI of the caller is a buffer, its size in its first word.
    private mutating func writeExtendedParameters() {
        code.label("disk.extendedParameters")
        code.movzxWord(.esi, caller(Frame.si))
        code.mov(.eax, caller(Frame.ds), .word)
        code.mov(.ds, .eax)
        code.alu(.cmp, .at(.esi), 26, .word)
        code.jcc(.below, "disk.smallBuffer")
        code.store(26, .word, to: .at(.esi))
        code.store(2, .word, to: .at(.esi, 2))
        code.store(UInt32(disk.cylinders), .dword, to: .at(.esi, 4))
        code.store(UInt32(disk.heads), .dword, to: .at(.esi, 8))
        code.store(UInt32(disk.sectorsPerTrack), .dword, to: .at(.esi, 12))
        code.store(UInt32(disk.sectors), .dword, to: .at(.esi, 16))
        code.store(0, .dword, to: .at(.esi, 20))
        code.store(512, .word, to: .at(.esi, 24))
        code.mov(.eax, 0)
        code.mov(.ds, .eax)
        code.jmp("disk.done")
        code.label("disk.smallBuffer")
        code.mov(.eax, 0)
        code.mov(.ds, .eax)
        code.jmp("disk.bad")
    }
}
