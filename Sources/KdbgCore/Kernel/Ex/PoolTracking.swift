// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Who uses the pools: a row per tag, and a row per allocation of whole pages, which has no header to hold its tag. Both tables lie in nonpaged pool and are
/// searched from the place that a hash gives.
extension Ex {
    package static let poolTrackTable: Global = .init("PoolTrackTable")
    /// Rows, and rows less one.
    package static let poolTrackTableSize: Global = .init("PoolTrackTableSize")
    static let poolTrackTableMask: Global = .init("PoolTrackTableMask")
    package static let poolBigPageTable: Global = .init("PoolBigPageTable")
    package static let poolBigPageTableSize: Global = .init("PoolBigPageTableSize")
    /// Rows in use.
    static let poolBigEntriesInUse: Global = .init("ExpPoolBigEntriesInUse")

    private static let trackRows: UInt32 = 1024
    private static let bigPageRows: UInt32 = 1024

    /// `ExpInitializePoolTracking()`: both tables, empty. Without memory for them BC 0x41.
    static let initializePoolTracking: Routine = .init("ExpInitializePoolTracking", section: .initialization) { f in
        for (table, rows, size) in [
            (poolTrackTable, trackRows, POOL_TRACKER_TABLE.size), (poolBigPageTable, bigPageRows, POOL_TRACKER_BIG_PAGES.size),
        ] {
            let bytes = Value(rows * size)
            let pages = f.call(Mm.allocatePoolPages, 0, bytes)
            f.if(pages == 0) {
                f.call(Ke.bugCheckEx, 0x41, bytes, 0xFFFF_FFFF as Value, 0xFFFF_FFFF as Value, 0xFFFF_FFFF as Value)
            }
            f.zero(pages, bytes)
            f.set(table.dword, pages)
        }
        f.set(poolTrackTableSize.dword, trackRows)
        f.set(poolTrackTableMask.dword, trackRows - 1)
        f.set(poolBigPageTableSize.dword, bigPageRows)
        let row = f.local(poolBigPageTable.dword)
        let end = f.local(row + Value(bigPageRows * POOL_TRACKER_BIG_PAGES.size))
        f.while(row < end) {
            f.set(row.dword(), 1)
            f.add(row, POOL_TRACKER_BIG_PAGES.size)
        }
        for (table, bytes) in [
            (poolTrackTable, trackRows * POOL_TRACKER_TABLE.size), (poolBigPageTable, bigPageRows * POOL_TRACKER_BIG_PAGES.size),
        ] {
            f.call(recordBigPool, table.dword, (bytes + 0xFFF) >> 12, Value.tag("Pool"), 0)
        }
        f.return()
    }

    // MARK: Tags

    /// `ExpFindPoolTracker(Key) -> its row`: a new one if there is none. When all are taken, the row of the tag Ovfl, which is the last.
    private static let findPoolTracker: Routine = .init("ExpFindPoolTracker", ["Key"]) { f in
        let key = f.argument(0)
        let hash = f.local(key & 0xFF)
        for shift in [8, 16, 24] as [UInt32] { f.set(hash, (hash << 2) ^ ((key >> Value(shift)) & 0xFF)) }
        let index = f.local((hash * 40543) & poolTrackTableMask.dword)
        let left = f.local(poolTrackTableSize.dword)
        f.while(left != 0) {
            let row = f.local(poolTrackTable.dword + index * Value(POOL_TRACKER_TABLE.size)).as(POOL_TRACKER_TABLE.self)
            f.if(index != poolTrackTableMask.dword) {
                f.if(row.Key == 0) { f.set(row.Key, key) }
                f.if(row.Key == key) { f.return(row) }
            }
            f.set(index, (index + 1) & poolTrackTableMask.dword)
            f.set(left, left - 1)
        }
        let last = f.local(poolTrackTable.dword + poolTrackTableMask.dword * Value(POOL_TRACKER_TABLE.size)).as(POOL_TRACKER_TABLE.self)
        f.set(last.Key, Value.tag("Ovfl"))
        f.return(last)
    }

    /// `ExpInsertPoolTracker(Key, NumberOfBytes, PoolType)`.
    static let insertPoolTracker: Routine = .init("ExpInsertPoolTracker", ["Key", "NumberOfBytes", "PoolType"]) { f in
        let row = f.call(findPoolTracker, f.argument(0)).as(POOL_TRACKER_TABLE.self)
        f.if((f.argument(2) & 1) == 0) {
            f.add(row.NonPagedAllocs, 1)
            f.add(row.NonPagedBytes, f.argument(1))
        } else: {
            f.add(row.PagedAllocs, 1)
            f.add(row.PagedBytes, f.argument(1))
        }
        f.return()
    }

    /// `ExpRemovePoolTracker(Key, NumberOfBytes, PoolType)`.
    static let removePoolTracker: Routine = .init("ExpRemovePoolTracker", ["Key", "NumberOfBytes", "PoolType"]) { f in
        let row = f.call(findPoolTracker, f.argument(0)).as(POOL_TRACKER_TABLE.self)
        f.if((f.argument(2) & 1) == 0) {
            f.add(row.NonPagedFrees, 1)
            f.set(row.NonPagedBytes, row.NonPagedBytes - f.argument(1))
        } else: {
            f.add(row.PagedFrees, 1)
            f.set(row.PagedBytes, row.PagedBytes - f.argument(1))
        }
        f.return()
    }

    // MARK: Large allocations

    /// `ExpFindBigPageRow(Va) -> the row that holds the address`, or with an address of 1 and a place to begin at, a free one; NULL when there is none.
    private static let findBigPageRow: Routine = .init("ExpFindBigPageRow", ["Va", "Hash"]) { f in
        let page = f.argument(1) >> 12
        let index = f.local(((page >> 24) ^ (page >> 16) ^ (page >> 8) ^ page) & (poolBigPageTableSize.dword - 1))
        let left = f.local(poolBigPageTableSize.dword)
        f.while(left != 0) {
            let row = f.local(poolBigPageTable.dword + (index << 4))
            f.if(row.dword() == f.argument(0)) { f.return(row) }
            f.set(index, (index + 1) & (poolBigPageTableSize.dword - 1))
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `ExpAddTagForBigPages(Va, Key, NumberOfPages) -> BOOLEAN`: FALSE when the table is full.
    static let addTagForBigPages: Routine = .init("ExpAddTagForBigPages", ["Va", "Key", "NumberOfPages"]) { f in
        let row = f.call(findBigPageRow, 1, f.argument(0)).as(POOL_TRACKER_BIG_PAGES.self)
        f.if(row.isNull) { f.return(0) }
        f.set(row.Va, f.argument(0))
        f.set(row.Key, f.argument(1))
        f.set(row.NumberOfPages, f.argument(2))
        f.set(row.QuotaObject, 0)
        f.add(poolBigEntriesInUse.dword, 1)
        f.return(1)
    }

    /// `ExpFindTagForBigPages(Va) -> tag, or 0`.
    static let findTagForBigPages: Routine = .init("ExpFindTagForBigPages", ["Va"]) { f in
        let row = f.call(findBigPageRow, f.argument(0), f.argument(0)).as(POOL_TRACKER_BIG_PAGES.self)
        f.if(row.isNull) { f.return(0) }
        f.return(row.Key)
    }

    /// Allocations that the table had no room for.
    static let bigPagesLost: Global = .init("ExpBigTableExpansionFailed")

    /// `ExpRecordBigPool(Va, NumberOfPages, Tag, PoolType)`: counts an allocation of whole pages. A full table forgets who it was, but not how much.
    static let recordBigPool: Routine = .init("ExpRecordBigPool", ["Va", "NumberOfPages", "Tag", "PoolType"]) { f in
        let pages = f.argument(1)
        let tag = f.local(f.argument(2))
        f.if(f.call(addTagForBigPages, f.argument(0), tag, pages) == 0) {
            f.set(tag, Value.tag("BIG "))
            f.add(bigPagesLost.dword, 1)
        }
        f.call(insertPoolTracker, tag, pages << 12, f.argument(3))
        let descriptor = f.local(descriptor(f.argument(3)))
        f.add(descriptor.RunningAllocs, 1)
        f.add(descriptor.TotalBigPages, pages)
        f.add(descriptor.TotalBytes, pages << 12)
        f.return()
    }

    /// `ExpRemoveTagForBigPages(Va)`.
    static let removeTagForBigPages: Routine = .init("ExpRemoveTagForBigPages", ["Va"]) { f in
        let row = f.call(findBigPageRow, f.argument(0), f.argument(0)).as(POOL_TRACKER_BIG_PAGES.self)
        f.if(row.isNull) { f.return() }
        f.set(row.Va, 1)
        f.set(poolBigEntriesInUse.dword, poolBigEntriesInUse.dword - 1)
        f.return()
    }
}
