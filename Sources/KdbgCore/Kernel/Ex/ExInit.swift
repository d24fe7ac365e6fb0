// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Phase 0 of the executive, on the idle thread at APC_LEVEL (spec/boot.md section 1.6).
extension Ex {
    /// `ExpInitializationPhase`: 0, 1, 2.
    package static let initializationPhase: Global = .init("ExpInitializationPhase")
    static let inTextModeSetup: Global = .init("ExpInTextModeSetup")
    static let remoteBootClient: Global = .init("IoRemoteBootClient")
    static let nlsTableBase: Global = .init("ExpNlsTableBase")
    /// Bytes.
    static let nlsTableSize: Global = .init("ExpNlsTableSize")
    static let systemRoot: GlobalStructure<UNICODE_STRING> = .init("NtSystemRoot")
    /// `C:\ReactOS` in UTF-16, in the kernel's own memory.
    static let systemRootBuffer: Global = .init("NtSystemRootBuffer", size: 520)
    /// What the registry will have as the service pack's name.
    static let csdVersionString: GlobalStructure<UNICODE_STRING> = .init("CmCSDVersionString")
    static let versionString: Global = .init("CmVersionString", size: 32)

    static let initializeExecutive: Routine = .init(
        "ExpInitializeExecutive", ["Cpu", "LoaderBlock"], section: .initialization,
        step: .init(
            "1.5 #11", "Executive, phase 0",
            "HAL, memory, objects, security and processes get what they need to exist at all. Its last act is a thread that runs phase 1."
        )
    ) { f in
        let loader = f.argument(1)
        f.if(f.call(isLoaderValid, loader) == 0) {
            let block = f.local(f.argument(1, LOADER_PARAMETER_BLOCK.self).Extension)
            f.call(Ke.bugCheckEx, 0x79, 3, block.Size, block.MajorVersion, block.MinorVersion)
        }
        f.call(initPoolLookasidePointers)
        f.call(readSetupFlags, loader)
        f.call(readMemoryOptions, loader)
        f.call(locateNlsTables, loader)
        f.if((f.call(Hal.initSystem, 0, loader) & 0xFF) == 0) { f.call(Ke.bugCheck, 0x5C) }
        f.call(enableInterrupts)
        f.call(setGlobalFlags)
        f.if(f.call(setSystemRoot, loader).isError) { f.call(Ke.bugCheck, 0x6F) }
        f.call(initializeBugCheck)
        f.call(Cm.getSystemControlValues, f.argument(1, LOADER_PARAMETER_BLOCK.self).RegistryBase, Cm.controlVector)
        f.if(f.call(initSystem, 0) == 0) { f.call(Ke.bugCheck, 0x31) }
        f.if(f.call(Mm.armInitSystem, 0, loader) == 0) { f.call(Ke.bugCheck, 0x31) }
        f.call(loadBootSymbols, loader)
        f.call(breakAfterSymbolLoad)
        f.call(headlessInit, loader)
        f.call(initNls)
        f.call(setVersionStrings)
        f.call(initializeHandleTables)
        f.call(initializeServiceCounts)
        f.if((f.call(Ob.initSystem) & 0xFF) == 0) { f.call(Ke.bugCheck, 0x5E) }
        f.if((f.call(Se.initSystem) & 0xFF) == 0) { f.call(Ke.bugCheck, 0x5F) }
        f.if((f.call(Ps.initSystem, loader) & 0xFF) == 0) { f.call(Ke.bugCheck, 0x60) }
        f.if(f.call(Misc.ppInitSystem, loader) == 0) { f.call(Ke.bugCheck, 0x8F) }
        f.call(Misc.dbgkInitialize)
        f.call(publishVersion)
        f.return()
    }

    static let isLoaderValid: Routine = .bootStep(
        "1.6 #1", "ExpIsLoaderValid", ["LoaderBlock"], "Is the loader ours?",
        "An extension that is too short or older than 5.2 is bugcheck 0x79(3)."
    ) { f in
        let block = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).Extension)
        f.if(block.Size < 0x58 || block.MajorVersion < 5) { f.return(0) }
        f.return(block.MajorVersion > 5 || block.MinorVersion >= 2)
    }

    static let readSetupFlags: Routine = .bootStep(
        "1.6 #3", "ExpReadSetupFlags", ["LoaderBlock"], "Setup?",
        "Text-mode setup is recognised by the setup loader block; the phase becomes 0."
    ) { f in
        let setup = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).SetupLdrBlock)
        f.set(inTextModeSetup.dword, 0)
        f.set(remoteBootClient.dword, 0)
        f.if(setup.isNotNull) {
            f.set(inTextModeSetup.dword, setup.Flags & 1)
            f.set(remoteBootClient.dword, (setup.Flags >> 1) & 1)
        }
        f.set(initializationPhase.dword, 0)
        f.return()
    }

    static let readMemoryOptions: Routine = .bootStep(
        "1.6 #4", "ExpReadMemoryOptions", ["LoaderBlock"], "PERFMEM, BURNMEMORY",
        "BURNMEMORY=n takes n MiB off the end of the free memory: its descriptors are retyped to LoaderBad."
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        f.if(loader.LoadOptions == 0) { f.return() }
        let option = f.call(Rtl.strstr, loader.LoadOptions, f.text("BURNMEMORY="))
        f.if(option == 0) { f.return() }
        let digit = f.local(option + 11)
        let pages = f.local(0)
        f.while(digit.byte() >= 0x30 && digit.byte() <= 0x39) {
            f.set(pages, pages * 10 + digit.byte() - 0x30)
            f.add(digit, 1)
        }
        f.set(pages, pages << 8)
        let entry = f.local(loader.MemoryDescriptorListHead.Blink.value)
        f.while(entry != loader.MemoryDescriptorListHead.value && pages != 0) {
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(descriptor.MemoryType == 2) {
                f.if(descriptor.PageCount > pages) {
                    f.set(descriptor.PageCount, descriptor.PageCount - pages)
                    f.set(pages, 0)
                } else: {
                    f.set(pages, pages - descriptor.PageCount)
                    f.set(descriptor.MemoryType, 3)
                }
            }
            f.set(entry, entry.as(LIST_ENTRY.self).Blink)
        }
        f.return()
    }

    static let locateNlsTables: Routine = .bootStep(
        "1.6 #5", "ExpLocateNlsTables", ["LoaderBlock"], "Code pages",
        "The address of the loader's code-page tables and their offsets are kept; this loader brings none."
    ) { f in
        let tables = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).NlsData)
        f.set(nlsTableBase.dword, tables.AnsiCodePageData)
        f.set(oemCodePageOffset.dword, tables.OemCodePageData - tables.AnsiCodePageData)
        f.set(unicodeCaseTableOffset.dword, tables.UnicodeCodePageData - tables.AnsiCodePageData)
        f.return()
    }

    static let oemCodePageOffset: Global = .init("ExpOemCodePageDataOffset")
    static let unicodeCaseTableOffset: Global = .init("ExpUnicodeCaseTableDataOffset")

    static let enableInterrupts: Routine = .bootStep(
        "1.6 #7", "ExpEnableInterrupts", [], "Enable interrupts", "EFLAGS.IF is set, which the HAL's PIC initialisation did already."
    ) { f in
        f.asm { a in a.sti() }
        f.return()
    }

    static let setGlobalFlags: Routine = .bootStep(
        "1.6 #8", "ExpSetGlobalFlags", [], "Global flags",
        "A checked kernel raises exceptions on bad handles (0x400000) and reports kernel symbol loads (0x40000)."
    ) { f in
        f.set(Ke.ntGlobalFlag.dword, Ke.ntGlobalFlag.dword | 0x44_0000)
        f.return()
    }

    static let setSystemRoot: Routine = .bootStep(
        "1.6 #9", "ExpSetSystemRoot", ["LoaderBlock"], "NtSystemRoot",
        "C: and the boot path without its last backslash, as user mode will see it; bugcheck 0x6F when there is no room for it."
    ) { f in
        f.set(systemRoot.Length, 0)
        f.set(systemRoot.MaximumLength, systemRootBuffer.size)
        f.set(systemRoot.Buffer, systemRootBuffer)
        f.call(Rtl.appendUnicodeToString, systemRoot, f.wide("C:"))
        let status = f.local(f.call(Rtl.appendAnsiToString, systemRoot, f.argument(0, LOADER_PARAMETER_BLOCK.self).NtBootPathName))
        f.if(status.isError) { f.return(status) }
        f.set(systemRoot.Length, systemRoot.Length - 2)
        f.set((systemRootBuffer.value + systemRoot.Length).word(), 0)
        f.copy(to: Ke.sharedUserData.address(of: \.NtSystemRoot), from: systemRootBuffer, 520)
        f.return(status)
    }

    static let initializeBugCheck: Routine = .bootStep(
        "1.6 #10", "KiInitializeBugCheck", [], "Bugcheck messages",
        "The table of bugcheck texts would be located here; KeBugCheckEx works from now on."
    ) { f in
        f.set(Ke.bugCheckCount.dword, 0)
        f.return()
    }

    static let loadBootSymbols: Routine = .bootStep(
        "1.6 #14", "ExpLoadBootSymbols", ["LoaderBlock"], "Symbols of boot images",
        "The debugger hears of every boot image from the third on, kdcom.dll first; kernel and HAL were announced by KdInitSystem."
    ) { f in
        let count = f.local(0)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            f.add(count, 1)
            f.if(count > 2) { f.call(Kd.notifyImage, module) }
        }
        f.return()
    }

    static let breakAfterSymbolLoad: Routine = .bootStep(
        "1.6 #15", "ExpBreakAfterSymbolLoad", [], "Break after symbols?",
        "If a break-in was pending when KD started, the debugger is entered now."
    ) { f in
        f.if(Kd.breakAfterSymbolLoad.byte != 0) { f.call(Rtl.dbgBreakPointWithStatus, 1) }
        f.return()
    }

    static let headlessInit: Routine = .bootStep(
        "1.6 #16", "HeadlessInit", ["LoaderBlock"], "Headless console",
        "A loader that offers an emergency console would have it taken over; ours does not."
    ) { f in
        f.return(f.argument(0, LOADER_PARAMETER_BLOCK.self).Extension.HeadlessLoaderBlock)
    }

    static let initNls: Routine = .bootStep(
        "1.6 #17", "ExpInitNls", [], "Code pages to pool",
        "Pool works; room for the code-page tables is taken from it. The loader brought none to copy."
    ) { f in
        f.set(Ke.sharedUserData.value.dword(0x2B4), 0x7FFE_FFFF as Value)
        f.set(Ke.sharedUserData.value.dword(0x2B8), 0x8000_0000 as Value)
        f.set(nlsTableSize.dword, 0x200)
        let table = f.call(allocatePoolWithTag, 0, nlsTableSize.dword, Value.tag("Init"))
        f.if(table == 0) { f.call(Ke.bugCheck, 0x31) }
        f.zero(table, nlsTableSize.dword)
        f.set(nlsTableBase.dword, table)
        f.return()
    }

    static let setVersionStrings: Routine = .bootStep(
        "1.6 #18", "ExpSetVersionStrings", [], "Version strings",
        "CmVersionString becomes 5.2, CmCSDVersionString Service Pack 2: a copy in paged pool, without which it is bugcheck 0x31."
    ) { f in
        let status = f.call(Rtl.duplicateUnicodeString, csdVersionString, f.unicode("Service Pack 2"), Value.tag("CmCS"))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x31, status, 0, 0, 0) }
        f.copy(to: versionString, from: f.text("5.2"), 4)
        f.return()
    }

    static let handleTableList: GlobalStructure<LIST_ENTRY> = Global.listHead("HandleTableListHead")

    static let initializeHandleTables: Routine = .bootStep(
        "1.6 #19", "ExpInitializeHandleTables", [], "Handle tables", "The list of all handle tables starts empty."
    ) { f in
        f.initializeListHead(handleTableList.value)
        f.return()
    }

    static let serviceCounts: Global = .init("KiServiceCallCounts", size: 296 * 4)

    static let initializeServiceCounts: Routine = .bootStep(
        "1.6 #20", "ExpInitializeServiceCounts", [], "Service call counts",
        "A checked kernel counts how often each of its 296 services is called."
    ) { f in
        f.zero(serviceCounts, 296 * 4)
        f.return()
    }

    static let publishVersion: Routine = .bootStep(
        "1.6 #26", "ExpPublishVersion", [], "Version for user mode",
        "Tick multiplier, version 5.2, the kind of product and machine type 0x14C go into shared user data."
    ) { f in
        // Milliseconds of a tick, with 24 bits behind the point.
        f.set(Ke.sharedUserData.TickCountMultiplier, (Ke.timeIncrement * 256 / 10_000) << 16)
        // NtProductWinNt, which is what the registry says.
        f.set(Ke.sharedUserData.NtProductType, 1)
        f.set(Ke.sharedUserData.NtMajorVersion, 5)
        f.set(Ke.sharedUserData.NtMinorVersion, 2)
        f.set(Ke.sharedUserData.ImageNumberLow, 0x14C)
        f.set(Ke.sharedUserData.ImageNumberHigh, 0x14C)
        f.return()
    }

    static let resourceList: GlobalStructure<LIST_ENTRY> = Global.listHead("ExpSystemResourcesList")

    private static let firmwareTableList: GlobalStructure<LIST_ENTRY> = .init("ExpFirmwareTableProviderListHead")

    /// `ExInitSystem(Phase) -> BOOLEAN`.
    static let initSystem: Routine = .init("ExInitSystem", ["Phase"], section: .initialization) { f in
        f.if(f.argument(0) != 0) { f.return(f.call(initSystemPhase1)) }
        f.call(initSystemPhase0)
        f.return(1)
    }

    static let initSystemPhase0: Routine = .bootStep(
        "1.6 #12", "ExpInitSystemPhase0", [], "Resources and lookaside lists",
        "The lists of all ERESOURCEs, lookaside lists and providers of firmware tables start empty."
    ) { f in
        for head in [
            resourceList, nonPagedLookasideList, pagedLookasideList, poolLookasideList, systemLookasideList, firmwareTableList,
        ] {
            f.initializeListHead(head.value)
        }
        f.call(initializeSmallPoolLists)
        f.return()
    }

    static let initSystemPhase1: Routine = .init(
        "ExpInitSystemPhase1", section: .initialization,
        step: .init(
            "1.8 #11", "Executive, phase 1",
            "Worker threads start; the object types Event, Semaphore, Mutant, Timer, Callback and their kin come into being, and \\Callback with the system's three callbacks."
        )
    ) { f in
        f.if(f.call(initializeObjectTypes) == 0) { f.return(0) }
        f.if(f.call(initializeCallbacks) == 0) { f.return(0) }
        f.call(initializeWorkerThreads)
        f.return(1)
    }
}
