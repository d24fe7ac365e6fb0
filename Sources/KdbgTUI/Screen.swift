// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

/// What the screen wants done outside itself.
package enum Effect: Equatable, Sendable {
    case run(RunGoal)
    /// Stop the machine when it runs, else clear the prompt's line.
    case breakIn
    case redraw
    case quit
}

/// Everything the screen is, less the terminal it is shown on and the session it shows: a value that tests can make, drive and draw.
package struct Screen: Sendable {
    package var size: Size
    package var snapshot = Snapshot()
    package var console = Console()
    /// What a program has sent; empty for our kernel, whose log is read from its memory.
    package var guestText = GuestText()
    /// A sentence for the bottom line, until the next key.
    package var notice: String?
    package private(set) var focus: Pane.Name
    package private(set) var isZoomed = false
    package private(set) var showsHelp = false
    package var search = Search()
    /// The last key was the first of the two that leave.
    private var isLeaving = false
    private var viewports: [Pane.Name: Viewport] = [:]

    package init(size: Size, focus: Pane.Name = Pane.timeline.name) {
        self.size = size
        self.focus = focus
        viewports[Pane.help.name] = Viewport(follows: false)
    }

    /// The panes there are, in the order in which Tab visits them.
    package var panes: [Pane] { snapshot.hasKernel ? Pane.all : Pane.program }

    /// Where everything is now.
    package var layout: Layout {
        Layout(size, panes: panes, zoomed: showsHelp ? Pane.help.name : isZoomed ? focus : nil)
    }

    /// The pane that keys go to.
    package var activePane: Pane { showsHelp ? .help : .named(focus) }

    /// Whether keys without a request belong to the prompt; not while the terminal is too small to show it.
    package var isInConsole: Bool { activePane.name == Pane.console.name && Layout.fits(size) }

    /// What the key table needs to know.
    package var situation: Keymap.Situation {
        Keymap.Situation(
            isInConsole: isInConsole, isInTimeline: activePane.name == Pane.timeline.name,
            isTyping: isInConsole && !console.line.isEmpty, isEnlarged: showsHelp || isZoomed && !isInConsole)
    }

    /// What a pane is scrolled to.
    package func viewport(_ pane: Pane) -> Viewport {
        viewports[pane.name] ?? Viewport()
    }

    /// The selected row of a pane with a selection: the user's, or the followed one.
    package func selection(in pane: Pane) -> Int {
        let view = viewport(pane)
        let last = max(0, pane.count(self) - 1)
        return min(max(0, view.follows ? pane.followed(self) ?? last : view.position), last)
    }

    /// Does what a key asked for, as far as that is the screen's own affair.
    package mutating func perform(_ request: Request) -> Effect? {
        notice = nil
        let wasLeaving = isLeaving
        isLeaving = false
        switch request {
        case .nextBootStep: return snapshot.hasKernel ? startStep(.nextBootStep) : start(.step(1))
        case .runToSelected: return runToSelected()
        case .run: return start(.go)
        case .stepOver: return start(.next(1))
        case .stepInto: return start(.step(1))
        case .breakIn: return .breakIn
        case .nextPane: moveFocus(by: 1)
        case .previousPane: moveFocus(by: -1)
        case .lineUp: scroll(by: -1)
        case .lineDown: scroll(by: 1)
        case .pageUp: scroll(by: -pageRows)
        case .pageDown: scroll(by: pageRows)
        case .top: scroll(by: -1_000_000_000)
        case .bottom: scroll(by: 1_000_000_000)
        case .search: beginSearch()
        case .searchOn: searchAgain(by: 1)
        case .searchBack: searchAgain(by: -1)
        case .zoom: isZoomed.toggle()
        case .back: if showsHelp { showsHelp = false } else { isZoomed = false }
        case .help: showsHelp.toggle()
        case .redraw: return .redraw
        case .quit:
            guard !showsHelp else {
                showsHelp = false
                break
            }
            // One stray letter must not lose a machine that has come somewhere.
            guard snapshot.mark.instruction > 0, Layout.fits(size), !wasLeaving else { return .quit }
            isLeaving = true
            notice = "q again leaves kdbg; any other key stays."
        }
        return nil
    }

    private mutating func start(_ goal: RunGoal) -> Effect? {
        if snapshot.isRunning {
            notice = "The machine is running already; Ctrl-C stops it."
            return nil
        }
        if snapshot.stop.isFinal {
            notice = "The machine has halted for good; look around, or leave with q."
            return nil
        }
        for pane in panes where pane.place == .main || pane.place == .side { follow(pane) }
        return .run(goal)
    }

    private mutating func runToSelected() -> Effect? {
        let row = selection(in: .timeline)
        guard snapshot.timeline.indices.contains(row) else { return nil }
        let step = snapshot.timeline[row]
        // Running on would in most cases be to lose the rest of the boot: few steps are entered twice.
        guard step.entered == nil else {
            notice = "\(step.step.number) has begun before. For its next time: bpx \(step.step.routine)"
            return nil
        }
        return startStep(.bootStep(step.step.number))
    }

    /// Starts towards a boot step; not when all are over, because that run would not end.
    private mutating func startStep(_ goal: RunGoal) -> Effect? {
        guard snapshot.stop != .bootComplete || snapshot.isRunning else {
            notice = "There are no steps left. F5 lets the idle kernel run, and Ctrl-C stops it."
            return nil
        }
        return start(goal)
    }

    private mutating func moveFocus(by distance: Int) {
        let panes = panes.filter { $0.place != .overlay }
        guard !showsHelp, let index = panes.firstIndex(where: { $0.name == focus }) else { return }
        focus = panes[(index + distance + panes.count) % panes.count].name
    }
}

// MARK: Scrolling

extension Screen {
    /// The part of the active pane that scrolls.
    private var scrolledSize: Size {
        let place = layout[activePane.name]?.size ?? Size(columns: 1, rows: 2)
        let body = Size(columns: place.columns, rows: place.rows - 1)
        return Size(columns: body.columns, rows: max(1, body.rows - activePane.fixedRows(body)))
    }

    private var pageRows: Int { max(1, scrolledSize.rows - 1) }

    private mutating func scroll(by distance: Int) {
        let pane = activePane
        var view = viewport(pane)
        switch pane.scrolling {
        case .selection:
            view.position = min(max(0, selection(in: pane) + distance), max(0, pane.count(self) - 1))
            view.follows = false
        case .lines(let line):
            let last = Self.top(of: pane.count(self), size: scrolledSize) { line(self, $0) }
            view.position = min(max(0, (view.follows ? last : view.position) + distance), last)
            view.follows = view.position == last && pane.place != .overlay
        }
        viewports[pane.name] = view
    }

    /// Scrolls a pane to a row, or so that a line is the first one shown.
    mutating func show(_ index: Int, in pane: Pane) {
        viewports[pane.name] = Viewport(follows: false, position: index)
    }

    /// Lets a pane show its newest line again.
    package mutating func follow(_ pane: Pane) {
        viewports[pane.name] = Viewport()
    }

    /// Number of the first line to show when the last of `count` lines is to stand at the bottom.
    package static func top(of count: Int, size: Size, line: (Int) -> StyledLine) -> Int {
        var rows = 0
        var top = count
        while top > 0 {
            rows += line(top - 1).rows(width: size.columns).count
            if rows > size.rows { break }
            top -= 1
        }
        return max(0, min(top, count - 1))
    }
}
