// SPDX-License-Identifier: GPL-3.0-or-later

/// Processes (spec/boot.md sections 1.6 #23, 1.7, 1.8 #33).
extension Ps {
    /// `PsInitSystem(LoaderBlock*) -> BOOLEAN`: what is due in this phase of start-up. Bugcheck 0x33(1, phase, 0, 0) in a phase that has nothing for it.
    package static let initSystem: Routine = .init("PsInitSystem", ["LoaderBlock"], section: .page) { f in
        f.if(Ex.initializationPhase.dword == 0) { f.return(f.call(initPhase0, f.argument(0))) }
        f.if(Ex.initializationPhase.dword == 1) { f.return(f.call(initSystemPhase1)) }
        f.call(Ke.bugCheckEx, 0x33, 1, Ex.initializationPhase.dword, 0, 0)
        f.return(0)
    }

    static let initPhase0: Routine = .init(
        "PspInitPhase0", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.6 #23", "Processes, phase 0",
            "The types Process, Thread and Job, the Idle and the System process, and, last, the thread that will run Phase1Initialization. It cannot run yet: the idle thread still has priority 31."
        )
    ) { f in
        f.if(f.call(createType, f.unicode("Process"), EPROCESS.size, deleteProcess, processType).isError) { f.return(0) }
        f.if(f.call(createType, f.unicode("Thread"), ETHREAD.size, deleteThread, threadType).isError) { f.return(0) }
        f.if(f.call(createType, f.unicode("Job"), 0x10, 0, jobType).isError) { f.return(0) }
        f.if(f.call(createCidTable) == 0) { f.return(0) }
        f.initializeListHead(activeProcessHead.value)
        f.set(idleProcess.dword, Ke.initialProcess)
        f.copy(to: Ke.initialProcess.ImageFileName, from: f.text("Idle"), 5)
        f.initializeListHead(Ke.initialProcess.ThreadListHead.value)
        f.call(createSystemProcess)
        let handle = f.local(0)
        let status = f.call(createSystemThread, f.address(of: handle), 0x1F_03FF, 0, 0, 0, Ex.phase1Initialization, f.argument(0))
        f.if(status.isError) { f.return(0) }
        f.call(Ob.ntClose, handle)
        f.return(1)
    }

    /// `PspCreateType(Name*, BodySize, DeleteProcedure, Type**) -> status`: a type in nonpaged pool.
    static let createType: Routine = .init(
        "PspCreateType", ["Name", "BodySize", "DeleteProcedure", "Type"], section: .initialization
    ) { f in
        let initializer = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.zero(initializer, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.InvalidAttributes, 0xB0)
        f.set(initializer.ValidAccessMask, 0x1F_0FFF)
        f.set(initializer.DefaultNonPagedPoolCharge, f.argument(1))
        f.set(initializer.SecurityRequired, 1)
        f.set(initializer.DeleteProcedure, f.argument(2))
        f.return(f.call(Ob.createObjectType, f.argument(0), initializer, 0, f.argument(3)))
    }

    /// `PsGetCurrentProcessId()`.
    package static let getCurrentProcessId: Routine = .init("PsGetCurrentProcessId") { f in
        f.return(currentThread.address(of: \.Cid).dword())
    }
}
