// SPDX-License-Identifier: GPL-3.0-or-later

/// `filter`: lets debug prints through or holds them back, by changing the masks in guest memory (spec/kdbg.md section 1.8).
enum DebugFilter {
    /// What one word of the command asks for.
    struct Change: Equatable {
        /// The bits of the mask it is about.
        var bits: UInt32
        var isSet: Bool
        var component: String
    }

    static func run(_ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput) throws(CommandError) -> Command.Verdict
    {
        guard !line.arguments.isEmpty else {
            list(&output)
            return .stay
        }
        // What KDBG sets and clears for a word, it sets and clears for those behind it too (mended).
        var bits: (set: UInt32, clear: UInt32) = (0, 0)
        for word in line.arguments {
            let change: Change
            do {
                change = try parse(word.text)
            } catch {
                // A bad level costs its word, a bad component the rest of the line.
                output.failure(error.message)
                continue
            }
            guard let component = DebugComponents.component(named: change.component) else {
                let near = Suggestion.nearest(to: change.component, in: DebugComponents.all.map(\.name))
                throw CommandError(
                    "filter: '\(change.component.harmless())' is not a valid component name!", hint: near.map { "Did you mean '\($0)'?" })
            }
            if debugger.mends(.filterSpill) { bits = (0, 0) }
            if change.isSet { bits.set |= change.bits } else { bits.clear |= change.bits }
            try apply(bits, to: component, debugger)
        }
        return .stay
    }

    /// Cuts a word at its first sign.
    static func parse(_ word: String) throws(CommandError) -> Change {
        guard let sign = word.firstIndex(where: { $0 == "+" || $0 == "-" }) else {
            return Change(bits: .max, isSet: true, component: word)
        }
        let level = String(word[..<sign])
        let bits: UInt32
        switch level.lowercased() {
        case "": bits = .max
        case "error": bits = 1
        case "warning": bits = 2
        case "trace": bits = 4
        case "info": bits = 8
        default:
            guard let number = CNumber.whole(level) else { throw CommandError("filter: bad class name '\(level.harmless())'") }
            bits = UInt32(truncatingIfNeeded: number)
        }
        return Change(bits: bits, isSet: word[sign] == "+", component: String(word[word.index(after: sign)...]))
    }

    /// Changes one mask. It is an input of the run, like everything that a user writes into the guest.
    private static func apply(
        _ bits: (set: UInt32, clear: UInt32), to component: DebugComponents.Component, _ debugger: KernelDebugger
    ) throws(CommandError) {
        let target = debugger.target
        let name = component.id == DebugComponents.systemWide ? "Kd_WIN2000_Mask" : "KdpComponentMasks"
        guard let symbol = target.symbols.symbol(named: name) else { throw CommandError("filter: this kernel has no \(name)") }
        let address = component.id == DebugComponents.systemWide ? symbol.address : symbol.address &+ component.id * 4
        guard let mask = target.read32(address) else { throw CommandError("Couldn't access memory at 0x\(address.pointer)") }
        let changed = (mask | bits.set) & ~bits.clear
        guard target.write32(address, changed) else { throw CommandError("Couldn't write memory at 0x\(address.pointer)") }
        if debugger.origin != .kdbinit {
            debugger.note(.memory(address: address, bytes: (0..<4).map { UInt8(truncatingIfNeeded: changed >> ($0 * 8)) }))
        }
    }

    private static func list(_ output: inout CommandOutput) {
        output.line("REMARKS:")
        output.line("- 'WIN2000' is the system-wide component, for debug prints without component id and level.")
        output.line("- 'DEFAULT' is the component of prints whose component id is unknown.")
        output.line()
        output.line("The list of debug filter components is:")
        output.line()
        output.line("    Component Name         Component ID")
        output.line("  ==================     ================")
        for component in DebugComponents.all {
            output.line("\(component.name.padded(left: 20))        0x\(component.id.hex(8))")
        }
    }
}
