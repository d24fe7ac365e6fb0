// SPDX-License-Identifier: GPL-3.0-or-later

/// A defect of KDBG (a `[quirk]` of spec/kdbg.md) that is mended here. `--quirks` brings those back that harm nothing but the user's patience. The table in
/// docs/fidelity.md is compared with these rows.
package enum Mend: String, CaseIterable, Sendable {
    case comparisonChains, remainderByZero, caretColumn, conditionLineEnd
    case backtraceLoop, backtraceCount, softwareBreakpoints, tooManyBreakpoints, resumeFlag
    case othersCondition, filterSpill, fullRing, earlyRing, moduleFallback
    case segmentLimits, localTable, taskAddress
    case paging, pageKeys, answersRepeat, controlCharacters

    /// What the table says of it.
    package struct Row: Equatable, Sendable {
        /// With the section of spec/kdbg.md.
        package let topic: String
        package let real: String
        package let here: String
        /// Whether `--quirks` turns the mend off.
        package let isSwitchable: Bool

        init(_ topic: String, real: String, here: String, switchable: Bool) {
            self.topic = topic
            self.real = real
            self.here = here
            isSwitchable = switchable
        }

        /// The row of the table in docs/fidelity.md.
        package var markdown: String { "| \(topic) | \(real) | \(here) | \(isSwitchable ? "yes" : "no") |" }
    }

    package var row: Row {
        switch self {
        case .comparisonChains:
            Row(
                "chained comparisons (2.4)", real: "`1<2<3` is computed as `1<(2<3)`", here: "left to right, like every other operator",
                switchable: true)
        case .remainderByZero:
            Row(
                "`%` by zero (2.6)", real: "a divide fault inside the debugger, which then never opens again",
                here: "\"Division by zero\", caret under the operator", switchable: false)
        case .caretColumn:
            Row("caret column (2.6)", real: "wrong when blanks precede the command", here: "counts them", switchable: true)
        case .conditionLineEnd:
            Row(
                "error in a condition (2.6)", real: "no line end behind a message without a place", here: "every message is a line",
                switchable: true)
        case .backtraceLoop:
            Row(
                "`bt` (1.3)", real: "a frame chain that leads into itself is printed for ever", here: "ends with a line that says so",
                switchable: false)
        case .backtraceCount:
            Row("`bt L n` (1.3)", real: "the count is read and ignored", here: "limits the frames", switchable: true)
        case .softwareBreakpoints:
            Row(
                "software breakpoints, `next` over calls (5.4)", real: "not recognised: off by one since 2020",
                here: "work as they were meant to", switchable: false)
        case .tooManyBreakpoints:
            Row("257th breakpoint (5.1)", real: "nothing happens, nothing is said", here: "an error message", switchable: true)
        case .resumeFlag:
            Row(
                "execution `bpm` (5.3)", real: "hits again at once: the resume flag is forgotten", here: "goes on", switchable: false)
        case .othersCondition:
            Row(
                "exception OTHERS (4.2)", real: "the name stands for assertion failures; the true row has no name and its display is stale",
                here: "assertions are `#20 ASSERTION`, OTHERS is everything without a row of its own", switchable: true)
        case .filterSpill:
            Row("`filter a+X b+Y` (1.8)", real: "the bits of `a` are set in Y too", here: "every word for itself", switchable: true)
        case .fullRing:
            Row("`dmesg` with an exactly full ring (7.7)", real: "shows nothing", here: "shows it", switchable: true)
        case .earlyRing:
            Row(
                "`dmesg` before BootPhase 1 (7.7)", real: "leaves dmesg mode on, so that nothing is recorded any more",
                here: "an error message, no more", switchable: false)
        case .moduleFallback:
            Row(
                "`mod` before PsLoadedModuleList (1.6)", real: "a made-up row with base 0x4D",
                here: "the loader's list; without that, a message", switchable: true)
        case .segmentLimits:
            Row(
                "limits in `gdt` (1.6)", real: "byte-granular ones are shown one too big", here: "the offset of the last byte",
                switchable: true)
        case .localTable:
            Row(
                "`ldt` (1.6)", real: "takes the selector for the limit and 0 for the base", here: "the table LDTR points to",
                switchable: true)
        case .taskAddress:
            Row(
                "`tss *address` (1.6)", real: "faults in the debugger when the address is bad", here: "an error message", switchable: false)
        case .paging:
            Row(
                "paging (3.3)",
                real: "stops KDBinit and entry banners; address tags and disassembly are not counted and come through after `q`",
                here: "only the line shell pages, what was typed there, all of it; the screen scrolls", switchable: false)
        case .pageKeys:
            Row(
                "keys of `dmesg` pages (3.3)",
                real: "the key is echoed with a scan code, which is garbage on a serial line; End, PgUp and Home do not work there",
                here: "they work, without an echo", switchable: false)
        case .answersRepeat:
            Row(
                "answers to `DbgPrompt` (3.4)", real: "Enter at the next prompt executes the answer as a command",
                here: "answers are not repeated", switchable: false)
        case .controlCharacters:
            Row(
                "control characters", real: "printed as they are", here: "a dot, so that guest text cannot steer the terminal",
                switchable: false)
        }
    }
}

extension KernelDebugger {
    /// Whether KDBG's defect is mended in this session.
    package func mends(_ mend: Mend) -> Bool { !(keepsQuirks && mend.row.isSwitchable) }
}
