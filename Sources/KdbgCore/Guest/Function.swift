// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Writes the code of one routine: the `f` of kernel code.
///
/// Each statement emits its instructions at once, as a compiler without optimisation does: values are computed in EAX with ECX and EDX as
/// helpers, arguments and locals live in the EBP frame. Every statement remembers the Swift line that wrote it.
package final class Function {
    let routine: Routine
    var assembler = Assembler()
    /// Everything the code refers to, in order of first use.
    private(set) var references: [AnyItem] = []
    private var known: Set<AnyItem> = []
    /// First offset of each run of code that a source line wrote.
    private(set) var lines: [(offset: Int, line: SourceLine)] = []
    private var frameBytes: Int32 = 0
    private var savesRegisters = false
    private let epilogue: Assembler.Label
    private var returnIsPending = false
    private var loops: [(again: Assembler.Label, end: Assembler.Label)] = []
    /// Code that this link adds to the routine.
    private let insertions: [LinkVariant.Insertion]

    init(_ routine: Routine, insertions: [LinkVariant.Insertion] = []) {
        self.routine = routine
        self.insertions = insertions
        epilogue = assembler.newLabel()
    }

    // MARK: Arguments and locals

    /// The argument with that index, from 0.
    package func argument(_ index: Int) -> Value {
        precondition(routine.convention == .cdecl || index < routine.parameters.count, "\(routine.name) has no argument \(index)")
        return Value(.frame(8 + 4 * Int32(index)))
    }

    /// The argument with that index as a pointer to a structure.
    package func argument<Target: Structure>(_ index: Int, _ type: Target.Type) -> Pointer<Target> { Pointer(argument(index)) }

    /// The address of the argument with that index, where a variable argument list may start.
    package func addressOfArgument(_ index: Int) -> Value { Value(.frameAddress(8 + 4 * Int32(index))) }

    /// A new 32-bit local; what it holds is undefined until it is set.
    package func local() -> Value {
        frameBytes += 4
        return Value(.frame(-frameBytes))
    }

    /// A new 32-bit local that starts with a value.
    package func local(_ initial: some Operand, file: StaticString = #fileID, line: UInt = #line) -> Value {
        let local = local()
        set(local, initial, file: file, line: line)
        return local
    }

    /// A new local that holds a pointer.
    package func local<Target: Structure>(
        _ initial: Pointer<Target>, file: StaticString = #fileID, line: UInt = #line
    ) -> Pointer<Target> {
        Pointer(local(initial.value, file: file, line: line))
    }

    /// A new local that will hold a pointer.
    package func local<Target: Structure>(_ type: Target.Type) -> Pointer<Target> { Pointer(local()) }

    /// A structure in the frame; what it holds is undefined.
    package func structure<Target: Structure>(_ type: Target.Type) -> Pointer<Target> { Pointer(buffer(Target.size)) }

    /// Bytes in the frame, 4-byte aligned; the value is their address.
    package func buffer(_ size: UInt32) -> Value {
        frameBytes += Int32((size + 3) & ~3)
        return Value(.frameAddress(-frameBytes))
    }

    // MARK: Book-keeping

    /// Remembers that the instructions from here on come from a source line.
    func mark(_ file: StaticString, _ line: UInt) {
        flushReturn()
        let path = "\(file)"
        let line = SourceLine(file: String(path[path.index(after: path.firstIndex(of: "/") ?? path.startIndex)...]), line: Int(line))
        if lines.last?.line != line { lines.append((assembler.position, line)) }
    }

    /// The name under which the assembler refers to an item, which is linked in from now on.
    func symbol(_ item: AnyItem) -> String {
        if known.insert(item).inserted { references.append(item) }
        return item.key
    }

    /// The name of an item of the same image, for use in `asm`.
    package func symbol(_ item: some Item) -> String {
        precondition(item.module == routine.module, "\(routine.name) cannot name \(item.name) of another image")
        return symbol(AnyItem(item))
    }

    /// The name of another image's item, whose import cell is `__imp_` and that name, for use in `asm`.
    package func importedSymbol(_ item: some Item) -> String { symbol(AnyItem(item)) }

    /// The memory cell of the import table that holds the address of another image's item.
    func importCell(_ item: AnyItem) -> Assembler.Memory {
        .symbol("__imp_" + symbol(item))
    }

    /// EBX, ESI and EDI are used: the prologue saves them.
    func saveRegisters() { savesRegisters = true }

    // MARK: Control flow

    /// Leaves the routine with a value in EAX.
    package func `return`(_ value: some Operand, file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        compute(value.value.node)
        returnIsPending = true
    }

    /// Leaves the routine; EAX holds nothing of interest.
    package func `return`(file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        returnIsPending = true
    }

    /// The jump to the epilogue is left out where the epilogue follows anyway.
    private func flushReturn() {
        guard returnIsPending else { return }
        returnIsPending = false
        assembler.jmp(epilogue)
    }

    func bind(_ label: Assembler.Label) {
        flushReturn()
        assembler.bind(label)
    }

    /// Runs `body` when `condition` is non-zero.
    package func `if`(_ condition: Value, file: StaticString = #fileID, line: UInt = #line, _ body: () -> Void) {
        mark(file, line)
        let end = assembler.newLabel()
        branch(condition.node, to: end, when: false)
        body()
        bind(end)
    }

    /// Runs one of two bodies.
    package func `if`(
        _ condition: Value, file: StaticString = #fileID, line: UInt = #line, _ body: () -> Void, else other: () -> Void
    ) {
        mark(file, line)
        let otherwise = assembler.newLabel()
        let end = assembler.newLabel()
        branch(condition.node, to: otherwise, when: false)
        body()
        if returnIsPending { flushReturn() } else { assembler.jmp(end) }
        assembler.bind(otherwise)
        other()
        bind(end)
    }

    /// Runs `body` as long as `condition` is non-zero. A condition that makes a call has emitted it by now, once and in front of the loop: that is a mistake, and traps.
    package func `while`(_ condition: Value, file: StaticString = #fileID, line: UInt = #line, _ body: () -> Void) {
        let before = lines.last?.line
        mark(file, line)
        precondition(before == nil || before != lines.last?.line, "\(routine.name): call in the condition of a loop, \(file):\(line)")
        cycle(condition, body)
    }

    /// The loop itself; its line is marked.
    private func cycle(_ condition: Value, _ body: () -> Void) {
        let again = assembler.newLabel()
        let end = assembler.newLabel()
        assembler.bind(again)
        branch(condition.node, to: end, when: false)
        loops.append((again, end))
        body()
        loops.removeLast()
        flushReturn()
        assembler.jmp(again)
        assembler.bind(end)
    }

    /// Runs `body` again and again, until `break` or `return`.
    package func loop(file: StaticString = #fileID, line: UInt = #line, _ body: () -> Void) {
        mark(file, line)
        cycle(1, body)
    }

    /// Leaves the innermost loop.
    package func `break`(file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        assembler.jmp(loops.last!.end)
    }

    /// Goes on with the innermost loop's condition.
    package func `continue`(file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        assembler.jmp(loops.last!.again)
    }

    /// Visits the entries of a list with a head; `body` may unlink the entry it is given.
    package func forEach(
        in head: Value, file: StaticString = #fileID, line: UInt = #line, _ body: (_ entry: Value) -> Void
    ) {
        let following = local(head.dword(), file: file, line: line)
        let entry = local()
        cycle(following != head) {
            set(entry, following, file: file, line: line)
            set(following, entry.dword(), file: file, line: line)
            body(entry)
        }
    }

    /// A place with a name where a link variant may add code; usually there is none.
    /// - Parameter name: unique in the routine; nil is its beginning, which every routine has.
    package func seam(_ name: String?) {
        for insertion in insertions where insertion.seam == name { insertion.code(self) }
    }

    // MARK: The finished code

    /// What the linker gets of a routine.
    struct Code {
        var bytes: [UInt8]
        var relocations: [Assembler.Relocation]
        var lines: [(offset: Int, line: SourceLine)]
    }

    /// Adds prologue and epilogue, as a compiler of the period makes them.
    func finish() -> Code {
        if case .naked = routine.body {
            assembler.resolveLabels()
            return Code(bytes: assembler.bytes, relocations: assembler.relocations, lines: lines)
        }
        assembler.bind(epilogue)
        if savesRegisters {
            assembler.pop(.edi)
            assembler.pop(.esi)
            assembler.pop(.ebx)
        }
        if frameBytes > 0 { assembler.leave() } else { assembler.pop(.ebp) }
        assembler.ret(routine.convention == .stdcall ? UInt16(4 * routine.parameters.count) : 0)
        assembler.resolveLabels()

        var prologue = Assembler()
        prologue.push(.ebp)
        prologue.mov(.ebp, .esp)
        if frameBytes > 0 { prologue.alu(.sub, .esp, UInt32(frameBytes)) }
        if savesRegisters {
            prologue.push(.ebx)
            prologue.push(.esi)
            prologue.push(.edi)
        }
        let shift = prologue.position
        var relocations = assembler.relocations
        for index in relocations.indices { relocations[index].offset += shift }
        var shifted = lines.map { (offset: $0.offset + shift, line: $0.line) }
        if let first = shifted.first { shifted[0] = (0, first.line) }
        return Code(bytes: prologue.bytes + assembler.bytes, relocations: relocations, lines: shifted)
    }
}
