// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Everything that decides how a machine goes on: RAM, processors with whose turn it is, devices with what they are about to do, A20 gate, disk contents, and time. Stops are only
/// possible between instructions, and between instructions this is all there is.
///
/// Outside it, and why a run does not depend on it:
///
/// | what | where | why |
/// |---|---|---|
/// | translations | `CPU.tlb…`, `codeTLB…`, `jumps`, `hasLargePages` | found again in the page tables; a flush less or more is invisible but to a guest that relies on stale ones, which a restore flushes |
/// | decoded instructions | `PhysicalMemory.code`, `CPU.code…`, `cursor…`, `contexts`, `pendingLink`, `scratch`, `fetchBuffer` | found again in RAM, dropped where RAM changes |
/// | which pages were written | `PhysicalMemory.pageState`, `dirty`, `stale`, `pageHash`, `Machine.saved` | book-keeping for snapshots and hashes |
/// | the loop's next look-up | `CPU.deadline`, `stepArmed`, `rfArmed` | computed anew whenever `run` is called |
/// | stops of the host | `Machine.codeStops…`, `CPU.watches`, `dataHit`, `pendingStop`, `breakRequest` | the host's own; they end a `run`, not an instruction |
/// | what was sent | `Bus.outbox`, with the choice of the POST port | only the host reads it |
/// | whether VMCALL calls the host, what of the RAM is ROM, which devices are there | `CPU.answersVMCALL`, `PhysicalMemory.rom`, `Devices.owners` | properties of the machine, like its amount of RAM |
///
/// Taking one costs a copy of the pages written since the last; holding one keeps alive the pages that it has alone. The machine itself keeps what the last one
/// taken or restored saw, from which the next goes on.
package struct MachineSnapshot: Sendable {
    /// Time of the snapshot.
    package let instructionCount: UInt64
    fileprivate let pages: SavedPages
    fileprivate let processor: SavedProcessor
    fileprivate let processors: Processors
    fileprivate let devices: SavedDevices
}

/// What the pages held at the last snapshot taken or restored.
struct SavedPages: Sendable {
    fileprivate var tree: PageTree
    fileprivate let size: Int

    init(memory: PhysicalMemory) {
        size = memory.size
        tree = PageTree(pages: memory.size / 4096)
    }
}

extension Machine {
    /// Captures the machine. Only between runs.
    package func snapshot() -> MachineSnapshot {
        if memory.dirty.count > 0 {
            memory.takeDirty { saved.tree.set($0, copying: memory.base + $0 * 4096) }
            cpu.pointee.dropAllWriteTags()
        }
        return MachineSnapshot(
            instructionCount: instructionCount, pages: saved, processor: SavedProcessor(cpu), processors: processors,
            devices: devices.save())
    }

    /// Goes back, or forward, to a snapshot of this machine or of one with as much RAM. Costs what differs.
    package func restore(_ snapshot: MachineSnapshot) {
        precondition(snapshot.pages.size == saved.size, "snapshot of a machine with another memory size")
        precondition(snapshot.processors.count == processors.count, "snapshot of a machine with another number of processors")
        // Pages that are in both lists are looked at twice; the second time they are as wanted.
        var written: [Int] = []
        memory.takeDirty { written.append($0) }
        for page in written { restore(page, snapshot.pages.tree[page]) }
        PageTree.differences(saved.tree, snapshot.pages.tree) { restore($0, snapshot.pages.tree[$0]) }
        // What was written just now is as the snapshot has it.
        memory.takeDirty { _ in }
        saved = snapshot.pages
        cpu.pointee.count = snapshot.instructionCount
        snapshot.processor.restore(to: self)
        processors = snapshot.processors
        devices.restore(snapshot.devices)
        cpu.pointee.setA20(open: isA20Enabled)
        cpu.pointee.flushTLB()
    }

    /// Makes a page what it was; nil means zeros.
    private func restore(_ page: Int, _ wanted: SavedPage?) {
        let start = memory.base + page * 4096
        if let wanted {
            guard memcmp(start, wanted.bytes, 4096) != 0 else { return }
            memory.noteWrite(UInt32(page) << 12, 4096)
            start.copyMemory(from: wanted.bytes, byteCount: 4096)
        } else {
            memory.noteWrite(UInt32(page) << 12, 4096)
            start.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
        }
    }
}
