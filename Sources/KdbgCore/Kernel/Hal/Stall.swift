// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Waiting without giving the processor away (spec/boot.md sections 1.2 #16 and 1.6.1).
extension Hal {
    /// Rounds per microsecond that are taken for true until they have been measured: rather too many.
    static let initialStallCount: UInt32 = 100
    /// Rounds of the measurement.
    private static let calibrationRounds: UInt32 = 20_000

    /// `HalpStallLoop(Rounds)`.
    private static let stallLoop: Routine = .init("HalpStallLoop", ["Rounds"], module: .hal) { f in
        f.if(f.argument(0) == 0) { f.return() }
        f.load(f.argument(0))
        f.asm { a in
            let again = a.newLabel()
            a.bind(again)
            a.alu(.sub, .eax, 1)
            a.jcc(.notEqual, again)
        }
        f.return()
    }

    /// `KeStallExecutionProcessor(MicroSeconds)`: PCR.StallScaleFactor rounds of a loop for each.
    package static let stallExecutionProcessor: Routine = .init("KeStallExecutionProcessor", ["MicroSeconds"], module: .hal) { f in
        f.call(stallLoop, f.argument(0) * Value.fs(Int32(offset(of: \KPCR.StallScaleFactor))))
        f.return()
    }

    /// `HalpCalibrateStallExecution()`: runs the loop while channel 2 of the timer counts down, and puts the rounds per microsecond into PCR.StallScaleFactor, rounded up. The timer
    /// ticks 1.193182 times per microsecond.
    static let calibrateStallExecution: Routine = .init("HalpCalibrateStallExecution", module: .hal) { f in
        let control = f.input(0x61)
        // Gate on, speaker off; mode 0, both bytes of the count.
        f.output(0x61, (control & ~Value(3)) | 1)
        f.output(0x43, 0xB0)
        f.output(0x42, 0xFF)
        f.output(0x42, 0xFF)
        f.call(stallLoop, calibrationRounds)
        f.output(0x43, 0x80)
        let low = f.input(0x42)
        let ticks = f.local(0xFFFF - (low | (f.input(0x42) << 8)))
        f.output(0x61, control)
        // No tick at all: the processor is faster than the timer can tell.
        f.if(ticks != 0) {
            f.set(Ke.pcr.StallScaleFactor, (Value(calibrationRounds * 1193) + ticks * 1000 - 1) / (ticks * 1000))
        }
        f.return()
    }
}
