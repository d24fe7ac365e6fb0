// SPDX-License-Identifier: GPL-3.0-or-later

/// Handle tables: one page of HANDLE_TABLE_ENTRY, the free ones chained by handle value (spec/boot.md section 5.20).
extension Ob {
    private static let entries: UInt32 = 512

    /// `ExCreateHandleTable(Process*) -> HANDLE_TABLE* or NULL`. Handle 0 is never given out.
    package static let createHandleTable: Routine = .init("ExCreateHandleTable", ["Process"]) { f in
        let block = f.call(Ex.allocatePoolWithTag, 1, HANDLE_TABLE.size, Value.tag("Obtb"))
        f.if(block == 0) { f.return(0) }
        let table = block.as(HANDLE_TABLE.self)
        f.zero(table, HANDLE_TABLE.size)
        let page = f.call(Ex.allocatePoolWithTag, 1, entries * HANDLE_TABLE_ENTRY.size, Value.tag("Obtb"))
        f.if(page == 0) { f.return(0) }
        f.zero(page, entries * HANDLE_TABLE_ENTRY.size)
        let handle = f.local(4)
        f.while(handle < Value(4 * (entries - 1))) {
            f.set((page + (handle << 1)).as(HANDLE_TABLE_ENTRY.self).GrantedAccess, handle + 4)
            f.add(handle, 4)
        }
        f.set(table.TableCode, page)
        f.set(table.address(of: \.QuotaProcess).dword(), f.argument(0))
        f.set(table.FirstFree, 4)
        f.set(table.NextHandleNeedingPool, 4 * entries)
        f.insertTailList(Ex.handleTableList.value, table.address(of: \.HandleTableList))
        f.return(table)
    }

    /// `ExCreateHandle(HandleTable*, Object, GrantedAccess) -> handle or 0` when the table is full. Bit 0 of an entry says that it is not locked.
    package static let exCreateHandle: Routine = .init("ExCreateHandle", ["HandleTable", "Object", "GrantedAccess"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        // The chain of free entries is changed where no other thread can come in between.
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let handle = f.local(table.FirstFree)
        f.if(handle == 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        let entry = f.local(Pointer<HANDLE_TABLE_ENTRY>(table.TableCode + (handle << 1)))
        f.set(table.FirstFree, entry.GrantedAccess)
        f.set(entry.Object, f.argument(1) | 1)
        f.set(entry.GrantedAccess, f.argument(2))
        f.set(table.HandleCount, table.HandleCount + 1)
        f.call(Hal.lowerIrql, irql)
        f.return(handle)
    }

    /// `ExMapHandleToPointer(HandleTable*, Handle) -> HANDLE_TABLE_ENTRY* or NULL`.
    package static let mapHandleToPointer: Routine = .init("ExMapHandleToPointer", ["HandleTable", "Handle"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        let handle = f.local(f.argument(1) & ~Value(3))
        f.if(handle == 0 || handle >= table.NextHandleNeedingPool) { f.return(0) }
        let entry = f.local(Pointer<HANDLE_TABLE_ENTRY>(table.TableCode + (handle << 1)))
        f.if(entry.Object == 0) { f.return(0) }
        f.return(entry)
    }

    /// `ExDestroyHandle(HandleTable*, Handle) -> BOOLEAN`: the entry becomes the first free one.
    package static let destroyHandle: Routine = .init("ExDestroyHandle", ["HandleTable", "Handle"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        let entry = f.call(mapHandleToPointer, table, f.argument(1)).as(HANDLE_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.set(entry.Object, 0)
        f.set(entry.GrantedAccess, table.FirstFree)
        f.set(table.FirstFree, f.argument(1) & ~Value(3))
        f.set(table.HandleCount, table.HandleCount - 1)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }
}
