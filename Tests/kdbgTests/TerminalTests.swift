// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

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
