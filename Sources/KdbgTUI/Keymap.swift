// SPDX-License-Identifier: GPL-3.0-or-later

/// What a user can ask of the screen. Keys produce requests and nothing else; what a request does is `Screen.perform`'s business.
package enum Request: String, CaseIterable, Sendable {
    case nextBootStep, runToSelected, run, stepOver, stepInto, breakIn
    case nextPane, previousPane, lineUp, lineDown, pageUp, pageDown, top, bottom
    case search, searchOn, searchBack
    case zoom, back, help, redraw, quit

    /// Whether it lets the machine run, which it can only do while it stands still.
    package var startsMachine: Bool {
        switch self {
        case .nextBootStep, .runToSelected, .run, .stepOver, .stepInto: true
        default: false
        }
    }
}

/// One row of the key table; keys, help and the hints at the bottom of the screen all come from here.
package struct KeyBinding: Sendable {
    /// When the keys mean the request; otherwise they belong to the console's line.
    package enum Scope: Sendable {
        case everywhere
        /// Anywhere but in the console.
        case outsideConsole
        /// Also in the console while nothing is typed there.
        case unlessTyping
        /// Only in the timeline.
        case timeline
        /// Only while a pane fills the screen or the help is open.
        case enlarged
    }

    package var request: Request
    package var keys: [Key]
    package var scope: Scope
    /// A word for the bottom line; nil when the key is not worth a place there.
    package var hint: String?
    /// A line for the help.
    package var summary: String
}

/// The key table.
package enum Keymap {
    package static let rows: [KeyBinding] = [
        row(.help, [.function(1)], .everywhere, hint: "help", "this help, and back"),
        row(
            .nextBootStep, [.character(" "), .right], .outsideConsole, hint: "step",
            "run to the next boot step; without our kernel, one instruction"),
        row(.runToSelected, [.enter], .timeline, hint: "to row", "run until the selected step, one still to come, is entered"),
        row(.run, [.function(5)], .everywhere, hint: "run", "run until something stops the machine"),
        row(.stepOver, [.function(10)], .everywhere, hint: "over", "one instruction, a call taken as one"),
        row(.stepInto, [.function(11)], .everywhere, hint: "into", "one instruction, entering calls"),
        row(.breakIn, [.control("C")], .everywhere, hint: "break in", "stop the running machine; clear the line at the prompt"),
        row(.nextPane, [.tab], .unlessTyping, hint: "pane", "go to the next pane (Tab completes a line being typed)"),
        row(.previousPane, [.backTab], .everywhere, "go to the previous pane"),
        row(.lineUp, [.up, .character("k")], .outsideConsole, "one line up"),
        row(.lineDown, [.down, .character("j")], .outsideConsole, "one line down"),
        row(.pageUp, [.pageUp], .everywhere, "one page up"),
        row(.pageDown, [.pageDown], .everywhere, "one page down"),
        row(.top, [.home, .character("g")], .outsideConsole, "to the first line"),
        row(.bottom, [.end, .character("G")], .outsideConsole, "to the last line, and follow what is added"),
        row(.quit, [.character("q")], .outsideConsole, hint: "quit", "leave kdbg; in the help: close it"),
        row(.zoom, [.character("z")], .outsideConsole, "let the pane fill the screen, and back"),
        row(.search, [.character("/")], .outsideConsole, "look for a text in the pane"),
        row(.searchOn, [.character("n")], .outsideConsole, "look for it further down"),
        row(.searchBack, [.character("N")], .outsideConsole, "look for it further up"),
        row(.zoom, [.function(2)], .everywhere, hint: "zoom", "let the pane fill the screen, and back"),
        row(.search, [.function(3)], .everywhere, hint: "search", "look for a text in the pane; Enter alone looks again"),
        row(.back, [.escape], .enlarged, "close the help, or let a zoomed pane shrink again"),
        row(.help, [.character("?")], .outsideConsole, "this help too"),
        row(.redraw, [.control("L")], .everywhere, "draw the screen afresh"),
    ]

    /// The request a key stands for; nil when it belongs to the console's line or means nothing.
    package static func request(for key: Key, in situation: Situation) -> Request? {
        rows.first { $0.keys.contains(key) && situation.allows($0.scope) }?.request
    }

    /// What decides whether a row counts.
    package struct Situation: Sendable {
        package var isInConsole: Bool
        package var isInTimeline: Bool
        package var isTyping: Bool
        package var isEnlarged: Bool

        package init(isInConsole: Bool, isInTimeline: Bool = false, isTyping: Bool = false, isEnlarged: Bool = false) {
            self.isInConsole = isInConsole
            self.isInTimeline = isInTimeline
            self.isTyping = isTyping
            self.isEnlarged = isEnlarged
        }

        func allows(_ scope: KeyBinding.Scope) -> Bool {
            switch scope {
            case .everywhere: true
            case .outsideConsole: !isInConsole
            case .unlessTyping: !isInConsole || !isTyping
            case .timeline: isInTimeline
            case .enlarged: isEnlarged
            }
        }
    }

    private static func row(
        _ request: Request, _ keys: [Key], _ scope: KeyBinding.Scope, hint: String? = nil, _ summary: String
    ) -> KeyBinding {
        KeyBinding(request: request, keys: keys, scope: scope, hint: hint, summary: summary)
    }
}
