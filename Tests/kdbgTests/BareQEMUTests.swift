// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing
import X86

/// The same images on kdbg and on QEMU: the same bytes on standard output, the same exit status. Skipped where there is no QEMU.
@Suite("kdbg bare beside QEMU", .serialized, .enabled(if: Guests.has("qemu-system-i386"), "qemu-system-i386 is not installed"))
struct BareQEMUTests {
    private typealias Images = BareImages
    private let directory = TemporaryDirectory()

    /// Both with the debug console on standard output.
    private func both(_ kdbg: String, _ qemu: String) async throws -> (kdbg: Program.Outcome, qemu: Program.Outcome) {
        let ours = try await Program.run(["bare", "--memory", "128", "--limit", "200000000"] + kdbg.split(separator: " ").map(String.init))
        let theirs = try await Program.shell(
            """
            exec timeout 60 qemu-system-i386 -accel tcg -m 128 -no-reboot -display none -monitor none -serial null -debugcon stdio \
            -device isa-debug-exit,iobase=0xf4,iosize=4 \(qemu)
            """)
        return (ours, theirs)
    }

    private func expectEqual(_ kdbg: String, _ qemu: String, at place: SourceLocation = #_sourceLocation) async throws {
        let (ours, theirs) = try await both(kdbg, qemu)
        #expect(ours.output == theirs.output, sourceLocation: place)
        #expect(ours.status == theirs.status, sourceLocation: place)
        #expect(!ours.output.isEmpty, sourceLocation: place)
    }

    @Test func kernels() async throws {
        let flat = try directory.file("flat", Images.flatKernel(Images.hello(serial: "", exit: 9)))
        try await expectEqual("--kernel \(flat)", "-kernel \(flat)")
        let elf = try directory.file("elf", Images.elfKernel(Images.hello(serial: "", exit: 10)))
        try await expectEqual("--kernel \(elf)", "-kernel \(elf)")
    }

    @Test func bootSectorsAndTheServicesBehindThem() async throws {
        let sectors = (1..<200).flatMap { [UInt8](repeating: UInt8($0), count: 512) }
        let disk = try directory.file("disk", BareImages.bootSector(Self.services) + sectors)
        try await expectEqual("--disk \(disk)", "-drive file=\(disk),format=raw,if=ide")
        let floppy = try directory.file(
            "floppy", BareImages.bootSector(Self.services) + sectors + [UInt8](repeating: 0xAA, count: (2880 - 200) * 512))
        try await expectEqual("--disk \(floppy)", "-drive file=\(floppy),format=raw,if=floppy")
    }

    /// Reads sector 2 by CHS and prints its first byte, says where the cursor is behind "ab", how much conventional memory there is, what INT 13h answers to a
    /// head that is too far, whether there are extensions, and how INT 15h, AX=E820h begins and ends.
    private static func services(_ code: inout RealModeAssembler) {
        code.mov(.ebx, 0x8000)
        code.mov(.ecx, 0x0003)
        code.mov(.eax, 0x0201)
        code.alu(.and, .edx, 0xFF)
        code.push(.edx)
        code.int(0x13)
        code.mov(.al, Assembler.Memory(displacement: 0x8000))
        code.printAL()
        for character in "\r\nab".utf8 {
            code.mov(.eax, 0x0E00 | UInt32(character))
            code.mov(.ebx, 7)
            code.int(0x10)
        }
        code.mov(.eax, 0x0300)
        code.mov(.ebx, 0)
        code.int(0x10)
        code.mov(.al, .dl)
        code.printAL()
        code.int(0x12)
        code.printAL()
        code.pop(.edx)
        code.push(.edx)
        code.mov(.dh, 0xF0)
        code.mov(.ecx, 1)
        code.mov(.eax, 0x0201)
        code.int(0x13)
        code.mov(.al, .ah)
        code.printAL()
        code.pop(.edx)
        code.mov(.eax, 0x4100)
        code.mov(.ebx, 0x55AA)
        code.mov(.ecx, 0)
        code.int(0x13)
        code.mov(.al, .bl)
        code.printAL()
        code.mov(.ebx, 0)
        code.mov(.edi, 0x9000)
        code.mov(.ecx, 20)
        code.mov(.edx, 0x534D_4150)
        code.mov(.eax, 0xE820)
        code.int(0x15)
        for offset in [Int32(8), 9, 10, 16] {
            code.mov(.al, Assembler.Memory(displacement: 0x9000 + offset))
            code.printAL()
        }
        code.exit(3)
    }

    @Test func roms() async throws {
        let rom = try directory.file(
            "rom",
            BareImages.rom { code in
                code.print("rom\n")
                // The reset state, as far as it is the same everywhere: segments, flags, where the code runs.
                code.mov(.eax, .cs)
                code.mov(.al, .ah)
                code.printAL()
                code.exit(7)
            })
        try await expectEqual("--rom \(rom)", "-bios \(rom)")
    }

    /// Our firmware boots a disk on QEMU's devices too: it is a program like any other.
    @Test func ourFirmwareOnTheirMachine() async throws {
        let firmware = try directory.file("firmware", BareImages.firmware(diskSectors: 200, memoryMiB: 128))
        let sectors = (1..<200).flatMap { [UInt8](repeating: UInt8($0), count: 512) }
        let disk = try directory.file("disk", BareImages.bootSector(Self.services) + sectors)
        let (ours, theirs) = try await both("--disk \(disk)", "-bios \(firmware) -drive file=\(disk),format=raw,if=ide")
        #expect(ours.output == theirs.output)
        #expect(ours.status == theirs.status)
    }

    /// The order of what comes by COM1 and by port E9h is the order in which it was sent.
    @Test func twoStreamsKeepTheirOrder() async throws {
        let file = try directory.file(
            "order",
            BareImages.bootSector { code in
                for round in 0..<4 {
                    code.print("e\(round) ")
                    code.send("s\(round) ")
                }
                code.exit(0)
            })
        let outcome = try await Program.run(["bare", "--disk", file])
        #expect(outcome.output == "e0 s0 e1 s1 e2 s2 e3 s3 ")
    }
}
