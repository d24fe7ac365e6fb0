// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What phase 1 does with the processors themselves (spec/boot.md section 1.8 #12).
extension Ke {
    /// `KeInitSystem() -> BOOLEAN`.
    static let initSystemPhase1: Routine = .init(
        "KeInitSystem", section: .initialization,
        step: .init(
            "1.8 #12", "Kernel, phase 1",
            """
            Processors that lack what the first one has are bugcheck 0x3E. Debugging extensions, large and global pages and FXSAVE are turned on as far as they \
            have them, and the kernel itself cannot write to read-only pages any more. SYSENTER's registers are set, and the processor's speed is measured, for \
            which the thread sleeps: the clock must be ticking by now.
            """)
    ) { f in
        f.call(initMachineDependent)
        f.return(1)
    }

    /// `KiInitMachineDependent()`.
    private static let initMachineDependent: Routine = .init("KiInitMachineDependent", section: .initialization) { f in
        f.call(checkProcessors)
        f.call(setCr4Bits)
        f.call(setCr0Bits)
        f.call(initializeSystemCalls)
        f.call(measureProcessorSpeed)
        f.return()
    }

    /// `KiCheckProcessors()`: threads go from one processor to another, so each must have the features that KeFeatureBits promises.
    private static let checkProcessors: Routine = .init("KiCheckProcessors", section: .initialization) { f in
        let left = f.local(activeProcessors.dword)
        let number = f.local(0)
        f.while(left != 0) {
            f.if((left & 1) != 0) {
                let processor = f.local((processorBlock.value + (number << 2)).dword()).as(KPRCB.self)
                f.if((featureBits.dword & ~processor.FeatureBits) != 0) { f.call(bugCheck, 0x3E) }
            }
            f.set(left, left >> 1)
            f.add(number, 1)
        }
        f.return()
    }

    /// `KiMeasureProcessorSpeed()`: the MHz of the PRCB are the cycles that pass while the thread sleeps for 50 ms.
    private static let measureProcessorSpeed: Routine = .init("KiMeasureProcessorSpeed", section: .initialization) { f in
        let interval = f.structure(LARGE_INTEGER.self)
        f.set(interval.LowPart, (0 as UInt32) &- 500_000)
        f.set(interval.HighPart, 0xFFFF_FFFF as Value)
        f.asm { a in a.rdtsc() }
        let start = f.saveEAX()
        let tick = f.local(tickCount.dword)
        f.call(delayExecutionThread, 0, 0, interval)
        f.asm { a in a.rdtsc() }
        let cycles = f.local(f.saveEAX() - start)
        let ticks = f.local(tickCount.dword - tick)
        f.if(ticks != 0) { f.set(prcb.MHz, cycles / (ticks * 10_000)) }
        f.return()
    }
}
