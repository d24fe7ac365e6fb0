// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelDebugger {
    /// The words that could stand at `position`, a character offset in `line`, instead of the one that begins there (blanks are what separates
    /// words). When none begins as what was typed does, upper and lower case are taken as the same.
    package func completions(of text: String, at position: Int) -> [String] {
        let place = CompletionPlace(text, position)
        if place.isName { return Self.words(names + aliases.all.map(\.name) + driverNames, continuing: place.word) }
        return place.command.map { candidates($0, place) } ?? []
    }

    /// Whether a file's name is what could stand at `position` in `line`; nobody but the front end can look for one.
    package func completesFileName(in text: String, at position: Int) -> Bool {
        guard let command = CompletionPlace(text, position).command, case .files = command.completion else { return false }
        return true
    }

    /// The commands that make sense with what runs on the target.
    private var names: [String] { CommandTable.commands.filter { $0.isOfUse(for: target) }.flatMap(\.names) }

    /// What drivers would answer now, as far as it is known.
    private var driverNames: [String] { contextAddress != nil && driverCallbacks != nil ? DriverCommands.fat : [] }

    private func candidates(_ command: Command, _ place: CompletionPlace) -> [String] {
        let (argument, word) = (place.argument, place.word)
        func matching(_ words: [String]) -> [String] { Self.words(words, continuing: word) }
        switch command.completion {
        case .nothing, .files: return []
        case .commands: return argument == 0 ? matching(names) : []
        case .words(let words): return argument < words.count ? matching(words[argument]) : []
        case .choices(let choices):
            if argument == 0 { return matching(choices.map(\.word)) }
            let rest = choices.first { $0.word == place.words[1] }?.rest ?? []
            return argument <= rest.count ? matching(rest[argument - 1]) : []
        case .wordsThenExpression(let words):
            let fitting = argument < words.count ? matching(words[argument]) : []
            return argument > 0 && fitting.isEmpty ? operands(command, place) : fitting
        case .breakpoints:
            let typed: Set<String> = Set(place.words.dropFirst().dropLast())
            let numbers: [String] = breakpoints.all.map { String($0.number) }
            return matching(numbers.filter { !typed.contains($0) })
        case .aliases:
            let names: [String] = aliases.all.map(\.name)
            return argument == 0 ? matching(names) : []
        case .expression: return operands(command, place)
        case .objects(let directories): return argument == 0 ? objects(word, in: directories) + operands(command, place) : []
        case .types:
            return argument == 0 ? matching(StructureCatalog.types.map(StructureCatalog.name)) : operands(command, place)
        case .components:
            let sign = word.lastIndex { $0 == "+" || $0 == "-" }
            let head = sign.map { word[...$0] } ?? ""
            let names = DebugComponents.all.map(\.name) + (sign == nil ? ["error+", "warning+", "trace+", "info+"] : [])
            return Self.words(names, continuing: String(word.dropFirst(head.count))).map { head + $0 }
        }
    }

    /// Paths that complete one, and names that complete one in the directories.
    private func objects(_ word: String, in directories: [String]) -> [String] {
        let reader = ObjectReader(target: target)
        let cut = word.lastIndex(of: "\\").map { word.index(after: $0) } ?? word.startIndex
        let head = String(word[..<cut])
        let places: [String] = word.hasPrefix("\\") ? [head] : directories.map { "\($0)\\\(head)" }
        var names: [String] = []
        for place in places {
            guard let directory = try? reader.object(at: place, followsLast: true) else { continue }
            for (_, object) in directory.entries {
                names.append(object.typeName == "Directory" ? object.name + "\\" : object.name)
            }
        }
        let found: [String] = Self.words(names, continuing: String(word[cut...]))
        return found.map { head + $0 }
    }

    /// Registers, memory sizes, symbols and modules that complete the name an expression ends in, and the `IF` that begins a condition.
    private func operands(_ command: Command, _ place: CompletionPlace) -> [String] {
        let operators = "+-*/%()[]<>="
        let start = place.word.lastIndex { operators.contains($0) }.map { place.word.index(after: $0) } ?? place.word.startIndex
        let head = place.word[..<start]
        let tail = place.word[start...]
        guard !tail.isEmpty else { return [] }
        var names: [String]
        let symbols = target.symbols.symbols + target.symbols.absentSymbols
        if tail.contains("!") {
            names = symbols.map { "\($0.module)!\($0.name)" }
        } else {
            names = Register.allCases.map(\.rawValue) + ["byte[", "word[", "dword[", "qword["]
            names += Set(symbols.map(\.module)).map { $0 + "!" }
            names += symbols.map(\.name)
            if head.isEmpty, place.argument > 0, command.usage.contains("[IF condition]"), !place.words.contains("IF") {
                names.append("IF")
            }
        }
        return Self.words(names, continuing: String(tail)).map { head + $0 }
    }

    /// Those of the words that go on from `beginning`, each once, in order.
    private static func words(_ words: [String], continuing beginning: String) -> [String] {
        let exact = words.filter { $0.hasPrefix(beginning) }
        guard exact.isEmpty else { return Set(exact).sorted() }
        let folded = beginning.lowercased()
        return Set(words.filter { $0.lowercased().hasPrefix(folded) }).sorted()
    }
}

/// Where in a line a word is to be completed.
private struct CompletionPlace {
    /// The words up to there, the last one being what is completed, which may be empty.
    let words: [String]

    init(_ text: String, _ position: Int) {
        let before = String(text.prefix(max(position, 0)))
        let words = CommandLine(before).words.map(\.text)
        let endsInBlank = before.last.map { $0 == " " || $0 == "\t" } ?? true
        self.words = endsInBlank ? words + [""] : words
    }

    var word: String { words[words.count - 1] }
    /// Arguments in front of it.
    var argument: Int { words.count - 2 }
    /// Whether it is the command itself.
    var isName: Bool { words.count == 1 }
    /// The command it is an argument of, if there is one of that name.
    var command: Command? { isName ? nil : CommandTable.command(named: words[0]) }
}
