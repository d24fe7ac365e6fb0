// SPDX-License-Identifier: GPL-3.0-or-later

/// Sections of files: who has mapped a file already, and the rights that mapping it takes.
extension Mm {
    private static let createParameters = [
        "SectionObject", "ObjectAttributes", "MaximumSize", "SectionPageProtection", "AllocationAttributes", "FileHandle", "FileObject",
    ]

    /// `MiCreateFileSection(Section**, ObjectAttributes*, MaximumSize* or NULL, Protection, Attributes, FileHandle, FileObject*) -> status`: the file by a handle with the rights that the protection takes, or by
    /// its object. 0xC0000020: its file system maps nothing.
    static let createFileSection: Routine = .init("MiCreateFileSection", createParameters, section: .page) { f in
        let object = f.local(f.argument(6))
        f.if(object == 0) {
            let status = f.call(
                Ob.referenceObjectByHandle, f.argument(5), f.call(fileAccessFor, f.argument(3)), Io.fileObjectType.dword,
                currentThread.Tcb.PreviousMode, f.address(of: object), 0)
            f.if(status.isError) { f.return(status) }
        } else: {
            f.call(Ob.referenceObject, object)
        }
        let file = object.as(FILE_OBJECT.self)
        let status = f.local(Status.invalidFileForSection)
        let segment = f.local(0)
        f.if(file.SectionObjectPointer != 0) {
            f.if((f.argument(4) & Value(SectionAttribute.image)) != 0) {
                f.set(status, f.call(imageSegment, file, f.address(of: segment)))
            } else: {
                f.set(status, f.call(dataSegment, file, f.argument(3), f.address(of: segment)))
            }
        }
        f.if(status.isSuccess) {
            f.set(status, f.call(createSectionObject, f.argument(1), segment, f.argument(3), f.argument(0)))
            f.call(releaseControlArea, segment.as(SEGMENT.self).ControlArea, 1, 0)
            f.if(status.isSuccess && f.argument(2) != 0 && (f.argument(4) & Value(SectionAttribute.image)) == 0) {
                f.set(status, f.call(limitSection, f.argument(0).dword(), f.argument(2)))
                f.if(status.isError) { f.call(Ob.dereferenceObject, f.argument(0).dword()) }
            }
        }
        f.call(Ob.dereferenceObject, file)
        f.return(status)
    }

    /// `MiFileAccessFor(Protection) -> FILE_… rights`.
    private static let fileAccessFor: Routine = .init("MiFileAccessFor", ["SectionPageProtection"], section: .page) { f in
        let access = f.local(0)
        f.if((f.argument(0) & 0xF0) != 0) { f.set(access, 0x20) }
        f.if((f.argument(0) & 0xEE) != 0) { f.set(access, access | 1) }
        f.if((f.argument(0) & 0x44) != 0) { f.set(access, access | 2) }
        f.return(access)
    }

    /// `MiImageSegment(FileObject*, Segment**) -> status`: the file's segment as an image, which is made unless there is one; the caller has a section's reference to it, which
    /// `MiReleaseControlArea` takes.
    private static let imageSegment: Routine = .init("MiImageSegment", ["FileObject", "Segment"], section: .page) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let pointers = f.local(file.SectionObjectPointer).as(SECTION_OBJECT_POINTERS.self)
        f.set(f.argument(1).dword(), f.call(referenceSegment, pointers.address(of: \.ImageSectionObject)))
        f.if(f.argument(1).dword() != 0) { f.return(Status.success) }
        let made = f.local(0)
        let status = f.local(f.call(createImageFileMap, file, f.address(of: made)))
        f.if(status.isError) { f.return(status) }
        f.set(f.argument(1).dword(), f.call(enterSegment, pointers.address(of: \.ImageSectionObject), made))
        f.return(status)
    }

    /// `MiReferenceSegment(Cell*) -> SEGMENT* or NULL`: what a file is mapped as already, with one more section reference.
    static let referenceSegment: Routine = .init("MiReferenceSegment", ["Cell"]) { f in
        let segment = f.local(0)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let area = f.local(f.argument(0).dword()).as(CONTROL_AREA.self)
        f.if(area.isNotNull) {
            f.set(area.NumberOfSectionReferences, area.NumberOfSectionReferences + 1)
            f.set(segment, area.Segment)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(segment)
    }

    /// `MiEnterSegment(Cell*, Segment*) -> SEGMENT*`, with a section reference: the file knows its segment from now on. When somebody else was faster it is theirs, and ours goes.
    static let enterSegment: Routine = .init("MiEnterSegment", ["Cell", "Segment"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let segment = f.local(f.call(referenceSegment, f.argument(0)))
        f.if(segment == 0) {
            let area = f.local(f.argument(1, SEGMENT.self).ControlArea)
            f.set(segment, f.argument(1))
            f.set(area.NumberOfSectionReferences, area.NumberOfSectionReferences + 1)
            f.set(f.argument(0).dword(), area)
        }
        f.call(Hal.lowerIrql, irql)
        f.if(segment != f.argument(1)) { f.call(deleteSegment, f.argument(1)) }
        f.return(segment)
    }

    /// `MiReleaseControlArea(ControlArea*, Sections, Views)`: takes references away; with the last one the segment goes, and its file forgets it.
    static let releaseControlArea: Routine = .init("MiReleaseControlArea", ["ControlArea", "Sections", "Views"]) { f in
        let area = f.argument(0, CONTROL_AREA.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.set(area.NumberOfSectionReferences, area.NumberOfSectionReferences - f.argument(1))
        f.set(area.NumberOfMappedViews, area.NumberOfMappedViews - f.argument(2))
        let isUnused = f.local(area.NumberOfSectionReferences == 0 && area.NumberOfMappedViews == 0)
        f.if(isUnused != 0 && area.FilePointer.isNotNull) {
            let pointers = f.local(area.FilePointer.SectionObjectPointer).as(SECTION_OBJECT_POINTERS.self)
            f.if(pointers.ImageSectionObject.value == area.value) { f.set(pointers.address(of: \.ImageSectionObject).dword(), 0) }
            f.if(pointers.DataSectionObject.value == area.value) { f.set(pointers.address(of: \.DataSectionObject).dword(), 0) }
        }
        f.call(Hal.lowerIrql, irql)
        f.if(isUnused != 0) { f.call(deleteSegment, area.Segment) }
        f.return()
    }

    /// `MmFlushImageSection(SectionObjectPointer*, FlushType) -> BOOLEAN`: whether a file system may let somebody write to a file, or delete it: not while it is mapped as an image.
    package static let flushImageSection: Routine = .init("MmFlushImageSection", ["SectionObjectPointer", "FlushType"]) { f in
        f.return(f.argument(0, SECTION_OBJECT_POINTERS.self).ImageSectionObject.isNull)
    }
}

extension Status {
    package static let invalidFileForSection: Value = 0xC000_0020
}
