// SPDX-License-Identifier: GPL-3.0-or-later

/// The system DLL, `ntdll.dll`: its section, which every process maps, and the entry points that the kernel uses (spec/boot.md sections 1.8 #33, 1.9 #26).
extension Ps {
    /// The section object, with a reference.
    package static let systemDllSection: Global = .init("PspSystemDllSection")
    /// Where the System process has it, and every other process too.
    package static let systemDllBase: Global = .init("PspSystemDllBase")
    /// `LdrInitializeThunk`, the first thing user threads run.
    package static let systemDllEntryPoint: Global = .init("PspSystemDllEntryPoint")
    /// `RtlUserThreadStart`; 0 in a system DLL that does not have it.
    package static let userThreadStart: Global = .init("PspUserThreadStart")

    private static let path = #"\SystemRoot\System32\ntdll.dll"#

    static let locateSystemDll: Routine = .init(
        "PsLocateSystemDll", section: .initialization,
        step: .init(
            "1.9 #26", "ntdll.dll",
            """
            \\SystemRoot\\System32\\ntdll.dll is opened and checked, a section of it as an image is made (PspSystemDllSection), and the System process maps it (PspSystemDllBase), so that \
            the kernel can look things up in it. A file that is missing or no image for this machine makes IoInitSystem answer FALSE: bugcheck 0x69.
            """)
    ) { f in
        let status = f.local(f.call(createImageSection, f.unicode(path), systemDllSection))
        f.if(status.isSuccess) { f.set(status, f.call(mapSystemDll, initialSystemProcess.dword, systemDllBase)) }
        f.if(status.isError) { f.print("PsLocateSystemDll: ntdll.dll cannot be used, status 0x%08lx\n", status) }
        f.return(status)
    }

    /// `PspCreateImageSection(FileName*, Section**) -> status`: a section of a program file, by a handle that is closed again; the caller has a reference.
    static let createImageSection: Routine = .init("PspCreateImageSection", ["FileName", "Section"]) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let file = f.local(0)
        let handle = f.local(0)
        f.set(f.argument(1).dword(), 0)
        // FILE_EXECUTE | SYNCHRONIZE; shared for reading and deleting; NON_DIRECTORY_FILE | SYNCHRONOUS_IO_NONALERT.
        let status = f.local(f.call(Io.ntOpenFile, f.address(of: file), 0x0010_0020, attributes, result, 5, 0x60))
        f.if(status.isError) { f.return(status) }
        let unnamed = f.objectAttributes(Value(0), ObjectAttribute.kernelHandle)
        // SECTION_ALL_ACCESS; PAGE_EXECUTE.
        f.set(status, f.call(Mm.zwCreateSection, f.address(of: handle), 0xF_001F, unnamed, 0, 0x10, SectionAttribute.image, file))
        f.call(Ob.ntClose, file)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0xF_001F, Mm.sectionObjectType.dword, 0, f.argument(1), 0))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `PspMapSystemDll(Process*, Base**) -> status`: the system DLL in a process that has nothing at its place yet. 0xC0000018: elsewhere it would be of no use, as the kernel's entry
    /// points are those of its base.
    static let mapSystemDll: Routine = .init("PspMapSystemDll", ["Process", "Base"]) { f in
        let base = f.local(0)
        let status = f.local(f.call(mapImage, systemDllSection.dword, f.argument(0), f.address(of: base)))
        f.if(status.isSuccess && systemDllBase.dword != 0 && systemDllBase.dword != base) { f.set(status, Status.conflictingAddresses) }
        f.if(status.isSuccess && f.argument(1) != 0) { f.set(f.argument(1).dword(), base) }
        f.return(status)
    }

    /// `PspMapImage(Section*, Process*, Base**) -> status`: a view of all of an image, where it is linked for if that is free.
    static let mapImage: Routine = .init("PspMapImage", ["Section", "Process", "Base"]) { f in
        let size = f.local(0)
        f.set(f.argument(2).dword(), 0)
        // ViewUnmap; PAGE_READWRITE, which means nothing here.
        f.return(
            f.call(Mm.mapViewOfSection, f.argument(0), f.argument(1), f.argument(2), 0, 0, 0, f.address(of: size), 2, 0, 4))
    }

    /// The exports that the kernel cannot do without, and where it keeps them.
    private static let entryPoints: [(name: String, cell: Global)] = [
        ("LdrInitializeThunk", systemDllEntryPoint), ("KiUserApcDispatcher", Ke.userApcDispatcher),
        ("KiUserExceptionDispatcher", Ke.userExceptionDispatcher), ("KiUserCallbackDispatcher", Ke.userCallbackDispatcher),
        ("KiRaiseUserExceptionDispatcher", Ke.raiseUserExceptionDispatcher),
    ]

    static let initSystemPhase1: Routine = .init(
        "PspInitPhase1", section: .initialization,
        step: .init(
            "1.8 #33", "Processes, phase 1",
            """
            The kernel looks up where user mode is entered in ntdll: KiUserApcDispatcher (KeUserApcDispatcher), KiUserExceptionDispatcher, KiUserCallbackDispatcher, \
            KiRaiseUserExceptionDispatcher, and LdrInitializeThunk, which every user thread runs first. One that is not exported is bugcheck 0x6B.
            """)
    ) { f in
        f.if(f.call(lookupEntryPoints).isError) { f.return(0) }
        f.return(1)
    }

    /// `PspLookupKernelUserEntryPoints() -> status`: in the System process, whose view of the DLL nobody has written to. 0xC0000139: one is missing, the debug log says which.
    private static let lookupEntryPoints: Routine = .init("PspLookupKernelUserEntryPoints", section: .initialization) { f in
        for (name, cell) in entryPoints {
            f.call(lookupEntryPoint, f.text(name), cell)
            f.if(cell.dword == 0) {
                f.print("PspLookupKernelUserEntryPoints: ntdll.dll does not export %s\n", f.text(name))
                f.return(Status.entrypointNotFound)
            }
        }
        // Not in every NT 5.2.
        f.call(lookupEntryPoint, f.text("RtlUserThreadStart"), userThreadStart)
        f.return(Status.success)
    }

    /// `PspLookupSystemDllEntryPoint(Name, Address**)`: 0 for what is not exported.
    private static let lookupEntryPoint: Routine = .init(
        "PspLookupSystemDllEntryPoint", ["Name", "EntryPoint"], section: .initialization
    ) { f in
        f.set(f.argument(1).dword(), f.call(Rtl.findExportedRoutineByName, systemDllBase.dword, f.argument(0)))
        f.return()
    }
}
