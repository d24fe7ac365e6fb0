// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBG itself, as far as it does not run the machine: settings, breakpoints, exception conditions, and the view of a stopped target that commands work on.
package final class KernelDebugger {
    package let target: any Target
    package var breakpoints = BreakpointTable()
    package var conditions: ExceptionConditions
    package var syntax = Disassembler.Syntax.att
    /// Kept because `set` shows it; like KDBG's it has no effect (spec/kdbg.md section 1.8).
    package var breaksOnModuleLoad = false
    /// The registers of the interrupted code while the guest waits in the debugger; nil when the processor's own are the ones to show.
    package var context: RegisterView?
    /// Where in guest memory `context` comes from.
    package var contextAddress: UInt32?
    /// Virtual address of the EXCEPTION_RECORD the guest waits with.
    package var exceptionRecord: UInt32?
    /// The registers of the thread the user is attached to, as far as its stack has kept them (section 1.5).
    package var attached: AttachedThread? {
        didSet { target.directory = attached?.directory }
    }
    /// What the user has changed in the guest, oldest first.
    package internal(set) var journal: [GuestInput] = []
    /// Whether KDBG's harmless defects are to stay (`--quirks`).
    package let keepsQuirks: Bool
    /// Where the line being executed comes from.
    package internal(set) var origin = LineOrigin.scripted
    package var aliases = Aliases()
    package var queue = LineQueue()
    /// A command that is executed when the next line is `yes`.
    var confirming: String?
    /// The breakpoint whose commands are being typed, and the lines so far.
    var collecting: (breakpoint: Int, lines: [String])?
    /// What is to be said when no driver knows the last line either.
    var unknownLine = ""
    /// The host's files; nil where there are none to be had.
    package weak var files: (any HostFiles)?
    /// Name of the file that everything is copied to; nil when nothing is.
    var logName: String?
    /// Instructions retired so far.
    var now: () -> UInt64 = { 0 }
    /// What the session's observers have seen and guest memory does not keep.
    var providerRecords: () -> [ProviderObserver.Record] = { Array(repeating: ProviderObserver.Record(), count: 4) }
    var hookWrites: () -> [HookWrite] = { [] }
    var faultReports: () -> [FaultReport] = { [] }
    /// How KD gets to be called again.
    var mechanism = Mechanism.hook

    private let disassembler = Disassembler()

    /// - Parameter keepsQuirks: whether mends are turned off, where that does no harm.
    package init(target: any Target, keepsQuirks: Bool = false) {
        self.target = target
        self.keepsQuirks = keepsQuirks
        conditions = ExceptionConditions(keepsQuirks: keepsQuirks)
    }

    /// Takes what belongs to the user and not to the machine from the debugger of a machine that was reset: breakpoints with their commands, aliases,
    /// and the log. KDBG's own settings begin anew, as they would on a PC.
    func takeOver(from old: KernelDebugger) {
        breakpoints = old.breakpoints.rearmed(in: target, from: old.target.symbols)
        breakpoints.recompileConditions(compile)
        aliases = old.aliases
        files = old.files
        logName = old.logName
    }

    /// Images have moved, come or gone.
    /// - Parameter old: where they were.
    func follow(from old: SymbolTable) {
        breakpoints.follow(from: old, to: target.symbols, in: target)
        breakpoints.recompileConditions(compile)
    }

    /// The current view (section 1.5).
    package var registers: RegisterView {
        if let attached { return attached.registers }
        return target.selectedProcessor == nil ? context ?? target.registers : target.registers
    }

    /// Compiles and evaluates an expression with the current view.
    /// - Parameters:
    ///   - words: the words it consists of, not empty.
    ///   - line: the line they come from, for the caret.
    package func evaluate(_ words: ArraySlice<CommandLine.Word>, of line: CommandLine) throws(CommandError) -> UInt64 {
        do {
            return try compile(line.glued(words)).evaluate(registers: registers, target: target)
        } catch {
            throw CommandError(error, expressionAt: words.first?.offset ?? line.bytes.count)
        }
    }

    /// Compiles an expression in which the target's symbols may stand.
    package func compile(_ text: [UInt8]) throws(ExpressionError) -> Expression {
        let symbols = target.symbols
        return try Expression(
            text, regroupsComparisons: !mends(.comparisonChains), symbol: { symbols.symbol(named: $0)?.address },
            suggestion: symbols.nearestName)
    }

    /// The instruction at a virtual address; nil when there is none.
    package func decode(at address: UInt32, tagger: AddressTagger) -> DecodedInstruction? {
        decode(at: address, tagger: tagger.tagOrHex)
    }

    /// The same with another way to write the targets of branches.
    package func decode(at address: UInt32, tagger: (UInt32) -> String) -> DecodedInstruction? {
        let registers = registers
        return disassembler.decode(
            at: address, in: target, syntax: syntax, segment: registers.segment(of: address), is16Bit: registers.is16Bit, label: tagger)
    }

    /// Bytes of the instruction at a virtual address; nil when there is none.
    package func instructionLength(at address: UInt32) -> UInt32? {
        decode(at: address, tagger: { _ in "" }).map { UInt32($0.bytes.count) }
    }

    /// What KDBG shows after a step: the program counter's tag and the instruction there (section 3.6), without line end.
    package var currentInstruction: String {
        let tagger = AddressTagger(target)
        let address = registers.programCounter
        return "\(tagger.tagOrPointer(address)): \(decode(at: address, tagger: tagger)?.text ?? "<INVALID>")"
    }

    /// Whether a breakpoint that was hit stops the machine: when it has no condition, when that is not zero, and when it has no value (section 5.4).
    package func conditionHolds(_ number: Int) -> Bool {
        guard let condition = breakpoints.slots[number]?.condition else { return true }
        guard let value = try? condition.evaluate(registers: target.registers, target: target) else { return true }
        return value != 0
    }
}
