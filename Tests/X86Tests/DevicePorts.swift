// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// A machine whose ports a test touches as a program would, one byte at a time unless it says otherwise.
struct DevicePorts {
    let machine: Machine

    init(memory: Int = 4 << 20) { machine = Machine(memoryBytes: memory) }

    subscript(port: UInt16) -> UInt8 {
        get { UInt8(machine.portIn(port, size: 1)) }
        nonmutating set { machine.portOut(port, size: 1, UInt32(newValue)) }
    }

    /// Several bytes to one port.
    func write(_ port: UInt16, _ bytes: UInt8...) { for byte in bytes { self[port] = byte } }

    /// Several bytes from one port.
    func read(_ port: UInt16, _ count: Int) -> [UInt8] { (0..<count).map { _ in self[port] } }

    /// An index register, then its data register.
    func index(_ port: UInt16, _ index: UInt8) -> UInt8 {
        self[port] = index
        return self[port + 1]
    }

    func setIndex(_ port: UInt16, _ index: UInt8, _ value: UInt8) { write2(port, index, value) }

    private func write2(_ port: UInt16, _ index: UInt8, _ value: UInt8) {
        self[port] = index
        self[port + 1] = value
    }

    /// Lets device time pass.
    func wait(instructions: UInt64) {
        let end = machine.instructionCount + instructions
        while machine.devices.nextEvent <= end {
            machine.cpu.pointee.count = max(machine.devices.nextEvent, machine.instructionCount)
            machine.devices.advance(to: machine.instructionCount)
        }
        machine.cpu.pointee.count = end
    }

    func wait(microseconds: UInt64) { wait(instructions: microseconds * DeviceTime.instructionsPerMicrosecond) }

    /// Lets the time come at which so many timer ticks have passed since power-on.
    func wait(untilTick tick: UInt64) { wait(instructions: PIT.count(ofTick: tick) - machine.instructionCount) }

    /// The tick of the timer now.
    var tick: UInt64 { PIT.ticks(at: machine.instructionCount) }

    /// Level of an interrupt line.
    func line(_ irq: Int) -> Bool { machine.devices.bus.pointee.lines >> UInt16(irq) & 1 != 0 }

    /// Drives an interrupt line that no device of the machine has.
    func drive(_ irq: UInt8, _ high: Bool) {
        machine.devices.bus.pointee.drive(irq, high)
        machine.devices.settle()
    }

    /// Programs the interrupt controllers as a BIOS does, with vectors 30h and 38h, everything unmasked.
    func preparePIC() {
        write(0x20, 0x11)
        write(0x21, 0x30, 4, 1, 0)
        write(0xA0, 0x11)
        write(0xA1, 0x38, 2, 1, 0)
    }

    var isRequesting: Bool { machine.devices.isRequestingInterrupt }
    func acknowledge() -> UInt8 { machine.devices.pic.acknowledge() }
}
