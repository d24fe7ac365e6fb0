// SPDX-License-Identifier: GPL-3.0-or-later

/// Handles: each process has a table of its own; System's is the kernel's, and everybody's kernel code reaches it through handles with bit 31.
extension Ob {
    /// The process whose address space is current.
    static var currentProcess: Value { currentThread.Tcb.ApcState.Process.value }

    /// `ObpHandleTable(Handle, AccessMode) -> HANDLE_TABLE* or NULL`: user mode reaches only its own.
    static let handleTable: Routine = .init("ObpHandleTable", ["Handle", "AccessMode"]) { f in
        f.if(f.argument(0).isLessSigned(0) && (f.argument(1) & 0xFF) == 0) { f.return(kernelHandleTable.dword) }
        let table = f.local(currentProcess.as(EPROCESS.self).ObjectTable)
        // The idle process has none.
        f.if(table.isNull) { f.return(kernelHandleTable.dword) }
        f.return(table)
    }

    /// `ObpCreateHandle(OpenReason, Object, AccessState, DesiredAccess, Attributes, AccessMode, Handle*) -> status`: one handle and one reference more.
    static let createHandle: Routine = .init(
        "ObpCreateHandle", ["OpenReason", "Object", "AccessState", "DesiredAccess", "Attributes", "AccessMode", "Handle"]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(1)))
        let table = f.local(kernelHandleTable.dword)
        let process = f.local(currentProcess)
        let isKernel = f.local(f.argument(4) & Value(ObjectAttribute.kernelHandle))
        f.if(isKernel != 0) {
            f.if(Ps.initialSystemProcess.dword != 0) { f.set(process, Ps.initialSystemProcess.dword) }
        } else: {
            f.set(table, f.call(handleTable, 0, 1))
        }
        f.if(table == 0) { f.return(Status.insufficientResources) }
        let access = f.local(0)
        // Who makes an object may do what he wants with it.
        let mode = f.local(f.argument(5))
        f.if(f.argument(0) == OpenReason.create) { f.set(mode, 0) }
        let allowed = f.local(f.call(checkObjectAccess, f.argument(1), f.argument(3), mode, f.address(of: access)))
        f.if(allowed.isError) { f.return(allowed) }
        let status = f.call(
            incrementHandleCount, f.argument(1), f.argument(2), access, f.argument(0), f.argument(5), f.argument(4), process)
        f.if(status.isError) { f.return(status) }
        let attributes = f.local(f.argument(4) & Value(EntryBits.inherit))
        f.call(referenceObject, f.argument(1))
        let handle = f.call(exCreateHandle, table, header.value | attributes, access)
        f.if(handle == 0) {
            f.call(decrementHandleCount, f.argument(1), process, access)
            f.call(dereferenceObject, f.argument(1))
            f.return(Status.insufficientResources)
        }
        f.if(isKernel != 0) { f.set(handle, handle | 0x8000_0000) }
        f.set(f.argument(6).dword(), handle)
        f.return(Status.success)
    }

    /// `ObpMapGenericMask(DesiredAccess, ObjectType*) -> access`: generic rights become the type's own.
    static let mapGenericMask: Routine = .init("ObpMapGenericMask", ["DesiredAccess", "ObjectType"]) { f in
        let mapping = f.argument(1, OBJECT_TYPE.self).TypeInfo.GenericMapping
        let access = f.local(f.argument(0))
        f.if((access & 0x8000_0000) != 0) { f.set(access, access | mapping.dword()) }
        f.if((access & 0x4000_0000) != 0) { f.set(access, access | mapping.dword(4)) }
        f.if((access & 0x2000_0000) != 0) { f.set(access, access | mapping.dword(8)) }
        f.if((access & 0x1200_0000) != 0) { f.set(access, access | mapping.dword(12)) }
        f.return(access & 0x01FF_FFFF)
    }

    /// `ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType*, AccessMode, Object**, HandleInformation*) -> status`: the object, referenced.
    /// Handle information is attributes and granted access. 0xC0000008: no such handle; 0xC0000024: another type; 0xC0000022: user mode lacks a right.
    package static let referenceObjectByHandle: Routine = .init(
        "ObReferenceObjectByHandle",
        ["Handle", "DesiredAccess", "ObjectType", "AccessMode", "Object", "HandleInformation"]
    ) { f in
        let object = f.local(0)
        let access = f.local(0x001F_FFFF)
        let attributes = f.local(0)
        f.set(f.argument(4).dword(), 0)
        f.if(f.argument(0) == 0xFFFF_FFFF || f.argument(0) == 0xFFFF_FFFE) {
            f.set(object, currentThread)
            f.if(f.argument(0) == 0xFFFF_FFFF) { f.set(object, currentProcess) }
        } else: {
            f.if(f.argument(0).isLessSigned(0) && (f.argument(3) & 0xFF) != 0) { f.return(Status.invalidHandle) }
            let table = f.call(handleTable, f.argument(0), f.argument(3))
            f.if(table == 0) { f.return(Status.invalidHandle) }
            let entry = f.call(mapHandleToPointer, table, f.argument(0) & 0x7FFF_FFFF).as(HANDLE_TABLE_ENTRY.self)
            f.if(entry.isNull) { f.return(Status.invalidHandle) }
            f.set(object, (entry.Object & ~Value(7)) + 0x18)
            f.set(access, entry.GrantedAccess & ~Value(protectFromClose))
            f.set(attributes, entry.Object & Value(EntryBits.inherit | EntryBits.audit))
            f.if((entry.GrantedAccess & Value(protectFromClose)) != 0) { f.set(attributes, attributes | 1) }
        }
        f.if(f.argument(2) != 0 && Pointer<OBJECT_HEADER>.of(object).Type.value != f.argument(2)) { f.return(Status.objectTypeMismatch) }
        f.if((f.argument(3) & 0xFF) != 0 && (f.argument(1) & ~access) != 0) { f.return(Status.accessDenied) }
        f.if(f.argument(5) != 0) {
            f.set(f.argument(5).dword(), attributes)
            f.set(f.argument(5).dword(4), access)
        }
        f.call(referenceObject, object)
        f.set(f.argument(4).dword(), object)
        f.return(Status.success)
    }

    /// `NtClose(Handle) -> status`.
    package static let ntClose: Routine = .init("NtClose", ["Handle"]) { f in
        f.pagedCode()
        f.return(f.call(closeHandle, f.argument(0), currentThread.Tcb.PreviousMode))
    }

    /// `ZwClose(Handle) -> status`: kernel handles too, in whatever thread.
    package static let zwClose = Ke.kernelService(ntClose)

    /// `ObCloseHandle(Handle, AccessMode) -> status`: the type's okay-to-close and close procedures, then the name check and the reference.
    /// 0xC0000008: no such handle; 0xC0000235: the handle is protected.
    package static let closeHandle: Routine = .init("ObCloseHandle", ["Handle", "AccessMode"]) { f in
        f.if(f.argument(0).isLessSigned(0) && (f.argument(1) & 0xFF) != 0) { f.return(Status.invalidHandle) }
        let table = f.call(handleTable, f.argument(0), f.argument(1))
        f.if(table == 0) { f.return(Status.invalidHandle) }
        let handle = f.local(f.argument(0) & 0x7FFF_FFFF)
        let entry = f.call(mapHandleToPointer, table, handle).as(HANDLE_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(Status.invalidHandle) }
        let process = f.local(currentProcess)
        f.if(table == kernelHandleTable.dword && Ps.initialSystemProcess.dword != 0) { f.set(process, Ps.initialSystemProcess.dword) }
        f.return(f.call(closeHandleTableEntry, table, entry, handle, process, f.argument(1), 0))
    }

    /// `ObpCloseHandleTableEntry(HandleTable*, Entry*, Handle, Process*, AccessMode, IgnoreProtection) -> status`.
    static let closeHandleTableEntry: Routine = .init(
        "ObpCloseHandleTableEntry", ["HandleTable", "Entry", "Handle", "Process", "AccessMode", "IgnoreProtection"]
    ) { f in
        let entry = f.argument(1, HANDLE_TABLE_ENTRY.self)
        let header = f.local(Pointer<OBJECT_HEADER>(entry.Object & ~Value(7)))
        let access = f.local(entry.GrantedAccess & ~Value(protectFromClose))
        let okay = f.local(header.Type.TypeInfo.OkayToCloseProcedure)
        f.if(okay != 0) {
            let answer = f.callIndirect(okay, f.argument(3), header.body, f.argument(2), f.argument(4))
            f.if((answer & 0xFF) == 0) { f.return(Status.handleNotClosable) }
        }
        f.if(f.argument(5) == 0 && (entry.GrantedAccess & Value(protectFromClose)) != 0) { f.return(Status.handleNotClosable) }
        f.call(destroyHandle, f.argument(0), f.argument(2))
        f.call(decrementHandleCount, header.body, f.argument(3), access)
        f.call(dereferenceObject, header.body)
        f.return(Status.success)
    }

    /// `ObKillProcess(Process*)`: closes all handles of a process that ends, and frees its table.
    package static let killProcess: Routine = .init("ObKillProcess", ["Process"]) { f in
        let process = f.argument(0, EPROCESS.self)
        let table = f.local(process.ObjectTable)
        f.if(table.isNull || table.value == kernelHandleTable.dword) { f.return() }
        let handle = f.local(4)
        f.while(handle < table.NextHandleNeedingPool && table.HandleCount != 0) {
            let entry = f.call(mapHandleToPointer, table, handle)
            f.if(entry != 0) { f.call(closeHandleTableEntry, table, entry, handle, process, 0, 1) }
            f.add(handle, 4)
        }
        f.set(process.address(of: \.ObjectTable).dword(), 0)
        f.call(destroyHandleTable, table)
        f.return()
    }

    /// `ObSetHandleAttributes(Handle, HandleFlags*, PreviousMode) -> status`: two bytes, inherit and protect from close.
    package static let setHandleAttributes: Routine = .init("ObSetHandleAttributes", ["Handle", "HandleFlags", "PreviousMode"]) { f in
        f.if(f.argument(0).isLessSigned(0) && (f.argument(2) & 0xFF) != 0) { f.return(Status.invalidHandle) }
        let table = f.call(handleTable, f.argument(0), f.argument(2))
        f.if(table == 0) { f.return(Status.invalidHandle) }
        let entry = f.call(mapHandleToPointer, table, f.argument(0) & 0x7FFF_FFFF).as(HANDLE_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(Status.invalidHandle) }
        f.set(entry.Object, entry.Object & ~Value(EntryBits.inherit))
        f.if(f.argument(1).byte() != 0) { f.set(entry.Object, entry.Object | Value(EntryBits.inherit)) }
        f.set(entry.GrantedAccess, entry.GrantedAccess & ~Value(protectFromClose))
        f.if(f.argument(1).byte(1) != 0) { f.set(entry.GrantedAccess, entry.GrantedAccess | Value(protectFromClose)) }
        f.return(Status.success)
    }
}
