// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The HAL's own interrupts: the clock on IRQ 0, profiling on IRQ 8 (spec/boot.md sections 1.6.1, 1.8 #3, 4.9).
extension Hal {
    /// `HalpInitializeClock()`: PIT channel 0 in mode 2, a tick every 10 ms.
    static let initializeClock: Routine = .init("HalpInitializeClock", module: .hal) { f in
        let divisor: UInt32 = 1_193_182 / 100
        f.output(0x43, 0x34)
        f.output(0x40, divisor & 0xFF)
        f.output(0x40, divisor >> 8)
        f.call(Ke.setTimeIncrement, Ke.timeIncrement, Ke.timeIncrement)
        f.set(rollOverCount.dword, divisor)
        f.return()
    }

    /// `HalpEnableInterruptHandler(Vector, Irql, Handler)`: the HAL takes a latched interrupt for itself.
    static let enableInterruptHandler: Routine = .init(
        "HalpEnableInterruptHandler", ["Vector", "Irql", "Handler"], module: .hal
    ) { f in
        f.call(Ke.registerInterruptHandler, f.argument(0), f.argument(2))
        f.call(enableSystemInterrupt, f.argument(0), f.argument(1), 1)
        f.return()
    }

    /// Code that makes a trap frame and calls a handler of the HAL with it; `vector` stands where a trap has its error code.
    private static func interruptEntry(_ name: String, vector: UInt32, handler: Routine) -> Routine {
        .naked(name, module: .hal) { f in
            f.asm { a in
                a.push(vector)
                Ke.pushTrapFrame(&a)
                a.push(.esp)
                a.call(f.symbol(handler))
                a.jmp(.symbol("__imp_" + f.importedSymbol(Ke.eoiHelper)))
            }
        }
    }

    static let clockInterrupt: Routine = interruptEntry("HalpClockInterrupt", vector: 0x30, handler: clockInterruptHandler)

    /// `HalpClockInterruptHandler(TrapFrame)`: a tick, unless the level forbids it.
    static let clockInterruptHandler: Routine = .init("HalpClockInterruptHandler", ["TrapFrame"], module: .hal) { f in
        let old = f.local(0)
        f.if(f.call(beginSystemInterrupt, Irql.clock, 0x30, f.address(of: old)) == 0) { f.return() }
        f.call(advancePerformanceCounter)
        f.call(Ke.updateSystemTime, f.argument(0), Ke.timeIncrement, old)
        f.call(endSystemInterrupt, old, f.argument(0))
        f.return()
    }

    static let profileInterrupt: Routine = interruptEntry("HalpProfileInterrupt", vector: 0x38, handler: profileInterruptHandler)

    /// `HalpProfileInterruptHandler(TrapFrame)`: the RTC wants register C read; nobody profiles.
    static let profileInterruptHandler: Routine = .init("HalpProfileInterruptHandler", ["TrapFrame"], module: .hal) { f in
        let old = f.local(0)
        f.if(f.call(beginSystemInterrupt, Irql.profile, 0x38, f.address(of: old)) == 0) { f.return() }
        f.output(0x70, 0x0C)
        f.load(f.input(0x71))
        f.call(endSystemInterrupt, old, f.argument(0))
        f.return()
    }
}
