// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Lists of physical pages, in the PFN database (spec/boot.md sections 1.6.2 and 4.1). Free and zeroed pages are on a second list as well, that of
/// their colour: the lowest six bits of the number. All routines run at DISPATCH_LEVEL or before there are threads.
extension Mm {
    /// Colours; 64 of them for each of the two lists.
    static let secondaryColors: UInt32 = 64
    static let colorTableBytes = Value(2 * secondaryColors * MMCOLOR_TABLES.size)
    /// Ends lists of pages, and the one of a colour in MMPFN.u4, which has 25 bits for it.
    static let endOfPages: Value = 0xFFFF_FFFF
    private static let endOfColor: Value = 0x1FF_FFFF

    private static func listHead(_ name: String, _ location: PfnEntry.Location) -> GlobalStructure<MMPFNLIST> {
        GlobalStructure(name) { [.dword(0), .dword(location.rawValue), .dword(0xFFFF_FFFF), .dword(0xFFFF_FFFF)] }
    }

    package static let zeroedPageList = listHead("MmZeroedPageListHead", .zeroed)
    package static let freePageList = listHead("MmFreePageListHead", .free)
    /// Nothing is paged out, so no page is ever on the next three.
    static let standbyPageList = listHead("MmStandbyPageListHead", .standby)
    static let modifiedPageList = listHead("MmModifiedPageListHead", .modified)
    static let modifiedNoWritePageList = listHead("MmModifiedNoWritePageListHead", .modifiedNoWrite)
    static let badPageList = listHead("MmBadPageListHead", .bad)
    /// The six by PageLocation.
    static let pageLocationList: Global = .init("MmPageLocationList", size: 8 * 4) {
        [zeroedPageList, freePageList, standbyPageList, modifiedPageList, modifiedNoWritePageList, badPageList].map { .address($0) }
    }
    /// Addresses of the colour tables of zeroed and of free pages, behind the last entry of the database.
    static let freePagesByColor: Global = .init("MmFreePagesByColor", size: 8)
    /// Counts up with each page taken for the system, so that they have all colours.
    static let systemPageColor: Global = .init("MmSystemPageColor")

    /// The entry of a physical page.
    static func pfn(_ page: Value) -> Pointer<MMPFN> { Pointer(page * Value(MMPFN.size) + pfnDatabase.dword) }
    /// The number of the page that an entry is about.
    static func page(of entry: Pointer<MMPFN>) -> Value { (entry.value - pfnDatabase.dword) / Value(MMPFN.size) }
    private static func colorTable(_ list: Value, _ page: Value) -> Pointer<MMCOLOR_TABLES> {
        Pointer((freePagesByColor.value + (list << 2)).dword() + (page & Value(secondaryColors - 1)) * Value(MMCOLOR_TABLES.size))
    }

    /// `MiInitializeColorTables()`: all empty.
    static let initializeColorTables: Routine = .init("MiInitializeColorTables", section: .initialization) { f in
        let first = f.local(pfn(highestPhysicalPage.dword + 1))
        f.set(freePagesByColor.dword, first)
        f.set(freePagesByColor.value.dword(4), first.value + Value(secondaryColors * MMCOLOR_TABLES.size))
        let table = f.local(first.as(MMCOLOR_TABLES.self))
        f.while(table.value < first.value + colorTableBytes) {
            f.set(table.Flink, endOfPages)
            f.set(table.address(of: \.Blink).dword(), endOfPages)
            f.set(table.Count, 0)
            f.add(table.value, MMCOLOR_TABLES.size)
        }
        f.return()
    }

    /// `MiInsertPageInFreeList(PageFrameIndex)`: at the end of the free list and of its colour's.
    static let insertPageInFreeList: Routine = .init("MiInsertPageInFreeList", ["PageFrameIndex"]) { f in
        let page = f.argument(0)
        let entry = f.local(pfn(page))
        let list = freePageList
        f.set(entry.e1, Value(PfnEntry.Location.free.bits | PfnEntry.notMapped))
        f.set(entry.ReferenceCount, 0)
        f.set(entry.u1, endOfPages)
        f.set(entry.u2, list.Blink)
        f.if(list.Blink == endOfPages) {
            f.set(list.Flink, page)
        } else: {
            f.set(pfn(list.Blink).u1, page)
        }
        f.set(list.Blink, page)
        f.add(list.Total, 1)
        let table = f.local(colorTable(1, page))
        f.set(entry.OriginalPte, endOfPages)
        f.if(table.Flink == endOfPages) {
            f.set(entry.u4, endOfColor)
            f.set(table.Flink, page)
        } else: {
            f.set(entry.u4, Mm.page(of: table.Blink))
            f.set(table.Blink.OriginalPte, page)
        }
        f.set(table.address(of: \.Blink).dword(), entry)
        f.add(table.Count, 1)
        f.add(availablePages.dword, 1)
        checkThresholds(f, offset: 0)
        f.if(zeroingPageThreadActive.byte == 0 && zeroedPageList.Total < zeroedPagesWanted) {
            f.set(zeroingPageThreadActive.byte, 1)
            f.call(Ke.setEvent, zeroingPageEvent, 0, 0)
        }
        f.return()
    }

    /// `MiInsertPageInList(ListHead*, PageFrameIndex)`: a zeroed page at the beginning of its list and colour, any other at the end of its list.
    static let insertPageInList: Routine = .init("MiInsertPageInList", ["ListHead", "PageFrameIndex"]) { f in
        let list = f.argument(0, MMPFNLIST.self)
        let page = f.argument(1)
        let entry = f.local(pfn(page))
        f.set(entry.e1, (list.ListName << 8) | Value(PfnEntry.notMapped))
        f.set(entry.ReferenceCount, 0)
        f.add(list.Total, 1)
        f.if(list.ListName != Value(PfnEntry.Location.zeroed.rawValue)) {
            f.set(entry.u1, endOfPages)
            f.set(entry.u2, list.Blink)
            f.if(list.Blink == endOfPages) {
                f.set(list.Flink, page)
            } else: {
                f.set(pfn(list.Blink).u1, page)
            }
            f.set(list.Blink, page)
            f.return()
        }
        f.set(entry.u1, list.Flink)
        f.set(entry.u2, endOfPages)
        f.if(list.Flink == endOfPages) {
            f.set(list.Blink, page)
        } else: {
            f.set(pfn(list.Flink).u2, page)
        }
        f.set(list.Flink, page)
        let table = f.local(colorTable(0, page))
        f.set(entry.OriginalPte, table.Flink)
        f.set(entry.u4, endOfColor)
        f.if(table.Flink == endOfPages) {
            f.set(table.address(of: \.Blink).dword(), entry)
        } else: {
            f.set(pfn(table.Flink).u4, page)
        }
        f.set(table.Flink, page)
        f.add(table.Count, 1)
        f.add(availablePages.dword, 1)
        checkThresholds(f, offset: 0)
        f.return()
    }

    /// `MiUnlinkFreeOrZeroedPage(Pfn*)`: off its list and off its colour's.
    static let unlinkFreeOrZeroedPage: Routine = .init("MiUnlinkFreeOrZeroedPage", ["Pfn"]) { f in
        let entry = f.argument(0, MMPFN.self)
        let location = f.local((entry.e1 >> 8) & 7)
        let list = f.local((pageLocationList.value + (location << 2)).dword().as(MMPFNLIST.self))
        f.if(entry.u1 == endOfPages) {
            f.set(list.Blink, entry.u2)
        } else: {
            f.set(pfn(entry.u1).u2, entry.u2)
        }
        f.if(entry.u2 == endOfPages) {
            f.set(list.Flink, entry.u1)
        } else: {
            f.set(pfn(entry.u2).u1, entry.u1)
        }
        f.set(list.Total, list.Total - 1)
        let table = f.local(colorTable(location, page(of: entry)))
        let next = f.local(entry.OriginalPte)
        let previous = f.local(entry.u4 & endOfColor)
        f.if(previous == endOfColor) {
            f.set(table.Flink, next)
        } else: {
            f.set(pfn(previous).OriginalPte, next)
        }
        f.if(next != endOfPages) {
            f.set(pfn(next).u4, previous)
        } else: {
            f.if(previous == endOfColor) {
                f.set(table.address(of: \.Blink).dword(), endOfPages)
            } else: {
                f.set(table.address(of: \.Blink).dword(), pfn(previous))
            }
        }
        f.set(table.Count, table.Count - 1)
        f.set(availablePages.dword, availablePages.dword - 1)
        checkThresholds(f, offset: 1)
        f.set(entry.u1, 0)
        f.set(entry.u2, 0)
        f.set(entry.OriginalPte, 0)
        f.set(entry.u4, 0)
        f.set(entry.e1, 0)
        f.return()
    }

    /// `MiRemoveAnyPage(Color) -> page frame number, or 0 when there is none`: free before zeroed, of that colour if possible.
    package static let removeAnyPage: Routine = .init("MiRemoveAnyPage", ["Color"]) { f in
        let page = f.local(colorTable(1, f.argument(0)).Flink)
        f.if(page == endOfPages) { f.set(page, colorTable(0, f.argument(0)).Flink) }
        f.if(page == endOfPages) { f.set(page, freePageList.Flink) }
        f.if(page == endOfPages) { f.set(page, zeroedPageList.Flink) }
        f.if(page == endOfPages) { f.return(0) }
        f.call(unlinkFreeOrZeroedPage, pfn(page))
        f.return(page)
    }

    /// `MiRemoveZeroPage(Color) -> page frame number, or 0 when there is none`: a page of zeros; one is cleared when none is waiting.
    package static let removeZeroPage: Routine = .init("MiRemoveZeroPage", ["Color"]) { f in
        let page = f.local(colorTable(0, f.argument(0)).Flink)
        f.if(page == endOfPages) { f.set(page, zeroedPageList.Flink) }
        f.if(page == endOfPages) {
            f.set(page, f.call(removeAnyPage, f.argument(0)))
            f.if(page != 0) { f.call(zeroPhysicalPage, page) }
            f.return(page)
        }
        f.call(unlinkFreeOrZeroedPage, pfn(page))
        f.return(page)
    }
}
