// SPDX-License-Identifier: GPL-3.0-or-later

/// One round of turns in which the first processor sleeps and every other one waits in a loop around PAUSE. When the round has changed nothing, the next one does the
/// same, and so on until a device's event: those rounds need not be executed, only counted. Nothing a guest or a debugger could see differs from executing them.
struct Rotation: Sendable {
    /// Whose turn begins and ends it.
    let first: Int
    /// Instruction count at its beginning.
    let begin: UInt64
    /// Every processor's at its beginning.
    let registers: [Registers]
    /// A turn of `first` is beginning again.
    var isOver = false
}

extension Machine {
    /// A turn begins: begins a rotation when the first processor sleeps, or ends the one that has come round.
    func rotate() {
        if let first = processors.rotation?.first {
            if first == processors.current { processors.rotation?.isOver = true }
        } else if processors.current != 0, processors.parked[0].isHalted, cpu.pointee.count >= processors.nextRotation {
            processors.rotation = Rotation(
                first: processors.current, begin: cpu.pointee.count, registers: (0..<processors.count).map { registers(of: $0) })
        }
    }

    /// Between two instructions of a rotation. When it is over and everything is as at its beginning: counts as many more as end before the next event and `limit`, and
    /// answers true if these were any. When the next instruction is none that only looks, the rotation is given up.
    func skipRotations(_ limit: UInt64) -> Bool {
        guard let rotation = processors.rotation else { return false }
        let now = cpu.pointee.count
        if rotation.isOver {
            giveUpRotation()
            let bound = min(limit, devices.nextEvent)
            let length = now - rotation.begin
            guard bound != .max, length > 0, bound > now + length,
                rotation.registers.indices.allSatisfy({ rotation.registers[$0] == registers(of: $0) })
            else { return false }
            let passed = (bound - now) / length * length
            cpu.pointee.count += passed
            processors.turnEnd += passed
            return true
        }
        if processors.current == 0 || now - rotation.begin > UInt64(Self.longestRotation) || !onlyLooks { giveUpRotation() }
        return false
    }

    /// Instructions of all processors together; more is no waiting loop.
    private static var longestRotation: Int { 256 }

    private func giveUpRotation() {
        processors.rotation = nil
        processors.nextRotation = cpu.pointee.count + 10_000
    }

    /// Whether the next instruction is one that writes general registers and flags at most, and touches no port.
    private var onlyLooks: Bool {
        guard var bytes = readBytes(linear: linearEIP, count: 4)?[...] else { return false }
        if bytes.starts(with: [0xF3, 0x90]) { return true }
        // FS, and nothing else: FS is where a kernel has its processor's data.
        if bytes.first == 0x64 { bytes = bytes.dropFirst() }
        if bytes.first == 0x0F {
            // Jcc, BT, MOVZX, MOVSX.
            return switch bytes[bytes.startIndex + 1] {
            case 0x80...0x8F, 0xA3, 0xB6, 0xB7, 0xBE, 0xBF: true
            default: false
            }
        }
        let (opcode, modRM) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1])
        let isRegister = modRM >> 6 == 3
        let digit = modRM >> 3 & 7
        return switch opcode {
        // Arithmetic into a register, and CMP.
        case 0x00..<0x40: opcode & 7 < 6 && (opcode & 7 >= 2 || isRegister || opcode >= 0x38)
        case 0x80, 0x81, 0x83: isRegister || digit == 7
        case 0x88, 0x89: isRegister
        case 0xC0, 0xC1, 0xD0...0xD3: isRegister
        // TEST.
        case 0xF6, 0xF7: digit < 2
        // Jcc, TEST, loads, LEA, NOP, JMP.
        case 0x70...0x7F, 0x84, 0x85, 0x8A, 0x8B, 0x8D, 0x90, 0xA0, 0xA1, 0xA8, 0xA9, 0xB0...0xBF, 0xE9, 0xEB: true
        default: false
        }
    }
}
