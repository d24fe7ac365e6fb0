// SPDX-License-Identifier: GPL-3.0-or-later

/// The local APIC of a processor, as far as it takes to start others (SDM vol. 3, 11.4 to 11.6): registers can be read and written, INIT and start-up messages are sent. It
/// receives no interrupts: those of the devices go to the first processor by the 8259s, as with LINT0 in virtual wire mode.
package struct LocalAPIC: Sendable {
    /// Physical address of every processor's own.
    package static var base: UInt32 { 0xFEE0_0000 }

    /// Task priority, EOI, logical destination, destination format, spurious vector, local vector table and timer: what was written.
    private var plain: [UInt32: UInt32] = [0xE0: ~0, 0xF0: 0xFF, 0x320: 0x1_0000, 0x350: 0x1_0000, 0x360: 0x1_0000, 0x370: 0x1_0000]
    /// Interrupt command: the low and the high half.
    private(set) var command: (low: UInt32, high: UInt32) = (0, 0)

    /// `offset`: of a register in the page, a multiple of 16; others read as zero.
    func read(_ offset: UInt32, processor: Int) -> UInt32 {
        switch offset {
        case 0x20: UInt32(processor) << 24
        case 0x30: 0x0005_0014
        case 0x300: command.low
        case 0x310: command.high
        default: plain[offset] ?? 0
        }
    }

    /// Answers whether a message is to be sent (the low half of the command was written).
    mutating func write(_ offset: UInt32, _ value: UInt32) -> Bool {
        switch offset {
        case 0x300:
            // Delivery status stays idle: messages arrive at once.
            command.low = value & ~0x1000
            return true
        case 0x310: command.high = value & 0xFF00_0000
        case 0x80, 0xD0, 0xE0, 0xF0, 0x320...0x370, 0x380, 0x3E0: plain[offset] = value
        default: break
        }
        return false
    }

    /// Every register in turn.
    func hash(into hasher: inout StableHasher) {
        hasher.add(command.low)
        hasher.add(command.high)
        for offset in stride(from: UInt32(0), to: 0x400, by: 16) { hasher.add(plain[offset] ?? 0) }
    }
}

extension Machine {
    /// A register of the current processor's local APIC; nil when there is none.
    func readAPIC(_ offset: UInt32) -> UInt32? {
        guard processors.count > 1 else { return nil }
        return processors.apics[processors.current].read(offset, processor: processors.current)
    }

    /// Writes one, and does what it asks for.
    func writeAPIC(_ offset: UInt32, _ value: UInt32) {
        guard processors.count > 1, processors.apics[processors.current].write(offset, value) else { return }
        let command = processors.apics[processors.current].command
        let everybody = processors.activity.indices
        let targets: [Int]
        switch command.low >> 18 & 3 {
        case 0: targets = everybody.filter { $0 == Int(command.high >> 24) || command.high >> 24 == 0xFF }
        case 1: targets = [processors.current]
        case 2: targets = Array(everybody)
        default: targets = everybody.filter { $0 != processors.current }
        }
        for target in targets where target != processors.current && target != 0 { deliver(command.low, to: target) }
    }

    /// INIT (delivery mode 5) and start-up (6); the first processor and the sender itself are left alone.
    private func deliver(_ command: UInt32, to target: Int) {
        switch command >> 8 & 7 {
        // The level-deassert form does nothing any more (SDM vol. 3, 11.6.1).
        case 5 where command & 0x4000 != 0: processors.activity[target] = .waitingForStartUp
        case 6 where processors.activity[target] == .waitingForStartUp:
            processors.parked[target] = SavedProcessor(startUp: UInt8(truncatingIfNeeded: command))
            processors.activity[target] = .running
            if processors.turnEnd == .max { processors.turnEnd = cpu.pointee.count + Processors.turn }
            cpu.pointee.deadline = 0
        default: break
        }
    }
}
