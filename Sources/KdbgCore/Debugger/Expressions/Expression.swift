// SPDX-License-Identifier: GPL-3.0-or-later

/// An expression in KDBG's language (spec/kdbg.md section 2), compiled to reverse Polish form: parsed once, evaluated at every breakpoint hit
/// without allocation.
package struct Expression: Equatable, Sendable {
    /// The text as typed, for `bl`.
    package let text: String
    let items: [Item]

    /// KDBG's limits: items of a compiled expression, and pending values while it is evaluated (section 2.5).
    package static let capacity = 256

    /// Widths of a memory operand, in bytes.
    enum Size: UInt8, Sendable {
        case byte = 1
        case word = 2
        case dword = 4
        case qword = 8
    }

    enum Operator: UInt8, Sendable {
        case multiply, divide, remainder, add, subtract, equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    /// One step of the evaluation. Offsets are bytes from the beginning of the text, for errors.
    enum Item: Equatable, Sendable {
        case number(UInt64)
        case register(Register)
        case apply(Operator, at: UInt32)
        case load(Size, at: UInt32)
        /// What a closed `( )` leaves behind; it counts against the limit.
        case group
    }

    /// Compiles `text`.
    /// - Parameters:
    ///   - regroupsComparisons: whether chains of comparisons are grouped as KDBG groups them by mistake (section 2.4).
    ///   - symbol: the address a name stands for, an extension of KDBG's language; nil for unknown names.
    ///   - suggestion: what an unknown name may have been meant to be.
    /// - Throws: where the text stops being an expression.
    package init(
        _ text: [UInt8], regroupsComparisons: Bool = false, symbol: @escaping (String) -> UInt32? = { _ in nil },
        suggestion: @escaping (String) -> String? = { _ in nil }
    ) throws(ExpressionError) {
        var parser = ExpressionParser(text, regroupsComparisons: regroupsComparisons, symbol: symbol, suggestion: suggestion)
        items = try parser.parse()
        self.text = String(decoding: text, as: UTF8.self)
    }

    /// The value, computed in unsigned 64 bit, with the given registers and the target's memory.
    /// - Throws: unreadable memory, division by zero, and what was not an expression after all, such as `( )`.
    package func evaluate(registers: RegisterView, target: any Target) throws(ExpressionError) -> UInt64 {
        let outcome = withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.capacity) { stack in
            run(on: stack, registers: registers, target: target)
        }
        return try outcome.get()
    }

    private func run(
        on stack: UnsafeMutableBufferPointer<UInt64>, registers: RegisterView, target: any Target
    ) -> Result<UInt64, ExpressionError> {
        var depth = 0
        for item in items {
            switch item {
            case .number(let value):
                stack[depth] = value
                depth += 1
            case .register(let register):
                stack[depth] = UInt64(registers[register])
                depth += 1
            case .group:
                break
            case .load(let size, let offset):
                guard depth >= 1 else { return .failure(.underflow) }
                // An address wider than a pointer is cut silently (section 2.6).
                let address = UInt32(truncatingIfNeeded: stack[depth - 1])
                guard let value = Self.load(size, address, target) else {
                    return .failure(ExpressionError("Couldn't access memory at 0x\(address.pointer)", at: Int(offset)))
                }
                stack[depth - 1] = value
            case .apply(let operation, let offset):
                guard depth >= 2 else { return .failure(.underflow) }
                depth -= 1
                guard let value = Self.apply(operation, stack[depth - 1], stack[depth]) else {
                    return .failure(ExpressionError("Division by zero", at: Int(offset)))
                }
                stack[depth - 1] = value
            }
        }
        return depth == 1 ? .success(stack[0]) : .failure(ExpressionError("Stack not empty after evaluation", at: nil))
    }

    private static func load(_ size: Size, _ address: UInt32, _ target: any Target) -> UInt64? {
        switch size {
        case .byte: return target.read8(address).map(UInt64.init)
        case .word: return target.read16(address).map(UInt64.init)
        case .dword: return target.read32(address).map(UInt64.init)
        case .qword:
            guard let low = target.read32(address), let high = target.read32(address &+ 4) else { return nil }
            return UInt64(high) << 32 | UInt64(low)
        }
    }

    /// Nil for a division by zero.
    static func apply(_ operation: Operator, _ a: UInt64, _ b: UInt64) -> UInt64? {
        switch operation {
        case .multiply: a &* b
        case .divide: b == 0 ? nil : a / b
        case .remainder: b == 0 ? nil : a % b
        case .add: a &+ b
        case .subtract: a &- b
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        }
    }
}

/// Why a text is not an expression, or why it has no value.
package struct ExpressionError: Error, Equatable, Sendable {
    package var message: String
    /// Bytes from the beginning of the expression; nil when KDBG has no place to point at.
    package var offset: Int?
    package var hint: String?

    package init(_ message: String, at offset: Int?, hint: String? = nil) {
        self.message = message
        self.offset = offset
        self.hint = hint
    }

    static let underflow = ExpressionError("Value stack underflow", at: nil)
    static let overflow = ExpressionError("RPN op stack overflow", at: nil)
}
