// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KdbgCore

/// Eight pages of memory at 0, quick to read even without optimisation.
final class FlatTarget: Target {
    let registers = RegisterView()
    let system = SystemRegisters()
    let symbols: SymbolTable
    private var memory = [UInt8](repeating: 0, count: 0x8000)

    init(symbols: SymbolTable = LintTests.symbols) { self.symbols = symbols }

    private func range(_ address: UInt32, _ count: Int) -> Range<Int>? {
        Int(address) + count <= memory.count ? Int(address)..<Int(address) + count : nil
    }

    func read8(_ address: UInt32) -> UInt8? { range(address, 1).map { memory[$0.lowerBound] } }

    func read16(_ address: UInt32) -> UInt16? {
        range(address, 2).map { UInt16(memory[$0.lowerBound]) | UInt16(memory[$0.lowerBound + 1]) << 8 }
    }

    func read32(_ address: UInt32) -> UInt32? {
        range(address, 4).map { range in range.reversed().reduce(0) { $0 << 8 | UInt32(memory[$1]) } }
    }

    func readBytes(_ address: UInt32, count: Int) -> [UInt8]? { range(address, count).map { Array(memory[$0]) } }

    @discardableResult func write32(_ address: UInt32, _ value: UInt32) -> Bool {
        writeBytes(address, (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }

    @discardableResult func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool {
        guard let range = range(address, bytes.count) else { return false }
        memory.replaceSubrange(range, with: bytes)
        return true
    }

    func setRegister(_ register: Register, _ value: UInt32) {}
    func insertCodeStop(at address: UInt32) {}
    func removeCodeStop(at address: UInt32) {}
    func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int { 1 }
    func removeDataStop(_ id: Int) {}
}
