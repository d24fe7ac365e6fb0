// SPDX-License-Identifier: GPL-3.0-or-later

/// Checks a KDBinit or command file without booting: which lines KDBG would refuse, and which do not do what they seem to (spec/kdbg.md sections 1 and 6).
package struct Linter {
    /// Whose KDBG the file is for.
    package enum Dialect: String, CaseIterable, Sendable {
        /// Ours, with symbols and further commands.
        case kdbg
        /// The real one.
        case reactOS = "reactos-0.4.15"
    }

    /// When the lines of a file are executed.
    package enum Kind: String, CaseIterable, Sendable {
        /// By the kernel, one after the other, while it stands at BootPhase 4 (section 6).
        case kdbinit
        /// By `-x` or `source`, as if typed: behind a line that lets the machine run, the next one waits for it to stop.
        case commands

        /// What a file of that name is, unless somebody says otherwise.
        package init(fileName: String) { self = fileName.hasSuffix(".kdb") ? .commands : .kdbinit }
    }

    /// More than anybody reads; the rest of the file is not checked then.
    static let mostFindings = 1000

    private let dialect: Dialect
    private let kind: Kind
    /// What the front end that executes the file understands besides the debugger's commands.
    private let frontEndWords: Set<String>
    private let symbols: SymbolTable
    private let rehearsal: Rehearsal
    private var findings: [Finding] = []
    /// A `step` or `next` line behind which no command has come yet.
    private var step: (line: Int, word: CommandLine.Word)?
    private var rebootLine: Int?
    /// The lines are commands of a breakpoint, up to `end`.
    private var collecting: (line: Int, word: CommandLine.Word)?
    /// A `break` line hands the keyboard to a person, who may change what later lines rely on.
    private var hasBreak = false
    /// The line being checked.
    private var number = 1

    private init(_ dialect: Dialect, _ kind: Kind, _ frontEndWords: Set<String>, _ symbols: SymbolTable) {
        self.dialect = dialect
        self.kind = kind
        self.frontEndWords = frontEndWords
        self.symbols = symbols
        rehearsal = Rehearsal(symbols: symbols, origin: kind == .kdbinit ? .kdbinit : .scripted)
    }

    /// Checks a file.
    /// - Parameters:
    ///   - frontEndWords: words that begin a line which is not the debugger's; in command files only.
    ///   - symbols: those of the images the script will meet.
    package static func check(
        _ bytes: [UInt8], for dialect: Dialect = .kdbg, kind: Kind = .kdbinit, frontEndWords: Set<String> = [], symbols: SymbolTable
    ) -> [Finding] {
        var linter = Linter(dialect, kind, kind == .commands ? frontEndWords : [], symbols)
        linter.check(ScriptText(bytes))
        return linter.findings
    }

    private mutating func check(_ text: ScriptText) {
        guard !text.isUTF16 else { return add(.error, at: 1, "the file is UTF-16, and KDBG reads ASCII and UTF-8") }
        if text.hasByteOrderMark, kind == .kdbinit {
            add(.error, at: 1, "the file begins with a byte order mark, for KDBG a part of the first word")
        }
        var isFirst = true
        for line in text.lines {
            guard let line = Self.command(line.bytes).map({ (line.number, $0) }) else { continue }
            number = line.0
            if isFirst, dialect == .reactOS, kind == .kdbinit {
                add(
                    .warning, at: 1,
                    "builds of \(ReactOS.name) before 2024-10-14 load KDBinit and execute none of its lines")
            }
            isFirst = false
            check(line.1)
            guard findings.count < Self.mostFindings else {
                return add(.error, at: 1, "too many findings; the rest of the file is not checked")
            }
        }
        if let collecting {
            findings.append(
                Finding(
                    .error, line: collecting.line, column: 1 + collecting.word.offset,
                    "there is no line 'end' behind it: none of the lines that follow is executed, and none is attached"))
        }
        if let (line, offset) = text.nul {
            number = line
            add(.warning, at: offset + 1, "there is a NUL byte, at which KDBG stops reading")
        }
    }

    /// The line as KDBG executes it; nil for blank lines and comments.
    private static func command(_ bytes: ArraySlice<UInt8>) -> CommandLine? {
        let text = bytes.drop { $0 == 0x20 || (9...13).contains($0) }
        guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
        let line = CommandLine(String(decoding: bytes, as: UTF8.self))
        return line.words.isEmpty ? nil : line
    }

    private mutating func add(_ severity: Finding.Severity, at column: Int, _ message: String) {
        findings.append(Finding(severity, line: number, column: column, message.harmless()))
    }

    private mutating func add(_ severity: Finding.Severity, _ line: CommandLine, at offset: Int, _ message: String) {
        add(severity, at: 1 + String(decoding: line.bytes.prefix(offset), as: UTF8.self).unicodeScalars.count, message)
    }
}

// MARK: Lines

extension Linter {
    private mutating func check(_ line: CommandLine) {
        let word = line.words[0]
        if let rebootLine { return add(.warning, line, at: word.offset, "never reached: line \(rebootLine) reboots") }
        if collecting != nil { return checkCollected(line) }
        checkStep(before: word.text)
        if ScriptInterpreter.isBreak(line.bytes.drop { $0 == 0x20 || (9...13).contains($0) }) {
            hasBreak = true
            if let extra = line.arguments.first { add(.warning, line, at: extra.offset, "KDBG ignores what follows 'break'") }
            return
        }
        if frontEndWords.contains(word.text) { return }
        guard let command = CommandTable.command(named: word.text) else {
            return dialect == .reactOS || !checkAlias(line) ? unknown(word, line) : ()
        }
        if dialect == .reactOS, !ReactOS.commands.contains(word.text) {
            return add(.error, line, at: word.offset, "'\(word.text)' is a command of kdbg only; \(ReactOS.name) does not know it")
        }
        guard checkArguments(of: command, line) else { return }
        checkEffect(of: command, line)
        if command.names[0] == "commands" { collecting = (number, word) }
        if kind == .commands {
            // Nobody waits at a boot.
        } else if Self.isLong(command, line) {
            add(.warning, line, at: word.offset, "prints more than a screen: at boot real KDBG waits for a key here")
        } else if dialect == .reactOS, ReactOS.isOftenLong(line) {
            add(.warning, line, at: word.offset, "often prints more than a screen: then KDBG waits for a key at boot")
        }
        if dialect == .reactOS {
            for (offset, message) in ReactOS.warnings(about: line) { add(.warning, line, at: offset, message) }
        }
    }

    /// A line between `commands` and `end`, which is executed another time.
    private mutating func checkCollected(_ line: CommandLine) {
        let word = line.words[0]
        if line.words.count == 1, word.text == "end" { return collecting = nil }
        if line.words.count == 1, word.text == "silent" { return }
        if let command = CommandTable.command(named: word.text) {
            _ = checkArguments(of: command, line)
        } else if !checkAlias(line) {
            unknown(word, line)
        }
    }

    /// Checks the line that an alias stands for. What is wrong with it is reported where the alias is used.
    /// - Returns: false when it is no alias.
    private mutating func checkAlias(_ line: CommandLine) -> Bool {
        let expansion: CommandLine?
        do {
            expansion = try rehearsal.expanded(line)
        } catch {
            add(.error, line, at: line.words[0].offset, error.message + (error.hint.map { " (\($0))" } ?? ""))
            return true
        }
        guard let expanded = expansion, let command = CommandTable.command(named: expanded.words[0].text) else {
            return false
        }
        let count = findings.count
        _ = checkArguments(of: command, expanded)
        let reported = findings[count...]
        findings.removeSubrange(count...)
        for finding in reported { add(finding.severity, line, at: line.words[0].offset, finding.message) }
        return true
    }

    private mutating func unknown(_ word: CommandLine.Word, _ line: CommandLine) {
        // Drivers add these (spec/kdbg.md section 1.9).
        if DriverCommands.fat.contains(word.text) { return }
        if DriverCommands.gdi.contains(word.text) {
            switch (dialect, kind) {
            case (.kdbg, _): add(.error, line, at: word.offset, "win32k.sys adds '\(word.text)', and the system of kdbg has none")
            case (.reactOS, .kdbinit):
                add(.warning, line, at: word.offset, "win32k.sys, which adds '\(word.text)', is not loaded yet when KDBinit is executed")
            case (.reactOS, .commands): break
            }
            return
        }
        // There are commands of the real KDBG that this one lacks.
        if dialect == .reactOS, ReactOS.commands.contains(word.text) { return checkEffect(of: nil, line) }
        let near =
            Suggestion.nearest(to: word.text, in: dialect == .reactOS ? Self.realNames : Self.names).map { "; did you mean '\($0)'?" } ?? ""
        add(.error, line, at: word.offset, "unknown command '\(word.text.prefix(64))'\(near)")
    }

    /// What a line can begin with.
    private static let names = CommandTable.commands.flatMap(\.names) + DriverCommands.fat + ["break"]
    private static let realNames = ReactOS.commands.sorted() + DriverCommands.fat + DriverCommands.gdi + ["break"]

    /// What another command means for the `step` in front of it: steps are made when the whole file has been executed, and only the last one counts.
    private mutating func checkStep(before next: String) {
        guard let step else { return }
        self.step = nil
        let message =
            next == "step" || next == "next"
            ? "no effect: the '\(next)' on line \(number) replaces it"
            : "'\(step.word.text)' takes effect when the whole file has been executed, behind the lines that follow"
        findings.append(Finding(.warning, line: step.line, column: 1 + step.word.offset, message))
    }

    /// Lines that are accepted and do nothing, or not what they seem to.
    private mutating func checkEffect(of command: Command?, _ line: CommandLine) {
        let word = line.words[0]
        switch word.text {
        case "cont" where kind == .kdbinit:
            add(.warning, line, at: word.offset, "no effect: KDBinit goes on with its next line in any case")
        case "step" where kind == .kdbinit, "next" where kind == .kdbinit:
            step = (number, word)
        case "reboot" where kind == .kdbinit:
            rebootLine = number
        case "set" where line.words.count > 2 && line.words[1].text == "break_on_module_load":
            add(.warning, line, at: word.offset, "no effect: KDBG never looks at break_on_module_load")
        default: break
        }
        guard let extra = line.arguments.first else { return }
        if let comment = line.arguments.first(where: { $0.text.hasPrefix("#") }) {
            add(.warning, line, at: comment.offset, "not a comment: comments take whole lines")
        } else if let command, command.usage == command.names[0], case .nothing = command.completion {
            add(.warning, line, at: extra.offset, "'\(word.text)' takes no arguments; the rest of the line is ignored")
        }
    }

    /// Whether the output fills more than the 23 rows of a first page (section 3.3).
    private static func isLong(_ command: Command, _ line: CommandLine) -> Bool {
        switch command.names[0] {
        case "help", "filter": line.arguments.isEmpty
        case "dmesg", "idt", "pcr": true
        case "x": (CountSuffix.split(line.arguments).count ?? 16) > 23 * 4
        default: false
        }
    }
}

// MARK: Arguments

extension Linter {
    /// - Returns: whether nothing speaks against them.
    private mutating func checkArguments(of command: Command, _ line: CommandLine) -> Bool {
        let count = findings.count
        if command.names[0] == "filter" {
            checkFilter(line)
        } else {
            rehearse(command, line)
        }
        if dialect == .reactOS { checkSymbols(of: command, line) }
        return findings[count...].allSatisfy { $0.severity == .warning }
    }

    private mutating func rehearse(_ command: Command, _ line: CommandLine) {
        var line = line
        // A count only costs time, unless it is too large for us; the real KDBG takes any.
        let split = CountSuffix.split(line.arguments)
        if command.usage.hasSuffix("[L count]"), let count = split.count, count <= CountSuffix.limit || dialect == .reactOS {
            line = CommandLine(String(decoding: line.bytes.prefix((split.words.last ?? line.words[0]).end), as: UTF8.self))
        }
        switch rehearsal.run(command, line) {
        case .accepted: break
        case .warned(let messages):
            for message in messages { add(.warning, line, at: line.arguments.first?.offset ?? 0, message) }
        case .refused(let error):
            let offset = if case .byte(let offset) = error.place { offset } else { Self.culprit(of: error, in: line) }
            let hint = error.hint.map { " (\($0))" } ?? ""
            add(hasBreak && Self.isAboutBreakpoint(command) ? .warning : .error, line, at: offset, error.message + hint)
        }
    }

    /// Whether the command names a breakpoint, which a person at a `break` line may have made.
    private static func isAboutBreakpoint(_ command: Command) -> Bool {
        if case .breakpoints = command.completion { true } else { false }
    }

    /// The place in a condition that a message names, else the word that it quotes, else the one behind the command.
    private static func culprit(of error: CommandError, in line: CommandLine) -> Int {
        let condition = line.arguments.drop { $0.text != "IF" }.dropFirst()
        if let start = condition.first?.offset, error.message.hasPrefix("Couldn't parse condition") {
            let character = error.message.split(separator: " ").last.flatMap { CNumber.whole($0) } ?? 0
            return min(start + Int(min(character, 0xFFFF)), line.bytes.count)
        }
        // What is wrong with an address is said by its value.
        if error.message.hasPrefix("Address ("), let address = line.arguments.prefix(while: { $0.text != "IF" }).last {
            return address.offset
        }
        let quoted = line.arguments.first { error.message.contains("'\($0.text)'") }
        return (quoted ?? line.arguments.first ?? line.words[0]).offset
    }

    /// `filter` goes on after a bad level and writes in between; so each word is looked at here.
    private mutating func checkFilter(_ line: CommandLine) {
        for word in line.arguments {
            do {
                let change = try DebugFilter.parse(word.text)
                guard DebugComponents.component(named: change.component) == nil else { continue }
                let near = Suggestion.nearest(to: change.component, in: DebugComponents.all.map(\.name))
                let offset = word.offset + word.text.utf8.count - change.component.utf8.count
                add(
                    .error, line, at: offset,
                    "'\(change.component)' is not a debug component" + (near.map { "; did you mean '\($0)'?" } ?? ""))
                return
            } catch {
                add(.error, line, at: word.offset, error.message)
            }
        }
    }

    /// Reports names in expressions, which the real KDBG does not have (section 2.1).
    private mutating func checkSymbols(of command: Command, _ line: CommandLine) {
        switch command.completion {
        case .expression, .wordsThenExpression: break
        default:
            let words = line.words.map(\.text)
            if words.count > 2, words[..<2] == ["set", "condition"], words[2].uppercased() == "ASSERTION" {
                add(.error, line, at: line.words[2].offset, "\(ReactOS.name) does not know an exception '\(words[2])'")
            }
            return
        }
        var seen: Set<String> = []
        for word in line.arguments {
            for token in word.text.utf8.split(whereSeparator: { "+-*/%()[]<>!=".utf8.contains($0) }) {
                let name = String(token) ?? ""
                guard seen.insert(name).inserted, CNumber.whole(name) == nil, Register(rawValue: name.lowercased()) == nil,
                    symbols.symbol(named: name) != nil || symbols.absentPlace(named: name) != nil
                else {
                    continue
                }
                let offset = word.offset + word.text.utf8.distance(from: word.text.utf8.startIndex, to: token.startIndex)
                add(.error, line, at: offset, "'\(name)' is a symbol, which only kdbg takes; \(ReactOS.name) wants a number or a register")
            }
        }
    }
}

extension Linter {
    /// The symbols of the images that boot when nothing else is said. Linking them takes milliseconds; nothing runs.
    package static func symbolsOfKernel() -> SymbolTable {
        Guest.boot(options: "").symbols
    }
}
