// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// INT 10h for the one text mode there is: 80 columns, 25 rows, page 0. Modes and pages that are asked for are taken to be these.
extension Firmware {
    private static let columns: UInt32 = 80
    private static let rows: UInt32 = 25
    /// Light grey on black.
    private static let attribute: UInt8 = 7

    mutating func writeVideo() {
        enter("video")
        // ES is the display from here on.
        code.mov(.eax, 0xB800)
        code.mov(.es, .eax)
        dispatch([
            (0x00, "video.mode"), (0x01, "video.shape"), (0x02, "video.setCursor"), (0x03, "video.getCursor"), (0x06, "video.scroll"),
            (0x07, "video.scroll"), (0x08, "video.readCell"), (0x09, "video.writeCells"), (0x0A, "video.writeCharacters"),
            (0x0E, "video.teletype"),
            (0x0F, "video.getMode"), (0x13, "video.string"),
        ])
        code.jmp("leave")

        code.label("video.mode")
        code.mov(.al, caller(Frame.al))
        code.alu(.and, .al, 0x7F)
        code.mov(data(0x49), .al)
        code.test(caller(Frame.al), byte: 0x80)
        code.jcc(.notEqual, "leave")
        code.call("clearScreen")
        code.jmp("leave")

        code.label("video.getMode")
        code.mov(.al, data(0x49))
        code.mov(caller(Frame.al), .al)
        code.store(UInt8(Self.columns), to: caller(Frame.ah))
        code.store(0, to: caller(Frame.bh))
        code.jmp("leave")
        writeCursor()
        writeCells()
        writeTeletype()
        writeString()
    }

    private mutating func writeCursor() {
        code.label("video.shape")
        code.mov(.ecx, caller(Frame.cx))
        code.mov(data(0x60), .ecx, .word)
        for (index, register) in [(0x0A, RealModeAssembler.Byte.ch), (0x0B, .cl)] {
            code.mov(.edx, 0x3D4)
            code.mov(.al, UInt8(index))
            code.outDXAL()
            code.inc(.edx)
            code.mov(.al, register)
            code.outDXAL()
        }
        code.jmp("leave")

        code.label("video.setCursor")
        code.mov(.eax, caller(Frame.dx))
        code.call("moveCursor")
        code.jmp("leave")

        code.label("video.getCursor")
        code.mov(.eax, data(0x50), .word)
        code.mov(caller(Frame.dx), .eax, .word)
        code.mov(.eax, data(0x60), .word)
        code.mov(caller(Frame.cx), .eax, .word)
        code.jmp("leave")

        // Moves the cursor to row AH, column AL. Keeps all registers but EAX and EDX.
        code.label("moveCursor")
        code.mov(data(0x50), .eax, .word)
        code.push(.ebx)
        code.call("cellOffset")
        code.shift(.shr, .ebx, by: 1)
        for (index, register) in [(0x0E, RealModeAssembler.Byte.bh), (0x0F, .bl)] {
            code.mov(.edx, 0x3D4)
            code.mov(.al, UInt8(index))
            code.outDXAL()
            code.inc(.edx)
            code.mov(.al, register)
            code.outDXAL()
        }
        code.pop(.ebx)
        code.ret()

        // EBX becomes the offset of the cell at row AH, column AL. Keeps all other registers.
        code.label("cellOffset")
        code.push(.eax)
        code.movzxByte(.ebx, .ah)
        code.movzxByte(.eax, .al)
        code.push(.edx)
        code.mov(.edx, Self.columns)
        code.imul(.ebx, .edx)
        code.pop(.edx)
        code.alu(.add, .ebx, .eax)
        code.shift(.shl, .ebx, by: 1)
        // What lies outside the page is on it.
        code.alu(.and, .ebx, 0xFFF)
        code.pop(.eax)
        code.ret()

        code.label("clearScreen")
        code.push(.es)
        code.mov(.eax, 0xB800)
        code.mov(.es, .eax)
        code.alu(.xor, .edi, .edi)
        code.mov(.ecx, Self.columns * Self.rows)
        code.mov(.eax, UInt32(Self.attribute) << 8 | 0x20)
        code.repStosWord()
        code.pop(.es)
        code.alu(.xor, .eax, .eax)
        code.jmp("moveCursor")
    }

    /// Functions 8 to 0Ah at the cursor: read, write CX times with the attribute BL, write CX times.
    private mutating func writeCells() {
        code.label("video.readCell")
        code.mov(.eax, data(0x50), .word)
        code.call("cellOffset")
        code.override(.es)
        code.mov(.eax, .at(.ebx), .word)
        code.mov(caller(Frame.ax), .eax, .word)
        code.jmp("leave")

        for (label, withAttribute) in [("video.writeCells", true), ("video.writeCharacters", false)] {
            code.label(label)
            code.movzxWord(.ecx, caller(Frame.cx))
            code.mov(.eax, data(0x50), .word)
            code.call("cellOffset")
            code.mov(.eax, caller(Frame.ax))
            code.mov(.ah, caller(Frame.bl))
            code.label(label + ".next")
            code.alu(.sub, .ecx, 1)
            code.jcc(.below, "leave")
            code.alu(.cmp, .ebx, Self.columns * Self.rows * 2)
            code.jcc(.aboveOrEqual, "leave")
            code.override(.es)
            if withAttribute { code.mov(.at(.ebx), .eax, .word) } else { code.mov(.at(.ebx), .al) }
            code.alu(.add, .ebx, 2)
            code.jmp(label + ".next")
        }
    }

    private mutating func writeTeletype() {
        code.label("video.teletype")
        code.mov(.al, caller(Frame.al))
        code.mov(.ah, 0)
        code.call("putCharacter")
        code.jmp("leave")

        // Shows AL at the cursor and moves on; AH is its attribute, 0 for the one that is there. ES is the display. Changes EAX, EBX, EDX.
        code.label("putCharacter")
        code.mov(.edx, data(0x50), .word)
        for (character, label) in [
            (0x07, "putCharacter.bell"), (0x08, "putCharacter.back"), (0x0A, "putCharacter.feed"), (0x0D, "putCharacter.return"),
        ] {
            code.alu(.cmp, .al, UInt8(character))
            code.jcc(.equal, label)
        }
        code.push(.eax)
        code.mov(.eax, .edx)
        code.call("cellOffset")
        code.pop(.eax)
        code.override(.es)
        code.mov(.at(.ebx), .al)
        code.alu(.cmp, .ah, 0)
        code.jcc(.equal, "putCharacter.shown")
        code.override(.es)
        code.mov(.at(.ebx, 1), .ah)
        code.label("putCharacter.shown")
        code.alu(.add, .dl, 1)
        code.alu(.cmp, .dl, UInt8(Self.columns))
        code.jcc(.below, "putCharacter.move")
        code.mov(.dl, 0)
        code.label("putCharacter.feed")
        code.alu(.add, .dh, 1)
        code.alu(.cmp, .dh, UInt8(Self.rows))
        code.jcc(.below, "putCharacter.move")
        code.mov(.dh, UInt8(Self.rows - 1))
        code.push(.edx)
        code.pushad()
        code.mov(.ecx, 0)
        code.mov(.edx, (Self.rows - 1) << 8 | Self.columns - 1)
        code.mov(.eax, 0x0601)
        code.mov(.ebx, UInt32(Self.attribute) << 8)
        code.call("scrollWindow")
        code.popad()
        code.pop(.edx)
        code.label("putCharacter.move")
        code.mov(.eax, .edx)
        code.jmp("moveCursor")
        code.label("putCharacter.back")
        code.alu(.cmp, .dl, 0)
        code.jcc(.equal, "putCharacter.move")
        code.alu(.sub, .dl, 1)
        code.jmp("putCharacter.move")
        code.label("putCharacter.return")
        code.mov(.dl, 0)
        code.jmp("putCharacter.move")
        code.label("putCharacter.bell")
        code.ret()
    }

    /// Function 13h: CX characters from the caller's ES:BP, from row DH and column DL on; AL bit 0 leaves the cursor behind them, bit 1 says that each is
    /// followed by its attribute, otherwise all have BL.
    private mutating func writeString() {
        code.label("video.string")
        code.mov(.eax, data(0x50), .word)
        code.push(.eax)
        code.mov(.eax, caller(Frame.dx))
        code.call("moveCursor")
        code.movzxWord(.esi, caller(Frame.bp))
        code.movzxWord(.ecx, caller(Frame.cx))
        code.label("video.string.next")
        code.alu(.sub, .ecx, 1)
        code.jcc(.below, "video.string.end")
        code.push(.ds)
        code.mov(.ds, caller(Frame.es))
        code.mov(.al, .at(.esi))
        code.mov(.ah, caller(Frame.bl))
        code.inc(.esi)
        code.test(caller(Frame.al), byte: 2)
        code.jcc(.equal, "video.string.put")
        code.mov(.ah, .at(.esi))
        code.inc(.esi)
        code.label("video.string.put")
        code.pop(.ds)
        code.call("putCharacter")
        code.jmp("video.string.next")
        code.label("video.string.end")
        code.pop(.eax)
        code.test(caller(Frame.al), byte: 1)
        code.jcc(.notEqual, "leave")
        code.call("moveCursor")
        code.jmp("leave")
    }
}
