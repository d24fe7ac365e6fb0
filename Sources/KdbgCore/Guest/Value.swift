// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A 32-bit value that kernel code computes: a tree that is turned into instructions where a statement uses it.
///
/// Operators build bigger trees; nothing is computed when the Swift code runs. Comparisons are unsigned unless they say otherwise and
/// yield 0 or 1.
package struct Value: ExpressibleByIntegerLiteral, Sendable {
    /// The tree.
    package indirect enum Node: Sendable {
        case constant(UInt32)
        /// Address of a linked item plus a number of bytes.
        case address(AnyItem, Int32)
        /// The 32-bit word at EBP + offset: an argument or a local.
        case frame(Int32)
        /// EBP + offset.
        case frameAddress(Int32)
        /// Memory at base + offset.
        case load(Node, Int32, Assembler.Width, signed: Bool)
        /// Memory at FS:offset, the PCR.
        case fs(Int32, Assembler.Width)
        case arithmetic(Assembler.Arithmetic, Node, Node)
        case multiply(Node, Node)
        /// Unsigned quotient or remainder.
        case divide(Node, Node, remainder: Bool)
        case shift(Assembler.Shift, Node, Node)
        case not(Node)
        case negate(Node)
        case compare(Assembler.Condition, Node, Node)
        case both(Node, Node)
        case either(Node, Node)
        case isZero(Node)
    }

    package var node: Node

    package init(_ node: Node) { self.node = node }
    package init(integerLiteral value: UInt32) { node = .constant(value) }
    package init(_ value: UInt32) { node = .constant(value) }
    package init(_ value: Int) { node = .constant(UInt32(truncatingIfNeeded: value)) }

    /// Four ASCII characters as a pool tag.
    package static func tag(_ text: StaticString) -> Value { Value(.constant(poolTag(text))) }

    /// The address of something linked into an image.
    package static func address(of item: some Item) -> Value { Value(.address(AnyItem(item), 0)) }

    // MARK: Memory

    /// The byte at this address plus `offset`.
    package func byte(_ offset: Int32 = 0) -> Value { Value(.load(node, offset, .byte, signed: false)) }
    /// The 16-bit word at this address plus `offset`.
    package func word(_ offset: Int32 = 0) -> Value { Value(.load(node, offset, .word, signed: false)) }
    /// The 32-bit word at this address plus `offset`.
    package func dword(_ offset: Int32 = 0) -> Value { Value(.load(node, offset, .dword, signed: false)) }
    /// The 32-bit word at FS:offset.
    package static func fs(_ offset: Int32, width: Assembler.Width = .dword) -> Value { Value(.fs(offset, width)) }

    /// This address taken as a pointer to a structure.
    package func `as`<Target: Structure>(_ type: Target.Type) -> Pointer<Target> { Pointer(self) }

    // MARK: Tests

    /// Bit 31: what NT_SUCCESS denies.
    package var isError: Value { Value(.compare(.less, node, .constant(0))) }
    /// Bit 31 clear: NT_SUCCESS.
    package var isSuccess: Value { Value(.compare(.greaterOrEqual, node, .constant(0))) }
    package func isLessSigned(_ other: Value) -> Value { Value(.compare(.less, node, other.node)) }
    package func isGreaterSigned(_ other: Value) -> Value { Value(.compare(.greater, node, other.node)) }

    package static func == (a: Value, b: Value) -> Value { Value(.compare(.equal, a.node, b.node)) }
    package static func != (a: Value, b: Value) -> Value { Value(.compare(.notEqual, a.node, b.node)) }
    package static func < (a: Value, b: Value) -> Value { Value(.compare(.below, a.node, b.node)) }
    package static func <= (a: Value, b: Value) -> Value { Value(.compare(.belowOrEqual, a.node, b.node)) }
    package static func > (a: Value, b: Value) -> Value { Value(.compare(.above, a.node, b.node)) }
    package static func >= (a: Value, b: Value) -> Value { Value(.compare(.aboveOrEqual, a.node, b.node)) }
    /// Both are non-zero; the second is not computed when the first is zero.
    package static func && (a: Value, b: Value) -> Value { Value(.both(a.node, b.node)) }
    /// One is non-zero; the second is not computed when the first is.
    package static func || (a: Value, b: Value) -> Value { Value(.either(a.node, b.node)) }
    package static prefix func ! (a: Value) -> Value { Value(.isZero(a.node)) }

    // MARK: Arithmetic

    package static func + (a: Value, b: Value) -> Value {
        if case .constant(let n) = b.node { return a.advanced(by: Int32(bitPattern: n)) }
        return Value(.arithmetic(.add, a.node, b.node))
    }
    package static func - (a: Value, b: Value) -> Value {
        if case .constant(let n) = b.node { return a.advanced(by: 0 &- Int32(bitPattern: n)) }
        return Value(.arithmetic(.sub, a.node, b.node))
    }
    package static func & (a: Value, b: Value) -> Value { Value(.arithmetic(.and, a.node, b.node)) }
    package static func | (a: Value, b: Value) -> Value { Value(.arithmetic(.or, a.node, b.node)) }
    package static func ^ (a: Value, b: Value) -> Value { Value(.arithmetic(.xor, a.node, b.node)) }
    package static func * (a: Value, b: Value) -> Value { Value(.multiply(a.node, b.node)) }
    package static func / (a: Value, b: Value) -> Value { Value(.divide(a.node, b.node, remainder: false)) }
    package static func % (a: Value, b: Value) -> Value { Value(.divide(a.node, b.node, remainder: true)) }
    package static func << (a: Value, b: Value) -> Value { Value(.shift(.shl, a.node, b.node)) }
    package static func >> (a: Value, b: Value) -> Value { Value(.shift(.shr, a.node, b.node)) }
    package static prefix func ~ (a: Value) -> Value { Value(.not(a.node)) }
    package static prefix func - (a: Value) -> Value { Value(.negate(a.node)) }

    /// Adds a constant without an instruction where the tree allows it.
    private func advanced(by distance: Int32) -> Value {
        switch node {
        case .constant(let n): Value(.constant(n &+ UInt32(bitPattern: distance)))
        case .address(let item, let offset): Value(.address(item, offset &+ distance))
        case .frameAddress(let offset): Value(.frameAddress(offset &+ distance))
        default: distance == 0 ? self : Value(.arithmetic(.add, node, .constant(UInt32(bitPattern: distance))))
        }
    }
}

/// A pool tag's number: the characters as little-endian bytes.
package func poolTag(_ text: StaticString) -> UInt32 {
    precondition(text.utf8CodeUnitCount == 4, "a pool tag has four characters")
    return text.withUTF8Buffer { bytes in
        (0..<4).reduce(0) { $0 | UInt32(bytes[$1]) << (8 * UInt32($1)) }
    }
}

/// What can stand where kernel code wants a value: values, pointers, globals, routines (their address).
package protocol Operand {
    var value: Value { get }
}

extension Value: Operand {
    package var value: Value { self }
}

extension UInt32: Operand {
    package var value: Value { Value(self) }
}

extension Int: Operand {
    package var value: Value { Value(self) }
}
