// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing
import X86

@testable import KdbgCore

/// Loading other people's programs: what is put where, and what is refused with which words.
@Suite("Loaders of the bare machine") struct BareLoaderTests {
    private typealias Images = BareImages

    private static let badHeaders: [([UInt8], String)] = [
        ([UInt8](), "the file is empty"),
        (Array("#!/bin/sh\n".utf8), "no multiboot header in its first 8192 bytes"),
        (BareImages.multibootHeader(), "neither an ELF file nor a multiboot header with addresses (flag 16)"),
        (
            BareImages.multibootHeader(checksumError: 1),
            "the checksum of its multiboot header (at byte 0) is wrong: magic, flags and checksum must add up to 0"
        ),
        (BareImages.multibootHeader(flags: 0x100) + [0], "its multiboot header asks for what is unknown here (flags 0x100)"),
        ([UInt8](repeating: 0, count: 8192) + BareImages.flatKernel(), "no multiboot header in its first 8192 bytes"),
        (Array(BareImages.flatKernel().prefix(20)), "truncated: the address fields of its multiboot header are not whole"),
        (
            Array(BareImages.flatKernel().prefix(40)),
            "truncated: its multiboot header wants \(32 + BareImages.hello().count) bytes to be loaded, and there are 40"
        ),
    ]

    private static let badAddresses: [([UInt32], String)] = [
        ([0x20_0000, 0x30_0000, 0, 0, 0x30_0000], "its multiboot load address 0x300000 lies above its header's 0x200000"),
        ([0x20_0000, 0x10_0000, 0, 0, 0x10_0000], "its multiboot load address 0x100000 lies 1048576 bytes before the file's begin"),
        ([0x20_0000, 0x20_0000, 0x20_0020, 0x20_0010, 0x20_0000], "its multiboot bss end 0x200010 lies below its load end 0x200020"),
        ([0x20_0000, 0x20_0000, 0, 0, 0x30_0000], "the entry point 0x300000 lies outside what is loaded"),
        ([0x20_0000, 0x20_0000, 0x1000, 0, 0x20_0000], "its multiboot load end 0x1000 lies below its header"),
        ([0xFFFF_FFF0, 0xFFFF_FFF0, 0, 0, 0xFFFF_FFF0], "its multiboot addresses wrap around the end of the address space"),
        (
            [0x20_0000, 0x20_0000, 0x20_0020, 0x200_0000, 0x20_0000],
            "segment 0 at 0x200000 to 0x2000000 does not fit into 16 MiB of RAM (--memory)"
        ),
        (
            [0x9_F000, 0x9_F000, 0x9_F020, 0xA_1000, 0x9_F000],
            "segment 0 at 0x9f000 to 0xa1000 reaches into what is not RAM but the display's and the firmware's (0x9fc00 to 0x100000)"
        ),
    ]

    private static func kernel(_ bytes: [UInt8], modules: [(String, [UInt8])] = [], memoryMiB: Int = 16) -> BareConfiguration {
        BareConfiguration(
            program: .kernel(
                .init(name: "k", bytes: bytes), commandLine: "k one two",
                modules: modules.map { .init(file: .init(name: $0.0, bytes: $0.1), string: $0.0 + " args") }),
            memoryMiB: memoryMiB)
    }

    private static func raw(_ pieces: [(UInt32, [UInt8])], entry: UInt32, isProtected: Bool = false) -> BareConfiguration {
        BareConfiguration(
            program: .raw(
                pieces.map { .init(file: .init(name: "piece", bytes: $0.1), address: $0.0) }, entry: entry, isProtected: isProtected),
            memoryMiB: 16)
    }

    /// What the guest prints and how it ends.
    private func run(_ configuration: BareConfiguration) throws -> (output: String, ending: Ending?) {
        let session = try Session(bare: configuration)
        _ = session.run(.go, budget: 1_000_000)
        let output = session.drainOutput().flatMap(\.bytes)
        guard case .dead(let ending) = session.stop else { return (String(decoding: output, as: UTF8.self), nil) }
        return (String(decoding: output, as: UTF8.self), ending)
    }

    @Test func kernelsOfBothKindsRun() throws {
        for image in [Images.flatKernel(), Images.elfKernel()] {
            let (output, ending) = try run(Self.kernel(image))
            #expect(output == "by port E9\nby COM1\n")
            #expect(ending == .debugExit(3))
        }
    }

    @Test func stateAndInformationAreWhatTheSpecificationSays() throws {
        let guest = try Guest.bare(
            Self.kernel(Images.elfKernel(), modules: [("m1", [1, 2, 3]), ("m2", [UInt8](repeating: 7, count: 5000))], memoryMiB: 64))
        let machine = guest.machine
        let registers = machine.registers
        #expect(registers.eax == 0x2BAD_B002)
        #expect(registers.eip == 0x10_0010)
        #expect(registers.cr0 & 0x8000_0001 == 1)
        #expect(registers.eflags & 0x2_0200 == 0)
        #expect(registers.cs.isBig && registers.cs.limit == .max && registers.cs.base == 0)
        // The selectors are those of a table that is there: a kernel may load them again.
        #expect(machine.readPhysical32(registers.gdtr.base + 12) == 0x00CF_9B00)
        #expect(machine.readPhysical32(registers.gdtr.base + 20) == 0x00CF_9300)

        let information = registers.ebx
        func field(_ offset: UInt32) -> UInt32 { machine.readPhysical32(information + offset) }
        func text(_ address: UInt32) -> String {
            String(decoding: machine.readPhysical(address, count: 32).prefix { $0 != 0 }, as: UTF8.self)
        }
        #expect(field(0) & 0x4F == 0x4F)
        #expect(field(4) == 640)
        #expect(field(8) == 63 << 10)
        #expect(text(field(16)) == "k one two")
        #expect(field(20) == 2)
        let modules = field(24)
        let (first, second) = (machine.readPhysical32(modules), machine.readPhysical32(modules + 16))
        #expect(first % 4096 == 0 && second % 4096 == 0 && first >= 0x10_1000)
        #expect(machine.readPhysical(first, count: 3) == [1, 2, 3])
        #expect(machine.readPhysical32(modules + 4) == first + 3)
        #expect(text(machine.readPhysical32(modules + 8)) == "m1 args")
        #expect(machine.readPhysical(second, count: 5000) == [UInt8](repeating: 7, count: 5000))
        #expect(machine.readPhysical32(modules + 20) == second + 5000)

        var ranges: [[UInt32]] = []
        var entry = field(48)
        while entry < field(48) + field(44) {
            ranges.append((1...5).map { machine.readPhysical32(entry + 4 * $0) })
            entry += machine.readPhysical32(entry) + 4
        }
        #expect(ranges.contains([0, 0, 0x9_FC00, 0, 1]))
        #expect(ranges.contains([0x10_0000, 0, 63 << 20, 0, 1]))
    }

    @Test func segmentsGoToTheirPhysicalAddressAndTheEntryFollows() throws {
        let code = Images.hello(console: "high", serial: "")
        let image = Images.elf(
            [Images.Segment(Images.multibootHeader() + code, physical: 0x20_0000, virtual: 0xC020_0000)], entry: 0xC020_000C)
        let guest = try Guest.bare(Self.kernel(image))
        #expect(guest.machine.registers.eip == 0x20_000C)
        #expect(try run(Self.kernel(image)).output == "high")
    }

    @Test func bssIsZeroAndSymbolsAreThere() throws {
        let symbols: [(name: String, value: UInt32, size: UInt32)] = [
            ("start", 0x10_0010, 20), ("label", 0x10_0024, 0), ("bad\u{1B}name", 0x10_0030, 4),
        ]
        let guest = try Guest.bare(Self.kernel(Images.elfKernel(symbols: symbols)))
        #expect(guest.symbols.symbol(named: "start")?.address == 0x10_0010)
        #expect(guest.symbols.symbol(named: "k!label")?.kind == .code)
        #expect(guest.symbols.symbol(containing: 0x10_002A)?.name == "label")
        // A name that could steer a terminal is no name.
        #expect(guest.symbols.symbols.count == 2)
        #expect(!guest.hasKernel)
    }

    @Test func rawPiecesStartInBothModes() throws {
        let hello = Images.hello(console: "raw", serial: "", exit: 0)
        #expect(try run(Self.raw([(0x2_0000, hello)], entry: 0x2_0000, isProtected: true)) == ("raw", .debugExit(0)))
        let real = Images.bootSector { code in
            code.print("real")
            code.exit(1)
        }
        #expect(try run(Self.raw([(0x7C00, real)], entry: 0x7C00)) == ("real", .debugExit(1)))
        // Above 64 KiB the segment carries the address.
        #expect(try run(Self.raw([(0x4_0000, real)], entry: 0x4_0000)) == ("real", .debugExit(1)))
        #expect(try run(Self.raw([(0x10_0000, real)], entry: 0x10_0000)) == ("real", .debugExit(1)))
    }

    @Test func romsStartAtTheResetVector() throws {
        let rom = Images.rom { code in
            code.print("rom")
            // A ROM cannot be written, neither below 1 MiB nor where it is seen again.
            code.mov(.eax, 0xF000)
            code.mov(.ds, .eax)
            code.store(0x55, to: Assembler.Memory(displacement: 0xFFF0))
            code.mov(.al, Assembler.Memory(displacement: 0xFFF0))
            code.outAL(0xF4)
        }
        let session = try Session(bare: BareConfiguration(program: .rom(.init(name: "r", bytes: rom)), memoryMiB: 1))
        #expect(
            session.execute("x 0xFFFFFFF0 L 1").output == session.execute("x 0xFFFF0 L 1").output.replacing("000FFFF0", with: "FFFFFFF0"))
        _ = session.run(.go, budget: 10_000)
        #expect(session.stop == .dead(.debugExit(0xEA)))
        #expect(session.drainOutput().flatMap(\.bytes) == Array("rom".utf8))
    }

    @Test(arguments: badHeaders)
    func multibootFilesThatAreRefused(bytes: [UInt8], reason: String) {
        expect(Self.kernel(bytes), toFailFor: "k", reason)
    }

    @Test(arguments: badAddresses)
    func addressFieldsThatAreRefused(addresses: [UInt32], reason: String) {
        expect(Self.kernel(Images.multibootHeader(addresses: addresses)), toFailFor: "k", reason)
    }

    @Test func elfFilesThatAreRefused() {
        typealias Change = (inout Images.ELFHeader) -> Void
        let changes: [(Change, String)] = [
            ({ $0.fileClass = 2 }, "a 64-bit ELF file; this is a 32-bit machine"),
            ({ $0.fileClass = 9 }, "an ELF file of unknown class"),
            ({ $0.order = 2 }, "a big-endian ELF file; the i386 is little-endian"),
            ({ $0.machine = 40 }, "an ELF file for ARM, not for the i386"),
            ({ $0.machine = 999 }, "an ELF file for machine 999, not for the i386"),
            ({ $0.type = 1 }, "an ELF file, but a relocatable object; link it first"),
            ({ $0.type = 3 }, "an ELF file, but a shared object or position-independent executable; link it for fixed addresses (-no-pie)"),
            ({ $0.type = 4 }, "an ELF file, but a core dump"),
            ({ $0.programHeaderSize = 8 }, "ELF program headers of 8 bytes; 32 are needed"),
        ]
        for (change, reason) in changes {
            var header = Images.ELFHeader()
            change(&header)
            expect(Self.kernel(Images.elfKernel(header: header)), toFailFor: "k", reason)
        }
        expect(Self.kernel(Array(Images.elfKernel().prefix(30))), toFailFor: "k", "truncated: the ELF header is not whole")
        expect(
            Self.kernel(Array(Images.elfKernel().prefix(60))), toFailFor: "k", "truncated: program header 0 lies behind the end of the file"
        )
        expect(
            Self.kernel(Images.elf([], entry: 0)), toFailFor: "k",
            "an ELF file without program headers; is it an object file that was not linked?")
    }

    @Test func segmentsThatAreRefused() {
        let text = Images.multibootHeader() + Images.hello()
        let size = UInt32(text.count)
        typealias Segment = Images.Segment
        let cases: [([Segment], UInt32, String)] = [
            ([Segment(text, fileSize: 0x10_0000)], 0x10_0000, "truncated: segment 0 ends at byte 1052672 of a file of 8192"),
            (
                [Segment(text, fileOffset: 0xFFFF_FF00)], 0x10_0000,
                "truncated: segment 0 ends at byte \(0xFFFF_FF00 + Int(size)) of a file of 8192"
            ),
            ([Segment(text, memorySize: 4)], 0x10_0000, "segment 0 has more bytes in the file (\(size)) than in memory (4)"),
            (
                [Segment(text, physical: 0xFFFF_FF00, memorySize: 0x1000)], 0xFFFF_FF00,
                "segment 0 at 0xffffff00 wraps around the end of the address space"
            ),
            (
                [Segment(text, physical: 0x100_0000)], 0x100_0000,
                "segment 0 at 0x1000000 to \(hexadecimal(0x100_0000 + size)) does not fit into 16 MiB of RAM (--memory)"
            ),
            ([Segment(text), Segment(text, physical: 0x10_0008)], 0x10_0000, "segment 1 at 0x100008 overlaps segment 0 at 0x100000"),
            ([Segment(text)], 0x20_0000, "the entry point 0x200000 lies in no loaded segment"),
            ([Segment([], memorySize: 0)], 0, "nothing to load: no program header of type LOAD with memory"),
        ]
        for (segments, entry, reason) in cases { expect(Self.kernel(Images.elf(segments, entry: entry)), toFailFor: "k", reason) }
    }

    @Test func modulesThatDoNotFit() {
        let modules = [("small", [UInt8](repeating: 1, count: 4096)), ("large", [UInt8](repeating: 1, count: 16 << 20))]
        expect(
            Self.kernel(Images.elfKernel(), modules: modules), toFailFor: "large",
            "the module's 16777216 bytes do not fit into RAM behind the kernel (--memory)")
    }

    @Test func rawPiecesThatAreRefused() {
        let code: [UInt8] = [0xEB, 0xFE]
        expect(Self.raw([(0x1000, [])], entry: 0x1000), toFailFor: "piece", "the file is empty")
        expect(
            Self.raw([(0xFF_FFFF, code)], entry: 0xFF_FFFF, isProtected: true), toFailFor: "piece",
            "at 0xffffff to 0x1000001 it does not fit into 16 MiB of RAM (--memory)")
        expect(
            Self.raw([(0xFFFF_FFFF, code)], entry: 0xFFFF_FFFF, isProtected: true), toFailFor: "piece",
            "at 0xffffffff to 0x100000001 it does not fit into 16 MiB of RAM (--memory)")
        expect(
            Self.raw([(0x1000, code), (0x1001, code)], entry: 0x1000), toFailFor: "piece",
            "at 0x1001 to 0x1003 it overlaps piece at 0x1000")
        expect(Self.raw([(0x1000, code)], entry: 0x1002), toFailFor: "piece", "the entry point 0x1002 lies in nothing that is loaded")
        expect(
            Self.raw([(0x20_0000, code)], entry: 0x20_0000), toFailFor: "piece",
            "real mode does not reach the entry point 0x200000; is --protected meant?")
    }

    @Test func romsAndDisksThatAreRefused() {
        func rom(_ size: Int) -> BareConfiguration {
            BareConfiguration(program: .rom(.init(name: "r", bytes: [UInt8](repeating: 0, count: size))), memoryMiB: 1)
        }
        expect(rom(0), toFailFor: "r", "the file is empty")
        expect(rom(15), toFailFor: "r", "a ROM of 15 bytes has no first instruction, which is 16 bytes before the end")
        expect(rom(256 << 10 + 1), toFailFor: "r", "262145 bytes are too large for a ROM below 1 MiB: 262144 are the most")
        func disk(_ bytes: [UInt8]) -> BareConfiguration {
            BareConfiguration(program: .bootSector, disk: .init(name: "d", bytes: bytes), memoryMiB: 1)
        }
        expect(disk([]), toFailFor: "d", "the disk image is empty")
        expect(disk([UInt8](repeating: 0, count: 513)), toFailFor: "d", "a disk image of 513 bytes, which is no multiple of 512")
        expect(disk([UInt8](repeating: 0, count: 512)), toFailFor: "d", "its first sector does not end in 55 AA, so it is no boot sector")
    }

    /// Any bytes in the headers of a good file: a message or a run, never a crash.
    @Test func damagedKernelsNeverCrash() throws {
        let good = Images.elfKernel(symbols: [("start", 0x10_0010, 20)])
        let places = Array(0..<120) + Array(0x1000..<0x1020) + Array(good.count - 300..<good.count)
        var state: UInt64 = 1
        for round in 0..<3000 {
            var bytes = good
            for _ in 0...round % 3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[places[Int(state >> 33) % places.count]] = UInt8(truncatingIfNeeded: state >> 56)
            }
            guard let session = try? Session(bare: Self.kernel(bytes, memoryMiB: 4)) else { continue }
            _ = session.run(.go, budget: 1000)
            _ = session.execute("ln eip")
        }
    }

    private func expect(
        _ configuration: BareConfiguration, toFailFor file: String, _ reason: String, at place: SourceLocation = #_sourceLocation
    ) {
        do throws(LoadError) {
            _ = try Session(bare: configuration)
            Issue.record("accepted", sourceLocation: place)
        } catch {
            #expect(error.file == file, sourceLocation: place)
            #expect(error.reason == reason, sourceLocation: place)
        }
    }
}
