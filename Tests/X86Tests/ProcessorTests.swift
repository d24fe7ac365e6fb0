// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Several processors: how they are started, that they take turns the same way however the host runs the machine, and what becomes of those that fail.
@Suite struct ProcessorTests {
    /// Where other processors start, in real mode, and the words that both sides count in.
    private static let startUp: UInt32 = 0x3000
    private static let shared: UInt32 = 0x2000

    /// The first processor sends INIT and start-up messages to all others, then executes `main`; the others execute `other` in real mode with DS 0.
    private func machine(_ count: Int, main: [UInt8], other: [UInt8]) -> Machine {
        let machine = flatMachine(processors: count)
        // mov dword [FEE00300h], value
        func command(_ value: UInt32) -> [UInt8] {
            [0xC7, 0x05, 0x00, 0x03, 0xE0, 0xFE] + (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        machine.writePhysical(Layout.code, command(0xC_4500) + command(0xC_8500) + command(0xC_4600 | Self.startUp >> 12) + main)
        machine.writePhysical(Self.startUp, other)
        return machine
    }

    /// lock inc dword [2000h]; pause; jmp back, in 32-bit and in 16-bit code.
    private static let countHere: [UInt8] = [0xF0, 0xFF, 0x05, 0x00, 0x20, 0x00, 0x00, 0xF3, 0x90, 0xEB, 0xF5]
    private static let countThere: [UInt8] = [0xF0, 0x66, 0xFF, 0x06, 0x04, 0x20, 0xF3, 0x90, 0xEB, 0xF6]
    /// The same without PAUSE, on the same word.
    private static let addHere: [UInt8] = [0xFF, 0x05, 0x00, 0x20, 0x00, 0x00, 0xEB, 0xF8]
    private static let addThere: [UInt8] = [0x66, 0xFF, 0x06, 0x00, 0x20, 0xEB, 0xF9]

    @Test func othersWaitUntilTheyAreStarted() {
        let machine = flatMachine(processors: 3)
        machine.writePhysical(Layout.code, Self.addHere)
        #expect(machine.run(until: 10_000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.currentProcessor == 0)
        #expect((0..<3).map { machine.activity(of: $0) } == [.running, .waitingForStartUp, .waitingForStartUp])
        #expect(machine.readPhysical32(Self.shared) == 5000)
    }

    @Test func aStartUpMessageWithoutINITIsIgnoredAfterTheFirst() {
        let machine = machine(2, main: Self.countHere, other: Self.countThere)
        _ = machine.run(until: 5000, passingStopAtStart: false)
        let before = machine.registers(of: 1)
        #expect(before.cs.selector == 0x300 && before.cr0 & 1 == 0)
        // Again, by hand: it is running, so nothing happens.
        machine.writeAPIC(0x310, 1 << 24)
        machine.writeAPIC(0x300, 0x4604)
        #expect(machine.registers(of: 1) == before)
        // INIT first, and it is taken.
        machine.writeAPIC(0x300, 0x4500)
        #expect(machine.activity(of: 1) == .waitingForStartUp)
        machine.writeAPIC(0x300, 0x4604)
        #expect(machine.registers(of: 1).cs.base == 0x4000 && machine.registers(of: 1).eip == 0)
    }

    @Test func waitingTurnsAreShort() {
        let machine = machine(4, main: Self.countHere, other: Self.countThere)
        _ = machine.run(until: 100_000, passingStopAtStart: false)
        // With PAUSE each takes three instructions a turn: three of the others count in one word.
        let (here, there) = (machine.readPhysical32(Self.shared), machine.readPhysical32(Self.shared + 4))
        #expect(here > 8000 && there > 3 * here - 10 && there < 3 * here + 10)
    }

    @Test func fullTurnsTakeAThousandInstructions() {
        let machine = machine(2, main: Self.addHere, other: Self.addThere)
        _ = machine.run(until: 3, passingStopAtStart: false)
        var turns: [Int] = []
        for time in stride(from: UInt64(503), to: 8503, by: 1000) {
            _ = machine.run(until: time, passingStopAtStart: false)
            turns.append(machine.currentProcessor)
        }
        #expect(turns == [0, 1, 0, 1, 0, 1, 0, 1])
        #expect(machine.readPhysical32(Self.shared) == 3750)
    }

    @Test(arguments: [false, true]) func turnsDoNotDependOnHowTheHostRunsIt(full: Bool) {
        func make() -> Machine {
            full
                ? machine(3, main: Self.addHere, other: Self.addThere) : machine(3, main: Self.countHere, other: Self.countThere)
        }
        let whole = make()
        _ = whole.run(until: 20_000, passingStopAtStart: false)
        // In slices of odd lengths, through stops on both codes, with a snapshot and a restore in the middle.
        let sliced = make()
        sliced.insertCodeStop(at: Layout.code + 30)
        sliced.insertCodeStop(at: Self.startUp + 5)
        let watch = sliced.insertDataStop(address: Self.shared, length: 4, onRead: false, onWrite: true)
        var length: UInt64 = 1
        var stops = 0
        while sliced.instructionCount < 6000 {
            if sliced.run(until: min(6000, sliced.instructionCount + length), passingStopAtStart: true) != .instructionLimit { stops += 1 }
            length = length % 97 + 2
        }
        #expect(stops > 100)
        sliced.removeCodeStop(at: Layout.code + 30)
        sliced.removeCodeStop(at: Self.startUp + 5)
        sliced.removeDataStop(watch)
        let snapshot = sliced.snapshot()
        let hash = sliced.stateHash()
        _ = sliced.run(until: 9999, passingStopAtStart: false)
        sliced.restore(snapshot)
        #expect(sliced.stateHash() == hash)
        while sliced.instructionCount < 9000 { _ = sliced.step() }
        _ = sliced.run(until: 20_000, passingStopAtStart: false)
        #expect(sliced.stateHash() == whole.stateHash())
        #expect(sliced.currentProcessor == whole.currentProcessor)
    }

    @Test func aStepStaysOnItsProcessor() {
        let machine = machine(2, main: Self.addHere, other: Self.addThere)
        _ = machine.run(until: 3, passingStopAtStart: false)
        for _ in 0..<3000 {
            _ = machine.step()
            #expect(machine.currentProcessor == 0)
        }
        // The other had two turns.
        #expect(machine.instructionCount == 5003)
        var steps = 0
        while machine.runUndisturbed(until: machine.instructionCount + 10_000) != nil { steps += 1 }
        #expect(steps == 0 && machine.currentProcessor == 0)
    }

    @Test func aTripleFaultEndsOnlyItsProcessor() {
        // lidt [0]; int3 in real mode, where the IDT has no entry.
        let machine = machine(2, main: Self.addHere, other: [0x0F, 0x01, 0x1E, 0x00, 0x05, 0xCC])
        _ = machine.run(until: 20_000, passingStopAtStart: false)
        #expect(machine.activity(of: 1) == .shutDown)
        #expect(machine.currentProcessor == 0)
        #expect(machine.registers(of: 1).eip == 5)
        #expect(machine.readPhysical32(Self.shared) > 8000)
        // A new start-up message alone does not wake it, INIT does.
        machine.writeAPIC(0x300, 0xC_4500)
        #expect(machine.activity(of: 1) == .waitingForStartUp)
    }

    @Test func theFirstProcessorSleepsWhileOthersRun() {
        // hlt with interrupts off: only the other goes on.
        let machine = machine(2, main: [0xFA, 0xF4], other: Self.addThere)
        #expect(machine.run(until: 10_000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.currentProcessor == 1 && machine.isHalted(processor: 0))
        #expect(machine.readPhysical32(Self.shared) > 4000)
        // When it sleeps as well nothing can end that.
        machine.writePhysical(Self.startUp, [0xFA, 0xF4])
        machine.registers.eip = 0
        #expect(machine.run(until: 20_000, passingStopAtStart: false) == .halted)
    }

    /// Timer at its reset rate to vector 20h, whose handler counts at [2008h] and ends the interrupt; the first processor sleeps in between.
    private func machineWithTimer(_ count: Int, other: [UInt8]) -> Machine {
        let machine = machine(
            count,
            main: [
                0xB0, 0x11, 0xE6, 0x20, 0xB0, 0x20, 0xE6, 0x21, 0xB0, 0x04, 0xE6, 0x21, 0xB0, 0x01, 0xE6, 0x21, 0xB0, 0xFE, 0xE6, 0x21,
                0xB0, 0x34, 0xE6, 0x43, 0xB0, 0x00, 0xE6, 0x40, 0xB0, 0x04, 0xE6, 0x40, 0xFB, 0xF4, 0xEB, 0xFD,
            ], other: other)
        machine.setGate(0x20, to: 0x2100)
        machine.writePhysical(0x2100, [0xFF, 0x05, 0x08, 0x20, 0x00, 0x00, 0xB0, 0x20, 0xE6, 0x20, 0xCF])
        return machine
    }

    @Test func anInterruptWakesTheFirstProcessor() {
        let machine = machineWithTimer(2, other: Self.addThere)
        _ = machine.run(until: 2_000_000, passingStopAtStart: false)
        #expect(machine.readPhysical32(0x2008) > 3)
        #expect(machine.readPhysical32(Self.shared) > 900_000)
    }

    /// Loops around PAUSE in real mode: one that only looks at [2000h], one that looks at what the first processor counts and leaves, one that counts, one that writes what
    /// is there already.
    private static let waitingLoops: [[UInt8]] = [
        [0xF3, 0x90, 0x80, 0x3E, 0x00, 0x20, 0x00, 0x74, 0xF7],
        [0xF3, 0x90, 0x80, 0x3E, 0x08, 0x20, 0x02, 0x75, 0xF7, 0xFF, 0x06, 0x04, 0x20, 0xFA, 0xF4],
        countThere,
        [0xF3, 0x90, 0xA1, 0x04, 0x20, 0xA3, 0x04, 0x20, 0xEB, 0xF6],
        [0xA1, 0x00, 0x20, 0x83, 0xE0, 0x01, 0x0F, 0x85, 0x04, 0x00, 0xF3, 0x90, 0xEB, 0xF2, 0xFA, 0xF4],
    ]

    @Test(arguments: waitingLoops.indices, [2, 3]) func skippedRotationsAreAsIfExecuted(loop: Int, processors: Int) {
        let whole = machineWithTimer(processors, other: Self.waitingLoops[loop])
        _ = whole.run(until: 600_000, passingStopAtStart: false)
        // In pieces so short that no rotation is ever skipped.
        let pieces = machineWithTimer(processors, other: Self.waitingLoops[loop])
        while pieces.instructionCount < 600_000 {
            _ = pieces.run(until: min(600_000, pieces.instructionCount + 5), passingStopAtStart: false)
        }
        #expect(pieces.stateHash() == whole.stateHash())
        #expect(whole.readPhysical32(0x2008) >= 3)
    }

    /// Executed one by one these instructions would take hours.
    @Test(.timeLimit(.minutes(1)), arguments: [0, 4]) func waitingForLongTakesNoTime(loop: Int) {
        let machine = machine(3, main: [0xFA, 0xF4], other: Self.waitingLoops[loop])
        #expect(machine.run(until: 1_000_000_000_000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.instructionCount == 1_000_000_000_000)
    }

    @Test func aStopInAWaitingLoopIsNeverSkipped() {
        let machine = machineWithTimer(2, other: Self.waitingLoops[0])
        _ = machine.run(until: 100_000, passingStopAtStart: false)
        machine.insertCodeStop(at: Self.startUp)
        var stops = 0
        while machine.run(until: 101_000, passingStopAtStart: true) == .codeStop(address: Self.startUp) { stops += 1 }
        #expect((332...334).contains(stops))
    }

    @Test func aStopIsReportedOnceAlthoughAnotherComesBefore() {
        let machine = machine(2, main: Self.addHere, other: Self.addThere)
        machine.insertCodeStop(at: Layout.code + 30)
        machine.insertCodeStop(at: Self.startUp)
        var stops: [UInt64: Int] = [:]
        while case .codeStop = machine.run(until: 20_000, passingStopAtStart: true) {
            stops[machine.instructionCount * 2 + UInt64(machine.currentProcessor), default: 0] += 1
        }
        #expect(stops.count > 5000)
        #expect(stops.values.allSatisfy { $0 == 1 })
    }

    @Test func identification() {
        // mov eax,1; cpuid; mov [2000h],ebx; mov [2004h],edx; mov eax,[FEE00020h]; mov [2008h],eax; hlt
        let machine = flatMachine(processors: 2)
        machine.writePhysical(
            Layout.code,
            [
                0xB8, 1, 0, 0, 0, 0x0F, 0xA2, 0x89, 0x1D, 0, 0x20, 0, 0, 0x89, 0x15, 4, 0x20, 0, 0, 0xA1, 0x20, 0, 0xE0, 0xFE, 0xA3, 8,
                0x20,
                0, 0, 0xF4,
            ])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .halted)
        #expect(machine.readPhysical32(0x2000) == 2 << 16)
        #expect(machine.readPhysical32(0x2004) & (1 << 9 | 1 << 28) == 1 << 9 | 1 << 28)
        #expect(machine.readPhysical32(0x2008) == 0)
    }
}
