// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The processor's own structures: PCR, task states, interrupt table.
extension Ke {
    static let initializeTaskStates: Routine = .init(
        "Ki386InitializeTss", section: .initialization,
        step: .init(
            "1.2 #7", "Task states",
            "The boot TSS gets its I/O map and ring-0 stack segment. Double fault and NMI get tasks of their own with a separate stack, so that they work when the current stack does not; their IDT entries become task gates."
        )
    ) { f in
        let tss = f.local(bootTssAddress.dword).as(KTSS.self)
        f.zero(tss, KTSS.size)
        f.set(tss.IoMapBase, 0x20AC)
        f.set(tss.Ss0, 0x10)
        let index = f.local(0)
        f.while(index < 0x2024) {
            f.set((tss.address(of: \.IoMaps) + index).dword(), 0xFFFF_FFFF as Value)
            f.add(index, 4)
        }
        f.call(initializeTaskGate, 8, 0x50, doubleFaultTss, trap08)
        f.call(initializeTaskGate, 2, 0x58, nmiTss, trap02)
        f.return()
    }

    /// `KiInitializeTaskGate(Vector, Selector, Tss*, Handler)`: a task of its own for a vector.
    static let initializeTaskGate: Routine = .init(
        "KiInitializeTaskGate", ["Vector", "Selector", "Tss", "Handler"], section: .initialization
    ) { f in
        let tss = f.argument(2, KTSS.self)
        f.zero(tss, 0x68)
        f.set(tss.IoMapBase, 0x68)
        f.set(tss.Ss0, 0x10)
        f.set(tss.Esp0, doubleFaultStack.value + 0x3000)
        f.set(tss.Esp, doubleFaultStack.value + 0x3000)
        f.set(tss.Eip, f.argument(3))
        f.set(tss.EFlags, 2)
        f.set(tss.Cs, 0x08)
        f.set(tss.Fs, 0x30)
        f.set(tss.Ss, 0x10)
        f.set(tss.Ds, 0x23)
        f.set(tss.Es, 0x23)
        f.asm { a in a.movFromControl(.eax, 3) }
        f.set(tss.CR3, f.saveEAX())
        let descriptor = f.local(bootGdt.dword + f.argument(1)).as(KGDTENTRY.self)
        f.set(descriptor.LimitLow, 0x68)
        f.set(descriptor.BaseLow, tss.value & 0xFFFF)
        f.set(descriptor.BaseMid, (tss.value >> 16) & 0xFF)
        f.set(descriptor.Flags1, 0x89)
        f.set(descriptor.Flags2, 0)
        f.set(descriptor.BaseHi, tss.value >> 24)
        let gate = f.local(bootIdt.dword + (f.argument(0) << 3)).as(KIDTENTRY.self)
        f.set(gate.Offset, 0)
        f.set(gate.Selector, f.argument(1))
        f.set(gate.Access, 0x8500)
        f.set(gate.ExtendedOffset, 0)
        f.return()
    }

    static let initializePcr: Routine = .init(
        "KiInitializePcr", section: .initialization,
        step: .init(
            "1.2 #8", "Processor control region",
            "The page at FS:0 is cleared and filled: addresses of GDT, IDT and TSS, the PRCB inside it, the idle thread as current thread, IRQL PASSIVE."
        )
    ) { f in
        f.zero(pcr, 0x1000)
        f.set(pcr.Used_ExceptionList, 0xFFFF_FFFF as Value)
        f.set(pcr.SelfPcr, pcr)
        f.set(pcr.Prcb, prcb)
        f.set(pcr.MajorVersion, 1)
        f.set(pcr.MinorVersion, 1)
        f.set(prcb.MajorVersion, 1)
        f.set(prcb.MinorVersion, 1)
        f.set(prcb.BuildType, 3)
        f.set(prcb.SetMember, 1)
        f.set(prcb.MultiThreadProcessorSet, 1)
        f.set(prcb.MultiThreadSetMaster, prcb)
        f.set(processorBlock.dword, prcb)
        f.set(pcr.GDT, bootGdt.dword)
        f.set(pcr.IDT, bootIdt.dword)
        f.set(pcr.TSS, bootTssAddress.dword)
        f.set(pcr.TssCopy, bootTssAddress.dword)
        f.set(prcb.CurrentThread, initialThread)
        f.set(prcb.DpcStack, doubleFaultStack.value + 0x3000)
        f.return()
    }

    static let initializeExceptions: Routine = .init(
        "KeInitExceptions", section: .initialization,
        step: .init(
            "1.2 #10", "Interrupt gates",
            "The static table KiIdt holds whole addresses, as a linker can relocate them. Selector and upper half of the offset change places in all 256 entries, which gives the format of the hardware."
        )
    ) { f in
        let index = f.local(0)
        f.while(index < 256) {
            let gate = f.local(idt.value + (index << 3))
            let high = f.local(gate.word(2))
            f.set(gate.word(2), gate.word(6))
            f.set(gate.word(6), high)
            f.add(index, 1)
        }
        f.return()
    }

    static let installIdt: Routine = .init(
        "KiInstallIdt", section: .initialization,
        step: .init("1.2 #12", "Install the interrupt table", "KiIdt is copied over the loader's table; the task gates at 2 and 8 stay.")
    ) { f in
        let live = f.local(bootIdt.dword)
        let index = f.local(0)
        f.while(index < 256) {
            f.if(index != 2 && index != 8) {
                f.set((live + (index << 3)).dword(), (idt.value + (index << 3)).dword())
                f.set((live + (index << 3)).dword(4), (idt.value + (index << 3)).dword(4))
            }
            f.add(index, 1)
        }
        f.return()
    }

    static let verifyCpuFeatures: Routine = .init(
        "KiVerifyCpuFeatures", section: .initialization,
        step: .init(
            "1.2 #15", "Check the processor",
            "CPUID must exist and report a time-stamp counter, CMPXCHG8B and an FPU; otherwise bugcheck 0x5D. The debugger is not up yet, so the line it prints reaches nobody."
        )
    ) { f in
        f.asm(savesRegisters: true) { a in
            a.mov(.eax, 1)
            a.cpuid()
            a.mov(.eax, .edx)
        }
        let features = f.saveEAX()
        f.if((features & 0x10) == 0) { f.call(bugCheckEx, 0x5D, 2, 0x10, 0, 0) }
        f.if((features & 0x100) == 0) { f.call(bugCheckEx, 0x5D, 2, 0x100, 0, 0) }
        f.if((features & 1) == 0) { f.call(bugCheckEx, 0x5D, 2, 1, 0, 0) }
        f.set(prcb.FeatureBits, features)
        f.print("Supported CPU features: %08lx\n", features)
        f.return()
    }
}
