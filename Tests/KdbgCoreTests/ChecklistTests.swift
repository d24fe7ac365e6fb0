// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTestSupport
import Testing

@testable import KdbgCore

/// docs/kdbg-checklist.md: what spec/kdbg.md describes, item by item, and where it can be seen. Each row names transcripts with text in them, or tests.
struct ChecklistTests {
    /// A row of the page's tables.
    private struct Row {
        let text: String
        /// What stands between back quotes in the last column.
        let references: [String]
    }

    private static func rows() throws -> [Row] {
        let page = try Golden.read(Golden.directory.appending("../docs/kdbg-checklist.md"))
        return page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| item") }.map { line in
            // A bar inside a cell is written as \|.
            let cells = String(line).replacing("\\|", with: "\u{1}").split(separator: "|")
            let spans = (cells.last ?? "").matches(of: #/`([^`]+)`/#).map { String($0.1).replacing("\u{1}", with: "|") }
            return Row(text: String(line), references: spans)
        }
    }

    /// Every reference leads to a file, and what is said to stand there does.
    @Test func everyRowPointsAtWhatIsThere() throws {
        let rows = try Self.rows()
        #expect(rows.count > 100)
        let tests = try Self.sources()
        for row in rows {
            var shown: String?
            #expect(!row.references.isEmpty, "\(row.text)")
            for reference in row.references {
                if reference.hasSuffix(".kdt") {
                    shown = try Golden.read(Golden.directory.appending("Transcripts/\(reference)"))
                } else if let match = reference.wholeMatch(of: #/(\w+Tests)\.(\w+)/#) {
                    let (suite, function) = (String(match.1), String(match.2))
                    #expect(
                        tests.contains { $0.contains("\(suite) ") && $0.contains("func \(function)(") }, "there is no test \(reference)")
                } else {
                    let text = try #require(shown, "\(row.text): no transcript in front of '\(reference)'")
                    #expect(text.contains(reference), "\(row.text): '\(reference)' is not there")
                }
            }
        }
    }

    /// No command is without a transcript that has it, with words behind it if it takes any, and at least one thing it refuses or does not find.
    @Test func everyCommandIsInATranscript() throws {
        let transcripts = try Transcript.names(in: Golden.directory.appending("Transcripts")).map {
            Transcript(try Golden.read(Golden.directory.appending("Transcripts/\($0)")))
        }
        var seen: [String: Int] = [:]
        for exchange in transcripts.flatMap(\.exchanges) where exchange.input.hasPrefix(Transcript.prompt) {
            let words = exchange.input.dropFirst(Transcript.prompt.count).split(separator: " ")
            if let name = words.first { seen[String(name), default: 0] += 1 }
        }
        for command in CommandTable.commands {
            for name in command.names { #expect(seen[name, default: 0] > 0, "no transcript has '\(name)'") }
            let takesWords = command.usage != command.names[0]
            #expect(!takesWords || seen[command.names[0], default: 0] > 1, "only one line in all transcripts has '\(command.names[0])'")
        }
    }

    private static func sources() throws -> [String] {
        try ["KdbgCoreTests", "KdbgTUITests", "kdbgTests", "X86Tests"].flatMap { target in
            try names(target).map { try Golden.read(Golden.directory.appending("\(target)/\($0)")) }
        }
    }

    private static func names(_ target: String) -> [String] {
        guard let stream = opendir(Golden.directory.appending(target).string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".swift") { names.append(name) }
        }
        return names.sorted()
    }
}
