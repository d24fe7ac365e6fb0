// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelDebugger {
    /// Executes one line as if typed at the prompt (spec/kdbg.md section 1.1). An empty line does nothing.
    package func execute(_ text: String) -> CommandResult {
        let line = CommandLine(text)
        guard let name = line.words.first?.text else { return CommandResult() }
        guard let command = CommandTable.command(named: name) else {
            return CommandResult(output: Self.unknown(line, name: name), failed: true)
        }
        var output = CommandOutput()
        do {
            let verdict = try command.run(self, line, &output)
            guard case .leave(let goal) = verdict else { return CommandResult(output: output.text, failed: output.failed) }
            return CommandResult(output: output.text, resume: goal, failed: output.failed)
        } catch {
            return CommandResult(output: output.text + error.rendered(for: line), failed: true)
        }
    }

    /// The words that could stand at `position`, a character offset in `line`, instead of the one that begins there.
    package func completions(of text: String, at position: Int) -> [String] {
        let before = String(text.prefix(max(position, 0)))
        let line = CommandLine(before)
        let endsInBlank = before.last.map { $0 == " " || $0 == "\t" } ?? true
        let index = endsInBlank ? line.words.count : line.words.count - 1
        let word = endsInBlank ? "" : line.words[index].text
        if index == 0 {
            return CommandTable.commands.flatMap(\.names).filter { $0.hasPrefix(word) }.sorted()
        }
        guard let command = CommandTable.command(named: line.words[0].text) else { return [] }
        return candidates(command.completion, argument: index - 1, word: word)
    }

    private func candidates(_ completion: Command.Completion, argument: Int, word: String) -> [String] {
        func matching(_ words: [String]) -> [String] { words.filter { $0.hasPrefix(word) }.sorted() }
        switch completion {
        case .nothing: return []
        case .commands: return argument == 0 ? matching(CommandTable.commands.flatMap(\.names)) : []
        case .words(let words): return argument < words.count ? matching(words[argument]) : []
        case .wordsThenExpression(let words):
            return argument < words.count ? matching(words[argument]) : names(continuing: word)
        case .breakpoints: return argument == 0 ? matching(breakpoints.all.map { String($0.number) }) : []
        case .expression: return names(continuing: word)
        case .types:
            return argument == 0
                ? StructureCatalog.types.map(StructureCatalog.name).filter { $0.hasPrefix(word.uppercased()) } : names(continuing: word)
        case .components:
            let sign = word.lastIndex { $0 == "+" || $0 == "-" }
            let head = sign.map { word[...$0] } ?? ""
            let tail = word.dropFirst(head.count).uppercased()
            return DebugComponents.all.map(\.name).filter { $0.hasPrefix(tail) }.map { head + $0 }
        }
    }

    /// Registers and symbols that complete the name an expression ends in.
    private func names(continuing word: String) -> [String] {
        let operators = "+-*/%()[]<>="
        let start = word.lastIndex { operators.contains($0) }.map { word.index(after: $0) } ?? word.startIndex
        let head = word[..<start]
        let tail = word[start...]
        guard !tail.isEmpty else { return [] }
        let names = Register.allCases.map(\.rawValue).filter { $0.hasPrefix(tail) }
        let symbols = target.symbols.symbols.lazy.map { tail.contains("!") ? "\($0.module)!\($0.name)" : $0.name }
        return (names + Set(symbols.filter { $0.hasPrefix(tail) }).sorted()).map { head + $0 }
    }

    private static func unknown(_ line: CommandLine, name: String) -> String {
        // KDBG keeps 1023 bytes of the line for this message (section 6.5).
        let quoted = String(decoding: line.bytes.prefix(1023), as: UTF8.self).harmless()
        var text = "Command '\(quoted)' is unknown.\n"
        if let near = Suggestion.nearest(to: name, in: CommandTable.commands.flatMap(\.names)) {
            text += "Did you mean '\(near)'?\n"
        }
        return text
    }
}
