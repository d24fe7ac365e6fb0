// SPDX-License-Identifier: GPL-3.0-or-later

/// Process objects: how they are made and what becomes of them.
extension Ps {
    /// `PspAllocateProcess(ImageName*, Process**) -> status`: a process object with lists, id and name; no address space, no handle table. The name is a
    /// zero-terminated string of at most 15 characters.
    static let allocateProcess: Routine = .init("PspAllocateProcess", ["ImageName", "Process"]) { f in
        let object = f.local(0)
        f.set(f.argument(1).dword(), 0)
        let status = f.call(Ob.createObject, 0, processType.dword, 0, 0, 0, EPROCESS.size, 0, 0, f.address(of: object))
        f.if(status.isError) { f.return(status) }
        let process = object.as(EPROCESS.self)
        f.zero(process, EPROCESS.size)
        f.call(Ke.initializeProcess, process, 8, 0)
        f.initializeListHead(process.ThreadListHead.value)
        f.initializeListHead(process.ActiveProcessLinks.value)
        f.initializeListHead(process.MmProcessLinks.value)
        f.set(process.ExitStatus, Status.pending)
        f.call(Mm.initializeVads, process)
        f.set(process.PriorityClass, 2)
        f.copy(to: process.CreateTime, from: Ke.sharedUserData.SystemTime, 8)
        f.copy(to: process.ImageFileName, from: f.argument(0), 15)
        f.set(process.UniqueProcessId, f.call(Ob.exCreateHandle, cidTable.dword, process, 0))
        f.if(process.UniqueProcessId == 0) {
            f.call(Ob.dereferenceObject, process)
            f.return(Status.insufficientResources)
        }
        // No name and no handle: inserting it gives back the record of its creation. The reference stays the caller's.
        f.call(Ob.insertObject, process, 0, 0, 1, 0, 0)
        f.set(f.argument(1).dword(), process)
        f.return(Status.success)
    }

    /// `PspEnterProcess(Process*)`: it is on the list of active processes from now on.
    static let enterProcess: Routine = .init("PspEnterProcess", ["Process"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.insertTailList(activeProcessHead.value, f.argument(0, EPROCESS.self).ActiveProcessLinks.value)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `PspCreateSystemProcess()`: PID 4, first on the list of active processes; it shares the idle process's page directory, and its handles are the kernel's
    /// (spec/boot.md section 1.6 #21).
    static let createSystemProcess: Routine = .init("PspCreateSystemProcess", section: .initialization) { f in
        let object = f.local(0)
        // Fifteen bytes are taken.
        let status = f.call(allocateProcess, f.text("System\0\0\0\0\0\0\0\0\0\0"), f.address(of: object))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x60, status, 0, 0, 0) }
        let process = object.as(EPROCESS.self)
        f.set(process.Pcb.DirectoryTableBase.dword(), Ke.initialProcess.Pcb.DirectoryTableBase.dword())
        let table = f.local(Ob.kernelHandleTable.dword).as(HANDLE_TABLE.self)
        f.set(process.address(of: \.ObjectTable).dword(), table)
        f.set(table.address(of: \.QuotaProcess).dword(), process)
        f.set(table.UniqueProcessId, process.UniqueProcessId)
        f.set(bootAccessToken.dword, f.call(referencePrimaryToken, Ke.initialProcess.pointer))
        f.call(initializeProcessSecurity, 0, process)
        f.call(Ob.fastDereferenceObject, Ke.initialProcess.pointer.address(of: \.Token), bootAccessToken.dword)
        f.call(enterProcess, process)
        f.set(initialSystemProcess.dword, process)
        f.return()
    }

    /// `PspCreateProcess(ImageName*, Process**) -> status`: a process with an empty address space and handle table of its own, a child of the current one. The
    /// caller owns the reference.
    static let createProcess: Routine = .init("PspCreateProcess", ["ImageName", "Process"]) { f in
        let status = f.call(allocateProcess, f.argument(0), f.argument(1))
        f.if(status.isError) { f.return(status) }
        let process = f.local(f.argument(1).dword()).as(EPROCESS.self)
        let parent = f.local(currentThread.Tcb.ApcState.Process).as(EPROCESS.self)
        f.set(process.InheritedFromUniqueProcessId, parent.UniqueProcessId)
        f.set(process.DeviceMap, Ob.systemDeviceMap.dword)
        f.set(process.address(of: \.ObjectTable).dword(), f.call(Ob.createHandleTable, process))
        f.if(process.ObjectTable.isNull || f.call(Mm.createProcessAddressSpace, process) == 0) {
            f.call(Ob.dereferenceObject, process)
            f.set(f.argument(1).dword(), 0)
            f.return(Status.insufficientResources)
        }
        let secured = f.call(initializeProcessSecurity, parent, process)
        f.if(secured.isError) {
            f.call(Ob.dereferenceObject, process)
            f.set(f.argument(1).dword(), 0)
            f.return(secured)
        }
        f.call(enterProcess, process)
        f.return(Status.success)
    }

    /// `PspDeleteProcess(Process*)`, the type's delete procedure.
    static let deleteProcess: Routine = .init("PspDeleteProcess", ["ObjectBody"]) { f in
        let process = f.argument(0, EPROCESS.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.removeEntryList(process.ActiveProcessLinks.value)
        f.removeEntryList(process.Pcb.ProcessListEntry.value)
        f.call(Hal.lowerIrql, irql)
        f.call(Ob.killProcess, process)
        f.if(process.SectionObject != 0) { f.call(Ob.dereferenceObject, process.SectionObject) }
        f.call(Mm.deleteProcessAddressSpace, process)
        f.call(deleteProcessSecurity, process)
        f.if(process.UniqueProcessId != 0) { f.call(Ob.destroyHandle, cidTable.dword, process.UniqueProcessId) }
        f.return()
    }
}
