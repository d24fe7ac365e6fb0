// SPDX-License-Identifier: GPL-3.0-or-later

/// How objects live and die: reference counts, temporary and permanent objects (spec/boot.md sections 2.3 step 8 and 8.8).
extension Ob {
    /// `ObfReferenceObject(Object) -> references`: one reference more.
    package static let referenceObject: Routine = .init("ObfReferenceObject", ["Object"]) { f in
        f.return(f.exchangeAdd(Pointer<OBJECT_HEADER>.of(f.argument(0)).PointerCount, 1) + 1)
    }

    /// `ObfDereferenceObject(Object) -> references`: one reference less; the last one deletes, later if this is no place for delete procedures.
    package static let dereferenceObject: Routine = .init("ObfDereferenceObject", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        let left = f.local(f.exchangeAdd(header.PointerCount, 0xFFFF_FFFF as Value) - 1)
        f.if(left == 0) {
            f.if(f.call(Hal.getCurrentIrql) <= Irql.apc) {
                f.call(deleteObject, f.argument(0))
            } else: {
                f.call(deferObjectDeletion, header)
            }
        }
        f.return(left)
    }

    /// `ObDereferenceObjectDeferDelete(Object)`: one reference less; the last one deletes on a worker thread.
    package static let dereferenceObjectDeferDelete: Routine = .init("ObDereferenceObjectDeferDelete", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        let left = f.local(f.exchangeAdd(header.PointerCount, 0xFFFF_FFFF as Value) - 1)
        f.if(left == 0) { f.call(deferObjectDeletion, header) }
        f.return()
    }

    /// Objects that wait for the worker thread, chained by NextToFree, where the handle count was.
    static let reaperList: Global = .init("ObpReaperList")
    static let reaperWorkItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("ObpReaperWorkItem")

    /// `ObpDeferObjectDeletion(ObjectHeader*)`: the first of a batch queues the work item.
    static let deferObjectDeletion: Routine = .init("ObpDeferObjectDeletion", ["ObjectHeader"]) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        f.set(header.Flags, header.Flags | Value(ObjectFlag.deferredDelete))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let previous = f.local(reaperList.dword)
        f.set(header.NextToFree, previous)
        f.set(reaperList.dword, header)
        f.if(previous == 0) {
            f.set(reaperWorkItem.WorkerRoutine, reapObjects)
            f.set(reaperWorkItem.Parameter, 0)
            f.call(Ex.queueWorkItem, reaperWorkItem, 0)
        }
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `ObpReapObject(Unused)`: the work item.
    static let reapObjects: Routine = .init("ObpReapObject", ["Unused"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.local(reaperList.dword).as(OBJECT_HEADER.self)
        f.set(reaperList.dword, 0)
        f.call(Hal.lowerIrql, irql)
        f.while(header.isNotNull) {
            let next = f.local(header.NextToFree)
            f.set(header.NextToFree, 0)
            f.call(deleteObject, header.body)
            f.set(header.value, next)
        }
        f.return()
    }

    /// `ObpDeleteObject(Object)`: the type's delete procedure, then the memory.
    static let deleteObject: Routine = .init("ObpDeleteObject", ["Object"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        f.call(freeCreateInformation, header)
        f.if((header.Flags & Value(ObjectFlag.security)) != 0) {
            f.callIndirect(header.Type.TypeInfo.SecurityProcedure, f.argument(0), 2, 0, 0, 0, 0, 0, 0)
        }
        f.if(header.Type.TypeInfo.DeleteProcedure != 0) { f.callIndirect(header.Type.TypeInfo.DeleteProcedure, f.argument(0)) }
        f.call(freeObject, header)
        f.return()
    }

    /// `ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType*, AccessMode) -> status`: one reference more to an object of a type.
    package static let referenceObjectByPointer: Routine = .init(
        "ObReferenceObjectByPointer", ["Object", "DesiredAccess", "ObjectType", "AccessMode"]
    ) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        f.if(f.argument(2) != 0 && header.Type.value != f.argument(2)) { f.return(Status.objectTypeMismatch) }
        f.call(referenceObject, f.argument(0))
        f.return(Status.success)
    }

    /// `ObMakeTemporaryObject(Object)`: takes the name out of the name space, now or when the last handle is closed.
    package static let makeTemporaryObject: Routine = .init("ObMakeTemporaryObject", ["Object"]) { f in
        let header = Pointer<OBJECT_HEADER>.of(f.argument(0))
        f.set(header.Flags, header.Flags & ~Value(ObjectFlag.permanent))
        f.call(deleteNameCheck, f.argument(0))
        f.return()
    }

    /// `ObpDeleteNameCheck(Object)`: a temporary object without handles loses its name and with it the directory's reference.
    static let deleteNameCheck: Routine = .init("ObpDeleteNameCheck", ["Object"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        f.if(header.HandleCount != 0 || header.NameInfoOffset == 0) { f.return() }
        f.if((header.Flags & Value(ObjectFlag.permanent)) != 0) { f.return() }
        f.if(header.nameInfo.Directory.isNull) { f.return() }
        f.if(header.Type.value == symbolicLinkObjectType.dword) { f.call(deleteSymbolicLinkName, f.argument(0)) }
        f.call(deleteEntryDirectory, f.argument(0))
        f.call(dereferenceObject, f.argument(0))
        f.return()
    }

    /// `NtMakePermanentObject(Handle) -> status`: the name stays when the last handle goes.
    package static let ntMakePermanentObject: Routine = .init("NtMakePermanentObject", ["Handle"]) { f in
        f.require(Se.createPermanentPrivilege)
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let status = f.call(referenceObjectByHandle, f.argument(0), 0, 0, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        let header = Pointer<OBJECT_HEADER>.of(object)
        f.set(header.Flags, header.Flags | Value(ObjectFlag.permanent))
        f.call(dereferenceObject, object)
        f.return(Status.success)
    }

    /// `NtMakeTemporaryObject(Handle) -> status`: user mode needs DELETE.
    package static let ntMakeTemporaryObject: Routine = .init("NtMakeTemporaryObject", ["Handle"]) { f in
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let status = f.call(referenceObjectByHandle, f.argument(0), 0x10000, 0, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        f.call(makeTemporaryObject, object)
        f.call(dereferenceObject, object)
        f.return(Status.success)
    }

    /// `ZwMakeTemporaryObject(Handle) -> status`.
    package static let zwMakeTemporaryObject = Ke.kernelService(ntMakeTemporaryObject)
}
