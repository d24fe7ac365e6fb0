// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Running, stopping and stepping, on a few hand-assembled instructions in a machine without paging.
struct DebuggerRunTests {
    /// Addresses of the program below.
    private enum At {
        static let main: UInt32 = 0x1000
        static let loop: UInt32 = 0x1005
        static let call: UInt32 = 0x1006
        static let afterCall: UInt32 = 0x100B
        static let halt: UInt32 = 0x100E
        static let routine: UInt32 = 0x1100
        static let counter: UInt32 = 0x2000
        static let handler: UInt32 = 0x1200
    }

    /// Counts to three with a routine that stores the counter, then halts.
    private static let main: [UInt8] = [
        0xB9, 3, 0, 0, 0,  // 1000 mov ecx, 3
        0x51,  // 1005 push ecx
        0xE8, 0xF5, 0, 0, 0,  // 1006 call 1100
        0x49,  // 100B dec ecx
        0x75, 0xF7,  // 100C jnz 1005
        0xF4,  // 100E hlt
    ]

    private static let routine: [UInt8] = [
        0x8B, 0x44, 0x24, 4,  // 1100 mov eax, [esp+4]
        0xA3, 0, 0x20, 0, 0,  // 1104 mov [2000], eax
        0xC2, 4, 0,  // 1109 ret 4
    ]

    private static func guest(_ main: [UInt8] = main, bootSteps: [UInt32: BootStep] = [:], symbols: [Symbol] = [], services: [Routine] = [])
        -> Guest
    {
        let machine = Machine(memoryBytes: 1 << 20)
        var registers = Registers.reset
        let code = Segment(selector: 8, base: 0, limit: .max, attributes: 0xC09B)
        let data = Segment(selector: 16, base: 0, limit: .max, attributes: 0xC093)
        registers.cs = code
        (registers.ss, registers.ds, registers.es, registers.fs, registers.gs) = (data, data, data, data, data)
        registers.cr0 = 1
        registers.eip = At.main
        registers.esp = 0x8000
        registers.gdtr = DescriptorTable(base: 0x3000, limit: 0x17)
        registers.idtr = DescriptorTable(base: 0x4000, limit: 0x7FF)
        machine.registers = registers
        machine.writePhysical(At.main, main)
        machine.writePhysical(At.routine, routine)
        machine.writePhysical(0x3008, [0xFF, 0xFF, 0, 0, 0, 0x9B, 0xCF, 0, 0xFF, 0xFF, 0, 0, 0, 0x93, 0xCF, 0])
        // Every vector leads to an IRET.
        machine.writePhysical(At.handler, [0x90, 0xCF])
        for vector in 0..<UInt32(256) { machine.writePhysical(0x4000 + vector * 8, [0x00, 0x12, 8, 0, 0, 0x8E, 0, 0]) }
        return Guest(machine: machine, symbols: SymbolTable(symbols: symbols), bootSteps: bootSteps, services: services)
    }

    private func banner(_ result: RunResult) -> String {
        guard case .stopped(_, let banner) = result else { return "running" }
        return banner
    }

    private func stop(_ result: RunResult) -> Stop? {
        guard case .stopped(let stop, _) = result else { return nil }
        return stop
    }

    @Test func breakpointsStopEveryTime() {
        let session = Session(guest: Self.guest())
        #expect(session.execute("bpx 0x1100").output == "Breakpoint 0 inserted.\nBreakpoint 0 enabled.\n")
        let result = session.run(.go, budget: 1000)
        #expect(result == .stopped(.breakpoint(0), banner: "\nEntered debugger on breakpoint #0: EXEC 0x0008:0x00001100\n"))
        #expect(session.execute("bl").output == "Breakpoints:\n \u{1B}[1m*000  BPX  0x00001100  global\u{1B}[0m\n")
        #expect(session.execute("? [esp+4]").output.hasPrefix("0x00000003"))
        #expect(stop(session.run(.go, budget: 1000)) == .breakpoint(0))
        #expect(stop(session.run(.go, budget: 1000)) == .breakpoint(0))
        #expect(stop(session.run(.go, budget: 1000)) == .dead(.halted))
        #expect(session.stop.isFinal)
        #expect(stop(session.run(.go, budget: 1000)) == .dead(.halted))
    }

    @Test func conditions() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpx 0x1100 IF ecx == 1")
        #expect(stop(session.run(.go, budget: 1000)) == .breakpoint(0))
        #expect(session.execute("? ecx").output.hasPrefix("0x00000001"))
        #expect(session.execute("bl").output.contains("  global  IF ecx == 1"))
        // A condition without a value stops (spec/kdbg.md section 5.4).
        let other = Session(guest: Self.guest())
        _ = other.execute("bpx 0x1100 IF [0xFFFFFFF0]/0")
        #expect(stop(other.run(.go, budget: 1000)) == .breakpoint(0))
    }

    @Test func aConditionIsThatOfTheBreakpointThatIsThereNow() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpx 0x100b IF ecx == 9")
        #expect(stop(session.run(.go, budget: 1000)) == .dead(.halted))
        // The same address, another condition; what has no value stops.
        for (condition, ecx) in [("dword[0x2000] == 2", 2), ("eax - 1 == 0", 1), ("1 / (ecx - 2) == 5", 2)] as [(String, UInt32)] {
            let guest = Self.guest()
            let session = Session(guest: guest)
            _ = session.execute("bpx 0x100b IF ecx == 9")
            #expect(session.run(.go, budget: 9) == .running)
            _ = session.execute("bc 0")
            _ = session.execute("bpx 0x100b IF " + condition)
            #expect(stop(session.run(.go, budget: 1000)) == .breakpoint(0), "\(condition)")
            #expect(guest.machine.registers.ecx == ecx, "\(condition)")
        }
    }

    @Test func stepsAtOnceOrOneByOneLeadToTheSamePlace() {
        // The program, then INT 21h, whose handler is stepped into.
        var main = Self.main.dropLast() + [0xCD, 0x21, 0x40, 0x43]
        main += [0xF4]
        for count in 1...30 as ClosedRange<UInt64> {
            let (one, many) = (Self.guest(Array(main)), Self.guest(Array(main)))
            let (atOnce, oneByOne) = (Session(guest: one), Session(guest: many))
            _ = atOnce.run(.step(count), budget: 1_000_000)
            for _ in 0..<count where !oneByOne.stop.isFinal { _ = oneByOne.run(.step(1), budget: 1_000_000) }
            #expect(one.machine.registers == many.machine.registers, "\(count)")
            #expect(atOnce.mark == oneByOne.mark, "\(count)")
        }
    }

    @Test func watchpoints() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpm w dword 0x2000 IF [0x2000] < 3")
        let result = session.run(.go, budget: 1000)
        #expect(result == .stopped(.breakpoint(0), banner: "\nEntered debugger on breakpoint #0: WRITE 0x00002000\n"))
        #expect(session.execute("? eip").output.hasPrefix("0x00001109"))
        #expect(session.execute("? [0x2000]").output.hasPrefix("0x00000002"))
        #expect(session.execute("bl").output.contains("000  BPM  0x00002000  write dword  DR0  global  IF [0x2000] < 3"))
        #expect(session.execute("bc 0").output == "Breakpoint 0 disabled.\nBreakpoint 0 deleted.\n")
        #expect(stop(session.run(.go, budget: 1000)) == .dead(.halted))
    }

    @Test func executionWatchpointsGoOn() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpm x 0x100B")
        for _ in 0..<3 {
            #expect(banner(session.run(.go, budget: 1000)) == "\nEntered debugger on breakpoint #0: EXEC 0x0000100b\n")
        }
        #expect(stop(session.run(.go, budget: 1000)) == .dead(.halted))
    }

    @Test func steps() {
        let session = Session(guest: Self.guest())
        #expect(session.run(.step(1), budget: 1000) == .stopped(.stepped, banner: "<00001005>: push   %ecx\n"))
        #expect(session.run(.step(2), budget: 1000) == .stopped(.stepped, banner: "<00001100>: mov    0x4(%esp),%eax\n"))
        #expect(stop(session.run(.step(3), budget: 1000)) == .stepped)
        #expect(session.execute("? eip").output.hasPrefix("0x0000100b"))
        #expect(session.mark == Mark(instruction: 6))
    }

    @Test func nextPassesCalls() {
        let session = Session(guest: Self.guest())
        _ = session.run(.step(2), budget: 1000)
        #expect(session.execute("? eip").output.hasPrefix("0x00001006"))
        #expect(stop(session.run(.next(1), budget: 1000)) == .stepped)
        #expect(session.execute("? eip").output.hasPrefix("0x0000100b"))
        // A breakpoint on the way ends it, and its count is forgotten.
        _ = session.execute("bpx 0x1104")
        #expect(stop(session.run(.next(5), budget: 1000)) == .breakpoint(0))
        #expect(stop(session.run(.step(1), budget: 1000)) == .stepped)
        #expect(session.execute("? eip").output.hasPrefix("0x00001109"))
    }

    @Test func aStepOntoABreakpointIsTheBreakpoint() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpx 0x1005")
        #expect(stop(session.run(.step(1), budget: 1000)) == .breakpoint(0))
        #expect(stop(session.run(.step(1), budget: 1000)) == .stepped)
    }

    @Test func budgetsDoNotChangeTheOutcome() {
        let session = Session(guest: Self.guest())
        _ = session.execute("bpx 0x100E")
        var slices = 0
        while session.run(.next(4), budget: 1) == .running { slices += 1 }
        #expect(slices > 0)
        #expect(session.execute("? eip").output.hasPrefix("0x0000100c"))
        #expect(session.run(.go, budget: 2) == .running)
        var result = session.run(.go, budget: 1)
        while result == .running { result = session.run(.go, budget: 1) }
        #expect(stop(result) == .breakpoint(0))
    }

    @Test func faultsArePassedOverWhileStepping() {
        // mov eax, [F0000000] has no fault here; INT 3 does go through the IDT, INT 40 is entered.
        let session = Session(guest: Self.guest([0xCC, 0xCD, 0x40, 0xF4]))
        #expect(stop(session.run(.step(1), budget: 1000)) == .stepped)
        #expect(session.execute("? eip").output.hasPrefix("0x00001001"))
        #expect(stop(session.run(.step(1), budget: 1000)) == .stepped)
        #expect(session.execute("? eip").output.hasPrefix("0x00001200"))
    }

    @Test func interruptStopsAtOnce() {
        let session = Session(guest: Self.guest([0xEB, 0xFE]))
        session.interrupt()
        let result = session.run(.go, budget: 1000)
        #expect(result == .stopped(.interrupted, banner: "\nEntered debugger on request at 0x0008:0x00001000.\n"))
        #expect(session.run(.go, budget: 1000) == .running)
    }

    @Test func timeline() {
        let step = BootStep(number: StepNumber([1, 2], row: 1), routine: "Main", title: "Main", explanation: "")
        let inner = BootStep(number: StepNumber([1, 3], row: 0), routine: "Inner", title: "Inner", explanation: "")
        let never = BootStep(number: StepNumber([1, 4], row: 0), routine: "Never", title: "Never", explanation: "")
        let session = Session(guest: Self.guest(bootSteps: [At.main: step, At.routine: inner, 0x5000: never]))
        #expect(session.timeline.count == 3)
        #expect(session.timeline.allSatisfy { $0.entered == nil })
        #expect(stop(session.run(.nextBootStep, budget: 1000)) == .bootStep(step.number))
        #expect(session.mark.instruction == 0)
        #expect(stop(session.run(.bootStep(inner.number), budget: 1000)) == .bootStep(inner.number))
        #expect(stop(session.run(.nextBootStep, budget: 1000)) == .bootStep(inner.number))
        _ = session.run(.go, budget: 1000)
        let rows = session.timeline
        #expect(rows.map(\.step.number.section) == [[1, 2], [1, 3], [1, 3], [1, 3], [1, 4]])
        #expect(rows.map(\.id) == [0, 1, 2, 3, 4])
        #expect(rows[1].entered == Mark(instruction: 3))
        #expect(rows[1].left == Mark(instruction: 6))
        #expect(rows.map(\.result) == [nil, 3, 2, 1, nil])
        #expect(rows[4].entered == nil)
        #expect(rows.map(\.depth) == [0, 1, 1, 1, 0])
    }

    /// Design rule 4: what was watched ends in the same state as what was not.
    @Test func debuggingLeavesNoTrace() {
        let plain = Session(guest: Self.guest())
        _ = plain.run(.go, budget: 1000)
        let watched = Session(guest: Self.guest())
        for line in ["bpx 0x1100", "bpm rw dword 0x2000", "bpx 0x100B IF 0"] { _ = watched.execute(line) }
        while !watched.stop.isFinal { _ = watched.run(.step(1), budget: 1000) }
        #expect(plain.stateHash == watched.stateHash)
    }

    @Test func bugcheck() {
        let guest = Self.guest(symbols: [Symbol(name: "KiBugCheckData", module: "ntoskrnl", address: 0x6000, size: 20, kind: .data)])
        guest.machine.writePhysical(0x6000, [0x7E, 0, 0, 0, 5, 0, 0, 0xC0, 1, 0, 0, 0])
        #expect(stop(Session(guest: guest).run(.go, budget: 1000)) == .bugcheck(code: 0x7E, parameters: [0xC000_0005, 1, 0, 0]))
    }

    @Test func descriptorTables() {
        let session = Session(guest: Self.guest())
        #expect(
            session.execute("gdt").output == """
                GDT Base: 0x00003000  Limit: 0x0017
                  Idx  Sel.    Type         Base        Limit       DPL  Attribs
                  001  0x0008  CODE32       0x00000000  0xffffffff  00   R/X A
                  002  0x0010  DATA32       0x00000000  0xffffffff  00   R/W A

                """)
        let rows = session.execute("idt").output.split(separator: "\n")
        #expect(rows.count == 258)
        #expect(rows[2] == "  000  INTGATE32   0x0008     0x00001200  00")
        #expect(session.execute("ldt").output == "Local descriptor table is empty.\n")
        #expect(session.execute("tss 4").output == "Invalid TSS selector.\n")
    }

    @Test func limitsOfHardwareBreakpoints() {
        let session = Session(guest: Self.guest())
        for number in 0..<4 {
            #expect(session.execute("bpm w byte \(0x2000 + number)").output.hasSuffix("Breakpoint \(number) enabled.\n"))
        }
        #expect(session.execute("bpm w byte 0x2004").output.hasPrefix("Breakpoint 4 inserted.\nMaximum number of hardware breakpoints (4)"))
        #expect(session.execute("bl").output.contains("  004  BPM  0x00002004  write byte   disabled  global\n"))
        #expect(session.execute("bd 1").output == "Breakpoint 1 disabled.\n")
        #expect(session.execute("be 4").output == "Breakpoint 4 enabled.\n")
        #expect(session.execute("bl").output.contains("  004  BPM  0x00002004  write byte   DR1  global\n"))
        #expect(session.execute("be 4").output == "Breakpoint 4 is already enabled.\n")
        #expect(session.execute("bpm w dword 0x2001").output.contains("aligned"))
        #expect(session.execute("bpm x word 0x2000").output.contains("Size must be 1"))
    }

    // MARK: Calls of the guest

    /// A guest that calls service `number` with arguments and then halts, or goes on where the CONTEXT at 5100 says.
    private static func calling(_ number: UInt8, _ arguments: [UInt32], resuming: Bool = false) -> Guest {
        var code: [UInt8] = []
        for argument in arguments.reversed() {
            code += [0x68] + (0..<4).map { UInt8(truncatingIfNeeded: argument >> ($0 * 8)) }
        }
        let distance = 0x1300 - (At.main + UInt32(code.count) + 5)
        code += [0xE8] + (0..<4).map { UInt8(truncatingIfNeeded: distance >> ($0 * 8)) }
        // mov esp, [51C4]; jmp [51B8]
        code += resuming ? [0x8B, 0x25, 0xC4, 0x51, 0, 0, 0xFF, 0x25, 0xB8, 0x51, 0, 0] : [0xF4]
        let guest = guest(
            code,
            services: [
                .host("KdbpQueryEntry", ["ExceptionRecord", "PreviousMode", "Context", "FirstChance"]),
                .host("KdbpCliMainLoop", ["ExceptionRecord", "Context", "FirstChance"]),
            ])
        // push ebp; mov ebp, esp; mov eax, number; vmcall; pop ebp; ret
        let stub: [UInt8] = [0x55, 0x89, 0xE5, 0xB8, number, 0, 0, 0, 0x0F, 0x01, 0xC1, 0x5D, 0xC2, UInt8(arguments.count * 4), 0]
        guest.machine.writePhysical(0x1300, stub)
        guest.machine.writePhysical(0x1400, [0xCC, 0x90, 0x90, 0xF4])
        guest.machine.writePhysical32(0x500C, 0x1400)
        guest.machine.writePhysical32(0x51B8, 0x1400)
        guest.machine.writePhysical32(0x51BC, 8)
        guest.machine.writePhysical32(0x51C4, 0x7000)
        return guest
    }

    @Test(
        arguments: [
            (0x8000_0003, 0, 1, 2), (0x8000_0003, 1, 1, 0), (0x8000_0003, 0, 0, 0), (0x8000_0004, 0, 1, 2), (0xC000_0005, 0, 1, 0),
            (0xC000_0005, 0, 0, 2),
            (0xC000_0420, 1, 1, 1), (0xC000_0420, 0, 1, 2), (0xC000_0037, 0, 0, 2),
        ] as [(UInt32, UInt32, UInt32, UInt32)])
    func queryEntry(code: UInt32, mode: UInt32, firstChance: UInt32, expected: UInt32) {
        let guest = Self.calling(0, [0x5000, mode, 0x5100, firstChance])
        guest.machine.writePhysical32(0x5000, code)
        _ = Session(guest: guest).run(.go, budget: 1000)
        #expect(guest.machine.registers.eax == expected)
    }

    @Test func anEmbeddedBreakpointIsStepped() {
        let guest = Self.calling(1, [0x5000, 0x5100, 1], resuming: true)
        guest.machine.writePhysical32(0x5000, 0x8000_0003)
        let session = Session(guest: guest)
        let result = session.run(.step(100), budget: 1000)
        #expect(result == .stopped(.debugger, banner: "\nEntered debugger on embedded INT3 at 0x0008:0x00001400.\n"))
        #expect(session.execute("? eip").output.hasPrefix("0x00001400"))
        #expect(session.execute("? esp").output.hasPrefix("0x00007000"))
        #expect(session.run(.step(1), budget: 1000) == .stopped(.stepped, banner: "<00001402>: nop\n"))
        #expect(guest.machine.registers.eax == 1)
        #expect(guest.machine.registers.esp == 0x7000)
    }

    @Test func faultsAreNotConsumed() {
        let guest = Self.calling(1, [0x5000, 0x5100, 0])
        guest.machine.writePhysical32(0x5000, 0xC000_0005)
        let session = Session(guest: guest)
        let expected = """

            Entered debugger on last-chance exception (Exception Code: 0xc0000005) (Page Fault)
            Memory at 0x00000000 could not be accessed

            """
        #expect(banner(session.run(.go, budget: 1000)) == expected)
        #expect(session.stop == .debugger)
        _ = session.run(.go, budget: 1000)
        #expect(guest.machine.registers.eax == 0)
        #expect(guest.machine.readPhysical32(0x51B8) == 0x1400)
    }
}
