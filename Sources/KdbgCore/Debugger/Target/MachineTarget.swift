// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The simulated PC as a target.
package final class MachineTarget: Target {
    private let machine: Machine
    private let guest: Guest
    package var symbols: SymbolTable { guest.symbols }
    package var hasKernel: Bool { guest.hasKernel }
    package var directory: UInt32?

    package init(_ guest: Guest) {
        machine = guest.machine
        self.guest = guest
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

    package func read8(_ address: UInt32) -> UInt8? {
        guard let directory, address < 0x8000_0000 else { return machine.read8(linear: address) }
        return machine.physical(address, directory: directory).map { machine.readPhysical8($0) }
    }
    package func read16(_ address: UInt32) -> UInt16? {
        guard directory != nil, address < 0x8000_0000 else { return machine.read16(linear: address) }
        return readBytes(address, count: 2).map { UInt16($0[0]) | UInt16($0[1]) << 8 }
    }
    package func read32(_ address: UInt32) -> UInt32? {
        guard directory != nil, address < 0x8000_0000 else { return machine.read32(linear: address) }
        return readBytes(address, count: 4).map { bytes in (0..<4).reduce(0) { $0 | UInt32(bytes[$1]) << (8 * UInt32($1)) } }
    }
    package func readBytes(_ address: UInt32, count: Int) -> [UInt8]? {
        guard let directory, address < 0x8000_0000 else { return machine.readBytes(linear: address, count: count) }
        return machine.readBytes(address, count: count, directory: directory)
    }

    package func write32(_ address: UInt32, _ value: UInt32) -> Bool {
        guard isWritable(address) else { return false }
        return machine.write32(linear: address, value)
    }

    package func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool {
        guard isWritable(address) else { return false }
        return machine.writeBytes(linear: address, bytes)
    }

    // The upper half is everybody's, and its page tables may be missing in a directory that has not needed them yet.

    /// What is written is written again when the run is repeated, when no other process is looked at: so only the half that all share.
    private func isWritable(_ address: UInt32) -> Bool { directory == nil || address >= 0x8000_0000 }

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

extension Machine {
    /// The physical address of a virtual one in the address space of a page directory; nil when no page is there.
    /// - Parameter directory: as in CR3.
    fileprivate func physical(_ address: UInt32, directory: UInt32) -> UInt32? {
        let entry = readPhysical32((directory & ~0xFFF) + (address >> 22) * 4)
        guard entry & 1 != 0 else { return nil }
        if entry & 0x80 != 0 { return (entry & 0xFFC0_0000) | (address & 0x3F_FFFF) }
        let page = readPhysical32((entry & ~0xFFF) + (address >> 12 & 0x3FF) * 4)
        return page & 1 == 0 ? nil : (page & ~0xFFF) | (address & 0xFFF)
    }

    /// All bytes, or nil; a page at a time.
    fileprivate func readBytes(_ address: UInt32, count: Int, directory: UInt32) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let next = address &+ UInt32(bytes.count)
            guard let place = physical(next, directory: directory) else { return nil }
            bytes += readPhysical(place, count: min(count - bytes.count, 0x1000 - Int(next & 0xFFF)))
        }
        return bytes
    }
}
