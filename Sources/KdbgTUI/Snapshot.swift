// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// What a frame shows of the machine: plain values read through the session's door, so that screens can be drawn from samples too.
package struct Snapshot: Equatable, Sendable {
    package var mark = Mark(instruction: 0)
    package var stop = Stop.start
    package var isRunning = false
    package var timeline: [TimelineRow] = []
    package var providers: [ProviderRow] = []
    package var log: [LogLine] = []
    /// Whether our kernel runs; otherwise the values below are those of somebody else's program, and the ones above are empty.
    package var hasKernel = true
    /// Lines of the display, and where its cursor is.
    package var display: [String] = []
    package var displayCursor: Cursor?
    /// Registers and instructions, and the processor's mode.
    package var processor: [String] = []
    package var mode = ""

    /// A place on the display, from 0.
    package struct Cursor: Equatable, Sendable {
        package var row: Int
        package var column: Int

        package init(row: Int, column: Int) {
            self.row = row
            self.column = column
        }
    }

    package init() {
    }

    /// Reads everything a frame needs.
    package init(of session: Session, isRunning: Bool) {
        mark = session.mark
        stop = session.stop
        self.isRunning = isRunning
        hasKernel = session.hasKernel
        guard hasKernel else {
            display = session.textScreen
            displayCursor = session.textScreenCursor.map { Cursor(row: $0.row, column: $0.column) }
            processor = session.processorLines
            mode = session.processorMode
            return
        }
        timeline = session.timeline
        providers = session.providers
        log = session.log
    }

    /// Index of the step the machine is in: the innermost that was entered and not left; when all were left, the last one entered.
    package var currentRow: Int? {
        timeline.lastIndex { $0.entered != nil && $0.left == nil } ?? timeline.lastIndex { $0.entered != nil }
    }

    /// What the machine is doing, in a few words.
    package var state: (text: String, style: Style) {
        if isRunning { return ("running", .good) }
        return switch stop {
        case .start: ("paused before the first instruction", .bold)
        case .bootStep: ("at a boot step", .bold)
        case .breakpoint(let number): ("at breakpoint #\(number)", .warning)
        case .stepped: ("stepped", .bold)
        case .debugger: ("in the debugger", .warning)
        case .interrupted: ("interrupted", .warning)
        case .bootComplete: ("boot complete", .good)
        case .reset: ("reset", .warning)
        case .bugcheck(let code, _): ("bugcheck 0x\(hexadecimal(code))", .bad)
        case .dead(let ending): ("halted: \(ending.reason)", .bad)
        }
    }
}
