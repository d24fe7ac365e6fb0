// SPDX-License-Identifier: GPL-3.0-or-later

/// The layout of an NT structure (spec/boot.md section 5): a type whose stored properties are its fields.
///
///     package struct LIST_ENTRY: Structure {
///         package static let size: UInt32 = 8
///         package let Flink = PointerTo<LIST_ENTRY>(0x00)
///         package let Blink = PointerTo<LIST_ENTRY>(0x04)
///         package static let layout = Self()
///     }
///
/// Kernel code reaches the fields through `Pointer`, Swift services through `GuestPointer`, and `dt` through `fields`.
package protocol Structure: Sendable {
    /// Bytes, as `sizeof` gives it.
    static var size: UInt32 { get }
    /// The one value of the type; its properties are the fields.
    static var layout: Self { get }
}

/// How a field is read and shown.
package enum FieldKind: Sendable, Equatable {
    case unsigned
    case signed
    case pointer(to: String)
    case structure(String)
    case array(count: UInt32, of: String)
    /// Bits of a number, the lowest one first.
    case bits(first: UInt32, count: UInt32)
}

/// What all kinds of fields have in common, for those who list a structure.
package protocol AnyField: Sendable {
    /// Bytes from the start of the structure.
    var offset: UInt32 { get }
    /// Bytes.
    var size: UInt32 { get }
    var kind: FieldKind { get }
}

/// A number of 1, 2, 4 or 8 bytes.
package struct Field: AnyField {
    package let offset: UInt32
    package let size: UInt32
    package let kind: FieldKind

    private init(_ offset: UInt32, _ size: UInt32, _ kind: FieldKind) {
        self.offset = offset
        self.size = size
        self.kind = kind
    }

    package static func u8(_ offset: UInt32) -> Field { Field(offset, 1, .unsigned) }
    package static func u16(_ offset: UInt32) -> Field { Field(offset, 2, .unsigned) }
    package static func u32(_ offset: UInt32) -> Field { Field(offset, 4, .unsigned) }
    package static func u64(_ offset: UInt32) -> Field { Field(offset, 8, .unsigned) }
    package static func i8(_ offset: UInt32) -> Field { Field(offset, 1, .signed) }
    package static func i16(_ offset: UInt32) -> Field { Field(offset, 2, .signed) }
    package static func i32(_ offset: UInt32) -> Field { Field(offset, 4, .signed) }
    /// A pointer to something that has no layout here: a routine, raw bytes.
    package static func pointer(_ offset: UInt32, to name: String = "VOID") -> Field { Field(offset, 4, .pointer(to: name)) }
}

/// Some bits of a number of 1, 2 or 4 bytes. Only for those who look: kernel code masks the number itself.
package struct BitField: AnyField {
    package let offset: UInt32
    package let size: UInt32
    package let kind: FieldKind

    /// - Parameters:
    ///   - offset: that of the number.
    ///   - size: bytes of the number.
    ///   - bits: from the lowest, which is 0.
    package init(_ offset: UInt32, size: UInt32, bits: ClosedRange<UInt32>) {
        self.offset = offset
        self.size = size
        kind = .bits(first: bits.lowerBound, count: bits.upperBound - bits.lowerBound + 1)
    }
}

/// A pointer to a structure.
package struct PointerTo<Target: Structure>: AnyField {
    package let offset: UInt32
    package var size: UInt32 { 4 }
    package var kind: FieldKind { .pointer(to: "\(Target.self)") }

    package init(_ offset: UInt32) { self.offset = offset }
}

/// A structure inside the structure.
package struct Embedded<Target: Structure>: AnyField {
    package let offset: UInt32
    package var size: UInt32 { Target.size }
    package var kind: FieldKind { .structure("\(Target.self)") }

    package init(_ offset: UInt32) { self.offset = offset }
}

/// An array inside the structure. Elements are structures, or numbers named by their C type.
package struct ArrayField: AnyField {
    package let offset: UInt32
    /// Bytes of one element.
    package let stride: UInt32
    package let count: UInt32
    package let element: String
    package var size: UInt32 { stride * count }
    package var kind: FieldKind { .array(count: count, of: element) }

    package init(_ offset: UInt32, count: UInt32, stride: UInt32, of element: String) {
        self.offset = offset
        self.count = count
        self.stride = stride
        self.element = element
    }
}

extension Structure {
    /// Every field with its name, in order of declaration.
    package static var fields: [(name: String, field: any AnyField)] {
        Mirror(reflecting: layout).children.compactMap { child in
            guard let name = child.label, let field = child.value as? any AnyField else { return nil }
            return (name, field)
        }
    }
}
