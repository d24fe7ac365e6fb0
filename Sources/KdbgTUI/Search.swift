// SPDX-License-Identifier: GPL-3.0-or-later

/// A search in the active pane: what is typed at the bottom line, and what was looked for last.
package struct Search: Equatable, Sendable {
    /// What is looked for, upper and lower case being the same.
    package var text = ""
    /// A text is being typed: keys belong to it.
    package var isTyping = false
    /// The text as far as it has been typed.
    package var typed = ""

    package init() {}
}

extension Screen {
    /// Whether keys belong to the text of a search.
    package var isSearching: Bool { search.isTyping }

    /// What the bottom line shows while a search is typed.
    var searchLine: String { "Search in \(activePane.name.text): \(search.typed)" }

    /// Begins to type what to look for; Enter alone then looks for the same again.
    mutating func beginSearch() {
        search.isTyping = true
        search.typed = ""
    }

    /// Takes a key of the text: Enter goes to the next place, Esc or Ctrl-C gives up.
    package mutating func type(_ key: Key) {
        notice = nil
        switch key {
        case .character(let scalar): search.typed.unicodeScalars.append(scalar)
        case .backspace: if !search.typed.isEmpty { search.typed.removeLast() } else { search.isTyping = false }
        case .enter:
            search.isTyping = false
            if !search.typed.isEmpty { search.text = search.typed }
            searchAgain(by: 1)
        default: search.isTyping = false
        }
    }

    /// Goes to the next place (1) or the one before (-1) that has the text, and round at the end.
    mutating func searchAgain(by step: Int) {
        let pane = activePane
        let count = pane.count(self)
        guard !search.text.isEmpty else {
            notice = "Nothing to look for yet: / begins a search, F3 in the console."
            return
        }
        let view = viewport(pane)
        let start =
            switch pane.scrolling {
            case .selection: selection(in: pane)
            // The newest line of a pane that follows is where one looks back from.
            case .lines: view.follows ? (step > 0 ? -1 : count) : view.position
            }
        let text = search.text.lowercased()
        for distance in 1...max(1, count) {
            let index = ((start + step * distance) % max(1, count) + count) % max(1, count)
            guard index < count, self.text(of: pane, index).lowercased().contains(text) else { continue }
            show(index, in: pane)
            notice = "\(index + 1) of \(count). n and N go on, F3 and Enter in the console."
            return
        }
        notice = "'\(search.text)' is not in \(pane.name.text)."
    }

    private func text(of pane: Pane, _ index: Int) -> String {
        switch pane.scrolling {
        case .lines(let line): return line(self, index).text
        case .selection:
            guard pane.name == Pane.timeline.name, snapshot.timeline.indices.contains(index) else { return "" }
            let step = snapshot.timeline[index].step
            return "\(step.number) \(step.title) \(step.routine)"
        }
    }
}
