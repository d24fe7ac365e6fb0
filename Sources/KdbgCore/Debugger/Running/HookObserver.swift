// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A write to the cell of `HalInitPnpDriver` in the HAL's dispatch table, where KD hangs its hook.
package struct HookWrite: Equatable, Sendable {
    package var mark: Mark
    /// The instruction that wrote.
    package var eip: UInt32
    /// What the cell holds since.
    package var value: UInt32
    /// The KTHREAD that ran; 0 before there is one.
    package var thread: UInt32
    package var irql: UInt8
}

/// Watches that cell from the first instruction on, by a data stop that nobody else notices.
final class HookObserver {
    private let machine: Machine
    /// Virtual address of the cell; nil when the kernel has no such table.
    let cell: UInt32?
    private let stop: Int?
    private(set) var writes: [HookWrite] = []
    private static let limit = 256

    init(_ guest: Guest) {
        machine = guest.machine
        cell = guest.kernelSymbol("HalDispatchTable").map { $0.address &+ HAL_DISPATCH.layout.HalInitPnpDriver.offset }
        stop = cell.map { [machine] in machine.insertDataStop(address: $0, length: 4, onRead: false, onWrite: true) }
    }

    /// Takes note of a hit that touched the cell, whoever's stop reported it.
    /// - Returns: whether the stop was the observer's own.
    func noticed(_ hit: DataStopHit) -> Bool {
        if let cell, hit.isWrite, hit.address &- cell &+ 3 < 7, writes.count < Self.limit {
            let processor = ProcessorState(machine)
            writes.append(
                HookWrite(
                    mark: Mark(instruction: machine.instructionCount), eip: hit.eip, value: machine.read32(linear: cell) ?? 0,
                    thread: processor.thread, irql: processor.irql))
        }
        return hit.id == stop
    }
}
