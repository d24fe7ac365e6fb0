// SPDX-License-Identifier: GPL-3.0-or-later

/// XCHG, XADD, CMPXCHG, CMPXCHG8B.
enum Exchange {
    static var rows: [Row] {
        [
            Row(0x86, .EbGb, lockable: true) { $0.cpu.exchange(UInt8.self, $1.op) },
            Row(0x87, .EvGv, lockable: true, { $0.cpu.exchange(UInt32.self, $1.op) }, word: { $0.cpu.exchange(UInt16.self, $1.op) }),
            Row(
                0x91, count: 7, .Zv, { $0.cpu.exchangeAccumulator(UInt32.self, $1.op) },
                word: { $0.cpu.exchangeAccumulator(UInt16.self, $1.op) }),
            Row(0x1C0, .EbGb, lockable: true) { $0.cpu.exchangeAdd(UInt8.self, $1.op) },
            Row(0x1C1, .EvGv, lockable: true, { $0.cpu.exchangeAdd(UInt32.self, $1.op) }, word: { $0.cpu.exchangeAdd(UInt16.self, $1.op) }),
            Row(0x1B0, .EbGb, lockable: true) { $0.cpu.compareExchange(UInt8.self, $1.op) },
            Row(
                0x1B1, .EvGv, lockable: true, { $0.cpu.compareExchange(UInt32.self, $1.op) },
                word: { $0.cpu.compareExchange(UInt16.self, $1.op) }),
            Row(0x1C7, digit: 1, .Ev, lockable: true) { $0.cpu.compareExchange8($1.op) },
        ]
    }
}

extension CPU {
    /// XCHG.
    @inline(__always) mutating func exchange<T: Width>(_: T.Type, _ i: Op) {
        let value = register(i.b, T.self)
        if i.isMemory {
            let b = i.b
            modify(i, T.self) {
                $0.setRegister(b, $1)
                return value
            }
        } else {
            setRegister(i.b, register(i.a, T.self))
            setRegister(i.a, value)
        }
    }

    /// XCHG eAX, r.
    @inline(__always) mutating func exchangeAccumulator<T: Width>(_: T.Type, _ i: Op) {
        let value = register(0, T.self)
        setRegister(0, register(i.a, T.self))
        setRegister(i.a, value)
    }

    /// XADD.
    @inline(__always) mutating func exchangeAdd<T: Width>(_: T.Type, _ i: Op) {
        let b = i.b
        let value = register(b, T.self)
        if i.isMemory {
            modify(i, T.self) {
                $0.setRegister(b, $1)
                return Add.apply(&$0.flags, $1, value)
            }
        } else {
            let old = register(i.a, T.self)
            setRegister(b, old)
            setRegister(i.a, Add.apply(&flags, old, value))
        }
    }

    /// CMPXCHG writes its destination in either case, so a read-only page faults in either case (SDM vol. 2).
    @inline(__always) mutating func compareExchange<T: Width>(_: T.Type, _ i: Op) {
        let b = i.b
        modifyRM(i, T.self) {
            let accumulator = $0.register(0, T.self)
            let value = $0.register(b, T.self)
            _ = Compare.apply(&$0.flags, accumulator, $1)
            if accumulator == $1 { return value }
            $0.setRegister(0, $1)
            return $1
        }
    }

    /// CMPXCHG8B.
    mutating func compareExchange8(_ i: Op) {
        guard i.isMemory else { return raise(.invalidOpcode) }
        guard let address = linear(i.segment, ea(i), size: 8, write: true) else { return }
        guard loadForWrite(address, UInt32.self) != nil, loadForWrite(address &+ 4, UInt32.self) != nil,
            let low = load(address, UInt32.self), let high = load(address &+ 4, UInt32.self)
        else { return }
        let equal = low == eax && high == edx
        guard store(address, equal ? ebx : low), store(address &+ 4, equal ? ecx : high) else { return }
        if !equal {
            eax = low
            edx = high
        }
        flags.set(bits: flags.bits & ~EFlags.zf | (equal ? EFlags.zf : 0))
    }
}
