// SPDX-License-Identifier: GPL-3.0-or-later

/// Commands of the user's own making: a word that stands for a line.
package struct Aliases: Sendable {
    private var lines: [String: String] = [:]

    /// Longest line that comes of an expansion, in bytes.
    static let longestLine = 4096
    /// How many aliases may stand for each other in turn.
    static let maximumDepth = 16
    /// More than anybody makes by hand.
    static let capacity = 1000

    /// Names and lines, by name.
    package var all: [(name: String, line: String)] { lines.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    package subscript(name: String) -> String? { lines[name] }

    mutating func define(_ name: String, as line: String) throws(CommandError) {
        guard lines[name] != nil || lines.count < Self.capacity else { throw CommandError("alias: There are \(Self.capacity) already.") }
        lines[name] = line
    }

    /// - Returns: whether there was one.
    mutating func remove(_ name: String) -> Bool { lines.removeValue(forKey: name) != nil }

    /// The line that is meant, with aliases replaced until its first word is none; nil when it is no alias to begin with.
    ///
    /// `$1` to `$9` and `$*` in an alias stand for the words behind it; without any of them, the words are added at the end.
    package func expanded(_ line: CommandLine) throws(CommandError) -> CommandLine? {
        guard let first = line.words.first?.text, lines[first] != nil else { return nil }
        var current = line
        var depth = 0
        while let name = current.words.first?.text, let text = lines[name] {
            depth += 1
            guard depth <= Self.maximumDepth else {
                throw CommandError(
                    "alias: '\(first.harmless())' leads to more than \(Self.maximumDepth) aliases.", hint: "Do they call each other?")
            }
            current = CommandLine(try Self.filled(text, with: current))
        }
        return current
    }

    private static func filled(_ text: String, with line: CommandLine) throws(CommandError) -> String {
        let words = line.arguments.map(\.text)
        let all = String(decoding: line.glued(line.arguments), as: UTF8.self)
        var result = ""
        var usesWords = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "$", let next = rest.first, next == "*" || ("1"..."9").contains(next) {
                rest.removeFirst()
                usesWords = true
                let index = Int(String(next)).map { $0 - 1 }
                result += index.map { $0 < words.count ? words[$0] : "" } ?? all
            } else {
                result.append(character)
            }
            guard result.utf8.count <= longestLine else { throw tooLong }
        }
        if !usesWords, !words.isEmpty { result += " " + all }
        guard result.utf8.count <= longestLine else { throw tooLong }
        return result
    }

    private static let tooLong = CommandError("alias: The line becomes longer than \(longestLine) bytes.")
}
