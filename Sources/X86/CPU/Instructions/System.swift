// SPDX-License-Identifier: GPL-3.0-or-later

/// Control and debug registers, descriptor tables, MSRs, CPUID, HLT, VMCALL and the other instructions of operating systems.
enum System {
    static var rows: [Row] { tables + control + processor }

    private static var tables: [Row] {
        [
            Row(0x100, digit: 0, .Ev) { $0.cpu.storeSelector(SegmentNumber.ldtr, $1.op) },
            Row(0x100, digit: 1, .Ev) { $0.cpu.storeSelector(SegmentNumber.tr, $1.op) },
            Row(0x100, digit: 2, .Ev) { $0.cpu.loadLDT($1.op) },
            Row(0x100, digit: 3, .Ev) { $0.cpu.loadTR($1.op) },
            Row(0x100, digit: 4, .Ev) { $0.cpu.verify(write: false, $1.op) },
            Row(0x100, digit: 5, .Ev) { $0.cpu.verify(write: true, $1.op) },
            Row(0x101, digit: 0, .Ev) { $0.cpu.storeTableOrCall($1.op) },
            Row(0x101, digit: 1, .Ev) { $0.cpu.storeTable($0.cpu.idtr, $1.op) },
            Row(0x101, digit: 2, .Ev) { cpu, op in cpu.cpu.loadTable(op.op) { $0.gdtr = $1 } },
            Row(0x101, digit: 3, .Ev) { cpu, op in cpu.cpu.loadTable(op.op) { $0.idtr = $1 } },
            Row(0x102, .GvEv) { $0.cpu.loadAccessRights($1.op) },
            Row(0x103, .GvEv) { $0.cpu.loadLimit($1.op) },
            Row(0x63, .EvGv) { $0.cpu.adjustRPL($1.op) },
        ]
    }

    private static var control: [Row] {
        [
            Row(0x101, digit: 4, .Ev) { $0.cpu.storeMachineStatus($1.op) },
            Row(0x101, digit: 6, .Ev) { $0.cpu.loadMachineStatus($1.op) },
            Row(0x101, digit: 7, .Ev) { $0.cpu.invalidatePage($1.op) },
            Row(0x106, .none) { cpu, _ in cpu.cpu.supervised { $0.cr0 &= ~8 } },
            Row(0x108, .none) { cpu, _ in cpu.cpu.supervised { _ in } },
            Row(0x109, .none) { cpu, _ in cpu.cpu.supervised { _ in } },
            Row(0x120, .Rv) { $0.cpu.readControl($1.op) },
            Row(0x122, .Rv) { $0.cpu.writeControl($1.op) },
            Row(0x121, .Rv) { $0.cpu.readDebug($1.op) },
            Row(0x123, .Rv) { $0.cpu.writeDebug($1.op) },
        ]
    }

    private static var processor: [Row] {
        [
            Row(0x130, .none) { cpu, _ in cpu.cpu.supervised { $0.writeMSR() } },
            Row(0x132, .none) { cpu, _ in cpu.cpu.supervised { $0.readMSR() } },
            Row(0x131, .none) { cpu, _ in cpu.cpu.readTimestamp() },
            Row(0x1A2, .none) { cpu, _ in cpu.cpu.identify() },
            Row(0xF4, .none) { cpu, _ in
                cpu.cpu.supervised {
                    $0.isHalted = true
                    $0.deadline = 0
                }
            },
        ]
    }
}

extension CPU {
    /// #GP(0) unless at CPL 0.
    @inline(__always) mutating func supervised(_ body: (inout CPU) -> Void) {
        if cpl != 0 { return raise(.protection(0)) }
        body(&self)
    }

    /// SGDT, or VMCALL when ModRM is C1.
    mutating func storeTableOrCall(_ i: Op) {
        if !i.isMemory, i.a == 4, answersVMCALL {
            return supervised {
                $0.pendingStop = .vmcall
                $0.deadline = 0
            }
        }
        storeTable(gdtr, i)
    }

    /// SGDT and SIDT.
    mutating func storeTable(_ table: DescriptorTable, _ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        let offset = ea(i)
        guard write(i.segment, offset, table.limit) else { return }
        _ = write(i.segment, (offset &+ 2) & i.pointee.mask, table.base)
    }

    /// LGDT and LIDT: with 16-bit operand size the base has 24 bits.
    mutating func loadTable(_ i: Op, _ assign: (inout CPU, DescriptorTable) -> Void) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        let offset = ea(i)
        guard let limit = read(i.segment, offset, UInt16.self), let base = read(i.segment, (offset &+ 2) & i.pointee.mask, UInt32.self)
        else { return }
        assign(&self, DescriptorTable(base: i.isWord ? base & 0xFF_FFFF : base, limit: limit))
    }

    /// SLDT and STR.
    mutating func storeSelector(_ number: Int, _ i: Op) {
        guard isProtected, !isVirtual8086 else { return raise(.invalidOpcode) }
        let value = selector(number)
        if i.isMemory || i.isWord { _ = writeRM(i, value) } else { setRegister(i.a, UInt32(value)) }
    }

    /// LLDT.
    mutating func loadLDT(_ i: Op) {
        guard isProtected, !isVirtual8086 else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        guard let value = readRM(i, UInt16.self) else { return }
        attempt { cpu throws(Fault) in
            guard value & 0xFFFC != 0 else {
                return cpu.setSegment(SegmentNumber.ldtr, Segment(selector: value, base: 0, limit: 0, attributes: 0))
            }
            guard value & 4 == 0 else { throw .protection(selector: value) }
            let found = try cpu.descriptor(value, or: .protection(selector: value))
            guard found.kind == 2 else { throw .protection(selector: value) }
            guard found.isPresent else { throw .notPresent(value) }
            cpu.setSegment(SegmentNumber.ldtr, found.segment(value))
        }
    }

    /// LTR: marks the TSS busy.
    mutating func loadTR(_ i: Op) {
        guard isProtected, !isVirtual8086 else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        guard let value = readRM(i, UInt16.self) else { return }
        attempt { cpu throws(Fault) in
            guard value & 0xFFFC != 0 else { throw .protection(0) }
            guard value & 4 == 0 else { throw .protection(selector: value) }
            var found = try cpu.descriptor(value, or: .protection(selector: value))
            guard found.kind == 1 || found.kind == 9 else { throw .protection(selector: value) }
            guard found.isPresent else { throw .notPresent(value) }
            found.high |= 0x200
            try cpu.systemStore(cpu.gdtr.base &+ UInt32(value & 0xFFF8) &+ 4, found.high)
            cpu.setSegment(SegmentNumber.tr, found.segment(value))
        }
    }

    /// SMSW.
    mutating func storeMachineStatus(_ i: Op) {
        if i.isMemory || i.isWord { _ = writeRM(i, UInt16(truncatingIfNeeded: cr0)) } else { setRegister(i.a, cr0) }
    }

    /// LMSW: PE can be set, not cleared.
    mutating func loadMachineStatus(_ i: Op) {
        guard cpl == 0 else { return raise(.protection(0)) }
        guard let value = readRM(i, UInt16.self) else { return }
        setCR0(cr0 & ~0xE | UInt32(value) & 0xF | cr0 & 1)
    }

    /// INVLPG.
    mutating func invalidatePage(_ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        flushTLB(page: segments[i.segment].segment.base &+ ea(i))
    }

    /// MOV r32, CRn.
    mutating func readControl(_ i: Op) {
        guard isControlRegister(i.b) else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        switch i.b {
        case 0: setRegister(i.a, cr0)
        case 2: setRegister(i.a, cr2)
        case 3: setRegister(i.a, cr3)
        default: setRegister(i.a, cr4)
        }
    }

    /// CR1 and CR5-CR7 do not exist, at any privilege.
    private func isControlRegister(_ number: Int) -> Bool { number == 0 || (2...4).contains(number) }

    /// CR4 bits that CPUID announces: TSD, DE, PSE, PGE, OSFXSR. The others are reserved.
    private static var cr4Mask: UInt32 { 0x29C }

    /// MOV CRn, r32: #GP for reserved bits of CR4 and impossible combinations of CR0.
    mutating func writeControl(_ i: Op) {
        guard isControlRegister(i.b) else { return raise(.invalidOpcode) }
        guard cpl == 0 else { return raise(.protection(0)) }
        let value = register(i.a, UInt32.self)
        switch i.b {
        case 0:
            if value & 0x8000_0001 == 0x8000_0000 || value & 0x6000_0000 == 0x2000_0000 { return raise(.protection(0)) }
            setCR0(value)
        case 2: cr2 = value
        case 3:
            cr3 = value
            flushTLB()
        default:
            if value & ~Self.cr4Mask != 0 { return raise(.protection(0)) }
            cr4 = value
            flushTLB()
        }
    }

    /// Writes CR0; ET stays set. Translations and decoded pages are looked up anew.
    mutating func setCR0(_ value: UInt32) {
        cr0 = value & 0xE005_003F | 0x10
        selectTLB()
        flushTLB()
    }

    /// DR4 and DR5 are DR6 and DR7 unless CR4.DE (SDM vol. 3, 18.2.2).
    private func debugNumber(_ i: Op) -> Int? {
        guard i.b == 4 || i.b == 5 else { return i.b }
        return cr4 & 8 != 0 ? nil : i.b + 2
    }

    private mutating func checkDebugAccess() -> Bool {
        guard cpl == 0 else {
            raise(.protection(0))
            return false
        }
        guard dr7 & 0x2000 == 0 else {
            dr6 |= 0x2000
            raise(.debug)
            return false
        }
        return true
    }

    /// MOV r32, DRn.
    mutating func readDebug(_ i: Op) {
        guard let number = debugNumber(i) else { return raise(.invalidOpcode) }
        guard checkDebugAccess() else { return }
        setRegister(i.a, number == 6 ? dr6 : number == 7 ? dr7 : debugAddress(number))
    }

    /// MOV DRn, r32.
    mutating func writeDebug(_ i: Op) {
        guard let number = debugNumber(i) else { return raise(.invalidOpcode) }
        guard checkDebugAccess() else { return }
        let value = register(i.a, UInt32.self)
        switch number {
        case 6: dr6 = value & 0xE00F | 0xFFFF_0FF0
        case 7:
            dr7 = value & 0xFFFF_23FF | 0x400
            refreshBreakpoints()
        default: setDebugAddress(number, value)
        }
    }

    /// RDTSC: the instruction count, plus what WRMSR set.
    mutating func readTimestamp() {
        guard cr4 & 4 == 0 || cpl == 0 else { return raise(.protection(0)) }
        let value = count &+ msr.tscOffset
        eax = UInt32(truncatingIfNeeded: value)
        edx = UInt32(truncatingIfNeeded: value >> 32)
    }
}
