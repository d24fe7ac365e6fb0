// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Phase 1, on a system thread of priority 31 at PASSIVE_LEVEL (spec/boot.md section 1.8).
extension Ex {
    static let initBuffer: Global = .init("InitBuffer")

    /// `Phase1Initialization(LoaderBlock)`: all of phase 1, then the zero-page thread.
    package static let phase1Initialization: Routine = .init(
        "Phase1Initialization", ["Context"],
        step: .init(
            "1.8", "Phase 1",
            "The first thread that was made to run. Its 39 steps bring up every subsystem; step 23 is where KD installs its hook, step 29 where the hook is called."
        )
    ) { f in
        f.call(phase1InitializationDiscard, f.argument(0))
        f.call(Mm.zeroPageThread)
        f.return()
    }

    /// Stops the boot with a bugcheck when a step says FALSE.
    private static func require(_ f: Function, _ result: Value, _ code: Int) {
        f.if((result & 0xFF) == 0) { f.call(Ke.bugCheck, code) }
    }

    static let phase1InitializationDiscard: Routine = .init(
        "Phase1InitializationDiscard", ["LoaderBlock"], section: .initialization
    ) { f in
        let loader = f.argument(0)
        f.call(allocateInitBuffer)
        f.call(enterPhase1)
        require(f, f.call(Hal.initSystem, 1, loader), 0x61)
        f.call(Misc.inbvInitialize, loader)
        f.call(displayBanner)
        require(f, f.call(Po.initSystem, 0), 0xA0)
        f.call(setSystemTime)
        f.call(Ke.startAllProcessors)
        require(f, f.call(Hal.allProcessorsStarted), 0x61)
        f.call(displayProcessors)
        require(f, f.call(Ob.initSystem), 0x62)
        f.if(f.call(initSystem, 1) == 0) { f.call(Ke.bugCheckEx, 0x32, 0, 0, 1, 0) }
        f.if(f.call(Ke.initSystemPhase1) == 0) { f.call(Ke.bugCheckEx, 0x32, 0, 0, 2, 0) }
        f.if((f.call(notifyKernelDebugger, loader) & 0xFF) == 0) { f.call(Ke.bugCheckEx, 0x32, 0, 0, 3, 0) }
        require(f, f.call(Se.initSystem), 0x63)
        let status = f.call(Io.createSystemRootLink, loader)
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 0, 0, 0) }
        require(f, f.call(Mm.initSystem, 1), 0x65)
        f.call(initNlsPhase1)
        require(f, f.call(Misc.ccInitializeCacheManager), 0x66)
        require(f, f.call(Cm.initSystem1), 0x67)
        f.call(Misc.prefetcherInitialize)
        f.call(refreshTimeZoneInformation, Ke.sharedUserData.SystemTime)
        require(f, f.call(FsRtl.initSystem), 0x68)
        f.call(Rtl.initializeRangeListPackage)
        f.call(Hal.reportResourceUsage)
        f.call(Kd.debuggerInitialize1, loader)
        require(f, f.call(Misc.ppInitSystemPhase1), 0x90)
        require(f, f.call(Lpc.initSystem), 0x6A)
        f.call(readSafeBoot, loader)
        f.call(allowTimeSlip)
        f.call(Misc.xipInit)
        require(f, f.call(Io.initSystem, loader), 0x69)
        f.call(Cm.writeSafeBoot)
        f.call(finishMemory)
        require(f, f.call(Po.initSystem, 1), 0xA0)
        require(f, f.call(Ps.initSystem, loader), 0x6B)
        f.call(Mm.freeLoaderBlock)
        require(f, f.call(Se.rmInitPhase1), 0x6B)
        f.call(loadInitialProcess)
        f.call(waitForInitialProcess)
        f.call(finishPhase1)
        f.return()
    }

    static let allocateInitBuffer: Routine = .bootStep(
        "1.8 #1", "ExpAllocateInitBuffer", [], "Buffer for phase 1",
        "A nonpaged buffer, tag 'Init'; without it bugcheck 0x32(0xC0000017, 8)."
    ) { f in
        f.set(initBuffer.dword, f.call(allocatePoolWithTag, 0, 0x1000, Value.tag("Init")))
        f.if(initBuffer.dword == 0) { f.call(Ke.bugCheckEx, 0x32, Status.noMemory, 8, 0, 0) }
        f.return()
    }

    static let enterPhase1: Routine = .bootStep(
        "1.8 #2", "ExpEnterPhase1", [], "ExpInitializationPhase = 1",
        "The phase is 1 from here; the thread takes priority 31, so that nothing overtakes start-up."
    ) { f in
        f.set(initializationPhase.dword, 1)
        f.call(Ke.setPriorityThread, Ke.prcb.CurrentThread, 31)
        f.return()
    }

    static let displayBanner: Routine = .bootStep(
        "1.8 #5", "ExpDisplayBanner", [], "Banner",
        "The system's name and version on the screen, if strings are shown; the text comes from the kernel's messages, and is bugcheck 0x32(status, 7) when it is not there."
    ) { f in
        let entry = f.local(0)
        let status = f.call(Rtl.findMessage, Rtl.kernelMessages, Rtl.Message.banner, f.address(of: entry))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 7, 0, 0) }
        f.call(
            cdecl: Rtl.snprintf, [initBuffer.dword, 256, entry + 4, f.text("0.4.15-x86-dev"), f.text("20230311")], #fileID, #line)
        f.call(Misc.inbvDisplayString, initBuffer.dword)
        f.return()
    }

    static let setSystemTime: Routine = .bootStep(
        "1.8 #7", "ExpSetSystemTime", [], "Time of day",
        "The CMOS clock becomes the system time and KeBootTime, in units of 100 ns since 1601; YEAR= overrides its year. The clock has local time, which differs by the bias that the hive has as ActiveTimeBias, unless RealTimeIsUniversal is set there. The machine's date never changes between runs."
    ) { f in
        let year = f.local(0)
        f.if(Ke.loader.LoadOptions != 0) {
            let option = f.call(Rtl.strstr, Ke.loader.LoadOptions, f.text("YEAR="))
            f.if(option != 0) {
                let digit = f.local(option + 5)
                f.while(digit.byte() >= 0x30 && digit.byte() <= 0x39 && year < 10_000) {
                    f.set(year, year * 10 + digit.byte() - 0x30)
                    f.add(digit, 1)
                }
            }
        }
        // Later minutes since 1601 have more than 32 bits.
        f.if(year < 1601 || year > 9000) { f.set(year, 0) }
        f.set(yearOverride.dword, year)
        let status = f.call(updateSystemTimeFromCmos, 0, 0)
        f.call(setTimeZoneBias, lastTimeZoneBias.dword)
        f.return(status)
    }

    static let displayProcessors: Routine = .bootStep(
        "1.8 #9", "ExpDisplayProcessors", [], "Processors and memory",
        "How many processors and how much memory, on the screen, if strings are shown; bugcheck 0x32(status, 4) without the text. 5 %."
    ) { f in
        let message = f.local(Rtl.Message.processor)
        let entry = f.local(0)
        f.if(Ke.numberProcessors.dword > 1) { f.set(message, Rtl.Message.processors) }
        let status = f.call(Rtl.findMessage, Rtl.kernelMessages, message, f.address(of: entry))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 4, 0, 0) }
        f.call(
            cdecl: Rtl.snprintf,
            [initBuffer.dword, 256, entry + 4, Ke.numberProcessors.dword, (Mm.numberOfPhysicalPages.dword + 0xFF) >> 8], #fileID, #line)
        f.call(Misc.inbvDisplayString, initBuffer.dword)
        f.call(Misc.inbvUpdateProgressBar, 5)
        f.return()
    }

    static let notifyKernelDebugger: Routine = .bootStep(
        "1.8 #13", "ExpNotifyKernelDebugger", ["LoaderBlock"], "KdInitSystem, phase 1",
        "The second KD step. It only reads the performance counter's rate: the phase number reaches nobody."
    ) { f in
        f.return(f.call(Kd.initSystem, initializationPhase.dword, f.argument(0)))
    }

    static let initNlsPhase1: Routine = .bootStep(
        "1.8 #17", "ExpInitNlsPhase1", [], "NLS section",
        """
        The code-page tables become a section, which the system sees in its view space and each process in its own addresses; ExpNlsTableBase is the system's \
        view from now on. Without the section it is bugcheck 0x32(status, 1), without a handle to it 2, without the system's view 3, without that of the System process 5.
        """
    ) { f in
        let section = f.local(0)
        let handle = f.local(0)
        let size = f.structure(LARGE_INTEGER.self)
        f.set(size.LowPart, nlsTableSize.dword)
        f.set(size.HighPart, 0)
        let status = f.local(f.call(Mm.createSection, f.address(of: section), 0xF_001F, 0, size, 4, SectionAttribute.commit, 0, 0))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 1, 0, 0) }
        f.call(Ob.referenceObject, section)
        f.set(status, f.call(Ob.insertObject, section, 0, 0xF_001F, 0, 0, f.address(of: handle)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 2, 0, 0) }
        f.set(nlsSection.dword, section)
        f.call(Ob.ntClose, handle)
        let base = f.local(0)
        let bytes = f.local(0)
        f.set(status, f.call(Mm.mapViewInSystemSpace, section, f.address(of: base), f.address(of: bytes)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 3, 0, 0) }
        f.copy(to: base, from: nlsTableBase.dword, nlsTableSize.dword)
        f.call(freePoolWithTag, nlsTableBase.dword, Value.tag("Init"))
        f.set(nlsTableBase.dword, base)
        f.set(status, f.call(mapNlsSection, Ps.initialSystemProcess.dword, f.address(of: base)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 5, 0, 0) }
        f.return(status)
    }

    /// The section with the code pages.
    static let nlsSection: Global = .init("ExpNlsSectionPointer")

    /// `ExpMapNlsSection(Process*, Base**) -> status`: at the lowest address that is free there, for reading.
    static let mapNlsSection: Routine = .init("ExpMapNlsSection", ["Process", "Base"]) { f in
        let bytes = f.local(0)
        f.set(f.argument(1).dword(), 0)
        f.return(f.call(Mm.mapViewOfSection, nlsSection.dword, f.argument(0), f.argument(1), 0, 0, 0, f.address(of: bytes), 2, 0, 2))
    }

    static let safeBootMode: Global = .init("InitSafeBootMode")
    private static let alternateShell: Global = .init("InitSafeBootAlternateShell")

    static let readSafeBoot: Routine = .bootStep(
        "1.8 #26", "ExpReadSafeBoot", ["LoaderBlock"], "SAFEBOOT, BOOTLOG",
        """
        SAFEBOOT:MINIMAL, NETWORK or DSREPAIR sets InitSafeBootMode to 1, 2 or 3, ALTERNATESHELL InitSafeBootAlternateShell. BOOTLOG shows a message, no \
        more: the call of IopInitializeBootLogging is commented out in the commit. BOOTLOG=1 makes it here, and \\SystemRoot\\rosboot.log will tell which \
        drivers were loaded.
        """
    ) { f in
        let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
        f.if(options != 0) {
            for (mode, word) in [(1, "SAFEBOOT:MINIMAL"), (2, "SAFEBOOT:NETWORK"), (3, "SAFEBOOT:DSREPAIR")] {
                f.if(f.call(Rtl.strstr, options, f.text(word)) != 0) { f.set(safeBootMode.dword, mode) }
            }
            f.if(safeBootMode.dword != 0) {
                f.set(alternateShell.dword, f.call(Rtl.strstr, options, f.text("ALTERNATESHELL")) != 0)
            }
            f.if(f.call(Rtl.strstr, options, f.text("BOOTLOG")) != 0) {
                f.call(Misc.inbvDisplayString, f.text("\r\nThe boot log is enabled.\r\n"))
                f.if(f.call(Rtl.strstr, options, f.text("BOOTLOG=1")) != 0) {
                    f.call(Io.initializeBootLogging, f.argument(0), f.text("ReactOS 5.2 3790"))
                }
            }
        }
        f.return()
    }

    static let allowTimeSlip: Routine = .bootStep(
        "1.8 #27", "ExpAllowTimeSlip", [], "25 %",
        "KdpTimeSlipPending becomes 0: when the debugger is left, by a print too, a worker sets the clock by the CMOS clock from now on."
    ) { f in
        f.call(Misc.inbvUpdateProgressBar, 25)
        f.set(Kd.timeSlipPending.dword, 0)
        f.return()
    }

    static let finishMemory: Routine = .bootStep(
        "1.8 #31", "ExpFinishMemory", [], "80 %",
        "The memory manager's phase 2 does nothing; the progress bar is whole again and shows 80 %. Then whether DOS programs get virtual interrupts: the processor would have to have them."
    ) { f in
        f.call(Mm.armInitSystem, 2, Ke.loaderBlock.dword)
        f.call(Misc.inbvSetProgressBarSubset, 0, 100)
        f.call(Misc.inbvUpdateProgressBar, 80)
        f.call(Ke.vdmInitialize)
        f.return()
    }

    static let finishPhase1: Routine = .bootStep(
        "1.8 #38", "ExpFinishPhase1", [], "ExpInitializationPhase = 2", "Start-up is over: the init buffer is freed and the phase is 2."
    ) { f in
        f.call(freePoolWithTag, initBuffer.dword, Value.tag("Init"))
        f.add(initializationPhase.dword, 1)
        f.return()
    }
}
