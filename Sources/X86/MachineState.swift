// SPDX-License-Identifier: GPL-3.0-or-later

extension Machine {
    /// A hash of RAM, registers and devices, the same in every process for the same state. Pages that were never written, or hold only zeros, cost next to
    /// nothing and do not count.
    package func stateHash() -> UInt64 {
        var hasher = StableHasher()
        for page in 0..<memory.size / 4096 where memory.pageState[page] != 0 {
            let start = memory.base + page * 4096
            var sum: UInt64 = 0
            for offset in stride(from: 0, to: 4096, by: 8) { sum |= start.load(fromByteOffset: offset, as: UInt64.self) }
            guard sum != 0 else { continue }
            hasher.add(UInt64(page))
            hasher.add(start, count: 4096)
        }
        hasher.add(instructionCount)
        hasher.add(cpu.pointee.isHalted ? 1 : 0)
        hasher.add(cpu.pointee.inhibitAt == instructionCount ? 1 : 0)
        hasher.add(UInt64(cpu.pointee.pendingDebug))
        hasher.add(describing: registers)
        hasher.add(describing: cpu.pointee.msr)
        hasher.add(
            describing: (
                cpu.pointee.fpu.control, cpu.pointee.fpu.status, cpu.pointee.fpu.tag, cpu.pointee.fpu.pointers, cpu.pointee.fpu.mxcsr
            ))
        for n in 0..<20 { hasher.add(UInt64(cpu.pointee.fpu.registers[n])) }
        devices.hash(into: &hasher)
        return hasher.value
    }
}

extension Devices {
    /// Feeds the state of every device to a hash; what the host has not yet drained is not part of it.
    func hash(into hasher: inout StableHasher) {
        hasher.add(describing: (pic, pit, keyboard, cmos, screen))
        for port in serial {
            var port = port
            _ = port.drain()
            hasher.add(describing: port)
        }
        hasher.add(UInt64(port61) | UInt64(port80) << 8 | UInt64(port92) << 16)
        disk.hash(into: &hasher)
    }
}

extension StableHasher {
    /// Hashes a plain value by its stored properties, down to numbers and enumeration cases. Type names stay out of it: those of private types hold an
    /// address of the process, which is another one each time.
    mutating func add(describing value: some Any) {
        let children = Mirror(reflecting: value).children
        guard !children.isEmpty else { return add(bytes: Array(String(describing: value).utf8)) }
        add(UInt64(children.count))
        for child in children {
            // The case of an enumeration with a payload is a label.
            if let label = child.label { add(bytes: Array(label.utf8)) }
            add(describing: child.value)
        }
    }
}
