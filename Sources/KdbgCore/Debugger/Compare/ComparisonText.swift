// SPDX-License-Identifier: GPL-3.0-or-later

extension MechanismComparison {
    private static let titleWidth = 18

    /// The table for people: a column for each mechanism, words wrapped.
    /// - Parameter columns: of the whole table, at least 60.
    package func text(columns: Int = 132) -> String {
        let width = max(16, (max(columns, 60) - Self.titleWidth) / max(records.count, 1) - 2)
        var output = line("", records.map(\.mechanism.name), width)
        output += String(repeating: "-", count: Self.titleWidth + records.count * (width + 2)) + "\n"
        for row in rows {
            let title = Self.wrapped(row.title, Self.titleWidth - 1)
            let cells = row.cells.map { cell in cell.flatMap { Self.wrapped($0, width) } }
            for index in 0..<max(title.count, cells.map(\.count).max() ?? 0) {
                output += line(
                    title.indices.contains(index) ? title[index] : "", cells.map { $0.indices.contains(index) ? $0[index] : "" }, width)
            }
            output += "\n"
        }
        return output
    }

    private func line(_ title: String, _ cells: [String], _ width: Int) -> String {
        var text = title.padded(right: Self.titleWidth)
        for cell in cells { text += cell.padded(right: width) + "  " }
        while text.last == " " { text.removeLast() }
        return text + "\n"
    }

    /// Lines of at most `width` characters; what follows the first is indented.
    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = String(word)
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = "  "
            } else if !line.isEmpty {
                line += " "
            }
            while line.count + word.count > width {
                let room = max(width - line.count, 1)
                lines.append(line + word.prefix(room))
                word = String(word.dropFirst(room))
                line = "  "
            }
            line += word
        }
        return lines + [line]
    }

    /// For programs: every event of every record, the losses, and the table's rows.
    package var json: JSONValue {
        .object([
            ("mechanisms", .array(records.map(\.json))),
            (
                "rows",
                .array(
                    rows.map { row in
                        .object([
                            ("title", .string(row.title)),
                            ("cells", .object(zip(records, row.cells).map { ($0.mechanism.name, .array($1.map(JSONValue.string))) })),
                        ])
                    })
            ),
        ])
    }
}

extension MechanismRecord {
    /// The record for programs.
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(mechanism.name)), ("summary", .string(mechanism.summary)), ("bootComplete", .bool(stop == .bootComplete)),
            ("bugcheck", .number(Int(bugcheck))),
            ("printedBytes", .number(printed.count)), ("logBytes", log.map { .number($0.count) } ?? .null),
            (
                "losses",
                .array(
                    losses.map {
                        .object([
                            ("firstByte", .number($0.range.lowerBound)), ("bytes", .number($0.range.count)),
                            ("firstLine", .number($0.lines.lowerBound)), ("lastLine", .number($0.lines.upperBound)),
                        ])
                    })
            ),
            ("poolInUse", .number(Int(poolInUse))),
            (
                "events",
                .array(
                    events.map { event in
                        .object([
                            ("kind", .string(event.kind.rawValue)), ("subject", .string(event.subject)),
                            ("routine", .string(event.routine)),
                            ("step", .string(event.step)), ("instruction", .number(Int(event.mark.instruction))),
                            ("end", event.end.map { .number(Int($0.instruction)) } ?? .null),
                            ("status", event.status.map { .number(Int($0)) } ?? .null), ("number", .number(Int(event.number))),
                        ])
                    })
            ),
        ])
    }
}
