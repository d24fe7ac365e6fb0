// SPDX-License-Identifier: GPL-3.0-or-later

/// When an exception enters the debugger: the table of `set condition` (spec/kdbg.md sections 4.2 and 4.3).
package struct ExceptionConditions: Equatable, Sendable {
    package enum Condition: String, CaseIterable, Sendable {
        case never, umode, kmode, always

        /// - Parameter userMode: whether the interrupted code was user mode.
        package func isMet(userMode: Bool) -> Bool {
            switch self {
            case .never: false
            case .umode: userMode
            case .kmode: !userMode
            case .always: true
            }
        }
    }

    package struct Row: Equatable, Sendable {
        /// The word `set condition` knows it by.
        package let name: String
        /// What the banner calls it.
        package let title: String
        package var first: Condition
        package var last: Condition
        package let isChangeable: Bool

        /// The same row with another's conditions.
        func with(_ other: Row) -> Row {
            var copy = self
            copy.first = other.first
            copy.last = other.last
            return copy
        }
    }

    /// By exception number; the last row is for everything that has no other.
    package private(set) var rows: [Row]

    /// Numbers with a meaning of their own.
    package static let debugTrap = 1
    package static let breakpoint = 3
    package static let pageFault = 14
    package static let assertion = 20
    package static let others = 21

    /// - Parameter keepsQuirks: whether assertions are called OTHERS and the true others have no name, as in KDBG (section 4.2).
    package init(keepsQuirks: Bool = false) {
        func row(_ name: String, _ title: String, _ first: Condition = .never, _ last: Condition = .kmode, fixed: Bool = false) -> Row {
            Row(name: name, title: title, first: first, last: last, isChangeable: !fixed)
        }
        rows = [
            row("ZERODEVIDE", "Divide Error"),
            row("DEBUGTRAP", "Debug Trap", .kmode, .never, fixed: true),
            row("NMI", "NMI", .never, .always),
            row("INT3", "Breakpoint", .kmode, .never),
            row("OVERFLOW", "Overflow"),
            row("BOUND", "BOUND range exceeded"),
            row("INVALIDOP", "Invalid Opcode"),
            row("NOMATHCOP", "No Math Coprocessor"),
            row("DOUBLEFAULT", "Double Fault", .always, .always, fixed: true),
            row("RESERVED(9)", "Unknown(9)", .always, .always, fixed: true),
            row("INVALIDTSS", "Invalid TSS"),
            row("SEGMENTNOTPRESENT", "Segment Not Present"),
            row("STACKFAULT", "Stack Segment Fault"),
            row("GPF", "General Protection"),
            row("PAGEFAULT", "Page Fault"),
            row("RESERVED(15)", "Reserved(15)", .always, .always, fixed: true),
            row("MATHFAULT", "Math Fault"),
            row("ALIGNMENTCHECK", "Alignment Check"),
            row("MACHINECHECK", "Machine Check"),
            row("SIMDFAULT", "SIMD Fault"),
            // KDBG calls this row OTHERS and gives the true one no name (section 4.2, mended).
            row(keepsQuirks ? "OTHERS" : "ASSERTION", "Assertion Failure", .kmode, .never),
            row(keepsQuirks ? "" : "OTHERS", "Unknown/User defined exception"),
        ]
    }

    /// The row an exception's status code maps to.
    package static func number(of code: UInt32) -> Int {
        switch code {
        case 0xC000_0094: 0
        case 0x8000_0004: debugTrap
        case 0x8000_0003: breakpoint
        case 0xC000_0095: 4
        case 0xC000_008C: 5
        case 0xC000_001D: 6
        case 0xC000_0090: 7
        case 0xC000_00FD: 12
        case 0xC000_0005: pageFault
        case 0x8000_0002: 17
        case 0xC000_02B5: 18
        case 0xC000_0420: assertion
        default: others
        }
    }

    /// The number a word of `set condition` means: a number (trailing junk ignored) or a name, in any case.
    package func number(named word: String) -> Int? {
        // A row without a name is out of reach.
        if let number = CNumber.leading(word) { return number < UInt64(rows.count(where: { !$0.name.isEmpty })) ? Int(number) : nil }
        return rows.firstIndex { $0.name == word.uppercased() }
    }

    /// Changes one condition.
    /// - Returns: false when the exception is a protected one.
    package mutating func set(_ number: Int, firstChance: Bool, to condition: Condition) -> Bool {
        guard rows[number].isChangeable else { return false }
        if firstChance { rows[number].first = condition } else { rows[number].last = condition }
        return true
    }

    /// Changes every condition that may be changed: what `*` means, and the boot option FIRSTCHANCE does.
    package mutating func setAll(firstChance: Bool, to condition: Condition) {
        for number in rows.indices { _ = set(number, firstChance: firstChance, to: condition) }
    }

    /// Whether an exception enters the debugger.
    package func isMet(number: Int, firstChance: Bool, userMode: Bool) -> Bool {
        (firstChance ? rows[number].first : rows[number].last).isMet(userMode: userMode)
    }
}
