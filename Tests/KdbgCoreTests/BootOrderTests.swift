// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The boot against the numbering of spec/boot.md sections 1.2 to 1.9: every row is a routine that is called, in the order of the rows.
struct BootOrderTests {
    /// A table of the specification: its section, how many rows it has, and which of them this boot does not come to.
    struct Table: CustomTestStringConvertible, Sendable {
        var section: String
        var rows: Int
        var skipped: Set<Int> = []
        var testDescription: String { section }
    }

    private static let tables = [
        Table(section: "1.2", rows: 22),
        // #6 is for a start without a loader block, #11 for DEBUG=DISABLE and DEBUG=AUTOENABLE. #1 is the call with a phase other than 0, of 1.8 #13.
        Table(section: "1.3", rows: 13, skipped: [1, 6, 11]),
        Table(section: "1.4", rows: 5),
        Table(section: "1.5", rows: 14),
        Table(section: "1.6", rows: 26),
        Table(section: "1.6.2", rows: 11),
        Table(section: "1.8", rows: 39),
        // #23 may come earlier too; its first time counts.
        Table(section: "1.9", rows: 27),
        Table(section: "1.9.1", rows: 6),
    ]

    private static let timeline = boot(BootConfiguration(script: []))

    private static func boot(_ configuration: BootConfiguration) -> [TimelineRow] {
        let session = Session(configuration)
        while case .running = session.run(.go, budget: 10_000_000) {}
        #expect(session.stop == .bootComplete)
        return session.timeline
    }

    @Test(arguments: tables)
    func rowsComeInOrder(table: Table) throws {
        let section = try #require(StepNumber(table.section)).section
        let observed = Self.timeline.filter { $0.entered != nil && $0.step.number.section == section && $0.step.number.row > 0 }
        var seen: Set<Int> = []
        let rows = observed.map(\.step.number.row).filter { !table.skipped.contains($0) && seen.insert($0).inserted }
        #expect(rows == (1...table.rows).filter { !table.skipped.contains($0) })
    }

    /// Rows of one table are entered one after the other, at the same depth, and each returns before the next is entered.
    @Test(arguments: tables.filter { $0.section != "1.3" && $0.section != "1.4" })
    func rowsFollowEachOther(table: Table) throws {
        let section = try #require(StepNumber(table.section)).section
        let observed = Self.timeline.filter { $0.entered != nil && $0.step.number.section == section && $0.step.number.row > 0 }
        let sequence = observed.filter { $0.depth == observed[0].depth }
        for (row, next) in zip(sequence, sequence.dropFirst()) {
            #expect(row.left.map { $0 <= next.entered! } ?? false, "\(row.step.number) has not returned when \(next.step.number) begins")
        }
    }

    /// What the rows that are skipped above are for.
    @Test func conditionalRows() {
        func rows(_ options: String) -> [StepNumber] {
            Self.boot(BootConfiguration(bootOptions: options, script: [])).filter { $0.entered != nil }.map(\.step.number)
        }
        let disabled = rows("DEBUG=DISABLE DEBUGPORT=COM1")
        #expect(disabled.contains(StepNumber([1, 3], row: 11)))
        #expect(!disabled.contains(StepNumber([1, 3], row: 12)))
        let first = Self.timeline.first { $0.step.number == StepNumber([1, 3], row: 1) }?.entered
        let phase1 = Self.timeline.first { $0.step.number == StepNumber([1, 8], row: 13) }
        #expect(first.map { phase1!.entered! < $0 && $0 < phase1!.left! } ?? false)
        #expect(!rows("NODEBUG").contains(StepNumber([1, 3], row: 8)))
    }

    /// The IRQL and the thread that spec/boot.md section 1.1 gives for stages of the boot.
    @Test func levelsAndThreads() throws {
        func row(_ number: String) throws -> TimelineRow {
            let number = try #require(StepNumber(number))
            return try #require(Self.timeline.first { $0.step.number == number && $0.entered != nil })
        }
        let levels: [(String, UInt8)] = [
            ("1.2 #9", 0), ("1.2 #18", 0), ("1.5 #1", 31), ("1.5 #6", 1), ("1.5 #11", 1), ("1.6 #26", 1), ("1.5 #14", 2), ("1.8 #1", 0),
            ("1.9 #11", 0), ("1.9 #23", 0),
        ]
        for (number, irql) in levels {
            #expect(try row(number).irql == irql, "\(number)")
        }
        let idle = try row("1.5 #1").thread
        let phase1 = try row("1.8 #1").thread
        #expect(idle != phase1)
        func threads(_ sections: [[Int]], _ isWanted: (Mark) -> Bool) -> Set<UInt32> {
            Set(Self.timeline.filter { sections.contains($0.step.number.section) && $0.entered.map(isWanted) ?? false }.map(\.thread))
        }
        let start = try #require(try row("1.8").entered)
        #expect(threads([[1, 8], [1, 9]]) { _ in true } == [phase1])
        #expect(threads([[1, 5], [1, 6]]) { $0 < start } == [idle])
    }
}
