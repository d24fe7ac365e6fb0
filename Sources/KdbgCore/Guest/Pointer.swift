// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// An address in kernel code with the structure that is there; its fields are reached by name.
@dynamicMemberLookup
package struct Pointer<Target: Structure>: Operand, Sendable {
    /// The virtual address.
    package let value: Value

    package init(_ value: Value) { self.value = value }

    /// A number in the structure, as a value or as the destination of `set`.
    package subscript(dynamicMember path: KeyPath<Target, Field>) -> Value {
        let field = Target.layout[keyPath: path]
        precondition(field.size <= 4, "fields of 8 bytes are reached as two dwords")
        let width = Assembler.Width(rawValue: UInt8(field.size))!
        return Value(.load(value.node, Int32(field.offset), width, signed: field.kind == .signed))
    }

    /// What a pointer in the structure points to.
    package subscript<Other>(dynamicMember path: KeyPath<Target, PointerTo<Other>>) -> Pointer<Other> {
        Pointer<Other>(value.dword(Int32(Target.layout[keyPath: path].offset)))
    }

    /// A structure inside the structure, by address.
    package subscript<Other>(dynamicMember path: KeyPath<Target, Embedded<Other>>) -> Pointer<Other> {
        Pointer<Other>(value + Value(Target.layout[keyPath: path].offset))
    }

    /// The address of an array inside the structure.
    package subscript(dynamicMember path: KeyPath<Target, ArrayField>) -> Value {
        value + Value(Target.layout[keyPath: path].offset)
    }

    package var isNull: Value { value == 0 }
    package var isNotNull: Value { value != 0 }

    /// The same address taken as another structure.
    package func `as`<Other: Structure>(_ type: Other.Type) -> Pointer<Other> { Pointer<Other>(value) }

    /// The address of a field, of whatever kind.
    package func address<F: AnyField>(of path: KeyPath<Target, F>) -> Value {
        value + Value(Target.layout[keyPath: path].offset)
    }

    /// The structure of which the thing at `address` is the given field (CONTAINING_RECORD).
    package static func containing<F: AnyField>(_ address: Value, as path: KeyPath<Target, F>) -> Pointer<Target> {
        Pointer(address - Value(Target.layout[keyPath: path].offset))
    }
}

/// The offset of a field, in bytes.
package func offset<Target: Structure, F: AnyField>(of path: KeyPath<Target, F>) -> UInt32 {
    Target.layout[keyPath: path].offset
}
