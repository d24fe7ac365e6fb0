// SPDX-License-Identifier: GPL-3.0-or-later

/// The CRT controller of an 80x25 text display: registers at 3D4h and 3D5h. The cells are plain RAM at physical B8000h.
struct TextScreen: Hashable, Sendable {
    static var address: UInt32 { 0xB8000 }
    static var columns: Int { 80 }
    static var rows: Int { 25 }

    private var index: UInt8 = 0
    private var registers: [UInt8] = Array(repeating: 0, count: 32)
    private var retrace = false

    init() {
        registers[0x0A] = 0x0D
        registers[0x0B] = 0x0E
    }

    /// Cell number of the cursor.
    var cursor: Int { Int(registers[0x0E]) << 8 | Int(registers[0x0F]) }
    /// First displayed cell.
    var start: Int { Int(registers[0x0C]) << 8 | Int(registers[0x0D]) }
    var isCursorVisible: Bool { registers[0x0A] & 0x20 == 0 }

    /// OUT to 3D4h or 3D5h.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        if port == 0x3D4 { index = value & 31 } else if port == 0x3D5 { registers[Int(index)] = value }
    }

    /// IN from 3D4h, 3D5h or 3DAh.
    mutating func read(_ port: UInt16) -> UInt8 {
        switch port {
        case 0x3D4: return index
        case 0x3D5: return registers[Int(index)]
        default:
            // Status register 1: retrace comes and goes, so that nobody waits for it forever.
            retrace.toggle()
            return retrace ? 9 : 0
        }
    }
}
