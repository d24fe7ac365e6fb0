// SPDX-License-Identifier: GPL-3.0-or-later

/// Client ids: processes and threads share the handles of `PspCidTable`, whose entries are their addresses (spec/boot.md sections 1.6 #23, 1.7).
extension Ps {
    /// `PspCidTable`: the HANDLE_TABLE; it is on no list.
    package static let cidTable: Global = .init("PspCidTable")

    /// `PspCreateCidTable() -> BOOLEAN`.
    static let createCidTable: Routine = .init("PspCreateCidTable", section: .initialization) { f in
        let table = f.call(Ob.createHandleTable, 0).as(HANDLE_TABLE.self)
        f.if(table.isNull) { f.return(0) }
        f.removeEntryList(table.address(of: \.HandleTableList))
        f.initializeListHead(f.local(table.address(of: \.HandleTableList)))
        f.set(cidTable.dword, table)
        f.return(1)
    }

    /// `PspLookupCid(Id, ObjectType*, Object**) -> status`: the process or thread with that id, referenced; 0xC000000D for none.
    private static let lookupCid: Routine = .init("PspLookupCid", ["Id", "ObjectType", "Object"]) { f in
        f.set(f.argument(2).dword(), 0)
        f.call(Ke.enterCriticalRegion)
        let entry = f.call(Ob.mapHandleToPointer, cidTable.dword, f.argument(0)).as(HANDLE_TABLE_ENTRY.self)
        let status = f.local(Status.invalidParameter)
        f.if(entry.isNotNull) {
            let object = f.local(entry.Object & ~Value(7))
            f.if(Pointer<OBJECT_HEADER>.of(object).Type.value == f.argument(1) && Pointer<OBJECT_HEADER>.of(object).PointerCount != 0) {
                f.call(Ob.referenceObject, object)
                f.set(f.argument(2).dword(), object)
                f.set(status, Status.success)
            }
        }
        f.call(Ke.leaveCriticalRegion)
        f.return(status)
    }

    /// `PsLookupProcessByProcessId(ProcessId, Process**) -> status`.
    package static let lookupProcessByProcessId: Routine = .init("PsLookupProcessByProcessId", ["ProcessId", "Process"]) { f in
        f.return(f.call(lookupCid, f.argument(0), processType.dword, f.argument(1)))
    }

    /// `PsLookupThreadByThreadId(ThreadId, Thread**) -> status`.
    package static let lookupThreadByThreadId: Routine = .init("PsLookupThreadByThreadId", ["ThreadId", "Thread"]) { f in
        f.return(f.call(lookupCid, f.argument(0), threadType.dword, f.argument(1)))
    }

    /// `PsLookupProcessThreadByCid(ClientId*, Process** or NULL, Thread**) -> status`: 0xC000000B when the thread is another process's.
    package static let lookupProcessThreadByCid: Routine = .init(
        "PsLookupProcessThreadByCid", ["Cid", "Process", "Thread"]
    ) { f in
        let status = f.local(f.call(lookupCid, f.argument(0).dword(4), threadType.dword, f.argument(2)))
        f.if(status.isError) { f.return(status) }
        let thread = f.local(f.argument(2).dword()).as(ETHREAD.self)
        f.if(thread.address(of: \.Cid).dword() != f.argument(0).dword()) {
            f.set(f.argument(2).dword(), 0)
            f.call(Ob.dereferenceObject, thread)
            f.return(0xC000_000B as Value)
        }
        f.if(f.argument(1) != 0) {
            f.call(Ob.referenceObject, thread.ThreadsProcess)
            f.set(f.argument(1).dword(), thread.ThreadsProcess)
        }
        f.return(Status.success)
    }
}
