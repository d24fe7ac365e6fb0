// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs cases of one world on both machines, in lockstep of whole cases.
final class Comparison {
    let world: World
    let machine: Machine
    let unicorn: Unicorn
    private let base: Registers
    private let pristine: UnsafeMutableRawPointer
    private var cursor = World.codeEnd
    /// What was compared so far.
    private(set) var compared = 0
    private(set) var cases = 0
    private(set) var faults = 0
    private(set) var outside = 0
    var known: [String: Int] = [:]
    /// Code that Unicorn gets instead of the case's, to see whether a difference is noticed.
    var substitute: [UInt8]?

    /// One line of figures.
    var summary: String {
        let differences = known.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return
            "\(world.name): \(compared) instructions in \(cases) cases, \(faults) exceptions, \(outside) cut outside RAM; Unicorn's differences: \(differences)"
    }

    init?(world: World, library: String) {
        guard let unicorn = world.unicorn(library: library) else { return nil }
        self.world = world
        self.unicorn = unicorn
        machine = world.machine()
        base = machine.registers
        pristine = .allocate(byteCount: World.memorySize, alignment: 4096)
        world.pristine().withUnsafeBytes { pristine.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        guard world.isReal || locateErrorCode() else { return nil }
    }

    deinit { pristine.deallocate() }

    private func locateErrorCode() -> Bool {
        unicorn.locateErrorCode { n in
            guard n < 6 else { return nil }
            // mov eax, selector beyond the GDT; mov ds, ax
            let selector: UInt32 = [0x1238, 0x7770, 0x3458, 0x5A5C, 0x0FF0, 0x0AA8][n]
            let code: [UInt8] =
                (world.isSmall ? [0x66, 0xB8] : [0xB8]) + [UInt8(selector & 0xFF) | 3, UInt8(selector >> 8), 0, 0, 0x8E, 0xD8]
            place(code, at: World.codeStart + UInt32(n) * 32)
            let start = World.codeStart + UInt32(n) * 32
            unicorn.restore(flushing: true)
            _ = unicorn.run(from: start - world.codeBase, window: start..<start + 32, until: World.nowhere)
            return selector
        }
        restoreMemory()
        return unicorn.knowsErrorCodes
    }

    func place(_ code: [UInt8], at linear: UInt32) {
        machine.writePhysical(linear, code)
        for (n, byte) in code.enumerated() where Int(linear) + n < World.memorySize {
            unicorn.memory.storeBytes(of: byte, toByteOffset: Int(linear) + n, as: UInt8.self)
        }
    }

    /// Puts what a case changed back; the same pages on both machines.
    func restoreMemory() {
        for page in 0..<World.memorySize >> 12 {
            let offset = page << 12
            if memcmp(machine.memory.base + offset, pristine + offset, 4096) != 0 {
                machine.writePhysical(UInt32(offset), UnsafeRawBufferPointer(start: pristine + offset, count: 4096))
            }
            if memcmp(unicorn.memory + offset, pristine + offset, 4096) != 0 {
                (unicorn.memory + offset).copyMemory(from: pristine + offset, byteCount: 4096)
            }
        }
    }

    /// Runs one case and answers what differs; nil when nothing does.
    func run(_ testCase: Case) -> String? {
        let code = testCase.code
        var flushing = false
        if cursor + UInt32(code.count) > World.codeEnd + 16 {
            cursor = World.codeStart
            flushing = true
        }
        let start = cursor
        cursor += UInt32(code.count) + 1
        defer { restoreMemory() }
        var window = start..<start + UInt32(code.count)
        while !window.isEmpty {
            place(Array(code.prefix(window.count)) + Self.terminator, at: start)
            if let substitute {
                for (n, byte) in substitute.enumerated() {
                    unicorn.memory.storeBytes(of: byte, toByteOffset: Int(start) + n, as: UInt8.self)
                }
            }
            guard let other = runUnicorn(testCase, start, window, flushing: flushing) else {
                // The access lies outside RAM: compare what comes before it.
                outside += 1
                let end = unicorn[.eip] &+ (world.isReal ? unicorn[.cs] << 4 : world.codeBase)
                guard window.contains(end) else { return nil }
                window = start..<end
                flushing = true
                restoreMemory()
                continue
            }
            let ours = runMachine(testCase, start, window)
            if let reason = ours.cut {
                // Compare what comes before it.
                known[reason, default: 0] += 1
                window = start..<ours.linear
                flushing = true
                restoreMemory()
                continue
            }
            if case .fault(14, _) = other.exception, other.cr2 >> 12 == World.codeEnd >> 12,
                other.eip < ours.outcome.eip || ours.outcome.exception != other.exception
            {
                // Unicorn fetches a block at once and faults at its start when a later instruction's page is missing.
                known["fetch ahead", default: 0] += 1
                window = start..<other.eip + world.codeBase
                flushing = true
                restoreMemory()
                continue
            }
            cases += 1
            compared += ours.steps
            if other.exception != .none { faults += 1 }
            return compareAll(testCase, start, ours, other)
        }
        return nil
    }

    private func runUnicorn(_ testCase: Case, _ start: UInt32, _ window: Range<UInt32>, flushing: Bool) -> Outcome? {
        unicorn.restore(flushing: flushing)
        for (register, value) in zip(Unicorn.Register.general, testCase.registers) { unicorn[register] = value }
        unicorn[.eflags] = testCase.eflags
        let end = unicorn.run(from: world.isReal ? start : start - world.codeBase, window: window, until: World.nowhere)
        var outcome = Outcome()
        switch end {
        case .done: break
        case .invalidOpcode: outcome.exception = .fault(vector: 6, code: nil)
        case .exception(let vector, let code):
            let pushes = vector == 8 || (10...14).contains(vector) || vector == 17
            outcome.exception = .fault(vector: UInt8(truncatingIfNeeded: vector), code: pushes ? code : nil)
        case .outsideMemory: return nil
        case .failed(let error): preconditionFailure("Unicorn: error \(error)")
        }
        outcome.registers = Unicorn.Register.general.map { unicorn[$0] }
        outcome.eip = unicorn[.eip]
        outcome.eflags = unicorn[.eflags]
        outcome.selectors = Unicorn.Register.segments.map { unicorn[$0] }
        outcome.cr2 = unicorn[.cr2]
        atEnd(&outcome, window)
        return outcome
    }

    /// INT FF: stands behind the code.
    private static let terminator: [UInt8] = [0xCD, 0xFF]

    /// A run that came to the terminator, or found no page there, is at the end of the code.
    private func atEnd(_ outcome: inout Outcome, _ window: Range<UInt32>) {
        let end = window.upperBound - world.codeBase
        let isReached = outcome.eip == end + 2 && outcome.exception == .fault(vector: 255, code: nil)
        guard case .fault(let vector, _) = outcome.exception, isReached || (vector == 14 && outcome.eip == end) else { return }
        outcome.exception = .none
        outcome.eip = end
        outcome.cr2 = 0
    }

    /// The same on our machine, instruction by instruction.
    private func runMachine(_ testCase: Case, _ start: UInt32, _ window: Range<UInt32>) -> Run {
        enter(testCase, start)
        let cpu = machine.cpu
        var run = Run()
        run.window = window
        while true {
            run.linear = cpu.pointee.csBase &+ cpu.pointee.eip
            guard window.contains(run.linear) else {
                if run.linear == window.upperBound { break }
                run.left = run.linear
                if cpu.pointee.translate(run.linear, write: false, user: cpu.pointee.cpl == 3) == nil {
                    note(cpu.pointee.takeFault(), nil, &run)
                }
                break
            }
            let instruction = position(testCase, run.linear - start).map { testCase.instructions[$0] }
            if let instruction, let reason = cannotCompare(instruction) {
                run.cut = reason
                break
            }
            let reason = machine.run(until: machine.instructionCount + 1, passingStopAtStart: false)
            run.steps += 1
            if reason == .shutdown {
                // There is no IDT: any exception ends in a triple fault, which changes nothing and leaves the first one where it was noted.
                note(cpu.pointee.fault, instruction, &run)
                break
            }
            if let use = instruction?.use { run.tainted = run.tainted & ~use.defines | use.undefined }
        }
        read(&run.outcome)
        return run
    }

    private func read(_ outcome: inout Outcome) {
        let after = machine.registers
        outcome.registers = [after.eax, after.ecx, after.edx, after.ebx, after.esp, after.ebp, after.esi, after.edi]
        outcome.eip = after.eip
        outcome.eflags = after.eflags
        outcome.selectors = [after.es, after.cs, after.ss, after.ds, after.fs, after.gs].map { UInt32($0.selector) }
        outcome.cr2 = after.cr2
    }

    /// Runs the case once more, in one go, which may take quite another way through the interpreter; the registers must come out the same.
    func repeats(_ testCase: Case, _ start: UInt32, _ run: Run) -> String? {
        restoreMemory()
        place(Array(testCase.code.prefix(run.window.count)) + Self.terminator, at: start)
        enter(testCase, start)
        let reason = machine.run(until: machine.instructionCount + UInt64(run.steps), passingStopAtStart: false)
        if run.steps == 0 { return nil }
        var outcome = Outcome(exception: run.outcome.exception)
        if let left = run.left, machine.cpu.pointee.translate(left, write: false, user: machine.privilegeLevel == 3) == nil {
            note(machine.cpu.pointee.takeFault())
        }
        read(&outcome)
        if outcome != run.outcome { return "in one go (\(reason)): \(outcome), step by step \(run.outcome)" }
        return nil
    }

    private func enter(_ testCase: Case, _ start: UInt32) {
        var r = base
        let g = testCase.registers
        (r.eax, r.ecx, r.edx, r.ebx, r.esp, r.ebp, r.esi, r.edi) = (g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7])
        r.eip = start - world.codeBase
        r.eflags = testCase.eflags
        machine.registers = r
        machine.cpu.pointee.flushTLB()
    }

    private func note(_ fault: Fault) { if fault.vector == 14 { machine.cpu.pointee.cr2 = fault.cr2 } }

    private func note(_ fault: Fault, _ instruction: GeneratedInstruction?, _ run: inout Run) {
        run.outcome.exception = exception(fault, instruction)
        note(fault)
        guard let instruction else { return }
        run.modifiesMemory = instruction.modifiesMemory
        run.readsFlags = instruction.use.reads != 0
        if fault == .protection(0) || fault == .stack(0), segmentRefuses(instruction) {
            // SDM vol. 3, 5.3 and 5.5: Unicorn checks neither limits nor rights of segments when they are used.
            run.cut = "segment limit or rights"
        }
        // SDM vol. 2, ENTER: Unicorn does not try to write where the stack will end.
        if fault.vector == 14, instruction.opcode == 0xC8 { run.cut = "ENTER to a missing page" }
        if fault.vector == 14, fault.errorCode & 4 != 0, [0x9A, 0xCA, 0xCB, 0xFF].contains(instruction.opcode) {
            // SDM vol. 3, 4.6: Unicorn's far transfers use the stack with the rights of a supervisor.
            run.cut = "user stack in far transfer"
        }
    }

    /// Unicorn forgets the flags when it switches tasks (SDM vol. 3, 7.3); the guest `tasks` looks at them.
    var switchedTask: Bool { !world.isReal && machine.registers.tr.selector != 0x48 }

    /// Why the next instruction, which has not run yet, cannot be compared.
    private func cannotCompare(_ instruction: GeneratedInstruction) -> String? {
        switch instruction.opcode {
        case 0xC8:
            // BP or EBP is set by operand size; in Unicorn the stack's size decides (SDM vol. 2, ENTER).
            return machine.registers.ss.isBig == decode(instruction).flags.contains(.word) ? "ENTER with another stack size" : nil
        case 0xC4, 0xC5, 0x1B2, 0x1B4, 0x1B5, 0x62, 0xFF, 0x101:
            // The second part of an operand at the end of 64 KiB wraps; Unicorn goes on beyond (SDM vol. 1, 3.7.5).
            let record = decode(instruction)
            guard record.flags.isSuperset(of: [.memory, .address16]) else { return nil }
            return withUnsafePointer(to: record) { machine.cpu.pointee.ea($0) } > 0xFFF0 ? "operand beyond 64 KiB" : nil
        default: return nil
        }
    }

    private func decode(_ instruction: GeneratedInstruction) -> Instruction {
        var record = Instruction.empty
        let big = machine.registers.cs.isBig
        _ = (instruction.bytes + Array(repeating: 0, count: 15)).withUnsafeBufferPointer {
            Decoder.decode($0.baseAddress!, available: 15, big: big, into: &record)
        }
        return record
    }

    /// Whether the memory operand's segment cannot be used in the way the instruction wants: null, execute-only, or not writable.
    private func segmentRefuses(_ instruction: GeneratedInstruction) -> Bool {
        let record = decode(instruction)
        let opcode = instruction.opcode
        let isString = Generator.isString(opcode)
        guard record.flags.contains(.memory) || isString || (0xA0...0xA3).contains(opcode) || opcode == 0xD7 else { return false }
        func refuses(_ number: Int) -> Bool {
            let attributes = machine.cpu.pointee.segments[number].segment.attributes
            return attributes & 0x80 == 0 || attributes & 0x18 == 0x18 || attributes & 2 == 0
        }
        return refuses(Int(record.segment)) || (isString && refuses(SegmentNumber.es))
    }

    /// The instruction that starts at an offset of the code.
    private func position(_ testCase: Case, _ offset: UInt32) -> Int? {
        var at = 0
        for (n, instruction) in testCase.instructions.enumerated() {
            if at == Int(offset) { return n }
            at += instruction.bytes.count
        }
        return nil
    }

    /// There is no IDT, so a software interrupt ends in #GP of its gate; Unicorn reports the interrupt itself.
    private func exception(_ fault: Fault, _ instruction: GeneratedInstruction?) -> Outcome.Exception {
        if let instruction, [0xCC, 0xCD, 0xCE].contains(instruction.opcode), fault.vector == 13 {
            let vector: UInt8 = instruction.opcode == 0xCC ? 3 : instruction.opcode == 0xCE ? 4 : instruction.bytes.last ?? 0
            if world.isReal || fault.errorCode == UInt32(vector) * 8 + 2 { return .software(vector) }
        }
        return .fault(vector: fault.vector, code: fault.hasErrorCode ? fault.errorCode : nil)
    }
}
