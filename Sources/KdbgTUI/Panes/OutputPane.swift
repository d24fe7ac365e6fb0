// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// What a program on the bare machine sends by COM1 and the debug console.
    package static let output: Pane = .init(
        name: "COM1 and port E9", place: .stream,
        scrolling: .lines { screen, index in StyledLine(visible(screen.guestText.lines[index])) },
        count: { $0.guestText.lines.count },
        note: { screen in
            let count = screen.guestText.lines.count
            return "\(count) \(count == 1 ? "line" : "lines")" + (screen.viewport(.output).follows ? "" : ", scrolled back")
        },
        draw: { screen, surface in
            screen.drawLines(of: .output, rows: surface.size.rows, on: &surface)
            if screen.guestText.lines.isEmpty { surface.put("nothing sent yet", row: 0, style: .dim) }
        })
}
