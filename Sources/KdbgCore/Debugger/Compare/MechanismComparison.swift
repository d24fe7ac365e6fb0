// SPDX-License-Identifier: GPL-3.0-or-later

/// Two to four mechanisms side by side: what was seen of each in a boot of its own.
package struct MechanismComparison: Sendable {
    package let records: [MechanismRecord]

    package init(_ records: [MechanismRecord]) { self.records = records }

    /// A row of the table: what it is about, and what is to be said of each mechanism, line by line.
    package struct Row: Equatable, Sendable {
        package let title: String
        package let cells: [[String]]
    }

    /// A question that is put to every record.
    private struct Question: Sendable {
        let title: String
        let answer: @Sendable (MechanismRecord) -> [String]
    }

    package var rows: [Row] {
        Self.questions.map { question in Row(title: question.title, cells: records.map(question.answer)) }
    }

    private static let questions: [Question] = [
        Question(title: "Phase 1 of the providers") { record in
            record.events.first { $0.routine == "KdDebuggerInitialize1" }.map { [place($0)] } ?? ["never"]
        },
        Question(title: "Cells patched") { record in
            lines(record, .patched) { "\($0.subject) by \($0.routine), \(place($0))" }
        },
        Question(title: "Lists changed") { record in
            record.events.filter { $0.kind == .linked || $0.kind == .unlinked }.map {
                "\($0.subject) \($0.kind == .linked ? "+" : "-") by \($0.routine), \(place($0))"
            }.orNone
        },
        Question(title: "Pool taken for it (KDBG)") { record in
            let own = record.events.filter { $0.kind == .allocated && !ofProviders.contains($0.routine) }
            return own.map { "\($0.number) bytes by \($0.routine)" }.orNone
        },
        Question(title: "Registry") { record in
            lines(record, .registry) { "\($0.subject) by \($0.routine), \(StatusNames.name(of: $0.status ?? 0))" }
        },
        Question(title: "Object made") { record in
            lines(record, .object) { "\($0.subject) by \($0.routine), \(place($0))" }
        },
        Question(title: "Called back first") { record in
            let first = record.events.first { $0.kind == .called && $0.routine != "KdDebuggerInitialize1" || $0.kind == .object }
            guard let first else { return ["never"] }
            return ["\(first.kind == .object ? "KdpDriverEntry" : first.routine), \(place(first))"]
        },
        Question(title: "Later phases") { record in
            record.events.filter { $0.kind == .phase && $0.number >= 2 }.map { event in
                let provider = event.routine == "KdpDebugLogInit" ? "File" : "KDBG"
                return "\(event.number) \(provider): \(StatusNames.name(of: event.status ?? 0)), \(place(event))"
            }.orNone
        },
        Question(title: "First file opened") { record in
            let opened = record.events.first { $0.kind == .opened && $0.status == 0 }
            guard let opened else { return ["never"] }
            let failed = record.events.count { $0.kind == .opened && $0.status != 0 && $0.mark < opened.mark }
            return ["\(opened.subject) by \(opened.routine), \(place(opened))", "after \(failed) failed tries"]
        },
        Question(title: "KDBinit executed") { record in
            record.events.first { $0.kind == .script }.map { [place($0)] } ?? ["never"]
        },
        Question(title: "Log file opened") { record in
            record.events.first { $0.kind == .opened && $0.status == 0 && $0.routine == "KdpOpenLogFile" }.map { [place($0)] } ?? ["never"]
        },
        Question(title: "First byte of the log on disk") { record in
            let written = record.events.first { $0.kind == .wrote && $0.status == 0 && $0.number > 0 }
            guard let written, record.log?.isEmpty == false else { return ["never"] }
            var end = written
            end.mark = written.end ?? written.mark
            return [place(end)]
        },
        Question(title: "KD's driver gone") { record in
            let last = record.events.last { $0.routine == "KdpDriverReinit" && $0.kind == .called }
            return last.map { ["after round \($0.number), \(place($0))"] } ?? ["there is none"]
        },
        Question(title: "KDBG pool in use at the end") { record in ["\(record.poolInUse) bytes"] },
        Question(title: "Printed, in the log, lost") { record in
            let lost = record.losses.reduce(0) { $0 + $1.range.count }
            let pieces = record.losses.map { loss in
                "bytes \(loss.range.lowerBound) to \(loss.range.upperBound - 1), lines \(loss.lines.lowerBound) to \(loss.lines.upperBound): from '\(short(loss.first))' to '\(short(loss.last))'"
            }
            return ["\(record.printed.count), \(record.log?.count ?? 0), \(lost) bytes"] + pieces
        },
        Question(title: "The boot's end") { record in
            if record.bugcheck != 0 { return ["bugcheck 0x\(record.bugcheck.hex(8)) (\(BugcheckText(record.bugcheck).name))"] }
            return switch record.stop {
            case .bootComplete: ["complete"]
            case .dead(let ending): [ending.reason]
            default: ["not reached"]
            }
        },
    ]

    /// What every mechanism takes pool for, whatever it is.
    private static let ofProviders: Set<String> = [
        "KdpAllocateLogRing", "KdpAllocateDmesg", "KdbpReadInitFile", "KdbpCliInterpretInitFile", "KdpDebugLogInit", "KdbInitialize",
    ]

    private static func lines(
        _ record: MechanismRecord, _ kind: MechanismEvent.Kind, _ text: (MechanismEvent) -> String
    ) -> [String] {
        record.events.filter { $0.kind == kind }.map(text).orNone
    }

    /// Where it happened: the step and the time.
    private static func place(_ event: MechanismEvent) -> String {
        "\(event.step.isEmpty ? "" : "in \(event.step) ")at \(event.mark.instruction)"
    }

    private static func short(_ text: String) -> String { text.count <= 40 ? text : text.prefix(39) + "…" }
}

extension [String] {
    fileprivate var orNone: [String] { isEmpty ? ["none"] : self }
}
