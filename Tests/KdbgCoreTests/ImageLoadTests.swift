// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// `MmLoadSystemImage` and `MmUnloadSystemImage`, called by a boot driver of the test's own once the boot volume is there.
@Suite struct ImageLoadTests {
    /// A driver that loads the files `\SystemRoot\I0` to `I<count - 1>` one after the other and notes what comes of it.
    private enum Loader {
        static let module = Module("imgtest.sys")
        static let capacity: UInt32 = 64
        /// Per file: status, LDR entry, base, status of unloading.
        static let results = Global("Results", size: 16 * capacity, module: module)
        static let count = Global("Count", module: module) { [.dword(0)] }
        static let unloads = Global("Unloads", module: module)

        static let work = Routine("Work", ["DriverObject", "Context", "Count"], module: module, section: .page) { f in
            let index = f.local(0)
            f.while(index < count.dword) {
                let name = f.stringBuffer(64)
                f.call(Rtl.appendUnicodeToString, name, f.wide(#"\SystemRoot\I"#))
                f.call(Rtl.appendNumberToString, name, index, 10, 1)
                let result = f.local(results.value + (index << 4))
                f.set(
                    result.dword(), f.call(Mm.loadSystemImage, name, 0, 0, 0, result + 4, result + 8))
                f.set(result.dword(12), 0xFFFF_FFFF as Value)
                f.if(result.dword().isSuccess && unloads.dword != 0) {
                    f.set(result.dword(12), f.call(Mm.unloadSystemImage, result.dword(4)))
                }
                f.add(index, 1)
            }
            f.call(done)
            f.return()
        }
        static let done = Routine("Done", module: module) { f in f.return() }

        static let entry = Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
            f.call(Io.registerDriverReinitialization, f.argument(0), work, 0)
            f.return(Status.success)
        }
        static let image = DriverImage(service: "imgtest", group: "", entry: entry)
    }

    /// A run that has loaded the files that `change` makes of a good image's.
    private struct Run {
        let guest: Guest
        let count: Int
        private let modules: ModuleObserver

        init(unload: Bool = false, _ change: ([UInt8]) -> [[UInt8]]) {
            var files: [[UInt8]] = []
            guest = .boot(options: "DEBUG DEBUGPORT=COM1", memoryMiB: 64, drivers: DriverImage.all + [Loader.image]) { images in
                files = change(images.last!.file)
                var tree = BootFiles()
                for (number, file) in files.enumerated() { tree.add(#"ReactOS\I\#(number)"#, file) }
                return BootDisk(holding: tree)
            }
            count = files.count
            modules = ModuleObserver(guest)
            precondition(count <= Loader.capacity)
            _ = run(to: "Work")
            _ = guest.machine.write32(linear: address("Count"), UInt32(count))
            _ = guest.machine.write32(linear: address("Unloads"), unload ? 1 : 0)
        }

        func address(_ name: String) -> UInt32 { guest.symbols.symbol(named: "imgtest!" + name)!.address }
        func read(_ address: UInt32) -> UInt32 { guest.machine.read32(linear: address) ?? 0xDEAD_DEAD }
        func result(_ index: Int) -> (status: UInt32, entry: UInt32, base: UInt32, unloaded: UInt32) {
            let place = address("Results") + 16 * UInt32(index)
            return (read(place), read(place + 4), read(place + 8), read(place + 12))
        }

        /// Whether the run got there.
        func run(to name: String) -> Bool {
            var target = address(name)
            guest.machine.insertCodeStop(at: target)
            defer { guest.machine.removeCodeStop(at: target) }
            let end = guest.machine.instructionCount + 60_000_000
            var isAtStop = guest.machine.linearEIP == target
            while true {
                let reason = guest.machine.run(until: end, passingStopAtStart: isAtStop)
                isAtStop = false
                switch reason {
                case .vmcall: guest.serve()?.finish(0)
                case .codeStop(target): return true
                case .codeStop(let place) where modules.observes(place):
                    isAtStop = true
                    guest.machine.removeCodeStop(at: target)
                    _ = modules.refresh()
                    target = address(name)
                    guest.machine.insertCodeStop(at: target)
                default: return false
                }
            }
        }
    }

    @Test func loadsAndUnloads() throws {
        let run = Run(unload: true) { [$0, $0] }
        #expect(run.run(to: "Done"))
        let pages = run.read(run.guest.symbols.symbol(named: "MmTotalFreeSystemPtes")!.address)
        for index in 0..<run.count {
            #expect(run.result(index).status == 0)
            #expect(run.result(index).base >> 28 == 0xF)
            #expect(run.result(index).unloaded == 0)
        }
        // Both got the same place: the first one's was free again.
        #expect(run.result(0).base == run.result(1).base)
        #expect(pages > 0)
    }

    @Test func whatIsLoadedIsTheFileRelocated() throws {
        let run = Run { [$0] }
        #expect(run.run(to: "Done"))
        let image = try #require(run.guest.images.first { $0.module == Loader.module })
        let (status, entry, base, _) = run.result(0)
        #expect(status == 0)
        for section in image.sections where section.rva < image.relocationDirectory.rva {
            for offset in stride(from: 0, to: section.data.count - 3, by: 4) {
                let rva = section.rva + UInt32(offset)
                var expected: UInt32 = 0
                for byte in 0..<4 { expected |= UInt32(section.data[offset + byte]) << (8 * UInt32(byte)) }
                if image.relocations.contains(where: { $0 + 3 >= rva && $0 <= rva + 3 && $0 != rva }) { continue }
                if image.relocations.contains(rva) { expected = expected &- image.module.linkBase &+ base }
                if let cells = image.imports.first?.cells, rva >= cells, rva < cells + 4 * UInt32(image.imports[0].names.count) {
                    let name = image.imports[0].names[Int(rva - cells) / 4].name
                    expected = try #require(run.guest.symbols.symbol(named: "ntoskrnl!" + name)?.address)
                }
                #expect(run.read(base + rva) == expected, "\(section.name) \(rva)")
            }
        }
        // LDR_DATA_TABLE_ENTRY: base, entry point, size, flags, one reference.
        #expect(run.read(entry + 0x18) == base)
        #expect(run.read(entry + 0x1C) == base + image.entry)
        #expect(run.read(entry + 0x20) == image.size)
        #expect(run.read(entry + 0x34) & 0x4100_4000 == 0x4100_4000)
        #expect(run.read(entry + 0x38) & 0xFFFF == 1)
    }

    /// A little-endian field of a file, changed.
    private static func changed(_ file: [UInt8], _ offset: Int, _ value: UInt32, bytes: Int = 4) -> [UInt8] {
        var file = file
        for index in 0..<bytes { file[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
        return file
    }

    @Test("files that are no images are refused with the status NT has for them")
    func refusesBrokenFiles() {
        let run = Run { good in
            let header = 0x80
            // With CheckSum 0 the other checks are reached.
            let file = Self.changed(good, header + 0x58, 0)
            return [
                file, [], Array("MZ".utf8), Array(repeating: 0x90, count: 4000), Array(file.prefix(0x40)), Array(file.prefix(0x140)),
                Self.changed(file, 0x3C, 0xFFFF_FFFC), Self.changed(file, 0x3C, 0x82), Self.changed(file, header, 0x454E),
                Self.changed(file, header + 4, 0x8664, bytes: 2), Self.changed(file, header + 0x18, 0x20B, bytes: 2),
                Self.changed(file, header + 6, 0xFFFF, bytes: 2), Self.changed(file, header + 6, 0, bytes: 2),
                Self.changed(file, header + 0x38, 0x200), Self.changed(file, header + 0x50, 0xFFFF_F000),
                Self.changed(file, header + 0x50, 0x1000), Self.changed(file, header + 0x54, 0xFFFF_FFFF),
                Self.changed(file, header + 0x28, 0x7FFF_FFFF), Self.changed(file, header + 0xF8 + 12, 0),
                Self.changed(file, header + 0xF8 + 12, 0xFFFF_F000), Self.changed(file, header + 0xF8 + 16, 0x7FFF_FFFF),
                Self.changed(file, header + 0xF8 + 20, 0xFFFF_FF00), Self.changed(file, header + 0xF8 + 8, 0xFFFF_FFFF),
                Self.changed(file, header + 0x16, 0, bytes: 2), Self.changed(file, header + 0x16, 3, bytes: 2),
                Self.changed(good, good.count - 1, 0x00, bytes: 1),
            ]
        }
        #expect(run.run(to: "Done"))
        let (format, protect) = (0xC000_007B as UInt32, 0xC000_0130 as UInt32)
        let expected: [UInt32] = [
            0, format, format, 0xC000_012F, protect, protect, protect, protect, protect, protect, protect,
            format, format, format, format, format, format, format, format, format, format, format, format, format,
            0xC000_0018, 0xC000_0221,
        ]
        #expect((0..<run.count).map { run.result($0).status } == expected)
    }

    @Test("broken import, relocation and export tables are refused, and what was loaded half is given back")
    func refusesBrokenTables() throws {
        var image: Image?
        let run = Run { good in
            let file = Self.changed(good, 0x80 + 0x58, 0)
            let linked = SystemImages.link(drivers: DriverImage.all + [Loader.image]).images.last!.image
            image = linked
            func place(_ rva: UInt32) -> Int {
                let index = linked.sections.lastIndex { $0.rva <= rva }!
                let start = linked.sections[..<index].reduce(0x400) { $0 + Int($1.rawSize) }
                return start + Int(rva - linked.sections[index].rva)
            }
            let imports = place(linked.importDirectory.rva)
            let relocations = place(linked.relocationDirectory.rva)
            let name = file[(imports + 20)...].firstIndex(of: UInt8(ascii: "R"))!
            return [
                // Descriptor: names, name of the image, cells.
                Self.changed(file, imports, 0xFFFF_FFF0), Self.changed(file, imports + 12, 0x7FFF_FFFF),
                Self.changed(file, imports + 16, 0x10),
                Self.changed(file, imports + 16, 0xFFFF_FFFC),
                // A name that is not exported, an ordinal that is not, an image that is not there.
                Self.changed(file, name, 0x78, bytes: 1),
                Self.changed(file, place(linked.imports[0].cells) + 4 * (linked.imports[0].names.count + 1), 0x8000_FFFF),
                Self.changed(file, file.count - 1, 0, bytes: 1),
                // The first relocation block: page, size, kind.
                Self.changed(file, relocations, 0), Self.changed(file, relocations, 0xFFFF_F000), Self.changed(file, relocations + 4, 4),
                Self.changed(file, relocations + 4, 0xFFFF_FFF0), Self.changed(file, relocations + 9, 0xA0, bytes: 1),
                // The directories themselves: out of the image counts as none.
                Self.changed(file, 0x80 + 0x78 + 8 * 5, 0xFFFF_F000), Self.changed(file, 0x80 + 0x78 + 8, 0x7FFF_F000),
            ]
        }
        let before = run.read(run.guest.symbols.symbol(named: "MmTotalFreeSystemPtes")!.address)
        #expect(run.run(to: "Done"))
        let format = 0xC000_007B as UInt32
        let expected: [UInt32] = [
            format, format, format, format, 0xC000_0263, 0xC000_0262, 0, format, format, format, format, format, 0, 0,
        ]
        #expect((0..<run.count).map { run.result($0).status } == expected)
        let pages = try #require(image).size >> 12
        let loaded = UInt32(expected.count { $0 == 0 })
        let after = run.read(run.guest.symbols.symbol(named: "MmTotalFreeSystemPtes")!.address)
        #expect(before - after == loaded * pages)
    }

    @Test("no byte of a file, changed at random, stops the system")
    func random() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let run = Run(unload: true) { good in
            let file = Self.changed(good, 0x80 + 0x58, 0)
            return (0..<60).map { _ in
                var changed = file
                // Headers and tables, where it hurts.
                for _ in 0..<1 + random(6) {
                    let offset = random(2) == 0 ? 0x80 + random(0x1C0) : file.count - 1 - random(0x600)
                    changed[offset] = UInt8(random(256))
                }
                return changed
            }
        }
        #expect(run.run(to: "Done"))
        let statuses = (0..<run.count).map { run.result($0).status }
        let known: Set<UInt32> = [
            0, 0xC000_0018, 0xC000_0034, 0xC000_003A, 0xC000_0033, 0xC000_007B, 0xC000_012F, 0xC000_0130, 0xC000_0221, 0xC000_0262,
            0xC000_0263, 0xC000_009A,
        ]
        #expect(statuses.allSatisfy(known.contains), "\(statuses.map { $0.hex(8) })")
    }
}
