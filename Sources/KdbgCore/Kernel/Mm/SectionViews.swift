// SPDX-License-Identifier: GPL-3.0-or-later

/// Views: sections in the addresses of a process. All pages of a view are mapped at once, since nothing is paged in.
extension Mm {
    /// The PAGE_… values that protect a view or section, with the MM_… value that a VAD keeps and the bits of a user's PTE.
    private static let protections: [(page: UInt32, mask: UInt32, bits: UInt32)] = [
        (0x01, 0x18, 0), (0x02, 1, 0x25), (0x04, 4, privatePte), (0x08, 5, copyOnWritePte), (0x10, 2, 0x25), (0x20, 3, 0x25),
        (0x40, 6, privatePte), (0x80, 7, copyOnWritePte),
    ]
    /// PAGE_NOCACHE, and what it makes of the MM_… value and the PTE.
    private static let noCache: (page: UInt32, mask: UInt32, bits: UInt32) = (0x200, 8, 0x18)

    /// `MiMakeProtectionMask(Protect) -> MM_… value, or 0xFFFFFFFF`: for exactly one PAGE_… value, with PAGE_NOCACHE or without.
    static let makeProtectionMask: Routine = .init("MiMakeProtectionMask", ["Protect"]) { f in
        let cache = f.local(0)
        f.if((f.argument(0) & Value(noCache.page)) != 0) { f.set(cache, noCache.mask) }
        for entry in protections {
            f.if((f.argument(0) & ~Value(noCache.page)) == Value(entry.page)) { f.return(cache | Value(entry.mask)) }
        }
        f.return(0xFFFF_FFFF as Value)
    }

    /// `MiPteBits(Protect) -> bits of a PTE that user mode may use`; 0 for PAGE_NOACCESS.
    private static let pteBits: Routine = .init("MiPteBits", ["Protect"]) { f in
        let cache = f.local(0)
        f.if((f.argument(0) & Value(noCache.page)) != 0) { f.set(cache, noCache.bits) }
        for entry in protections where entry.bits != 0 {
            f.if((f.argument(0) & ~Value(noCache.page)) == Value(entry.page)) { f.return(cache | Value(entry.bits)) }
        }
        f.return(0)
    }

    /// `MiIsViewAllowed(SectionProtect, ViewProtect) -> BOOLEAN`: a view may not write where the section may not be written, nor execute where it may not be executed.
    private static let isViewAllowed: Routine = .init("MiIsViewAllowed", ["SectionProtect", "ViewProtect"]) { f in
        let writable: Value = 0x44
        let executable: Value = 0xF0
        f.if((f.argument(1) & writable) != 0 && (f.argument(0) & writable) == 0) { f.return(0) }
        f.if((f.argument(1) & executable) != 0 && (f.argument(0) & executable) == 0) { f.return(0) }
        f.return(1)
    }

    /// `MiMapViewPages(Vpn, Pages, FirstPage, PrototypePte or NULL, Bits) -> BOOLEAN`, in the context of the process where the addresses are its own: maps pages of the machine from `FirstPage` on, or those of
    /// prototype PTEs. Without memory for page tables nothing stays mapped.
    static let mapViewPages: Routine = .init("MiMapViewPages", ["Vpn", "Pages", "FirstPage", "PrototypePte", "Bits"]) { f in
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            let address = f.local((f.argument(0) + index) << 12)
            f.if(f.call(ensurePageTable, address) == 0) {
                f.call(unmapViewPages, f.argument(0), index, f.argument(3))
                f.return(0)
            }
            let directory = f.local(pde(of: address))
            f.if(address < systemRangeStart.dword) { f.set(directory.dword(), directory.dword() | 4) }
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            let table = f.local(pte(of: pte(of: address)).dword() >> 12)
            let page = f.local(f.argument(2) + index)
            f.add(pfn(table).u2, 1)
            f.if(f.argument(3) != 0) {
                f.set(page, (f.argument(3) + (index << 2)).dword() >> 12)
                f.add(pfn(page).u2, 1)
            }
            f.set(pte(of: address).dword(), (page << 12) | f.argument(4))
            f.flushTranslation(of: address)
            f.call(Hal.lowerIrql, irql)
            f.add(index, 1)
        }
        f.return(1)
    }

    /// `MiUnmapViewPages(Vpn, Pages, PrototypePte or NULL)`, in the context of the process. Without prototype PTEs the pages are not counted. Pages that are not mapped are passed over.
    static let unmapViewPages: Routine = .init("MiUnmapViewPages", ["Vpn", "Pages", "PrototypePte"]) { f in
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            let entry = f.local(pte(of: (f.argument(0) + index) << 12))
            f.add(index, 1)
            f.if(!isMapped(entry << 10)) { f.continue() }
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            let page = f.local(entry.dword() >> 12)
            f.set(entry.dword(), 0)
            f.flushTranslation(of: entry << 10)
            f.if(f.argument(2) == 0) {
                let table = f.local(pte(of: entry).dword() >> 12)
                f.call(decrementShareCount, pfn(table), table)
            } else: {
                f.call(deletePage, page, entry)
            }
            f.call(Hal.lowerIrql, irql)
        }
        f.return()
    }

    /// `MmMapViewOfSection(Section*, Process*, BaseAddress**, ZeroBits, CommitSize, SectionOffset*, ViewSize*, Inherit, AllocationType, Protect) -> status`: the whole pages from
    /// the offset on; a size of 0 means all that follows. With a base of 0 an address is found, from the top with MEM_TOP_DOWN. Base, offset and size say afterwards what was
    /// mapped. Offsets are multiples of 64 KiB; those of physical memory need not be, and its views begin as far behind 64 KiB as their offset does.
    package static let mapViewOfSection: Routine = .init(
        "MmMapViewOfSection",
        [
            "SectionObject", "Process", "BaseAddress", "ZeroBits", "CommitSize", "SectionOffset", "ViewSize", "InheritDisposition",
            "AllocationType", "Protect",
        ]
    ) { f in
        let section = f.argument(0, SECTION.self)
        let process = f.argument(1, EPROCESS.self)
        let area = f.local(section.Segment.ControlArea)
        let isPhysical = f.local(area.u & Value(SectionFlag.physicalMemory))
        let offset = f.structure(LARGE_INTEGER.self)
        f.zero(offset, 8)
        f.if(f.argument(5) != 0) { f.copy(to: offset, from: f.argument(5), 8) }
        let mask = f.call(makeProtectionMask, f.argument(9))
        f.if(mask == 0xFFFF_FFFF) { f.return(Status.invalidPageProtection) }
        f.if((area.u & Value(SectionFlag.image)) != 0) {
            f.return(f.call(mapViewOfImage, section, process, f.argument(2), f.argument(6), f.argument(8)))
        }
        f.if(f.call(isViewAllowed, section.InitialPageProtection, f.argument(9)) == 0) { f.return(Status.sectionProtection) }
        f.if((offset.LowPart & 0xFFFF) != 0 && isPhysical == 0) { f.return(Status.mappedAlignment) }
        f.if(offset.HighPart != 0 || offset.LowPart >= section.SizeOfSection.LowPart) { f.return(Status.invalidViewSize) }
        let within = f.local(offset.LowPart & 0xFFF)
        f.set(offset.LowPart, offset.LowPart - within)
        let bytes = f.local(f.argument(6).dword())
        f.if(bytes == 0) {
            f.set(bytes, section.SizeOfSection.LowPart - offset.LowPart)
        } else: {
            f.add(bytes, within)
        }
        f.if(bytes > section.SizeOfSection.LowPart - offset.LowPart || bytes > 0x7FFF_0000) { f.return(Status.invalidViewSize) }
        let pages = f.local((bytes + 0xFFF) >> 12)
        // Views of physical memory have the lower 16 bits of their address in common with it.
        let lead = f.local((offset.LowPart >> 12) & 15)
        f.if(isPhysical == 0) { f.set(lead, 0) }

        let needsAttach = f.local(process.value != Ob.currentProcess)
        f.if(needsAttach != 0) { f.call(Ke.attachProcess, process) }
        f.call(Ke.acquireGuardedMutex, process.AddressCreationLock)
        let vpn = f.local(f.argument(2).dword() >> 12)
        let status = f.local(Status.success)
        f.if(f.argument(2).dword() == 0) {
            f.set(vpn, f.call(findEmptyRange, pages + lead, f.argument(8) & 0x10_0000, process))
            f.if(vpn == 0) { f.set(status, Status.noMemory) }
            f.add(vpn, lead)
        } else: {
            f.set(vpn, (vpn & ~Value(15)) + lead)
            let last = f.local(vpn + pages - 1)
            f.if(vpn < 16 || last < vpn || last > highestUserAddress.dword >> 12) {
                f.set(status, Status.invalidParameter3)
            } else: {
                f.if(f.call(findVad, vpn, last, process) != 0) { f.set(status, Status.conflictingAddresses) }
            }
        }
        f.if(status.isSuccess) { f.set(status, f.call(mapView, section, process, vpn, pages, offset.LowPart >> 12, f.argument(9))) }
        f.call(Ke.releaseGuardedMutex, process.AddressCreationLock)
        f.if(needsAttach != 0) { f.call(Ke.detachProcess) }
        f.if(status.isSuccess) {
            f.set(f.argument(2).dword(), vpn << 12)
            f.set(f.argument(6).dword(), pages << 12)
            f.if(f.argument(5) != 0) { f.copy(to: f.argument(5), from: offset, 8) }
        }
        f.return(status)
    }

    /// `MiMapView(Section*, Process*, Vpn, Pages, FirstPage, Protect) -> status`: VAD and page tables, at addresses that are free; the first page is counted in the section.
    private static let mapView: Routine = .init("MiMapView", ["Section", "Process", "Vpn", "Pages", "FirstPage", "Protect"]) { f in
        let section = f.argument(0, SECTION.self)
        let segment = f.local(section.Segment)
        let area = f.local(segment.ControlArea)
        let flags = f.local(f.call(makeProtectionMask, f.argument(5)) << Value(VadFlag.protectionShift))
        let prototype = f.local(0)
        f.if((area.u & Value(SectionFlag.physicalMemory)) != 0) {
            f.set(flags, flags | Value(VadFlag.physicalMapping))
        } else: {
            f.set(prototype, segment.PrototypePte + (f.argument(4) << 2))
        }
        let vad = f.call(createVad, f.argument(2), f.argument(3), flags, f.argument(1)).as(MMVAD.self)
        f.if(vad.isNull) { f.return(Status.insufficientResources) }
        f.set(vad.address(of: \.ControlArea).dword(), area)
        f.if(prototype != 0) {
            f.set(vad.FirstPrototypePte, prototype)
            f.set(vad.LastContiguousPte, prototype + ((f.argument(3) - 1) << 2))
        } else: {
            // NT keeps the first page of a physical view here.
            f.set(vad.FirstPrototypePte, f.argument(4))
        }
        let bits = f.call(pteBits, f.argument(5))
        f.if(bits != 0) {
            f.if(f.call(mapViewPages, f.argument(2), f.argument(3), f.argument(4), prototype, bits) == 0) {
                f.call(removeVad, vad, f.argument(1))
                f.call(Ex.freePoolWithTag, vad, Value.tag(vadTag))
                f.return(Status.insufficientResources)
            }
        }
        f.exchangeAdd(area.NumberOfMappedViews, 1)
        f.exchangeAdd(area.NumberOfUserReferences, 1)
        f.if(segment.u2 == 0) { f.set(segment.u2, f.argument(2) << 12) }
        f.return(Status.success)
    }

    /// `MiRemoveView(Vad*, Process*)`, in the context of the process, which holds its lock: page tables, VAD, and the segment when this was its last use.
    static let removeView: Routine = .init("MiRemoveView", ["Vad", "Process"]) { f in
        let vad = f.argument(0, MMVAD.self)
        let area = f.local(vad.ControlArea)
        f.call(removeVad, vad, f.argument(1))
        let isMapped = f.local(((vad.u >> Value(VadFlag.protectionShift)) & 0x18) != 0x18)
        f.if(isMapped != 0 && area.isNotNull) {
            let prototype = f.local(vad.FirstPrototypePte)
            f.if((vad.u & Value(VadFlag.physicalMapping)) != 0) { f.set(prototype, 0) }
            f.call(unmapViewPages, vad.StartingVpn, vad.EndingVpn - vad.StartingVpn + 1, prototype)
        }
        f.if(area.isNull) {
            let process = f.argument(1, EPROCESS.self)
            f.set(process.CommitCharge, process.CommitCharge - (vad.u & Value(VadFlag.commitMask)))
        } else: {
            f.exchangeAdd(area.NumberOfUserReferences, 0xFFFF_FFFF as Value)
            f.call(releaseControlArea, area, 0, 1)
        }
        f.call(Ex.freePoolWithTag, vad, Value.tag(vadTag))
        f.return()
    }

    /// `MmUnmapViewOfSection(Process*, BaseAddress) -> status`: any address of the view will do. 0xC0000019: there is no view.
    package static let unmapViewOfSection: Routine = .init("MmUnmapViewOfSection", ["Process", "BaseAddress"]) { f in
        let process = f.argument(0, EPROCESS.self)
        let needsAttach = f.local(process.value != Ob.currentProcess)
        f.if(needsAttach != 0) { f.call(Ke.attachProcess, process) }
        f.call(Ke.acquireGuardedMutex, process.AddressCreationLock)
        let status = f.local(Status.notMappedView)
        let vad = f.call(findVad, f.argument(1) >> 12, f.argument(1) >> 12, process).as(MMVAD.self)
        f.if(vad.isNotNull) {
            f.if(vad.ControlArea.isNotNull) {
                f.call(removeView, vad, process)
                f.set(status, Status.success)
            }
        }
        f.call(Ke.releaseGuardedMutex, process.AddressCreationLock)
        f.if(needsAttach != 0) { f.call(Ke.detachProcess) }
        f.return(status)
    }

    /// `MiRemoveAllVads(Process*)`, in the context of the process, which ends: views are unmapped, private memory is only forgotten.
    static let removeAllVads: Routine = .init("MiRemoveAllVads", ["Process"]) { f in
        let process = f.argument(0, EPROCESS.self)
        f.call(Ke.acquireGuardedMutex, process.AddressCreationLock)
        f.loop {
            let top = f.local(process.VadRoot.BalancedRoot.RightChild)
            f.if(top.isNull) { f.break() }
            f.call(removeView, top, process)
        }
        f.call(Ke.releaseGuardedMutex, process.AddressCreationLock)
        f.return()
    }
}
