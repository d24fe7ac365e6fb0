// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing
import X86

@testable import KdbgCore

/// The firmware behind `--disk`, seen from boot sectors.
@Suite("Firmware of the bare machine") struct BareFirmwareTests {
    private typealias Images = BareImages
    private typealias Memory = Assembler.Memory

    private static let wrongRequests: [(UInt32, UInt32, UInt32)] = [
        // AX, CX, DX: sector 0, a head and a cylinder too far, no sectors, another drive, an unknown function.
        (UInt32(0x0201), UInt32(0x0000), UInt32(0x0080)), (0x0201, 0x0001, 0x1080), (0x0201, 0xFFFF, 0x0080), (0x0200, 0x0001, 0x0080),
        (0x0201, 0x0001, 0x0081), (0x7700, 0x0001, 0x0080),
    ]

    /// A disk with a boot sector, and as many more sectors, each filled with its number.
    private static func disk(sectors: Int = 200, _ body: (inout RealModeAssembler) -> Void) -> BareConfiguration {
        var bytes = Images.bootSector(body)
        for sector in 1..<sectors { bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: sector), count: 512) }
        return BareConfiguration(program: .bootSector, disk: .init(name: "d", bytes: bytes), memoryMiB: 32)
    }

    /// Boots until the end.
    private func boot(_ configuration: BareConfiguration) throws -> (session: Session, machine: Machine, output: String) {
        let session = try Session(bare: configuration)
        _ = session.run(.go, budget: 20_000_000)
        return (session, session.machine, String(decoding: session.drainOutput().flatMap(\.bytes), as: UTF8.self))
    }

    @Test func theBootSectorFindsWhatItExpects() throws {
        for (sectors, drive) in [(200, UInt32(0x80)), (2880, 0)] {
            let (session, machine, output) = try boot(
                Self.disk(sectors: sectors) { code in
                    code.print("boot")
                    code.exit(1)
                })
            #expect(output == "boot")
            #expect(session.stop == .dead(.debugExit(1)))
            let registers = machine.registers
            #expect(registers.edx == drive)
            #expect(registers.cs.selector == 0 && registers.ss.selector == 0 && registers.ds.selector == 0)
            #expect(registers.eflags & 0x200 != 0)
            #expect(machine.readPhysical16(0x413) == 639)
        }
    }

    @Test func sectorsAreReadByCHSAndByLBA() throws {
        let (session, machine, output) = try boot(
            Self.disk { code in
                // Three sectors from cylinder 0, head 1, sector 1: number 63 on.
                code.mov(.ebx, 0x8000)
                code.mov(.ecx, 0x0001)
                code.mov(.edx, 0x0180)
                code.mov(.eax, 0x0203)
                code.int(0x13)
                code.jcc(.below, "fail")
                code.alu(.add, .al, UInt8(ascii: "0"))
                code.printAL()
                // Two sectors from number 100 on, to 1000:0000.
                code.mov(.esi, 0, withOffsetOf: "packet")
                code.mov(.edx, 0x80)
                code.mov(.eax, 0x4200)
                code.int(0x13)
                code.jcc(.below, "fail")
                code.exit(1)
                code.label("fail")
                code.exit(2)
                code.label("packet")
                for word in [16, 2, 0, 0x1000, 100, 0, 0, 0] { code.word(UInt16(word)) }
            })
        #expect(session.stop == .dead(.debugExit(1)))
        #expect(output == "3")
        #expect(machine.readPhysical(0x8000, count: 512) == [UInt8](repeating: 63, count: 512))
        #expect(machine.readPhysical8(0x8000 + 1024 + 511) == 65)
        #expect(machine.readPhysical8(0x8000 + 1536) == 0)
        #expect(machine.readPhysical(0x10000, count: 1024) == [UInt8](repeating: 100, count: 512) + [UInt8](repeating: 101, count: 512))
    }

    @Test func whatIsWrittenIsReadAgainAndTheImageStays() throws {
        let configuration = Self.disk { code in
            code.mov(.ebx, 0x7C00)
            code.mov(.ecx, 0x0005)
            code.mov(.edx, 0x0080)
            code.mov(.eax, 0x0301)
            code.int(0x13)
            code.mov(.ebx, 0x9000)
            code.mov(.eax, 0x0201)
            code.int(0x13)
            code.exit(1)
        }
        let (_, machine, _) = try boot(configuration)
        #expect(machine.readPhysical(0x9000, count: 512) == machine.readPhysical(0x7C00, count: 512))
        #expect(machine.disk.read(offset: 4 * 512, count: 512) == machine.readPhysical(0x7C00, count: 512))
        #expect(configuration.disk?.bytes[4 * 512] == 4)
    }

    @Test(arguments: wrongRequests)
    func wrongRequestsFail(ax: UInt32, cx: UInt32, dx: UInt32) throws {
        let (session, machine, _) = try boot(
            Self.disk { code in
                code.mov(.ebx, 0x8000)
                code.mov(.ecx, cx)
                code.mov(.edx, dx)
                code.mov(.eax, ax)
                code.int(0x13)
                code.jcc(.below, "failed")
                code.exit(0)
                code.label("failed")
                code.mov(.al, .ah)
                code.outAL(0xF4)
            })
        #expect(session.stop == .dead(.debugExit(1)))
        #expect(machine.readPhysical32(0x8000) == 0)
    }

    @Test func parametersAreThoseOfTheGeometry() throws {
        // A diskette of 1.44 MB, and a disk whose cylinders are more than 1024 with 16 heads.
        let diskette = DiskGeometry(sectors: 2880)
        #expect(diskette.isDiskette && diskette.heads == 2 && diskette.sectorsPerTrack == 18 && diskette.cylinders == 80)
        let large = DiskGeometry(sectors: 4 << 20)
        #expect(!large.isDiskette && large.heads == 128 && large.cylinders <= 1024)
        #expect(DiskGeometry(sectors: 1).cylinders == 1)
        let (_, machine, _) = try boot(
            Self.disk(sectors: 2880) { code in
                code.mov(.edx, 0)
                code.mov(.eax, 0x0800)
                code.int(0x13)
                code.mov(Memory(displacement: 0x600), .ecx, .word)
                code.mov(Memory(displacement: 0x602), .edx, .word)
                code.exit(1)
            })
        #expect(machine.readPhysical16(0x600) == 0x4F12)
        #expect(machine.readPhysical16(0x602) == 0x0101)
    }

    @Test func memoryIsDescribedInThreeWays() throws {
        let (_, machine, _) = try boot(
            Self.disk { code in
                code.mov(.ebx, 0)
                code.mov(.edi, 0x8000)
                code.label("next")
                code.mov(.edx, 0x534D_4150)
                code.mov(.ecx, 20)
                code.mov(.eax, 0xE820)
                code.int(0x15)
                code.jcc(.below, "last")
                code.alu(.add, .edi, 20)
                code.alu(.cmp, .ebx, 0)
                code.jcc(.notEqual, "next")
                code.label("last")
                code.mov(Memory(displacement: 0x600), .edi, .word)
                code.mov(.eax, 0xE801)
                code.int(0x15)
                code.mov(Memory(displacement: 0x602), .eax, .word)
                code.mov(Memory(displacement: 0x604), .ebx, .word)
                code.mov(.eax, 0x8800)
                code.int(0x15)
                code.mov(Memory(displacement: 0x606), .eax, .word)
                code.int(0x12)
                code.mov(Memory(displacement: 0x608), .eax, .word)
                code.exit(1)
            })
        let map = MemoryMap(size: 32 << 20)
        #expect(machine.readPhysical16(0x600) == 0x8000 + 20 * UInt16(map.ranges.count))
        for (index, range) in map.ranges.enumerated() {
            let entry = 0x8000 + 20 * UInt32(index)
            #expect(UInt64(machine.readPhysical32(entry)) | UInt64(machine.readPhysical32(entry + 4)) << 32 == range.start)
            #expect(UInt64(machine.readPhysical32(entry + 8)) == range.length)
            #expect(machine.readPhysical32(entry + 16) == range.type)
        }
        // 15 MiB, then 16 MiB in blocks of 64 KiB; 31 MiB; 639 KiB.
        #expect((0..<4).map { machine.readPhysical16(0x602 + 2 * $0) } == [15 << 10, 16 << 4, 31 << 10, 639])
    }

    @Test func theDisplayScrollsAndTheCursorFollows() throws {
        let (session, machine, _) = try boot(
            Self.disk { code in
                code.mov(.ecx, 26)
                code.mov(.ebx, UInt32(UInt8(ascii: "a")))
                code.label("line")
                for step in ["letter", "return", "feed"] {
                    code.mov(.eax, step == "return" ? 0x0E0D : 0x0E0A)
                    if step == "letter" { code.mov(.al, .bl) }
                    code.int(0x10)
                }
                code.alu(.add, .bl, 1)
                code.dec(.ecx)
                code.jcc(.notEqual, "line")
                // A string with attributes at row 10, column 70, which goes on in the next line; then the cursor's place.
                code.mov(.ebp, 0, withOffsetOf: "text")
                code.mov(.ecx, 12)
                code.mov(.edx, 0x0A46)
                code.mov(.ebx, 0x001E)
                code.mov(.eax, 0x1301)
                code.int(0x10)
                code.mov(.ebx, 0)
                code.mov(.eax, 0x0300)
                code.int(0x10)
                code.mov(Memory(displacement: 0x600), .edx, .word)
                code.exit(1)
                code.label("text")
                code.bytes(Array("Hello, world".utf8))
            })
        let lines = session.textScreen
        // 26 lines and the empty one behind them, less the two that went out at the top.
        #expect(lines[0] == "c" && lines[23] == "z" && lines[24].isEmpty)
        #expect(lines[10] == "m" + String(repeating: " ", count: 69) + "Hello, wor")
        #expect(lines[11] == "ld")
        #expect(machine.readPhysical16(0x600) == 0x0B02)
        #expect(machine.textScreenCursor?.row == 11 && machine.textScreenCursor?.column == 2)
        #expect(machine.readPhysical16(0xB8000 + 2 * (10 * 80 + 70)) == 0x1E48)
    }

    @Test func keysBecomeCharacters() throws {
        let session = try Session(
            bare: Self.disk { code in
                code.label("next")
                code.mov(.eax, 0)
                code.int(0x16)
                code.printAL()
                code.alu(.cmp, .al, 13)
                code.jcc(.notEqual, "next")
                code.exit(1)
            })
        _ = session.run(.go, budget: 1_000_000)
        // h, Shift-H, Ctrl-A, caps lock, h, caps lock, 1, Shift-1, Enter; each key is pressed and let go.
        let keys: [[UInt8]] = [
            [0x23, 0xA3], [0x2A, 0x23, 0xA3, 0xAA], [0x1D, 0x1E, 0x9E, 0x9D], [0x3A, 0xBA], [0x23, 0xA3], [0x3A, 0xBA], [0x02, 0x82],
            [0x36, 0x02, 0x82, 0xB6], [0x1C, 0x9C],
        ]
        for codes in keys {
            for code in codes {
                session.machine.pressKey(scanCode: code)
                _ = session.run(.go, budget: 1_000_000)
            }
        }
        #expect(session.drainOutput().flatMap(\.bytes) == Array("hH\u{1}H1!\r".utf8))
        #expect(session.stop == .dead(.debugExit(1)))
    }

    @Test func timeGoesOn() throws {
        let (session, machine, _) = try boot(
            Self.disk { code in
                // A tenth of a second.
                code.mov(.ecx, 1)
                code.mov(.edx, 0x86A0)
                code.mov(.eax, 0x8600)
                code.int(0x15)
                code.mov(.eax, 0)
                code.int(0x1A)
                code.mov(Memory(displacement: 0x600), .edx, .word)
                code.mov(.eax, 0x0400)
                code.int(0x1A)
                code.mov(Memory(displacement: 0x602), .ecx, .word)
                code.exit(1)
            })
        _ = session.run(.go, budget: 200_000_000)
        #expect((1...3).contains(machine.readPhysical16(0x600)))
        // A year of this century, in BCD.
        #expect(machine.readPhysical8(0x603) == 0x20)
    }

    @Test func blocksMoveAboveTheFirstMegabyte() throws {
        let (session, machine, _) = try boot(
            Self.disk { code in
                code.mov(.ecx, 256)
                code.mov(.esi, 0, withOffsetOf: "table")
                code.mov(.eax, 0x8700)
                code.int(0x15)
                code.jcc(.below, "failed")
                // Real mode works as before, with segments of 64 KiB.
                code.mov(.eax, 0x40)
                code.mov(.ds, .eax)
                code.mov(.eax, Memory(displacement: 0x13), .word)
                code.alu(.cmp, .eax, 639, .word)
                code.jcc(.notEqual, "failed")
                code.exit(1)
                code.label("failed")
                code.exit(2)
                code.label("table")
                code.zeros(16)
                for (base, access) in [(0x7C00, 0x93), (0x100000, 0x93)] {
                    code.word(0xFFFF)
                    code.word(UInt16(base & 0xFFFF))
                    code.bytes([UInt8(base >> 16), UInt8(access), 0, 0])
                }
                code.zeros(16)
            })
        #expect(session.stop == .dead(.debugExit(1)))
        #expect(machine.readPhysical(0x10_0000, count: 512) == machine.readPhysical(0x7C00, count: 512))
    }

    @Test func a20CanBeSwitched() throws {
        let (_, machine, output) = try boot(
            Self.disk { code in
                for function in [UInt32(0x2400), 0x2402, 0x2401, 0x2402] {
                    code.mov(.eax, function)
                    code.int(0x15)
                    code.alu(.add, .al, UInt8(ascii: "0"))
                    if function == 0x2402 { code.printAL() }
                }
                code.exit(1)
            })
        #expect(output == "01")
        _ = machine
    }
}
