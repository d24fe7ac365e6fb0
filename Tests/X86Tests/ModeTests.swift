// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Real-address mode, virtual-8086 mode, call gates and I/O permissions.
@Suite struct ModeTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    @Test func realModeInterruptAndWayToProtectedMode() {
        let machine = flatMachine()
        machine.enterRealMode()
        machine.registers.idtr = DescriptorTable(base: 0, limit: 0x3FF)
        machine.registers.esp = 0x8000
        machine.writePhysical(0x21 * 4, [0x00, 0x20, 0x00, 0x01])  // 0100:2000
        machine.writePhysical(0x3000, [0x8C, 0xCB, 0xCF])  // mov bx, cs; iret
        // int 21h; lgdt [7000h]; mov eax,cr0; inc ax; mov cr0,eax; jmp dword 8:4000h
        machine.writePhysical(0x7000, [0xFF, 0x00, 0x00, 0x90, 0x00, 0x00])
        machine.writePhysical(
            Layout.code,
            [0xCD, 0x21, 0x0F, 0x01, 0x16, 0x00, 0x70, 0x0F, 0x20, 0xC0, 0x40, 0x0F, 0x22, 0xC0, 0x66, 0xEA, 0, 0x40, 0, 0, 8, 0])
        machine.writePhysical(0x4000, [0xB9, 0x78, 0x56, 0x34, 0x12] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ebx & 0xFFFF == 0x100)
        #expect(machine.registers.ecx == 0x1234_5678)
        #expect(machine.registers.cs.selector == 8)
    }

    @Test func virtual8086TrapsToRingZero() {
        let machine = flatMachine()
        machine.setGate(13, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        // IRETD into virtual-8086 mode at 0200:0010, where CLI is privileged with IOPL 0.
        machine.writePhysical(0x2010, [0x8C, 0xC8, 0xFA])
        machine.writePhysical(Layout.code, [0xCF])
        var stack: [UInt32] = [0x10, 0x200, 0x2_0002, 0x1000, 0x300, 0x11, 0x22, 0x33, 0x44]
        for (n, value) in stack.enumerated() { machine.writePhysical32(0x6000 + UInt32(n) * 4, value) }
        machine.registers.esp = 0x6000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let r = machine.registers
        #expect(r.eax & 0xFFFF == 0x200)
        #expect(r.cs.selector == 8)
        #expect(r.esp == 0x7000 - 40)
        #expect(r.ds.selector == 0)
        stack = (0..<10).map { machine.readPhysical32(r.esp + UInt32($0) * 4) }
        #expect(stack == [0, 0x12, 0x200, 0x3_0002, 0x1000, 0x300, 0x11, 0x22, 0x33, 0x44])
    }

    @Test func callGateCopiesParameters() {
        let machine = flatMachine()
        // Gate 0x33 -> 08:3000, two parameters, DPL 3.
        machine.writePhysical32(Layout.gdt + 0x30, 0x08_3000)
        machine.writePhysical32(Layout.gdt + 0x34, 0xEC02)
        machine.writePhysical(0x3000, [0x8B, 0x44, 0x24, 0x08, 0xCA, 8, 0])  // mov eax,[esp+8]; retf 8
        machine.writePhysical(Layout.code, [0x6A, 0x11, 0x6A, 0x22, 0x9A, 0, 0, 0, 0, 0x33, 0, 0x0F, 0x0B])
        machine.setGate(6, to: 0x3100)
        machine.writePhysical(0x3100, Self.vmcall)
        machine.enterUserMode()
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let r = machine.registers
        #expect(r.eax == 0x22)
        #expect(machine.read32(linear: r.esp) == 0x100B)
        #expect(machine.read32(linear: r.esp + 12) == Layout.stack)
    }

    @Test func portsNeedPermission() {
        let machine = flatMachine()
        machine.setGate(13, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.registers.tr.limit = 0x168
        machine.writePhysical(Layout.tss + 0x68, Array(repeating: 0xFF, count: 256))
        machine.writePhysical(Layout.tss + 0x68 + 0xE9 / 8, [0xFF & ~(1 << (0xE9 % 8))])
        machine.writePhysical(Layout.code, [0xE6, 0xE9, 0xE6, 0xE8])
        machine.registers.eax = 0x41
        machine.enterUserMode()
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.drainConsole() == [0x41])
        #expect(machine.read32(linear: machine.registers.esp + 4) == 0x1002)
    }

    @Test func fastSystemCalls() {
        let machine = flatMachine()
        // At ring 3: sysenter; the kernel counts and returns to EDX with stack ECX.
        machine.writePhysical(Layout.code, [0xB9, 0, 0x60, 0, 0, 0xBA, 0x0C, 0x10, 0, 0, 0x0F, 0x34, 0x0F, 0x0B])
        machine.writePhysical(0x3000, [0x89, 0xE3, 0x0F, 0x35])
        machine.setGate(6, to: 0x3100)
        machine.writePhysical(0x3100, Self.vmcall)
        for (register, value) in [(0x174, 8), (0x175, 0x5000), (0x176, 0x3000)] as [(UInt32, UInt32)] {
            machine.registers.ecx = register
            machine.registers.eax = value
            machine.cpu.pointee.writeMSR()
        }
        machine.enterUserMode()
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ebx == 0x5000)
        #expect(machine.read32(linear: machine.registers.esp) == 0x100C)
        #expect(machine.read32(linear: machine.registers.esp + 4) == 0x1B)
        #expect(machine.read32(linear: machine.registers.esp + 12) == 0x6000)
    }

    @Test func alignmentIsChecked() {
        let machine = flatMachine()
        machine.setGate(17, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0xA1, 4, 0x20, 0, 0, 0x66, 0xA1, 6, 0x20, 0, 0, 0xA1, 6, 0x20, 0, 0])
        machine.registers.cr0 |= 0x4_0000
        machine.enterUserMode()
        machine.registers.eflags |= 0x4_0000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eip == 0x3003)
        #expect(machine.read32(linear: machine.registers.esp + 4) == 0x100B)
    }

    @Test func segmentLimitsAreChecked() {
        let machine = flatMachine()
        machine.setGate(13, to: 0x3000)
        machine.setGate(12, to: 0x3010)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(0x3010, Self.vmcall)
        machine.registers.fs = Segment(selector: 0x30, base: 0x2000, limit: 0xFFF, attributes: 0x4093)
        machine.writePhysical(0x2FFC, [1, 2, 3, 4])
        machine.writePhysical(Layout.code, [0x64, 0xA1, 0xFC, 0x0F, 0, 0, 0x64, 0xA1, 0xFD, 0x0F, 0, 0])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0x0403_0201)
        #expect(machine.registers.eip == 0x3003)
        #expect(machine.read32(linear: machine.registers.esp + 4) == 0x1006)
    }

    @Test func lockNeedsMemoryAndTheRightInstruction() {
        for (code, legal) in [
            ([0xF0, 0x01, 0x05, 0, 0x20, 0, 0], true), ([0xF0, 0x01, 0xC0], false), ([0xF0, 0x8B, 0x05, 0, 0x20, 0, 0], false),
        ] as [([UInt8], Bool)] {
            let machine = flatMachine()
            machine.setGate(6, to: 0x3000)
            machine.writePhysical(0x3000, Self.vmcall)
            machine.writePhysical(Layout.code, code + Self.vmcall)
            #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
            #expect((machine.registers.eip != 0x3003) == legal)
        }
    }

    @Test func longInstructionsFault() {
        let machine = flatMachine()
        machine.setGate(13, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, Array(repeating: 0x66, count: 15) + [0x90])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eip == 0x3003)
    }
}
