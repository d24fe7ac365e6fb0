// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The keyboard: interrupt 9 turns scan codes (set 1, US layout) into characters in the ring of the BIOS data area, INT 16h takes them out.
extension Firmware {
    /// Bits of the shift status at 40:17.
    private enum Status {
        static let shift: UInt8 = 0x03
        static let control: UInt8 = 0x04
        static let alt: UInt8 = 0x08
        static let capsLock: UInt8 = 0x40
    }

    mutating func writeKeyboard() {
        writeKeyboardInterrupt()
        writeRing()
        enter("keyboard")
        code.sti()
        dispatch([
            (0x00, "keyboard.read"), (0x10, "keyboard.read"), (0x01, "keyboard.peek"), (0x11, "keyboard.peek"), (0x02, "keyboard.status"),
            (0x12, "keyboard.status"), (0x05, "keyboard.put"),
        ])
        code.jmp("leave")

        code.label("keyboard.read")
        code.movzxWord(.ebx, data(0x1A))
        code.alu(.cmp, .ebx, data(0x1C), .word)
        code.jcc(.notEqual, "keyboard.take")
        code.hlt()
        code.jmp("keyboard.read")
        code.label("keyboard.take")
        code.mov(.eax, .at(.ebx, 0x400), .word)
        code.mov(caller(Frame.ax), .eax, .word)
        code.call("advanceRing")
        code.mov(data(0x1A), .ebx, .word)
        code.jmp("leave")

        // ZF tells whether the ring is empty.
        code.label("keyboard.peek")
        code.alu(.or, caller(Frame.flags), byte: 0x40)
        code.movzxWord(.ebx, data(0x1A))
        code.alu(.cmp, .ebx, data(0x1C), .word)
        code.jcc(.equal, "leave")
        code.alu(.and, caller(Frame.flags), byte: 0xBF)
        code.mov(.eax, .at(.ebx, 0x400), .word)
        code.mov(caller(Frame.ax), .eax, .word)
        code.jmp("leave")

        code.label("keyboard.status")
        code.mov(.al, data(0x17))
        code.mov(caller(Frame.al), .al)
        code.jmp("leave")

        code.label("keyboard.put")
        code.mov(.eax, caller(Frame.cx))
        code.call("putKey")
        // 0 when there was room, else 1.
        code.mov(caller(Frame.al), .al)
        code.jmp("leave")
    }

    /// `putKey` adds AX to the ring and answers in AL whether it was full; `advanceRing` moves EBX to the next place.
    private mutating func writeRing() {
        code.label("putKey")
        code.movzxWord(.ebx, data(0x1C))
        code.mov(.edx, .ebx)
        code.call("advanceRing")
        code.alu(.cmp, .ebx, data(0x1A), .word)
        code.jcc(.equal, "putKey.full")
        code.mov(.at(.edx, 0x400), .eax, .word)
        code.mov(data(0x1C), .ebx, .word)
        code.mov(.al, 0)
        code.ret()
        code.label("putKey.full")
        code.mov(.al, 1)
        code.ret()

        code.label("advanceRing")
        code.alu(.add, .ebx, 2)
        code.alu(.cmp, .ebx, data(0x82), .word)
        code.jcc(.below, "advanceRing.end")
        code.movzxWord(.ebx, data(0x80))
        code.label("advanceRing.end")
        code.ret()
    }

    private mutating func writeKeyboardInterrupt() {
        enter("keyboardInterrupt")
        code.inAL(0x60)
        // E0 and E1 announce a key with another meaning; with the table of the keypad it has the same scan code.
        code.alu(.cmp, .al, 0xE0)
        code.jcc(.aboveOrEqual, "keyboardInterrupt.end")
        for (scan, mask) in [(0x2A, 0x02), (0x36, 0x01), (0x1D, Int(Status.control)), (0x38, Int(Status.alt))] {
            let other = "keyboardInterrupt.not\(scan)"
            code.mov(.ah, .al)
            code.alu(.and, .ah, 0x7F)
            code.alu(.cmp, .ah, UInt8(scan))
            code.jcc(.notEqual, other)
            code.alu(.or, data(0x17), byte: UInt8(mask))
            code.test(.al, 0x80)
            code.jcc(.equal, "keyboardInterrupt.end")
            code.alu(.and, data(0x17), byte: ~UInt8(mask))
            code.jmp("keyboardInterrupt.end")
            code.label(other)
        }
        code.alu(.cmp, .al, 0x3A)
        code.jcc(.notEqual, "keyboardInterrupt.key")
        code.alu(.xor, data(0x17), byte: Status.capsLock)
        code.label("keyboardInterrupt.key")
        code.alu(.cmp, .al, UInt8(Self.plain.count))
        code.jcc(.aboveOrEqual, "keyboardInterrupt.end")
        writeTranslation()
        code.label("keyboardInterrupt.end")
        code.out(0x20, 0x20)
        code.jmp("leave")

        for (label, table) in [("plainKeys", Self.plain), ("shiftedKeys", Self.shifted)] {
            code.label(label)
            code.bytes(table)
        }
    }

    /// From the scan code AL and the shift status to a character in AL, its scan code in AH.
    private mutating func writeTranslation() {
        code.movzxByte(.ebx, .al)
        code.mov(.ah, .al)
        code.mov(.esi, 0, withOffsetOf: "plainKeys")
        code.alu(.add, .esi, .ebx)
        code.override(.cs)
        code.mov(.al, .at(.esi))
        // Caps lock exchanges the cases of letters.
        code.mov(.dl, data(0x17))
        code.alu(.cmp, .al, UInt8(ascii: "a"))
        code.jcc(.below, "keyboardInterrupt.case")
        code.alu(.cmp, .al, UInt8(ascii: "z"))
        code.jcc(.above, "keyboardInterrupt.case")
        code.test(.dl, Status.capsLock)
        code.jcc(.equal, "keyboardInterrupt.case")
        code.test(.dl, Status.shift)
        code.jcc(.notEqual, "keyboardInterrupt.control")
        code.jmp("keyboardInterrupt.shifted")
        code.label("keyboardInterrupt.case")
        code.test(.dl, Status.shift)
        code.jcc(.equal, "keyboardInterrupt.control")
        code.label("keyboardInterrupt.shifted")
        code.mov(.esi, 0, withOffsetOf: "shiftedKeys")
        code.alu(.add, .esi, .ebx)
        code.override(.cs)
        code.mov(.al, .at(.esi))
        code.label("keyboardInterrupt.control")
        code.test(.dl, Status.control)
        code.jcc(.equal, "keyboardInterrupt.alt")
        code.alu(.and, .al, 0x1F)
        code.label("keyboardInterrupt.alt")
        code.test(.dl, Status.alt)
        code.jcc(.equal, "keyboardInterrupt.put")
        code.mov(.al, 0)
        code.label("keyboardInterrupt.put")
        // Lock keys are no input.
        for lock in [UInt8(0x3A), 0x45, 0x46] {
            code.alu(.cmp, .ah, lock)
            code.jcc(.equal, "keyboardInterrupt.end")
        }
        code.call("putKey")
    }

    /// By scan code; 0 for keys without a character, such as F1 and the arrows.
    private static let plain = keys("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "\\zxcvbnm,./")
    private static let shifted = keys("!@#$%^&*()_+", "QWERTYUIOP{}", "ASDFGHJKL:\"~", "|ZXCVBNM<>?")

    private static func keys(_ digits: String, _ top: String, _ middle: String, _ bottom: String) -> [UInt8] {
        // Escape, digits, backspace, tab, letters, Enter, (control), letters, (shift), letters, (shift), *, (alt), blank, then keys without characters.
        let first: [UInt8] = [0, 0x1B] + Array(digits.utf8) + [8, 9] + Array(top.utf8) + [13, 0]
        let second: [UInt8] = Array(middle.utf8) + [0] + Array(bottom.utf8) + [0, 0x2A, 0, 0x20]
        let keypad: [UInt8] = [0, 0, 0, 0x2D, 0, 0, 0, 0x2B, 0, 0, 0, 0, 0]
        return first + second + [UInt8](repeating: 0, count: 13) + keypad
    }
}
