// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Sees what KD does to be called again and to get its first I/O, by code stops and data stops that nobody else notices. It knows the mechanisms' meeting places
/// (cells, lists, services), not what any of them does there.
final class MechanismObserver {
    private let machine: Machine
    private let guest: Guest
    private var symbols: SymbolTable { guest.symbols }
    private(set) var events: [MechanismEvent] = []
    private(set) var printed: [UInt8] = []

    /// Routines by their address: what is made of a call of them.
    private var routines: [UInt32: (symbol: Symbol, meaning: Meaning)] = [:]
    /// Calls whose return is waited for.
    private var pending: [(address: UInt32, stack: UInt32, event: Int)] = []
    /// Lists that are watched, by the address of the head's Blink, with the entries it has named so far.
    private var lists: [UInt32: (name: String, seen: Set<UInt32>)] = [:]
    private var cells: [UInt32: String] = [:]
    /// Entries that KD has put into a list, by the address of the Flink that points at them: when that is written again they are gone.
    private var entries: [UInt32: (list: String, entry: UInt32)] = [:]

    private enum Meaning {
        case called, provider, create, write, allocate, free, registry, driverEntry, script, begin, print, debuggerPrint
    }

    private static let places: [(names: [String], meaning: Meaning)] = [
        (["KdpInitDriver", "KdpDllInitialize", "KdpDriverReinit", "KdbpCliInit"], .called), (["KdDebuggerInitialize1"], .begin),
        (["KdpDebugLogInit", "KdbInitialize"], .provider), (["NtCreateFile", "ZwCreateFile"], .create),
        (["NtWriteFile", "ZwWriteFile"], .write),
        (["ExAllocatePoolWithTag"], .allocate), (["ExFreePoolWithTag"], .free),
        (["NtCreateKey", "ZwCreateKey", "NtSetValueKey", "ZwSetValueKey", "NtDeleteKey", "ZwDeleteKey"], .registry),
        (["KdpDriverEntry"], .driverEntry), (["KdbpCliInterpretInitFile"], .script), (["KdLogDbgPrint"], .print),
        (["KdbpPrint"], .debuggerPrint),
    ]

    init(_ guest: Guest) {
        machine = guest.machine
        self.guest = guest
        for place in Self.places {
            for case let symbol? in place.names.map({ guest.kernelSymbol($0) }) {
                routines[symbol.address] = (symbol, place.meaning)
                machine.insertCodeStop(at: symbol.address)
            }
        }
        if let table = guest.kernelSymbol("HalDispatchTable") {
            cells[table.address &+ HAL_DISPATCH.layout.HalInitPnpDriver.offset] = "HalDispatchTable+0x34"
        }
        for name in ["PsLoadedModuleList", "DriverBootReinitListHead", "DriverReinitListHead"] {
            if let symbol = guest.kernelSymbol(name) { watch(symbol.address, name) }
        }
        for cell in cells.keys.sorted() { _ = machine.insertDataStop(address: cell, length: 4, onRead: false, onWrite: true) }
    }

    private func watch(_ head: UInt32, _ name: String) {
        lists[head &+ 4] = (name, [head])
        _ = machine.insertDataStop(address: head &+ 4, length: 4, onRead: false, onWrite: true)
    }

    // MARK: Who did it

    /// Routines on the stack, innermost first.
    /// - Parameter entered: the machine stands at a routine's first instruction, where the stack has no frame of it yet.
    private func callers(entered: Bool) -> [String] {
        let registers = machine.registers
        var names: [String] = []
        let first = entered ? machine.read32(linear: registers.esp) : registers.eip
        if let first, let symbol = symbols.symbol(containing: first) { names.append(symbol.name) }
        var frame = registers.ebp
        while frame != 0, names.count < 24, let back = machine.read32(linear: frame &+ 4), let next = machine.read32(linear: frame) {
            if let symbol = symbols.symbol(containing: back) { names.append(symbol.name) }
            guard next > frame else { break }
            frame = next
        }
        return names
    }

    /// The innermost routine of KD's on the stack.
    private func debuggerRoutine(entered: Bool) -> String? {
        callers(entered: entered).first { $0.hasPrefix("Kd") }
    }

    // MARK: Arrivals

    func observes(_ address: UInt32) -> Bool {
        routines[address] != nil || pending.contains { $0.address == address }
    }

    func arrived(at address: UInt32) {
        let stack = machine.registers.esp
        if let index = pending.lastIndex(where: { $0.address == address && stack > $0.stack && stack &- $0.stack <= 0x44 }) {
            let (_, _, event) = pending.remove(at: index)
            machine.removeCodeStop(at: address)
            events[event].end = now
            events[event].status = machine.registers.eax
        }
        guard let (symbol, meaning) = routines[address] else { return }
        entered(symbol, meaning)
    }

    private var now: Mark { Mark(instruction: machine.instructionCount) }

    private func argument(_ index: UInt32) -> UInt32 {
        machine.read32(linear: machine.registers.esp &+ 4 &+ 4 * index) ?? 0
    }

    private func note(_ kind: MechanismEvent.Kind, _ subject: String, by routine: String, number: UInt32 = 0, awaited: Bool = false) {
        events.append(MechanismEvent(kind: kind, subject: subject, routine: routine, mark: now, number: number))
        guard awaited, let back = machine.read32(linear: machine.registers.esp) else { return }
        machine.insertCodeStop(at: back)
        pending.append((back, machine.registers.esp, events.count - 1))
    }

    private func entered(_ symbol: Symbol, _ meaning: Meaning) {
        switch meaning {
        case .begin:
            watchLoaderLists(argument(0))
            note(.called, symbol.name, by: symbol.name, awaited: true)
        case .called:
            let count = symbol.name == "KdpDriverReinit" ? argument(2) : 0
            note(.called, symbol.name, by: symbol.name, number: count, awaited: true)
        case .provider: note(.phase, symbol.name, by: symbol.name, number: argument(1), awaited: true)
        case .create:
            guard let routine = debuggerRoutine(entered: true) else { return }
            note(.opened, path(ofAttributes: argument(2)), by: routine, awaited: true)
        case .write:
            guard let routine = debuggerRoutine(entered: true) else { return }
            note(.wrote, "", by: routine, number: argument(6), awaited: true)
        case .allocate:
            guard argument(2) == Self.tag, let caller = callers(entered: true).first else { return }
            note(.allocated, "KDBG", by: caller, number: argument(1), awaited: true)
        case .free:
            guard argument(1) == Self.tag, let caller = callers(entered: true).first else { return }
            note(.freed, "KDBG", by: caller)
        case .registry:
            guard let routine = debuggerRoutine(entered: true) else { return }
            note(.registry, symbol.name, by: routine, awaited: true)
        case .driverEntry:
            let maker = callers(entered: true).first { $0.hasPrefix("Io") } ?? ""
            let name = argument(0) &+ DRIVER_OBJECT.layout.DriverName.offset
            note(.object, unicode(at: name), by: maker)
        case .script: note(.script, "KDBinit", by: symbol.name)
        case .print: collect(machine.read32(linear: argument(0) &+ 4) ?? 0, machine.read16(linear: argument(0)).map(UInt32.init) ?? 0)
        case .debuggerPrint: collect(argument(0), argument(1))
        }
    }

    /// 'KDBG'.
    private static let tag: UInt32 = 0x4742_444B

    private func collect(_ text: UInt32, _ length: UInt32) {
        printed += machine.readBytes(linear: text, count: Int(min(length, 0x10_0000))) ?? []
    }

    /// The lists of the loader block are there before the kernel; KD sees them first in its phase 1.
    private func watchLoaderLists(_ block: UInt32) {
        guard block != 0, lists.count < 5 else { return }
        watch(block &+ LOADER_PARAMETER_BLOCK.layout.LoadOrderListHead.offset, "LoadOrderListHead")
        watch(block &+ LOADER_PARAMETER_BLOCK.layout.BootDriverListHead.offset, "BootDriverListHead")
        for list in lists.keys { seed(list) }
    }

    /// Remembers what a list holds.
    private func seed(_ list: UInt32) {
        let head = list &- 4
        var entry = machine.read32(linear: head) ?? head
        for _ in 0..<1000 where entry != head && entry != 0 {
            lists[list]?.seen.insert(entry)
            entry = machine.read32(linear: entry) ?? head
        }
    }

    /// Takes note of a write to a watched place.
    func noticed(_ hit: DataStopHit) {
        guard hit.isWrite else { return }
        let value = machine.read32(linear: hit.address) ?? 0
        if let cell = cells[hit.address] {
            guard let routine = debuggerRoutine(entered: false) else { return }
            note(.patched, cell, by: routine, number: value)
        } else if let list = lists[hit.address] {
            guard lists[hit.address]?.seen.insert(value).inserted == true, let routine = debuggerRoutine(entered: false) else { return }
            note(.linked, list.name, by: routine, number: value)
            let before = machine.read32(linear: value &+ 4) ?? 0
            if entries.updateValue((list.name, value), forKey: before) == nil {
                _ = machine.insertDataStop(address: before, length: 4, onRead: false, onWrite: true)
            }
        } else if let (list, entry) = entries[hit.address], entry != value, let routine = debuggerRoutine(entered: false) {
            note(.unlinked, list, by: routine, number: entry)
            entries[hit.address]?.entry = value
        }
    }

    // MARK: Texts

    private func path(ofAttributes attributes: UInt32) -> String {
        unicode(at: machine.read32(linear: attributes &+ OBJECT_ATTRIBUTES.layout.ObjectName.offset) ?? 0)
    }

    private func unicode(at string: UInt32) -> String {
        guard let length = machine.read16(linear: string), let buffer = machine.read32(linear: string &+ 4), length <= 1024,
            let bytes = machine.readBytes(linear: buffer, count: Int(length))
        else { return "?" }
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
        return String(decoding: units, as: UTF16.self).harmless()
    }
}
