// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// From value trees to instructions.
extension Function {
    /// Computes a value into EAX; ECX and EDX may change.
    func compute(_ node: Value.Node) {
        switch node {
        case .constant(0): assembler.alu(.xor, .eax, .eax)
        case .constant(let number): assembler.mov(.eax, number)
        case .address(let item, let offset): loadAddress(.eax, item, offset)
        case .frameAddress(let offset): assembler.lea(.eax, .at(.ebp, offset))
        case .frame, .fs, .load: load(.eax, node)
        case .arithmetic(let operation, let a, let b): arithmetic(operation, a, b)
        case .multiply(let a, let b): multiply(a, b)
        case .divide(let a, let b, let remainder):
            computeBoth(a, b)
            assembler.alu(.xor, .edx, .edx)
            assembler.div(.ecx)
            if remainder { assembler.mov(.eax, .edx) }
        case .shift(let operation, let a, .constant(let count)):
            compute(a)
            assembler.shift(operation, .eax, by: UInt8(count))
        case .shift(let operation, let a, let b):
            computeBoth(a, b)
            assembler.shiftByCL(operation, .eax)
        case .not(let a):
            compute(a)
            assembler.not(.eax)
        case .negate(let a):
            compute(a)
            assembler.neg(.eax)
        case .compare(let condition, let a, let b):
            compare(a, b)
            assembler.set(condition, .eax)
            assembler.movzxByte(.eax, .eax)
        case .both, .either, .isZero:
            let no = assembler.newLabel()
            let end = assembler.newLabel()
            branch(node, to: no, when: false)
            assembler.mov(.eax, 1)
            assembler.jmp(end)
            assembler.bind(no)
            assembler.alu(.xor, .eax, .eax)
            assembler.bind(end)
        }
    }

    /// Computes `a` into EAX and `b` into ECX.
    private func computeBoth(_ a: Value.Node, _ b: Value.Node) {
        if isSimple(b) {
            compute(a)
            loadSimple(.ecx, b)
        } else {
            compute(b)
            assembler.push(.eax)
            compute(a)
            assembler.pop(.ecx)
        }
    }

    private func arithmetic(_ operation: Assembler.Arithmetic, _ a: Value.Node, _ b: Value.Node) {
        if case .constant(let number) = b {
            compute(a)
            assembler.alu(operation, .eax, number)
        } else if let memory = directMemory(b), memory.width == .dword {
            compute(a)
            assembler.alu(operation, .eax, memory.operand)
        } else {
            computeBoth(a, b)
            assembler.alu(operation, .eax, .ecx)
        }
    }

    private func multiply(_ a: Value.Node, _ b: Value.Node) {
        if case .constant(let number) = b {
            compute(a)
            assembler.imul(.eax, .eax, number)
        } else {
            computeBoth(a, b)
            assembler.imul(.eax, .ecx)
        }
    }

    // MARK: Conditions

    /// Jumps to `label` when the value is non-zero (`when: true`) or zero (`when: false`).
    func branch(_ node: Value.Node, to label: Assembler.Label, when wanted: Bool) {
        switch node {
        case .constant(let number):
            if (number != 0) == wanted { assembler.jmp(label) }
        case .compare(let condition, let a, let b):
            compare(a, b)
            assembler.jcc(wanted ? condition : condition.negated, label)
        case .isZero(let a):
            branch(a, to: label, when: !wanted)
        case .both(let a, let b):
            if wanted {
                let end = assembler.newLabel()
                branch(a, to: end, when: false)
                branch(b, to: label, when: true)
                assembler.bind(end)
            } else {
                branch(a, to: label, when: false)
                branch(b, to: label, when: false)
            }
        case .either(let a, let b):
            if wanted {
                branch(a, to: label, when: true)
                branch(b, to: label, when: true)
            } else {
                let end = assembler.newLabel()
                branch(a, to: end, when: true)
                branch(b, to: label, when: false)
                assembler.bind(end)
            }
        default:
            compare(node, .constant(0))
            assembler.jcc(wanted ? .notEqual : .equal, label)
        }
    }

    /// Sets the flags as for `a - b`.
    private func compare(_ a: Value.Node, _ b: Value.Node) {
        if case .constant(let number) = b, let memory = directMemory(a), memory.width == .dword {
            assembler.alu(.cmp, memory.operand, number)
        } else if case .constant(let number) = b {
            compute(a)
            if number == 0 { assembler.test(.eax, .eax) } else { assembler.alu(.cmp, .eax, number) }
        } else {
            arithmetic(.cmp, a, b)
        }
    }

    // MARK: Operands

    /// Whether a value can be loaded into any register without disturbing another.
    func isSimple(_ node: Value.Node) -> Bool {
        switch node {
        case .constant, .address, .frame, .frameAddress, .fs: true
        case .load(let base, _, _, _): directMemory(node) != nil || isSimple(base)
        default: false
        }
    }

    /// Loads a simple value.
    func loadSimple(_ register: Assembler.Register, _ node: Value.Node) {
        switch node {
        case .constant(let number): assembler.mov(register, number)
        case .address(let item, let offset): loadAddress(register, item, offset)
        case .frameAddress(let offset): assembler.lea(register, .at(.ebp, offset))
        case .frame, .fs, .load: load(register, node)
        default: preconditionFailure("not a simple value")
        }
    }

    /// The address of an item: a constant in its own image, from the import table elsewhere.
    func loadAddress(_ register: Assembler.Register, _ item: AnyItem, _ offset: Int32) {
        if item.item.module == routine.module {
            assembler.mov(register, addressOf: symbol(item), addend: offset)
        } else {
            assembler.mov(register, importCell(item))
            if offset != 0 { assembler.alu(.add, register, UInt32(bitPattern: offset)) }
        }
    }

    /// The memory operand of a value that lies at an address known without computing.
    func directMemory(_ node: Value.Node) -> (operand: Assembler.Memory, width: Assembler.Width)? {
        switch node {
        case .frame(let offset): (.at(.ebp, offset), .dword)
        case .fs(let offset, let width): (.fs(offset), width)
        case .load(.frameAddress(let base), let offset, let width, _): (.at(.ebp, base + offset), width)
        case .load(.constant(let base), let offset, let width, _):
            (Assembler.Memory(displacement: Int32(bitPattern: base) &+ offset), width)
        case .load(.address(let item, let base), let offset, let width, _) where item.item.module == routine.module:
            (.symbol(symbol(item), base + offset), width)
        default: nil
        }
    }

    /// Loads from memory, extending bytes and words; uses `register` for the address when one must be computed.
    private func load(_ register: Assembler.Register, _ node: Value.Node) {
        if let memory = directMemory(node) {
            load(register, memory.operand, memory.width, signed: isSigned(node))
            return
        }
        guard case .load(let base, let offset, let width, let signed) = node else { preconditionFailure("not in memory") }
        if isSimple(base) {
            loadSimple(register, base)
        } else {
            precondition(register == .eax, "a computed address needs EAX")
            compute(base)
        }
        load(register, .at(register, offset), width, signed: signed)
    }

    private func load(_ register: Assembler.Register, _ memory: Assembler.Memory, _ width: Assembler.Width, signed: Bool) {
        if width == .dword {
            assembler.mov(register, memory)
        } else {
            assembler.movExtended(register, memory, width: width, signed: signed)
        }
    }

    private func isSigned(_ node: Value.Node) -> Bool {
        if case .load(_, _, _, let signed) = node { signed } else { false }
    }

    /// The memory operand of a destination; computes the address into ECX where it must, which may change EAX unless `keepEAX`.
    func destination(_ node: Value.Node, keepEAX: Bool) -> (operand: Assembler.Memory, width: Assembler.Width) {
        if let direct = directMemory(node) { return direct }
        guard case .load(let base, let offset, let width, _) = node else { preconditionFailure("cannot be assigned to") }
        if isSimple(base) {
            loadSimple(.ecx, base)
        } else {
            if keepEAX { assembler.push(.eax) }
            compute(base)
            assembler.mov(.ecx, .eax)
            if keepEAX { assembler.pop(.eax) }
        }
        return (.at(.ecx, offset), width)
    }
}
