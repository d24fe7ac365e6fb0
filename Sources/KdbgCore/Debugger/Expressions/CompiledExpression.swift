// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// An expression in the form that is evaluated at breakpoints: flat steps on a small stack, on the machine itself. No allocation, no protocol.
final class CompiledExpression {
    private enum Step {
        case number(UInt64)
        case general(Int)
        case register(Register)
        case apply(Expression.Operator)
        case load(Expression.Size)
    }

    private let steps: UnsafeMutableBufferPointer<Step>

    /// Nil for what has no value in any state, such as `( )`.
    init?(_ expression: Expression) {
        var steps: [Step] = []
        var depth = 0
        for item in expression.items {
            switch item {
            case .number(let value):
                steps.append(.number(value))
                depth += 1
            case .register(let register):
                steps.append(Self.general(register).map { .general($0) } ?? .register(register))
                depth += 1
            case .apply(let operation, _):
                guard depth >= 2 else { return nil }
                steps.append(.apply(operation))
                depth -= 1
            case .load(let size, _):
                guard depth >= 1 else { return nil }
                steps.append(.load(size))
            case .group: break
            }
        }
        guard depth == 1 else { return nil }
        self.steps = .allocate(capacity: steps.count)
        _ = self.steps.initialize(from: steps)
    }

    deinit { steps.deallocate() }

    /// Intel's number of a general register.
    private static func general(_ register: Register) -> Int? {
        [.eax, .ecx, .edx, .ebx, .esp, .ebp, .esi, .edi].firstIndex(of: register)
    }

    /// The value with the machine's registers and memory, in unsigned 64 bit; nil for unreadable memory and divisions by zero.
    func evaluate(_ machine: Machine) -> UInt64? {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: steps.count) { stack in
            var depth = 0
            for step in steps {
                switch step {
                case .number(let value):
                    stack[depth] = value
                    depth += 1
                case .general(let number):
                    stack[depth] = UInt64(machine.general(number))
                    depth += 1
                case .register(let register):
                    stack[depth] = UInt64(RegisterView(machine.registers)[register])
                    depth += 1
                case .load(let size):
                    guard let value = Self.load(size, UInt32(truncatingIfNeeded: stack[depth - 1]), machine) else { return nil }
                    stack[depth - 1] = value
                case .apply(let operation):
                    depth -= 1
                    guard let value = Expression.apply(operation, stack[depth - 1], stack[depth]) else { return nil }
                    stack[depth - 1] = value
                }
            }
            return stack[0]
        }
    }

    private static func load(_ size: Expression.Size, _ address: UInt32, _ machine: Machine) -> UInt64? {
        switch size {
        case .byte: return machine.read8(linear: address).map(UInt64.init)
        case .word: return machine.read16(linear: address).map(UInt64.init)
        case .dword: return machine.read32(linear: address).map(UInt64.init)
        case .qword:
            guard let low = machine.read32(linear: address), let high = machine.read32(linear: address &+ 4) else { return nil }
            return UInt64(high) << 32 | UInt64(low)
        }
    }
}
