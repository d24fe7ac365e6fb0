// SPDX-License-Identifier: GPL-3.0-or-later

/// Handlers that differ only in their condition, so that the test is a constant in each.
enum ConditionHandlers {
    static var jump: [Handler] {
        [
            { $0.cpu.jumpIf(0, $1.op) },
            { $0.cpu.jumpIf(1, $1.op) },
            { $0.cpu.jumpIf(2, $1.op) },
            { $0.cpu.jumpIf(3, $1.op) },
            { $0.cpu.jumpIf(4, $1.op) },
            { $0.cpu.jumpIf(5, $1.op) },
            { $0.cpu.jumpIf(6, $1.op) },
            { $0.cpu.jumpIf(7, $1.op) },
            { $0.cpu.jumpIf(8, $1.op) },
            { $0.cpu.jumpIf(9, $1.op) },
            { $0.cpu.jumpIf(10, $1.op) },
            { $0.cpu.jumpIf(11, $1.op) },
            { $0.cpu.jumpIf(12, $1.op) },
            { $0.cpu.jumpIf(13, $1.op) },
            { $0.cpu.jumpIf(14, $1.op) },
            { $0.cpu.jumpIf(15, $1.op) },
        ]
    }

    static var set: [Handler] {
        [
            { $0.cpu.setIf(0, $1.op) },
            { $0.cpu.setIf(1, $1.op) },
            { $0.cpu.setIf(2, $1.op) },
            { $0.cpu.setIf(3, $1.op) },
            { $0.cpu.setIf(4, $1.op) },
            { $0.cpu.setIf(5, $1.op) },
            { $0.cpu.setIf(6, $1.op) },
            { $0.cpu.setIf(7, $1.op) },
            { $0.cpu.setIf(8, $1.op) },
            { $0.cpu.setIf(9, $1.op) },
            { $0.cpu.setIf(10, $1.op) },
            { $0.cpu.setIf(11, $1.op) },
            { $0.cpu.setIf(12, $1.op) },
            { $0.cpu.setIf(13, $1.op) },
            { $0.cpu.setIf(14, $1.op) },
            { $0.cpu.setIf(15, $1.op) },
        ]
    }

    static var move: [Handler] {
        [
            { $0.cpu.moveIf(0, UInt32.self, $1.op) },
            { $0.cpu.moveIf(1, UInt32.self, $1.op) },
            { $0.cpu.moveIf(2, UInt32.self, $1.op) },
            { $0.cpu.moveIf(3, UInt32.self, $1.op) },
            { $0.cpu.moveIf(4, UInt32.self, $1.op) },
            { $0.cpu.moveIf(5, UInt32.self, $1.op) },
            { $0.cpu.moveIf(6, UInt32.self, $1.op) },
            { $0.cpu.moveIf(7, UInt32.self, $1.op) },
            { $0.cpu.moveIf(8, UInt32.self, $1.op) },
            { $0.cpu.moveIf(9, UInt32.self, $1.op) },
            { $0.cpu.moveIf(10, UInt32.self, $1.op) },
            { $0.cpu.moveIf(11, UInt32.self, $1.op) },
            { $0.cpu.moveIf(12, UInt32.self, $1.op) },
            { $0.cpu.moveIf(13, UInt32.self, $1.op) },
            { $0.cpu.moveIf(14, UInt32.self, $1.op) },
            { $0.cpu.moveIf(15, UInt32.self, $1.op) },
        ]
    }

    static var moveWord: [Handler] {
        [
            { $0.cpu.moveIf(0, UInt16.self, $1.op) },
            { $0.cpu.moveIf(1, UInt16.self, $1.op) },
            { $0.cpu.moveIf(2, UInt16.self, $1.op) },
            { $0.cpu.moveIf(3, UInt16.self, $1.op) },
            { $0.cpu.moveIf(4, UInt16.self, $1.op) },
            { $0.cpu.moveIf(5, UInt16.self, $1.op) },
            { $0.cpu.moveIf(6, UInt16.self, $1.op) },
            { $0.cpu.moveIf(7, UInt16.self, $1.op) },
            { $0.cpu.moveIf(8, UInt16.self, $1.op) },
            { $0.cpu.moveIf(9, UInt16.self, $1.op) },
            { $0.cpu.moveIf(10, UInt16.self, $1.op) },
            { $0.cpu.moveIf(11, UInt16.self, $1.op) },
            { $0.cpu.moveIf(12, UInt16.self, $1.op) },
            { $0.cpu.moveIf(13, UInt16.self, $1.op) },
            { $0.cpu.moveIf(14, UInt16.self, $1.op) },
            { $0.cpu.moveIf(15, UInt16.self, $1.op) },
        ]
    }
}
