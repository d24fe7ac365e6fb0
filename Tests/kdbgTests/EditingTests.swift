// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// What readline and its history do at both prompts, and the pager at the one that has it.
@Suite("Editing on a real terminal", .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct EditingTests {
    /// Where the prompt is: the line shell, and the screen's console after one Shift-Tab.
    private static let prompts = ["--plain", ""]

    /// A prompt that waits for keys.
    private func use(_ arguments: String, inputrc: String = "", _ test: (Tmux) async throws -> Void) async throws {
        try await Tmux.use(columns: 100, rows: 30, arguments: arguments, inputrc: inputrc) { terminal in
            try await terminal.expect("kdb:>")
            if arguments.isEmpty {
                try await terminal.tmux("send-keys BTab")
                // The hint goes with the focus.
                try await terminal.expect("Tab pane")
            }
            try await test(terminal)
        }
    }

    @Test("history is expanded, and marks of commands and symbols are not", arguments: prompts)
    func expansion(arguments: String) async throws {
        try await use(arguments) { terminal in
            try await terminal.tmux("send-keys '? 0x111+1' Enter")
            try await terminal.expect("0x00000112")
            try await terminal.tmux("send-keys '^1+1^2+1' Enter")
            try await terminal.expect("0x00000113")
            try await terminal.tmux("send-keys '? 0x5000+!!:1' Enter '? 1+2' Enter")
            try await terminal.expect("0x00005113")
            try await terminal.tmux("send-keys '? 0x10000*!$' Enter")
            try await terminal.expect("0x00010002")
            try await terminal.tmux("send-keys '!zz' Enter")
            try await terminal.expect("Command '!zz' is unknown.")
            try await terminal.tmux("send-keys '!999' Enter")
            try await terminal.expect("!999: event not found")
            try await terminal.tmux("send-keys '? ntoskrnl!KdpTrap != 0' Enter")
            try await terminal.expect("0x00000001")
            try await terminal.tmux("send-keys '!providers' Enter")
            try await terminal.expect("Screen")
            try await terminal.tmux("send-keys 'help !hook' Enter")
            try await terminal.expect("HalInitPnpDriver")
            try await terminal.tmux("send-keys '!?0x111?:p' Enter")
            try await terminal.expect("\n? 0x111+1")
        }
    }

    @Test("vi mode and bindings of the user's inputrc count", arguments: prompts)
    func viMode(arguments: String) async throws {
        let inputrc = """
            set editing-mode vi
            set show-mode-in-prompt on
            set vi-ins-mode-string "<I>"
            set vi-cmd-mode-string "<C>"
            set keymap vi-insert
            $if kdbg
            "\\C-o": "? 0x1234\\n"
            $endif
            set keymap vi-command
            "Q": "0i? \\e"

            """
        try await use(arguments, inputrc: inputrc) { terminal in
            try await terminal.expect("<I>kdb:>")
            try await terminal.tmux("send-keys '1+2+3' Escape")
            try await terminal.expect("<C>kdb:> 1+2+3")
            try await terminal.tmux("send-keys Q '$' x a 4 Enter")
            try await terminal.expect("? 1+2+4")
            try await terminal.expect("0x00000007")
            try await terminal.tmux("send-keys C-o")
            try await terminal.expect("0x00001234")
            try await terminal.tmux("send-keys Escape k k")
            try await terminal.expect("<C>kdb:> ? 1+2+4")
            try await terminal.tmux("send-keys j")
            try await terminal.expect("<C>kdb:> ? 0x1234")
            try await terminal.tmux("send-keys '/2+4' Enter")
            try await terminal.expect("<C>kdb:> ? 1+2+4")
        }
    }

    @Test("Tab completes commands, symbols inside expressions, types, numbers and words", arguments: prompts)
    func completion(arguments: String) async throws {
        try await use(arguments) { terminal in
            try await terminal.tmux("send-keys '? 1+HalDispatchT' Tab '*0' Enter")
            try await terminal.expect("kdb:> ? 1+HalDispatchTable *0")
            try await terminal.tmux("send-keys 'bpx kdpinitd' Tab Enter")
            try await terminal.expect("kdb:> bpx KdpInitDriver")
            try await terminal.expect("Breakpoint 0 inserted.")
            try await terminal.tmux("send-keys 'dt driver_o' Tab Enter 'bd ' Tab Enter")
            try await terminal.expect("Breakpoint 0 disabled.")
            try await terminal.tmux("send-keys 'set con' Tab INV Tab Tab 'O' Tab 'fi' Tab Enter")
            try await terminal.expect("kdb:> set condition INVALIDOP first")
            try await terminal.tmux("send-keys 'hist' Tab Enter")
            try await terminal.expect("1  ? 1+HalDispatchTable")
        }
    }

    @Test("a line typed again moves to the end, and two instances do not take each other's lines")
    func twoInstances() async throws {
        try await use("--plain") { terminal in
            try await terminal.tmux("send-keys '? 1' Enter '? 2' Enter '? 1' Enter 'history' Enter")
            let shown = try await terminal.expect("3  history")
            #expect(shown.contains("    1  ? 2\n    2  ? 1\n    3  history"))
            // A second one, in a window of its own, sees them, adds its own and is killed.
            try await terminal.tmux("new-window '\(terminal.environment) \"$KDBG\" --plain'")
            try await terminal.expect("kdb:>")
            try await terminal.tmux("send-keys '? 3' Enter 'history' Enter")
            try await terminal.expect("    3  ? 3\n    4  history")
            let shell = try await terminal.tmux("display -p '#{pane_pid}'").split(separator: "\n")[0]
            _ = try await Program.shell("kill -KILL \(shell)")
            try await terminal.expect("3  history")
            try await terminal.tmux("send-keys '? 4' Enter quit Enter")
            try await terminal.expect("status=0")
            #expect(try await terminal.history() == ["? 1", "? 2", "? 1", "history", "? 3", "history", "? 4", "quit"])
        }
    }

    @Test("long output stops at every page, and the key is not a command")
    func pager() async throws {
        try await use("--plain") { terminal in
            let prompt = "--- Press q to abort, any other key to continue ---"
            try await terminal.tmux("send-keys 'x esp L 400' Enter")
            let first = try await terminal.expect(prompt)
            #expect(first.split(separator: "\n").count == 30)
            try await terminal.tmux("send-keys Enter")
            try await terminal.expect("\(prompt)\n")
            try await terminal.tmux("send-keys q")
            try await terminal.expect("\(prompt)\nkdb:>")
            // Enter alone does not repeat what was paged.
            try await terminal.tmux("send-keys Enter '? 77' Enter")
            try await terminal.expect("kdb:>\nkdb:> ? 77\n0x0000004d          77\nkdb:>")
            try await terminal.tmux("send-keys 'x esp L 400' Enter")
            try await terminal.expect(prompt)
            try await terminal.tmux("send-keys C-c '? 78' Enter")
            try await terminal.expect("0x0000004e          78")
            try await terminal.tmux("send-keys 'pager off' Enter 'x esp L 400' Enter '? 79' Enter")
            let last = try await terminal.expect("0x0000004f          79")
            #expect(!last.contains(prompt))
        }
    }

    @Test("answers are neither repeated nor remembered, and a breakpoint's commands have a prompt of their own", arguments: prompts)
    func answers(arguments: String) async throws {
        try await use(arguments) { terminal in
            try await terminal.tmux("send-keys 'bpx KdpInitDriver' Enter 'commands 0' Enter '? 0x42' Enter")
            try await terminal.expect("    > ? 0x42\n    >")
            // In two parts: tmux knows a key of that name.
            try await terminal.tmux("send-keys 'en' 'd' Enter reboot Enter")
            try await terminal.expect("yes")
            try await terminal.tmux("send-keys Enter history Enter")
            let shown = try await terminal.expect("4  history")
            #expect(shown.contains("    2  commands 0\n    3  reboot\n    4  history"))
        }
    }

    @Test("dmesg pages forwards and backwards")
    func messages() async throws {
        try await Tmux.use(columns: 80, rows: 5, arguments: "--plain") { terminal in
            try await terminal.expect("kdb:>")
            try await terminal.tmux("send-keys cont Enter")
            try await terminal.expect("boot is complete")
            try await terminal.tmux("send-keys dmesg Enter")
            let prompt = "--- Press q to abort, e/End,h/Home,u/PgUp, other key/PgDn ---"
            try await terminal.expect(prompt)
            try await terminal.tmux("send-keys End")
            try await terminal.expect("*** Dmesg: end of output ***")
        }
    }
}
