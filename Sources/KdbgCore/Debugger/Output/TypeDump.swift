// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes a structure's fields the way KDBG's `dt` does: indent, address, `+` offset, name, value (spec/kdbg.md section 1.3).
struct TypeDump {
    private let target: any Target
    private let depth: Int
    private var window: MemoryWindow
    /// Fields of the types met so far; to list a type anew for each of a thousand records would take most of the time.
    private var rows: [ObjectIdentifier: [Row]] = [:]

    /// Structures contain each other a few levels deep at most.
    static let maximumDepth = 8
    /// Elements of an array that are shown.
    private static let elements: UInt32 = 64

    /// A field, with what is the same for every record.
    private struct Row {
        /// `: Name `, in UTF-8, without the blank for what begins with its own.
        let label: [UInt8]
        let offset: UInt32
        let size: UInt32
        let kind: FieldKind
        /// ` TYPE` or ` TYPE*`.
        let typeText: [UInt8]
        /// The type inside, if it has a layout.
        let nested: (any Structure.Type)?
    }

    /// - Parameter depth: how many levels of structures inside the structure are opened.
    init(target: any Target, depth: Int) {
        self.target = target
        self.depth = depth
        window = MemoryWindow(target)
    }

    /// All fields of the type; without an address their offsets only.
    mutating func fields(
        of type: any Structure.Type, at address: UInt32?, indent: Int, level: Int = 0, to output: inout CommandOutput
    ) {
        for row in rows(of: type) {
            output.blanks(2 * indent)
            output.pointer((address ?? 0) &+ row.offset)
            output.write(byte: UInt8(ascii: "+"))
            output.hex(UInt64(row.offset))
            output.write(bytes: row.label)
            value(of: row, at: address.map { $0 &+ row.offset }, indent: indent, level: level, to: &output)
        }
    }

    private mutating func rows(of type: any Structure.Type) -> [Row] {
        let key = ObjectIdentifier(type)
        if let known = rows[key] { return known }
        let made = type.fields.map { name, field in
            var text = ""
            var nested: (any Structure.Type)?
            switch field.kind {
            case .unsigned, .signed, .bits: break
            case .pointer(let name): text = " \(name)*"
            case .structure(let name):
                text = " \(name)"
                nested = StructureCatalog.type(named: name)
            case .array(_, let element):
                text = " \(element)"
                nested = StructureCatalog.type(named: element)
            }
            return Row(
                label: Array(": \(name)".utf8), offset: field.offset, size: field.size, kind: field.kind, typeText: Array(text.utf8),
                nested: nested)
        }
        rows[key] = made
        return made
    }

    private mutating func value(of row: Row, at address: UInt32?, indent: Int, level: Int, to output: inout CommandOutput) {
        switch row.kind {
        case .unsigned, .signed:
            output.write(byte: 0x20)
            number(row.size, at: address, to: &output)
            output.line()
        case .bits(let first, let count):
            output.write(byte: 0x20)
            if let address, let value = window.read(address, size: row.size) {
                output.hex(value >> UInt64(first) & (1 << UInt64(count) - 1))
            } else {
                output.write("??")
            }
            output.line()
        case .pointer:
            output.write(byte: 0x20)
            let value = address.flatMap { window.read32($0) }
            if let value { output.hex(UInt64(value)) } else { output.write("??") }
            output.write(bytes: row.typeText)
            if let value, let name = SymbolText.name(of: value, in: target) { output.write(" " + name) }
            output.line()
        case .structure(let name):
            structure(name, row.typeText, row.nested, at: address, indent: indent, level: level, to: &output)
        case .array(let count, let element):
            array(count, element, row, at: address, indent: indent, level: level, to: &output)
        }
    }

    private mutating func number(_ size: UInt32, at address: UInt32?, to output: inout CommandOutput) {
        guard let address, let value = window.read(address, size: size) else { return output.write("??") }
        output.hex(value)
    }

    private mutating func structure(
        _ name: String, _ typeText: [UInt8], _ type: (any Structure.Type)?, at address: UInt32?, indent: Int, level: Int,
        to output: inout CommandOutput
    ) {
        if let address {
            if name == "UNICODE_STRING" || name == "STRING" {
                output.write(" " + string(name, at: address))
            } else if name == "LIST_ENTRY" {
                output.write(" [")
                number(4, at: address, to: &output)
                output.write(" - ")
                number(4, at: address &+ 4, to: &output)
                output.write("]")
            }
        }
        output.write(bytes: typeText)
        if let address {
            output.write(" @ ")
            output.pointer(address)
        }
        guard level < depth, let type else { return output.line() }
        output.line(" {")
        fields(of: type, at: address, indent: indent + 1, level: level + 1, to: &output)
        output.blanks(2 * indent)
        output.line("}")
    }

    private func string(_ name: String, at address: UInt32) -> String {
        if name == "UNICODE_STRING" { return target.unicodeString(at: address).map { "\"\($0)\"" } ?? "??" }
        guard let length = target.read16(address), let buffer = target.read32(address &+ 4),
            let bytes = target.readBytes(buffer, count: min(Int(length), 256))
        else { return "??" }
        return "\"\(String(decoding: bytes, as: UTF8.self).harmless())\""
    }

    private mutating func array(
        _ count: UInt32, _ element: String, _ row: Row, at address: UInt32?, indent: Int, level: Int, to output: inout CommandOutput
    ) {
        let stride = row.size / max(count, 1)
        output.write(bytes: row.typeText)
        output.write("[\(count)]")
        if let address {
            output.write(" @ ")
            output.pointer(address)
        }
        guard level < depth, let address else { return output.line() }
        output.line(" {")
        for index in 0..<min(count, Self.elements) {
            let place = address &+ index * stride
            output.blanks(2 * indent + 2)
            output.pointer(place)
            output.write("+\((index * stride).hex()): [\(index)]")
            if let type = row.nested {
                structure(
                    StructureCatalog.name(of: type), row.typeText, type, at: place, indent: indent + 1, level: level + 1, to: &output)
            } else {
                output.write(byte: 0x20)
                if stride == 4, let value = window.read32(place) {
                    output.hex(UInt64(value))
                    if let name = SymbolText.name(of: value, in: target) { output.write(" " + name) }
                } else if stride <= 8 {
                    number(stride, at: place, to: &output)
                } else {
                    output.write("@ ")
                    output.pointer(place)
                }
                output.line()
            }
        }
        if count > Self.elements {
            output.blanks(2 * indent + 2)
            output.line("(\(count - Self.elements) more)")
        }
        output.blanks(2 * indent)
        output.line("}")
    }
}
