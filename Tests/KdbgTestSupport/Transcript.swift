// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgCore
import SystemPackage

/// A recorded session with the debugger: a file of Tests/Transcripts that says what is typed and what must be seen.
///
///     # Comments and options come first.
///     # options: DEBUG DEBUGPORT=COM1
///     # script: set syntax intel
///     # memory: 128
///     # cpus: 2
///     # fault: no-uart
///     # addresses: hidden
///     # numbers: hidden
///     kdb:> bpx KdpInitDriver
///     Breakpoint 0 inserted.
///     Breakpoint 0 enabled.
///     >>> run go
///
///     Entered debugger on breakpoint #0: EXEC 0x0008:0x8042A000
///     <<< breakpoint 0
///
/// `>>> run GOAL` lets the machine run: `go`, `next-step`, `step N`, `next N`, or a step's number such as `1.9 #11`. A command that leaves the debugger
/// runs the machine too. What follows is the stop's banner and a line `<<< STOP`. ESC is written as ␛. Hidden addresses are written as XXXXXXXX, hidden
/// numbers as N, so that a change of the kernel does not touch the file.
package struct Transcript {
    /// What is done, and what must be seen then.
    package struct Exchange: Equatable {
        /// The line that starts with `kdb:> ` or `>>> `.
        package var input: String
        /// Lines of output.
        package var output: [String]
    }

    /// The lines before the first exchange, as they are.
    package var header: [String] = []
    package var exchanges: [Exchange] = []

    package static let prompt = "kdb:> "
    package static let directive = ">>> run "

    package init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        for line in lines {
            if line.hasPrefix(Self.prompt) || line.hasPrefix(Self.directive) || line + " " == Self.prompt {
                exchanges.append(Exchange(input: line, output: []))
            } else if exchanges.isEmpty {
                header.append(line)
            } else {
                exchanges[exchanges.count - 1].output.append(line)
            }
        }
    }

    /// The names of the transcripts in a directory, sorted; none when it is not there.
    package static func names(in directory: FilePath) -> [String] {
        guard let stream = opendir(directory.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".kdt") { names.append(name) }
        }
        return names.sorted()
    }

    /// The file's text.
    package var text: String {
        (header + exchanges.flatMap { [$0.input] + $0.output }).map { $0 + "\n" }.joined()
    }

    /// The machine the header asks for.
    package var configuration: BootConfiguration {
        var configuration = BootConfiguration()
        var script: [String] = []
        for line in header {
            if let value = Self.value(of: "options", in: line) { configuration.bootOptions = value }
            if Self.value(of: "quirks", in: line) == "yes" { configuration.keepsQuirks = true }
            if let value = Self.value(of: "script", in: line) { script.append(value) }
            if let value = Self.value(of: "memory", in: line).flatMap({ Int($0) }) { configuration.memoryMiB = value }
            if let value = Self.value(of: "fault", in: line), let fault = try? Fault(parsing: value) { configuration.faults.append(fault) }
            if let value = Self.value(of: "cpus", in: line).flatMap({ Int($0) }) { configuration.processors = value }
        }
        if !script.isEmpty { configuration.script = Array(script.map { $0 + "\r\n" }.joined().utf8) }
        return configuration
    }

    /// Whether a person types the lines (`# typed: yes`), who is asked before something ends.
    private var isTyped: Bool {
        header.contains { Self.value(of: "typed", in: $0) == "yes" }
    }

    private func hides(_ key: String) -> Bool {
        header.contains { Self.value(of: key, in: $0) == "hidden" }
    }

    /// Replaces the numbers of a line, decimal and hexadecimal, which count what changes with the kernel. The columns stay.
    private static func hidingNumbers(_ line: String) -> String {
        line.replacing(#/\b[0-9A-Fa-f]*\d[0-9A-Fa-f]*\b/#) { String(repeating: " ", count: $0.output.count - 1) + "N" }
    }

    /// Replaces what moves when the kernel changes: kernel addresses, code bytes, offsets into images, source lines, instruction counts.
    private static func hidingAddresses(_ line: String) -> String {
        var result = ""
        var rest = Substring(line)
        while let first = rest.first {
            let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            guard !word.isEmpty else {
                result.append(first)
                rest.removeFirst()
                continue
            }
            rest = rest.dropFirst(word.count)
            let digits = word.hasPrefix("0x") ? word.dropFirst(2) : word
            let isMoving =
                [".exe:", ".dll:", ".sys:", ".swift:"].contains(where: result.hasSuffix) || (digits.count > 5 && UInt32(digits) != nil)
            if isAddress(digits) {
                result += word.dropLast(digits.count) + String(repeating: "X", count: digits.count)
            } else {
                result += isMoving && digits.first.map { $0 != "0" } == true ? "N" : word
            }
        }
        return result
    }

    private static func isAddress(_ digits: Substring) -> Bool {
        guard digits.count >= 8, digits.allSatisfy(\.isHexDigit) else { return false }
        return digits.count > 8 || UInt32(digits, radix: 16).map { $0 >= 0x8000_0000 } == true
    }

    private static func value(of key: String, in line: String) -> String? {
        let prefix = "# \(key):"
        guard line.hasPrefix(prefix) else { return nil }
        return String(line.dropFirst(prefix.count).drop { $0 == " " })
    }

    /// Does everything again and writes down what is seen now.
    package func replayed(in session: Session) -> Transcript {
        var copy = self
        for index in copy.exchanges.indices {
            let input = copy.exchanges[index].input
            var seen: String
            if input.hasPrefix(Self.directive) {
                let word = String(input.dropFirst(Self.directive.count))
                seen = Self.goal(word).map { Self.run($0, in: session) } ?? "no goal is called '\(word)'\n"
            } else {
                let result = session.execute(String(input.dropFirst(Self.prompt.count)), from: isTyped ? .typed : .scripted)
                seen = result.output
                if let goal = result.resume { seen += Self.run(goal, in: session) }
            }
            var lines = seen.replacing("\u{1B}", with: "␛").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last == "" { lines.removeLast() }
            if hides("addresses") { lines = lines.map(Self.hidingAddresses) }
            if hides("numbers") { lines = lines.map(Self.hidingNumbers) }
            copy.exchanges[index].output = lines
        }
        return copy
    }

    private static func goal(_ text: String) -> RunGoal? {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "go": return .go
        case "next-step": return .nextBootStep
        case "step": return .step(words.count > 1 ? UInt64(words[1]) ?? 1 : 1)
        case "next": return .next(words.count > 1 ? UInt64(words[1]) ?? 1 : 1)
        default: return StepNumber(text).map(RunGoal.bootStep)
        }
    }

    private static func run(_ goal: RunGoal, in session: Session) -> String {
        var seen = ""
        // A boot takes a few million instructions; what takes a hundred times that will never end.
        for _ in 0..<1000 {
            let result = session.run(goal, budget: 1_000_000)
            seen += session.takeOutput()
            guard case .stopped(let stop, let banner) = result else { continue }
            return seen + banner + "<<< \(describe(stop))\n"
        }
        return seen + "<<< still running\n"
    }

    private static func describe(_ stop: Stop) -> String {
        switch stop {
        case .start: "start"
        case .bootStep(let number): "boot step \(number)"
        case .breakpoint(let number): "breakpoint \(number)"
        case .stepped: "stepped"
        case .debugger: "debugger"
        case .interrupted: "interrupted"
        case .bootComplete: "boot complete"
        case .reset: "reset"
        case .bugcheck(let code, let parameters):
            "bugcheck " + ([code] + parameters).map { "0x" + String($0, radix: 16) }.joined(separator: " ")
        case .dead(let ending): "dead: \(ending.reason)"
        }
    }
}
