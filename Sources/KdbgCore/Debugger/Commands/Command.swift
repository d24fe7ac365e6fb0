// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything about a KDBG command. Dispatcher, `help`, completion and documentation are fed from these rows (design section 6).
package struct Command: Sendable {
    /// A command's work: it reads the line, appends to the output and says what comes next. It prints nothing itself.
    package typealias Function = @Sendable (KernelDebugger, CommandLine, inout CommandOutput) throws(CommandError) -> Verdict

    /// What it can be called by; the first one is its real name.
    package let names: [String]
    package let group: Group
    /// Name and arguments exactly as KDBG's `help` shows them (spec/kdbg.md section 1.2).
    package let usage: String
    /// One sentence for `help`.
    package let summary: String
    /// What `help COMMAND` adds: a few lines, each at most 78 characters.
    package let help: String
    /// A line to try; `help COMMAND` shows it.
    package let example: String
    /// What the others call it; nil when they have nothing like it.
    package let winDbg: String?
    package let gdb: String?
    /// What must be there for it to make sense.
    package let needs: Needs
    /// What may stand behind the name.
    package let completion: Completion
    /// How its output is paged.
    package let paging: Pager.Kind
    package let run: Function

    package init(
        _ names: String..., group: Group, usage: String, summary: String, help: String, example: String, winDbg: String?, gdb: String?,
        needs: Needs = .machine, completion: Completion = .nothing, paging: Pager.Kind = .output, run: @escaping Function
    ) {
        self.names = names
        self.group = group
        self.usage = usage
        self.summary = summary
        self.help = help
        self.example = example
        self.winDbg = winDbg
        self.gdb = gdb
        self.needs = needs
        self.completion = completion
        self.paging = paging
        self.run = run
    }

    /// What a command works on.
    package enum Needs: Sendable {
        /// The machine that has stopped, whatever runs on it.
        case machine
        /// Our kernel.
        case kernel
    }

    /// Whether it makes sense with what runs on the target.
    package func isOfUse(for target: any Target) -> Bool { needs == .machine || target.hasKernel }

    /// Headings of `help`, in its order.
    package enum Group: String, CaseIterable, Sendable {
        case data = "Data"
        case flow = "Flow control"
        case process = "Process/Thread"
        case system = "System info"
        case others = "Others"
        /// What real KDBG does not have (design rule 6).
        case extensions = "Extensions of this KDBG"
    }

    /// What a command leaves the debugger in.
    package enum Verdict: Equatable, Sendable {
        /// The prompt comes back.
        case stay
        /// The debugger is left, and the machine runs towards the goal.
        case leave(RunGoal)
    }

    /// Where the words come from that complete an argument.
    package enum Completion: Sendable {
        case nothing
        /// Registers and symbols.
        case expression
        /// Names of commands.
        case commands
        /// A structure, then an expression.
        case types
        /// A path in the name space, a name in one of the directories, or an expression.
        case objects(in: [String])
        /// For each argument in turn what may stand there.
        case words([[String]])
        /// A word that decides what may stand behind it.
        case choices([(word: String, rest: [[String]])])
        /// `bpm`'s: two words, then an expression.
        case wordsThenExpression([[String]])
        /// Debug-print components.
        case components
        /// Numbers of breakpoints, each once.
        case breakpoints
        /// Names of aliases.
        case aliases
        /// Names of files on the host.
        case files
    }

    /// The last line of `help COMMAND`: what users of other debuggers would look for.
    package var elsewhere: String {
        guard winDbg != nil || gdb != nil else { return "WinDbg, gdb: nothing like it" }
        return "WinDbg: \(winDbg ?? "nothing like it")    gdb: \(gdb ?? "nothing like it")"
    }

    /// The syntax line of one of its names.
    package func usage(of name: String) -> String {
        name + usage.dropFirst(names[0].count)
    }
}
