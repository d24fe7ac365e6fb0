// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KdbgCore

/// A target made by hand: 4 KiB pages that are there or not, registers that stay what they are, stops that are only counted.
final class FakeTarget: Target {
    var registers = RegisterView()
    var system = SystemRegisters()
    var symbols = SymbolTable()
    private var pages: [UInt32: [UInt8]] = [:]
    private(set) var codeStops: [UInt32: Int] = [:]
    private(set) var dataStops: [Int: (address: UInt32, length: Int, onRead: Bool, onWrite: Bool)] = [:]
    private var nextDataStop = 1

    /// Maps zeroed pages.
    func map(_ address: UInt32, pages count: Int = 1) {
        for page in 0..<UInt32(count) { self.pages[(address >> 12) + page] = Array(repeating: 0, count: 4096) }
    }

    func read8(_ address: UInt32) -> UInt8? { pages[address >> 12]?[Int(address & 0xFFF)] }

    func read16(_ address: UInt32) -> UInt16? {
        readBytes(address, count: 2).map { UInt16($0[0]) | UInt16($0[1]) << 8 }
    }

    func read32(_ address: UInt32) -> UInt32? {
        if address & 0xFFF <= 0xFFC {
            return pages[address >> 12].map { page in
                let start = Int(address & 0xFFF)
                return UInt32(page[start]) | UInt32(page[start + 1]) << 8 | UInt32(page[start + 2]) << 16 | UInt32(page[start + 3]) << 24
            }
        }
        return readBytes(address, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    func readBytes(_ address: UInt32, count: Int) -> [UInt8]? {
        let start = Int(address & 0xFFF)
        if start + count <= 4096 { return pages[address >> 12].map { Array($0[start..<start + count]) } }
        var bytes: [UInt8] = []
        for offset in 0..<UInt32(count) {
            guard let byte = read8(address &+ offset) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    @discardableResult func write32(_ address: UInt32, _ value: UInt32) -> Bool {
        writeBytes(address, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }

    @discardableResult func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool {
        guard readBytes(address, count: bytes.count) != nil else { return false }
        for (offset, byte) in bytes.enumerated() {
            let address = address &+ UInt32(offset)
            pages[address >> 12]?[Int(address & 0xFFF)] = byte
        }
        return true
    }

    func setRegister(_ register: Register, _ value: UInt32) {
        switch register {
        case .eip: registers.eip = value
        case .eax: registers.eax = value
        case .esp: registers.esp = value
        default: break
        }
    }

    func insertCodeStop(at address: UInt32) { codeStops[address, default: 0] += 1 }

    func removeCodeStop(at address: UInt32) {
        codeStops[address, default: 0] -= 1
        if codeStops[address] == 0 { codeStops[address] = nil }
    }

    func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int {
        defer { nextDataStop += 1 }
        dataStops[nextDataStop] = (address, length, onRead, onWrite)
        return nextDataStop
    }

    func removeDataStop(_ id: Int) { dataStops[id] = nil }
}

extension FakeTarget {
    /// A kernel of two modules at 0x80400000 and 0x80600000, with a routine, a stack of two frames, and registers at the routine's third instruction.
    static func kernel() -> FakeTarget {
        let target = FakeTarget()
        target.map(0x8000_0000, pages: 2)
        target.map(0x8040_0000, pages: 4)
        target.map(0x8060_0000)
        target.map(0x8080_0000)
        target.symbols = SymbolTable(
            symbols: [
                Symbol(
                    name: "IoInitSystem", module: "ntoskrnl", address: 0x8040_1000, size: 0x80, kind: .code, parameters: ["LoaderBlock"]),
                Symbol(name: "Phase1Initialization", module: "ntoskrnl", address: 0x8040_2000, size: 0x100, kind: .code),
                Symbol(name: "PsLoadedModuleList", module: "ntoskrnl", address: 0x8040_3000, size: 8, kind: .data),
                Symbol(name: "HalDispatchTable", module: "ntoskrnl", address: 0x8040_3100, size: 0x5C, kind: .data),
                Symbol(name: "Kd_WIN2000_Mask", module: "ntoskrnl", address: 0x8040_3200, size: 4, kind: .data),
                Symbol(name: "KdpComponentMasks", module: "ntoskrnl", address: 0x8040_3400, size: 155 * 4, kind: .data),
                Symbol(name: "HalInitPnpDriver", module: "hal", address: 0x8060_0100, size: 0x20, kind: .code),
            ],
            lines: [
                (0x8040_1000, SourceLine(file: "Io/Init.swift", line: 20)), (0x8040_1003, SourceLine(file: "Io/Init.swift", line: 21)),
                (0x8040_2000, SourceLine(file: "Ex/Phase1.swift", line: 7)),
            ])
        // push ebp; mov ebp, esp; sub esp, 0x10; mov dword [ebp-4], 0; call +0xFFB; call [0x80403134]; leave; ret 4
        target.writeBytes(
            0x8040_1000,
            [
                0x55, 0x89, 0xE5, 0x83, 0xEC, 0x10, 0xC7, 0x45, 0xFC, 0, 0, 0, 0, 0xE8, 0xEE, 0x0F, 0, 0, 0xFF, 0x15, 0x34, 0x31, 0x40,
                0x80,
                0xC9, 0xC2, 4, 0,
            ])
        // Modules: ntoskrnl.exe, hal.dll.
        target.addModule("ntoskrnl.exe", base: 0x8040_0000, size: 0x4000, entry: 0x8000_0100, next: 0x8000_0200)
        target.addModule("hal.dll", base: 0x8060_0000, size: 0x1000, entry: 0x8000_0200, next: 0x8040_3000)
        target.write32(0x8040_3000, 0x8000_0100)
        target.write32(0x8040_3004, 0x8000_0200)
        target.write32(0x8040_3200, 1)
        // Frames: IoInitSystem called from Phase1Initialization, called from nowhere.
        target.write32(0x8080_0E00, 0x8080_0F00)
        target.write32(0x8080_0E04, 0x8040_2025)
        target.write32(0x8080_0F00, 0)
        target.write32(0x8080_0F04, 0)
        target.registers.eip = 0x8040_1003
        target.registers.esp = 0x8080_0DF0
        target.registers.ebp = 0x8080_0E00
        target.registers.eax = 0x1234
        target.registers.eflags = 0x246
        target.registers.cs = 8
        target.registers.ss = 0x10
        target.registers.ds = 0x23
        target.registers.es = 0x23
        target.registers.fs = 0x30
        return target
    }

    private func addModule(_ name: String, base: UInt32, size: UInt32, entry: UInt32, next: UInt32) {
        write32(entry, next)
        write32(entry + 0x18, base)
        write32(entry + 0x20, size)
        write32(entry + 0x2C, UInt32(name.utf8.count * 2) | UInt32(name.utf8.count * 2) << 16)
        write32(entry + 0x30, entry + 0x60)
        writeBytes(entry + 0x60, name.utf8.flatMap { [$0, 0] })
    }
}
