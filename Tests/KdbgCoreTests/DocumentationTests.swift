// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTestSupport
import SystemPackage
import Testing

@testable import KdbgCore

/// What the documentation says is what the program does. `KDBG_RECORD=1` rewrites the pages that are made by the program, and the run that does it fails.
struct DocumentationTests {
    @Test func everyCommandIsInTheReference() {
        expectGolden(CommandReference.markdown, at: "../docs/commands.md")
    }

    @Test func everyFaultIsInTheReference() {
        expectGolden(FaultReference.markdown, at: "../docs/faults.md")
    }

    /// The tour is compared without its numbers, so that a line more in the kernel does not make it wrong; recording renews the numbers too.
    @Test func theTourShowsWhatTheProgramPrints() throws {
        let page = try Golden.read(Golden.directory.appending("../docs/tour.md"))
        let replayed = Tour(page).replayed()
        guard Golden.isRecording || Tour.withoutNumbers(replayed) != Tour.withoutNumbers(page) else { return }
        expectGolden(replayed, at: "../docs/tour.md")
    }

    @Test func everyMendIsInTheListOfDifferences() throws {
        let page = try Golden.read(Golden.directory.appending("../docs/fidelity.md"))
        for mend in Mend.allCases { #expect(page.contains(mend.row.markdown), "docs/fidelity.md lacks \(mend.row.markdown)") }
    }

    @Test func everySuiteIsInTheListOfTests() throws {
        let page = try Golden.read(Golden.directory.appending("README.md"))
        let suites = try Self.suites()
        #expect(suites.count > 20)
        for suite in suites {
            #expect(page.contains("`\(suite)`"), "Tests/README.md says nothing about \(suite)")
        }
        for named in page.matches(of: #/`(\w+Tests)`/#).map({ String($0.1) }) {
            #expect(suites.contains(named) || Self.targets().contains(named), "Tests/README.md names \(named), which does not exist")
        }
    }

    /// Directories of test targets.
    private static func targets() -> [String] {
        directoryEntries(Golden.directory).filter { $0.hasSuffix("Tests") }
    }

    /// Types at the beginning of a line whose names end in Tests.
    private static func suites() throws -> [String] {
        try targets().flatMap { target in
            try directoryEntries(Golden.directory.appending(target)).filter { $0.hasSuffix(".swift") }.flatMap { file in
                let source = try Golden.read(Golden.directory.appending("\(target)/\(file)"))
                return source.matches(of: #/(?:^|\n)(?:@Suite(?:\([^)\n]*\))? )?(?:struct|final class|actor) (\w+Tests)\b/#).map {
                    String($0.1)
                }
            }
        }
    }
}

/// docs/tour.md: a page whose fenced blocks marked `kdbg` are one session with `kdbg --plain`. What follows a line `kdb:> COMMAND` up to the next one, or to
/// the end of the block, is what the program prints.
private struct Tour {
    private let lines: [Substring]
    private static let prompt = "kdb:> "

    init(_ page: String) {
        lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The page with every output as it is now.
    func replayed() -> String {
        let session = Session(BootConfiguration())
        var result: [String] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("```") {
                isInside = line == "```kdbg"
                result.append(String(line))
            } else if !isInside {
                result.append(String(line))
            } else if line.hasPrefix(Self.prompt) {
                result.append(String(line))
                result += Self.output(of: String(line.dropFirst(Self.prompt.count)), in: session)
            }
        }
        return result.joined(separator: "\n")
    }

    private static func output(of command: String, in session: Session) -> [String] {
        var text = ""
        var goal: RunGoal? = command == "next-step" ? .nextBootStep : nil
        if goal == nil {
            let result = session.execute(command)
            text = result.output
            goal = result.resume
        }
        if let goal { text += run(goal, in: session) }
        // Markdown has no use for KDBG's escape sequences, and the serial line ends lines with CR LF.
        text = text.replacing(#/\u{1B}\[\dm/#, with: "").replacing("\r\n", with: "\n")
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func run(_ goal: RunGoal, in session: Session) -> String {
        var text = ""
        for _ in 0..<2000 {
            let result = session.run(goal, budget: 1_000_000)
            text += String(decoding: session.drainSerial(), as: UTF8.self)
            guard case .stopped(let stop, let banner) = result else { continue }
            return text + banner + (stop == .bootComplete ? "The boot is complete: the kernel is in its zero-page loop.\n" : "")
        }
        return text + "(still running)\n"
    }

    /// Addresses, line numbers and instruction counts as `#`, blanks as one blank.
    static func withoutNumbers(_ text: String) -> String {
        text.replacing(#/[0-9A-Fa-f]+/#, with: "#").replacing(#/ +/#, with: " ")
    }
}
