// SPDX-License-Identifier: GPL-3.0-or-later

/// The events in `\KernelObjects` by which whoever is interested learns that memory is scarce or plentiful (spec/boot.md section 1.10). A level has hysteresis: below
/// the lower threshold the low event is set, from the higher one on the high event, between them neither.
extension Mm {
    /// A resource with its two events and thresholds.
    struct Condition {
        /// As in the events' names: `Low`, name, `Condition`.
        let name: String
        /// Pointers to the events; NULL before phase 1.
        let low: Global
        let high: Global
        /// Pages.
        let lowThreshold: Global
        let highThreshold: Global
    }

    static let memoryCondition = Condition(
        name: "Memory", low: .init("MiLowMemoryEvent"), high: .init("MiHighMemoryEvent"), lowThreshold: .init("MmLowMemoryThreshold"),
        highThreshold: .init("MmHighMemoryThreshold"))
    static let pagedPoolCondition = Condition(
        name: "PagedPool", low: .init("MiLowPagedPoolEvent"), high: .init("MiHighPagedPoolEvent"),
        lowThreshold: .init("MiLowPagedPoolThreshold"), highThreshold: .init("MiHighPagedPoolThreshold"))
    static let nonPagedPoolCondition = Condition(
        name: "NonPagedPool", low: .init("MiLowNonPagedPoolEvent"), high: .init("MiHighNonPagedPoolEvent"),
        lowThreshold: .init("MiLowNonPagedPoolThreshold"), highThreshold: .init("MiHighNonPagedPoolThreshold"))

    private static let conditions = [memoryCondition, pagedPoolCondition, nonPagedPoolCondition]
    /// Below as many pages the memory is low on machines of up to 128 MB.
    private static let plentyFreePages: Global = .init("MmPlentyFreePages") { [.dword(400)] }

    /// Pages of a number of MiB.
    private static func pages(megabytes: UInt32) -> Value { Value(megabytes << 8) }

    /// `MiInitializeMemoryEvents() -> BOOLEAN`.
    static let initializeMemoryEvents: Routine = .init(
        "MiInitializeMemoryEvents", section: .initialization,
        step: .init(
            "1.8 #16", "Events of memory conditions",
            """
            Six notification events appear in \\KernelObjects: LowMemoryCondition and HighMemoryCondition, and the same for paged and nonpaged pool. Their \
            thresholds come from the size of memory and of the pools; from here on the page lists and the pools set and clear them as the counts cross \
            the thresholds.
            """)
    ) { f in
        f.call(computeMemoryThresholds)
        f.call(computePoolThresholds)
        for condition in conditions {
            for (level, event) in [("Low", condition.low), ("High", condition.high)] {
                let path = #"\KernelObjects\"# + level + condition.name + "Condition"
                f.if(f.call(createMemoryEvent, f.unicode(path), event).isError) { f.return(0) }
            }
        }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.call(notifyMemoryEvents)
        f.call(notifyPoolEvents)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `MiComputeMemoryThresholds()`: low is 400 pages; above 128 MB 16 MB and a thirty-second of the rest; above 1 GB 32 MB and 16 MB for each further; 64 MB at most. High is
    /// three times that.
    private static let computeMemoryThresholds: Routine = .init("MiComputeMemoryThresholds", section: .initialization) { f in
        let low = memoryCondition.lowThreshold.dword
        f.set(low, plentyFreePages.dword)
        f.if(numberOfPhysicalPages.dword > pages(megabytes: 1024)) {
            f.set(low, pages(megabytes: 32) + ((numberOfPhysicalPages.dword - pages(megabytes: 1024)) >> 7))
        } else: {
            f.if(numberOfPhysicalPages.dword > pages(megabytes: 128)) {
                f.set(low, pages(megabytes: 16) + ((numberOfPhysicalPages.dword - pages(megabytes: 128)) >> 5))
            }
        }
        f.if(low > pages(megabytes: 64)) { f.set(low, pages(megabytes: 64)) }
        f.set(memoryCondition.highThreshold.dword, low * 3)
        f.return()
    }

    /// `MiInitializePoolEvents()`: 30 and 60 MB of paged pool or a fifth and two fifths of it, 8 and 20 MB of nonpaged pool or a third and half of it, whatever is less.
    private static let computePoolThresholds: Routine = .init("MiInitializePoolEvents", section: .initialization) { f in
        func threshold(_ cell: Global, _ megabytes: UInt32, _ part: Value) {
            f.set(cell.dword, pages(megabytes: megabytes))
            let part = f.local(part)
            f.if(part < cell.dword) { f.set(cell.dword, part) }
        }
        threshold(pagedPoolCondition.lowThreshold, 30, (sizeOfPagedPool.dword >> 12) / 5)
        threshold(pagedPoolCondition.highThreshold, 60, (sizeOfPagedPool.dword >> 12) * 2 / 5)
        threshold(nonPagedPoolCondition.lowThreshold, 8, (maximumNonPagedPool.dword >> 12) / 3)
        threshold(nonPagedPoolCondition.highThreshold, 20, (maximumNonPagedPool.dword >> 12) / 2)
        f.return()
    }

    /// `MiCreateMemoryEvent(EventName*, KEVENT**) -> status`: a permanent notification event that is not set, and a reference to it.
    private static let createMemoryEvent: Routine = .init("MiCreateMemoryEvent", ["EventName", "Event"], section: .initialization) { f in
        let attributes = f.objectAttributes(
            f.argument(0), ObjectAttribute.kernelHandle | ObjectAttribute.caseInsensitive | ObjectAttribute.permanent)
        let handle = f.local(0)
        let status = f.local(f.call(Ex.ntCreateEvent, f.address(of: handle), 0x1F_0003, attributes, 0, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 2, Ex.eventObjectType.dword, 0, f.argument(1), 0))
        f.call(Ob.zwClose, handle)
        f.return(status)
    }

    // MARK: Crossing a threshold

    /// Where the number of available pages has just changed by one: calls `MiNotifyMemoryEvents` when it has crossed a threshold. `offset` is 1 where it fell. Thresholds are 0,
    /// and never crossed, before phase 1.
    static func checkThresholds(_ f: Function, offset: UInt32) {
        let pages = availablePages.dword + Value(offset)
        f.if(pages == memoryCondition.lowThreshold.dword || pages == memoryCondition.highThreshold.dword) { f.call(notifyMemoryEvents) }
    }

    /// `MiSetConditionEvents(Available, LowThreshold, HighThreshold, LowEvent*, HighEvent*)`: at or below DISPATCH_LEVEL. Events that are as they should be are left alone.
    private static let setConditionEvents: Routine = .init(
        "MiSetConditionEvents", ["Available", "LowThreshold", "HighThreshold", "LowEvent", "HighEvent"]
    ) { f in
        let levels = [(3, f.argument(0) < f.argument(1)), (4, f.argument(0) >= f.argument(2))]
        for (index, wanted) in levels {
            let event = f.argument(index, KEVENT.self)
            let state = f.local(wanted)
            f.if(event.Header.SignalState != state) {
                f.if(state != 0) {
                    f.call(Ke.setEvent, event, 0, 0)
                } else: {
                    f.call(Ke.resetEvent, event)
                }
            }
        }
        f.return()
    }

    /// `MiNotifyMemoryEvents()`: the events of physical memory; the balancer is woken when it has become scarce.
    static let notifyMemoryEvents: Routine = .init("MiNotifyMemoryEvents") { f in
        let condition = memoryCondition
        f.if(condition.high.dword == 0) { f.return() }
        let low = condition.low.dword.as(KEVENT.self)
        let before = f.local(low.Header.SignalState)
        f.call(
            setConditionEvents, availablePages.dword, condition.lowThreshold.dword, condition.highThreshold.dword, condition.low.dword,
            condition.high.dword)
        f.if(low.Header.SignalState != 0 && before == 0) { f.call(Ke.setEvent, balancerEvent, 0, 0) }
        f.return()
    }

    /// `MiNotifyPoolEvents()`: the events of both pools, by the pages that they may still get.
    static let notifyPoolEvents: Routine = .init("MiNotifyPoolEvents") { f in
        f.if(nonPagedPoolCondition.high.dword == 0) { f.return() }
        let free = [
            (pagedPoolCondition, (sizeOfPagedPool.dword >> 12) - pagedPoolInfo.AllocatedPagedPool),
            (nonPagedPoolCondition, (maximumNonPagedPool.dword >> 12) - allocatedNonPagedPool.dword),
        ]
        for (condition, pages) in free {
            f.call(
                setConditionEvents, pages, condition.lowThreshold.dword, condition.highThreshold.dword, condition.low.dword,
                condition.high.dword)
        }
        f.return()
    }
}
