// SPDX-License-Identifier: GPL-3.0-or-later

/// Views of sections in the system's half of the address space, from 0xB9400000 on (spec/boot.md section 4.1). `MmSession` has a bit for each 64 KiB of it and a table of
/// what is mapped where.
extension Mm {
    package static let session: GlobalStructure<MMSESSION> = .init("MmSession")
    private static let viewTag: StaticString = "Mm  "
    /// Views that the table has room for.
    private static let viewTableEntries: UInt32 = 64
    /// 64 KiB in pages, as a shift.
    private static let unitShift: Value = 4

    /// `MiInitializeSystemSpaceMap() -> BOOLEAN`: nothing is mapped.
    static let initializeSystemSpaceMap: Routine = .init("MiInitializeSystemSpaceMap", section: .initialization) { f in
        let units = f.local(systemViewSize.dword >> 16)
        let bytes = f.local(((units + 31) >> 5) << 2)
        let map = f.call(Ex.allocatePoolWithTag, 0, bytes + RTL_BITMAP.size.value, Value.tag(viewTag))
        let table = f.call(Ex.allocatePoolWithTag, 0, viewTableEntries * MMVIEW.size, Value.tag(viewTag))
        f.if(map == 0 || table == 0) { f.return(0) }
        f.zero(session, MMSESSION.size)
        f.call(Ke.initializeGuardedMutex, session.SystemSpaceViewLock)
        f.set(session.SystemSpaceViewLockPointer, session.SystemSpaceViewLock)
        f.set(session.SystemSpaceViewStart, systemViewStart.dword)
        f.zero(table, viewTableEntries * MMVIEW.size)
        f.set(session.pointer.address(of: \.SystemSpaceViewTable).dword(), table)
        f.set(session.SystemSpaceHashSize, viewTableEntries)
        f.call(Rtl.initializeBitMap, map, map + RTL_BITMAP.size.value, units)
        f.call(Rtl.clearBits, map, 0, units)
        f.set(session.pointer.address(of: \.SystemSpaceBitMap).dword(), map)
        f.return(1)
    }

    /// `MiFindSystemView(Base) -> MMVIEW* or NULL`: the view that begins there; with 0 an empty row.
    private static let findSystemView: Routine = .init("MiFindSystemView", ["Base"]) { f in
        let row = f.local(session.SystemSpaceViewTable)
        let left = f.local(session.SystemSpaceHashSize)
        f.while(left != 0) {
            f.if((row.Entry & ~Value(0xFFFF)) == f.argument(0)) { f.return(row) }
            f.add(row.value, MMVIEW.size)
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `MmMapViewInSystemSpace(Section*, MappedBase**, ViewSize*) -> status`: the section from its beginning, readable and writable for the kernel in every process. A size of 0 means
    /// all of it. 0xC0000017: no room. Physical memory is mapped with `MmMapIoSpace`: 0xC000000D.
    package static let mapViewInSystemSpace: Routine = .init("MmMapViewInSystemSpace", ["Section", "MappedBase", "ViewSize"]) { f in
        let section = f.argument(0, SECTION.self)
        let segment = f.local(section.Segment)
        let area = f.local(segment.ControlArea)
        f.if((area.u & Value(SectionFlag.physicalMemory)) != 0) { f.return(Status.invalidParameter) }
        let bytes = f.local(f.argument(2).dword())
        f.if(bytes == 0) { f.set(bytes, section.SizeOfSection.LowPart) }
        f.if(bytes > section.SizeOfSection.LowPart) { f.return(Status.invalidViewSize) }
        let pages = f.local((bytes + 0xFFF) >> 12)
        let units = f.local((pages + 15) >> unitShift)
        let status = f.local(Status.noMemory)
        f.call(Ke.acquireGuardedMutex, session.SystemSpaceViewLock)
        let row = f.local(f.call(findSystemView, 0)).as(MMVIEW.self)
        let index = f.local(0xFFFF_FFFF as Value)
        f.if(row.isNotNull) { f.set(index, f.call(Rtl.findClearBits, session.SystemSpaceBitMap, units, 0)) }
        f.if(index == 0xFFFF_FFFF) {
            f.set(session.BitmapFailures, session.BitmapFailures + 1)
        } else: {
            let base = f.local(session.SystemSpaceViewStart + (index << 16))
            f.set(status, Status.insufficientResources)
            f.if(f.call(mapViewPages, base >> 12, pages, 0, segment.PrototypePte, validKernelPte) != 0) {
                f.call(Rtl.setBits, session.SystemSpaceBitMap, index, units)
                f.set(row.Entry, base | units)
                f.set(row.address(of: \.ControlArea).dword(), area)
                f.set(session.SystemSpaceHashEntries, session.SystemSpaceHashEntries + 1)
                f.set(area.NumberOfMappedViews, area.NumberOfMappedViews + 1)
                f.set(f.argument(1).dword(), base)
                f.set(f.argument(2).dword(), pages << 12)
                f.set(status, Status.success)
            }
        }
        f.call(Ke.releaseGuardedMutex, session.SystemSpaceViewLock)
        f.return(status)
    }

    /// `MmUnmapViewInSystemSpace(MappedBase) -> status`: BC 0xD7(0x01, base, 0, 0) for what is not the beginning of a view.
    package static let unmapViewInSystemSpace: Routine = .init("MmUnmapViewInSystemSpace", ["MappedBase"]) { f in
        f.call(Ke.acquireGuardedMutex, session.SystemSpaceViewLock)
        let row = f.local(0).as(MMVIEW.self)
        f.if(f.argument(0) != 0) { f.set(row.value, f.call(findSystemView, f.argument(0))) }
        f.if(row.isNull) { f.call(Ke.bugCheckEx, 0xD7, 1, f.argument(0), 0, 0) }
        let area = f.local(row.ControlArea)
        let units = f.local(row.Entry & 0xFFFF)
        let pages = f.local(units << unitShift)
        // The last unit need not be full.
        f.if(pages > area.Segment.TotalNumberOfPtes) { f.set(pages, area.Segment.TotalNumberOfPtes) }
        f.call(unmapViewPages, f.argument(0) >> 12, pages, area.Segment.PrototypePte)
        f.call(Rtl.clearBits, session.SystemSpaceBitMap, (f.argument(0) - session.SystemSpaceViewStart) >> 16, units)
        f.set(row.Entry, 0)
        f.set(row.address(of: \.ControlArea).dword(), 0)
        f.set(session.SystemSpaceHashEntries, session.SystemSpaceHashEntries - 1)
        f.set(area.NumberOfMappedViews, area.NumberOfMappedViews - 1)
        f.call(checkControlArea, area)
        f.call(Ke.releaseGuardedMutex, session.SystemSpaceViewLock)
        f.return(Status.success)
    }
}
