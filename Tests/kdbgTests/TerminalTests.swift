// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

/// A terminal of tmux's with kdbg in it.
private struct Tmux {
    static let isInstalled = ["/usr/bin", "/usr/local/bin", "/bin"].contains { access("\($0)/tmux", X_OK) == 0 }

    private let directory = TemporaryDirectory()
    private var socket: String { directory.path.appending("socket").string }

    /// Lets a test use kdbg in a terminal of some size, and ends the terminal with the test, whatever becomes of it.
    static func use(columns: Int, rows: Int, arguments: String = "", _ test: (Tmux) async throws -> Void) async throws {
        let terminal = Tmux()
        do {
            try await terminal.start(columns: columns, rows: rows, arguments: arguments)
            try await test(terminal)
            try await terminal.close()
        } catch {
            try? await terminal.close()
            throw error
        }
    }

    /// Starts kdbg; when it has ended, the terminal shows its status and the state of the terminal, and stays.
    private func start(columns: Int, rows: Int, arguments: String) async throws {
        let after = "echo \"status=$?\"; stty -a | tr ' ;' '\\n\\n' | grep -xE -e '-?(icanon|echo|isig)' | tr '\\n' ' '; exec sleep 1000"
        let command = "env TERM=screen-256color LC_ALL=C.UTF-8 XDG_STATE_HOME=\(directory.path) \"$KDBG\" \(arguments); \(after)"
        try await tmux("-f /dev/null new-session -d -x \(columns) -y \(rows) '\(command.replacingQuotes())'")
    }

    @discardableResult
    func tmux(_ arguments: String) async throws -> String {
        let outcome = try await Program.shell("unset TMUX; exec tmux -S \(socket) \(arguments)")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        return outcome.output
    }

    /// Waits until the terminal shows a text; gives what it shows.
    @discardableResult
    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        var shown = ""
        for _ in 0..<100 {
            shown = try await tmux("capture-pane -p")
            if shown.contains(text) { return shown }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\"\(text)\" does not appear in:\n\(shown)", sourceLocation: sourceLocation)
        return shown
    }

    private func close() async throws {
        try await tmux("kill-server")
        try await Task.sleep(for: .milliseconds(50))
        unlink(socket)
        _ = try await Program.shell("rm -rf '\(directory.path)/kdbg'")
    }
}

extension String {
    fileprivate func replacingQuotes() -> String {
        split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
    }
}

@Suite("On a real terminal", .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct TerminalTests {
    @Test("the panes appear, follow resizing, and leave the terminal as it was")
    func screen() async throws {
        try await Tmux.use(columns: 80, rows: 24) { terminal in
            let shown = try await terminal.expect("q quit")
            for title in ["Boot timeline", "KD providers", "Log", "Console", "kdb:>"] { #expect(shown.contains(title)) }
            #expect(try await terminal.tmux("display -p '#{alternate_on}'") == "1\n")

            try await terminal.tmux("resize-window -x 50 -y 10")
            try await terminal.expect("too small")
            try await terminal.tmux("resize-window -x 120 -y 40")
            try await terminal.expect("Console")

            try await terminal.tmux("send-keys F1")
            try await terminal.expect("run to the next boot step")
            try await terminal.tmux("send-keys q")
            try await terminal.expect("Boot timeline")
            try await terminal.tmux("send-keys q")
            let left = try await terminal.expect("icanon")
            #expect(left.contains("status=0"))
            #expect(!left.contains("-icanon") && !left.contains("-echo") && !left.contains("-isig"))
            #expect(try await terminal.tmux("display -p '#{alternate_on}'") == "0\n")
        }
    }

    @Test("lines are edited, remembered and found again")
    func console() async throws {
        try await Tmux.use(columns: 80, rows: 24) { terminal in
            try await terminal.expect("q quit")
            try await terminal.tmux("send-keys BTab 'irst lime' BSpace BSpace 'ne' C-a f Enter")
            try await terminal.expect("kdb:> first line")
            try await terminal.tmux("send-keys C-r 'irs'")
            try await terminal.expect("(reverse-i-search)`irs': first line")
            try await terminal.tmux("send-keys C-c C-d")
            try await terminal.expect("status=0")
        }
    }

    @Test("SIGTERM gives the terminal back", arguments: ["", "--plain"])
    func terminated(arguments: String) async throws {
        try await Tmux.use(columns: 80, rows: 24, arguments: arguments) { terminal in
            try await terminal.expect("kdb:>")
            let shell = try await terminal.tmux("display -p '#{pane_pid}'").split(separator: "\n")[0]
            _ = try await Program.shell("kill -TERM $(pgrep -P \(shell))")
            let left = try await terminal.expect("icanon")
            #expect(left.contains("status=143"))
            #expect(!left.contains("-icanon") && !left.contains("-echo"))
        }
    }

    @Test("Space steps the boot, and the prompt answers")
    func boot() async throws {
        try await Tmux.use(columns: 120, rows: 40) { terminal in
            try await terminal.expect("q quit")
            try await terminal.tmux("send-keys Space Space Space")
            try await terminal.expect("at a boot step")
            try await terminal.tmux("send-keys BTab bt Enter")
            try await terminal.expect("Eip:")
            try await terminal.tmux("send-keys F5")
            try await terminal.expect("boot complete")
        }
    }
}
