// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Snapshots: run N, snapshot, run M, restore, run M gives the same state, wherever N is.
@Suite struct SnapshotTests {
    /// Runs to an instruction count; a guest that halts for good before stays where it is.
    private func run(_ machine: Machine, to count: UInt64) {
        let reason = machine.run(until: count, passingStopAtStart: false)
        #expect(reason == .instructionLimit || reason == .halted)
    }

    /// Does it at each point, with several M, and compares with a machine that ran straight through.
    private func check(_ make: () -> Machine, at points: [UInt64], spans: [UInt64]) {
        let machine = make()
        let straight = make()
        for point in points {
            run(machine, to: point)
            run(straight, to: point)
            let hash = machine.stateHash()
            guard hash == straight.stateHash() else {
                Issue.record("at \(point) the run that was interrupted is another one")
                return
            }
            let snapshot = machine.snapshot()
            for span in spans {
                run(machine, to: point + span)
                let after = machine.stateHash()
                machine.restore(snapshot)
                let restored = machine.stateHash()
                run(machine, to: point + span)
                let again = machine.stateHash()
                machine.restore(snapshot)
                guard restored == hash, again == after else {
                    Issue.record("snapshot at \(point), \(span) further: restored \(restored == hash), again \(again == after)")
                    return
                }
            }
        }
        #expect(machine.stateHash() == straight.stateHash())
    }

    @Test func afterEachOfTheFirstInstructions() {
        check(BusyGuest.machine, at: Array(0..<4000), spans: [37])
    }

    @Test func atScatteredPoints() {
        var point: UInt64 = 0
        var points: [UInt64] = []
        for n in 0..<300 as Range<UInt64> {
            point += 1 + (n &* 2_654_435_761) % 9973
            points.append(point)
        }
        check(BusyGuest.machine, at: points, spans: [1, 5000])
    }

    @Test(arguments: Bench.allCases) func benchmarks(_ bench: Bench) {
        check({ bench.machine() }, at: Array(0..<500) + (1...20).map { $0 * 12_345 }, spans: [100])
    }

    /// The guest gets into all the states it is there for.
    @Test func busyGuestIsBusy() {
        let machine = BusyGuest.machine()
        var halted = 0
        var transferring = 0
        for count in 1...200_000 as ClosedRange<UInt64> where count % 3 == 0 {
            run(machine, to: count)
            if machine.isHalted { halted += 1 }
            if machine.devices.disk.status & 0x88 != 0 { transferring += 1 }
        }
        #expect(halted > 100 && transferring > 100)
        #expect([0x20_0000, 0x20_0004, 0x20_0008, 0x20_000C].allSatisfy { machine.readPhysical32($0) > 10 })
    }

    /// Held snapshots stay what they are and can be gone to in any order.
    @Test func inAnyOrder() {
        let machine = BusyGuest.machine()
        var held: [(snapshot: MachineSnapshot, hash: UInt64)] = []
        for n in 0..<40 as Range<UInt64> {
            run(machine, to: n * 7001)
            held.append((machine.snapshot(), machine.stateHash()))
        }
        for n in 0..<200 {
            let one = held[n * 17 % held.count]
            machine.restore(one.snapshot)
            #expect(machine.stateHash() == one.hash)
            if n % 3 == 0 { run(machine, to: one.snapshot.instructionCount + UInt64(n * 31)) }
            if n % 7 == 0 { held[n % held.count] = (machine.snapshot(), machine.stateHash()) }
        }
        // Into another machine of the same size.
        let other = Machine(memoryBytes: machine.memorySize)
        for one in held {
            other.restore(one.snapshot)
            #expect(other.stateHash() == one.hash)
        }
        run(machine, to: machine.instructionCount + 10_000)
    }

    @Test func holdsDiskAndGate() {
        let machine = BusyGuest.machine()
        let snapshot = machine.snapshot()
        let hash = machine.stateHash()
        machine.disk.write(offset: 512, [1, 2, 3])
        machine.portOut(0x92, size: 1, 0)
        machine.portOut(0x80, size: 1, 0x55)
        machine.pressKey(scanCode: 0x1E)
        #expect(!machine.isA20Enabled)
        #expect(machine.stateHash() != hash)
        machine.restore(snapshot)
        #expect(machine.isA20Enabled)
        #expect(machine.postCode == 0)
        #expect(machine.disk.read(offset: 512, count: 3) == [170, 171, 171])
        #expect(machine.stateHash() == hash)
    }

    /// Pages that were not written are not copied again: two snapshots share them.
    @Test func sharesWhatWasNotWritten() {
        let machine = BusyGuest.machine()
        run(machine, to: 50_000)
        _ = machine.snapshot()
        #expect(machine.memory.dirty.count == 0)
        machine.writePhysical8(0x5123, 1)
        machine.writePhysical8(0x5124, 1)
        #expect(machine.memory.dirty.count == 1)
        // The write tags are gone, so that the guest's next stores are noticed.
        run(machine, to: 60_000)
        #expect(machine.memory.dirty.count > 10)
        _ = machine.snapshot()
        #expect(machine.memory.dirty.count == 0)
    }

    @Test func pageTrees() {
        var tree = PageTree(pages: 1 << 20)
        var page = [UInt8](repeating: 0, count: 4096)
        func set(_ number: Int, _ value: UInt8) {
            page[0] = value
            page.withUnsafeBytes { tree.set(number, copying: $0.baseAddress!) }
        }
        func first(_ tree: PageTree, _ number: Int) -> UInt8? { tree[number]?.bytes.load(as: UInt8.self) }
        for number in [0, 31, 32, 1023, 1024, (1 << 20) - 1] { set(number, UInt8(number & 0x7F)) }
        let old = tree
        set(1023, 0xAA)
        set(5, 0xBB)
        #expect(first(old, 1023) == 0x7F)
        #expect(first(tree, 1023) == 0xAA)
        #expect(old[5] == nil)
        #expect(first(tree, (1 << 20) - 1) == 0x7F)
        var differing: [Int] = []
        PageTree.differences(old, tree) { differing.append($0) }
        #expect(differing == [5, 1023])
        differing = []
        PageTree.differences(tree, PageTree(pages: 1 << 20)) { differing.append($0) }
        #expect(differing == [0, 5, 31, 32, 1023, 1024, (1 << 20) - 1])
    }
}
