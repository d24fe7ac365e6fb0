// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The simulated PC as a target.
package final class MachineTarget: Target {
    private let machine: Machine
    package let symbols: SymbolTable
    package let hasKernel: Bool

    package init(_ guest: Guest) {
        hasKernel = guest.hasKernel
        machine = guest.machine
        symbols = guest.symbols
    }

    package var selectedProcessor: Int?

    /// Of the selected processor.
    private var machineRegisters: Registers {
        get { selectedProcessor.map { machine.registers(of: $0) } ?? machine.registers }
        set { machine.setRegisters(of: selectedProcessor ?? machine.currentProcessor, to: newValue) }
    }

    package var processors: [ProcessorRow] {
        (0..<machine.processorCount).map { number in
            let activity: ProcessorRow.Activity =
                switch machine.activity(of: number) {
                case .waitingForStartUp: .waitingForStartUp
                case .shutDown: .shutDown
                case .running:
                    machine.isHalted(processor: number)
                        ? .halted : number == machine.currentProcessor ? .executing : .waitingForItsTurn
                }
            return ProcessorRow(activity: activity, programCounter: RegisterView(machine.registers(of: number)).programCounter)
        }
    }

    package var registers: RegisterView { RegisterView(machineRegisters) }

    package var system: SystemRegisters {
        let registers = machineRegisters
        var system = SystemRegisters()
        system.cr0 = registers.cr0
        system.cr2 = registers.cr2
        system.cr3 = registers.cr3
        system.cr4 = registers.cr4
        system.gdt = SystemRegisters.Table(base: registers.gdtr.base, limit: UInt32(registers.gdtr.limit))
        system.idt = SystemRegisters.Table(base: registers.idtr.base, limit: UInt32(registers.idtr.limit))
        system.ldt = SystemRegisters.Table(selector: registers.ldtr.selector, base: registers.ldtr.base, limit: registers.ldtr.limit)
        system.task = SystemRegisters.Table(selector: registers.tr.selector, base: registers.tr.base, limit: registers.tr.limit)
        return system
    }

    package func read8(_ address: UInt32) -> UInt8? { machine.read8(linear: address) }
    package func read16(_ address: UInt32) -> UInt16? { machine.read16(linear: address) }
    package func read32(_ address: UInt32) -> UInt32? { machine.read32(linear: address) }
    package func readBytes(_ address: UInt32, count: Int) -> [UInt8]? { machine.readBytes(linear: address, count: count) }

    package func write32(_ address: UInt32, _ value: UInt32) -> Bool {
        machine.write32(linear: address, value)
    }

    package func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool { machine.writeBytes(linear: address, bytes) }

    package func setRegister(_ register: Register, _ value: UInt32) {
        switch register {
        case .eip: machineRegisters.eip = value
        case .eflags: machineRegisters.eflags = value
        case .eax: machineRegisters.eax = value
        case .ebx: machineRegisters.ebx = value
        case .ecx: machineRegisters.ecx = value
        case .edx: machineRegisters.edx = value
        case .esi: machineRegisters.esi = value
        case .edi: machineRegisters.edi = value
        case .esp: machineRegisters.esp = value
        case .ebp: machineRegisters.ebp = value
        default: preconditionFailure("\(register) is read only")
        }
    }

    package func insertCodeStop(at address: UInt32) { machine.insertCodeStop(at: address) }
    package func removeCodeStop(at address: UInt32) { machine.removeCodeStop(at: address) }

    package func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int {
        machine.insertDataStop(address: address, length: UInt32(length), onRead: onRead, onWrite: onWrite)
    }

    package func removeDataStop(_ id: Int) { machine.removeDataStop(id) }
}

extension RegisterView {
    /// The processor's registers.
    package init(_ registers: Registers) {
        self.init()
        eip = registers.eip
        eflags = registers.eflags
        eax = registers.eax
        ebx = registers.ebx
        ecx = registers.ecx
        edx = registers.edx
        esi = registers.esi
        edi = registers.edi
        esp = registers.esp
        ebp = registers.ebp
        cs = UInt32(registers.cs.selector)
        ds = UInt32(registers.ds.selector)
        es = UInt32(registers.es.selector)
        fs = UInt32(registers.fs.selector)
        gs = UInt32(registers.gs.selector)
        ss = UInt32(registers.ss.selector)
        dr0 = registers.dr0
        dr1 = registers.dr1
        dr2 = registers.dr2
        dr3 = registers.dr3
        dr6 = registers.dr6
        dr7 = registers.dr7
        codeBase = registers.cs.base
        is16Bit = !registers.cs.isBig
        stackBase = registers.ss.base
        hasSmallStack = !registers.ss.isBig
    }
}
