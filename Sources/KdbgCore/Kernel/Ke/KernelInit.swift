// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// On the boot stack: the kernel initialises itself and becomes the idle thread (spec/boot.md section 1.5).
extension Ke {
    /// `KiSystemStartupBootStack()`; never returns.
    static let systemStartupBootStack: Routine = .init("KiSystemStartupBootStack", section: .initialization) { f in
        f.call(
            initializeKernel, initialProcess, initialThread, loader.KernelStack & ~Value(3), prcb, numberProcessors.dword - 1,
            loaderBlock.dword)
        f.set(initialThread.Tcb.Priority, 0)
        f.asm { a in a.sti() }
        f.call(Hal.lowerIrql, Irql.dispatch)
        f.set(initialThread.Tcb.WaitIrql, Irql.dispatch)
        f.call(idleLoop)
        f.return()
    }

    static let initializeKernel: Routine = .init(
        "KiInitializeKernel", ["InitProcess", "InitThread", "IdleStack", "Prcb", "Number", "LoaderBlock"], section: .initialization,
        step: .init(
            "1.5", "Initialise the kernel",
            "Locks, queues, the idle process and thread; then the executive's phase 0. When it returns, the phase-1 thread waits to run."
        )
    ) { f in
        f.call(Po.initializePrcb, f.argument(3))
        f.call(setNxPolicy, f.argument(5))
        f.call(getCacheInformation)
        f.call(initSpinLocks)
        f.call(setProcessorType)
        f.call(initSystem)
        f.call(initializeIdleProcess)
        f.call(initializeIdleThread, f.argument(2))
        f.call(setProcessorFeatures)
        f.call(setCurrentThread)
        f.call(Ex.initializeExecutive, f.argument(4), f.argument(5))
        f.call(setUpDpcs)
        f.call(dropIdlePriority)
        f.call(finishKernelInit)
        f.return()
    }

    static let setNxPolicy: Routine = .init(
        "KiSetNxPolicy", ["LoaderBlock"], section: .initialization,
        step: .init("1.5 #2", "No-execute policy", "NOEXECUTE= and EXECUTE on the command line decide what shared user data says about NX.")
    ) { f in
        let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
        let policy = f.local(2)
        f.set(featureBits.dword, prcb.FeatureBits)
        f.if(options != 0) {
            f.if(f.call(Rtl.strstr, options, f.text("EXECUTE")) != 0 && f.call(Rtl.strstr, options, f.text("NOEXECUTE")) == 0) {
                f.set(policy, 0)
            }
            f.if(f.call(Rtl.strstr, options, f.text("NOEXECUTE=ALWAYSON")) != 0) { f.set(policy, 1) }
            f.if(f.call(Rtl.strstr, options, f.text("NOEXECUTE=OPTOUT")) != 0) { f.set(policy, 3) }
            f.if(f.call(Rtl.strstr, options, f.text("NOEXECUTE=ALWAYSOFF")) != 0) { f.set(policy, 0) }
        }
        f.set(sharedUserData.NXSupportPolicy, policy)
        f.return()
    }

    static let getCacheInformation: Routine = .init(
        "KiGetCacheInformation", section: .initialization,
        step: .init("1.5 #3", "Processor state and caches", "Control registers are saved in the PRCB; one line about caches is printed.")
    ) { f in
        let special = prcb.ProcessorState.SpecialRegisters
        for (number, field) in [(0, \KSPECIAL_REGISTERS.Cr0), (2, \.Cr2), (3, \.Cr3), (4, \.Cr4)]
            as [(UInt8, KeyPath<KSPECIAL_REGISTERS, Field>)]
        {
            f.asm { a in a.movFromControl(.eax, number) }
            f.set(special[dynamicMember: field], f.saveEAX())
        }
        f.load(special.address(of: \.GdtrLimit))
        f.asm { a in a.sgdt(.at(.eax)) }
        f.load(special.address(of: \.IdtrLimit))
        f.asm { a in a.sidt(.at(.eax)) }
        f.asm { a in a.str(.eax) }
        f.set(special.Tr, f.saveEAX())
        f.print(
            "(ntoskrnl/ke/i386/cpu.c:718) Prefetch Cache: %lu bytes\tL2 Cache: %lu bytes\tL2 Cache Line: %lu bytes\tL2 Cache Associativity: %lu\n",
            32, pcr.SecondLevelCacheSize, 0, pcr.SecondLevelCacheAssociativity)
        f.return()
    }

    static let initSpinLocks: Routine = .init(
        "KiInitSpinLocks", section: .initialization,
        step: .init(
            "1.5 #4", "Queues of the processor",
            "32 ready lists, DPC data and the wait list of the PRCB become empty lists; its 33 queue entries get their locks.")
    ) { f in
        let index = f.local(0)
        f.while(index < 32) {
            f.initializeListHead(f.local(prcb.address(of: \.DispatcherReadyListHead) + (index << 3)))
            f.add(index, 1)
        }
        f.initializeListHead(f.local(prcb.address(of: \.DpcData)))
        f.initializeListHead(f.local(prcb.address(of: \.DpcData) + 0x14))
        f.initializeListHead(prcb.WaitListHead.value)
        // Each queued lock's entry knows the lock it stands for.
        let locks = f.local(prcb.address(of: \.LockQueue))
        f.set(index, 0)
        f.while(index < 33) {
            f.set((locks + (index << 3)).dword(), 0)
            f.set((locks + (index << 3)).dword(4), queuedLocks.value + (index << 2))
            f.add(index, 1)
        }
        f.zero(queuedLocks, 33 * 4)
        f.set(prcb.PrcbLock, 0)
        f.return()
    }

    /// The 33 kernel locks that have queues; on one processor taking one only changes IRQL.
    private static let queuedLocks: Global = .init("KiQueuedSpinLocks", size: 33 * 4)

    static let setProcessorType: Routine = .init(
        "KiSetProcessorType", section: .initialization,
        step: .init(
            "1.5 #5", "Processor type, APC_LEVEL",
            "Family and stepping go into globals, the processor belongs to the only node of memory; IRQL drops from HIGH to APC_LEVEL.")
    ) { f in
        f.asm(savesRegisters: true) { a in
            a.mov(.eax, 1)
            a.cpuid()
        }
        let signature = f.saveEAX()
        f.set(prcb.CpuType, (signature >> 8) & 0xF)
        f.set(prcb.CpuID, 1)
        f.set(prcb.CpuStep, ((signature << 4) & 0xF00) | (signature & 0xF))
        f.set(nodeBlock.dword, bootNode)
        f.set(prcb.address(of: \.ParentNode).dword(), bootNode)
        f.set(bootNode.dword, bootNode.dword | prcb.SetMember)
        f.set(processorLevel.dword, prcb.CpuType)
        f.set(processorRevision.dword, prcb.CpuStep)
        f.call(Hal.lowerIrql, Irql.apc)
        f.return()
    }

    private static let nodeBlock: Global = .init("KeNodeBlock")
    /// KNODE: the mask of its processors, and lists of pages that one node does without.
    private static let bootNode: Global = .init("KiNode0", size: 0x40, alignment: 8)
    private static let processorLevel: Global = .init("KeProcessorLevel")
    private static let processorRevision: Global = .init("KeProcessorRevision")

    /// Lists that start empty and that nothing here puts anything into.
    private static let kernelLists: [GlobalStructure<LIST_ENTRY>] =
        [bugCheckCallbackList]
        + [
            "KeBugcheckReasonCallbackListHead", "KiProfileListHead", "KiProfileSourceListHead",
            "KiProcessInSwapListHead", "KiProcessOutSwapListHead", "KiStackInSwapListHead",
        ].map { GlobalStructure($0) }
    /// Drivers that want to hear of a crash.
    static let bugCheckCallbackList: GlobalStructure<LIST_ENTRY> = .init("KeBugcheckCallbackListHead")
    private static let swapEvent: GlobalStructure<KEVENT> = .init("KiSwapEvent")
    /// Base, counters, number of services, arguments; the shadow table is a copy.
    static let serviceDescriptorTable: Global = .init("KeServiceDescriptorTable", size: 16 * 4)
    private static let serviceDescriptorTableShadow: Global = .init("KeServiceDescriptorTableShadow", size: 16 * 4)

    /// Whoever calls a DPC on all processors at once holds it.
    private static let genericDpcMutex: GlobalStructure<KGUARDED_MUTEX> = .init("KiGenericCallDpcMutex")

    static let initSystem: Routine = .init(
        "KiInitSystem", section: .initialization,
        step: .init(
            "1.5 #6", "Kernel lists",
            "Lists of bugcheck callbacks, profiles and swapping, the timer-expiration DPC, the mutex of generic DPCs, the 512 timer lists and the service table of 296 services are made."
        )
    ) { f in
        for head in kernelLists { f.initializeListHead(head.value) }
        f.call(initializeEvent, swapEvent, 1, 0)
        f.zero(serviceDescriptorTable, 64)
        f.set(serviceDescriptorTable.value.dword(0), serviceTable)
        f.set(serviceDescriptorTable.value.dword(4), Ex.serviceCounts)
        f.set(serviceDescriptorTable.value.dword(8), 296)
        f.set(serviceDescriptorTable.value.dword(12), argumentTable)
        f.copy(to: serviceDescriptorTableShadow, from: serviceDescriptorTable, 64)
        let index = f.local(0)
        f.while(index < 512) {
            f.initializeListHead(f.local(timerTable.value + (index << 3)))
            f.add(index, 1)
        }
        f.call(initializeDpc, timerExpireDpc, timerExpiration, 0)
        f.call(initializeGuardedMutex, genericDpcMutex)
        f.return()
    }

    package static let processListHead: GlobalStructure<LIST_ENTRY> = Global.listHead("KiProcessListHead")

    static let initializeIdleProcess: Routine = .init(
        "KiInitializeIdleProcess", section: .initialization,
        step: .init("1.5 #7", "Idle process", "The static EPROCESS becomes process Idle, priority 0, on every processor.")
    ) { f in
        f.initializeListHead(processListHead.value)
        f.asm { a in a.movFromControl(.eax, 3) }
        f.call(initializeProcess, initialProcess, 0, f.saveEAX())
        f.set(initialProcess.Pcb.QuantumReset, 127)
        f.return()
    }

    /// `KeInitializeProcess(Process*, Priority, DirectoryTableBase)`.
    static let initializeProcess: Routine = .init(
        "KeInitializeProcess", ["Process", "Priority", "DirectoryTableBase"]
    ) { f in
        let process = f.argument(0, KPROCESS.self)
        f.set(process.Header.value.dword(), 3)
        f.set(process.Header.Size, KPROCESS.size / 4)
        f.set(process.Header.SignalState, 0)
        f.initializeListHead(process.Header.WaitListHead.value)
        f.initializeListHead(process.ProfileListHead.value)
        f.initializeListHead(process.ReadyListHead.value)
        f.initializeListHead(process.ThreadListHead.value)
        f.set(process.Affinity, 0xFFFF_FFFF as Value)
        f.set(process.BasePriority, f.argument(1))
        f.set(process.QuantumReset, 6)
        f.set(process.address(of: \.DirectoryTableBase).dword(), f.argument(2))
        f.set(process.IopmOffset, 0x20AC)
        f.insertTailList(processListHead.value, process.ProcessListEntry.value)
        f.return()
    }

    static let initializeIdleThread: Routine = .init(
        "KiInitializeIdleThread", ["IdleStack"], section: .initialization,
        step: .init(
            "1.5 #8", "Idle thread",
            "The code that runs now is a thread from here on: static ETHREAD, boot stack, priority 31 for the time being.")
    ) { f in
        let thread = initialThread.Tcb
        f.call(initializeThread, initialProcess, thread, 0, 0, 0, f.argument(0))
        f.set(thread.Priority, 31)
        f.set(thread.State, ThreadState.running)
        f.set(thread.Affinity, 1)
        f.set(thread.WaitIrql, Irql.dispatch)
        f.set(initialProcess.Pcb.ActiveProcessors, 1)
        f.set(initialThread.ThreadsProcess, initialProcess)
        f.return()
    }

    static let setProcessorFeatures: Routine = .init(
        "KiSetProcessorFeatures", section: .initialization,
        step: .init("1.5 #9", "Processor features", "What user mode may know about the processor goes into shared user data.")
    ) { f in
        let features = sharedUserData.address(of: \.ProcessorFeatures)
        f.set(features.byte(2), (prcb.FeatureBits >> 8) & 1)
        f.set(features.byte(8), (prcb.FeatureBits >> 4) & 1)
        f.return()
    }

    static let setCurrentThread: Routine = .init(
        "KiSetCurrentThread", section: .initialization,
        step: .init("1.5 #10", "Current thread", "The PRCB's current and idle thread is the initial thread; there is no next one.")
    ) { f in
        f.set(prcb.CurrentThread, initialThread)
        f.set(prcb.IdleThread, initialThread)
        f.set(prcb.NextThread, 0)
        f.return()
    }

    static let setUpDpcs: Routine = .init(
        "KiSetUpDpcs", section: .initialization,
        step: .init(
            "1.5 #12", "DPC stack",
            "The reciprocal of a clock tick, to divide by without dividing. DPC tuning gets its defaults and DPCs a stack of their own; bugcheck 0x4D(1) when there is no memory for it, 0x4D(2) when there is none to save an I/O map."
        )
    ) { f in
        f.set(timeIncrementReciprocal.dword, f.call(computeReciprocal, maximumIncrement.dword, timeIncrementShiftCount))
        f.set(prcb.MaximumDpcQueueDepth, 4)
        f.set(prcb.MinimumDpcRate, 3)
        f.set(prcb.AdjustDpcThreshold, 20)
        let stack = f.call(Mm.createKernelStack, 0, 0)
        f.if(stack == 0) { f.call(bugCheckEx, 0x4D, 1, 0, 0, 0) }
        f.set(prcb.DpcStack, stack)
        f.set(iopmSaveArea.dword, f.call(Ex.allocatePoolWithTag, 1, iopmSize, Value.tag("Ke  ")))
        f.if(iopmSaveArea.dword == 0) { f.call(bugCheckEx, 0x4D, 2, iopmSize, 0, 0) }
        f.return()
    }

    /// Bytes of an I/O permission map.
    private static let iopmSize: UInt32 = 0x2000
    private static let iopmSaveArea: Global = .init("Ki386IopmSaveArea")

    static let dropIdlePriority: Routine = .init(
        "KiDropIdlePriority", section: .initialization,
        step: .init(
            "1.5 #13", "Idle priority 0",
            "Until now the idle thread had priority 31. Dropping it to 0 lets the phase-1 thread, which phase 0 of Ps made, become the next thread."
        )
    ) { f in
        f.call(Hal.raiseIrql, Irql.dispatch)
        f.call(setPriorityThread, initialThread, 0)
        f.return()
    }

    static let finishKernelInit: Routine = .init(
        "KiFinishKernelInit", section: .initialization,
        step: .init(
            "1.5 #14", "End of kernel initialisation",
            "With no next thread the processor counts as idle; IRQL goes to HIGH once more; the loader block forgets the PRCB.")
    ) { f in
        f.if(prcb.NextThread.isNull) { f.set(idleSummary.dword, idleSummary.dword | prcb.SetMember) }
        f.call(Hal.raiseIrql, Irql.high)
        f.set(loader.Prcb, 0)
        f.return()
    }

    private static let idleSummary: Global = .init("KiIdleSummary")

    /// `KiIdleLoop()`: DPCs, the next thread if there is one, else what the power manager has put into the PRCB; for ever. It is called with interrupts off, so nothing can come
    /// between the look and the HLT: `PopIdle0` enables them with the instruction in front of it.
    static let idleLoop: Routine = .init("KiIdleLoop") { f in
        f.loop {
            f.asm { a in
                a.sti()
                a.pause()
                a.cli()
            }
            f.if(hasDeferredWork || prcb.NextThread.isNotNull || prcb.ReadySummary != 0) {
                f.call(Hal.clearSoftwareInterrupt, Irql.dispatch)
                f.asm { a in a.sti() }
                f.call(idleDispatch)
            } else: {
                f.callIndirect(prcb.PowerState.dword())
            }
        }
    }

    /// `KiIdleDispatch()`: one round of the idle loop with something to do.
    static let idleDispatch: Routine = .init("KiIdleDispatch") { f in
        f.if(hasDeferredWork) { f.call(retireDpcList) }
        f.set(prcb.QuantumEnd, 0)
        let next = f.local(prcb.NextThread)
        f.if(next.isNull) { f.set(next, f.call(selectReadyThread, 0)) }
        f.if(next.isNull) { f.return() }
        f.set(prcb.NextThread, 0)
        f.set(next.State, ThreadState.running)
        f.call(swapContext, next, prcb.IdleThread)
        f.return()
    }
}
