// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes a structure's fields the way KDBG's `dt` does: indent, address, `+` offset, name, value (spec/kdbg.md section 1.3).
struct TypeDump {
    private let target: any Target
    private let depth: Int
    private(set) var text = ""

    /// Structures contain each other a few levels deep at most.
    static let maximumDepth = 8
    /// Elements of an array that are shown.
    private static let elements: UInt32 = 64

    /// - Parameter depth: how many levels of structures inside the structure are opened.
    init(target: any Target, depth: Int) {
        self.target = target
        self.depth = depth
    }

    /// All fields of the type; without an address their offsets only.
    mutating func fields(of type: any Structure.Type, at address: UInt32?, indent: Int, level: Int = 0) {
        for (name, field) in type.fields {
            let place = (address ?? 0) &+ field.offset
            text += String(repeating: "  ", count: indent) + "\(place.pointer)+\(field.offset.hex()): \(name)"
            value(of: field, at: address.map { $0 &+ field.offset }, indent: indent, level: level)
        }
    }

    private mutating func value(of field: any AnyField, at address: UInt32?, indent: Int, level: Int) {
        switch field.kind {
        case .unsigned, .signed: text += " \(number(field.size, at: address))\n"
        case .pointer(let name): text += " \(pointer(to: name, at: address))\n"
        case .structure(let name): structure(name, at: address, indent: indent, level: level)
        case .array(let count, let element): array(count, element, field.size / max(count, 1), at: address, indent: indent, level: level)
        }
    }

    private func number(_ size: UInt32, at address: UInt32?) -> String {
        guard let address, let bytes = target.readBytes(address, count: Int(size)) else { return "??" }
        return bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }.hex()
    }

    private func pointer(to name: String, at address: UInt32?) -> String {
        guard let address, let value = target.read32(address) else { return "?? \(name)*" }
        return "\(value.hex()) \(name)*" + (SymbolText.name(of: value, in: target).map { " \($0)" } ?? "")
    }

    private mutating func structure(_ name: String, at address: UInt32?, indent: Int, level: Int) {
        if let address {
            if name == "UNICODE_STRING" || name == "STRING" {
                text += " " + string(name, at: address)
            } else if name == "LIST_ENTRY" {
                text += " [\(number(4, at: address)) - \(number(4, at: address &+ 4))]"
            }
        }
        text += " \(name)" + (address.map { " @ \($0.pointer)" } ?? "")
        guard level < depth, let type = StructureCatalog.type(named: name) else {
            text += "\n"
            return
        }
        text += " {\n"
        fields(of: type, at: address, indent: indent + 1, level: level + 1)
        text += String(repeating: "  ", count: indent) + "}\n"
    }

    private func string(_ name: String, at address: UInt32) -> String {
        if name == "UNICODE_STRING" { return target.unicodeString(at: address).map { "\"\($0)\"" } ?? "??" }
        guard let length = target.read16(address), let buffer = target.read32(address &+ 4),
            let bytes = target.readBytes(buffer, count: min(Int(length), 256))
        else { return "??" }
        return "\"\(String(decoding: bytes, as: UTF8.self).harmless())\""
    }

    private mutating func array(_ count: UInt32, _ element: String, _ stride: UInt32, at address: UInt32?, indent: Int, level: Int) {
        text += " \(element)[\(count)]" + (address.map { " @ \($0.pointer)" } ?? "")
        guard level < depth, let address else {
            text += "\n"
            return
        }
        text += " {\n"
        for index in 0..<min(count, Self.elements) {
            let place = address &+ index * stride
            text += String(repeating: "  ", count: indent + 1) + "\(place.pointer)+\((index * stride).hex()): [\(index)]"
            if let type = StructureCatalog.type(named: element) {
                structure(StructureCatalog.name(of: type), at: place, indent: indent + 1, level: level + 1)
            } else {
                text +=
                    " " + (stride == 4 ? pointerOrNumber(at: place) : stride <= 8 ? number(stride, at: place) : "@ \(place.pointer)") + "\n"
            }
        }
        if count > Self.elements { text += String(repeating: "  ", count: indent + 1) + "(\(count - Self.elements) more)\n" }
        text += String(repeating: "  ", count: indent) + "}\n"
    }

    private func pointerOrNumber(at address: UInt32) -> String {
        guard let value = target.read32(address) else { return "??" }
        return value.hex() + (SymbolText.name(of: value, in: target).map { " \($0)" } ?? "")
    }
}

/// Addresses as `module!symbol+offset`, the way WinDbg writes them.
enum SymbolText {
    /// The name of an address that lies in a symbol; nil elsewhere.
    static func name(of address: UInt32, in target: any Target) -> String? {
        guard address != 0, let symbol = target.symbols.symbol(containing: address) else { return nil }
        let offset = address - symbol.address
        return "\(symbol.module)!\(symbol.name)" + (offset == 0 ? "" : "+0x\(offset.hex())")
    }

    /// The name in brackets behind the address in hex, or the address alone.
    static func address(_ address: UInt32, in target: any Target) -> String {
        address.pointer + (name(of: address, in: target).map { " (\($0))" } ?? "")
    }
}
