// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the fields of a fault: `KIND:FIELD:FIELD…`. A field with a colon in it stands in quotation marks; two of them in it are one.
struct FaultReader {
    /// A field, and where its first character stands in the text, from 1.
    struct Field {
        var text: String
        var column: Int
    }

    let fault: String
    private var fields: [Field] = []
    private var next = 0

    init(_ fault: String) throws(FaultError) {
        self.fault = fault
        let characters = Array(fault)
        var position = 0
        while true {
            fields.append(try Self.field(fault, characters, &position))
            guard position < characters.count else { break }
            // A colon, see `field`.
            position += 1
        }
    }

    /// Reads up to a colon or the end.
    private static func field(_ fault: String, _ characters: [Character], _ position: inout Int) throws(FaultError) -> Field {
        let start = position
        guard position < characters.count, characters[position] == "\"" else {
            while position < characters.count, characters[position] != ":" { position += 1 }
            return Field(text: String(characters[start..<position]), column: start + 1)
        }
        var text = ""
        position += 1
        while true {
            guard position < characters.count else {
                throw FaultError(fault, column: start + 1, "the quotation mark has no other")
            }
            let character = characters[position]
            position += 1
            if character != "\"" {
                text.append(character)
            } else if position < characters.count, characters[position] == "\"" {
                text.append(character)
                position += 1
            } else {
                break
            }
        }
        guard position == characters.count || characters[position] == ":" else {
            throw FaultError(fault, column: position + 1, "a colon must follow the closing quotation mark")
        }
        return Field(text: text, column: start + 2)
    }

    /// The next field, if there is one.
    mutating func optional() -> Field? {
        guard next < fields.count else { return nil }
        next += 1
        return fields[next - 1]
    }

    /// The next field, which must be there and not empty.
    /// - Parameter what: for the message, such as "a pool tag".
    mutating func field(_ what: String) throws(FaultError) -> Field {
        guard let field = optional() else { throw FaultError(fault, column: fault.count + 1, "\(what) is missing") }
        guard !field.text.isEmpty else { throw FaultError(fault, column: field.column, "\(what) is missing") }
        return field
    }

    /// Nothing may follow.
    mutating func finish() throws(FaultError) {
        guard let field = optional() else { return }
        throw FaultError(fault, column: field.column, "nothing more is expected here")
    }

    // MARK: Kinds of fields

    /// A number, decimal or with 0x.
    func number(_ text: String, column: Int, in range: ClosedRange<Int>, _ what: String) throws(FaultError) -> Int {
        let value = text.lowercased().hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        guard let value, text.first != "+", text.first != "-" else { throw FaultError(fault, column: column, "'\(text)' is not \(what)") }
        guard range.contains(value) else {
            throw FaultError(fault, column: column, "\(text) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    /// `N`, `N+`, `N-M` or `*`: which of the calls that count; the first when the field is not there.
    mutating func numbers() throws(FaultError) -> ClosedRange<Int> {
        guard let field = optional() else { return 1...1 }
        let all = 1...Int(UInt32.max)
        if field.text == "*" { return all }
        if field.text.hasSuffix("+") {
            return try number(String(field.text.dropLast()), column: field.column, in: all, "a count: N, N+, N-M or *")...all.upperBound
        }
        let parts = field.text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty else { throw FaultError(fault, column: field.column, "'\(field.text)' is not a count: N, N+, N-M or *") }
        let first = try number(parts[0], column: field.column, in: all, "a count: N, N+, N-M or *")
        guard parts.count == 2 else { return first...first }
        let column = field.column + parts[0].count + 1
        let last = try number(parts[1], column: column, in: all, "a count: N, N+, N-M or *")
        guard last >= first else { throw FaultError(fault, column: column, "\(last) is before \(first)") }
        return first...last
    }

    /// `NAME` or `NAME@CALLER`.
    mutating func name(_ what: String) throws(FaultError) -> (name: FaultEffect.Place, caller: FaultEffect.Place?) {
        let field = try field(what)
        let parts = field.text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty else { throw FaultError(fault, column: field.column, "\(what) is missing") }
        let name = FaultEffect.Place(name: parts[0], column: field.column)
        guard parts.count == 2 else { return (name, nil) }
        let column = field.column + parts[0].count + 1
        guard !parts[1].isEmpty else { throw FaultError(fault, column: column, "a routine's name is missing behind the @") }
        return (name, FaultEffect.Place(name: parts[1], column: column))
    }

    /// An NTSTATUS, as a number or by its name.
    mutating func status() throws(FaultError) -> UInt32 {
        let field = try field("a status")
        if field.text.first?.isNumber == true {
            return UInt32(try number(field.text, column: field.column, in: 0...Int(UInt32.max), "a status"))
        }
        let upper = field.text.uppercased()
        if let value = StatusNames.value(of: upper) { return value }
        throw FaultError(
            fault, column: field.column, "'\(field.text)' is not a status", word: upper, candidates: StatusNames.all,
            otherwise: "A number, such as 0xC000009A, will do.")
    }
}
