// SPDX-License-Identifier: GPL-3.0-or-later

extension FaultScenario {
    /// All of them. A new one is a row here; `FaultScenarioTests` has what must come of it.
    package static let all: [FaultScenario] =
        tooEarly + ofHardware + ofProviders + ofVolume + ofSessionManager + ofDebugger
        + ofSecurity

    /// Calls from other places than `KdDebuggerInitialize1` (spec/boot.md sections 3.1 and 3.2).
    private static let tooEarly: [FaultScenario] = [
        FaultScenario(
            "early-phase-0", "IoCreateDriver is called from KdInitSystem(0), before there is any pool.",
            "early:IoCreateDriver@KdpCheckEarlyBreakIn",
            outcome:
                "The PRCB has no list of creation records yet: a fault with interrupts off, bugcheck 0x0A(0x0C, 0xFFFFFFFF, 0, …) (section 3.1 #9)."
        ),
        FaultScenario(
            "early-no-directory", "IoCreateDriver is called when the types exist and \\Driver does not.",
            "early:IoCreateDriver@IopCreateRootDirectories",
            outcome: "The driver object is made, cannot be inserted, and is deleted: 0xC000003A (section 3.1 #10)."),
        FaultScenario(
            "early-no-root", "A file is opened before Ob has made the root directory.", "early:ZwCreateFile@ObInitSystem",
            outcome: "A fault near address 0, and nobody who handles it: bugcheck 0x1E(0xC0000005, …) (section 3.2)."),
        FaultScenario(
            "premature-reinit", "A reinitialization routine is registered before the queues are made.",
            "early:IoRegisterBootDriverReinitialization",
            outcome: "A write through a NULL link with interrupts off: bugcheck 0x0A(0, 0xFFFFFFFF, 2, …) (section 3.1 #8)."),
    ]

    /// The HAL, and what the executive needs of the loader and of its own texts (spec/boot.md sections 1.6.1, 1.8 #3 to #9).
    private static let ofHardware: [FaultScenario] = [
        FaultScenario(
            "old-loader", "The loader's extension is not good enough.", "status:ExpIsLoaderValid:0",
            outcome: "Bugcheck 0x79(3, 0x84, 5, 2) (section 1.6 #1)."),
        FaultScenario(
            "no-acpi", "The HAL finds no ACPI tables.", "status:HalpSetupAcpiPhase0:0xC0000225",
            outcome: "Bugcheck 0xA5(0xC0000225) in the HAL's phase 0."),
        FaultScenario(
            "no-hal", "The HAL's phase 0 says no.", "status:HalInitSystem:0:1", outcome: "Bugcheck 0x5C (section 1.6 #6)."),
        FaultScenario(
            "no-bus-handlers", "No pool for the HAL's buses.", "pool:Hal @HaliRegisterBusHandler:1",
            outcome: "The HAL's phase 1 fails: bugcheck 0x61 (section 1.8 #3)."),
        FaultScenario(
            "no-banner", "The text of the banner is missing.", "status:RtlFindMessage@ExpDisplayBanner:0xC0000109",
            outcome: "Bugcheck 0x32(0xC0000109, 7) (section 1.8 #5)."),
        FaultScenario(
            "no-processor-text", "The text about processors and memory is missing.",
            "status:RtlFindMessage@ExpDisplayProcessors:0xC0000109",
            outcome: "Bugcheck 0x32(0xC0000109, 4) (section 1.8 #9)."),
    ]

    /// KDBinit's own breakpoint would enable KD in phase 4 already.
    private static let noScript = #"missing:\SystemRoot\System32\drivers\etc\KDBinit"#

    private static let onlyFile = #"DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE:\SystemRoot\nowhere\debug.log"#

    /// Failure paths of the providers (spec/kdbg.md section 7.5, spec/boot.md section 2.4).
    private static let ofProviders: [FaultScenario] = [
        FaultScenario(
            "no-log-ring", "No pool for the File provider's ring.", "pool:KDBG@KdpAllocateLogRing:1",
            outcome: "Phase 1 fails with STATUS_NO_MEMORY: mode bit off, unlinked, no log."),
        FaultScenario(
            "no-dmesg", "No pool for the ring of dmesg.", "pool:KDBG@KdpAllocateDmesg:1",
            outcome: "KDBG succeeds all the same; dmesg has nothing to show."),
        FaultScenario(
            "no-log-path", "The path of the log cannot be converted.",
            "status:RtlAnsiStringToUnicodeString@KdpOpenLogFile:STATUS_NO_MEMORY",
            outcome: "Phase 2 fails with that status, and everything is released: ring, mode bit, node."),
        FaultScenario(
            "log-refused", "The log file cannot be opened.", "status:NtCreateFile@KdpOpenLogFile:STATUS_ACCESS_DENIED",
            outcome: "Phase 2 fails with that status; 524288 bytes of tag KDBG are given back."),
        FaultScenario(
            "log-nowhere", "The log's folder does not exist, nor does KDBinit.", options: onlyFile,
            noScript,
            outcome: "Both ask in phases 2, 3 and 4; in phase 5 the log is given up and released, and the driver deleted."),
        FaultScenario(
            "log-nowhere-kept", "The same with ReactOS's defect.", options: onlyFile,
            noScript, "defect:keep-ring",
            outcome: "Nothing is released: ring, mode bit and node stay when the driver is gone."),
        FaultScenario(
            "no-log-thread", "The thread that writes the log cannot be made.",
            "status:PsCreateSystemThread@KdpStartLogger:STATUS_INSUFFICIENT_RESOURCES",
            outcome: "Phase 4 fails with that status; the file is closed and everything released."),
        FaultScenario(
            "no-uart", "KD's serial port is not there.", options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=SCREEN", "no-uart:COM1",
            outcome: "The Serial provider answers 0xC00000C0 in phase 0, is not registered, and its mode bit goes."),
        FaultScenario(
            "no-script", "There is no KDBinit.", needsScript: true, noScript,
            outcome: "KDBG asks again in phases 2 to 5, and the driver is deleted after round 4."),
        FaultScenario(
            "script-unreadable", "KDBinit cannot be read.", needsScript: true, "status:NtReadFile@KdbpReadInitFile:STATUS_IO_DEVICE_ERROR",
            outcome: "A line says so, the buffer is given back, and KDBG does not ask again."),
        FaultScenario(
            "no-script-pool", "No pool for KDBinit's text.", needsScript: true, "pool:KDBG@KdbpReadInitFile:1",
            outcome: "A line says so with STATUS_INSUFFICIENT_RESOURCES, and KDBG does not ask again."),
        FaultScenario(
            "hook-fails", "KD cannot become a driver.", "status:IoCreateDriver@KdpInitDriver:STATUS_INSUFFICIENT_RESOURCES",
            outcome: "The failure is printed, the HAL's routine is called, and no phase after 1 ever comes."),
    ]

    /// Files and disks.
    private static let ofVolume: [FaultScenario] = [
        FaultScenario(
            "full-volume", "There is no room on the boot volume.", "full-volume",
            outcome: "The log file is made, its writes fail unseen (KD ignores them), and it stays empty."),
        FaultScenario(
            "bad-boot-sector", "The first sector of the partition cannot be read.", "disk:63:read",
            outcome: "The volume cannot be mounted: bugcheck 0x7B(…, 0xC000009C)."),
        FaultScenario(
            "log-sector", "The first sector that is written cannot be.", "disk:#1:write",
            outcome: "Making the log file fails with STATUS_NONEXISTENT_SECTOR, and everything is released."),
        FaultScenario(
            "dangling-arc", "The boot device's ARC name leads nowhere.", "dangling-arc",
            outcome: "IopMarkBootPartition cannot open it: bugcheck 0x7B(…, 0xC0000034)."),
        FaultScenario(
            "no-file-system", "The boot volume's file system driver is missing.", #"missing:\SystemRoot\System32\drivers\fastfat.sys"#,
            outcome: "Nobody knows the volume, and RAW may not have the one the system starts from: bugcheck 0x7B(…, 0xC000014F)."),
        FaultScenario(
            "no-raw", "RAW, the first driver, cannot be made.", "status:IoCreateDriver@IopCreateRawDriver:STATUS_INSUFFICIENT_RESOURCES",
            outcome: "IopInitializeBootDrivers returns silently, no boot driver starts: bugcheck 0x7B."),
        FaultScenario(
            "io-init-fails", "IoInitSystem cannot have its reserve request.", "status:IopInitializeReserveIrp:0",
            outcome: "IoInitSystem returns FALSE: bugcheck 0x69."),
    ]

    /// The last steps of phase 1 (spec/boot.md section 1.8 #33 to #37).
    private static let ofSessionManager: [FaultScenario] = [
        FaultScenario(
            "no-ntdll", "There is no ntdll.dll.", #"missing:\SystemRoot\System32\ntdll.dll"#,
            outcome: "PsLocateSystemDll fails, IoInitSystem returns FALSE: bugcheck 0x69 (section 1.9 #26)."),
        FaultScenario(
            "no-ntdll-section", "No pool for what the headers of ntdll.dll say.", "pool:MmIi@MiBuildImageSegment:1",
            outcome: "The same with STATUS_INSUFFICIENT_RESOURCES."),
        FaultScenario(
            "no-ntdll-entry", "ntdll.dll does not export an entry point that the kernel needs.",
            "status:PspLookupKernelUserEntryPoints:0xC0000139",
            outcome: "PspInitPhase1 returns FALSE: bugcheck 0x6B (section 1.8 #33)."),
        FaultScenario(
            "no-process-phase-1", "The process manager's phase 1 says no.", "status:PspInitPhase1:0",
            outcome: "Bugcheck 0x6B (section 1.8 #33)."),
        FaultScenario(
            "no-smss-parameters", "No pool for the session manager's parameters.", "pool:Init@ExpLoadInitialProcess:1",
            outcome: "Bugcheck 0x6D(0xC000009A)."),
        FaultScenario(
            "no-smss-environment", "No pool for the session manager's environment.", "pool:Init@ExpLoadInitialProcess:2",
            outcome: "Bugcheck 0x6E(0xC000009A)."),
        FaultScenario(
            "no-smss", "There is no session manager.", #"missing:\SystemRoot\System32\smss.exe"#, outcome: "Bugcheck 0x6F(0xC0000034)."),
        FaultScenario(
            "smss-stays-suspended", "The session manager's thread cannot be resumed.",
            "status:NtResumeThread@ExpLoadInitialProcess:STATUS_ACCESS_DENIED", outcome: "Bugcheck 0x70(0xC0000022)."),
    ]

    /// KD enabled at the wrong time (spec/boot.md section 1.3, "The KdInitSystem(0, NULL) case").
    private static let ofDebugger: [FaultScenario] = [
        FaultScenario(
            "unexpected-break", "A breakpoint while KD is disabled and may enable itself.", options: "DEBUG=AUTOENABLE DEBUGPORT=COM1",
            "early:DbgBreakPoint", outcome: "KdpStub calls KdEnableDebugger, that KdInitSystem(0, NULL), and KD takes the breakpoint."),
        FaultScenario(
            "late-break", "The same when the loader block is gone.", options: "DEBUG=AUTOENABLE DEBUGPORT=COM1",
            "early:DbgBreakPoint@MmZeroPageThread", noScript, outcome: "A banner of three lines: memory and options are not known any more."
        ),
        FaultScenario(
            "late-break-defect", "The same with ReactOS's defect.", options: "DEBUG=AUTOENABLE DEBUGPORT=COM1",
            "early:DbgBreakPoint@MmZeroPageThread", "defect:banner-loader", noScript,
            outcome: "The banner reads the loader block at 0: a fault inside KD's own start, and a crash."),
        FaultScenario(
            "reenable", "KD is disabled and enabled again.", "early:KdEnableDebugger",
            outcome: "Phase 0 of all providers runs again; registering twice changes nothing."),
        FaultScenario(
            "reenable-defect", "The same with ReactOS's defect and several providers.", "early:KdEnableDebugger", "defect:register-twice",
            outcome: "All entries are linked again in the same order, which happens to give the same list."),
        FaultScenario(
            "one-provider-circle", "The same with one provider, KDBG.", options: "DEBUG DEBUGPORT=COM1", "no-uart:COM1",
            "early:KdEnableDebugger", "defect:register-twice",
            outcome:
                "KDBG's node points to itself: the next walk over KdProviders, in round 1, never ends. Interrupt it, then bt and !providers."
        ),
        FaultScenario(
            "crash-enables", "A crash with CRASHDEBUG.", options: "CRASHDEBUG DEBUGPORT=COM1", "early:IoCreateDriver",
            outcome: "The blue screen's path calls KdInitSystem(0, NULL): KD starts when everything is over."),
    ]
}
