// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing
import X86

@testable import KdbgCore

/// The debugger in front of programs that are not our kernel, in the processor's modes.
@Suite("Debugging on the bare machine") struct BareDebugTests {
    private typealias Images = BareImages

    private static func kernel(_ code: [UInt8], symbols: [(name: String, value: UInt32, size: UInt32)] = []) throws -> Session {
        let file = BareConfiguration.File(name: "k.elf", bytes: Images.elfKernel(code, symbols: symbols))
        return try Session(bare: BareConfiguration(program: .kernel(file, commandLine: "", modules: []), memoryMiB: 8))
    }

    private static func real(at address: UInt32 = 0x2_0000, _ body: (inout RealModeAssembler) -> Void) throws -> Session {
        let piece = BareConfiguration.Piece(file: .init(name: "p", bytes: Images.bootSector(body)), address: address)
        return try Session(bare: BareConfiguration(program: .raw([piece], entry: address, isProtected: false), memoryMiB: 8))
    }

    private func stop(_ session: Session, _ goal: RunGoal) -> (stop: Stop, banner: String) {
        guard case .stopped(let stop, let banner) = session.run(goal, budget: 1_000_000) else { return (.start, "running") }
        return (stop, banner)
    }

    @Test func disassemblyFollowsTheCodeSegment() throws {
        let session = try Self.real { code in
            code.mov(.eax, 0x1234, .word)
            code.mov(.ebx, 0x1234_5678)
            code.label("here")
            code.jmp("here")
        }
        #expect(
            session.execute("disasm L 3").output
                == "<00020000>: mov    $0x1234,%ax\n<00020003>: mov    $0x12345678,%ebx\n<00020009>: jmp    <00020009>\n")
        let flat = try Self.kernel([0xB8, 0x34, 0x12, 0, 0, 0xEB, 0xFE])
        #expect(flat.execute("disasm L 2").output == "<00100010>: mov    $0x1234,%eax\n<00100015>: jmp    <00100015>\n")
    }

    @Test func symbolsAreTags() throws {
        let session = try Self.kernel([0x90, 0x90, 0xEB, 0xFE], symbols: [("start", 0x10_0010, 4), ("loop", 0x10_0012, 0)])
        #expect(session.execute("disasm L 3").output == "<k!start>: nop\n<k!start+0x1>: nop\n<k!loop>: jmp    <k!loop>\n")
        #expect(session.execute("bpx loop").output.contains("Breakpoint 0 enabled."))
        #expect(stop(session, .go).banner == "\nEntered debugger on breakpoint #0: EXEC 0x0008:0x00100012\n")
        #expect(session.execute("ln eip").output.hasPrefix("(00100012)   k!loop"))
        #expect(session.execute("? k!start").output.hasPrefix("0x00100010"))
    }

    @Test func breakpointsAndStepsUseSegmentBases() throws {
        let session = try Self.real { code in
            code.call("routine")
            code.call("routine")
            code.exit(1)
            code.label("routine")
            code.inc(.eax)
            code.ret()
        }
        #expect(stop(session, .next(1)).banner == "<00020003>: call   <0002000c>\n")
        #expect(session.execute("? eax").output.hasPrefix("0x00000001"))
        #expect(stop(session, .step(1)).banner.hasPrefix("<0002000C>: "))
        #expect(session.execute("bpx 0x20006").output.contains("Breakpoint 0 enabled."))
        let hit = stop(session, .go)
        #expect(hit.stop == .breakpoint(0))
        #expect(hit.banner == "\nEntered debugger on breakpoint #0: EXEC 0x2000:0x00000006\n")
    }

    /// `next` takes an INT as one instruction, `step` goes into it.
    @Test func softwareInterruptsOfRealMode() throws {
        func session() throws -> Session {
            try Self.real(at: 0x7C00) { code in
                code.store(offsetOf: "handler", to: Assembler.Memory(displacement: 0x21 * 4))
                code.store(0, .word, to: Assembler.Memory(displacement: 0x21 * 4 + 2))
                code.int(0x21)
                code.exit(1)
                code.label("handler")
                code.inc(.ebx)
                code.iret()
            }
        }
        let over = try session()
        _ = stop(over, .step(2))
        let behind = stop(over, .next(1)).banner
        #expect(over.execute("? ebx").output.hasPrefix("0x00000001"))
        #expect(behind.hasSuffix("mov    $0x1,%al\n"))
        let into = try session()
        _ = stop(into, .step(3))
        #expect(into.execute("disasm L 1").output.hasSuffix("inc    %ebx\n"))
    }

    /// A step over an instruction that an interrupt hits ends behind it, not in the handler, although the frame has words.
    @Test func stepsAreNotLedAwayByInterrupts() throws {
        let session = try Self.real(at: 0x7C00) { code in
            code.store(offsetOf: "handler", to: Assembler.Memory(displacement: 8 * 4))
            code.store(0, .word, to: Assembler.Memory(displacement: 8 * 4 + 2))
            for (port, value) in [(0x20, 0x11), (0x21, 0x08), (0x21, 4), (0x21, 1), (0x21, 0xFE), (0x43, 0x34), (0x40, 100), (0x40, 0)] {
                code.out(UInt8(port), UInt8(value))
            }
            code.sti()
            code.label("loop")
            code.inc(.ecx)
            code.jmp("loop")
            // What is near might be the next instruction.
            code.zeros(32)
            code.label("handler")
            code.inc(.ebx)
            code.out(0x20, 0x20)
            code.iret()
        }
        _ = stop(session, .step(19))
        for _ in 0..<30_000 {
            let banner = stop(session, .step(1)).banner
            guard banner.hasSuffix("inc    %ecx\n") || banner.contains(": jmp ") else {
                Issue.record("a step ended in the handler: \(banner)")
                break
            }
        }
        #expect(session.machine.registers.ebx > 2)
    }

    @Test func framesOfSixteenBitCode() throws {
        let session = try Self.real { code in
            code.mov(.esp, 0x7000)
            code.mov(.ebp, 0)
            code.call("outer")
            code.label("outer")
            // push bp; mov bp, sp
            code.bytes([0x55, 0x89, 0xE5])
            code.call("inner")
            code.label("inner")
            code.bytes([0x55, 0x89, 0xE5])
            code.hlt()
        }
        _ = stop(session, .go)
        #expect(session.execute("bt").output == "Eip:\n<00020019>\nFrames:\n<00020015>\n<0002000f>\n")
    }

    @Test(arguments: [
        "proc", "thread", "mod", "pcr", "dmesg", "!process", "!object \\", "!analyze", "!pool", "!providers", "!irp 0", "bugcheck",
    ])
    func commandsOfTheKernelSaySo(line: String) throws {
        let session = try Self.kernel([0xEB, 0xFE])
        let result = session.execute(line)
        let name = line.split(separator: " ")[0]
        #expect(result.failed)
        #expect(result.output == "\(name): This needs the NT kernel, and another program runs here.\n")
    }

    @Test func helpShowsWhatCanBeUsed() throws {
        let help = try Self.kernel([0xEB, 0xFE]).execute("help").output
        #expect(help.contains("  bpx ") && help.contains("  regs ") && help.contains("  gdt "))
        #expect(!help.contains("!process") && !help.contains("  proc ") && !help.contains("  thread "))
    }

    @Test func symbolsNamedLikeTheKernelsMeanNothing() throws {
        let names = ["KiBugCheckData", "KdLogDbgPrint", "KdpScreenInit", "HalDispatchTable", "MiZeroFreePages", "KdpLogFileName"]
        let session = try Self.kernel([0x90, 0xFA, 0xF4], symbols: names.map { (name: $0, value: 0x10_0010, size: 4) })
        #expect(stop(session, .go).stop == .dead(.halted))
        #expect(session.log.isEmpty && session.timeline.isEmpty)
        #expect(session.debugLog() == nil)
    }

    @Test func theLimitEndsARun() throws {
        let file = BareConfiguration.File(name: "k", bytes: Images.elfKernel([0xEB, 0xFE]))
        let session = try Session(
            bare: BareConfiguration(program: .kernel(file, commandLine: "", modules: []), memoryMiB: 8, instructionLimit: 1234))
        #expect(session.run(.go, budget: 1000) == .running)
        #expect(stop(session, .go).stop == .dead(.instructionLimit))
        #expect(session.mark.instruction == 1234)
    }

    @Test func aSleepingMachineIsWokenByASerialByte() throws {
        // COM1's interrupt on, through the first controller; then HLT until a byte comes, which is the exit value.
        let session = try Self.real(at: 0x7C00) { code in
            code.store(offsetOf: "handler", to: Assembler.Memory(displacement: 0x0C * 4))
            code.store(0, .word, to: Assembler.Memory(displacement: 0x0C * 4 + 2))
            for (port, value) in [(0x20, 0x11), (0x21, 0x08), (0x21, 4), (0x21, 1), (0x21, 0xEF)] { code.out(UInt8(port), UInt8(value)) }
            for (port, value) in [(0x3F9, 1), (0x3FC, 8)] {
                code.mov(.edx, UInt32(port))
                code.mov(.al, UInt8(value))
                code.outDXAL()
            }
            code.sti()
            code.label("wait")
            code.hlt()
            code.jmp("wait")
            code.label("handler")
            code.mov(.edx, 0x3F8)
            code.inALDX()
            code.outAL(0xF4)
            code.iret()
        }
        #expect(stop(session, .go).stop == .dead(.asleep))
        session.receive(serial: [7])
        #expect(stop(session, .go).stop == .dead(.debugExit(7)))
        #expect(session.debugger.journal.map(\.change) == [.serial([7])])
    }

    @Test func twoRunsAreEqual() throws {
        func hash() throws -> UInt64 {
            let session = try Self.kernel(Images.hello())
            _ = stop(session, .go)
            return session.stateHash
        }
        #expect(try hash() == hash())
    }
}
