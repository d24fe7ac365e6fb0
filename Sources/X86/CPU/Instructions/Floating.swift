// SPDX-License-Identifier: GPL-3.0-or-later

/// What there is of the x87: control state that operating systems save and probe. Arithmetic raises #UD.
struct FPUState {
    var control: UInt16 = 0x40
    var status: UInt16 = 0
    var tag: UInt16 = 0x5555
    /// FIP, FCS and opcode, FDP, FDS as FNSTENV lays them out.
    var pointers: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    /// ST0...ST7, 80 bytes.
    var registers: InlineArray<20, UInt32> = .init(repeating: 0)
    var mxcsr: UInt32 = 0x1F80

    /// FNINIT (SDM vol. 1, table 8-1).
    mutating func initialize() {
        control = 0x37F
        status = 0
        tag = 0xFFFF
        pointers = (0, 0, 0, 0)
    }
}

/// FNINIT, FNCLEX, FNSTSW, FNSTCW, FLDCW, FNSTENV, FLDENV, FNSAVE, FRSTOR, FXSAVE, FXRSTOR, FWAIT.
enum Floating {
    static var rows: [Row] {
        [
            Row(0xD8, .Ev) { $0.cpu.floating($1.op) }, Row(0xD9, .Ev) { $0.cpu.floating($1.op) },
            Row(0xDA, .Ev) { $0.cpu.floating($1.op) }, Row(0xDB, .Ev) { $0.cpu.floating($1.op) },
            Row(0xDC, .Ev) { $0.cpu.floating($1.op) }, Row(0xDD, .Ev) { $0.cpu.floating($1.op) },
            Row(0xDE, .Ev) { $0.cpu.floating($1.op) }, Row(0xDF, .Ev) { $0.cpu.floating($1.op) },
            Row(0x9B, .none) { cpu, _ in if cpu.cpu.cr0 & 0xA == 0xA { cpu.cpu.raise(.deviceNotAvailable) } },
            Row(0x1AE, digit: 0, .Ev) { $0.cpu.saveExtended($1.op) },
            Row(0x1AE, digit: 1, .Ev) { $0.cpu.restoreExtended($1.op) },
        ]
    }
}

extension CPU {
    /// Opcodes D8-DF: #NM under CR0.EM or CR0.TS, the control instructions, #UD for the rest.
    mutating func floating(_ i: Op) {
        if cr0 & 0xC != 0 { return raise(.deviceNotAvailable) }
        let key = (i.opcode & 7) << 4 | i.b
        if i.isMemory {
            switch key {
            case 0x15: if let value = readMemory(i, UInt16.self) { fpu.control = value | 0x40 }
            case 0x17: _ = writeMemory(i, fpu.control)
            case 0x57: _ = writeMemory(i, fpu.status)
            case 0x14: attempt { c throws(Fault) in try c.loadEnvironment(i) }
            case 0x16: attempt { c throws(Fault) in try c.storeEnvironment(i) }
            case 0x54: attempt { c throws(Fault) in try c.restore(i) }
            case 0x56: attempt { c throws(Fault) in try c.save(i) }
            default: raise(.invalidOpcode)
            }
            return
        }
        switch (key, i.a / 4) {
        case (0x34, 2): fpu.status &= 0x7F00
        case (0x34, 3): fpu.initialize()
        case (0x34, 0), (0x34, 1), (0x34, 4): break
        case (0x74, 0): setRegister(0, fpu.status)
        case (0x12, 0): break
        default: raise(.invalidOpcode)
        }
    }

    private mutating func put(_ i: Op, _ offset: UInt32, _ value: UInt32) throws(Fault) {
        try check(write(i.segment, (ea(i) &+ offset) & i.pointee.mask, value))
    }

    private mutating func get(_ i: Op, _ offset: UInt32) throws(Fault) -> UInt32 {
        try check(read(i.segment, (ea(i) &+ offset) & i.pointee.mask, UInt32.self))
    }

    /// Bytes of one field of the environment.
    private func unit(_ i: Op) -> UInt32 { i.isWord ? 2 : 4 }

    /// The environment has a form for each operand size, with selectors or with linear addresses by mode (SDM vol. 1, figures 8-9 to 8-12).
    private func environment(_ i: Op) -> [UInt32] {
        let upper: UInt32 = 0xFFFF_0000
        let words = [upper | UInt32(fpu.control), upper | UInt32(fpu.status), upper | UInt32(fpu.tag)]
        if isProtected, !isVirtual8086 { return words + [fpu.pointers.0, fpu.pointers.1, fpu.pointers.2, fpu.pointers.3] }
        let code = fpu.pointers.0 &+ (fpu.pointers.1 & 0xFFFF) << 4
        let data = fpu.pointers.2 &+ (fpu.pointers.3 & 0xFFFF) << 4
        return words + [code & 0xFFFF, (code >> 16) << 12 | fpu.pointers.1 >> 16 & 0x7FF, data & 0xFFFF, (data >> 16) << 12]
    }

    private mutating func storeEnvironment(_ i: Op) throws(Fault) {
        for (n, value) in environment(i).enumerated() {
            if i.isWord {
                try check(write(i.segment, (ea(i) &+ UInt32(n) * 2) & i.pointee.mask, UInt16(truncatingIfNeeded: value)))
            } else {
                try put(i, UInt32(n) * 4, value)
            }
        }
        fpu.control |= 0x3F
    }

    private mutating func loadEnvironment(_ i: Op) throws(Fault) {
        var values: [UInt32] = []
        for n in 0..<7 as Range<UInt32> {
            let offset = (ea(i) &+ n * unit(i)) & i.pointee.mask
            values.append(
                i.isWord ? UInt32(try check(read(i.segment, offset, UInt16.self))) : try check(read(i.segment, offset, UInt32.self)))
        }
        fpu.control = UInt16(truncatingIfNeeded: values[0]) | 0x40
        fpu.status = UInt16(truncatingIfNeeded: values[1])
        fpu.tag = UInt16(truncatingIfNeeded: values[2])
        if isProtected, !isVirtual8086 {
            fpu.pointers = (values[3], values[4], values[5], values[6])
        } else {
            // Linear addresses: a selector of zero goes with them.
            fpu.pointers = (
                values[3] & 0xFFFF | (values[4] >> 12) << 16, (values[4] & 0x7FF) << 16, values[5] & 0xFFFF | (values[6] >> 12) << 16, 0
            )
        }
    }

    private mutating func save(_ i: Op) throws(Fault) {
        for n in 0..<20 { try put(i, 7 * unit(i) + UInt32(n) * 4, fpu.registers[n]) }
        try storeEnvironment(i)
        fpu.initialize()
    }

    private mutating func restore(_ i: Op) throws(Fault) {
        var values: [UInt32] = []
        for n in 0..<20 { values.append(try get(i, 7 * unit(i) + UInt32(n) * 4)) }
        try loadEnvironment(i)
        for n in 0..<20 { fpu.registers[n] = values[n] }
    }

    /// FXSAVE: 512 bytes, aligned to 16 (SDM vol. 1, table 10-2). The XMM area is left alone.
    mutating func saveExtended(_ i: Op) {
        if cr0 & 0xC != 0 { return raise(.deviceNotAvailable) }
        guard i.isMemory else { return raise(.invalidOpcode) }
        guard (segments[i.segment].segment.base &+ ea(i)) & 15 == 0 else { return raise(.protection(0)) }
        attempt { c throws(Fault) in
            var tag: UInt32 = 0
            for n in 0..<8 where c.fpu.tag >> UInt16(2 * n) & 3 != 3 { tag |= 1 << UInt32(n) }
            let values = [
                UInt32(c.fpu.control) | UInt32(c.fpu.status) << 16, tag, c.fpu.pointers.0, c.fpu.pointers.1 & 0xFFFF, c.fpu.pointers.2,
                c.fpu.pointers.3 & 0xFFFF, c.fpu.mxcsr, 0xFFBF,
            ]
            for (n, value) in values.enumerated() { try c.put(i, UInt32(n) * 4, value) }
            for n in 0..<8 {
                // Ten bytes each, in slots of sixteen.
                for k in 0..<10 {
                    try c.check(c.write(i.segment, (c.ea(i) &+ 32 &+ UInt32(n * 16 + k)) & i.pointee.mask, c.registerByte(n * 10 + k)))
                }
            }
        }
    }

    private func registerByte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: fpu.registers[index / 4] >> UInt32(index % 4 * 8)) }

    /// FXRSTOR.
    mutating func restoreExtended(_ i: Op) {
        if cr0 & 0xC != 0 { return raise(.deviceNotAvailable) }
        guard i.isMemory else { return raise(.invalidOpcode) }
        guard (segments[i.segment].segment.base &+ ea(i)) & 15 == 0 else { return raise(.protection(0)) }
        attempt { c throws(Fault) in
            var values: [UInt32] = []
            for n in 0..<7 { values.append(try c.get(i, UInt32(n) * 4)) }
            var bytes: [UInt8] = []
            for n in 0..<80 {
                bytes.append(try c.check(c.read(i.segment, (c.ea(i) &+ 32 &+ UInt32(n / 10 * 16 + n % 10)) & i.pointee.mask, UInt8.self)))
            }
            guard values[6] & 0xFFFF_0000 == 0 else { throw .protection(0) }
            c.fpu.control = UInt16(truncatingIfNeeded: values[0]) | 0x40
            c.fpu.status = UInt16(truncatingIfNeeded: values[0] >> 16)
            c.fpu.tag = 0
            for n in 0..<8 where values[1] >> UInt32(n) & 1 == 0 { c.fpu.tag |= 3 << UInt16(2 * n) }
            c.fpu.pointers = (values[2], values[3], values[4], values[5])
            c.fpu.mxcsr = values[6]
            for n in 0..<20 {
                c.fpu.registers[n] = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[n * 4 + $1]) << UInt32(8 * $1) }
            }
        }
    }
}
