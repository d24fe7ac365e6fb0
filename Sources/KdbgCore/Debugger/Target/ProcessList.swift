// SPDX-License-Identifier: GPL-3.0-or-later

/// A process as its EPROCESS in guest memory describes it (spec/boot.md section 5.14).
struct ProcessRecord: Equatable {
    /// Virtual address of the EPROCESS.
    var address: UInt32
    var id: UInt32
    /// `Pcb.State`: where the process's memory is.
    var state: UInt8
    var imageName: String

    var stateName: String {
        switch state {
        case 0: "In Memory"
        case 1: "Out of Memory"
        default: "In Transition"
        }
    }
}

/// A thread as its ETHREAD in guest memory describes it (spec/boot.md section 5.13).
struct ThreadRecord: Equatable {
    /// Virtual address of the ETHREAD.
    var address: UInt32
    var id: UInt32
    var state: UInt8
    var priority: Int8
    var affinity: UInt32

    var stateName: String {
        let names = ["Initialized", "Ready", "Running", "Standby", "Terminated", "Waiting", "Transition", "DeferredReady"]
        return Int(state) < names.count ? names[Int(state)] : "Unknown"
    }

    /// Frame pointer and program counter: from the trap frame, or from the saved kernel stack (spec/kdbg.md section 1.5); zeros when there is neither.
    func place(in target: any Target) -> (ebp: UInt32, eip: UInt32) {
        if let frame = target.read32(address &+ 0x110), frame != 0 {
            return (target.read32(frame &+ 0x60) ?? 0, target.read32(frame &+ 0x68) ?? 0)
        }
        guard let stack = target.read32(address &+ 0x20), stack != 0 else { return (0, 0) }
        let ebp = AttachedThread(thread: address, in: target).registers.ebp
        return (ebp, ebp == 0 ? 0 : target.read32(ebp &+ 4) ?? 0)
    }
}

/// Walks the kernel's processes and threads. Lists in guest memory may loop or lead nowhere, so every walk is bounded.
struct ProcessList {
    private let target: any Target
    private static let limit = 1024

    /// The thread the user is attached to, which counts as the current one.
    private let attached: UInt32?

    init(_ target: any Target, attached: UInt32? = nil) {
        self.target = target
        self.attached = attached
    }

    /// The thread that entered the debugger, whoever the user is attached to.
    var running: ThreadRecord? { ProcessList(target).currentThread }

    /// Everything on `PsActiveProcessHead`.
    var processes: [ProcessRecord] {
        guard let head = target.symbols.symbol(named: "PsActiveProcessHead")?.address else { return [] }
        return walk(head).map { process(at: $0 &- 0x98) }
    }

    /// The running thread, from the PCR.
    var currentThread: ThreadRecord? {
        guard let address = attached ?? target.read32(ProcessorState.pcr &+ 0x124), address != 0 else { return nil }
        return thread(at: address)
    }

    /// The running thread's process.
    var current: ProcessRecord? {
        guard let thread = currentThread, let address = target.read32(thread.address &+ 0x38), address != 0 else { return nil }
        return process(at: address)
    }

    func threads(of process: ProcessRecord) -> [ThreadRecord] {
        walk(process.address &+ 0x180).map { thread(at: $0 &- 0x224) }
    }

    /// The threads of all processes, as far as a system could have so many.
    var allThreads: [ThreadRecord] {
        var threads: [ThreadRecord] = []
        for process in processes where threads.count < Self.mostThreads { threads += self.threads(of: process) }
        return threads
    }

    private static let mostThreads = 8192

    private func walk(_ head: UInt32) -> [UInt32] {
        var entries: [UInt32] = []
        var seen: Set<UInt32> = []
        var entry = target.read32(head)
        while let address = entry, address != head, address != 0, entries.count < Self.limit, seen.insert(address).inserted {
            entries.append(address)
            entry = target.read32(address)
        }
        return entries
    }

    func process(at address: UInt32) -> ProcessRecord {
        let name = target.readBytes(address &+ 0x164, count: 16) ?? []
        return ProcessRecord(
            address: address, id: target.read32(address &+ 0x94) ?? 0, state: target.read8(address &+ 0x66) ?? 0,
            imageName: String(decoding: name.prefix { $0 != 0 }, as: UTF8.self).harmless())
    }

    private func thread(at address: UInt32) -> ThreadRecord {
        ThreadRecord(
            address: address, id: target.read32(address &+ 0x1E8) ?? 0, state: target.read8(address &+ 0x4C) ?? 0,
            priority: Int8(bitPattern: target.read8(address &+ 0x5B) ?? 0), affinity: target.read32(address &+ 0x12C) ?? 0)
    }
}
