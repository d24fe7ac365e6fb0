// SPDX-License-Identifier: GPL-3.0-or-later

/// System services for sections, and the same under the names by which drivers call them.
extension Mm {
    /// SECTION_MAP_READ and SECTION_MAP_WRITE, SECTION_QUERY.
    private enum SectionAccess {
        static let query: Value = 1
        static let mapWrite: Value = 2
        static let mapRead: Value = 4
    }

    private static let createParameters = [
        "SectionHandle", "DesiredAccess", "ObjectAttributes", "MaximumSize", "SectionPageProtection", "AllocationAttributes", "FileHandle",
    ]

    /// `NtCreateSection(SectionHandle*, DesiredAccess, ObjectAttributes*, MaximumSize*, Protection, Attributes, FileHandle) -> status`: see `MmCreateSection`.
    package static let ntCreateSection: Routine = .init("NtCreateSection", createParameters) { f in
        let object = f.local(0)
        let handle = f.local(0)
        Ke.probe(f, f.argument(0), 4, write: true)
        f.if(f.argument(3) != 0) { Ke.probe(f, f.argument(3), 8, write: false) }
        let status = f.local(
            f.call(
                createSection, f.address(of: object), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5),
                f.argument(6), 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.insertObject, object, 0, f.argument(1), 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }

    /// `NtOpenSection(SectionHandle*, DesiredAccess, ObjectAttributes*) -> status`.
    package static let ntOpenSection: Routine = .init(
        "NtOpenSection", ["SectionHandle", "DesiredAccess", "ObjectAttributes"]
    ) { f in
        Ob.openByName(f, sectionObjectType)
    }

    private static let mapParameters = [
        "SectionHandle", "ProcessHandle", "BaseAddress", "ZeroBits", "CommitSize", "SectionOffset", "ViewSize", "InheritDisposition",
        "AllocationType", "Win32Protect",
    ]

    /// `NtMapViewOfSection(SectionHandle, ProcessHandle, BaseAddress**, ZeroBits, CommitSize, SectionOffset*, ViewSize*, Inherit, AllocationType, Protect) -> status`: see
    /// `MmMapViewOfSection`. User mode needs the rights to map the section for what the view allows.
    package static let ntMapViewOfSection: Routine = .init("NtMapViewOfSection", mapParameters) { f in
        let mode = f.local(currentThread.Tcb.PreviousMode)
        let section = f.local(0)
        let process = f.local(0)
        // ViewShare and ViewUnmap; children inherit nothing here. MEM_RESERVE, MEM_TOP_DOWN and MEM_LARGE_PAGES.
        f.if(f.argument(7) == 0 || f.argument(7) > 2) { f.return(Status.invalidParameter8) }
        f.if((f.argument(8) & ~Value(0x2010_2000)) != 0) { f.return(Status.invalidParameter9) }
        Ke.probe(f, f.argument(2), 4, write: true)
        Ke.probe(f, f.argument(6), 4, write: true)
        f.if(f.argument(5) != 0) { Ke.probe(f, f.argument(5), 8, write: true) }
        let access = f.local(SectionAccess.mapRead)
        f.if((f.argument(9) & 0x44) != 0) { f.set(access, SectionAccess.mapRead | SectionAccess.mapWrite) }
        let status = f.local(f.call(Ob.referenceObjectByHandle, f.argument(1), 8, Ps.processType.dword, mode, f.address(of: process), 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, f.argument(0), access, sectionObjectType.dword, mode, f.address(of: section), 0))
        f.if(status.isSuccess) {
            // The caller's memory is that of the caller's process, not of the one that gets the view.
            let base = f.local(f.argument(2).dword())
            let size = f.local(f.argument(6).dword())
            let offset = f.structure(LARGE_INTEGER.self)
            f.zero(offset, 8)
            f.if(f.argument(5) != 0) { f.copy(to: offset, from: f.argument(5), 8) }
            f.set(
                status,
                f.call(
                    mapViewOfSection, section, process, f.address(of: base), f.argument(3), f.argument(4), offset, f.address(of: size),
                    f.argument(7), f.argument(8), f.argument(9)))
            f.if(status.isSuccess) {
                f.set(f.argument(2).dword(), base)
                f.set(f.argument(6).dword(), size)
                f.if(f.argument(5) != 0) { f.copy(to: f.argument(5), from: offset, 8) }
            }
            f.call(Ob.dereferenceObject, section)
        }
        f.call(Ob.dereferenceObject, process)
        f.return(status)
    }

    /// `NtUnmapViewOfSection(ProcessHandle, BaseAddress) -> status`.
    package static let ntUnmapViewOfSection: Routine = .init("NtUnmapViewOfSection", ["ProcessHandle", "BaseAddress"]) { f in
        let process = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        f.if(mode != 0 && f.argument(1) > highestUserAddress.dword) { f.return(Status.notMappedView) }
        let status = f.local(f.call(Ob.referenceObjectByHandle, f.argument(0), 8, Ps.processType.dword, mode, f.address(of: process), 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(unmapViewOfSection, process, f.argument(1)))
        f.call(Ob.dereferenceObject, process)
        f.return(status)
    }

    /// `NtQuerySection(SectionHandle, InformationClass, Information*, Length, ResultLength* or NULL) -> status`. Class 0: base address, attributes and size; class 1:
    /// SECTION_IMAGE_INFORMATION. 0xC0000049: it is not of an image.
    package static let ntQuerySection: Routine = .init(
        "NtQuerySection", ["SectionHandle", "SectionInformationClass", "SectionInformation", "Length", "ResultLength"]
    ) { f in
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        f.if(f.argument(1) > 1) { f.return(Status.invalidInfoClass) }
        let bytes = f.local(16)
        f.if(f.argument(1) == 1) { f.set(bytes, SECTION_IMAGE_INFORMATION.size) }
        f.if(f.argument(3) < bytes) { f.return(Status.infoLengthMismatch) }
        f.if(mode != 0) { f.if(f.call(Ke.probeForWrite, f.argument(2), bytes) == 0) { f.return(Status.accessViolation) } }
        f.if(f.argument(4) != 0) { Ke.probe(f, f.argument(4), 4, write: true) }
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(0), SectionAccess.query, sectionObjectType.dword, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        let section = object.as(SECTION.self)
        f.if(f.argument(1) == 1) {
            let result = f.local(Status.sectionNotImage)
            f.if((section.u & Value(SectionFlag.image)) != 0) {
                f.copy(to: f.argument(2), from: section.Segment.u2, SECTION_IMAGE_INFORMATION.size)
                f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), SECTION_IMAGE_INFORMATION.size) }
                f.set(result, Status.success)
            }
            f.call(Ob.dereferenceObject, section)
            f.return(result)
        }
        f.set(f.argument(2).dword(), 0)
        let attributes = f.local(0)
        for (flag, attribute) in [
            (SectionFlag.commit, SectionAttribute.commit), (SectionFlag.reserve, SectionAttribute.reserve),
            (SectionFlag.noCache, SectionAttribute.noCache), (SectionFlag.image, SectionAttribute.image),
            (SectionFlag.file, SectionAttribute.file),
        ] {
            f.if((section.u & Value(flag)) != 0) { f.set(attributes, attributes | Value(attribute)) }
        }
        f.set(f.argument(2).dword(4), attributes)
        f.copy(to: f.argument(2) + 8, from: section.SizeOfSection, 8)
        f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), 16) }
        f.call(Ob.dereferenceObject, section)
        f.return(Status.success)
    }

    // MARK: As drivers call them

    package static let zwCreateSection = Ke.kernelService(ntCreateSection)
    package static let zwOpenSection = Ke.kernelService(ntOpenSection)
    package static let zwMapViewOfSection = Ke.kernelService(ntMapViewOfSection)
    package static let zwUnmapViewOfSection = Ke.kernelService(ntUnmapViewOfSection)
    package static let zwQuerySection = Ke.kernelService(ntQuerySection)

    /// Routines for drivers that nothing here calls.
    package static let exports: [any Item] = [
        ntCreateSection, ntOpenSection, ntMapViewOfSection, ntUnmapViewOfSection, ntQuerySection, zwCreateSection, zwOpenSection,
        zwMapViewOfSection, zwUnmapViewOfSection, zwQuerySection, mapViewInSystemSpace, unmapViewInSystemSpace, dbgCopyMemory,
        sectionObjectType, physicalMemorySection, flushImageSection,
    ]
}

extension Status {
    package static let sectionNotImage: Value = 0xC000_0049
    package static let invalidParameter3: Value = 0xC000_00F1
    package static let invalidParameter8: Value = 0xC000_00F6
}
