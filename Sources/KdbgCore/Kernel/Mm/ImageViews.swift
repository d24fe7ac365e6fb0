// SPDX-License-Identifier: GPL-3.0-or-later

/// Views of images: pages that are only read are everybody's, what may be written is copied then. An image that is not at its base is relocated.
extension Mm {
    /// `MiMapViewOfImageSection(Section*, Process*, BaseAddress**, ViewSize*, AllocationType) -> status`: all of the image, at the given address, or with a base of 0 where it is linked for if
    /// that is free, and else where there is room: STATUS_IMAGE_NOT_AT_BASE, with its addresses corrected. 0xC0000018: something is there, or it cannot be moved.
    static let mapViewOfImage: Routine = .init(
        "MiMapViewOfImageSection", ["Section", "Process", "BaseAddress", "ViewSize", "AllocationType"]
    ) { f in
        let process = f.argument(1, EPROCESS.self)
        let segment = f.local(f.argument(0, SECTION.self).Segment)
        let pages = f.local(segment.TotalNumberOfPtes)
        let preferred = f.local(segment.BasedAddress >> 12)
        let needsAttach = f.local(process.value != Ob.currentProcess)
        f.if(needsAttach != 0) { f.call(Ke.attachProcess, process) }
        f.call(Ke.acquireGuardedMutex, process.AddressCreationLock)
        let vpn = f.local((f.argument(2).dword() >> 12) & ~Value(15))
        let status = f.local(Status.success)
        f.if(f.argument(2).dword() == 0) {
            f.set(vpn, preferred)
            f.if(f.call(isRangeFree, preferred, pages, process) == 0) {
                f.set(vpn, f.call(findEmptyRange, pages, f.argument(4) & 0x10_0000, process))
                f.if(vpn == 0) { f.set(status, Status.noMemory) }
            }
        } else: {
            f.if(f.call(isRangeFree, vpn, pages, process) == 0) { f.set(status, Status.conflictingAddresses) }
        }
        f.if(status.isSuccess) {
            let vad = f.call(mapImageView, segment, process, vpn)
            f.if(vad == 0) {
                f.set(status, Status.insufficientResources)
            } else: {
                f.if(vpn != preferred) {
                    f.set(status, f.call(relocateView, segment, vpn))
                    f.if(status.isError) { f.call(removeView, vad, process) }
                }
            }
        }
        f.call(Ke.releaseGuardedMutex, process.AddressCreationLock)
        f.if(needsAttach != 0) { f.call(Ke.detachProcess) }
        f.if(status.isSuccess) {
            f.set(f.argument(2).dword(), vpn << 12)
            f.set(f.argument(3).dword(), pages << 12)
        }
        f.return(status)
    }

    /// `MiIsRangeFree(Vpn, Pages, Process*) -> BOOLEAN`: user addresses that nobody has.
    private static let isRangeFree: Routine = .init("MiIsRangeFree", ["Vpn", "Pages", "Process"]) { f in
        let last = f.local(f.argument(0) + f.argument(1) - 1)
        f.if(f.argument(0) < 16 || last < f.argument(0) || last > highestUserAddress.dword >> 12) { f.return(0) }
        f.return(f.call(findVad, f.argument(0), last, f.argument(2)) == 0)
    }

    /// `MiImagePteBits(Subsection*) -> bits of a PTE`.
    private static let imagePteBits: Routine = .init("MiImagePteBits", ["Subsection"]) { f in
        let protection = f.local((f.argument(0, SUBSECTION.self).u >> Value(subsectionProtectionShift)) & 0x1F)
        // MM_READWRITE is 4, MM_WRITECOPY 5, each with 2 for execution.
        f.if((protection & 5) == 5) { f.return(copyOnWritePte) }
        f.if((protection & 4) != 0) { f.return(privatePte) }
        f.return(0x25)
    }

    /// `MiMapImageView(Segment*, Process*, Vpn) -> MMVAD* or NULL`, in the context of the process, at addresses that are free: VAD and page tables, subsection by subsection.
    private static let mapImageView: Routine = .init("MiMapImageView", ["Segment", "Process", "Vpn"]) { f in
        let segment = f.argument(0, SEGMENT.self)
        let area = f.local(segment.ControlArea)
        let pages = f.local(segment.TotalNumberOfPtes)
        // MM_EXECUTE_WRITECOPY.
        let flags = VadFlag.imageMap | 7 << VadFlag.protectionShift
        let vad = f.local(f.call(createVad, f.argument(2), pages, flags, f.argument(1))).as(MMVAD.self)
        f.if(vad.isNull) { f.return(0) }
        f.set(vad.address(of: \.ControlArea).dword(), area)
        f.set(vad.FirstPrototypePte, segment.PrototypePte)
        f.set(vad.LastContiguousPte, segment.PrototypePte + ((pages - 1) << 2))
        let subsection = f.local(area.value + CONTROL_AREA.size.value).as(SUBSECTION.self)
        f.while(subsection.isNotNull) {
            let first = f.local((subsection.SubsectionBase - segment.PrototypePte) >> 2)
            let bits = f.call(imagePteBits, subsection)
            let isMapped = f.call(
                mapViewPages, f.argument(2) + first, subsection.PtesInSubsection, 0, subsection.SubsectionBase, bits)
            f.if(isMapped == 0) {
                f.call(unmapViewPages, f.argument(2), first, segment.PrototypePte)
                f.call(removeVad, vad, f.argument(1))
                f.call(Ex.freePoolWithTag, vad, Value.tag(vadTag))
                f.return(0)
            }
            f.set(subsection.value, subsection.NextSubsection)
        }
        f.exchangeAdd(area.NumberOfMappedViews, 1)
        f.exchangeAdd(area.NumberOfUserReferences, 1)
        f.return(vad)
    }

    /// `MiRelocateImageView(Segment*, Vpn) -> status`, in the context of the process: the view's pages become its own, all of them, and their addresses are corrected. The relocations
    /// come from a file: `LdrRelocateImageWithBias` checks each.
    private static let relocateView: Routine = .init("MiRelocateImageView", ["Segment", "Vpn"]) { f in
        let segment = f.argument(0, SEGMENT.self)
        let base = f.local(f.argument(1) << 12)
        let index = f.local(0)
        f.while(index < segment.TotalNumberOfPtes) {
            let made = f.call(makePagePrivate, pte(of: base + (index << 12)), privatePte)
            f.if(made == 0) { f.return(Status.noMemory) }
            f.add(index, 1)
        }
        let status = f.call(
            relocateImageWithBias, base, 0, 0, 0, Status.imageNotAtBase, Status.conflictingAddresses, Status.invalidImageFormat)
        f.if(status.isError) { f.return(status) }
        let subsection = f.local(segment.ControlArea.value + CONTROL_AREA.size.value).as(SUBSECTION.self)
        f.while(subsection.isNotNull) {
            f.if(f.call(imagePteBits, subsection) == 0x25) {
                let address = f.local(base + (((subsection.SubsectionBase - segment.PrototypePte) >> 2) << 12))
                f.call(protectUserPages, address, subsection.PtesInSubsection)
            }
            f.set(subsection.value, subsection.NextSubsection)
        }
        f.return(status)
    }
}

extension Status {
    /// STATUS_IMAGE_NOT_AT_BASE, which is a success.
    package static let imageNotAtBase: Value = 0x4000_0003
}
