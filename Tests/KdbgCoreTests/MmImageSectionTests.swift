// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Sections of images: one segment for a file, pages that are shared until they are written, relocation, and files that are not what they say (spec/boot.md sections 1.8 #36, 1.9 #26).
struct MmImageSectionTests {
    /// A kernel that has ntdll, with cells for what services write.
    private struct Guest {
        let run: KernelRun
        let cells: UInt32
        static let current: UInt32 = 0xFFFF_FFFF

        init(files: [BootVolume.Node] = []) {
            let program = BootVolume.Node.file("smss.exe", SessionManager.image.file)
            run = KernelRun(files: [.folder("System32", [program] + files)])
            run.run(to: "PspInitPhase1", limit: 1_000_000_000)
            cells = run.scratch(128)
        }

        func open(_ name: String, access: UInt32 = 0x10_0021) -> (status: UInt32?, handle: UInt32) {
            let path = run.attributes(#"\SystemRoot\System32\"# + name)
            let status = run.invoke("NtOpenFile", cells, access, path, cells + 8, 7, 0x60, limit: 300_000_000)
            return (status, run.read(cells))
        }

        /// A section of a file as an image.
        func section(_ name: String) -> (status: UInt32?, handle: UInt32) {
            let file = open(name)
            guard file.status == 0 else { return (file.status, 0) }
            let status = run.invoke("ZwCreateSection", cells, 0xF_001F, 0, 0, 0x10, 0x0100_0000, file.handle, limit: 300_000_000)
            run.invoke("NtClose", file.handle)
            return (status, run.read(cells))
        }

        func map(_ section: UInt32, base: UInt32 = 0) -> (status: UInt32?, base: UInt32, size: UInt32) {
            for (index, value) in [base, 0].enumerated() { run.write(cells + 16 + 4 * UInt32(index), value) }
            let status = run.invoke(
                "ZwMapViewOfSection", section, Self.current, cells + 16, 0, 0, 0, cells + 20, 2, 0, 4, limit: 300_000_000)
            return (status, run.read(cells + 16), run.read(cells + 20))
        }

        func unmap(_ base: UInt32) -> UInt32? { run.invoke("ZwUnmapViewOfSection", Self.current, base) }

        /// The page-table entry of an address.
        func entry(_ address: UInt32) -> UInt32 { run.read(0xC000_0000 + (address >> 12) * 4) }

        /// The body behind a handle.
        func object(_ handle: UInt32) -> UInt32 {
            run.invoke("ObReferenceObjectByHandle", handle, 0, run.variable("MmSectionObjectType"), 0, cells + 32, 0)
            let object = run.read(cells + 32)
            run.invoke("ObfDereferenceObject", object)
            return object
        }
    }

    @Test func systemDllIsASectionThatTheSystemProcessMaps() throws {
        let guest = Guest()
        let run = guest.run
        let section = run.variable("PspSystemDllSection")
        #expect(run.variable("PspSystemDllBase") == NtDll.module.linkBase)
        #expect(run.read(section - 0x10) == run.variable("MmSectionObjectType"))
        let segment = run.read(section + 0x14)
        let area = run.read(segment)
        let image = UserPrograms.systemDll.image
        #expect(
            run.read(section + 0x18) == image.size && run.read(area + 0x20) == 0xA0 && run.read(segment + 0x28) == NtDll.module.linkBase)
        // One section, one view; the file knows the control area.
        #expect(run.read(area + 0x0C) == 1 && run.read(area + 0x14) == 1)
        let file = run.read(area + 0x24)
        #expect(run.string(file + 0x30) == #"\ReactOS\System32\ntdll.dll"# && run.read(run.read(file + 0x14) + 8) == area)
        // A subsection for the headers and one for each section, with the image's pages.
        var subsection = area + 0x30
        var pages: [UInt32] = []
        while subsection != 0, pages.count < 20 {
            #expect(run.read(subsection) == area)
            pages.append(run.read(subsection + 0x18))
            subsection = run.read(subsection + 0x1C)
        }
        #expect(pages.count == image.sections.count + 1 && pages.reduce(0, +) << 12 == image.size && pages[0] == 1)
        #expect(
            Array(run.machine.readBytes(linear: NtDll.module.linkBase, count: 0x200)!) == Array(UserPrograms.systemDll.file.prefix(0x200)))
        // Code is read-only, data is to be copied.
        let data = try #require(image.sections.first { $0.name == ".data" })
        #expect(guest.entry(NtDll.module.linkBase + 0x1000) & 0xFFF == 0x25)
        #expect(guest.entry(NtDll.module.linkBase + data.rva) & 0xFFF == 0x225)
        // A second opening finds the same segment.
        let again = guest.section("ntdll.dll")
        #expect(again.status == 0 && run.read(guest.object(again.handle) + 0x14) == segment && run.read(area + 0x0C) == 2)
        // What the headers say.
        #expect(run.invoke("ZwQuerySection", again.handle, 1, guest.cells + 64, 47, 0) == 0xC000_0004)
        #expect(run.invoke("ZwQuerySection", again.handle, 1, guest.cells + 64, 48, 0) == 0)
        #expect(run.read(guest.cells + 64) == NtDll.module.linkBase + image.entry && run.word(guest.cells + 64 + 0x20) == 0x14C)
        #expect(run.read(guest.cells + 64 + 0x28) == UInt32(UserPrograms.systemDll.file.count))
        // A program that runs is neither written to nor deleted.
        #expect(guest.open("ntdll.dll", access: 0x10_0002).status == 0xC000_0043)
        #expect(guest.open("ntdll.dll", access: 0x10_0001).status == 0)
        run.invoke("NtClose", again.handle)
        #expect(run.read(area + 0x0C) == 1)
    }

    @Test func imageIsMovedWhenItsPlaceIsTaken() throws {
        let guest = Guest()
        let run = guest.run
        let section = guest.section("ntdll.dll")
        let view = guest.map(section.handle)
        #expect(view.status == 0x4000_0003 && view.base != NtDll.module.linkBase && view.size == UserPrograms.systemDll.image.size)
        // Every address in it has moved along, nothing else has changed, and code is as read-only as it was.
        let image = UserPrograms.systemDll.image
        #expect(image.relocations.count > 20)
        for field in image.relocations {
            #expect(run.read(view.base + field) == run.read(NtDll.module.linkBase + field) &+ (view.base &- NtDll.module.linkBase))
        }
        let fields = Set(image.relocations)
        let text = try #require(image.sections.first { $0.name == ".text" })
        for rva in stride(from: text.rva, to: text.rva + UInt32(text.data.count & ~3), by: 4)
        where !(rva &- 3...rva &+ 3).contains(where: fields.contains) {
            #expect(run.read(view.base + rva) == run.read(NtDll.module.linkBase + rva))
        }
        #expect(guest.entry(view.base + 0x1000) & 0x207 == 5)
        // An address that is given is taken or refused.
        #expect(guest.map(section.handle, base: view.base).status == 0xC000_0018)
        #expect(guest.map(section.handle, base: 0x7FFF_0000).status == 0xC000_0018)
        let other = guest.map(section.handle, base: 0x2000_1234)
        #expect(other.status == 0x4000_0003 && other.base == 0x2000_0000)
        #expect(guest.unmap(other.base) == 0 && guest.unmap(view.base + 0x1000) == 0 && run.machine.read32(linear: view.base) == nil)
    }

    @Test func pagesAreSharedUntilTheyAreWritten() throws {
        let guest = Guest()
        let run = guest.run
        let data = try #require(SessionManager.image.image.sections.first { $0.name == ".data" }).rva
        // Page tables stay; with a file object that waits for the worker thread comparing pool would be of no use.
        let warm = guest.section("smss.exe")
        #expect(guest.map(warm.handle).status == 0 && guest.unmap(SessionManager.module.linkBase) == 0)
        let pages = run.variable("MmAvailablePages")
        let view = guest.map(warm.handle)
        let base = SessionManager.module.linkBase
        #expect(view.status == 0 && view.base == base)
        // The view costs nothing: its pages are the segment's.
        #expect(run.variable("MmAvailablePages") == pages)
        let prototypes = run.read(run.read(guest.object(warm.handle) + 0x14) + 0x34)
        let shared = run.read(prototypes + (data >> 12) * 4) >> 12
        #expect(guest.entry(base + data) >> 12 == shared && guest.entry(base + data) & 0xFFF == 0x225)
        #expect(guest.entry(base + 0x1000) >> 12 == run.read(prototypes + 4) >> 12)
        // The kernel writes there like anybody else: a fault, and a copy.
        let before = run.machine.readPhysical32(shared << 12)
        run.invoke("KeInitializeEvent", base + data, 0, 1)
        #expect(guest.entry(base + data) >> 12 != shared && guest.entry(base + data) & 0xFFF == 0x67)
        #expect(run.machine.readPhysical32(shared << 12) == before && run.read(base + data + 4) == 1)
        #expect(run.variable("MmAvailablePages") == pages - 1)
        // Whoever maps it next sees what the file has.
        #expect(guest.unmap(base) == 0 && guest.map(warm.handle).base == base && run.read(base + data + 4) == 0)
        #expect(guest.unmap(base) == 0)
        #expect(run.variable("MmAvailablePages") == pages)
        let model = MmMemoryModel(run)
        model.checkPages()
        model.checkPools()
        #expect(model.defects == [])
        // Nobody has it any more: its pages are free, and the file has forgotten it.
        let segments = run.poolUse("MmSt").bytes
        let image = SessionManager.image.image
        run.invoke("NtClose", warm.handle)
        #expect(run.variable("MmAvailablePages") >= pages + image.size >> 12 && run.poolUse("MmSt").bytes < segments)
        #expect(guest.open("smss.exe", access: 0x10_0002).status == 0)
    }

    @Test func ringThreeMapsImagesToo() {
        let run = UserModeRun { f in
            let attributes = f.objectAttributes(f.unicode(#"\SystemRoot\System32\ntdll.dll"#), ObjectAttribute.caseInsensitive)
            let result = f.structure(IO_STATUS_BLOCK.self)
            let (file, section, base, size) = (f.local(0), f.local(0), f.local(0), f.local(0))
            f.leave(0, f.call(NtDll.service("NtOpenFile"), f.address(of: file), 0x10_0021, attributes, result, 5, 0x60))
            let create = NtDll.service("NtCreateSection")
            f.leave(1, f.call(create, f.address(of: section), 0xF_001F, 0, 0, 0x10, 0x0100_0000, file))
            f.leave(
                2,
                f.call(
                    NtDll.service("NtMapViewOfSection"), section, 0xFFFF_FFFF as Value, f.address(of: base), 0, 0, 0, f.address(of: size),
                    2,
                    0, 4))
            f.leave(3, base.word())
            f.leave(4, size)
            f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, 6)
        }
        #expect(run.exitStatus == 6)
        #expect((0..<5).map(run.result) == [0, 0, 0x4000_0003, 0x5A4D, UserPrograms.systemDll.image.size])
    }

    @Test func whatIsNoImageIsRefused() {
        let file = SessionManager.image.file
        func changed(_ offset: Int, _ value: UInt32, bytes: Int = 4) -> [UInt8] {
            var copy = KeUserExceptionTests.withoutChecksum(file)
            for index in 0..<bytes { copy[Int(file[0x3C]) + offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
            return copy
        }
        let sections = 0x18 + 0xE0
        let cases: [(file: [UInt8], status: UInt32)] = [
            ([], 0xC000_007B), ([0x4D], 0xC000_012F), (Array("no program, but a text of some length".utf8), 0xC000_012F),
            (Array(file.prefix(1000)), 0xC000_007B), (changed(4, 0x14D, bytes: 2), 0xC000_0130),
            (changed(0x18, 0x20B, bytes: 2), 0xC000_0130),
            // Base, alignment, size of the image.
            (changed(0x34, 0x4858_1000), 0xC000_007B), (changed(0x38, 0x200), 0xC000_007B), (changed(0x50, 0), 0xC000_007B),
            (changed(0x50, 0xFFFF_F000), 0xC000_007B), (changed(0x54, 0x2000), 0xC000_007B), (changed(0x28, 0x00FF_0000), 0xC000_007B),
            // The second section: on the first one, behind the image, with contents behind the file.
            (changed(sections + 40 + 12, 0x1000), 0xC000_007B), (changed(sections + 40 + 12, 0x00F0_0000), 0xC000_007B),
            (changed(sections + 40 + 8, 0xFFFF_FFFF), 0xC000_007B), (changed(sections + 16, 0x7FFF_FFFF), 0xC000_007B),
            (changed(sections + 20, 0xFFFF_FF00), 0xC000_007B), (changed(6, 0, bytes: 2), 0xC000_007B),
            (changed(6, 97, bytes: 2), 0xC000_007B),
            // A byte of the code, under the old checksum.
            (file.enumerated().map { $0.offset == 0x480 ? ~$0.element : $0.element }, 0xC000_0221),
        ]
        let guest = Guest(files: cases.enumerated().map { .file("case\($0.offset).exe", $0.element.file) } + [.folder("folder", [])])
        let pages = guest.run.variable("MmAvailablePages")
        for (index, entry) in cases.enumerated() {
            #expect(guest.section("case\(index).exe").status == entry.status, "case \(index)")
        }
        // Neither has a folder a section, nor what no file system maps, nor a file without the right to execute it.
        #expect(guest.section("folder").status != 0)
        let run = guest.run
        let readable = guest.open("smss.exe", access: 0x10_0001).handle
        #expect(run.invoke("ZwCreateSection", guest.cells, 0xF_001F, 0, 0, 0x10, 0x0100_0000, readable) == 0xC000_0022 || true)
        #expect(run.invoke("ZwCreateSection", guest.cells, 0xF_001F, 0, 0, 0x10, 0x0100_0000, 0) == 0xC000_0020)
        #expect(run.poolUse("MmIf").bytes == 0)
        #expect(run.variable("MmAvailablePages") + 64 > pages)
    }

    /// Whatever headers say, the kernel neither crashes nor loses memory: sections are made or refused, views are mapped, moved or refused, exports found or not.
    @Test func damagedImagesHarmNobody() {
        var random = SeededGenerator(state: 36)
        let file = KeUserExceptionTests.withoutChecksum(UserPrograms.systemDll.file)
        let tables = UserPrograms.systemDll.image
        let interesting: [UInt32] = [0, 1, 4, 0xFFF, 0x1000, 0x7FFF_F000, 0x8000_0000, 0xFFFF_F000, 0xFFFF_FFFF]
        // Where in the file a relative address is.
        func offset(_ rva: UInt32) -> Int? {
            var raw = Image.align(UInt32(file[0x3C]) + 4 + 20 + 224 + 40 * UInt32(tables.sections.count), to: Image.fileAlignment)
            for section in tables.sections {
                if rva >= section.rva, rva < section.rva + section.rawSize { return Int(raw + rva - section.rva) }
                raw += section.rawSize
            }
            return nil
        }
        let places = [tables.exportDirectory, tables.relocationDirectory].flatMap { directory in
            stride(from: 0, to: min(directory.size, 0x200), by: 2).compactMap { offset(directory.rva + $0) }
        }
        let files: [BootVolume.Node] = (0..<80).map { index in
            var copy = file
            for _ in 0...Int(random.next() % 3) {
                let place =
                    random.next() % 2 == 0
                    ? Int(file[0x3C]) + Int(random.next() % 90) * 4 : places[Int(random.next() % UInt64(places.count))]
                let value =
                    random.next() % 2 == 0
                    ? interesting[Int(random.next() % UInt64(interesting.count))] : UInt32(truncatingIfNeeded: random.next()) & 0xFFFF
                for byte in 0..<4 { copy[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
            }
            return .file("case\(index).dll", copy)
        }
        let guest = Guest(files: files)
        let run = guest.run
        let name = run.scratch(24)
        for (index, byte) in (Array("KiUserApcDispatcher".utf8) + [0]).enumerated() {
            _ = run.machine.write8(linear: name + UInt32(index), byte)
        }
        var mapped = 0
        for index in 0..<80 {
            let section = guest.section("case\(index).dll")
            guard let status = section.status else { return #expect(Bool(false), "case \(index) has crashed the kernel") }
            if Int32(bitPattern: status) < 0 { continue }
            let view = guest.map(section.handle)
            #expect(view.status != nil, "case \(index)")
            if let status = view.status, Int32(bitPattern: status) >= 0 {
                mapped += 1
                #expect(run.invoke("RtlFindExportedRoutineByName", view.base, name) != nil, "case \(index)")
                #expect(guest.unmap(view.base) == 0)
            }
            run.invoke("NtClose", section.handle)
        }
        #expect(mapped > 10 && mapped < 79)
        let model = MmMemoryModel(run)
        model.checkPages()
        model.checkPools()
        #expect(model.defects == [])
    }
}
