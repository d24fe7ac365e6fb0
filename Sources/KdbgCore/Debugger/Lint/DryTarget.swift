// SPDX-License-Identifier: GPL-3.0-or-later

/// A target without a machine, for trying a command out: all memory is zero, nothing is kept, and it is known whether anything was looked at.
final class DryTarget: Target {
    let registers: RegisterView
    let symbols: SymbolTable
    /// Whether memory or system registers were read since this was last cleared: what a command says after that depends on the machine.
    var isTouched = false
    private var lastDataStop = 0

    /// - Parameter seed: what the registers are derived from: two targets of different seeds agree on none of them.
    init(symbols: SymbolTable, seed: UInt32) {
        self.symbols = symbols
        var registers = RegisterView()
        let fields: [WritableKeyPath<RegisterView, UInt32>] = [
            \.eip, \.eflags, \.eax, \.ebx, \.ecx, \.edx, \.esi, \.edi, \.esp, \.ebp, \.cs, \.ds, \.es, \.fs, \.gs, \.ss,
            \.dr0, \.dr1, \.dr2, \.dr3, \.dr6, \.dr7,
        ]
        // Aligned, so that no address is crooked in one target only.
        for (index, field) in fields.enumerated() { registers[keyPath: field] = seed &+ seed / 64 &* UInt32(index) }
        self.registers = registers
    }

    private func touched<Value>(_ value: Value) -> Value {
        isTouched = true
        return value
    }

    var system: SystemRegisters { touched(SystemRegisters()) }
    /// The page at 0 is missing, so that walks along pointers, which are all zero, end there.
    private func touched<Value>(_ address: UInt32, _ value: Value) -> Value? { touched(address < 0x1000 ? nil : value) }

    func read8(_ address: UInt32) -> UInt8? { touched(address, 0) }
    func read16(_ address: UInt32) -> UInt16? { touched(address, 0) }
    func read32(_ address: UInt32) -> UInt32? { touched(address, 0) }
    func readBytes(_ address: UInt32, count: Int) -> [UInt8]? { touched(address, Array(repeating: 0, count: count)) }
    func write32(_ address: UInt32, _ value: UInt32) -> Bool { touched(true) }
    func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool { touched(true) }
    func setRegister(_ register: Register, _ value: UInt32) { isTouched = true }

    func insertCodeStop(at address: UInt32) {}
    func removeCodeStop(at address: UInt32) {}
    func removeDataStop(_ id: Int) {}

    func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int {
        lastDataStop += 1
        return lastDataStop
    }
}
