// SPDX-License-Identifier: GPL-3.0-or-later

/// All rows, indexed for the decoder: 512 opcodes times eight ModRM.reg values.
struct InstructionTable: @unchecked Sendable {
    let entries: UnsafeMutablePointer<Row>

    /// The table; built once and never changed.
    static let shared = InstructionTable()

    /// The families. A new family adds its line here; a new instruction touches only its family's file.
    static var rows: [Row] {
        Arithmetic.rows + Move.rows + StackFamily.rows + Branch.rows + Shift.rows + Multiply.rows + BitFamily.rows + StringFamily.rows
            + Decimal.rows + FlagFamily.rows + Exchange.rows + System.rows + FarFamily.rows + InOut.rows + Floating.rows
    }

    private init() {
        entries = .allocate(capacity: 4096)
        entries.initialize(repeating: Row(0, .none) { cpu, _ in cpu.cpu.raise(.invalidOpcode) }, count: 4096)
        for opcode in 0..<512 { for digit in 0..<8 { entries[opcode * 8 + digit].opcode = -1 } }
        for row in Self.rows {
            for opcode in row.opcode..<row.opcode + row.count {
                for digit in row.digit < 0 ? 0..<8 : row.digit..<row.digit + 1 {
                    precondition(entries[opcode * 8 + digit].opcode == -1, "two rows for one opcode")
                    entries[opcode * 8 + digit] = row
                }
            }
        }
        // Undefined members of a group still have a ModRM byte, so that their length comes out right.
        for opcode in 0..<512 {
            guard let member = (0..<8).first(where: { entries[opcode * 8 + $0].opcode >= 0 }) else { continue }
            for digit in 0..<8 where entries[opcode * 8 + digit].opcode < 0 {
                entries[opcode * 8 + digit].form = entries[opcode * 8 + member].form
            }
        }
    }
}
