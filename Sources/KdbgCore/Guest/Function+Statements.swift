// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Assignments, calls, interlocked operations, block moves, ports.
extension Function {
    /// Stores a value in a local, a global's cell, or a field.
    package func set(_ place: some Operand, _ value: some Operand, file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        let source = value.value.node
        if case .constant(let number) = source {
            let (memory, width) = destination(place.value.node, keepEAX: false)
            assembler.mov(memory, number, width: width)
        } else if case .address(let item, let offset) = source, item.item.module == routine.module {
            let (memory, _) = destination(place.value.node, keepEAX: false)
            assembler.mov(memory, addressOf: symbol(item), addend: offset)
        } else {
            compute(source)
            let (memory, width) = destination(place.value.node, keepEAX: true)
            assembler.mov(memory, .eax, width: width)
        }
    }

    /// Adds to a 32-bit cell.
    package func add(_ place: Value, _ value: some Operand, file: StaticString = #fileID, line: UInt = #line) {
        set(place, place + value.value, file: file, line: line)
    }

    /// The address of a value that lies in memory.
    package func address(of value: Value) -> Value {
        switch value.node {
        case .frame(let offset): Value(.frameAddress(offset))
        case .load(let base, let offset, _, _): Value(base) + Value(UInt32(bitPattern: offset))
        default: preconditionFailure("not in memory")
        }
    }

    // MARK: Calls

    /// Calls a routine and keeps what it returns in EAX in a new local.
    @discardableResult
    package func call(_ routine: Routine, _ arguments: any Operand..., file: StaticString = #fileID, line: UInt = #line) -> Value {
        precondition(
            routine.convention == .cdecl || arguments.count == routine.parameters.count,
            "\(self.routine.name) calls \(routine.name) with \(arguments.count) arguments")
        return call(arguments, routine.convention, file, line) { [self] in emitCall(routine) }
    }

    /// Calls a cdecl routine with a list of arguments.
    @discardableResult
    func call(cdecl routine: Routine, _ arguments: [any Operand], _ file: StaticString, _ line: UInt) -> Value {
        call(arguments, .cdecl, file, line) { [self] in emitCall(routine) }
    }

    /// CALL, through the import table when the routine is in another image.
    private func emitCall(_ routine: Routine) {
        let routine = routine.forCaller(in: self.routine.module)
        let item = AnyItem(routine)
        if routine.module == self.routine.module {
            assembler.call(symbol(item))
        } else {
            assembler.call(importCell(item))
        }
    }

    /// Calls through a pointer.
    @discardableResult
    package func callIndirect(
        _ target: some Operand, _ arguments: any Operand..., convention: Routine.Convention = .stdcall, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Value {
        let node = target.value.node
        return call(arguments, convention, file, line) { [self] in
            if let memory = directMemory(node), memory.width == .dword {
                assembler.call(memory.operand)
            } else {
                compute(node)
                assembler.call(.eax)
            }
        }
    }

    private func call(
        _ arguments: [any Operand], _ convention: Routine.Convention, _ file: StaticString, _ line: UInt, emit: () -> Void
    ) -> Value {
        mark(file, line)
        for argument in arguments.reversed() { push(argument.value.node) }
        emit()
        if convention == .cdecl, !arguments.isEmpty { assembler.alu(.add, .esp, UInt32(4 * arguments.count)) }
        let result = local()
        guard case .frame(let offset) = result.node else { preconditionFailure() }
        assembler.mov(.at(.ebp, offset), .eax)
        return result
    }

    private func push(_ node: Value.Node) {
        if case .constant(let number) = node {
            assembler.push(number)
        } else if case .address(let item, let offset) = node, item.item.module == routine.module {
            assembler.push(addressOf: symbol(item), addend: offset)
        } else if let memory = directMemory(node), memory.width == .dword {
            assembler.push(memory.operand)
        } else {
            compute(node)
            assembler.push(.eax)
        }
    }

    // MARK: Interlocked operations

    /// LOCK CMPXCHG on a cell of 1, 2 or 4 bytes; yields what the cell held before.
    @discardableResult
    package func compareExchange(
        _ place: Value, _ value: some Operand, comparand: some Operand, file: StaticString = #fileID, line: UInt = #line
    ) -> Value {
        mark(file, line)
        let (memory, width) = interlocked(place)
        compute(value.value.node)
        assembler.mov(.edx, .eax)
        compute(comparand.value.node)
        reloadAddress()
        assembler.lockCompareExchange(memory, .edx, width: width)
        return result(width)
    }

    /// XCHG on a cell, which is atomic by itself; yields what the cell held before.
    @discardableResult
    package func exchange(_ place: Value, with value: some Operand, file: StaticString = #fileID, line: UInt = #line) -> Value {
        mark(file, line)
        let (memory, width) = interlocked(place)
        compute(value.value.node)
        reloadAddress()
        assembler.xchg(memory, .eax, width: width)
        return result(width)
    }

    /// LOCK XADD on a 32-bit cell; yields what the cell held before.
    @discardableResult
    package func exchangeAdd(_ place: Value, _ value: some Operand, file: StaticString = #fileID, line: UInt = #line) -> Value {
        mark(file, line)
        let (memory, width) = interlocked(place)
        precondition(width == .dword)
        compute(value.value.node)
        reloadAddress()
        assembler.lockExchangeAdd(memory, .eax)
        return result(.dword)
    }

    /// Leaves the cell's address on the stack until `reloadAddress` takes it to ECX.
    private func interlocked(_ place: Value) -> (operand: Assembler.Memory, width: Assembler.Width) {
        guard let width = place.width else { preconditionFailure("not in memory") }
        compute(address(of: place).node)
        assembler.push(.eax)
        return (.at(.ecx), width)
    }

    private func reloadAddress() { assembler.pop(.ecx) }

    private func result(_ width: Assembler.Width) -> Value {
        if width == .byte { assembler.movzxByte(.eax, .eax) }
        let result = local()
        guard case .frame(let offset) = result.node else { preconditionFailure() }
        assembler.mov(.at(.ebp, offset), .eax)
        return width == .word ? result & 0xFFFF : result
    }

    // MARK: Blocks of memory

    /// Sets bytes to zero; four at a time when the count is a constant multiple of four.
    package func zero(_ address: some Operand, _ count: some Operand, file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        saveRegisters()
        compute(address.value.node)
        assembler.push(.eax)
        let width = blockCount(count.value)
        assembler.pop(.edi)
        assembler.alu(.xor, .eax, .eax)
        assembler.repStos(width: width)
    }

    /// Copies bytes upwards; the ranges must not overlap with the destination above the source.
    package func copy(
        to: some Operand, from: some Operand, _ count: some Operand, file: StaticString = #fileID, line: UInt = #line
    ) {
        mark(file, line)
        saveRegisters()
        compute(to.value.node)
        assembler.push(.eax)
        compute(from.value.node)
        assembler.push(.eax)
        let width = blockCount(count.value)
        assembler.pop(.esi)
        assembler.pop(.edi)
        assembler.repMovs(width: width)
    }

    private func blockCount(_ count: Value) -> Assembler.Width {
        if case .constant(let number) = count.node, number % 4 == 0 {
            assembler.mov(.ecx, number / 4)
            return .dword
        }
        compute(count.node)
        assembler.mov(.ecx, .eax)
        return .byte
    }

    // MARK: Instructions by hand

    /// Instructions that statements cannot express. EBX, ESI and EDI may be used when `savesRegisters` is set; EAX, ECX and EDX always.
    package func asm(
        savesRegisters: Bool = false, file: StaticString = #fileID, line: UInt = #line, _ write: (inout Assembler) -> Void
    ) {
        mark(file, line)
        if savesRegisters { saveRegisters() }
        write(&assembler)
    }

    /// Computes a value into EAX for the `asm` that follows.
    package func load(_ value: some Operand, file: StaticString = #fileID, line: UInt = #line) {
        mark(file, line)
        compute(value.value.node)
    }

    /// A new local with what EAX holds.
    package func saveEAX(file: StaticString = #fileID, line: UInt = #line) -> Value {
        mark(file, line)
        return result(.dword)
    }

    /// Reads an I/O port.
    package func input(_ port: some Operand, width: Assembler.Width = .byte, file: StaticString = #fileID, line: UInt = #line) -> Value {
        mark(file, line)
        compute(port.value.node)
        assembler.mov(.edx, .eax)
        assembler.alu(.xor, .eax, .eax)
        assembler.inDX(width: width)
        return result(.dword)
    }

    /// Writes an I/O port.
    package func output(
        _ port: some Operand, _ value: some Operand, width: Assembler.Width = .byte, file: StaticString = #fileID, line: UInt = #line
    ) {
        mark(file, line)
        compute(port.value.node)
        assembler.push(.eax)
        compute(value.value.node)
        assembler.pop(.edx)
        assembler.outDX(width: width)
    }
}

extension Value {
    /// Size of the cell this value is read from; nil when it is computed.
    var width: Assembler.Width? {
        switch node {
        case .frame: .dword
        case .fs(_, let width), .load(_, _, let width, _): width
        default: nil
        }
    }
}
