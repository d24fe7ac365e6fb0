// SPDX-License-Identifier: GPL-3.0-or-later

/// Range lists: which parts of a 64-bit space somebody has, sorted by where they start. All of it at PASSIVE_LEVEL; entries come from a lookaside list (spec/boot.md section 1.8 #22).
extension Rtl {
    /// `RtlAddRange`: add even where something is already; the range may be shared.
    package enum RangeAdd {
        package static let ifConflict: UInt32 = 1
        package static let shared: UInt32 = 2
    }
    /// `RtlFindRange`, `RtlIsRangeAvailable`: ranges that are shared do not count, nor do those without an owner.
    package enum RangeFind {
        package static let sharedOk: UInt32 = 1
        package static let nullConflictOk: UInt32 = 2
    }

    private static let lookaside: GlobalStructure<NPAGED_LOOKASIDE_LIST> = .init("RtlpRangeListEntryLookasideList")
    private static let conflict: UInt32 = 0xC000_0282

    /// `RtlInitializeRangeListPackage()`: the lookaside list of entries.
    package static let initializeRangeListPackage: Routine = .init("RtlInitializeRangeListPackage", section: .initialization) { f in
        f.call(Ex.initializePagedLookasideList, lookaside, 0, 0, 0, RTLP_RANGE_LIST_ENTRY.size, Value.tag("RRle"), 16)
        f.return()
    }

    /// `RtlInitializeRangeList(RangeList*)`: an empty one.
    package static let initializeRangeList: Routine = .init("RtlInitializeRangeList", ["RangeList"], section: .page) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        f.initializeListHead(list.ListHead.value)
        f.set(list.Flags, 0)
        f.set(list.Count, 0)
        f.set(list.Stamp, 0)
        f.return()
    }

    /// `RtlFreeRangeList(RangeList*)`: empties it.
    package static let freeRangeList: Routine = .init("RtlFreeRangeList", ["RangeList"], section: .page) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        f.forEach(in: list.ListHead.value) { link in f.call(Ex.freeToNPagedLookasideList, lookaside, entry(link)) }
        f.call(initializeRangeList, list)
        f.return()
    }

    private static func entry(_ link: Value) -> Pointer<RTLP_RANGE_LIST_ENTRY> { .containing(link, as: \.ListEntry) }

    /// A 64-bit number in two halves.
    private typealias Wide = (low: Value, high: Value)
    private static func isLess(_ a: Wide, _ b: Wide) -> Value { a.high < b.high || (a.high == b.high && a.low < b.low) }
    private static func start(_ e: Pointer<RTLP_RANGE_LIST_ENTRY>) -> Wide { (e.Start.LowPart, e.Start.HighPart) }
    private static func end(_ e: Pointer<RTLP_RANGE_LIST_ENTRY>) -> Wide { (e.End.LowPart, e.End.HighPart) }

    /// `RtlpFindConflict(RangeList*, Start, End, Flags, AttributeAvailableMask) -> RTLP_RANGE_LIST_ENTRY* or NULL`: the last entry that has some of the range and counts.
    private static let findConflict: Routine = .init(
        "RtlpFindConflict", ["RangeList", "StartLow", "StartHigh", "EndLow", "EndHigh", "Flags", "AttributeAvailableMask"], section: .page
    ) { f in
        let found = f.local(0)
        let first: Wide = (f.argument(1), f.argument(2))
        let last: Wide = (f.argument(3), f.argument(4))
        f.forEach(in: f.argument(0, RTL_RANGE_LIST.self).ListHead.value) { link in
            let e = f.local(entry(link))
            f.if(!isLess(last, start(e)) && !isLess(end(e), first)) {
                let isShared = f.local((e.PublicFlags & 1) != 0 && (f.argument(5) & Value(RangeFind.sharedOk)) != 0)
                let isNobodys = f.local(e.Owner == 0 && (f.argument(5) & Value(RangeFind.nullConflictOk)) != 0)
                f.if(isShared == 0 && isNobodys == 0 && (e.Attributes & f.argument(6)) == 0) { f.set(found, e) }
            }
        }
        f.return(found)
    }

    /// `RtlAddRange(RangeList*, Start, End, Attributes, Flags, UserData, Owner) -> status`: both ends belong to it. STATUS_RANGE_LIST_CONFLICT: somebody has some of it, and it is
    /// not both shared and shareable.
    package static let addRange: Routine = .init(
        "RtlAddRange", ["RangeList", "StartLow", "StartHigh", "EndLow", "EndHigh", "Attributes", "Flags", "UserData", "Owner"],
        section: .page
    ) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        let first: Wide = (f.argument(1), f.argument(2))
        f.if(isLess((f.argument(3), f.argument(4)), first)) { f.return(Status.invalidParameter) }
        f.if((f.argument(6) & Value(RangeAdd.ifConflict)) == 0) {
            let other = f.call(
                findConflict, list, f.argument(1), f.argument(2), f.argument(3), f.argument(4), (f.argument(6) >> 1) & 1, 0)
            f.if(other != 0) { f.return(conflict) }
        }
        let block = f.call(Ex.allocateFromNPagedLookasideList, lookaside)
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let new = f.local(block.as(RTLP_RANGE_LIST_ENTRY.self))
        f.zero(new, RTLP_RANGE_LIST_ENTRY.size)
        f.set(new.Start.LowPart, f.argument(1))
        f.set(new.Start.HighPart, f.argument(2))
        f.set(new.End.LowPart, f.argument(3))
        f.set(new.End.HighPart, f.argument(4))
        f.set(new.Attributes, f.argument(5))
        f.set(new.PublicFlags, (f.argument(6) >> 1) & 1)
        f.set(new.UserData, f.argument(7))
        f.set(new.Owner, f.argument(8))
        let next = f.local(list.ListHead.Flink.value)
        f.while(next != list.ListHead.value) {
            f.if(isLess(first, start(entry(next)))) { f.break() }
            f.set(next, next.dword())
        }
        f.insertTailList(next, new.ListEntry.value)
        f.add(list.Count, 1)
        f.add(list.Stamp, 1)
        f.return(Status.success)
    }

    /// `RtlDeleteOwnersRanges(RangeList*, Owner) -> STATUS_SUCCESS`.
    package static let deleteOwnersRanges: Routine = .init("RtlDeleteOwnersRanges", ["RangeList", "Owner"], section: .page) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        f.forEach(in: list.ListHead.value) { link in
            f.if(entry(link).Owner == f.argument(1)) { f.call(removeEntry, list, link) }
        }
        f.return(Status.success)
    }

    /// `RtlDeleteRange(RangeList*, Start, End, Owner) -> status`: exactly that one. STATUS_RANGE_NOT_FOUND: there is none.
    package static let deleteRange: Routine = .init(
        "RtlDeleteRange", ["RangeList", "StartLow", "StartHigh", "EndLow", "EndHigh", "Owner"], section: .page
    ) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        f.forEach(in: list.ListHead.value) { link in
            let e = f.local(entry(link))
            let isStart = f.local(e.Start.LowPart == f.argument(1) && e.Start.HighPart == f.argument(2))
            f.if(isStart != 0 && e.End.LowPart == f.argument(3) && e.End.HighPart == f.argument(4) && e.Owner == f.argument(5)) {
                f.call(removeEntry, list, link)
                f.return(Status.success)
            }
        }
        f.return(0xC000_028C as UInt32)
    }

    /// `RtlpRemoveRange(RangeList*, Link)`.
    private static let removeEntry: Routine = .init("RtlpRemoveRange", ["RangeList", "Link"], section: .page) { f in
        let list = f.argument(0, RTL_RANGE_LIST.self)
        f.removeEntryList(f.argument(1))
        f.call(Ex.freeToNPagedLookasideList, lookaside, entry(f.argument(1)))
        f.set(list.Count, list.Count - 1)
        f.add(list.Stamp, 1)
        f.return()
    }

    /// `RtlIsRangeAvailable(RangeList*, Start, End, Flags, AttributeAvailableMask, Context, Callback, Available*) -> status`: entries with one of the attributes do not count.
    /// `Callback(Context, Range*) -> BOOLEAN` is asked about the entry in the way; TRUE lets it pass.
    package static let isRangeAvailable: Routine = .init(
        "RtlIsRangeAvailable",
        [
            "RangeList", "StartLow", "StartHigh", "EndLow", "EndHigh", "Flags", "AttributeAvailableMask", "Context", "Callback",
            "Available",
        ], section: .page
    ) { f in
        let other = f.call(
            findConflict, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6))
        let isFree = f.local(other == 0)
        f.if(other != 0 && f.argument(8) != 0) { f.set(isFree, f.callIndirect(f.argument(8), f.argument(7), other)) }
        f.set(f.argument(9).byte(), isFree)
        f.return(Status.success)
    }

    /// `RtlFindRange(RangeList*, Minimum, Maximum, Length, Alignment, Flags, AttributeAvailableMask, Context, Callback, Start*) -> status`: the highest place between minimum and maximum that is
    /// free for that many bytes and a multiple of the alignment. STATUS_UNSUCCESSFUL: there is none.
    package static let findRange: Routine = .init(
        "RtlFindRange",
        [
            "RangeList", "MinimumLow", "MinimumHigh", "MaximumLow", "MaximumHigh", "Length", "Alignment", "Flags",
            "AttributeAvailableMask", "Context", "Callback", "Start",
        ], section: .page
    ) { f in
        let length = f.argument(5)
        let minimum: Wide = (f.argument(1), f.argument(2))
        f.if(length == 0) { f.return(Status.invalidParameter) }
        f.if(f.argument(6) == 0) { f.set(f.argument(6), 1) }
        // Where the range would have to end.
        let last: Wide = (f.local(f.argument(3)), f.local(f.argument(4)))
        f.loop {
            f.if(isLess(last, minimum) || (last.high == 0 && last.low < length - 1)) { f.return(Status.unsuccessful) }
            let place: Wide = (f.local(last.low - (length - 1)), f.local(last.high - (last.low < length - 1)))
            f.set(place.low, place.low - place.low % f.argument(6))
            f.if(isLess(place, minimum)) { f.return(Status.unsuccessful) }
            let end: Wide = (f.local(place.low + (length - 1)), f.local(place.high))
            f.if(end.low < place.low) { f.add(end.high, 1) }
            let other = f.call(
                findConflict, f.argument(0), place.low, place.high, end.low, end.high, f.argument(7), f.argument(8)
            ).as(RTLP_RANGE_LIST_ENTRY.self)
            f.if(other.isNull) {
                f.set(f.argument(11).dword(), place.low)
                f.set(f.argument(11).dword(4), place.high)
                f.return(Status.success)
            }
            f.if(f.argument(10) != 0) {
                f.if((f.callIndirect(f.argument(10), f.argument(9), other) & 0xFF) != 0) {
                    f.set(f.argument(11).dword(), place.low)
                    f.set(f.argument(11).dword(4), place.high)
                    f.return(Status.success)
                }
            }
            // Below what is in the way.
            f.if(other.Start.LowPart == 0 && other.Start.HighPart == 0) { f.return(Status.unsuccessful) }
            f.set(last.high, other.Start.HighPart - (other.Start.LowPart == 0))
            f.set(last.low, other.Start.LowPart - 1)
        }
        f.return(Status.unsuccessful)
    }
}
