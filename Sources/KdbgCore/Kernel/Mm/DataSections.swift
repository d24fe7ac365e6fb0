// SPDX-License-Identifier: GPL-3.0-or-later

/// Sections of files as data, for reading and for private copies: the file's bytes, read when its first section is made, and kept up with what is written to the file. Views that would write to the
/// file are refused, since there is nobody here who writes pages back.
extension Mm {
    /// `MiDataSegment(FileObject*, Protection, Segment**) -> status`: the file's segment as data, which is made unless there is one; the caller has a section's reference to it, which
    /// `MiReleaseControlArea` takes. 0xC0000002: it shall be written; 0xC000011E: the file is empty; 0xC0000040: it is too big.
    static let dataSegment: Routine = .init("MiDataSegment", ["FileObject", "SectionPageProtection", "Segment"], section: .page) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let pointers = f.local(file.SectionObjectPointer).as(SECTION_OBJECT_POINTERS.self)
        f.if((f.argument(1) & 0x44) != 0) { f.return(Status.notImplemented) }
        f.set(f.argument(2).dword(), f.call(referenceSegment, pointers.address(of: \.DataSectionObject)))
        f.if(f.argument(2).dword() != 0) { f.return(Status.success) }
        let made = f.local(0)
        let status = f.local(f.call(createDataFileMap, file, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        f.set(f.argument(2).dword(), f.call(enterSegment, pointers.address(of: \.DataSectionObject), made))
        f.return(status)
    }

    /// `MiCreateDataFileMap(FileObject*, Segment**) -> status`: reads the file into pages; the file object is referenced by the control area.
    private static let createDataFileMap: Routine = .init("MiCreateDataFileMap", ["FileObject", "Segment"], section: .page) { f in
        let size = f.structure(LARGE_INTEGER.self)
        let buffer = f.local(0)
        f.set(size.HighPart, 0)
        let status = f.local(f.call(readWholeFile, f.argument(0), f.address(of: buffer), size))
        f.if(status.isError) { f.return(status) }
        let pages = f.local((size.LowPart + 0xFFF) >> 12)
        let segment = f.local(SEGMENT.self)
        f.set(segment.value, 0)
        f.set(status, Status.commitmentLimit)
        f.if(pages < availablePages.dword) {
            f.set(segment.value, f.call(allocateSegment, pages, size, SectionFlag.file, 1))
            f.if(segment.isNull) { f.set(status, Status.insufficientResources) }
        }
        f.if(segment.isNotNull) {
            f.if(f.call(fillSegment, segment) == 0) {
                f.call(deleteSegment, segment)
            } else: {
                f.call(copyToPages, segment.PrototypePte, buffer, size.LowPart)
                f.call(Ob.referenceObject, f.argument(0))
                f.set(segment.ControlArea.address(of: \.FilePointer).dword(), f.argument(0))
                f.set(f.argument(1).dword(), segment)
                f.set(status, Status.success)
            }
        }
        f.call(Ex.freePoolWithTag, buffer, Value.tag(fileReadTag))
        f.return(status)
    }

    /// `MiLimitSection(Section*, MaximumSize*) -> status`: a section of the first so many bytes of its file; 0 means all. 0xC0000040: the file has not as many.
    static let limitSection: Routine = .init("MiLimitSection", ["Section", "MaximumSize"], section: .page) { f in
        let section = f.argument(0, SECTION.self)
        let wanted = f.argument(1, LARGE_INTEGER.self)
        f.if(wanted.LowPart == 0 && wanted.HighPart == 0) { f.return(Status.success) }
        f.if(wanted.HighPart != 0 || wanted.LowPart > section.SizeOfSection.LowPart) { f.return(Status.sectionTooBig) }
        f.set(section.SizeOfSection.LowPart, wanted.LowPart)
        f.return(Status.success)
    }

    /// `MmUpdateDataSection(SectionObjectPointer*, Offset, Buffer, Length)`: the file system has written to a file; whoever has mapped it sees it. What lies behind the end that the file had when it
    /// was mapped is not theirs. In NT it is the cache manager through which a file system brings this about.
    package static let updateDataSection: Routine = .init("MmUpdateDataSection", ["SectionObjectPointer", "Offset", "Buffer", "Length"]) {
        f in
        let area = f.local(f.argument(0, SECTION_OBJECT_POINTERS.self).DataSectionObject)
        f.if(area.isNull) { f.return() }
        let segment = f.local(area.Segment)
        let offset = f.local(f.argument(1))
        let source = f.local(f.argument(2))
        let left = f.local(f.argument(3))
        let irql = f.local(0)
        f.while(left != 0 && offset < segment.SizeOfSegment.LowPart) {
            let bytes = f.local(0x1000 - (offset & 0xFFF))
            f.if(left < bytes) { f.set(bytes, left) }
            let page = f.local((segment.PrototypePte + ((offset >> 12) << 2)).dword() >> 12)
            let window = f.call(mapPageInHyperSpace, page, f.address(of: irql))
            f.copy(to: window + (offset & 0xFFF), from: source, bytes)
            f.call(unmapPageInHyperSpace, window, irql)
            f.add(offset, bytes)
            f.add(source, bytes)
            f.set(left, left - bytes)
        }
        f.return()
    }
}
