// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

extension Pane {
    /// The KD providers as they are in guest memory.
    package static let providers: Pane = .init(
        name: "KD providers", place: .side, scrolling: .selection,
        count: { $0.snapshot.providers.count },
        followed: { $0.snapshot.providers.firstIndex(where: hasFailed) ?? 0 },
        fixedRows: { _ in 1 },
        wantedRows: 6,
        draw: drawProviders)
}

/// A column of the table.
private struct Column: Sendable {
    var title: String
    var width: Int
    var isNumber = false
    var text: @Sendable (ProviderRow, _ width: Int) -> String
}

/// The name of a status without what all of them begin with.
private func shortStatus(_ row: ProviderRow) -> String {
    guard let status = row.status else { return "-" }
    if row.statusName.isEmpty { return hexadecimal(status) }
    return row.statusName.hasPrefix("STATUS_") ? String(row.statusName.dropFirst(7)) : row.statusName
}

private let columns = [
    Column(title: "name", width: 6) { row, _ in row.name },
    Column(title: "reg", width: 3) { row, _ in row.isRegistered ? "yes" : "no" },
    Column(title: "ph", width: 2, isNumber: true) { row, _ in row.phase.map(String.init) ?? "-" },
    Column(title: "arm", width: 3) { row, _ in row.isArmed ? "yes" : "no" },
    Column(title: "status", width: 11) { row, _ in shortStatus(row) },
    Column(title: "printed", width: 9, isNumber: true) { row, _ in grouped(row.bytesPrinted) },
    Column(title: "ring", width: 10) { row, width in row.ring.map { bar($0, width: width) } ?? "-" },
]

/// `████░░░░ 1,234/524,288` in a wide column, only the bar in a narrow one.
private func bar(_ ring: ProviderRow.Ring, width: Int) -> String {
    let figures = " \(grouped(UInt64(ring.used)))/\(grouped(UInt64(ring.size)))"
    let cells = figures.count + 6 <= width ? min(20, width - figures.count) : width
    let used = ring.size == 0 ? 0 : min(cells, Int((UInt64(ring.used) * UInt64(cells) + UInt64(ring.size) - 1) / UInt64(ring.size)))
    let drawn = String(repeating: "█", count: used) + String(repeating: "░", count: cells - used)
    return cells < width ? drawn + figures : drawn
}

@Sendable private func drawProviders(_ screen: Screen, on surface: inout Surface) {
    let shown = fitting(surface.size.columns)
    let isActive = screen.activePane.name == Pane.providers.name
    var column = 0
    for (item, width) in shown {
        surface.put(item.isNumber ? padded(item.title, width) : item.title, row: 0, column: column, style: .dim, limit: column + width)
        column += width + 1
    }
    for (line, index) in screen.visibleRows(of: .providers, rows: surface.size.rows - 1).enumerated() {
        let row = screen.snapshot.providers[index]
        column = 0
        for (item, width) in shown {
            let text = item.text(row, width)
            surface.put(
                item.isNumber ? padded(text, width) : text, row: line + 1, column: column, style: style(of: row), limit: column + width)
            column += width + 1
        }
        if isActive, index == screen.selection(in: .providers) { surface.add(.reverse, row: line + 1) }
    }
    // With rows to spare, what the table has no room for goes below it, and the selected provider's full story.
    let hasRings = shown.contains { $0.0.title == "ring" }
    var lines = hasRings ? [] : screen.snapshot.providers.compactMap { ringLine($0, surface.size.columns) }
    let selected = screen.selection(in: .providers)
    if screen.snapshot.providers.indices.contains(selected) {
        lines += wordWrapped(story(of: screen.snapshot.providers[selected], withRing: hasRings), width: surface.size.columns)
    }
    let below = screen.snapshot.providers.count + 1
    for (line, text) in lines.prefix(max(0, surface.size.rows - below)).enumerated() {
        surface.put(text, row: below + line, style: .dim)
    }
}

private func ringLine(_ row: ProviderRow, _ columns: Int) -> String? {
    let title = "\(row.name) ring "
    return row.ring.map { title + bar($0, width: columns - title.count) }
}

@Sendable private func hasFailed(_ row: ProviderRow) -> Bool {
    row.status.map { $0 >> 30 == 3 } ?? false
}

private func style(of row: ProviderRow) -> Style {
    guard row.isRegistered else { return .dim }
    return hasFailed(row) ? .warning : .normal
}

private func story(of row: ProviderRow, withRing: Bool) -> String {
    var parts = ["\(row.name) at \(hexadecimal(row.address))"]
    if let status = row.status {
        parts.append("status 0x\(hexadecimal(status))\(row.statusName.isEmpty ? "" : " \(row.statusName)")")
    } else {
        parts.append("not called yet")
    }
    if withRing, let ring = row.ring { parts.append("ring \(grouped(UInt64(ring.used))) of \(grouped(UInt64(ring.size))) bytes") }
    return parts.joined(separator: ", ")
}

/// What goes first when there is no room for all columns.
private let dispensable = ["ring", "reg", "printed", "arm", "status"]

/// The columns that fit, and their widths: what is left over goes to the status first, then to the ring.
private func fitting(_ total: Int) -> [(Column, width: Int)] {
    var shown = columns.map { ($0, width: $0.width) }
    var used: Int { shown.reduce(-1) { $0 + 1 + $1.width } }
    for title in dispensable where used > total {
        shown.removeAll { $0.0.title == title }
    }
    for (title, most) in [("status", 28), ("ring", 36)] {
        guard let index = shown.firstIndex(where: { $0.0.title == title }) else { continue }
        shown[index].width += max(0, min(total - used, most - shown[index].width))
    }
    return shown
}

private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}
