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

    package init() {
    }

    /// Reads everything a frame needs.
    package init(of session: Session, isRunning: Bool) {
        mark = session.mark
        stop = session.stop
        self.isRunning = isRunning
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
