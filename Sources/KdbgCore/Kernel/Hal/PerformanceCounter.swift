// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The performance counter of a machine whose clock is the 8254: clocks of its channel 0, 1,193,182 a second. Each tick adds what the channel counts down
/// between two ticks; what it has counted since the last one is read from it.
extension Hal {
    /// Clocks up to the last tick, 64 bits.
    static let performanceCounter: Global = .init("HalpPerformanceCounter", size: 8, module: .hal, alignment: 8)
    /// Clocks from tick to tick; 0 until `HalpInitializeClock`.
    static let rollOverCount: Global = .init("HalpRollOverCount", module: .hal)
    /// What was answered last, 64 bits: the counter never goes back.
    private static let lastPerformanceCounter: Global = .init("HalpLastPerformanceCounter", size: 8, module: .hal, alignment: 8)

    /// `HalpAdvancePerformanceCounter()`: a tick.
    static let advancePerformanceCounter: Routine = .init("HalpAdvancePerformanceCounter", module: .hal) { f in
        f.asm { a in
            a.mov(.eax, .symbol(f.symbol(rollOverCount)))
            a.alu(.add, .symbol(f.symbol(performanceCounter)), .eax)
            a.alu(.adc, .symbol(f.symbol(performanceCounter), 4), 0)
        }
        f.return()
    }

    /// `KeQueryPerformanceCounter(PerformanceFrequency*) -> EDX:EAX`, from any IRQL. A tick that has come due but not been taken is counted in: without it
    /// the time would go back.
    package static let queryPerformanceCounter: Routine = .init(
        "KeQueryPerformanceCounter", ["PerformanceFrequency"], module: .hal
    ) { f in
        f.if(f.argument(0) != 0) {
            f.set(f.argument(0).dword(), 1_193_182)
            f.set(f.argument(0).dword(4), 0)
        }
        f.asm { a in
            a.pushfd()
            a.pop(.eax)
            a.cli()
        }
        let flags = f.saveEAX()
        f.if(rollOverCount.dword != 0) {
            // Latches channel 0, which counts from the roll-over count down to 1.
            f.output(0x43, 0)
            let low = f.input(0x40)
            let count = f.local(low | (f.input(0x40) << 8))
            let passed = f.local(0)
            f.if(count != 0 && count < rollOverCount.dword) { f.set(passed, rollOverCount.dword - count) }
            f.load(passed)
            f.asm { a in
                let isBehind = a.newLabel()
                let isLater = a.newLabel()
                a.alu(.xor, .edx, .edx)
                a.alu(.add, .eax, .symbol(f.symbol(performanceCounter)))
                a.alu(.adc, .edx, .symbol(f.symbol(performanceCounter), 4))
                a.alu(.cmp, .edx, .symbol(f.symbol(lastPerformanceCounter), 4))
                a.jcc(.above, isLater)
                a.jcc(.below, isBehind)
                a.alu(.cmp, .eax, .symbol(f.symbol(lastPerformanceCounter)))
                a.jcc(.aboveOrEqual, isLater)
                a.bind(isBehind)
                a.alu(.add, .eax, .symbol(f.symbol(rollOverCount)))
                a.alu(.adc, .edx, 0)
                a.bind(isLater)
                a.mov(.symbol(f.symbol(lastPerformanceCounter)), .eax)
                a.mov(.symbol(f.symbol(lastPerformanceCounter), 4), .edx)
            }
        }
        f.load(flags)
        f.asm { a in
            a.push(.eax)
            a.mov(.eax, .symbol(f.symbol(lastPerformanceCounter)))
            a.mov(.edx, .symbol(f.symbol(lastPerformanceCounter), 4))
            a.popfd()
        }
        f.return(f.saveEAX())
    }
}
