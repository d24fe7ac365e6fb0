// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The timer's interrupt, and INT 1Ah.
extension Firmware {
    /// Ticks of a day.
    private static let day: UInt32 = 0x1800B0

    mutating func writeClock() {
        enter("timerInterrupt")
        code.mov(.eax, data(0x6C))
        code.inc(.eax)
        code.alu(.cmp, .eax, Self.day)
        code.jcc(.below, "timerInterrupt.count")
        code.alu(.xor, .eax, .eax)
        code.store(1, to: data(0x70))
        code.label("timerInterrupt.count")
        code.mov(data(0x6C), .eax)
        code.int(0x1C)
        code.out(0x20, 0x20)
        code.jmp("leave")

        enter("clock")
        dispatch([(0x00, "clock.ticks"), (0x01, "clock.set"), (0x02, "clock.time"), (0x04, "clock.date")])
        leave(carry: true)

        // CX:DX; AL says whether midnight has passed since the last call.
        code.label("clock.ticks")
        code.mov(.al, data(0x70))
        code.mov(caller(Frame.al), .al)
        code.store(0, to: data(0x70))
        code.mov(.eax, data(0x6C))
        code.mov(caller(Frame.dx), .eax, .word)
        code.shift(.shr, .eax, by: 16)
        code.mov(caller(Frame.cx), .eax, .word)
        leave(carry: false)

        code.label("clock.set")
        code.mov(.eax, caller(Frame.dx), .word)
        code.mov(data(0x6C), .eax, .word)
        code.mov(.eax, caller(Frame.cx), .word)
        code.mov(data(0x6E), .eax, .word)
        leave(carry: false)

        // In BCD: hours CH, minutes CL, seconds DH, no daylight saving.
        readings("clock.time", [(4, Frame.ch), (2, Frame.cl), (0, Frame.dh)], cleared: Frame.dl)
        // Century CH, year CL, month DH, day DL.
        readings("clock.date", [(0x32, Frame.ch), (9, Frame.cl), (8, Frame.dh), (7, Frame.dl)], cleared: nil)
    }

    private mutating func readings(_ label: String, _ registers: [(index: UInt8, place: Int32)], cleared: Int32?) {
        code.label(label)
        for (index, place) in registers {
            code.out(0x70, index)
            code.inAL(0x71)
            code.mov(caller(place), .al)
        }
        if let cleared { code.store(0, to: caller(cleared)) }
        leave(carry: false)
    }
}
