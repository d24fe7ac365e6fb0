// SPDX-License-Identifier: GPL-3.0-or-later

/// KD step A: `KdInitSystem` (spec/boot.md section 1.3). Its actions are routines of their own, here and in the files next to this one.
extension Kd {
    /// `KdInitSystem(BootPhase, LoaderBlock) -> BOOLEAN`; always TRUE. Without a loader block KD is being enabled late.
    package static let initSystem: Routine = .init(
        "KdInitSystem", ["BootPhase", "LoaderBlock"],
        step: .init(
            "1.3", "Kernel debugger start",
            """
            The first thing the kernel does once its processor block stands: find out from the boot options whether a debugger is wanted, start the \
            providers that carry its output, and from then on let prints and exceptions reach it. No pool, no scheduler and no interrupts exist yet.
            """)
    ) { f in
        let loader = f.argument(1, LOADER_PARAMETER_BLOCK.self)
        f.if(f.argument(0) != 0) {
            f.call(samplePerformanceRate)
            f.return(1)
        }
        f.if(f.call(isEnabled) != 0) { f.return(1) }
        f.call(installStub)
        f.if(debuggerDataListHead.value.dword() == 0) { f.call(registerDataBlocks) }

        let enable = f.local(0)
        let disableAfterInit = f.local(0)
        let blockAfterInit = f.local(0)
        f.if(loader.isNotNull) {
            f.set(enable, f.call(readOptions, loader, f.address(of: disableAfterInit), f.address(of: blockAfterInit)))
        } else: {
            f.set(enable, f.call(useRunningKernel))
        }
        f.call(publishKernelBase)
        f.if(enable != 0) {
            let status = f.call(debuggerInitialize0, loader)
            f.if(status.isError) { f.set(enable, 0) }
        }
        f.if(enable == 0) {
            f.set(debuggerNotPresent.byte, 1)
            f.return(1)
        }
        f.call(startTraps)
        f.call(printBanner)
        f.if(disableAfterInit != 0) {
            f.call(disableAgain, blockAfterInit)
            f.return(1)
        }
        f.if(loader.isNotNull) { f.call(reportLoaderImages, loader) }
        f.call(checkEarlyBreakIn)
        f.return(1)
    }

    /// Phases after 0 do nothing else (section 1.3, action 1).
    static let samplePerformanceRate: Routine = .init(
        "KdpSamplePerformanceRate",
        step: .init(
            "1.3 #1", "Performance counter rate",
            "A call with a phase other than 0 only asks the HAL how fast the performance counter runs. Nobody else hears of the phase.")
    ) { f in
        f.call(Hal.queryPerformanceCounter, performanceCounterRate)
        f.return()
    }

    /// KD is initialised only once while it is enabled (action 2).
    static let isEnabled: Routine = .init(
        "KdpIsEnabled",
        step: .init("1.3 #2", "Enabled already?", "A second call with phase 0 while KD is enabled does nothing.")
    ) { f in
        f.return(debuggerEnabled.byte)
    }

    /// `DEBUG=DISABLE` and `DEBUG=AUTOENABLE` (action 11).
    static let disableAgain: Routine = .init(
        "KdpDisableAgain", ["Block"],
        step: .init(
            "1.3 #11", "Disabled after start",
            "DEBUG=DISABLE or DEBUG=AUTOENABLE: KD has started and is switched off again; AUTOENABLE switches it on at the next unexpected exception."
        )
    ) { f in
        f.call(disableDebuggerWithLock, 0)
        f.set(blockEnable.byte, f.argument(0))
        f.return()
    }

    /// Until KD is known to run, exceptions go to the stub (action 3).
    static let installStub: Routine = .init(
        "KdpInstallStub",
        step: .init(
            "1.3 #3", "Exceptions go to the stub",
            "KiDebugRoutine is set to KdpStub, which steps over debug services and refuses everything else, until KD has started.")
    ) { f in
        f.set(Ke.debugRoutine.dword, stub)
        f.set(breakAfterSymbolLoad.byte, 0)
        f.return()
    }

    /// `KdInitSystem(0, NULL)`: no options to read, always enable (action 6). Yields TRUE.
    static let useRunningKernel: Routine = .init(
        "KdpUseRunningKernel",
        step: .init(
            "1.3 #6", "Enabled without a loader block",
            "When KD is enabled after the boot (by a crash, or again after it was disabled) there are no options to read: it is simply wanted."
        )
    ) { f in
        f.set(versionBlock.KernBase, ntosImageBase.dword)
        f.set(versionBlock.KernBaseHigh, 0xFFFF_FFFF)
        f.return(1)
    }

    /// Action 7.
    static let publishKernelBase: Routine = .init(
        "KdpPublishKernelBase",
        step: .init(
            "1.3 #7", "Kernel base for debuggers",
            "The base of the kernel image is copied to the data block that debuggers find through the PCR.")
    ) { f in
        f.set(debuggerDataBlock.KernBase, versionBlock.KernBase)
        f.set((debuggerDataBlock.value + 0x1C).dword(), 0xFFFF_FFFF)
        f.return()
    }

    /// From here on KD sees every exception (action 9).
    static let startTraps: Routine = .init(
        "KdpStartTraps",
        step: .init(
            "1.3 #9", "Exceptions go to KD",
            """
            At least one provider answered: KiDebugRoutine becomes KdpTrap, the breakpoint table is cleared, and KdDebuggerEnabled is set, in the \
            kernel and in the page it shares with user mode. The next print is the first that comes out.
            """)
    ) { f in
        f.set(Ke.debugRoutine.dword, trap)
        f.if(debuggerStructuresInitialized.byte == 0) {
            f.set(context.KdpDefaultRetries, 20)
            f.set(debugSwitchRoutine.dword, switchProcessor)
            f.zero(breakpointTable, 32 * BREAKPOINT_ENTRY.size)
            f.call(initializeTimeSlip)
            f.set(debuggerStructuresInitialized.byte, 1)
        }
        f.zero(timerStart, 8)
        f.set(pitchDebugger.byte, 0)
        f.set(debuggerNotPresent.byte, 0)
        f.set(debuggerEnabled.byte, 1)
        f.set(Ke.sharedUserData.KdDebuggerEnabled, 1)
        f.return()
    }

    /// Tells the debugger of the kernel and the HAL, which were loaded before it (action 12).
    static let reportLoaderImages: Routine = .init(
        "KdpReportLoaderImages", ["LoaderBlock"],
        step: .init(
            "1.3 #12", "Symbols of kernel and HAL",
            "The first two images of the loader's list are reported to the debugger, as every later image will be when it is loaded.")
    ) { f in
        let head = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value)
        let count = f.local(0)
        f.forEach(in: head) { entry in
            f.if(count == 2) { f.break() }
            f.add(count, 1)
            f.call(notifyImage, entry)
        }
        f.return()
    }

    /// `KdpNotifyImage(Entry*)`: reports one image of the loader's list by its full name.
    static let notifyImage: Routine = .init("KdpNotifyImage", ["DataTableEntry"]) { f in
        let image = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let text = f.buffer(256)
        let name = f.structure(STRING.self)
        let length = f.local(image.FullDllName.Length >> 1)
        f.if(length > 255) { f.set(length, 255) }
        let index = f.local(0)
        f.while(index < length) {
            f.set((text + index).byte(), (image.FullDllName.Buffer + (index << 1)).byte())
            f.add(index, 1)
        }
        f.set((text + length).byte(), 0)
        f.set(name.Length, length)
        f.set(name.MaximumLength, length + 1)
        f.set(name.Buffer, text)
        let process = f.local(currentThread.Tcb.ApcState.Process.as(EPROCESS.self))
        f.call(Rtl.dbgLoadImageSymbols, name, image.DllBase, process.UniqueProcessId)
        f.return()
    }

    /// Action 13.
    static let checkEarlyBreakIn: Routine = .init(
        "KdpCheckEarlyBreakIn",
        step: .init(
            "1.3 #13", "Break-in request",
            "A break-in that was asked for this early is remembered until symbols are loaded. KDBG's poll never reports one.")
    ) { f in
        f.set(breakAfterSymbolLoad.byte, f.call(pollBreakIn))
        f.return()
    }

    /// `KdPollBreakIn() -> BOOLEAN`: always FALSE, this KD has no break-in on the wire (spec/kdbg.md section 0.2).
    package static let pollBreakIn: Routine = .init("KdPollBreakIn") { f in
        f.return(0)
    }

    /// `KdpSwitchProcessor(TrapFrame, ExceptionFrame, SecondChance)`: there is one processor.
    static let switchProcessor: Routine = .init("KdpSwitchProcessor", ["ContextRecord", "ExceptionRecord", "SecondChance"]) { f in
        f.return(0)
    }
}
