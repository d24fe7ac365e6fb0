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
