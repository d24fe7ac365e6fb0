// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// INT 11h, INT 12h and INT 15h.
extension Firmware {
    private static let unsupported: UInt8 = 0x86

    mutating func writeSystem() {
        for (label, place) in [("equipment", Int32(0x10)), ("memorySize", 0x13)] {
            enter(label)
            code.mov(.eax, data(place), .word)
            code.mov(caller(Frame.ax), .eax, .word)
            code.jmp("leave")
        }
        enter("system")
        for (number, label) in [
            (0xE820, "system.map"), (0xE801, "system.e801"), (0x2400, "system.a20off"), (0x2401, "system.a20on"), (0x2402, "system.a20"),
            (0x2403, "system.a20ways"),
        ] {
            code.alu(.cmp, caller(Frame.ax), UInt32(number), .word)
            code.jcc(.equal, label)
        }
        dispatch([(0x86, "system.wait"), (0x87, "system.move"), (0x88, "system.extended"), (0xC0, "system.configuration")])
        code.label("system.unsupported")
        code.store(Self.unsupported, to: caller(Frame.ah))
        leave(carry: true)
        code.label("system.done")
        code.store(0, to: caller(Frame.ah))
        leave(carry: false)
        writeA20()
        writeWait()
        writeMove()

        // Model FCh: 8 bytes follow, with a second interrupt controller, a real-time clock and an extended data area.
        code.label("system.configuration")
        code.store(UInt32(Self.segment), .word, to: caller(Frame.es))
        code.store(offsetOf: "configuration", to: caller(Frame.bx))
        code.jmp("system.done")
        code.label("configuration")
        code.word(8)
        code.bytes([0xFC, 0, 1, 0x74, 0x40, 0, 0, 0])
    }

    private mutating func writeA20() {
        for (label, bit) in [("system.a20off", UInt8(0)), ("system.a20on", 2)] {
            code.label(label)
            code.inAL(0x92)
            // Bit 0 would reset the machine.
            code.alu(.and, .al, 0xFC)
            code.alu(.or, .al, bit)
            code.outAL(0x92)
            code.jmp("system.done")
        }
        code.label("system.a20")
        code.inAL(0x92)
        code.alu(.and, .al, 2)
        code.movzxByte(.eax, .al)
        code.shift(.shr, .eax, by: 1)
        code.mov(caller(Frame.al), .al)
        code.jmp("system.done")
        // By the keyboard controller and by port 92h.
        code.label("system.a20ways")
        code.store(3, .word, to: caller(Frame.bx))
        code.jmp("system.done")
    }

    /// CX:DX microseconds, by the refresh bit of port 61h, which changes every 15 of them.
    private mutating func writeWait() {
        code.label("system.wait")
        code.movzxWord(.eax, caller(Frame.cx))
        code.shift(.shl, .eax, by: 16)
        code.mov(.eax, caller(Frame.dx), .word)
        code.alu(.xor, .edx, .edx)
        code.mov(.ecx, 15)
        code.div(.ecx)
        code.mov(.ecx, .eax)
        code.sti()
        code.label("system.wait.next")
        code.alu(.sub, .ecx, 1)
        code.jcc(.below, "system.done")
        code.inAL(0x61)
        code.alu(.and, .al, 0x10)
        code.mov(.ah, .al)
        code.label("system.wait.poll")
        code.inAL(0x61)
        code.alu(.and, .al, 0x10)
        code.alu(.cmp, .al, .ah)
        code.jcc(.equal, "system.wait.poll")
        code.jmp("system.wait.next")
    }

    /// Function 87h: CX words from the segment of the third descriptor of the table at ES:SI to that of the fourth; protected mode for the time it takes.
    private mutating func writeMove() {
        code.label("system.move")
        code.cli()
        code.movzxWord(.esi, caller(Frame.si))
        code.mov(.ds, caller(Frame.es))
        // The second descriptor is the table's own, which serves as the operand of LGDT: limit, base.
        code.mov(.eax, .ds)
        code.movzxWord(.eax, .eax)
        code.shift(.shl, .eax, by: 4)
        code.alu(.add, .eax, .esi)
        code.store(0x2F, .word, to: .at(.esi, 8))
        code.mov(.at(.esi, 10), .eax)
        // The sixth is what real mode expects of a data segment.
        code.store(0x0000_FFFF, .dword, to: .at(.esi, 0x28))
        code.store(0x0000_9300, .dword, to: .at(.esi, 0x2C))
        code.loadGDT(.at(.esi, 8))
        code.movzxWord(.ecx, caller(Frame.cx))
        code.changeCR0(set: 1)
        code.mov(.eax, 0x10)
        code.mov(.ds, .eax)
        code.mov(.eax, 0x18)
        code.mov(.es, .eax)
        code.alu(.xor, .esi, .esi)
        code.alu(.xor, .edi, .edi)
        code.repMovsWord()
        code.mov(.eax, 0x28)
        code.mov(.ds, .eax)
        code.mov(.es, .eax)
        code.changeCR0(clear: 1)
        code.alu(.xor, .eax, .eax)
        code.mov(.ds, .eax)
        code.jmp("system.done")
    }
}
