// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// What KD has logged.
    package static let log: Pane = .init(
        name: "Log", place: .stream,
        scrolling: .lines { screen, index in logLine(screen.snapshot.log[index].text) },
        count: { $0.snapshot.log.count },
        note: { screen in
            let count = screen.snapshot.log.count
            return "\(count) \(count == 1 ? "line" : "lines")" + (screen.viewport(.log).follows ? "" : ", scrolled back")
        },
        draw: { screen, surface in
            screen.drawLines(of: .log, rows: surface.size.rows, on: &surface)
            if screen.snapshot.log.isEmpty { surface.put("nothing logged yet", row: 0, style: .dim) }
        })
}

/// A print that says where in the source it comes from, as ReactOS's do: `(path:line) text`, the place less prominent than the text.
private func logLine(_ text: String) -> StyledLine {
    guard text.hasPrefix("("), let end = text.firstIndex(of: ")"), text[..<end].contains(":") else { return StyledLine(text) }
    var line = StyledLine(text[...end], style: .dim)
    line.append(text[text.index(after: end)...], style: .normal)
    return line
}
