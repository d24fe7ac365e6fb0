// SPDX-License-Identifier: GPL-3.0-or-later

extension Machine {
    /// The architectural registers. Setting them recomputes everything derived: privilege level, segment caches, TLB, guest breakpoints.
    package var registers: Registers {
        get {
            var r = Registers.reset
            (r.eax, r.ecx, r.edx, r.ebx) = (cpu.pointee.gpr(0), cpu.pointee.gpr(1), cpu.pointee.gpr(2), cpu.pointee.gpr(3))
            (r.esp, r.ebp, r.esi, r.edi) = (cpu.pointee.gpr(4), cpu.pointee.gpr(5), cpu.pointee.gpr(6), cpu.pointee.gpr(7))
            (r.eip, r.eflags) = (cpu.pointee.eip, cpu.pointee.eflags)
            (r.cr0, r.cr2, r.cr3, r.cr4) = (cpu.pointee.cr0, cpu.pointee.cr2, cpu.pointee.cr3, cpu.pointee.cr4)
            (r.dr0, r.dr1, r.dr2, r.dr3) = cpu.pointee.dr
            (r.dr6, r.dr7) = (cpu.pointee.dr6, cpu.pointee.dr7)
            let s = cpu.pointee.segments
            (r.es, r.cs, r.ss, r.ds) = (s[0].segment, s[1].segment, s[2].segment, s[3].segment)
            (r.fs, r.gs, r.ldtr, r.tr) = (s[4].segment, s[5].segment, s[6].segment, s[7].segment)
            (r.gdtr, r.idtr) = (cpu.pointee.gdtr, cpu.pointee.idtr)
            return r
        }
        set {
            let values = [newValue.eax, newValue.ecx, newValue.edx, newValue.ebx, newValue.esp, newValue.ebp, newValue.esi, newValue.edi]
            for (n, value) in values.enumerated() { cpu.pointee.setGPR(n, value) }
            let flushes = cpu.pointee.cr0 != newValue.cr0 || cpu.pointee.cr3 != newValue.cr3 || cpu.pointee.cr4 != newValue.cr4
            (cpu.pointee.cr0, cpu.pointee.cr2, cpu.pointee.cr3, cpu.pointee.cr4) = (newValue.cr0, newValue.cr2, newValue.cr3, newValue.cr4)
            // Whoever moves EIP wants it to go on there.
            if cpu.pointee.eip != newValue.eip { cpu.pointee.isHalted = false }
            cpu.pointee.eip = newValue.eip
            cpu.pointee.setEFLAGS(newValue.eflags)
            (cpu.pointee.gdtr, cpu.pointee.idtr) = (newValue.gdtr, newValue.idtr)
            let segments = [newValue.es, newValue.cs, newValue.ss, newValue.ds, newValue.fs, newValue.gs, newValue.ldtr, newValue.tr]
            for (n, segment) in segments.enumerated() { cpu.pointee.setSegment(n, segment) }
            let level: UInt8 =
                newValue.cr0 & 1 == 0 ? 0 : newValue.eflags & EFlags.vm != 0 ? 3 : newValue.ss.dpl
            cpu.pointee.setCPL(level)
            let breakpoints = (newValue.dr0, newValue.dr1, newValue.dr2, newValue.dr3)
            if cpu.pointee.dr != breakpoints || cpu.pointee.dr7 != newValue.dr7 {
                cpu.pointee.dr = breakpoints
                cpu.pointee.dr7 = newValue.dr7
                cpu.pointee.refreshBreakpoints()
            }
            cpu.pointee.dr6 = newValue.dr6
            if flushes { cpu.pointee.flushTLB() }
        }
    }

    /// Current privilege level, 0...3.
    package var privilegeLevel: UInt8 { cpu.pointee.cpl }

    /// HLT executed and no interrupt came since.
    package var isHalted: Bool { cpu.pointee.isHalted }
}
