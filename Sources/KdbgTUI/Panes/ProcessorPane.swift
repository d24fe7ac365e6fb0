// SPDX-License-Identifier: GPL-3.0-or-later

extension Pane {
    /// The processor of the bare machine: registers, mode, and the instructions that come next.
    package static let processor: Pane = .init(
        name: "Processor", place: .side,
        scrolling: .lines { screen, index in line(screen.snapshot.processor[index]) },
        count: { $0.snapshot.processor.count },
        followed: { _ in 0 },
        note: { $0.snapshot.mode },
        draw: drawProcessor)
}

private func line(_ text: String) -> StyledLine {
    StyledLine(text, style: text.hasPrefix(">") ? .current : .normal)
}

@Sendable private func drawProcessor(_ screen: Screen, on surface: inout Surface) {
    let lines = screen.snapshot.processor
    let view = screen.viewport(.processor)
    let top = view.follows ? 0 : min(view.position, max(0, lines.count - surface.size.rows))
    for (row, text) in lines.dropFirst(top).prefix(surface.size.rows).enumerated() {
        surface.put(line(text).cells.prefix(surface.size.columns), row: row)
    }
}
