// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The first routine of the kernel (spec/boot.md section 1.2).
extension Ke {
    /// `KiSystemStartup(LoaderBlock)`: interrupts off, on the loader's stack; never returns.
    package static let systemStartup: Routine = .init(
        "KiSystemStartup", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.2", "Kernel entry",
            "The boot loader jumps here with paging on, interrupts off and the loader block as the only argument. The routine gives the processor its control region, task state and interrupt table, starts the kernel debugger and changes to the boot stack."
        )
    ) { f in
        // Only the boot processor finds out where its PCR is, as at the commit: section 1.5.
        let control = f.local(0)
        f.call(recordBootCycles)
        let processor = f.call(setLoaderBlock, f.argument(0))
        f.if(processor == 0) { f.call(initializeBootProcessor) }
        f.call(initializeInitialThreadApcs)
        f.call(initializeMachineType)
        f.if(processor == 0) {
            f.call(getMachineBootPointers)
            f.set(control, bootPcr.dword)
            f.call(initializeTaskStates)
            f.call(initializePcr)
            f.call(linkInitialProcess)
            f.call(initializeExceptions)
            f.call(loadFlatDataSegments)
            f.call(installIdt)
        }
        f.call(acquireFreezeLock)
        f.call(setProcessorNumber, control)
        f.call(verifyCpuFeatures)
        f.call(Hal.initializeProcessor, 0, loaderBlock.dword)
        f.call(activateProcessor)
        f.call(startKernelDebugger)
        f.call(pollForEarlyBreak)
        f.call(protectBootStacks)
        f.call(raiseToHighLevel)
        f.call(switchToBootStack, loader.KernelStack & ~Value(3))
        f.return()
    }

    static let recordBootCycles: Routine = .init(
        "KiRecordBootCycles", section: .initialization,
        step: .init("1.2 #1", "Record boot cycles", "Reads the time-stamp counter into BootCycles, before anything else costs time.")
    ) { f in
        f.asm { a in
            a.rdtsc()
            a.mov(.symbol(f.symbol(bootCycles)), .eax)
            a.mov(.symbol(f.symbol(bootCycles), 4), .edx)
        }
        f.return()
    }

    static let setLoaderBlock: Routine = .init(
        "KiSetLoaderBlock", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.2 #2", "Keep the loader block", "KeLoaderBlock is set; it stays valid until phase 1 gives the loader's memory back."
        )
    ) { f in
        f.set(loaderBlock.dword, f.argument(0))
        f.return(numberProcessors.dword)
    }

    static let initializeBootProcessor: Routine = .init(
        "KiInitializeBootProcessor", section: .initialization,
        step: .init(
            "1.2 #3", "Boot stack and idle thread", "CPU 0 takes a static stack and a static thread, since nothing can be allocated yet."
        )
    ) { f in
        f.asm { a in
            a.mov(.eax, 0x30)
            a.mov(.fs, .eax)
        }
        f.set(prcb.Number, 0)
        f.set(loader.KernelStack, bootStack.value + 0x3000)
        f.set(loader.Thread, initialThread)
        f.return()
    }

    static let initializeInitialThreadApcs: Routine = .init(
        "KiInitializeInitialThreadApcs", section: .initialization,
        step: .init("1.2 #4", "Empty kernel APC list", "The idle thread's kernel-mode APC list becomes an empty list head.")
    ) { f in
        f.initializeListHead(initialThread.Tcb.ApcState.ApcListHead)
        f.return()
    }

    static let initializeMachineType: Routine = .init(
        "KiInitializeMachineType", section: .initialization,
        step: .init("1.2 #5", "Machine type", "KeI386MachineType is the low byte of what the loader found: 0 is ISA.")
    ) { f in
        f.set(machineType.dword, loader.value.byte(0x60))
        f.return()
    }

    static let getMachineBootPointers: Routine = .init(
        "KiGetMachineBootPointers", section: .initialization,
        step: .init(
            "1.2 #6", "Find GDT, IDT, PCR and TSS",
            "The loader passes no pointers: the tables are found by SGDT and SIDT, the PCR by the base of the FS descriptor, the TSS by that of the task register."
        )
    ) { f in
        let register = f.buffer(8)
        f.load(register)
        f.asm { a in a.sgdt(.at(.eax)) }
        f.set(bootGdt.dword, register.dword(2))
        f.load(register)
        f.asm { a in a.sidt(.at(.eax)) }
        f.set(bootIdt.dword, register.dword(2))
        f.set(bootPcr.dword, f.call(descriptorBase, bootGdt.dword + 0x30))
        f.set(bootTssAddress.dword, f.call(descriptorBase, bootGdt.dword + 0x28))
        f.return()
    }

    static let bootGdt: Global = .init("KiBootGdt")
    static let bootIdt: Global = .init("KiBootIdt")
    static let bootPcr: Global = .init("KiBootPcr")
    static let bootTssAddress: Global = .init("KiBootTssAddress")

    /// `KiDescriptorBase(Descriptor*)`: the base address in a GDT entry.
    static let descriptorBase: Routine = .init("KiDescriptorBase", ["Descriptor"], section: .initialization) { f in
        let entry = f.argument(0, KGDTENTRY.self)
        f.return(entry.BaseLow | (entry.BaseMid << 16) | (entry.BaseHi << 24))
    }

    static let linkInitialProcess: Routine = .init(
        "KiLinkInitialProcess", section: .initialization,
        step: .init("1.2 #9", "Attach idle thread to idle process", "The initial thread belongs to the initial process; there is no TEB.")
    ) { f in
        f.set(initialThread.Tcb.ApcState.Process, initialProcess)
        f.set(pcr.Used_Self, 0)
        let special = prcb.ProcessorState.SpecialRegisters
        f.set(special.KernelDr6, 0)
        f.set(special.KernelDr7, 0)
        f.return()
    }

    static let loadFlatDataSegments: Routine = .init(
        "KiLoadFlatDataSegments", section: .initialization,
        step: .init(
            "1.2 #11", "User data selectors", "DS and ES become 0x23, which ring 3 can use too, so that traps need not change them.")
    ) { f in
        f.asm { a in
            a.mov(.eax, 0x23)
            a.mov(.ds, .eax)
            a.mov(.es, .eax)
        }
        f.return()
    }

    // Not in INIT: the processors that wait here do so after start-up code has been discarded.
    static let acquireFreezeLock: Routine = .init(
        "KiAcquireFreezeLock",
        step: .init(
            "1.2 #13", "Take the freeze lock",
            "Bit 0 of KiFreezeExecutionLock. The boot processor does not give it back, so that every other processor, which begins here, waits for ever."
        )
    ) { f in
        f.loop {
            // Looks first, and tries when it looks free, so that waiting writes nothing.
            f.while((freezeExecutionLock.dword & 1) != 0) { f.asm { a in a.pause() } }
            f.if((f.compareExchange(freezeExecutionLock.dword, 1, comparand: 0) & 1) == 0) { f.break() }
        }
        f.return()
    }

    static let setProcessorNumber: Routine = .init(
        "KiSetProcessorNumber", ["Pcr"], section: .initialization,
        step: .init("1.2 #14", "Number the processor", "Number and set-member mask go into PCR and PRCB.")
    ) { f in
        let pcr = f.argument(0, KPCR.self)
        f.set(pcr.Number, numberProcessors.byte)
        f.set(pcr.SetMember, Value(1) << numberProcessors.dword)
        f.set(pcr.SetMemberCopy, pcr.SetMember)
        f.set(pcr.Prcb.SetMember, pcr.SetMember)
        f.return()
    }

    static let activateProcessor: Routine = .init(
        "KiActivateProcessor", section: .initialization,
        step: .init("1.2 #17", "Count the processor", "KeActiveProcessors and KeNumberProcessors now include this one.")
    ) { f in
        f.set(activeProcessors.dword, activeProcessors.dword | prcb.SetMember)
        f.add(numberProcessors.dword, 1)
        f.return()
    }

    static let startKernelDebugger: Routine = .init(
        "KiStartKernelDebugger", section: .initialization,
        step: .init(
            "1.2 #18", "Start the kernel debugger",
            "CPU 0 calls KdInitSystem with phase 0: the first KD step, long before there is memory to allocate or a thread to run."
        )
    ) { f in
        f.return(f.call(Kd.initSystem, 0, loaderBlock.dword))
    }

    static let pollForEarlyBreak: Routine = .init(
        "KiPollForEarlyBreak", section: .initialization,
        step: .init(
            "1.2 #19", "Poll for a break-in",
            "If somebody at the debug port asks for it, the debugger is entered before the executive starts.")
    ) { f in
        f.if((f.call(Kd.pollBreakIn) & 0xFF) != 0) { f.call(Rtl.dbgBreakPointWithStatus, 1) }
        f.return()
    }

    static let protectBootStacks: Routine = .init(
        "KiProtectBootStacks", section: .initialization,
        step: .init(
            "1.2 #20", "Guard pages",
            "The lowest page of the boot stack and of the double-fault stack becomes read-only through the self-map.")
    ) { f in
        for stack in [bootStack, doubleFaultStack] {
            let entry = f.local(Mm.pte(of: stack.value))
            f.set(entry.dword(), entry.dword() & ~Value(2))
            f.load(stack.value)
            f.asm { a in a.invlpg(.at(.eax)) }
        }
        f.return()
    }

    static let raiseToHighLevel: Routine = .init(
        "KiRaiseToHighLevel", section: .initialization,
        step: .init("1.2 #21", "Raise to HIGH_LEVEL", "The rest of start-up begins with everything masked.")
    ) { f in
        f.call(Hal.raiseIrql, Irql.high)
        f.return()
    }

    /// `KiSwitchToBootStack(InitialStack)`: leaves room for the FPU area, V86 part and a trap frame, pushes the initial Cr0NpxState.
    static let switchToBootStack: Routine = .naked(
        "KiSwitchToBootStack", ["InitialStack"], section: .initialization,
        step: .init(
            "1.2 #22", "Change to the boot stack",
            "ESP moves to the static stack that will be the idle thread's, with room for the FPU state and a trap frame; the loader's stack is not used again."
        )
    ) { f in
        f.asm { a in
            a.mov(.eax, .at(.esp, 4))
            a.lea(.esp, .at(.eax, -(0x210 + 4 + 0x8C)))
            a.push(0x0E)
            a.alu(.xor, .ebp, .ebp)
            a.jmp(f.symbol(systemStartupBootStack))
        }
    }
}
