// SPDX-License-Identifier: GPL-3.0-or-later

/// How many handles an object has, and, for types that want it, in which process (spec/boot.md section 5.2).
extension Ob {
    /// OB_OPEN_REASON.
    package enum OpenReason {
        package static let create: Value = 0
        package static let open: Value = 1
        package static let duplicate: Value = 2
        package static let inherit: Value = 3
    }

    /// `ObpIncrementHandleCount(Object, AccessState, DesiredAccess, OpenReason, AccessMode, HandleAttributes, Process*) -> status`: checks exclusive use, asks
    /// the type's open procedure (OpenReason, Process*, Object, GrantedAccess, HandleCount), and counts. 0xC0000022: somebody else has it exclusively.
    static let incrementHandleCount: Routine = .init(
        "ObpIncrementHandleCount",
        ["Object", "AccessState", "DesiredAccess", "OpenReason", "AccessMode", "HandleAttributes", "Process"]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let type = f.local(header.Type)
        let process = f.argument(6)
        let isExclusive = f.local(f.argument(5) & Value(ObjectAttribute.exclusive))
        f.if(isExclusive != 0) {
            f.if((f.argument(5) & Value(EntryBits.inherit)) != 0 || (header.Flags & Value(ObjectFlag.exclusive)) == 0) {
                f.return(Status.invalidParameter)
            }
            f.if(header.HandleCount != 0 && header.quotaInfo.ExclusiveProcess.value != process) { f.return(Status.accessDenied) }
            f.set(header.quotaInfo.address(of: \.ExclusiveProcess).dword(), process)
        } else: {
            f.if((header.Flags & Value(ObjectFlag.exclusive)) != 0 && header.HandleCount != 0) {
                f.if(header.quotaInfo.ExclusiveProcess.isNotNull) { f.return(Status.accessDenied) }
            }
        }
        f.exchangeAdd(header.HandleCount, 1)
        let count = f.local(header.HandleCount)
        f.if(type.TypeInfo.MaintainHandleCount != 0) {
            f.set(count, f.call(changeHandleDatabase, header, process, 1))
            f.if(count == 0) {
                f.exchangeAdd(header.HandleCount, 0xFFFF_FFFF as Value)
                f.return(Status.insufficientResources)
            }
        }
        f.if(type.TypeInfo.OpenProcedure != 0) {
            let status = f.callIndirect(
                type.TypeInfo.OpenProcedure, f.argument(3), process, f.argument(0), f.argument(2), count)
            f.if(status.isError) {
                f.exchangeAdd(header.HandleCount, 0xFFFF_FFFF as Value)
                f.if(type.TypeInfo.MaintainHandleCount != 0) { f.call(changeHandleDatabase, header, process, 0xFFFF_FFFF as Value) }
                f.return(status)
            }
        }
        f.exchangeAdd(type.TotalNumberOfHandles, 1)
        f.if(type.TotalNumberOfHandles > type.HighWaterNumberOfHandles) {
            f.set(type.HighWaterNumberOfHandles, type.TotalNumberOfHandles)
        }
        f.return(Status.success)
    }

    /// `ObpDecrementHandleCount(Object, Process*, GrantedAccess)`: the type's close procedure hears (Process*, Object, GrantedAccess, the process's handles,
    /// the system's handles), both as they were; then the name goes, if it must.
    static let decrementHandleCount: Routine = .init("ObpDecrementHandleCount", ["Object", "Process", "GrantedAccess"]) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        let type = f.local(header.Type)
        let system = f.exchangeAdd(header.HandleCount, 0xFFFF_FFFF as Value)
        let process = f.local(system)
        f.exchangeAdd(type.TotalNumberOfHandles, 0xFFFF_FFFF as Value)
        f.if(system == 1 && (header.Flags & Value(ObjectFlag.exclusive)) != 0) {
            f.set(header.quotaInfo.address(of: \.ExclusiveProcess).dword(), 0)
        }
        f.if(type.TypeInfo.MaintainHandleCount != 0) {
            f.set(process, f.call(changeHandleDatabase, header, f.argument(1), 0xFFFF_FFFF as Value) + 1)
        }
        f.if(type.TypeInfo.CloseProcedure != 0) {
            f.callIndirect(type.TypeInfo.CloseProcedure, f.argument(1), f.argument(0), f.argument(2), process, system)
        }
        f.call(deleteNameCheck, f.argument(0))
        f.return()
    }

    /// `ObpChangeHandleDatabase(ObjectHeader*, Process*, Change) -> handles of the process`. One process stands in the header's prefix itself; from the second
    /// on the prefix points to a list: its capacity, then pairs of process and count. 0 when there was no memory for it.
    private static let changeHandleDatabase: Routine = .init(
        "ObpChangeHandleDatabase", ["ObjectHeader", "Process", "Change"]
    ) { f in
        let header = f.argument(0, OBJECT_HEADER.self)
        let info = f.local(header.handleInfo)
        f.if((header.Flags & Value(ObjectFlag.singleProcess)) != 0) {
            f.if(info.SingleEntryCount == 0) { f.set(info.SingleEntryProcess, f.argument(1)) }
            f.if(info.SingleEntryProcess == f.argument(1)) {
                f.add(info.SingleEntryCount, f.argument(2))
                f.return(info.SingleEntryCount)
            }
            let list = f.call(allocateHandleDatabase, 4)
            f.if(list == 0) { f.return(0) }
            f.set(list.dword(4), info.SingleEntryProcess)
            f.set(list.dword(8), info.SingleEntryCount)
            f.set(info.SingleEntryProcess, list)
            f.set(info.SingleEntryCount, 0)
            f.set(header.Flags, header.Flags & ~Value(ObjectFlag.singleProcess))
        }
        let list = f.local(info.SingleEntryProcess)
        let free = f.local(0)
        let index = f.local(0)
        f.while(index < list.dword()) {
            let entry = f.local(list + 4 + (index << 3))
            f.if(entry.dword(4) != 0 && entry.dword() == f.argument(1)) {
                f.add(entry.dword(4), f.argument(2))
                f.return(entry.dword(4))
            }
            f.if(entry.dword(4) == 0 && free == 0) { f.set(free, entry) }
            f.add(index, 1)
        }
        f.if(free == 0) {
            let longer = f.call(allocateHandleDatabase, index + 4)
            f.if(longer == 0) { f.return(0) }
            f.copy(to: longer + 4, from: list + 4, index << 3)
            f.call(Ex.freePoolWithTag, list, Value.tag("ObHd"))
            f.set(info.SingleEntryProcess, longer)
            f.set(free, longer + 4 + (index << 3))
        }
        f.set(free.dword(), f.argument(1))
        f.set(free.dword(4), f.argument(2))
        f.return(f.argument(2))
    }

    private static let allocateHandleDatabase: Routine = .init("ObpAllocateHandleDatabase", ["Count"]) { f in
        let size = f.local((f.argument(0) << 3) + 4)
        let block = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("ObHd"))
        f.if(block != 0) {
            f.zero(block, size)
            f.set(block.dword(), f.argument(0))
        }
        f.return(block)
    }
}
