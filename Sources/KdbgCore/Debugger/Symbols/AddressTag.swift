// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes addresses the way KDBG does: `<module:rva (file:line (function))>` (spec/kdbg.md section 1.10).
package struct AddressTagger {
    private let target: any Target
    private let modules: [LoadedModule]
    /// The lowest address of any module and the highest; most of memory is outside.
    private let bounds: ClosedRange<UInt32>?

    /// Reads the module list once, so one tagger should serve one command.
    package init(_ target: any Target) {
        self.target = target
        modules = ModuleList.modules(in: target)
        let lowest = modules.map(\.base).min()
        let highest = modules.map { $0.base &+ $0.size }.max()
        bounds =
            if let lowest, let highest, lowest <= highest, modules.allSatisfy({ $0.base <= $0.base &+ $0.size }) {
                lowest...highest
            } else {
                modules.isEmpty ? nil : 0...UInt32.max
            }
    }

    /// The tag of a virtual address, or nil when no module holds it.
    ///
    /// A program without our kernel has no modules: there it is the symbol, `<hello!print+0x3>`.
    package func tag(_ address: UInt32) -> String? {
        guard target.hasKernel else {
            return target.symbols.symbol(containing: address).map { symbol in
                let offset = address - symbol.address
                return "<\(symbol.module)!\(symbol.name)" + (offset == 0 ? ">" : "+0x\(offset.hex())>")
            }
        }
        guard let place = place(of: address) else { return nil }
        guard let symbol = target.symbols.symbol(containing: address), let line = target.symbols.line(containing: address) else {
            return "<\(place)>"
        }
        return "<\(place) (\(line.file):\(line.line) (\(symbol.name)))>"
    }

    /// Module and relative address; of user mode, whose images are in no list of the kernel's, those that are ours, and those that the process itself lists.
    private func place(of address: UInt32) -> String? {
        guard address >= 0x8000_0000 else {
            if let image = target.symbols.image(containing: address) { return "\(image.file):\((address - image.base).hex())" }
            guard let module = ModuleList.userModules(in: target).first(where: { $0.contains(address) }) else { return nil }
            return "\(module.name.prefix(63)):\((address - module.base).hex())"
        }
        guard let bounds, bounds.contains(address) else { return nil }
        return modules.first { $0.contains(address) }.map { "\($0.name.prefix(63)):\((address - $0.base).hex())" }
    }

    /// The tag, or `<%08x>`, as in disassembly and stack frames.
    package func tagOrHex(_ address: UInt32) -> String {
        tag(address) ?? "<\(address.hex(8))>"
    }

    /// The tag, or `<%p>`, as in memory dumps and at the program counter.
    package func tagOrPointer(_ address: UInt32) -> String {
        tag(address) ?? "<\(address.pointer)>"
    }
}
