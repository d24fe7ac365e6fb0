// SPDX-License-Identifier: GPL-3.0-or-later

import CReadline
import Glibc

/// GNU readline, fed one key at a time, either inside a pane or on a terminal of its own.
///
/// readline is one set of C globals, and its callbacks are functions without a context. `active` below is the one place in this project where
/// such a function finds the object it belongs to; so there is one editor at a time, and only the thread that made it may touch it.
package final class LineEditor {
    fileprivate nonisolated(unsafe) static weak var active: LineEditor?

    /// What the editor asks of its owner.
    package struct Hooks {
        /// A line was entered; nil at end of file (Ctrl-D on an empty line).
        package var entered: (String?) -> Void
        /// Words that complete the one at a character offset of a line.
        package var completions: (String, Int) -> [String]
        /// Whether a file's name is what goes on there.
        package var completesFileName: (String, Int) -> Bool
        /// Whether a word is the name of a command, so that its exclamation mark is not history's.
        package var isCommand: (String) -> Bool
        /// Shows the words among which the user must choose.
        package var show: ([String]) -> Void

        package init(
            entered: @escaping (String?) -> Void, completions: @escaping (String, Int) -> [String],
            completesFileName: @escaping (String, Int) -> Bool, isCommand: @escaping (String) -> Bool, show: @escaping ([String]) -> Void
        ) {
            self.entered = entered
            self.completions = completions
            self.completesFileName = completesFileName
            self.isCommand = isCommand
            self.show = show
        }
    }

    fileprivate let hooks: Hooks
    /// What stands in front of the line.
    package var prompt: String {
        didSet { if isInstalled, prompt != oldValue { rl_set_prompt(prompt) } }
    }
    fileprivate var pending: [UInt8] = []
    private var isInstalled = false

    /// An editor for a pane, which draws `shown` itself, or for the terminal at standard input and output.
    package init(prompt: String, inPane: Bool, hooks: Hooks) {
        self.prompt = prompt
        self.hooks = hooks
        Self.active = self
        kdbg_rl_configure(
            { _, start, end in LineEditor.active?.matches(start: Int(start), end: Int(end)) },
            { matches, count, _ in LineEditor.active?.showMatches(matches, count: Int(count)) },
            { LineEditor.active?.completesFileName == true ? kdbg_rl_blanks() : nil },
            { line, index in line.flatMap { LineEditor.active?.isPlain($0, at: Int(index)) } == true ? 1 : 0 })
        if inPane {
            kdbg_rl_detach({ _ in LineEditor.active?.nextByte() ?? -1 }, { LineEditor.active?.pending.isEmpty == false ? 1 : 0 }, {})
        }
    }

    deinit {
        remove()
    }

    /// Shows the prompt and takes lines from now on.
    package func install() {
        guard !isInstalled else { return }
        isInstalled = true
        rl_callback_handler_install(prompt) { line in
            let text = line.map {
                String(decoding: UnsafeBufferPointer(start: $0, count: strlen($0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
            free(line)
            LineEditor.active?.hooks.entered(text)
        }
    }

    /// Takes no more lines; a terminal of its own is as it was before `install`.
    package func remove() {
        guard isInstalled else { return }
        isInstalled = false
        rl_callback_handler_remove()
    }

    /// Handles the bytes of a key.
    package func feed(_ bytes: [UInt8]) {
        pending += bytes
        // A callback may remove the handler; what is left then belongs to nobody.
        while !pending.isEmpty, isInstalled { rl_callback_read_char() }
        pending = []
    }

    /// Reads what standard input has ready.
    package func readTerminal() {
        rl_callback_read_char()
    }

    /// Forgets the line being typed.
    package func clearLine() {
        pending = []
        kdbg_rl_clear_line()
    }

    /// After the process was stopped and continued: puts the terminal into readline's modes again and shows the line.
    package func resume() {
        if isInstalled { kdbg_rl_prepare_again() }
    }

    /// Shows prompt and line again after other output.
    package func showAgain() {
        kdbg_rl_show_again()
    }

    /// The prompt (readline's own one while it searches), the line, and the cursor as a character offset in it.
    package var shown: (prompt: String, line: String, cursor: Int) {
        let bytes = Self.bytes(kdbg_rl_line())
        let left = bytes.prefix(Int(kdbg_rl_point()))
        let prompt = Self.printed(Self.bytes(kdbg_rl_mode())) + Self.printed(Self.bytes(kdbg_rl_prompt()))
        return (prompt, String(decoding: bytes, as: UTF8.self), String(decoding: left, as: UTF8.self).count)
    }

    /// A prompt without what stands between readline's marks for characters that do not print.
    private static func printed(_ prompt: [UInt8]) -> String {
        let (begin, end): (UInt8, UInt8) = (1, 2)  // RL_PROMPT_START_IGNORE and RL_PROMPT_END_IGNORE
        var isPrinted = true
        let bytes = prompt.filter { byte in
            defer { if byte == end { isPrinted = true } }
            if byte == begin { isPrinted = false }
            return isPrinted && byte != end
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What history makes of a line that was typed.
    package enum Expansion: Equatable {
        /// The line to execute. `isChanged` when the user has not seen it like that yet.
        case line(String, isChanged: Bool)
        /// To be shown and remembered only (`:p`).
        case shown(String)
        /// There is no such line; the message says so.
        case failed(String)
    }

    /// Replaces `!!`, `!$`, `!N`, `^a^b` and the like (history(3), "History Expansion").
    package func expand(_ line: String) -> Expansion {
        var result: UnsafeMutablePointer<CChar>?
        let verdict = line.withCString { history_expand(UnsafeMutablePointer(mutating: $0), &result) }
        defer { free(result) }
        let text = result.map { String(decoding: Self.bytes($0), as: UTF8.self) } ?? line
        switch verdict {
        case 0: return .line(line, isChanged: false)
        case 1: return .line(text, isChanged: text != line)
        case 2: return .shown(text)
        default: return HistoryWord.isCommandLike(line) ? .line(line, isChanged: false) : .failed(text)
        }
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
    }
}

// MARK: What readline calls

extension LineEditor {
    fileprivate func nextByte() -> Int32 {
        pending.isEmpty ? -1 : Int32(pending.removeFirst())
    }

    /// Whether the word at the cursor is a file's name, which readline completes itself.
    fileprivate var completesFileName: Bool {
        let shown = shown
        return hooks.completesFileName(shown.line, shown.cursor)
    }

    fileprivate func isPlain(_ line: UnsafePointer<CChar>, at index: Int) -> Bool {
        HistoryWord.isPlain(Self.bytes(line), at: index, isCommand: hooks.isCommand)
    }

    /// readline wants an array in memory it can free: the common beginning first, then the words, then nil. It replaces the bytes from `start` to `end`
    /// of the line, the end of a word of which the debugger has completed the whole.
    fileprivate func matches(start: Int, end: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard !completesFileName else { return nil }
        kdbg_rl_completion_is_over()
        let line = Self.bytes(kdbg_rl_line()).prefix(end)
        let typed = String(decoding: line.dropFirst(start), as: UTF8.self).lowercased()
        let blank = line.prefix(start).lastIndex { $0 == 0x20 || $0 == 0x09 }
        let head = String(decoding: line.prefix(start).suffix(from: blank.map { $0 + 1 } ?? 0), as: UTF8.self)
        let whole = hooks.completions(
            String(decoding: Self.bytes(kdbg_rl_line()), as: UTF8.self), String(decoding: line, as: UTF8.self).count)
        // Only what goes on from the word that readline will replace: anything else would eat what the user typed. Names can come from the guest.
        let words = whole.filter { $0.hasPrefix(head) }.map { $0.dropFirst(head.count) }
            .filter { $0.lowercased().hasPrefix(typed) && visible($0) == $0 }
        guard let first = words.first else { return nil }
        if let last = first.last, words.count == 1, "![+-".contains(last) { kdbg_rl_completion_goes_on() }
        let common = words.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let entries = words.count == 1 ? [first] : [common] + words
        let array = UnsafeMutableRawPointer(malloc((entries.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride))!
            .bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: entries.count + 1)
        for (index, entry) in entries.enumerated() { array[index] = strdup(String(entry)) }
        array[entries.count] = nil
        return array
    }

    fileprivate func showMatches(_ matches: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, count: Int) {
        guard let matches, count > 0 else { return }
        hooks.show((1...count).compactMap { matches[$0].map { String(cString: $0) } })
    }
}

extension Substring {
    /// The beginning that both have, upper and lower case being the same, as it is written here.
    fileprivate func commonPrefix(with other: Substring) -> Substring {
        var end = startIndex
        for (mine, others) in zip(self, other) {
            if mine != others, mine.lowercased() != others.lowercased() { break }
            end = index(after: end)
        }
        return self[..<end]
    }
}
