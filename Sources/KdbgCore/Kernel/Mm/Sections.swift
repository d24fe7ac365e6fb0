// SPDX-License-Identifier: GPL-3.0-or-later

/// Bits of SECTION.u and CONTROL_AREA.u.
enum SectionFlag {
    static let beingDeleted: UInt32 = 0x1
    static let image: UInt32 = 0x20
    static let file: UInt32 = 0x80
    static let noCache: UInt32 = 0x200
    static let physicalMemory: UInt32 = 0x400
    static let reserve: UInt32 = 0x1000
    static let commit: UInt32 = 0x2000
    static let noChange: UInt32 = 0x80_0000
}

/// Bits that a section is made with.
enum SectionAttribute {
    /// Only answered by `NtQuerySection`.
    static let file: UInt32 = 0x0080_0000
    static let image: UInt32 = 0x0100_0000
    static let reserve: UInt32 = 0x0400_0000
    static let commit: UInt32 = 0x0800_0000
    static let noCache: UInt32 = 0x1000_0000
    static let noChange: UInt32 = 0x0040_0000
}

/// Section objects (spec/boot.md sections 1.8 #16, 1.10): memory that several can map. The object names a segment, whose prototype PTEs are its pages, and the segment's control
/// area counts objects and views. `\Device\PhysicalMemory` has no prototype PTEs: its pages are those of the machine.
extension Mm {
    package static let sectionObjectType: Global = .init("MmSectionObjectType")
    /// The body of `\Device\PhysicalMemory`.
    package static let physicalMemorySection: Global = .init("MmPhysicalMemorySection")
    static let segmentTag: StaticString = "MmSt"
    static let controlAreaTag: StaticString = "MmCa"

    /// `MiSectionInitialization() -> BOOLEAN`.
    static let sectionInitialization: Routine = .init(
        "MiSectionInitialization", section: .initialization,
        step: .init(
            "1.8 #16", "Sections",
            """
            The object type Section comes into being, and its first object gets a name: \\Device\\PhysicalMemory, by which drivers and tools map memory and \
            devices at their physical addresses.
            """)
    ) { f in
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.call(Ob.initializeTypeInitializer, info)
        // Query with reading; then the rights to map for writing and for execution.
        for (index, access) in [0x2_0005, 0x2_0002, 0x2_0008, 0xF_001F].enumerated() {
            f.set(info.GenericMapping.dword(Int32(4 * index)), Value(access))
        }
        f.set(info.InvalidAttributes, ObjectAttribute.openLink)
        f.set(info.ValidAccessMask, 0x1F_001F)
        f.set(info.PoolType, 1)
        f.set(info.DefaultPagedPoolCharge, SECTION.size)
        f.set(info.DeleteProcedure, deleteSection)
        f.if(f.call(Ob.createObjectType, f.unicode("Section"), info, 0, sectionObjectType).isError) { f.return(0) }
        f.if(f.call(createPhysicalMemorySection).isError) { f.return(0) }
        f.if(f.call(initializeSystemSpaceMap) == 0) { f.return(0) }
        f.return(1)
    }

    /// `MmCreatePhysicalMemorySection() -> status`.
    private static let createPhysicalMemorySection: Routine = .init(
        "MmCreatePhysicalMemorySection", section: .initialization
    ) { f in
        let attributes = f.objectAttributes(
            f.unicode(#"\Device\PhysicalMemory"#), ObjectAttribute.permanent | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let size = f.structure(LARGE_INTEGER.self)
        f.set(size.LowPart, 0xFFFF_FFFF as Value)
        f.set(size.HighPart, 0)
        let segment = f.local(f.call(allocateSegment, 0, size, SectionFlag.physicalMemory, 1))
        f.if(segment == 0) { f.return(Status.insufficientResources) }
        let section = f.local(0)
        let status = f.local(f.call(createSectionObject, attributes, segment, 0x40, f.address(of: section)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.insertObject, section, 0, 0xF_001F, 0, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.referenceObjectByHandle, handle, 0, sectionObjectType.dword, 0, physicalMemorySection, 0)
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    // MARK: Segments

    /// `MiAllocateSegment(Pages, Size*, Flags, Subsections) -> SEGMENT* or NULL`: with its control area, its subsections, and prototype PTEs that are all zero, which belong to the first
    /// subsection. No section refers to it yet.
    static let allocateSegment: Routine = .init("MiAllocateSegment", ["Pages", "Size", "Flags", "Subsections"]) { f in
        let pages = f.argument(0)
        let size = f.argument(1, LARGE_INTEGER.self)
        let segment = f.call(Ex.allocatePoolWithTag, 1, (pages << 2) + SEGMENT.size.value, Value.tag(segmentTag)).as(SEGMENT.self)
        f.if(segment.isNull) { f.return(0) }
        let bytes = f.local(f.argument(3) * Value(SUBSECTION.size) + Value(CONTROL_AREA.size))
        let area = f.call(Ex.allocatePoolWithTag, 0, bytes, Value.tag(controlAreaTag)).as(CONTROL_AREA.self)
        f.if(area.isNull) {
            f.call(Ex.freePoolWithTag, segment, Value.tag(segmentTag))
            f.return(0)
        }
        f.zero(segment, (pages << 2) + SEGMENT.size.value)
        f.zero(area, bytes)
        f.set(segment.address(of: \.ControlArea).dword(), area)
        f.set(segment.TotalNumberOfPtes, pages)
        f.set(segment.NonExtendedPtes, pages)
        f.copy(to: segment.SizeOfSegment, from: size, 8)
        f.set(area.address(of: \.Segment).dword(), segment)
        f.set(area.u, f.argument(2))
        let subsection = f.local(area.value + CONTROL_AREA.size.value).as(SUBSECTION.self)
        let left = f.local(f.argument(3))
        f.while(left != 0) {
            f.set(subsection.address(of: \.ControlArea).dword(), area)
            f.set(subsection.value, subsection.value + SUBSECTION.size.value)
            f.set(left, left - 1)
        }
        f.set(subsection.value, area.value + CONTROL_AREA.size.value)
        f.if(pages != 0) {
            f.set(segment.PrototypePte, segment.address(of: \.ThePtes))
            f.set(subsection.SubsectionBase, segment.PrototypePte)
            f.set(subsection.PtesInSubsection, pages)
        }
        f.return(segment)
    }

    /// `MiFillSegment(Segment*) -> BOOLEAN`: a zeroed page behind each prototype PTE. When there are not enough, those that there were stay.
    static let fillSegment: Routine = .init("MiFillSegment", ["Segment"]) { f in
        let segment = f.argument(0, SEGMENT.self)
        let entry = f.local(segment.PrototypePte)
        let left = f.local(segment.TotalNumberOfPtes)
        f.while(left != 0) {
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            f.add(systemPageColor.dword, 1)
            let page = f.call(removeZeroPage, systemPageColor.dword)
            f.if(page != 0) {
                f.call(initializePfn, page, entry, 1)
                f.set(entry.dword(), (page << 12) | validKernelPte)
                f.set(segment.NumberOfCommittedPages, segment.NumberOfCommittedPages + 1)
                f.set(segment.ControlArea.NumberOfPfnReferences, segment.ControlArea.NumberOfPfnReferences + 1)
            }
            f.call(Hal.lowerIrql, irql)
            f.if(page == 0) { f.return(0) }
            f.add(entry, 4)
            f.set(left, left - 1)
        }
        f.return(1)
    }

    /// `MiDeleteSegment(Segment*)`: its pages are free unless somebody has locked them. A file is let go on a worker thread: this may be no place for its driver.
    static let deleteSegment: Routine = .init("MiDeleteSegment", ["Segment"]) { f in
        let segment = f.argument(0, SEGMENT.self)
        f.set(segment.ControlArea.u, segment.ControlArea.u | Value(SectionFlag.beingDeleted))
        f.if(segment.TotalNumberOfPtes != 0) { f.call(deleteSystemPageableVm, segment.PrototypePte, segment.TotalNumberOfPtes, 0, 0) }
        let file = f.local(segment.ControlArea.FilePointer)
        f.if((segment.ControlArea.u & Value(SectionFlag.image)) != 0 && segment.u2 != 0) {
            f.call(Ex.freePoolWithTag, segment.u2, Value.tag(imageInformationTag))
        }
        f.call(Ex.freePoolWithTag, segment.ControlArea, Value.tag(controlAreaTag))
        f.call(Ex.freePoolWithTag, segment, Value.tag(segmentTag))
        f.if(file.isNotNull) { f.call(Ob.dereferenceObjectDeferDelete, file) }
        f.return()
    }

    /// `MiCheckControlArea(ControlArea*)`: without section objects and views the segment goes.
    static let checkControlArea: Routine = .init("MiCheckControlArea", ["ControlArea"]) { f in
        f.call(releaseControlArea, f.argument(0), 0, 0)
        f.return()
    }

    // MARK: Objects

    /// `MiCreateSectionObject(ObjectAttributes*, Segment*, Protection, Section**) -> status`: the object has a reference to the segment; when there is none, a segment that nobody
    /// else has goes.
    static let createSectionObject: Routine = .init(
        "MiCreateSectionObject", ["ObjectAttributes", "Segment", "Protection", "Section"]
    ) { f in
        let segment = f.argument(1, SEGMENT.self)
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let status = f.call(
            Ob.createObject, mode, sectionObjectType.dword, f.argument(0), mode, 0, SECTION.size, SECTION.size, CONTROL_AREA.size,
            f.address(of: object))
        f.if(status.isError) {
            f.call(checkControlArea, segment.ControlArea)
            f.return(status)
        }
        let section = object.as(SECTION.self)
        f.zero(section, SECTION.size)
        f.set(section.address(of: \.Segment).dword(), segment)
        f.copy(to: section.SizeOfSection, from: segment.SizeOfSegment, 8)
        f.set(section.u, segment.ControlArea.u)
        f.set(section.InitialPageProtection, f.argument(2))
        f.exchangeAdd(segment.ControlArea.NumberOfSectionReferences, 1)
        f.set(f.argument(3).dword(), section)
        f.return(status)
    }

    /// `MiSectionDelete(Section*)`, the type's delete procedure: the segment stays as long as it is mapped.
    private static let deleteSection: Routine = .init("MiSectionDelete", ["ObjectBody"]) { f in
        let section = f.argument(0, SECTION.self)
        f.if(section.Segment.isNull) { f.return() }
        f.call(releaseControlArea, section.Segment.ControlArea, 1, 0)
        f.return()
    }

    /// `MmCreateSection(Section**, DesiredAccess, ObjectAttributes*, MaximumSize*, Protection, Attributes, FileHandle, FileObject*) -> status`: pages of zeros that are there at
    /// once, whether SEC_COMMIT or SEC_RESERVE asks for them. The object has no handle yet. 0xC00000F2 no size, 0xC00000F4 bad attributes, 0xC0000045 bad protection,
    /// 0xC0000040 more than there are addresses, 0xC000012D more than there is memory. With a file see `MiCreateFileSection`; 0xC0000020: an image without one.
    package static let createSection: Routine = .init(
        "MmCreateSection",
        [
            "SectionObject", "DesiredAccess", "ObjectAttributes", "InputMaximumSize", "SectionPageProtection", "AllocationAttributes",
            "FileHandle", "FileObject",
        ]
    ) { f in
        let size = f.argument(3, LARGE_INTEGER.self)
        let attributes = f.argument(5)
        let known =
            SectionAttribute.image | SectionAttribute.reserve | SectionAttribute.commit | SectionAttribute.noCache
            | SectionAttribute.noChange
        f.if((attributes & ~Value(known)) != 0) { f.return(Status.invalidParameter6) }
        f.if((attributes & Value(SectionAttribute.image | SectionAttribute.reserve | SectionAttribute.commit)) == 0) {
            f.return(Status.invalidParameter6)
        }
        f.if(f.call(makeProtectionMask, f.argument(4)) == 0xFFFF_FFFF || f.argument(4) == 1) { f.return(Status.invalidPageProtection) }
        f.if(f.argument(6) != 0 || f.argument(7) != 0) {
            f.return(
                f.call(createFileSection, f.argument(0), f.argument(2), size, f.argument(4), attributes, f.argument(6), f.argument(7)))
        }
        f.if((attributes & Value(SectionAttribute.image)) != 0) { f.return(Status.invalidFileForSection) }
        f.if(size.isNull || (size.LowPart == 0 && size.HighPart == 0)) { f.return(Status.invalidParameter4) }
        f.if(size.HighPart != 0 || size.LowPart > 0x7FFF_0000) { f.return(Status.sectionTooBig) }
        let pages = f.local((size.LowPart + 0xFFF) >> 12)
        f.if(pages >= availablePages.dword) { f.return(Status.commitmentLimit) }
        let flags = f.local(SectionFlag.commit)
        f.if((attributes & Value(SectionAttribute.reserve)) != 0) { f.set(flags, SectionFlag.reserve) }
        f.if((attributes & Value(SectionAttribute.noCache)) != 0) { f.set(flags, flags | Value(SectionFlag.noCache)) }
        f.if((attributes & Value(SectionAttribute.noChange)) != 0) { f.set(flags, flags | Value(SectionFlag.noChange)) }
        let segment = f.local(f.call(allocateSegment, pages, size, flags, 1)).as(SEGMENT.self)
        f.if(segment.isNull) { f.return(Status.insufficientResources) }
        f.set(segment.address(of: \.u1).dword(), Ob.currentProcess)
        f.if(f.call(fillSegment, segment) == 0) {
            f.call(deleteSegment, segment)
            f.return(Status.commitmentLimit)
        }
        f.return(f.call(createSectionObject, f.argument(2), segment, f.argument(4), f.argument(0)))
    }
}

extension Status {
    package static let sectionTooBig: Value = 0xC000_0040
    package static let invalidPageProtection: Value = 0xC000_0045
    package static let sectionProtection: Value = 0xC000_004E
    package static let invalidViewSize: Value = 0xC000_001F
    package static let notMappedView: Value = 0xC000_0019
    package static let invalidParameter4: Value = 0xC000_00F2
    package static let invalidParameter6: Value = 0xC000_00F4
    package static let invalidParameter9: Value = 0xC000_00F7
    package static let commitmentLimit: Value = 0xC000_012D
    package static let mappedAlignment: Value = 0xC000_0220
}
