// SPDX-License-Identifier: GPL-3.0-or-later

/// Sections of images (spec/boot.md sections 1.8 #36, 1.9 #26): the file is read and checked once, when its first section is made; its pages are those of the segment, which the file's
/// SECTION_OBJECT_POINTERS name, so that whoever maps the file again finds it. The control area has a SUBSECTION for the headers and one for each section of the image.
extension Mm {
    static let imageInformationTag: StaticString = "MmIi"
    /// SUBSECTION.u: where the MM_… protection begins.
    static let subsectionProtectionShift: UInt32 = 4

    /// `MiCreateImageFileMap(FileObject*, Segment**) -> status`: reads, checks and lays out; the file object is referenced by the control area. No section refers to the segment
    /// yet, and the file does not know it.
    static let createImageFileMap: Routine = .init("MiCreateImageFileMap", ["FileObject", "Segment"], section: .page) { f in
        let size = f.local(0)
        let buffer = f.local(0)
        let status = f.local(f.call(readWholeFile, f.argument(0), f.address(of: buffer), f.address(of: size)))
        f.if(status == Status.mappedFileSizeZero || status == Status.sectionTooBig) { f.return(Status.invalidImageFormat) }
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(checkImageFile, buffer, size))
        f.if(status.isSuccess) {
            let headers = f.local(buffer + buffer.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
            f.if((headers.OptionalHeader.ImageBase & 0xFFFF) != 0) { f.set(status, Status.invalidImageFormat) }
        }
        f.if(status.isSuccess) { f.set(status, f.call(buildImageSegment, f.argument(0), buffer, size, f.argument(1))) }
        f.call(Ex.freePoolWithTag, buffer, Value.tag(fileReadTag))
        f.return(status)
    }

    /// `MiBuildImageSegment(FileObject*, File, FileSize, Segment**) -> status`: of a file in memory that has been checked.
    private static let buildImageSegment: Routine = .init(
        "MiBuildImageSegment", ["FileObject", "File", "FileSize", "Segment"], section: .page
    ) { f in
        let file = f.argument(1)
        let headers = f.local(file + file.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let sections = f.local(headers.FileHeader.NumberOfSections)
        let pages = f.local((headers.OptionalHeader.SizeOfImage + 0xFFF) >> 12)
        let size = f.structure(LARGE_INTEGER.self)
        f.set(size.LowPart, pages << 12)
        f.set(size.HighPart, 0)
        f.if(pages >= availablePages.dword) { f.return(Status.commitmentLimit) }
        let segment = f.local(f.call(allocateSegment, pages, size, SectionFlag.image | SectionFlag.file, sections + 1)).as(SEGMENT.self)
        f.if(segment.isNull) { f.return(Status.insufficientResources) }
        let information = f.call(Ex.allocatePoolWithTag, 1, SECTION_IMAGE_INFORMATION.size, Value.tag(imageInformationTag))
        f.set(segment.u2, information)
        f.if(information == 0) {
            f.call(deleteSegment, segment)
            f.return(Status.insufficientResources)
        }
        f.call(fillImageInformation, information, headers, f.argument(2))
        f.set(segment.BasedAddress, headers.OptionalHeader.ImageBase)
        // NT keeps the number of pages that may become private here.
        f.set(segment.address(of: \.u1).dword(), 0)
        f.if(f.call(fillSegment, segment) == 0) {
            f.call(deleteSegment, segment)
            f.return(Status.commitmentLimit)
        }
        f.call(fillImagePages, segment, file, headers)
        f.call(Ob.referenceObject, f.argument(0))
        f.set(segment.ControlArea.address(of: \.FilePointer).dword(), f.argument(0))
        f.set(f.argument(3).dword(), segment)
        f.return(Status.success)
    }

    /// `MiFillImageInformation(Information*, Headers*, FileSize)`.
    private static let fillImageInformation: Routine = .init(
        "MiFillImageInformation", ["Information", "Headers", "FileSize"], section: .page
    ) { f in
        let information = f.argument(0, SECTION_IMAGE_INFORMATION.self)
        let headers = f.argument(1, IMAGE_NT_HEADERS.self)
        let optional = headers.OptionalHeader
        f.zero(information, SECTION_IMAGE_INFORMATION.size)
        f.set(information.TransferAddress, optional.ImageBase + optional.AddressOfEntryPoint)
        f.set(information.MaximumStackSize, optional.SizeOfStackReserve)
        f.set(information.CommittedStackSize, optional.SizeOfStackCommit)
        f.set(information.SubSystemType, optional.Subsystem)
        f.set(information.SubSystemMinorVersion, optional.MinorSubsystemVersion)
        f.set(information.SubSystemMajorVersion, optional.MajorSubsystemVersion)
        f.set(information.ImageCharacteristics, headers.FileHeader.Characteristics)
        f.set(information.DllCharacteristics, optional.DllCharacteristics)
        f.set(information.Machine, headers.FileHeader.Machine)
        f.if(optional.SizeOfCode != 0) { f.set(information.ImageContainsCode, 1) }
        f.set(information.LoaderFlags, optional.LoaderFlags)
        f.set(information.ImageFileSize, f.argument(2))
        f.return()
    }

    /// `MiFillImagePages(Segment*, File, Headers*)`: headers and sections to their pages, and the subsections. Pages between two sections, which no section owns, belong to the one in
    /// front of them.
    private static let fillImagePages: Routine = .init("MiFillImagePages", ["Segment", "File", "Headers"], section: .page) { f in
        let segment = f.argument(0, SEGMENT.self)
        let headers = f.argument(2, IMAGE_NT_HEADERS.self)
        let subsection = f.local(segment.ControlArea.value + CONTROL_AREA.size.value).as(SUBSECTION.self)
        let section = f.local(headers.value + 0x18 + headers.FileHeader.SizeOfOptionalHeader).as(IMAGE_SECTION_HEADER.self)
        let left = f.local(headers.FileHeader.NumberOfSections)
        let first = f.local(0)
        f.set(subsection.u, Value(1) << Value(subsectionProtectionShift))
        f.call(copyToPages, segment.PrototypePte, f.argument(1), headers.OptionalHeader.SizeOfHeaders)
        f.loop {
            let end = f.local(segment.TotalNumberOfPtes)
            f.if(left != 0) { f.set(end, section.VirtualAddress >> 12) }
            f.set(subsection.SubsectionBase, segment.PrototypePte + (first << 2))
            f.set(subsection.PtesInSubsection, end - first)
            f.if(left == 0) { f.break() }
            let next = f.local(subsection.value + SUBSECTION.size.value).as(SUBSECTION.self)
            f.set(subsection.address(of: \.NextSubsection).dword(), next)
            f.set(subsection.value, next)
            f.set(first, end)
            f.set(subsection.u, f.call(sectionProtectionOf, section.Characteristics) << Value(subsectionProtectionShift))
            f.set(subsection.StartingSector, section.PointerToRawData >> 9)
            f.set(subsection.NumberOfFullSectors, section.SizeOfRawData >> 9)
            let bytes = f.local(section.SizeOfRawData)
            f.if(section.VirtualSize != 0 && section.VirtualSize < bytes) { f.set(bytes, section.VirtualSize) }
            f.call(copyToPages, segment.PrototypePte + (first << 2), f.argument(1) + section.PointerToRawData, bytes)
            f.set(section.value, section.value + IMAGE_SECTION_HEADER.size.value)
            f.set(left, left - 1)
        }
        f.return()
    }

    /// `MiGetImageProtection(Characteristics) -> MM_… value`: what may be written is copied then, unless the section is a shared one. All of an image may be read.
    private static let sectionProtectionOf: Routine = .init("MiGetImageProtection", ["Characteristics"], section: .page) { f in
        let flags = f.argument(0)
        let execute = f.local(0)
        f.if((flags & 0x2000_0000) != 0) { f.set(execute, 2) }
        f.if((flags & (0x8000_0000 as UInt32).value) == 0) { f.return(execute | 1) }
        f.if((flags & 0x1000_0000) != 0) { f.return(execute | 4) }
        f.return(execute | 5)
    }

    /// `MiCopyToPages(PrototypePte*, Source, Length)`: into pages that nobody has mapped, from the first one's beginning on.
    static let copyToPages: Routine = .init("MiCopyToPages", ["PrototypePte", "Source", "Length"]) { f in
        let entry = f.local(f.argument(0))
        let source = f.local(f.argument(1))
        let left = f.local(f.argument(2))
        let irql = f.local(0)
        f.while(left != 0) {
            let bytes = f.local(0x1000)
            f.if(left < bytes) { f.set(bytes, left) }
            let window = f.call(mapPageInHyperSpace, entry.dword() >> 12, f.address(of: irql))
            f.copy(to: window, from: source, bytes)
            f.call(unmapPageInHyperSpace, window, irql)
            f.add(entry, 4)
            f.add(source, bytes)
            f.set(left, left - bytes)
        }
        f.return()
    }
}
