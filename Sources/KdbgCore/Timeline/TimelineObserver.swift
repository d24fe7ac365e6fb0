// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Sees the boot steps being entered and left, by code stops that nobody else notices (design section 4).
package final class TimelineObserver {
    private let machine: Machine
    private var steps: [UInt32: BootStep]
    /// Steps in the specification's order, for those still to come.
    private var inOrder: [BootStep]
    private var observed: [TimelineRow] = []
    private var open: [OpenStep] = []
    /// How many open steps wait for a return to the address.
    private var returns: [UInt32: Int] = [:]

    /// A step that has been entered and may return.
    private struct OpenStep {
        /// Its row's index.
        var row: Int
        /// 0 when it was jumped to and cannot return, like the kernel's entry.
        var returnAddress: UInt32
        /// ESP at entry, where the return address is.
        var stack: UInt32
        var thread: UInt32
        var processor: Int
    }

    /// A stack is at most this big; what is further away is another one.
    private static let stackSize: UInt32 = 0x10000

    package init(_ guest: Guest) {
        machine = guest.machine
        steps = guest.bootSteps
        inOrder = guest.bootSteps.values.sorted { $0.number < $1.number }
        for address in steps.keys.sorted() { machine.insertCodeStop(at: address) }
    }

    /// Images have moved, come or gone: so have the steps in them.
    package func follow(_ guest: Guest) {
        guard Set(steps.keys) != Set(guest.bootSteps.keys) else { return }
        for address in steps.keys.sorted() { machine.removeCodeStop(at: address) }
        steps = guest.bootSteps
        for address in steps.keys.sorted() { machine.insertCodeStop(at: address) }
        // What is gone may come again.
        let known = Set(inOrder.map(\.number))
        inOrder = (inOrder + steps.values.filter { !known.contains($0.number) }).sorted { $0.number < $1.number }
    }

    /// Whether `arrived(at:)` has something to do there.
    package func observes(_ address: UInt32) -> Bool {
        steps[address] != nil || returns[address] != nil
    }

    /// Takes note of the machine standing in front of the instruction at the virtual address; to be called once each time it gets there.
    /// - Returns: the boot step that begins there.
    package func arrived(at address: UInt32) -> BootStep? {
        if returns[address] != nil { leave(at: address) }
        guard let step = steps[address] else { return nil }
        enter(step)
        return step
    }

    /// Observed rows in order of entry, then the steps still to come.
    package var rows: [TimelineRow] {
        let seen = Set(observed.map(\.step.number))
        let future = inOrder.filter { !seen.contains($0.number) }
        return observed + future.enumerated().map { TimelineRow(id: observed.count + $0.offset, step: $0.element) }
    }

    private func enter(_ step: BootStep) {
        let stack = machine.registers.esp
        let processor = ProcessorState(machine)
        let number = machine.currentProcessor
        adopt(processor.thread)
        abandonFrames(below: stack, of: processor.thread)
        let row = TimelineRow(
            id: observed.count, step: step, depth: open.count { $0.thread == processor.thread && $0.processor == number },
            entered: Mark(instruction: machine.instructionCount),
            thread: processor.thread, processor: UInt8(number), irql: processor.irql)
        observed.append(row)
        let returnAddress = machine.read32(linear: stack) ?? 0
        open.append(OpenStep(row: row.id, returnAddress: returnAddress, stack: stack, thread: processor.thread, processor: number))
        guard returnAddress != 0 else { return }
        returns[returnAddress, default: 0] += 1
        machine.insertCodeStop(at: returnAddress)
    }

    private func leave(at address: UInt32) {
        let stack = machine.registers.esp
        // A routine leaves with its return address and its arguments gone; deeper frames of a recursion are still further down.
        guard
            let index = open.lastIndex(where: { [number = machine.currentProcessor] in
                $0.returnAddress == address && $0.processor == number && stack > $0.stack && stack - $0.stack <= 0x44
            })
        else {
            return
        }
        let row = open[index].row
        observed[row].left = Mark(instruction: machine.instructionCount)
        observed[row].result = machine.registers.eax
        close(index)
    }

    private func close(_ index: Int) {
        let address = open.remove(at: index).returnAddress
        guard address != 0 else { return }
        machine.removeCodeStop(at: address)
        returns[address, default: 0] -= 1
        if returns[address] == 0 { returns[address] = nil }
    }

    /// Before the PCR is there a step's thread is unknown; it is the first one that is.
    private func adopt(_ thread: UInt32) {
        guard thread != 0 else { return }
        for index in open.indices where open[index].thread == 0 && open[index].processor == machine.currentProcessor {
            open[index].thread = thread
        }
    }

    /// Forgets steps that will never return because their place on the stack is in use again.
    private func abandonFrames(below stack: UInt32, of thread: UInt32) {
        for index in open.indices.reversed()
        where open[index].thread == thread && open[index].processor == machine.currentProcessor && open[index].stack <= stack
            && stack - open[index].stack < Self.stackSize
        {
            close(index)
        }
    }
}

/// What the PCR says about the processor, as far as it is there (spec/boot.md sections 4.6 and 5.10).
package struct ProcessorState: Equatable, Sendable {
    /// Address of the current KTHREAD; 0 when there is no PCR yet.
    package var thread: UInt32 = 0
    package var irql: UInt8 = 0

    /// Where NT maps the boot processor's PCR.
    package static let pcr: UInt32 = 0xFFDF_F000

    package init(_ machine: Machine) {
        guard machine.registers.fs.base == Self.pcr else { return }
        thread = machine.read32(linear: Self.pcr + 0x124) ?? 0
        irql = machine.read8(linear: Self.pcr + 0x24) ?? 0
    }
}
