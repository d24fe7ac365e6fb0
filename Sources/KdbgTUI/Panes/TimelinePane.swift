// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

extension Pane {
    /// The boot steps: what has run, what runs, what is to come.
    package static let timeline: Pane = .init(
        name: "Boot timeline", place: .main, scrolling: .selection,
        count: { $0.snapshot.timeline.count },
        followed: { $0.snapshot.currentRow ?? 0 },
        fixedRows: { detailRows(of: $0) },
        note: { screen in
            let rows = screen.snapshot.timeline
            return rows.isEmpty ? "" : "\(rows.count { $0.entered != nil }) of \(rows.count)"
        },
        draw: drawTimeline)
}

/// Rows below the list that explain the selected step.
private func detailRows(of size: Size) -> Int {
    min(9, max(2, size.rows * 2 / 5))
}

@Sendable private func drawTimeline(_ screen: Screen, on surface: inout Surface) {
    let size = surface.size
    let details = detailRows(of: size)
    let selected = screen.selection(in: .timeline)
    for (line, index) in screen.visibleRows(of: .timeline, rows: size.rows - details).enumerated() {
        draw(screen.snapshot.timeline[index], isCurrent: index == screen.snapshot.currentRow, row: line, on: &surface)
        if index == selected { surface.add(.reverse, row: line) }
    }
    guard screen.snapshot.timeline.indices.contains(selected) else {
        surface.put("no boot steps are known", row: 0, style: .dim)
        return
    }
    let row = screen.snapshot.timeline[selected]
    let top = size.rows - details
    let facts = fitting(facts(about: row, bootIsOver: screen.snapshot.stop == .bootComplete), size.columns, rows: max(1, details - 2))
    let text = fitting(row.step.explanation, size.columns, rows: details - facts.count)
    for (line, part) in (facts + text).enumerated() {
        surface.put(part, row: top + line, style: line < facts.count ? .bold : .normal)
    }
}

/// A text broken into at most `rows` lines; when it has more the last one is too long, which the surface shows with an ellipsis.
private func fitting(_ text: String, _ columns: Int, rows: Int) -> [String] {
    var lines = wordWrapped(text, width: columns)
    guard lines.count > rows, rows > 0 else { return lines }
    lines[rows - 1] += " " + lines[rows]
    return Array(lines.prefix(rows))
}

/// Marker, number, title by depth; at the right the instruction count at entry and, when it failed, the status.
private func draw(_ entry: TimelineRow, isCurrent: Bool, row: Int, on surface: inout Surface) {
    let columns = surface.size.columns
    let marker = marker(of: entry)
    let style: Style = isCurrent ? .current : entry.entered == nil ? .dim : .normal
    surface.put(marker.text, row: row, style: marker.style)
    surface.put("\(entry.step.number)", row: row, column: 2, style: style, limit: 12)

    // A title that one cannot read is worth less than a count that the details show too.
    let indent = min(entry.depth * (columns >= 56 ? 2 : 1), columns / 6)
    let failure = entry.failure.map { " " + hexadecimal($0) } ?? ""
    var right = entry.entered.map { " " + grouped($0.instruction) + failure } ?? ""
    if columns - 13 - indent - right.count < min(16, entry.step.title.count) { right = failure }
    surface.put(entry.step.title, row: row, column: 13 + indent, style: style, limit: columns - right.count)
    surface.put(right, row: row, column: columns - right.count, style: entry.failure == nil ? style : .bad)
}

private func marker(of entry: TimelineRow) -> (text: String, style: Style) {
    if entry.entered == nil { return ("·", .dim) }
    if entry.left == nil { return ("▶", .current) }
    return entry.failure == nil ? ("✓", .good) : ("✗", .bad)
}

private func facts(about entry: TimelineRow, bootIsOver: Bool) -> String {
    guard let entered = entry.entered else { return "\(entry.step.routine): \(bootIsOver ? "not part of this boot" : "still to come")" }
    var parts = ["\(entry.step.routine): IRQL \(entry.irql)"]
    parts.append("from \(grouped(entered.instruction)) \(entry.left.map { "to \(grouped($0.instruction))" } ?? "on")")
    if let result = entry.result { parts.append("EAX " + hexadecimal(result)) }
    if let failure = entry.failure { parts.append(StatusNames.name(of: failure)) }
    if entry.thread != 0 { parts.append("thread \(hexadecimal(entry.thread))") }
    if entry.processor > 0 { parts.append("CPU \(entry.processor)") }
    return parts.joined(separator: ", ")
}

extension TimelineRow {
    /// The result, when it reads as an NTSTATUS of the error kind.
    package var failure: UInt32? {
        result.flatMap { $0 >> 16 == 0xC000 ? $0 : nil }
    }
}
