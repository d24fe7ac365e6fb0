// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// The descriptor that LAR, LSL, VERR and VERW ask about; nil clears ZF. Faults only for the access itself.
    private mutating func visible(_ selector: UInt16) throws(Fault) -> Descriptor? {
        guard selector & 0xFFFC != 0, descriptorAddress(selector) != nil else { return nil }
        let found = try descriptor(selector, or: .protection(0))
        if found.isConforming { return found }
        return max(cpl, UInt8(selector & 3)) <= found.dpl ? found : nil
    }

    private mutating func setZero(_ value: Bool) {
        flags.set(bits: flags.bits & ~EFlags.zf | (value ? EFlags.zf : 0))
    }

    private mutating func query(_ i: Op, _ accept: (inout CPU, Descriptor) -> Bool) {
        guard isProtected, !isVirtual8086 else { return raise(.invalidOpcode) }
        let selector: UInt16
        if i.isMemory {
            guard let value = readMemory(i, UInt16.self) else { return }
            selector = value
        } else {
            selector = register(i.opcode == 0x100 ? i.a : i.b, UInt16.self)
        }
        attempt { cpu throws(Fault) in
            let found = try cpu.visible(selector)
            cpu.setZero(found.map { accept(&cpu, $0) } ?? false)
        }
    }

    /// LAR (SDM vol. 2). Bits 16-19, which the manual leaves undefined, are zero.
    mutating func loadAccessRights(_ i: Op) {
        query(i) { cpu, found in
            let kinds: UInt32 = 0b0001_0010_0011_1110  // 1-5, 9, 12
            guard found.kind & 0x10 != 0 || (kinds | 0x0800) >> found.kind & 1 != 0 else { return false }
            let rights = found.high & 0x00F0_FF00
            if i.isWord { cpu.setRegister(i.a, UInt16(truncatingIfNeeded: rights)) } else { cpu.setRegister(i.a, rights) }
            return true
        }
    }

    /// LSL (SDM vol. 2).
    mutating func loadLimit(_ i: Op) {
        query(i) { cpu, found in
            let kinds: UInt32 = 0b0000_1010_0000_1110  // 1, 2, 3, 9, 11
            guard found.kind & 0x10 != 0 || kinds >> found.kind & 1 != 0 else { return false }
            if i.isWord { cpu.setRegister(i.a, UInt16(truncatingIfNeeded: found.limit)) } else { cpu.setRegister(i.a, found.limit) }
            return true
        }
    }

    /// VERR and VERW.
    mutating func verify(write: Bool, _ i: Op) {
        query(i) { _, found in write ? found.isWritableData : found.isReadable }
    }

    /// ARPL: the destination must be writable even if it need not be adjusted (SDM vol. 2).
    mutating func adjustRPL(_ i: Op) {
        guard isProtected, !isVirtual8086 else { return raise(.invalidOpcode) }
        let rpl = register(i.b, UInt16.self) & 3
        modifyRM(i, UInt16.self) {
            let adjust = $1 & 3 < rpl
            $0.setZero(adjust)
            return adjust ? $1 & 0xFFFC | rpl : $1
        }
    }

    /// RDMSR: #GP for a register there is not: those of features that CPUID does not announce (PAT, MTRRs, machine checks, long mode) among them.
    mutating func readMSR() {
        let value: UInt64
        switch ecx {
        case 0x10: value = count &+ msr.tscOffset
        case 0x1B: value = msr.apicBase
        case 0x174: value = msr.sysenterCS
        case 0x175: value = msr.sysenterESP
        case 0x176: value = msr.sysenterEIP
        case 0x17, 0x2A, 0x8B: value = 0
        default: return raise(.protection(0))
        }
        eax = UInt32(truncatingIfNeeded: value)
        edx = UInt32(truncatingIfNeeded: value >> 32)
    }

    /// WRMSR: #GP for a register there is not.
    mutating func writeMSR() {
        let value = UInt64(edx) << 32 | UInt64(eax)
        switch ecx {
        case 0x10: msr.tscOffset = value &- count
        case 0x1B: msr.apicBase = value
        case 0x174: msr.sysenterCS = value
        case 0x175: msr.sysenterESP = value
        case 0x176: msr.sysenterEIP = value
        case 0x2A, 0x79, 0x8B: break
        default: raise(.protection(0))
        }
    }

    /// CPUID: a Pentium II class processor without MMX, and with a local APIC only when it is not alone.
    mutating func identify() {
        switch eax {
        case 0:
            eax = 2
            ebx = 0x756E_6547
            edx = 0x4965_6E69
            ecx = 0x6C65_746E
        case 0x8000_0000:
            (eax, ebx, ecx, edx) = (0x8000_0004, 0, 0, 0)
        case 0x8000_0002...0x8000_0004:
            let text: StaticString = "kdbg i386 interpreter"
            func word(_ index: Int) -> UInt32 {
                (0..<4).reduce(UInt32(0)) {
                    $0 | (index + $1 < text.utf8CodeUnitCount ? UInt32(text.utf8Start[index + $1]) : 0) << UInt32(8 * $1)
                }
            }
            let start = Int(eax - 0x8000_0002) * 16
            (eax, ebx, ecx, edx) = (word(start), word(start + 4), word(start + 8), word(start + 12))
        case 0x8000_0001:
            (eax, ebx, ecx, edx) = (0, 0, 0, 0)
        case 1:
            // FPU, DE, PSE, TSC, MSR, CX8, SEP, PGE, CMOV, FXSR. Family 6, model 5, stepping 2.
            (eax, ebx, ecx, edx) = (0x652, 0, 0, 0x0100_A93D)
            if machine.processorCount > 1 {
                // APIC id, and how many logical processors the package has (HTT).
                ebx = UInt32(machine.currentProcessor) << 24 | UInt32(machine.processorCount) << 16
                edx |= 1 << 9 | 1 << 28
            }
        default:
            // Leaf 2, also for leaves there are not (SDM vol. 2, CPUID).
            (eax, ebx, ecx, edx) = (0x0302_0101, 0, 0, 0x0C04_0843)
        }
    }
}
