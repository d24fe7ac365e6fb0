// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// A kernel that is run without a debugger, from routine to routine, with drivers of the test's own.
final class KernelRun {
    let guest: Guest
    private(set) var serial = ""
    private var isAtStop = false
    /// Drivers move; this is who notices.
    private let modules: ModuleObserver

    var machine: Machine { guest.machine }

    /// - Parameters:
    ///   - extra: boot drivers behind the usual ones.
    ///   - files: of `\ReactOS`; without a System32 among them there is one with the session manager.
    ///   - systemDll: `ntdll.dll`; nil leaves it out.
    init(
        options: String = "DEBUG DEBUGPORT=COM1", memoryMiB: Int = 64, extra: [DriverImage] = [], without missing: Set<String> = [],
        files: [BootVolume.Node] = [], systemDll: [UInt8]? = UserPrograms.systemDll.file, disk: BootDisk? = nil, fromRamDisk: Bool = false,
        registry: (inout SystemHive) -> Void = { _ in }
    ) {
        let drivers = DriverImage.all.filter { !missing.contains($0.service) } + extra
        let program = BootVolume.Node.folder("System32", [.file("smss.exe", SessionManager.image.file)])
        let all = files.contains { $0.name == "System32" } ? files : files + [program]
        var tree = BootFiles()
        tree.add("ReactOS", folder: all)
        if let systemDll { tree.add(BootFiles.system + #"\ntdll.dll"#, systemDll) }
        var hive = SystemHive(drivers: drivers)
        registry(&hive)
        guest = .boot(options: options, memoryMiB: memoryMiB, drivers: drivers, hive: hive, fromRamDisk: fromRamDisk) { [tree] _ in
            disk ?? BootDisk(holding: tree)
        }
        modules = ModuleObserver(guest)
    }

    /// A guest that has been booted already.
    init(guest: Guest) {
        self.guest = guest
        modules = ModuleObserver(guest)
        _ = modules.refresh()
    }

    /// Runs until the first instruction of a routine, or of the crash routine; yields the routine's name, nil when neither comes.
    @discardableResult
    func run(to names: String..., limit: UInt64 = 100_000_000) -> String? {
        let wanted = names + ["KeBugCheckWithTf"]
        var addresses: [UInt32] = []
        func place() {
            for address in addresses { machine.removeCodeStop(at: address) }
            addresses = wanted.compactMap { guest.symbols.symbol(named: $0)?.address }
            for address in addresses { machine.insertCodeStop(at: address) }
        }
        place()
        defer { for address in addresses { machine.removeCodeStop(at: address) } }
        let end = machine.instructionCount + limit
        while true {
            let reason = machine.run(until: end, passingStopAtStart: isAtStop)
            isAtStop = false
            serial += String(decoding: machine.drainSerial(port: 0), as: UTF8.self)
            switch reason {
            case .vmcall: guest.serve()?.finish(0)
            case .codeStop(let address):
                isAtStop = true
                if modules.observes(address), modules.refresh() { place() }
                guard addresses.contains(address) else { continue }
                return guest.symbols.symbol(containing: address)?.name
            default: return nil
            }
        }
    }

    /// Runs until the current routine, at its first instruction, has returned; yields EAX.
    func runToReturn() -> UInt32 {
        let address = read(machine.registers.esp)
        let stack = machine.registers.esp
        machine.insertCodeStop(at: address)
        defer { machine.removeCodeStop(at: address) }
        while machine.registers.esp <= stack {
            let reason = machine.run(until: machine.instructionCount + 30_000_000, passingStopAtStart: isAtStop)
            isAtStop = false
            switch reason {
            case .vmcall: guest.serve()?.finish(0)
            case .codeStop(let address):
                isAtStop = true
                if modules.observes(address) { _ = modules.refresh() }
            default: return ~0
            }
        }
        return machine.registers.eax
    }

    /// An argument of the routine that is about to run, from 0.
    func argument(_ index: UInt32) -> UInt32 { read(machine.registers.esp + 4 + 4 * index) }

    // MARK: Memory

    func read(_ address: UInt32) -> UInt32 { machine.read32(linear: address) ?? 0xDEAD_DEAD }
    func word(_ address: UInt32) -> UInt32 { UInt32(machine.read16(linear: address) ?? 0xDEAD) }
    func byte(_ address: UInt32) -> UInt32 { UInt32(machine.read8(linear: address) ?? 0xDD) }

    /// Writes a UNICODE_STRING and its characters.
    func write(_ address: UInt32, name: String, characters: UInt32) {
        let units = Array(name.utf16)
        write(address, UInt32(2 * units.count) * 0x1_0001)
        write(address + 4, characters)
        _ = machine.writeBytes(linear: characters, units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
    }

    /// The address of a variable or routine.
    func address(_ name: String) -> UInt32 { guest.symbols.symbol(named: name)?.address ?? 0 }

    /// A variable's 32 bits.
    func variable(_ name: String) -> UInt32 { read(address(name)) }

    /// The text of a UNICODE_STRING.
    func string(_ address: UInt32) -> String {
        let bytes = machine.readBytes(linear: read(address + 4), count: Int(word(address))) ?? []
        return String(
            decoding: stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }, as: UTF16.self)
    }

    /// The entries of a list by address.
    func list(_ head: UInt32) -> [UInt32] {
        var entries: [UInt32] = []
        var entry = read(head)
        while entry != head, entries.count < 1000, entry != 0xDEAD_DEAD {
            entries.append(entry)
            entry = read(entry)
        }
        return entries
    }

    // MARK: Objects

    /// Objects of a directory by name.
    func directory(_ object: UInt32) -> [String: UInt32] {
        var result: [String: UInt32] = [:]
        for bucket in 0..<37 as Range<UInt32> {
            var entry = read(object + 4 * bucket)
            while entry != 0, result.count < 1000 {
                let body = read(entry + 4)
                result[name(body)] = body
                entry = read(entry)
            }
        }
        return result
    }

    /// The name an object has in its directory.
    func name(_ object: UInt32) -> String {
        let header = object - 0x18
        let offset = byte(header + 0x0C)
        return offset == 0 ? "" : string(header - offset + 4)
    }

    /// The object with a path such as `\Driver\Disk`; 0 when there is none. Links are not followed.
    func object(_ path: String) -> UInt32 {
        path.split(separator: "\\").reduce(variable("ObpRootDirectoryObject")) { $0 == 0 ? 0 : directory($0)[String($1)] ?? 0 }
    }

    /// Names below a directory, sorted.
    func names(_ path: String) -> [String] { directory(object(path)).keys.sorted() }

    /// What a symbolic link points to.
    func target(_ path: String) -> String { string(object(path) + 8) }

    /// PointerCount and HandleCount.
    func counts(_ object: UInt32) -> [UInt32] { [read(object - 0x18), read(object - 0x14)] }

    /// The first node of the device tree, from the root on, whose instance path is accepted; 0 when there is none.
    func node(_ accept: (String) -> Bool) -> UInt32 { node(variable("IopRootDeviceNode"), accept) }

    private func node(_ first: UInt32, _ accept: (String) -> Bool) -> UInt32 {
        var node = first
        while node != 0 {
            if accept(string(node + 0xA4)) { return node }
            let below = self.node(read(node + 4), accept)
            if below != 0 { return below }
            node = read(node)
        }
        return 0
    }
}
