// SPDX-License-Identifier: GPL-3.0-or-later

/// What `kdbg faults` prints: the kinds of faults, what they refer to, and the scenarios.
package enum FaultCatalogue {
    /// An entry of it.
    private struct Entry {
        let name: String
        let head: String
        let summary: String
        /// More, for who asks for this one.
        let details: [String]
    }

    private static var kinds: [Entry] {
        FaultKind.all.map {
            Entry(name: $0.name, head: $0.usage, summary: $0.summary, details: [$0.help, "Example: --fault '\($0.example)'"])
        }
    }

    private static var calls: [Entry] {
        EarlyCall.all.map { call in
            Entry(
                name: call.name, head: call.name, summary: "spec \(call.number): \(call.outcome)",
                details: ["Example: --fault early:\(call.name)"])
        }
    }

    private static var defects: [Entry] {
        Defect.all.map { Entry(name: $0.name, head: $0.name, summary: $0.summary, details: ["Example: --fault defect:\($0.name)"]) }
    }

    private static var scenarios: [Entry] {
        FaultScenario.all.map {
            Entry(name: $0.name, head: $0.name, summary: $0.summary, details: [$0.outcome, "Type: \($0.commandLine)"])
        }
    }

    private static var sections: [(title: String, entries: [Entry])] {
        [
            ("FAULTS: kdbg --fault SPEC, as often as wanted", kinds), ("EARLY CALLS, for early:CALL", calls),
            ("DEFECTS, for defect:NAME", defects), ("SCENARIOS: faults and options to watch", scenarios),
        ]
    }

    /// Every name that `text(of:)` knows.
    package static var names: [String] { sections.flatMap { $0.entries.map(\.name) } }

    /// The whole list.
    package static var text: String {
        var lines: [String] = []
        for (title, entries) in sections {
            lines.append(title)
            lines.append("")
            for entry in entries {
                lines.append("  " + entry.head)
                lines += wrapped(entry.summary, by: "      ")
                if let last = entry.details.last { lines += wrapped(last, by: "      ", breaks: false) }
                lines.append("")
            }
        }
        lines.append("A field with a colon in it stands in quotation marks: missing:\"\\a:b\". kdbg faults NAME tells more of one entry.")
        return lines.joined(separator: "\n") + "\n"
    }

    /// All about one entry; nil when there is none of that name.
    package static func text(of name: String) -> String? {
        let found = sections.flatMap(\.entries).filter { $0.name.lowercased() == name.lowercased() }
        guard !found.isEmpty else { return nil }
        return found.map { entry in
            let body = [entry.summary] + entry.details.dropLast()
            let lines = [entry.head] + body.flatMap { wrapped($0, by: "    ") } + ["    " + (entry.details.last ?? "")]
            return lines.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// What was probably meant by a name that is none.
    package static func suggestion(for name: String) -> String? { Suggestion.nearest(to: name, in: names) }

    /// The list for programs.
    package static var json: JSONValue {
        .object([
            (
                "faults",
                .array(
                    FaultKind.all.map {
                        .object([
                            ("name", .string($0.name)), ("usage", .string($0.usage)), ("summary", .string($0.summary)),
                            ("help", .string($0.help)), ("example", .string($0.example)),
                        ])
                    })
            ),
            (
                "earlyCalls",
                .array(
                    EarlyCall.all.map {
                        .object([("name", .string($0.name)), ("section", .string($0.number)), ("outcome", .string($0.outcome))])
                    })
            ),
            ("defects", .array(Defect.all.map { .object([("name", .string($0.name)), ("summary", .string($0.summary))]) })),
            (
                "scenarios",
                .array(
                    FaultScenario.all.map {
                        .object([
                            ("name", .string($0.name)), ("summary", .string($0.summary)), ("outcome", .string($0.outcome)),
                            ("bootOptions", $0.bootOptions.map(JSONValue.string) ?? .null),
                            ("faults", .array($0.faults.map(JSONValue.string))),
                            ("commandLine", .string($0.commandLine)),
                        ])
                    })
            ),
        ])
    }

    /// Lines of at most 100 characters.
    private static func wrapped(_ text: String, by indent: String, breaks: Bool = true) -> [String] {
        guard breaks else { return [indent + text] }
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count > indent.count, line.count + word.count + 1 > 100 {
                lines.append(line)
                line = indent
            }
            line += (line.count > indent.count ? " " : "") + word
        }
        return lines + [line]
    }
}
