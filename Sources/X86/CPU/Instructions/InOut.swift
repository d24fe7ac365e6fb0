// SPDX-License-Identifier: GPL-3.0-or-later

/// IN, OUT, INS, OUTS.
enum InOut {
    static var rows: [Row] {
        [
            Row(0xE4, .Ib) { $0.cpu.portIn(UInt8.self, $1.op.imm) },
            Row(0xE5, .Ib, { $0.cpu.portIn(UInt32.self, $1.op.imm) }, word: { $0.cpu.portIn(UInt16.self, $1.op.imm) }),
            Row(0xEC, .none) { cpu, _ in cpu.cpu.portIn(UInt8.self, cpu.cpu.edx) },
            Row(
                0xED, .none, { cpu, _ in cpu.cpu.portIn(UInt32.self, cpu.cpu.edx) },
                word: { cpu, _ in cpu.cpu.portIn(UInt16.self, cpu.cpu.edx) }),
            Row(0xE6, .Ib) { $0.cpu.portOut(UInt8.self, $1.op.imm) },
            Row(0xE7, .Ib, { $0.cpu.portOut(UInt32.self, $1.op.imm) }, word: { $0.cpu.portOut(UInt16.self, $1.op.imm) }),
            Row(0xEE, .none) { cpu, _ in cpu.cpu.portOut(UInt8.self, cpu.cpu.edx) },
            Row(
                0xEF, .none, { cpu, _ in cpu.cpu.portOut(UInt32.self, cpu.cpu.edx) },
                word: { cpu, _ in cpu.cpu.portOut(UInt16.self, cpu.cpu.edx) }),
            Row(0x6C, .none) { $0.cpu.inString(UInt8.self, $1.op) },
            Row(0x6D, .none, { $0.cpu.inString(UInt32.self, $1.op) }, word: { $0.cpu.inString(UInt16.self, $1.op) }),
            Row(0x6E, .none) { $0.cpu.outString(UInt8.self, $1.op) },
            Row(0x6F, .none, { $0.cpu.outString(UInt32.self, $1.op) }, word: { $0.cpu.outString(UInt16.self, $1.op) }),
        ]
    }
}

extension CPU {
    /// IOPL, else the I/O permission bitmap of the TSS (SDM vol. 1, 19.5). False after raising #GP.
    @inline(__always) private mutating func mayAccess(_ port: UInt32, size: Int) -> Bool {
        if cpl == 0 || (cpl <= iopl && !isVirtual8086) || !isProtected { return true }
        return checkBitmap(port, size: size)
    }

    @inline(never) private mutating func checkBitmap(_ port: UInt32, size: Int) -> Bool {
        do throws(Fault) {
            let task = segments[SegmentNumber.tr].segment
            guard task.isPresent, task.attributes & 8 != 0, task.limit >= 0x67 else { throw .protection(0) }
            let start = UInt32(try systemLoad(task.base &+ 0x66, UInt16.self)) + port >> 3
            guard start + 1 <= task.limit else { throw .protection(0) }
            let bits = try systemLoad(task.base &+ start, UInt16.self) >> UInt16(port & 7)
            guard bits & (1 << UInt16(size) - 1) == 0 else { throw .protection(0) }
            return true
        } catch {
            raise(error)
            return false
        }
    }

    @inline(__always) private mutating func input<T: Width>(_ port: UInt32, _: T.Type) -> T {
        notePortAccess(port, size: MemoryLayout<T>.size)
        return T(truncatingIfNeeded: machine.portIn(UInt16(truncatingIfNeeded: port), size: MemoryLayout<T>.size))
    }

    @inline(__always) private mutating func output<T: Width>(_ port: UInt32, _ value: T) {
        notePortAccess(port, size: MemoryLayout<T>.size)
        machine.portOut(UInt16(truncatingIfNeeded: port), size: MemoryLayout<T>.size, UInt32(value))
    }

    /// IN.
    @inline(__always) mutating func portIn<T: Width>(_: T.Type, _ port: UInt32) {
        guard mayAccess(port & 0xFFFF, size: MemoryLayout<T>.size) else { return }
        setRegister(0, input(port, T.self))
    }

    /// OUT.
    @inline(__always) mutating func portOut<T: Width>(_: T.Type, _ port: UInt32) {
        guard mayAccess(port & 0xFFFF, size: MemoryLayout<T>.size) else { return }
        output(port, register(0, T.self))
    }

    /// INS: the destination is checked before the port is read, so that a fault loses no data.
    mutating func inString<T: Width>(_: T.Type, _ i: Op) {
        guard mayAccess(edx & 0xFFFF, size: MemoryLayout<T>.size) else { return }
        let step = stringStep(T.self)
        let fast = isPlainRepeat(i) && edx & 0xFFFF == 0x1F0
        repeatString(i) { cpu in
            if fast, cpu.inBlock(UInt32(MemoryLayout<T>.size)), cpu.ecx == 0 || cpu.pausesRepeat(i) { return false }
            guard let address = cpu.linear(SegmentNumber.es, cpu.destinationIndex(i), size: MemoryLayout<T>.size, write: true) else {
                return false
            }
            if !cpu.writable(address).0 {
                let last = address &+ UInt32(MemoryLayout<T>.size - 1)
                guard cpu.resolve(address, write: true, user: cpu.cpl == 3) != nil,
                    cpu.resolve(last, write: true, user: cpu.cpl == 3) != nil
                else { return false }
            }
            let value = cpu.input(cpu.edx, T.self)
            guard cpu.store(address, value) else { return false }
            cpu.advance(7, i, by: step)
            return true
        }
    }

    /// Takes as much of the disk's sector buffer as lies in one destination page. False when nothing was taken.
    private mutating func inBlock(_ size: UInt32) -> Bool {
        guard let to = plain(SegmentNumber.es, gpr(7), write: true) else { return false }
        let wanted = min(untilPause, elementsInPage(to.linear, size))
        let count = UInt32(machine.readDiskBlock(to.pointer, count: Int(wanted * size))) / size
        guard count > 0 else { return false }
        setGPR(7, gpr(7) &+ count * size)
        ecx -= count
        hasProgress = true
        return true
    }

    /// OUTS.
    mutating func outString<T: Width>(_: T.Type, _ i: Op) {
        guard mayAccess(edx & 0xFFFF, size: MemoryLayout<T>.size) else { return }
        let step = stringStep(T.self)
        // A sector at a time: somebody has to take what the devices send.
        repeatString(i, slice: 256) { cpu in
            guard let value = cpu.read(i.segment, cpu.sourceIndex(i), T.self) else { return false }
            cpu.output(cpu.edx, value)
            cpu.advance(6, i, by: step)
            return true
        }
    }
}
