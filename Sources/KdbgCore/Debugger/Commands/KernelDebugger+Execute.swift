// SPDX-License-Identifier: GPL-3.0-or-later

extension KernelDebugger {
    /// Executes one line, and what it leads to: the files it sources, up to a line that lets the machine run (spec/kdbg.md section 1.1). An empty
    /// line does nothing.
    package func execute(_ text: String, from origin: LineOrigin = .scripted) -> CommandResult {
        var result = executeLine(text, from: origin)
        if result.resume != nil, queue.isPaused {
            // The line that leaves the prompt of a `break` line goes on with the file, as in KDBinit (section 6.5).
            queue.resume()
            result.resume = nil
        }
        guard result.resume == nil else { return result }
        let rest = executeQueue()
        return CommandResult(
            output: result.output + rest.output, resume: rest.resume, failed: result.failed || rest.failed,
            reason: result.reason ?? rest.reason)
    }

    /// Executes waiting lines, up to one that lets the machine run.
    package func executeQueue() -> CommandResult {
        var all = CommandResult()
        while all.resume == nil, let line = queue.next() {
            let result = executeLine(line.text, from: .scripted)
            if result.failed, let place = line.place {
                // What the line has said before it failed stays in front.
                let reason = result.reason.flatMap { result.output.hasSuffix($0) ? $0 : nil } ?? result.output
                all.output += result.output.dropLast(reason.count) + place.harmless() + ": " + Self.withoutCaret(reason)
            } else {
                all.output += result.output
            }
            all.failed = all.failed || result.failed
            all.reason = all.reason ?? result.reason
            all.resume = result.resume
            if result.resume != nil { queue.machineRuns() }
        }
        return all
    }

    /// An error's text where there is no line above it that a caret could point at: the column is said instead.
    private static func withoutCaret(_ output: String) -> String {
        let blanks = output.prefix { $0 == " " }.count
        guard output.dropFirst(blanks).hasPrefix("^ "), let end = output.firstIndex(of: "\n") else {
            return String(output.drop { $0 == " " })
        }
        // The caret's column counts the prompt in front of the line.
        return "\(output[..<end].dropFirst(blanks + 2)) (column \(blanks - 5))\(output[end...])"
    }

    /// Executes one line and nothing that waits.
    package func executeLine(_ text: String, from origin: LineOrigin) -> CommandResult {
        self.origin = origin
        if collecting != nil { return collect(text) }
        if let command = confirming {
            confirming = nil
            let answer = text.lowercased().split(whereSeparator: \.isWhitespace)
            if answer == ["yes"] {
                self.origin = .scripted
                return run(CommandLine(command))
            }
            if answer == ["no"] || answer == ["n"] || answer == ["y"] {
                let name = CommandLine(command).words.first?.text ?? ""
                return CommandResult(output: "\(name): Not done." + (answer == ["y"] ? " Only the whole word 'yes' does it." : "") + "\n")
            }
        }
        return run(CommandLine(text))
    }

    private func run(_ typed: CommandLine) -> CommandResult {
        guard let name = typed.words.first?.text else { return CommandResult() }
        var line = typed
        do {
            if CommandTable.command(named: name) == nil, let expanded = try aliases.expanded(typed) { line = expanded }
        } catch {
            return CommandResult(output: error.rendered(for: typed), failed: true)
        }
        guard let command = line.words.first.flatMap({ CommandTable.command(named: $0.text) }) else {
            let text = unknown(line, name: line.words.first?.text ?? "")
            guard offer(line) else { return CommandResult(output: text, failed: true) }
            unknownLine = text
            return CommandResult(output: origin == .kdbinit ? text : "", resume: .callbacks, failed: origin == .kdbinit)
        }
        guard command.isOfUse(for: target) else {
            return CommandResult(output: "\(command.names[0]): This needs the NT kernel, and another program runs here.\n", failed: true)
        }
        var output = CommandOutput()
        do {
            let verdict = try command.run(self, line, &output)
            guard case .leave(let goal) = verdict else {
                return CommandResult(output: output.text, failed: output.failed, reason: output.reason)
            }
            return CommandResult(output: output.text, resume: goal, failed: output.failed, reason: output.reason)
        } catch {
            // A caret under an alias would point at nothing: the line it became goes in front.
            let shown = line.text == typed.text ? "" : "  --> \(line.text.harmless())\n"
            let reason = error.rendered(for: line, countsBlanks: mends(.caretColumn))
            return CommandResult(output: output.text + shown + reason, failed: true, reason: reason)
        }
    }

    /// Puts a line where the drivers' callbacks find it (section 1.9), if the guest waits in KD and there are any.
    private func offer(_ line: CommandLine) -> Bool {
        func address(_ name: String) -> UInt32? { target.symbols.symbol(named: name)?.address }
        guard contextAddress != nil, driverCallbacks != nil, let text = address("KdbCliCommandLine"),
            let words = address("KdbCliArguments"), let count = address("KdbCliArgumentCount"), line.bytes.count < 1024,
            line.words.count <= 256
        else { return false }
        // The tokenizer has put zeros behind the words.
        var bytes = line.bytes.map { $0 == 0x20 || $0 == 0x09 ? 0 : $0 } + [0]
        for word in line.words { bytes[word.end] = 0 }
        let pointers = line.words.map { text &+ UInt32($0.offset) }
        guard target.writeBytes(text, bytes), target.write32(count, UInt32(pointers.count)) else { return false }
        let vector = pointers.flatMap { pointer in (0..<4).map { UInt8(truncatingIfNeeded: pointer >> ($0 * 8)) } }
        guard target.writeBytes(words, vector) else { return false }
        if origin != .kdbinit {
            note(.memory(address: text, bytes: bytes))
            note(.memory(address: words, bytes: vector))
        }
        return true
    }

    /// Everything a word at the beginning of a line can be.
    private static let names = CommandTable.commands.flatMap(\.names) + DriverCommands.fat

    private func unknown(_ line: CommandLine, name: String) -> String {
        // KDBG keeps 1023 bytes of the line for this message (section 6.5).
        let quoted = String(decoding: line.bytes.prefix(1023), as: UTF8.self).harmless()
        var text = "Command '\(quoted)' is unknown.\n"
        if let why = whereDriversAnswer(name) {
            text += why + "\n"
        } else if let elsewhere = Elsewhere.hint(for: line) {
            text += elsewhere + "\n"
        } else if let near = Suggestion.nearest(to: name, in: Self.names + aliases.all.map(\.name)) {
            text += "Did you mean '\(near)'?\n"
        }
        return text
    }
}
