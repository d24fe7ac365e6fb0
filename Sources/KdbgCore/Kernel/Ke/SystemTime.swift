// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Time of day: units of 100 ns since 1601.
extension Ke {
    /// 64-bit: the time of day when `KeInterruptTime` was 0.
    static let bootTime: Global = .init("KeBootTime", size: 8, alignment: 8)

    /// `KiSetBootTime(Minutes, Seconds)`: the time of day from minutes since 1601; what has passed since start-up is taken off for `KeBootTime`.
    static let setBootTime: Routine = .init("KiSetBootTime", ["Minutes", "Seconds"], section: .initialization) { f in
        f.asm { a in
            a.mov(.eax, .at(.ebp, 12))
            a.mov(.ecx, 10_000_000)
            a.mul(.ecx)
            a.push(.eax)
            a.mov(.eax, .at(.ebp, 8))
            a.mov(.ecx, 600_000_000)
            a.mul(.ecx)
            a.pop(.ecx)
            a.alu(.add, .eax, .ecx)
            a.alu(.adc, .edx, 0)
            a.alu(.sub, .eax, .symbol(f.symbol(interruptTime)))
            a.alu(.sbb, .edx, .symbol(f.symbol(interruptTime), 4))
            a.mov(.symbol(f.symbol(bootTime)), .eax)
            a.mov(.symbol(f.symbol(bootTime), 4), .edx)
        }
        f.call(publishSystemTime)
        f.return()
    }

    /// `KiPublishSystemTime()`: boot time and interrupt time are the system time in shared user data. The high part is written twice, so that a reader
    /// notices a change.
    static let publishSystemTime: Routine = .init("KiPublishSystemTime") { f in
        f.asm { a in
            a.mov(.eax, .symbol(f.symbol(bootTime)))
            a.mov(.edx, .symbol(f.symbol(bootTime), 4))
            a.alu(.add, .eax, .symbol(f.symbol(interruptTime)))
            a.alu(.adc, .edx, .symbol(f.symbol(interruptTime), 4))
            a.mov(.ecx, 0xFFDF_0014)
            a.mov(.at(.ecx, 8), .edx)
            a.mov(.at(.ecx, 0), .eax)
            a.mov(.at(.ecx, 4), .edx)
        }
        f.return()
    }
}
