// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes of one page as they were at some snapshot; shared by all snapshots between which the page was not written.
private final class SavedPage: Sendable {
    let bytes: [UInt8]
    init(_ start: UnsafeMutableRawPointer) { bytes = Array(UnsafeRawBufferPointer(start: start, count: 4096)) }
}

/// Everything that decides how a machine goes on: RAM, registers, devices and time. Stops and watches of the host are not in it.
///
/// Taking one costs a copy of the pages written since the last; holding one keeps those copies alive.
package struct MachineSnapshot: Sendable {
    /// Time of the snapshot.
    package let instructionCount: UInt64
    fileprivate let pages: SavedPages
    fileprivate let registers: Registers
    fileprivate let devices: Devices
    fileprivate let msr: ModelSpecific
    fileprivate let fpu: FPUState
    fileprivate let isHalted: Bool
    fileprivate let inhibitAt: UInt64
    fileprivate let inhibitsTraps: Bool
    fileprivate let pendingDebug: UInt32
}

/// What the pages held at the last snapshot taken or restored; nil for pages that were never written.
struct SavedPages: Sendable {
    fileprivate var pages: [SavedPage?]
    init(memory: PhysicalMemory) { pages = Array(repeating: nil, count: memory.size / 4096) }
}

extension Machine {
    /// Captures the machine. Only between runs.
    package func snapshot() -> MachineSnapshot {
        for page in 0..<memory.size / 4096 where memory.pageState[page] & PhysicalMemory.dirty != 0 {
            saved.pages[page] = SavedPage(memory.base + page * 4096)
            memory.pageState[page] &= ~PhysicalMemory.dirty
        }
        cpu.pointee.dropAllWriteTags()
        return MachineSnapshot(
            instructionCount: instructionCount, pages: saved, registers: registers, devices: devices, msr: cpu.pointee.msr,
            fpu: cpu.pointee.fpu,
            isHalted: cpu.pointee.isHalted, inhibitAt: cpu.pointee.inhibitAt, inhibitsTraps: cpu.pointee.inhibitsTraps,
            pendingDebug: cpu.pointee.pendingDebug)
    }

    /// Goes back, or forward, to a snapshot of this machine or of one with as much RAM.
    package func restore(_ snapshot: MachineSnapshot) {
        precondition(snapshot.pages.pages.count == saved.pages.count, "snapshot of a machine with another memory size")
        for page in 0..<memory.size / 4096 {
            let wanted = snapshot.pages.pages[page]
            guard memory.pageState[page] & PhysicalMemory.dirty != 0 || wanted !== saved.pages[page] else { continue }
            memory.noteWrite(UInt32(page) << 12, 4096)
            let start = memory.base + page * 4096
            if let wanted {
                wanted.bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress!, byteCount: 4096) }
                memory.pageState[page] = PhysicalMemory.touched
            } else {
                start.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
                memory.pageState[page] = 0
            }
        }
        saved = snapshot.pages
        devices = snapshot.devices
        cpu.pointee.count = snapshot.instructionCount
        registers = snapshot.registers
        cpu.pointee.msr = snapshot.msr
        cpu.pointee.fpu = snapshot.fpu
        cpu.pointee.isHalted = snapshot.isHalted
        cpu.pointee.inhibitAt = snapshot.inhibitAt
        cpu.pointee.inhibitsTraps = snapshot.inhibitsTraps
        cpu.pointee.pendingDebug = snapshot.pendingDebug
        cpu.pointee.pendingStop = .none
        cpu.pointee.hasFault = false
        cpu.pointee.stepArmed = false
        cpu.pointee.rfArmed = false
        cpu.pointee.flushTLB()
    }
}
