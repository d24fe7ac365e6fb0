// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Exceptions and interrupts through the IDT: gates, rings, tasks, debug traps.
@Suite struct ExceptionTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    @Test func doubleFaultSwitchesTask() {
        let machine = flatMachine()
        // A second TSS whose task stops.
        let tss: UInt32 = 0xC000
        machine.writePhysical32(Layout.gdt + 0x30, tss << 16 | 0x67)
        machine.writePhysical32(Layout.gdt + 0x34, 0x8900)
        machine.writePhysical32(tss + 0x20, 0x3000)
        machine.writePhysical32(tss + 0x24, 2)
        machine.writePhysical32(tss + 0x38, 0x6000)
        for (offset, selector) in [(0x48, 0x10), (0x4C, 0x08), (0x50, 0x10), (0x54, 0x10), (0x58, 0), (0x5C, 0)] as [(UInt32, UInt32)] {
            machine.writePhysical32(tss + offset, selector)
        }
        machine.setGate(8, to: 0, selector: 0x30, type: 5)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0x0F, 0x0B])  // ud2, without a gate: #NP... then double fault
        machine.registers.ebx = 0x1234
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let r = machine.registers
        #expect(r.eip == 0x3003)
        #expect(r.tr.selector == 0x30)
        #expect(r.esp == 0x5FFC)
        #expect(machine.readPhysical32(0x5FFC) == 0)
        #expect(r.eflags & 0x4000 != 0)
        #expect(machine.readPhysical16(tss) == 0x28)
        #expect(machine.readPhysical32(Layout.tss + 0x20) == 0x1000)
        #expect(machine.readPhysical32(Layout.tss + 0x34) == 0x1234)
        #expect(machine.readPhysical32(Layout.gdt + 0x34) & 0x200 != 0)
    }

    @Test func tripleFaultShutsDown() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0x0F, 0x0B])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .shutdown)
    }

    @Test func changesRingsAndBack() {
        let machine = flatMachine()
        machine.setGate(0x2E, to: 0x3000, dpl: 3)
        machine.writePhysical(0x3000, [0x89, 0xE3, 0xCF])  // mov ebx, esp; iretd
        machine.writePhysical(Layout.code, [0xCD, 0x2E, 0x40, 0xF4])  // int 2Eh; inc eax; hlt (privileged)
        machine.setGate(13, to: 0x3100)
        machine.writePhysical(0x3100, Self.vmcall)
        machine.enterUserMode()
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let r = machine.registers
        #expect(r.eax == 1)
        #expect(r.ebx == 0x7000 - 20)
        #expect(r.cs.selector == 0x08)
        #expect(r.ss.selector == 0x10)
        // Error code 0, EIP of HLT, user CS, EFLAGS with RF, user ESP and SS.
        #expect(machine.read32(linear: r.esp) == 0)
        #expect(machine.read32(linear: r.esp + 4) == 0x1003)
        #expect(machine.read32(linear: r.esp + 8) == UInt32(Layout.userCode))
        #expect(machine.read32(linear: r.esp + 12)! & 0x10000 != 0)
        #expect(machine.read32(linear: r.esp + 16) == Layout.stack)
        #expect(machine.read32(linear: r.esp + 20) == UInt32(Layout.userData))
    }

    @Test func softwareInterruptChecksDPL() {
        let machine = flatMachine()
        machine.setGate(0x2E, to: 0x3000)
        machine.setGate(13, to: 0x3100)
        machine.writePhysical(0x3100, Self.vmcall)
        machine.writePhysical(Layout.code, [0xCD, 0x2E])
        machine.enterUserMode()
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eip == 0x3103)
        #expect(machine.read32(linear: machine.registers.esp) == UInt32(0x172))
    }

    @Test func singleSteps() {
        let machine = flatMachine()
        machine.setGate(1, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0x40, 0x40])
        machine.registers.eflags |= 0x100
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let r = machine.registers
        #expect(r.eax == 1)
        #expect(r.dr6 & 0x4000 != 0)
        #expect(machine.read32(linear: r.esp) == 0x1001)
        #expect(machine.read32(linear: r.esp + 8)! & 0x100 != 0)
        #expect(r.eflags & 0x100 == 0)
    }

    @Test func breakpointPushesNextAddress() {
        let machine = flatMachine()
        machine.setGate(3, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0xCC])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.read32(linear: machine.registers.esp) == 0x1001)
    }

    @Test func guestBreakpoints() {
        let machine = flatMachine()
        machine.setGate(1, to: 0x3000)
        // vmcall; or dword [esp+8], 10000h; iretd
        machine.writePhysical(0x3000, Self.vmcall + [0x81, 0x4C, 0x24, 8, 0, 0, 1, 0, 0xCF])
        machine.writePhysical(Layout.code, [0x40, 0x43, 0xA3, 0x00, 0x20, 0x00, 0x00, 0x43] + Self.vmcall)
        machine.registers.dr0 = 0x1001
        machine.registers.dr1 = 0x2002
        machine.registers.dr7 = 0x400 | 0x2 | 0x8 | 0x1 << 20 | 0x3 << 22  // DR0 execute, DR1 write, 4 bytes
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.dr6 & 0xF == 1)
        #expect(machine.registers.ebx == 0)
        #expect(machine.read32(linear: machine.registers.esp) == 0x1001)
        #expect(machine.read32(linear: machine.registers.esp + 8)! & 0x1_0000 == 0)
        // RF, which the handler sets, lets the instruction pass.
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.dr6 & 0xF == 2)
        #expect(machine.registers.ebx == 1)
        #expect(machine.read32(linear: machine.registers.esp) == 0x1007)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eip == 0x100B)
    }

    @Test func stiShadowsOneInstruction() {
        let machine = flatMachine()
        machine.setGate(0x31, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.preparePIC()
        // sti; inc eax; inc eax, with a key waiting.
        machine.writePhysical(Layout.code, [0xFB, 0x40, 0x40, 0xF4])
        machine.pressKey(scanCode: 0x1E)
        #expect(machine.run(until: 10000, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 1)
    }
}

extension Machine {
    /// Continues at CPL 3 with flat user segments at the same EIP and ESP.
    func enterUserMode() {
        var r = registers
        r.cs = Segment(selector: Layout.userCode, base: 0, limit: ~0, attributes: 0xC0FB)
        let data = Segment(selector: Layout.userData, base: 0, limit: ~0, attributes: 0xC0F3)
        (r.ss, r.ds, r.es, r.fs, r.gs) = (data, data, data, data, data)
        registers = r
    }

    /// Both interrupt controllers initialised with vectors 30h and 38h, everything unmasked.
    func preparePIC() {
        for (port, value) in [
            (0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0xA0, 0x11), (0xA1, 0x38), (0xA1, 2), (0xA1, 1), (0x21, 0), (0xA1, 0),
        ] as [(UInt16, UInt32)] {
            portOut(port, size: 1, value)
        }
    }
}
