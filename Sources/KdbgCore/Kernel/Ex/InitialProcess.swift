// SPDX-License-Identifier: GPL-3.0-or-later

/// The session manager is started and given five seconds to fail (spec/boot.md section 1.8 #36 and #37).
extension Ex {
    /// Where things are in the address space of the first process.
    private enum Layout {
        static let environment: UInt32 = 0x0001_0000
        static let parameters: UInt32 = 0x0002_0000
        static let stackTop: UInt32 = 0x0004_0000
        static let stackPages: UInt32 = 4
        static let teb: UInt32 = 0x7FFD_E000
        static let peb: UInt32 = 0x7FFD_F000
    }

    /// The kernel's handles of the first process and its thread, and the process.
    static let initialProcess: Global = .init("ExpInitialProcess")
    private static let initialThreadHandle: Global = .init("ExpInitialThreadHandle")
    private static let path = #"\SystemRoot\System32\smss.exe"#

    static let loadInitialProcess: Routine = .bootStep(
        "1.8 #36", "ExpLoadInitialProcess", [], "Session manager",
        """
        A section of smss.exe is made, and a process of it: with views of ntdll and of the program, PEB and TEB, parameters, environment, stack, and a thread. That goes to ring 3, first to \
        LdrInitializeThunk in ntdll, which lists the images in PEB.Ldr and connects the program's imports, then to the program. Bugcheck 0x6D and 0x6E when there is no memory for \
        parameters and environment, 0x6F when the file or the process cannot be had, 0x70 when the thread does not start.
        """
    ) { f in
        let parameters = f.local(f.call(allocatePoolWithTag, 1, 0x1000, Value.tag("Init")))
        f.if(parameters == 0) { f.call(Ke.bugCheckEx, 0x6D, Status.insufficientResources, 0, 0, 0) }
        let environment = f.local(f.call(allocatePoolWithTag, 1, 0x1000, Value.tag("Init")))
        f.if(environment == 0) { f.call(Ke.bugCheckEx, 0x6E, Status.insufficientResources, 0, 0, 0) }
        f.call(buildParameters, parameters)
        f.call(buildEnvironment, environment)
        let status = f.local(f.call(createInitialProcess, parameters, environment))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x6F, status, 0, 0, 0) }
        f.call(freePoolWithTag, parameters, Value.tag("Init"))
        f.call(freePoolWithTag, environment, Value.tag("Init"))
        f.set(status, f.call(Ps.ntResumeThread, initialThreadHandle.dword, 0))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x70, status, 0, 0, 0) }
        f.call(Ob.ntClose, initialThreadHandle.dword)
        f.return(status)
    }

    /// `ExpBuildProcessParameters(Buffer)`: an RTL_USER_PROCESS_PARAMETERS whose strings follow it, with the addresses it will have.
    private static let buildParameters: Routine = .init("ExpBuildProcessParameters", ["Buffer"], section: .initialization) { f in
        let buffer = f.argument(0)
        f.zero(buffer, 0x1000)
        f.set(buffer.dword(0), 0x1000)
        f.set(buffer.dword(4), 0x400)
        // Normalized: its pointers are addresses.
        f.set(buffer.dword(8), 1)
        f.set(buffer.dword(0x48), Layout.environment)
        let end = f.local(0x290)
        for (field, text) in [(0x24, #"\SystemRoot\"#), (0x30, #"\SystemRoot\System32"#), (0x38, path), (0x40, path)] as [(Int32, String)] {
            let bytes = UInt32(2 * text.utf16.count)
            f.set((buffer + Value(Int(field))).word(), bytes)
            f.set((buffer + Value(Int(field))).word(2), bytes + 2)
            f.set((buffer + Value(Int(field))).dword(4), end + Value(Layout.parameters))
            f.copy(to: buffer + end, from: f.wide(text), bytes + 2)
            f.add(end, Value((bytes + 5) & ~3))
        }
        f.return()
    }

    /// `ExpBuildEnvironment(Buffer)`: zero-terminated strings, and another zero.
    private static let buildEnvironment: Routine = .init("ExpBuildEnvironment", ["Buffer"], section: .initialization) { f in
        let text = "Path=C:\\ReactOS\\System32\0SystemDrive=C:\0SystemRoot=C:\\ReactOS\0"
        f.zero(f.argument(0), 0x1000)
        f.copy(to: f.argument(0), from: f.wide(text), UInt32(2 * text.utf16.count))
        f.return()
    }

    /// `ExpCreateInitialProcess(Parameters*, Environment*) -> status`: process, address space, thread. What cannot be completed gives everything back.
    private static let createInitialProcess: Routine = .init(
        "ExpCreateInitialProcess", ["Parameters", "Environment"], section: .initialization
    ) { f in
        let process = f.local(0)
        let status = f.local(f.call(Ps.createImageProcess, f.unicode(path), f.address(of: process)))
        f.if(status.isError) { f.return(status) }
        f.call(Ke.attachProcess, process)
        f.set(status, f.call(fillInitialProcess, process, f.argument(0), f.argument(1)))
        f.call(Ke.detachProcess)
        f.if(status.isSuccess) {
            let entry = f.call(Ps.imageEntryPoint, process)
            f.set(status, f.call(Ps.createUserThread, process, entry, Layout.stackTop - 8, Layout.teb, initialThreadHandle))
        }
        f.if(status.isError) {
            f.call(Ps.abandonProcess, process)
            f.return(status)
        }
        f.call(fillClientId, process)
        // One reference stays with ExpInitialProcess.
        f.set(initialProcess.dword, process)
        f.return(status)
    }

    /// `ExpFillInitialProcess(Process*, Parameters*, Environment*) -> status`, in the context of the process, which has its images: PEB, TEB, stack, and what comes
    /// with them.
    private static let fillInitialProcess: Routine = .init(
        "ExpFillInitialProcess", ["Process", "Parameters", "Environment"], section: .initialization
    ) { f in
        let process = f.argument(0, EPROCESS.self)
        for (address, pages) in [
            (Layout.environment, 1), (Layout.parameters, 1), (Layout.stackTop - Layout.stackPages * 0x1000, Layout.stackPages),
            (Layout.teb, 2),
        ] as [(UInt32, UInt32)] {
            // A program may be linked for an address that is needed here.
            f.if(f.call(Mm.reservePrivateMemory, address, pages, 4) == 0) { f.return(Status.conflictingAddresses) }
            f.if(f.call(Mm.mapUserPages, address, pages) == 0) { f.return(Status.insufficientResources) }
        }
        f.if(f.call(Mm.mapSharedUserData) == 0) { f.return(Status.insufficientResources) }
        f.call(Mm.reservePrivateMemory, Mm.userSharedData, 16, 1)
        f.copy(to: Layout.environment, from: f.argument(2), 0x1000)
        f.copy(to: Layout.parameters, from: f.argument(1), 0x1000)
        let codePages = f.local(0)
        f.if(f.call(mapNlsSection, process, f.address(of: codePages)).isError) { f.return(Status.insufficientResources) }
        let peb = Value(Layout.peb)
        // The tables of ANSI, OEM and case, one behind the other.
        f.set(peb.dword(0x58), codePages)
        f.set(peb.dword(0x5C), codePages + oemCodePageOffset.dword)
        f.set(peb.dword(0x60), codePages + unicodeCaseTableOffset.dword)
        f.set(peb.dword(0x08), process.SectionBaseAddress)
        f.set(peb.dword(0x10), Layout.parameters)
        f.set(peb.dword(0x64), Ke.numberProcessors.dword)
        f.set(peb.dword(0x68), Ke.ntGlobalFlag.dword)
        f.set(peb.dword(0xA4), 5)
        f.set(peb.dword(0xA8), 2)
        f.set(peb.word(0xAC), 3790)
        f.set(peb.dword(0xB0), 2)
        f.set(process.Peb, peb)
        // The entry point is called with the PEB, from nowhere.
        let stack = Value(Layout.stackTop)
        f.set(stack.dword(-4), peb)
        let teb = Value(Layout.teb)
        f.set(teb.dword(0x00), 0xFFFF_FFFF as UInt32)
        f.set(teb.dword(0x04), stack)
        f.set(teb.dword(0x08), Layout.stackTop - Layout.stackPages * 0x1000)
        f.set(teb.dword(0x18), teb)
        f.set(teb.dword(0x20), process.UniqueProcessId)
        f.set(teb.dword(0x30), peb)
        f.return(Status.success)
    }

    /// `ExpFillClientId(Process*)`: the thread's id in its TEB.
    private static let fillClientId: Routine = .init("ExpFillClientId", ["Process"], section: .initialization) { f in
        let first = f.argument(0, EPROCESS.self).ThreadListHead.value.dword()
        let thread = f.local(Pointer<ETHREAD>.containing(first, as: \.ThreadListEntry))
        f.call(Ke.attachProcess, f.argument(0))
        f.set(Value(Layout.teb).dword(0x24), thread.address(of: \.Cid).dword(4))
        f.call(Ke.detachProcess)
        f.return()
    }

    static let waitForInitialProcess: Routine = .bootStep(
        "1.8 #37", "ExpWaitForInitialProcess", [], "Five seconds of grace",
        "Phase 1 waits five seconds for the session manager to end, which would be bugcheck 0x71. It is the first long wait of the priority-31 thread: the session manager, worker threads and the log writer get their turn."
    ) { f in
        let timeout = f.structure(LARGE_INTEGER.self)
        f.set(timeout.LowPart, (0 as UInt32) &- 50_000_000)
        f.set(timeout.HighPart, 0xFFFF_FFFF as Value)
        let status = f.call(Ke.waitForSingleObject, initialProcess.dword, 0, 0, 0, timeout)
        f.if(status == Status.success) { f.call(Ke.bugCheckEx, 0x71, status, 0, 0, 0) }
        f.return()
    }
}
