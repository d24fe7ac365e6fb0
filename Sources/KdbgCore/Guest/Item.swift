// SPDX-License-Identifier: GPL-3.0-or-later

/// An image of the simulated system.
package struct Module: Hashable, Sendable {
    /// File name, such as `ntoskrnl.exe`.
    package let name: String
    /// The base its code is linked for; the loader relocates it.
    package let linkBase: UInt32

    package init(_ name: String, linkBase: UInt32 = 0x0001_0000) {
        self.name = name
        self.linkBase = linkBase
    }

    /// The name without its extension, as symbols are qualified with it.
    package var stem: String { String(name.prefix { $0 != "." }) }

    package static let kernel = Module("ntoskrnl.exe", linkBase: 0x0040_0000)
    package static let hal = Module("hal.dll")
    package static let kdcom = Module("kdcom.dll")
    package static let bootvid = Module("bootvid.dll")
}

/// A section of an image. The order is that of the sections in the image.
package enum Section: Int, CaseIterable, Sendable {
    /// Code that is always resident.
    case text
    /// Code that could be paged out.
    case page
    /// Code that is discarded after start-up.
    case initialization
    /// Constants.
    case constants
    /// Variables.
    case data

    /// The name in the section table.
    package var name: String {
        switch self {
        case .text: ".text"
        case .page: "PAGE"
        case .initialization: "INIT"
        case .constants: ".rdata"
        case .data: ".data"
        }
    }
}

/// Something that the linker places in an image: a routine or a global.
package protocol Item: Operand, Sendable {
    /// Unique in its module.
    var name: String { get }
    var module: Module { get }
    var section: Section { get }
    /// What there is to link.
    var content: ItemContent { get }
    /// Where it was written; two items of one name are a mistake.
    var declaration: Declaration { get }
}

/// The place in the Swift sources that declares an item.
package struct Declaration: Equatable, Sendable, CustomStringConvertible {
    let file: StaticString
    let line: UInt

    package init(file: StaticString, line: UInt) {
        self.file = file
        self.line = line
    }

    package static func == (a: Declaration, b: Declaration) -> Bool {
        a.line == b.line && (a.file.utf8Start == b.file.utf8Start || "\(a.file)" == "\(b.file)")
    }

    package var description: String { "\(file):\(line)" }
}

/// The two kinds of items.
package enum ItemContent: Sendable {
    case routine(Routine)
    case global(Global)
}

extension Item {
    /// Its address.
    package var value: Value { .address(of: self) }
}

/// An item of any kind, equal to another when both have the same name in the same module.
package struct AnyItem: Hashable, Sendable {
    package let item: any Item
    /// `name` qualified where two modules could hold the same one.
    package let key: String

    package init(_ item: some Item) {
        self.item = item
        key = item.module.stem + "!" + item.name
    }

    package static func == (a: AnyItem, b: AnyItem) -> Bool { a.key == b.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A variable or constant in an image.
package struct Global: Item {
    package let name: String
    package let module: Module
    package let section: Section
    /// Bytes.
    package let size: UInt32
    package let alignment: UInt32
    /// What it holds at first; the rest is zero. Evaluated when the image is linked.
    let contents: @Sendable () -> [DataItem]
    package let declaration: Declaration

    /// A piece of initial contents.
    package enum DataItem: Sendable {
        case bytes([UInt8])
        case word(UInt16)
        case dword(UInt32)
        /// The address of an item plus a number of bytes.
        case address(any Item, Int32 = 0)
        /// The address of the global that holds it, plus a number of bytes.
        case itself(Int32 = 0)
    }

    package init(
        _ name: String, size: UInt32 = 4, module: Module = .kernel, section: Section = .data, alignment: UInt32 = 4,
        file: StaticString = #fileID, line: UInt = #line, contents: @escaping @Sendable () -> [DataItem] = { [] }
    ) {
        self.name = name
        self.module = module
        self.section = section
        self.size = size
        self.alignment = alignment
        self.contents = contents
        declaration = Declaration(file: file, line: line)
    }

    package var content: ItemContent { .global(self) }

    /// The 32-bit variable itself, as a value or as the destination of `set`.
    package var dword: Value { value.dword() }
    /// The 16-bit variable itself.
    package var word: Value { value.word() }
    /// The 8-bit variable itself.
    package var byte: Value { value.byte() }
}

/// A global that is a structure; its fields are reached by name.
@dynamicMemberLookup
package struct GlobalStructure<Target: Structure>: Item {
    package let global: Global
    package var name: String { global.name }
    package var module: Module { global.module }
    package var section: Section { global.section }
    package var content: ItemContent { .global(global) }
    package var declaration: Declaration { global.declaration }

    package init(
        _ name: String, count: UInt32 = 1, module: Module = .kernel, alignment: UInt32 = 8, file: StaticString = #fileID,
        line: UInt = #line, contents: @escaping @Sendable () -> [Global.DataItem] = { [] }
    ) {
        global = Global(
            name, size: Target.size * count, module: module, alignment: alignment, file: file, line: line, contents: contents)
    }

    package var pointer: Pointer<Target> { Pointer(value) }

    package subscript(dynamicMember path: KeyPath<Target, Field>) -> Value { pointer[dynamicMember: path] }
    package subscript<Other>(dynamicMember path: KeyPath<Target, PointerTo<Other>>) -> Pointer<Other> { pointer[dynamicMember: path] }
    package subscript<Other>(dynamicMember path: KeyPath<Target, Embedded<Other>>) -> Pointer<Other> { pointer[dynamicMember: path] }
    package subscript(dynamicMember path: KeyPath<Target, ArrayField>) -> Value { pointer[dynamicMember: path] }
}
