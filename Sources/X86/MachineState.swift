// SPDX-License-Identifier: GPL-3.0-or-later

extension Machine {
    /// A hash of everything a snapshot holds, the same in every process for the same state. Costs a look at the pages written since the last hash, and at the
    /// devices.
    package func stateHash() -> UInt64 {
        if memory.stale.count > 0 { cpu.pointee.dropAllWriteTags() }
        var hasher = StableHasher()
        hasher.add(memory.contentsHash())
        hasher.add(memory.size)
        hasher.add(instructionCount)
        SavedProcessor(cpu).hash(into: &hasher, at: instructionCount)
        if processors.count > 1 { processors.hash(into: &hasher, at: instructionCount) }
        devices.hash(into: &hasher)
        return hasher.value
    }
}

extension Registers {
    /// Every register in turn.
    func hash(into hasher: inout StableHasher) {
        for word in [eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, eflags] { hasher.add(word) }
        for word in [cr0, cr2, cr3, cr4, dr0, dr1, dr2, dr3, dr6, dr7] { hasher.add(word) }
        for segment in [es, cs, ss, ds, fs, gs, ldtr, tr] {
            hasher.add(UInt64(segment.base) << 32 | UInt64(segment.limit))
            hasher.add(UInt64(segment.selector) << 16 | UInt64(segment.attributes))
        }
        for table in [gdtr, idtr] { hasher.add(UInt64(table.base) << 16 | UInt64(table.limit)) }
    }
}

extension ModelSpecific {
    /// Every register in turn.
    func hash(into hasher: inout StableHasher) {
        for word in [tscOffset, apicBase, sysenterCS, sysenterESP, sysenterEIP, pat, efer] { hasher.add(word) }
    }
}

extension FPUState {
    /// Every register in turn.
    func hash(into hasher: inout StableHasher) {
        hasher.add(UInt64(control) | UInt64(status) << 16 | UInt64(tag) << 32)
        for word in [pointers.0, pointers.1, pointers.2, pointers.3, mxcsr] { hasher.add(word) }
        for n in registers.indices { hasher.add(registers[n]) }
    }
}
