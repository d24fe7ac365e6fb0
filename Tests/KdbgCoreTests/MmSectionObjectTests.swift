// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Section objects: `\Device\PhysicalMemory`, sections without a file, views and the tree of a process's ranges (spec/boot.md sections 1.8 #16, 1.10).
struct MmSectionObjectTests {
    /// A kernel in the middle of phase 1, with cells for what services write.
    private struct Guest {
        let run: KernelRun
        let cells: UInt32
        static let current: UInt32 = 0xFFFF_FFFF

        init() {
            run = KernelRun()
            run.run(to: "IoInitSystem", limit: 1_000_000_000)
            cells = run.scratch(64)
            // The code pages are where views begin.
            #expect(ranges() == [0x10...0x10])
            #expect(unmap(0x1_0000) == 0)
        }

        var system: UInt32 { run.variable("PsInitialSystemProcess") }

        /// Status and handle.
        func create(_ bytes: UInt32, protect: UInt32 = 4, attributes: UInt32 = 0x0800_0000) -> (status: UInt32?, handle: UInt32) {
            run.write(cells + 8, bytes)
            run.write(cells + 12, 0)
            return (run.invoke("ZwCreateSection", cells, 0xF_001F, 0, cells + 8, protect, attributes, 0), run.read(cells))
        }

        /// Maps a view; yields status, base and size.
        func map(_ section: UInt32, base: UInt32 = 0, offset: UInt32 = 0, size: UInt32 = 0, type: UInt32 = 0, protect: UInt32 = 4)
            -> (status: UInt32?, base: UInt32, size: UInt32)
        {
            for (index, value) in [base, size, offset, 0].enumerated() { run.write(cells + 16 + 4 * UInt32(index), value) }
            let status = run.invoke(
                "ZwMapViewOfSection", section, Self.current, cells + 16, 0, 0, cells + 24, cells + 20, 2, type, protect)
            return (status, run.read(cells + 16), run.read(cells + 20))
        }

        func unmap(_ base: UInt32) -> UInt32? { run.invoke("ZwUnmapViewOfSection", Self.current, base) }

        /// First and last pages of the ranges, from the tree, which is in order and whose nodes know what is above them.
        func ranges() -> [ClosedRange<UInt32>] {
            var result: [ClosedRange<UInt32>] = []
            func visit(_ node: UInt32, above: UInt32) {
                guard node != 0, result.count < 1000 else { return }
                #expect(run.read(node) == above)
                visit(run.read(node + 4), above: node)
                result.append(run.read(node + 12)...run.read(node + 16))
                visit(run.read(node + 8), above: node)
            }
            visit(run.read(system + 0x258), above: system + 0x250)
            for (a, b) in zip(result, result.dropFirst()) { #expect(a.upperBound < b.lowerBound) }
            #expect(run.read(system + 0x264) >> 8 == UInt32(result.count))
            #expect(run.read(system + 0xC0) == result.reduce(0) { $0 + UInt32($1.count) << 12 })
            return result
        }
    }

    @Test func physicalMemoryIsASectionOfTheWholeMachine() {
        let guest = Guest()
        let run = guest.run
        let section = run.object(#"\Device\PhysicalMemory"#)
        #expect(section != 0 && section == run.variable("MmPhysicalMemorySection"))
        #expect(run.read(section - 0x10) == run.variable("MmSectionObjectType"))
        #expect(run.object(#"\ObjectTypes\Section"#) == run.variable("MmSectionObjectType"))
        // The directory's reference and MmPhysicalMemorySection's; permanent.
        #expect(run.counts(section) == [2, 0] && run.byte(section - 9) & 0x10 != 0)
        let segment = run.read(section + 0x14)
        let area = run.read(segment)
        #expect(run.read(section + 0x18) == 0xFFFF_FFFF && run.read(section + 0x1C) == 0 && run.read(section + 0x24) == 0x40)
        #expect(run.read(area) == segment && run.read(area + 0x20) == 0x400 && run.read(area + 0x30) == area)
        #expect(run.read(area + 0x0C) == 1 && run.read(area + 0x14) == 0)
    }

    @Test func physicalMemoryCanBeMapped() throws {
        let guest = Guest()
        let run = guest.run
        let open = run.invoke("ZwOpenSection", guest.cells, 6, run.attributes(#"\Device\PhysicalMemory"#))
        #expect(open == 0)
        let handle = run.read(guest.cells)
        // The text screen: a device, not memory that anybody counts.
        let screen = guest.map(handle, offset: 0xB_8000, size: 0x1000)
        #expect(screen.status == 0 && screen.size == 0x1000 && screen.base == 0x1_8000)
        run.write(screen.base + 0xF00, 0x0741_0742)
        #expect(run.machine.readPhysical32(0xB_8F00) == 0x0741_0742)
        // Memory in use: the page directory. The offset is rounded down, the size up.
        let directory = run.read(guest.system + 0x18)
        let view = guest.map(handle, offset: directory + 0x10, size: 0x1000, protect: 2)
        #expect(view.status == 0 && view.size == 0x2000 && view.base & 0xFFFF == directory & 0xFFFF)
        #expect(run.read(view.base + 0xC00) == run.machine.readPhysical32(directory + 0xC00))
        #expect(run.read(0xC000_0000 + (view.base >> 12) * 4) & 0x87 == 5)
        #expect(guest.ranges().count == 2)
        let area = run.read(run.read(run.object(#"\Device\PhysicalMemory"#) + 0x14))
        #expect(run.read(area + 0x14) == 2)
        // Where something is mapped already, and where no process has anything.
        #expect(guest.map(handle, base: screen.base, offset: 0xB_0000, size: 0x1_0000).status == 0xC000_0018)
        #expect(guest.map(handle, base: 0x8000_0000, size: 0x1000).status == 0xC000_00F1)
        #expect(guest.map(handle).status == 0xC000_001F)
        // Away again.
        #expect(guest.unmap(screen.base + 0x800) == 0 && guest.unmap(view.base) == 0 && guest.unmap(view.base) == 0xC000_0019)
        #expect(run.machine.read32(linear: screen.base) == nil && guest.ranges().isEmpty && run.read(area + 0x14) == 0)
        run.invoke("NtClose", handle)
        let model = MmMemoryModel(run)
        model.checkPages()
        #expect(model.defects == [])
    }

    @Test func sectionsWithoutAFileAreSharedAndOutliveTheirHandle() {
        let guest = Guest()
        let run = guest.run
        // Page tables stay: they are made now.
        let warm = guest.create(0x1000)
        #expect(guest.map(warm.handle).status == 0 && guest.unmap(0x1_0000) == 0)
        run.invoke("NtClose", warm.handle)
        let (pages, segments) = (run.variable("MmAvailablePages"), run.poolUse("MmSt"))

        let (status, handle) = guest.create(0x4321)
        #expect(status == 0 && run.variable("MmAvailablePages") <= pages - 5)
        let first = guest.map(handle)
        let second = guest.map(handle, type: 0x10_0000)
        #expect(first.status == 0 && second.status == 0 && first.size == 0x5000 && first.base == 0x1_0000)
        #expect(second.base == (0x7FFE_FFFF - 0x4FFF) & ~0xFFFF)
        #expect((0..<5).allSatisfy { run.read(first.base + $0 << 12) == 0 })
        run.write(first.base + 0x4320, 0x1234_5678)
        #expect(run.read(second.base + 0x4320) == 0x1234_5678)
        run.invoke("NtClose", handle)
        #expect(guest.unmap(first.base) == 0)
        #expect(run.read(second.base + 0x4320) == 0x1234_5678)
        #expect(guest.unmap(second.base) == 0 && guest.ranges().isEmpty)
        #expect(run.poolUse("MmSt").bytes == segments.bytes && run.poolUse("Vad ").bytes == 0)
        // Another page table for the upper view.
        #expect(run.variable("MmAvailablePages") == pages - 1)
        let model = MmMemoryModel(run)
        model.checkPages()
        model.checkPools()
        #expect(model.defects == [])
    }

    @Test func whatCannotBeIsRefused() {
        let guest = Guest()
        let run = guest.run
        #expect(guest.create(0).status == 0xC000_00F2)
        #expect(guest.create(0x1000, attributes: 0).status == 0xC000_00F4)
        #expect(guest.create(0x1000, attributes: 0x0800_0001).status == 0xC000_00F4)
        #expect(guest.create(0x1000, protect: 6).status == 0xC000_0045)
        #expect(guest.create(0x1000, protect: 1).status == 0xC000_0045)
        #expect(guest.create(0x1000, attributes: 0x0900_0000).status == 0xC000_0020)
        #expect(guest.create(0x8000_0000).status == 0xC000_0040)
        #expect(guest.create(0x7000_0000).status == 0xC000_012D)
        let before = run.variable("MmAvailablePages")
        let (_, handle) = guest.create(0x2_0000, protect: 2)
        #expect(guest.map(handle, protect: 4).status == 0xC000_004E)
        #expect(guest.map(handle, protect: 0x80).status == 0xC000_004E)
        #expect(guest.map(handle, protect: 0xC0).status == 0xC000_0045)
        #expect(guest.map(handle, offset: 0x1000, protect: 2).status == 0xC000_0220)
        #expect(guest.map(handle, offset: 0x2_0000, protect: 2).status == 0xC000_001F)
        #expect(guest.map(handle, size: 0x2_0001, protect: 2).status == 0xC000_001F)
        #expect(guest.map(handle, type: 0x1000, protect: 2).status == 0xC000_00F7)
        #expect(guest.map(run.read(guest.cells) + 0x1000, protect: 2).status == 0xC000_0008)
        // Nobody may touch it, but its place is taken.
        let barred = guest.map(handle, protect: 1)
        #expect(barred.status == 0 && run.machine.read32(linear: barred.base) == nil && guest.ranges().count == 1)
        let tail = guest.map(handle, offset: 0x1_0000, protect: 2)
        #expect(tail.status == 0 && tail.size == 0x1_0000 && tail.base == barred.base + 0x2_0000)
        #expect(guest.unmap(barred.base) == 0 && guest.unmap(tail.base) == 0)
        // Information.
        run.write(guest.cells + 40, 0)
        #expect(run.invoke("ZwQuerySection", handle, 0, guest.cells + 16, 16, 0) == 0)
        #expect(run.read(guest.cells + 20) == 0x0800_0000 && run.read(guest.cells + 24) == 0x2_0000)
        #expect(run.invoke("ZwQuerySection", handle, 1, guest.cells + 16, 48, 0) == 0xC000_0049)
        run.invoke("NtClose", handle)
        #expect(run.variable("MmAvailablePages") == before)
    }

    @Test func systemSpaceHasViewsOfItsOwn() throws {
        let guest = Guest()
        let run = guest.run
        let session = run.address("MmSession")
        let nls = run.variable("ExpNlsSectionPointer")
        // The code pages came first.
        #expect(run.variable("ExpNlsTableBase") == 0xB940_0000 && run.read(session + 0x30) == 1)
        #expect(run.read(run.read(run.read(nls + 0x14)) + 0x14) == 1)
        let (_, handle) = guest.create(0x2_1000)
        #expect(run.invoke("ObReferenceObjectByHandle", handle, 0, run.variable("MmSectionObjectType"), 0, guest.cells, 0) == 0)
        let section = run.read(guest.cells)
        run.write(guest.cells + 8, 0)
        #expect(run.invoke("MmMapViewInSystemSpace", section, guest.cells + 4, guest.cells + 8) == 0)
        let base = run.read(guest.cells + 4)
        #expect(base == 0xB941_0000 && run.read(guest.cells + 8) == 0x2_1000)
        let view = guest.map(handle)
        run.write(base + 0x2_0FFC, 0x600D_600D)
        #expect(run.read(view.base + 0x2_0FFC) == 0x600D_600D)
        // For the kernel alone.
        #expect(run.read(0xC000_0000 + (base >> 12) * 4) & 0x87 == 3)
        // Behind it: three units are taken.
        run.write(guest.cells + 8, 0x1000)
        #expect(run.invoke("MmMapViewInSystemSpace", section, guest.cells + 12, guest.cells + 8) == 0)
        #expect(run.read(guest.cells + 12) == 0xB944_0000)
        #expect(run.invoke("MmUnmapViewInSystemSpace", run.read(guest.cells + 12)) == 0)
        #expect(run.invoke("MmUnmapViewInSystemSpace", base) == 0 && run.machine.read32(linear: base) == nil)
        #expect(run.read(session + 0x30) == 1 && run.read(view.base + 0x2_0FFC) == 0x600D_600D)
        #expect(guest.unmap(view.base) == 0)
        let physical = run.variable("MmPhysicalMemorySection")
        #expect(run.invoke("MmMapViewInSystemSpace", physical, guest.cells + 4, guest.cells + 8) == 0xC000_000D)
        // What is no view is a mistake of the caller.
        #expect(run.invoke("MmUnmapViewInSystemSpace", base) == nil)
        #expect(run.read(run.address("KiBugCheckData")) == 0xD7)
    }

    @Test func debuggerLooksThroughItsWindow() throws {
        let guest = Guest()
        let run = guest.run
        let directory = run.read(guest.system + 0x18)
        let buffer = guest.cells
        let copy = { (address: UInt32, size: UInt32, flags: UInt32) in run.invoke("MmDbgCopyMemory", address, 0, buffer, size, flags) }
        #expect(copy(directory + 0xC00, 4, 2) == 0)
        #expect(run.read(buffer) == run.machine.readPhysical32(directory + 0xC00))
        // A device, which the PFN database does not know, and back into it.
        run.write(buffer, 0x0741_0742)
        #expect(copy(0xB_8E00, 4, 3) == 0 && run.machine.readPhysical32(0xB_8E00) == 0x0741_0742)
        #expect(copy(0xF000_0000, 4, 2) == 0xC000_0005 && copy(0xF000_0000, 4, 10) == 0)
        #expect(run.read(run.variable("MmDebugPte")) == 0)
        // Virtual addresses: never a fault.
        #expect(copy(0x64, 4, 0) == 0xC000_0005 && copy(guest.system + 0x94, 4, 0) == 0 && run.read(buffer) == 4)
        #expect(copy(run.address("KiServiceTable"), 4, 1) == 0xC000_0005)
        #expect(copy(guest.system, 3, 0) == 0xC000_00F1 && copy(guest.system + 1, 4, 0) == 0xC000_00F1)
    }

    /// Views come and go in random order; the tree says what a simple list says, and the lowest free place is taken.
    @Test func rangesAgainstAList() {
        let guest = Guest()
        var random = SeededGenerator(state: 7)
        var model: [UInt32: UInt32] = [:]
        let (_, handle) = guest.create(0x10_0000)
        for _ in 0..<120 {
            if model.count < 3 || random.next() % 5 < 3 {
                let pages = UInt32(random.next() % 40) + 1
                let topDown = random.next() % 4 == 0
                let view = guest.map(handle, size: pages << 12, type: topDown ? 0x10_0000 : 0)
                #expect(view.status == 0)
                let isFree = { (page: UInt32) in !model.contains { page <= $0.key + $0.value - 1 && $0.key <= page + pages - 1 } }
                let candidates = stride(from: UInt32(0x10), through: 0x7FFF0 - pages, by: 16)
                #expect(view.base >> 12 == (topDown ? candidates.reversed().first(where: isFree) : candidates.first(where: isFree)))
                model[view.base >> 12] = pages
            } else if let page = model.keys.sorted().randomElement(using: &random) {
                #expect(guest.unmap(page << 12) == 0)
                model[page] = nil
            }
            #expect(guest.ranges() == model.keys.sorted().map { $0...($0 + model[$0]! - 1) })
        }
        for page in model.keys.sorted() { #expect(guest.unmap(page << 12) == 0) }
        #expect(guest.ranges().isEmpty)
    }
}
