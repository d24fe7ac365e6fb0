// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

/// A terminal of tmux's with kdbg in it.
struct Tmux {
    static let isInstalled = ["/usr/bin", "/usr/local/bin", "/bin"].contains { access("\($0)/tmux", X_OK) == 0 }

    private let directory = TemporaryDirectory()
    private var socket: String { directory.path.appending("socket").string }

    /// Lets a test use kdbg in a terminal of some size, and ends the terminal with the test, whatever becomes of it.
    ///
    /// - Parameter inputrc: readline's settings, empty for none.
    static func use(
        columns: Int, rows: Int, arguments: String = "", inputrc: String = "", _ test: (Tmux) async throws -> Void
    ) async throws {
        let terminal = Tmux()
        _ = try terminal.directory.file("inputrc", inputrc.utf8)
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
        let command = "\(environment) \"$KDBG\" \(arguments); \(after)"
        try await tmux("-f /dev/null new-session -d -x \(columns) -y \(rows) '\(command.replacingQuotes())'")
    }

    /// Variables for a kdbg of this terminal, or for one beside it.
    var environment: String {
        "env TERM=screen-256color LC_ALL=C.UTF-8 XDG_STATE_HOME=\(directory.path) INPUTRC=\(directory.path.appending("inputrc"))"
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

    /// What the history file holds.
    func history() async throws -> [String] {
        try await Program.shell("cat \(directory.path)/kdbg/history").output.split(separator: "\n").map(String.init)
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
