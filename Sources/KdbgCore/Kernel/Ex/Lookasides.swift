// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Lookaside lists: a few freed blocks of one size, kept on an SLIST so that neither the pool nor a lock is needed (spec/boot.md section 5.12).
extension Ex {
    /// Every list made by `ExInitializeNPagedLookasideList`, linked by GENERAL_LOOKASIDE.ListEntry.
    package static let nonPagedLookasideList: GlobalStructure<LIST_ENTRY> = .init("ExNPagedLookasideListHead")
    /// Every list made by `ExInitializePagedLookasideList`.
    package static let pagedLookasideList: GlobalStructure<LIST_ENTRY> = .init("ExPagedLookasideListHead")
    /// The system's own lists: two each for small and large IRPs, MDLs, completion packets.
    package static let systemLookasideList: GlobalStructure<LIST_ENTRY> = .init("ExSystemLookasideListHead")
    /// The lists of small pool blocks.
    package static let poolLookasideList: GlobalStructure<LIST_ENTRY> = .init("ExPoolLookasideListHead")
    static let lookasideLock: Global = .init("ExpLookasideListLock")

    /// Indexes into KPRCB.PPLookasideList (spec/boot.md section 5.11).
    package enum PerProcessorLookaside {
        package static let smallIrp: UInt32 = 0
        package static let largeIrp: UInt32 = 1
        package static let mdl: UInt32 = 2
        package static let completion: UInt32 = 6
    }

    /// `InterlockedPopEntrySList(ListHead*) -> entry or NULL`: the sequence number beside the depth keeps a pop that was interrupted from succeeding.
    package static let interlockedPopEntrySList: Routine = .init("InterlockedPopEntrySList", ["ListHead"]) { f in
        f.asm(savesRegisters: true) { a in
            let again = a.newLabel()
            let end = a.newLabel()
            a.mov(.esi, .at(.ebp, 8))
            a.mov(.edx, .at(.esi, 4))
            a.mov(.eax, .at(.esi, 0))
            a.bind(again)
            a.test(.eax, .eax)
            a.jcc(.equal, end)
            a.lea(.ecx, .at(.edx, -1))
            a.mov(.ebx, .at(.eax, 0))
            lockCompareExchange8B(&a)
            a.jcc(.notEqual, again)
            a.bind(end)
        }
        f.return()
    }

    /// `InterlockedPushEntrySList(ListHead*, ListEntry*) -> entry that was first or NULL`.
    package static let interlockedPushEntrySList: Routine = .init("InterlockedPushEntrySList", ["ListHead", "ListEntry"]) { f in
        f.asm(savesRegisters: true) { a in
            let again = a.newLabel()
            a.mov(.esi, .at(.ebp, 8))
            a.mov(.ebx, .at(.ebp, 12))
            a.mov(.edx, .at(.esi, 4))
            a.mov(.eax, .at(.esi, 0))
            a.bind(again)
            a.mov(.at(.ebx, 0), .eax)
            a.lea(.ecx, .at(.edx, 0x1_0001))
            lockCompareExchange8B(&a)
            a.jcc(.notEqual, again)
        }
        f.return()
    }

    /// LOCK CMPXCHG8B [ESI].
    private static func lockCompareExchange8B(_ a: inout Assembler) {
        for byte in [0xF0, 0x0F, 0xC7, 0x0E] as [UInt8] { a.byte(byte) }
    }

    /// `ExInitializeSystemLookasideList(List*, PoolType, Size, Tag, MaximumDepth, ListHead*)`: an empty list that keeps four blocks at most.
    package static let initializeSystemLookasideList: Routine = .init(
        "ExInitializeSystemLookasideList", ["List", "Type", "Size", "Tag", "MaximumDepth", "ListHead"]
    ) { f in
        let list = f.argument(0, GENERAL_LOOKASIDE.self)
        f.zero(list, GENERAL_LOOKASIDE.size)
        f.set(list.PoolType, f.argument(1))
        f.set(list.Size, f.argument(2))
        f.set(list.Tag, f.argument(3))
        f.set(list.Depth, 4)
        f.set(list.MaximumDepth, f.argument(4))
        f.set(list.Allocate, allocatePoolWithTag)
        f.set(list.Free, freePool)
        f.call(Io.interlockedInsertTailList, f.argument(5), list.address(of: \.ListEntry), lookasideLock)
        f.return()
    }

    private static let parameters = ["Lookaside", "Allocate", "Free", "Flags", "Size", "Tag", "Depth"]

    /// `ExInitializeNPagedLookasideList(Lookaside*, Allocate, Free, Flags, Size, Tag, Depth)`: NULL routines stand for the pool's. `Depth` is reserved.
    package static let initializeNPagedLookasideList: Routine = .init("ExInitializeNPagedLookasideList", parameters) { f in
        initializeLookaside(f, type: 0, nonPagedLookasideList)
    }

    /// `ExInitializePagedLookasideList(Lookaside*, Allocate, Free, Flags, Size, Tag, Depth)`.
    package static let initializePagedLookasideList: Routine = .init("ExInitializePagedLookasideList", parameters) { f in
        initializeLookaside(f, type: 1, pagedLookasideList)
    }

    private static func initializeLookaside(_ f: Function, type: UInt32, _ head: GlobalStructure<LIST_ENTRY>) {
        let list = f.argument(0, GENERAL_LOOKASIDE.self)
        f.call(initializeSystemLookasideList, list, f.argument(3) | type.value, f.argument(4), f.argument(5), 256, head)
        f.if(f.argument(1) != 0) { f.set(list.Allocate, f.argument(1)) }
        f.if(f.argument(2) != 0) { f.set(list.Free, f.argument(2)) }
        f.return()
    }

    /// `ExDeleteNPagedLookasideList(Lookaside*)`: unlinks it and frees the blocks it keeps.
    package static let deleteNPagedLookasideList: Routine = .init("ExDeleteNPagedLookasideList", ["Lookaside"]) { f in
        let list = f.argument(0, GENERAL_LOOKASIDE.self)
        let irql = f.call(Hal.acquireSpinLock, lookasideLock)
        f.removeEntryList(list.address(of: \.ListEntry))
        f.call(Hal.releaseSpinLock, lookasideLock, irql)
        f.loop {
            let entry = f.call(interlockedPopEntrySList, list)
            f.if(entry == 0) { f.break() }
            f.callIndirect(list.Free, entry)
        }
        f.return()
    }

    /// `ExAllocateFromNPagedLookasideList(Lookaside*) -> address or NULL`: a kept block, or a new one, which counts as a miss.
    package static let allocateFromNPagedLookasideList: Routine = .init("ExAllocateFromNPagedLookasideList", ["Lookaside"]) { f in
        let list = f.argument(0, GENERAL_LOOKASIDE.self)
        f.add(list.TotalAllocates, 1)
        let entry = f.call(interlockedPopEntrySList, list)
        f.if(entry != 0) { f.return(entry) }
        f.add(list.AllocateMisses, 1)
        f.return(f.callIndirect(list.Allocate, list.PoolType, list.Size, list.Tag))
    }

    /// `ExFreeToNPagedLookasideList(Lookaside*, Entry)`: keeps the block, or frees it when `Depth` blocks are kept.
    package static let freeToNPagedLookasideList: Routine = .init("ExFreeToNPagedLookasideList", ["Lookaside", "Entry"]) { f in
        let list = f.argument(0, GENERAL_LOOKASIDE.self)
        f.add(list.TotalFrees, 1)
        f.if(list.ListDepth >= list.Depth) {
            f.add(list.FreeMisses, 1)
            f.callIndirect(list.Free, f.argument(1))
        } else: {
            f.call(interlockedPushEntrySList, list, f.argument(1))
        }
        f.return()
    }

    /// The pair of lists of an index: the processor's own at +0 (P), the one for all processors at +4 (L).
    private static func pair(_ index: Value) -> Value { Ke.prcb.PPLookasideList + (index << 3) }

    /// `ExAllocateFromPPLookasideList(Number) -> address or NULL`: from the processor's own list, else from the common one, else from the pool.
    package static let allocateFromPPLookasideList: Routine = .init("ExAllocateFromPPLookasideList", ["Number"]) { f in
        let own = f.local(pair(f.argument(0)).dword().as(GENERAL_LOOKASIDE.self))
        f.add(own.TotalAllocates, 1)
        let entry = f.call(interlockedPopEntrySList, own)
        f.if(entry != 0) { f.return(entry) }
        f.add(own.AllocateMisses, 1)
        f.return(f.call(allocateFromNPagedLookasideList, pair(f.argument(0)).dword(4)))
    }

    /// `ExFreeToPPLookasideList(Number, Entry)`: to the processor's own list; when that is full to the common one, else to the pool.
    package static let freeToPPLookasideList: Routine = .init("ExFreeToPPLookasideList", ["Number", "Entry"]) { f in
        let own = f.local(pair(f.argument(0)).dword().as(GENERAL_LOOKASIDE.self))
        f.add(own.TotalFrees, 1)
        f.if(own.ListDepth < own.Depth) {
            f.call(interlockedPushEntrySList, own, f.argument(1))
            f.return()
        }
        f.add(own.FreeMisses, 1)
        f.call(freeToNPagedLookasideList, pair(f.argument(0)).dword(4), f.argument(1))
        f.return()
    }

    /// `ExFreePool(P)`.
    package static let freePool: Routine = .init("ExFreePool", ["P"]) { f in
        f.call(freePoolWithTag, f.argument(0), 0)
        f.return()
    }
}
