// SPDX-License-Identifier: GPL-3.0-or-later

/// Handle tables: pages of HANDLE_TABLE_ENTRY, the free ones chained by handle value (spec/boot.md section 5.20).
///
/// The low two bits of TableCode are the number of levels of pointer pages above the pages of entries: none for 511 handles, one for half a million, two for
/// more. The first entry of each page is never given out.
extension Ob {
    /// Bits of HANDLE_TABLE_ENTRY.Object beside the address of the header.
    package enum EntryBits {
        /// The entry is not locked.
        package static let unlocked: UInt32 = 1
        /// The handle is inherited.
        package static let inherit: UInt32 = 2
        /// What it is used for is audited.
        package static let audit: UInt32 = 4
    }

    /// The bit of GrantedAccess that keeps a handle from being closed.
    package static let protectFromClose: UInt32 = 0x0200_0000
    /// Entries of a page, and pointers of a page.
    private static let perPage: UInt32 = 512
    private static let pointersPerPage: UInt32 = 1024
    /// What GrantedAccess of each page's first entry says.
    private static let reservedSignature: UInt32 = 0xFFFF_FFFE

    /// `ExCreateHandleTable(Process*) -> HANDLE_TABLE* or NULL`, entered in the list of all tables.
    package static let createHandleTable: Routine = .init("ExCreateHandleTable", ["Process"]) { f in
        let block = f.call(Ex.allocatePoolWithTag, 1, HANDLE_TABLE.size, Value.tag("Obtb"))
        f.if(block == 0) { f.return(0) }
        let table = block.as(HANDLE_TABLE.self)
        f.zero(table, HANDLE_TABLE.size)
        f.set(table.address(of: \.QuotaProcess).dword(), f.argument(0))
        f.if(f.argument(0) != 0) { f.set(table.UniqueProcessId, f.argument(0, EPROCESS.self).UniqueProcessId) }
        f.set(table.TableCode, f.call(allocateHandlePage, table))
        f.if(table.TableCode == 0) {
            f.call(Ex.freePoolWithTag, table, Value.tag("Obtb"))
            f.return(0)
        }
        f.insertTailList(Ex.handleTableList.value, table.address(of: \.HandleTableList))
        f.return(table)
    }

    /// `ExpAllocateTablePageLevel0(HandleTable*) -> page or NULL`: entries for the handles from NextHandleNeedingPool on, chained as the only free ones.
    private static let allocateHandlePage: Routine = .init("ExpAllocateTablePageLevel0", ["HandleTable"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        let page = f.call(Ex.allocatePoolWithTag, 1, perPage * HANDLE_TABLE_ENTRY.size, Value.tag("Obtb"))
        f.if(page == 0) { f.return(0) }
        let base = f.local(table.NextHandleNeedingPool)
        f.zero(page, perPage * HANDLE_TABLE_ENTRY.size)
        f.set(page.as(HANDLE_TABLE_ENTRY.self).GrantedAccess, reservedSignature)
        let index = f.local(1)
        f.while(index < Value(perPage - 1)) {
            f.set((page + (index << 3)).as(HANDLE_TABLE_ENTRY.self).GrantedAccess, base + (index << 2) + 4)
            f.add(index, 1)
        }
        f.set(table.FirstFree, base + 4)
        f.set(table.NextHandleNeedingPool, base + 4 * Value(perPage))
        f.return(page)
    }

    /// `ExpAllocateHandleTableEntrySlow(HandleTable*) -> BOOLEAN`: another page of entries, and pointer pages above it where the levels are full.
    private static let growHandleTable: Routine = .init("ExpAllocateHandleTableEntrySlow", ["HandleTable"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        let number = f.local(table.NextHandleNeedingPool / Value(4 * perPage))
        let level = f.local(table.TableCode & 3)
        let top = f.local(table.TableCode & ~Value(3))
        f.if((level == 0 && number == 1) || (level == 1 && number == Value(pointersPerPage))) {
            let pointers = f.call(allocatePointerPage)
            f.if(pointers == 0) { f.return(0) }
            f.set(pointers.dword(), top)
            f.set(top, pointers)
            f.add(level, 1)
            f.set(table.TableCode, top | level)
        }
        let slot = f.local(top + (number << 2))
        f.if(level == 2) {
            f.set(slot, top + ((number / Value(pointersPerPage)) << 2))
            f.if(slot.dword() == 0) { f.set(slot.dword(), f.call(allocatePointerPage)) }
            f.if(slot.dword() == 0) { f.return(0) }
            f.set(slot, slot.dword() + ((number % Value(pointersPerPage)) << 2))
        }
        f.set(slot.dword(), f.call(allocateHandlePage, table))
        f.return(slot.dword() != 0)
    }

    private static let allocatePointerPage: Routine = .init("ExpAllocateTablePagedPool") { f in
        let page = f.call(Ex.allocatePoolWithTag, 1, 4 * pointersPerPage, Value.tag("Obtb"))
        f.if(page != 0) { f.zero(page, 4 * pointersPerPage) }
        f.return(page)
    }

    /// `ExpLookupHandleTableEntry(HandleTable*, Handle) -> HANDLE_TABLE_ENTRY* or NULL`, used or not.
    package static let lookupHandleTableEntry: Routine = .init("ExpLookupHandleTableEntry", ["HandleTable", "Handle"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        let index = f.local((f.argument(1) & ~Value(3)) >> 2)
        f.if((index << 2) >= table.NextHandleNeedingPool || (index % Value(perPage)) == 0) { f.return(0) }
        let page = f.local(table.TableCode & ~Value(3))
        let number = f.local(index / Value(perPage))
        let level = f.local(table.TableCode & 3)
        f.if(level == 2) {
            f.set(page, (page + ((number / Value(pointersPerPage)) << 2)).dword())
            f.set(number, number % Value(pointersPerPage))
        }
        f.if(level != 0) { f.set(page, (page + (number << 2)).dword()) }
        f.return(page + ((index % Value(perPage)) << 3))
    }

    /// `ExCreateHandle(HandleTable*, Object, GrantedAccess) -> handle`, 0 without memory. `Object` may bring EntryBits along.
    package static let exCreateHandle: Routine = .init("ExCreateHandle", ["HandleTable", "Object", "GrantedAccess"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        f.call(Ke.enterCriticalRegion)
        f.if(table.FirstFree == 0) {
            f.if(f.call(growHandleTable, table) == 0) {
                f.call(Ke.leaveCriticalRegion)
                f.return(0)
            }
        }
        // The chain of free entries is changed where no other thread can come in between.
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let handle = f.local(table.FirstFree)
        let entry = f.call(lookupHandleTableEntry, table, handle).as(HANDLE_TABLE_ENTRY.self)
        f.set(table.FirstFree, entry.GrantedAccess)
        f.set(entry.Object, f.argument(1) | Value(EntryBits.unlocked))
        f.set(entry.GrantedAccess, f.argument(2))
        f.set(table.HandleCount, table.HandleCount + 1)
        f.call(Hal.lowerIrql, irql)
        f.call(Ke.leaveCriticalRegion)
        f.return(handle)
    }

    /// `ExMapHandleToPointer(HandleTable*, Handle) -> HANDLE_TABLE_ENTRY* or NULL`: an entry that is in use.
    package static let mapHandleToPointer: Routine = .init("ExMapHandleToPointer", ["HandleTable", "Handle"]) { f in
        let entry = f.call(lookupHandleTableEntry, f.argument(0), f.argument(1)).as(HANDLE_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(0) }
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
        f.set(table.FirstFree, f.argument(1) & 0x7FFF_FFFC)
        f.set(table.HandleCount, table.HandleCount - 1)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `ExDestroyHandleTable(HandleTable*)`: its pages and itself; it must be empty.
    package static let destroyHandleTable: Routine = .init("ExDestroyHandleTable", ["HandleTable"]) { f in
        let table = f.argument(0, HANDLE_TABLE.self)
        f.removeEntryList(table.address(of: \.HandleTableList))
        f.call(freeTablePages, table.TableCode & ~Value(3), table.TableCode & 3)
        f.call(Ex.freePoolWithTag, table, Value.tag("Obtb"))
        f.return()
    }

    /// `ExpFreeTablePages(Page, Level)`: a page and those it points to.
    private static let freeTablePages: Routine = .init("ExpFreeTablePages", ["Page", "Level"]) { f in
        f.if(f.argument(1) != 0) {
            let index = f.local(0)
            f.while(index < Value(pointersPerPage)) {
                let page = f.local((f.argument(0) + (index << 2)).dword())
                f.if(page != 0) {
                    f.if(f.argument(1) == 2) {
                        f.call(freePointerPage, page)
                    } else: {
                        f.call(Ex.freePoolWithTag, page, Value.tag("Obtb"))
                    }
                }
                f.add(index, 1)
            }
        }
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("Obtb"))
        f.return()
    }

    /// `ExpFreePointerPage(Page)`: a page of the middle level.
    private static let freePointerPage: Routine = .init("ExpFreePointerPage", ["Page"]) { f in
        let index = f.local(0)
        f.while(index < Value(pointersPerPage)) {
            let page = f.local((f.argument(0) + (index << 2)).dword())
            f.if(page != 0) { f.call(Ex.freePoolWithTag, page, Value.tag("Obtb")) }
            f.add(index, 1)
        }
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("Obtb"))
        f.return()
    }
}
