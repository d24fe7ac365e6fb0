// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pool (spec/boot.md section 5.20). Requests up to 0xFF0 bytes are blocks of a page: a POOL_HEADER, then what the owner gets, in units of 8 bytes. Free
/// blocks are on the list of their size in the pool's descriptor. Larger requests take whole pages, which a table knows. Both tell the tracker
/// of their tag.
extension Ex {
    /// The descriptors by pool type.
    package static let poolVector: Global = .init("PoolVector", size: 8)
    package static let nonPagedPoolDescriptor: GlobalStructure<POOL_DESCRIPTOR> = .init("NonPagedPoolDescriptor")
    /// The paged pool's descriptor, in nonpaged pool.
    package static let pagedPoolDescriptor: Global = .init("ExpPagedPoolDescriptor")

    /// Bytes of a unit and of a page in them; the largest request that fits into a page with its header.
    static let poolUnit: UInt32 = 8
    static let poolUnitsPerPage: UInt32 = 512
    static let largestPoolBlock: UInt32 = 0xFF0

    static func descriptor(_ type: Value) -> Pointer<POOL_DESCRIPTOR> {
        Pointer((poolVector.value + ((type & 1) << 2)).dword())
    }

    /// `InitializePool(PoolType)`: an empty pool; for nonpaged pool, which comes first, also the tables of tags and large allocations. Without memory for paged pool's
    /// descriptor: BC 0x41(0, -1, -1, -1).
    static let initializePool: Routine = .init("InitializePool", ["PoolType"], section: .initialization) { f in
        f.if(f.argument(0) == 0) {
            f.set(poolVector.dword, nonPagedPoolDescriptor)
            f.call(initializePoolDescriptor, nonPagedPoolDescriptor, 0)
            f.call(initializePoolTracking)
            f.return()
        }
        f.set(pagedPoolDescriptor.dword, f.call(allocatePoolWithTag, 2, POOL_DESCRIPTOR.size, Value.tag("Pool")))
        f.if(pagedPoolDescriptor.dword == 0) {
            f.call(Ke.bugCheckEx, 0x41, 0, 0xFFFF_FFFF as Value, 0xFFFF_FFFF as Value, 0xFFFF_FFFF as Value)
        }
        f.set(poolVector.value.dword(4), pagedPoolDescriptor.dword)
        f.call(initializePoolDescriptor, pagedPoolDescriptor.dword, 1)
        f.return()
    }

    /// `ExInitializePoolDescriptor(Descriptor*, PoolType)`: empty lists.
    static let initializePoolDescriptor: Routine = .init(
        "ExInitializePoolDescriptor", ["PoolDescriptor", "PoolType"], section: .initialization
    ) { f in
        let descriptor = f.argument(0, POOL_DESCRIPTOR.self)
        f.zero(descriptor, POOL_DESCRIPTOR.size)
        f.set(descriptor.PoolType, f.argument(1))
        let head = f.local(descriptor.ListHeads)
        f.while(head < descriptor.value + Value(POOL_DESCRIPTOR.size)) {
            f.initializeListHead(head)
            f.add(head, 8)
        }
        f.return()
    }

    // MARK: Headers

    /// PreviousSize, BlockSize and PoolType of a header; the last is 0 for a free block, else the requested type plus 1.
    static func previousSize(_ header: Value) -> Value { header.word() & 0x1FF }
    static func blockSize(_ header: Value) -> Value { header.word(2) & 0x1FF }
    static func poolType(_ header: Value) -> Value { header.word(2) >> 9 }
    static func nextBlock(_ header: Value) -> Value { header + (blockSize(header) << 3) }

    static func setHeader(_ f: Function, _ header: Value, previous: Value, size: Value, type: Value) {
        f.set(header.dword(), previous | (size << 16) | (type << 25))
    }

    /// The block behind, when there is one in the page, learns how far it is to the beginning of this one.
    static func fixNext(_ f: Function, _ header: Value) {
        let next = f.local(nextBlock(header))
        f.if((next & 0xFFF) != 0) { f.set(next.word(), (next.word() & ~Value(0x1FF)) | blockSize(header)) }
    }

    /// `ExpCheckPoolLinks(Entry*)`: BC 0x19(3, entry, its successor's predecessor, its predecessor's successor) when they do not lead back.
    static let checkPoolLinks: Routine = .init("ExpCheckPoolLinks", ["Entry"]) { f in
        let entry = f.argument(0, LIST_ENTRY.self)
        f.if(entry.Flink.Blink.value != entry.value || entry.Blink.Flink.value != entry.value) {
            f.call(Ke.bugCheckEx, 0x19, 3, entry, entry.Flink.Blink, entry.Blink.Flink)
        }
        f.return()
    }

    /// `ExpInsertFreeBlock(Descriptor*, Header, AtHead)`: on the list of its size. A block that is a header and nothing else has no room for links.
    static let insertFreeBlock: Routine = .init("ExpInsertFreeBlock", ["PoolDescriptor", "Header", "AtHead"]) { f in
        let header = f.argument(1)
        f.if(blockSize(header) == 1) { f.return() }
        let head = f.local(f.argument(0, POOL_DESCRIPTOR.self).ListHeads + (blockSize(header) << 3))
        f.call(checkPoolLinks, head)
        f.if(f.argument(2) != 0) {
            f.insertHeadList(head, header + 8)
        } else: {
            f.insertTailList(head, header + 8)
        }
        f.return()
    }

    /// `ExpRemoveFreeBlock(Header)`: off its list.
    static let removeFreeBlock: Routine = .init("ExpRemoveFreeBlock", ["Header"]) { f in
        f.if(blockSize(f.argument(0)) == 1) { f.return() }
        let entry = f.local(f.argument(0) + 8)
        f.call(checkPoolLinks, entry)
        f.removeEntryList(entry)
        f.return()
    }
}
