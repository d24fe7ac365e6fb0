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
        /// Shows the words among which the user must choose.
        package var show: ([String]) -> Void

        package init(
            entered: @escaping (String?) -> Void, completions: @escaping (String, Int) -> [String], show: @escaping ([String]) -> Void
        ) {
            self.entered = entered
            self.completions = completions
            self.show = show
        }
    }

    fileprivate let hooks: Hooks
    private let prompt: String
    fileprivate var pending: [UInt8] = []
    private var isInstalled = false

    /// An editor for a pane, which draws `shown` itself, or for the terminal at standard input and output.
    package init(prompt: String, inPane: Bool, hooks: Hooks) {
        self.prompt = prompt
        self.hooks = hooks
        Self.active = self
        kdbg_rl_configure(
            { text, start, end in LineEditor.active?.matches(for: text, end: Int(end)) },
            { matches, count, _ in LineEditor.active?.showMatches(matches, count: Int(count)) })
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

    /// Shows prompt and line again after other output.
    package func showAgain() {
        kdbg_rl_show_again()
    }

    /// The prompt (readline's own one while it searches), the line, and the cursor as a character offset in it.
    package var shown: (prompt: String, line: String, cursor: Int) {
        let bytes = Self.bytes(kdbg_rl_line())
        let left = bytes.prefix(Int(kdbg_rl_point()))
        return (
            String(decoding: Self.bytes(kdbg_rl_prompt()), as: UTF8.self), String(decoding: bytes, as: UTF8.self),
            String(decoding: left, as: UTF8.self).count
        )
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

    /// readline wants an array in memory it can free: the common beginning first, then the words, then nil.
    fileprivate func matches(for text: UnsafePointer<CChar>?, end: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        kdbg_rl_completion_is_over()
        let line = Self.bytes(kdbg_rl_line())
        let position = String(decoding: line.prefix(end), as: UTF8.self).count
        let typed = text.map { String(cString: $0).lowercased() } ?? ""
        // Only what goes on from the word that readline will replace: anything else would eat what the user typed.
        let words = hooks.completions(String(decoding: line, as: UTF8.self), position).filter { $0.lowercased().hasPrefix(typed) }
        guard let first = words.first else { return nil }
        let common = words.dropFirst().reduce(Substring(first)) { $0.commonPrefix(with: $1) }
        let entries = words.count == 1 ? [first] : [String(common)] + words
        let array = UnsafeMutableRawPointer(malloc((entries.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride))!
            .bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: entries.count + 1)
        for (index, entry) in entries.enumerated() { array[index] = strdup(entry) }
        array[entries.count] = nil
        return array
    }

    fileprivate func showMatches(_ matches: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, count: Int) {
        guard let matches, count > 0 else { return }
        hooks.show((1...count).compactMap { matches[$0].map { String(cString: $0) } })
    }
}

extension Substring {
    fileprivate func commonPrefix(with other: String) -> Substring {
        var end = startIndex
        for (mine, others) in zip(self, other) {
            if mine != others { break }
            end = index(after: end)
        }
        return self[..<end]
    }
}
