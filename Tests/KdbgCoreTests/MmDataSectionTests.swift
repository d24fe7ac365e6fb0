// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Sections of files as data: read, kept up with writes, copied when written in a view, and refused for writing (spec/boot.md section 1.8 #16).
struct MmDataSectionTests {
    @Test func filesAreMappedForReading() throws {
        let contents = (0..<9000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let program = BootVolume.Node.file("smss.exe", SessionManager.image.file)
        let run = KernelRun(files: [.folder("System32", [program, .file("data.bin", contents), .file("empty.bin", [])])])
        run.run(to: "PspInitPhase1", limit: 1_000_000_000)
        let cells = run.scratch(128)
        func open(_ name: String, access: UInt32) -> UInt32 {
            let path = run.attributes(#"\SystemRoot\System32\"# + name)
            #expect(run.invoke("NtOpenFile", cells, access, path, cells + 8, 7, 0x60, limit: 300_000_000) == 0)
            return run.read(cells)
        }
        func create(_ file: UInt32, protect: UInt32 = 2, size: UInt32 = 0) -> UInt32? {
            run.write(cells + 8, size)
            run.write(cells + 12, 0)
            return run.invoke("ZwCreateSection", cells, 0xF_001F, 0, cells + 8, protect, 0x0800_0000, file, limit: 300_000_000)
        }
        func map(_ section: UInt32, protect: UInt32 = 2) -> (status: UInt32?, base: UInt32, size: UInt32) {
            for index in 0..<2 as Range<UInt32> { run.write(cells + 16 + 4 * index, 0) }
            let status = run.invoke("ZwMapViewOfSection", section, 0xFFFF_FFFF, cells + 16, 0, 0, 0, cells + 20, 2, 0, protect)
            return (status, run.read(cells + 16), run.read(cells + 20))
        }
        let file = open("data.bin", access: 0x10_0003)
        // What would be written back, more than there is, nothing at all.
        #expect(create(file, protect: 4) == 0xC000_0002)
        #expect(create(file, size: 9001) == 0xC000_0040)
        let empty = open("empty.bin", access: 0x10_0001)
        #expect(create(empty) == 0xC000_011E)

        #expect(create(file) == 0)
        let section = run.read(cells)
        let view = map(section)
        #expect(view.status == 0 && view.size == 0x3000)
        #expect(run.machine.readBytes(linear: view.base, count: 9000) == contents && run.byte(view.base + 9000) == 0)
        #expect(map(section, protect: 4).status == 0xC000_004E)
        // A second section, of a part: the same pages.
        #expect(create(file, size: 5000) == 0)
        let part = run.read(cells)
        let copy = map(part, protect: 8)
        #expect(copy.status == 0 && copy.size == 0x2000 && copy.base != view.base)
        let entry = { (address: UInt32) in run.read(0xC000_0000 + (address >> 12) * 4) }
        #expect(entry(copy.base) >> 12 == entry(view.base) >> 12 && entry(copy.base) & 0x202 == 0x200)
        // The kernel writes there: a copy, which nobody else sees.
        run.invoke("KeInitializeEvent", copy.base + 0x1000, 0, 1)
        #expect(run.read(copy.base + 0x1004) == 1 && run.machine.readBytes(linear: view.base, count: 9000) == contents)
        #expect(entry(copy.base + 0x1000) >> 12 != entry(view.base + 0x1000) >> 12)
        // What is written to the file is seen, across a page's end too.
        let text = run.scratch(16)
        for index in 0..<4 as Range<UInt32> { run.write(text + 4 * index, 0x600D_600D) }
        run.write(cells + 40, 0xFF8)
        run.write(cells + 44, 0)
        #expect(run.invoke("NtWriteFile", file, 0, 0, 0, cells + 48, text, 16, cells + 40, 0, limit: 300_000_000) == 0)
        #expect((0..<4).allSatisfy { run.read(view.base + 0xFF8 + 4 * $0) == 0x600D_600D } && run.read(copy.base + 0xFFC) == 0x600D_600D)
        #expect(run.read(copy.base + 0x1000) != 0x600D_600D)
        for base in [copy.base, view.base] { #expect(run.invoke("ZwUnmapViewOfSection", 0xFFFF_FFFF, base) == 0) }
        let before = run.variable("MmAvailablePages")
        for handle in [section, part] { run.invoke("NtClose", handle) }
        #expect(run.variable("MmAvailablePages") >= before + 3 && run.poolUse("MmIf").bytes == 0)
        let model = MmMemoryModel(run)
        model.checkPages()
        model.checkPools()
        #expect(model.defects == [])
    }
}
