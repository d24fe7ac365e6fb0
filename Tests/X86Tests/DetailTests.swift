// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Details of the manual that neither Unicorn nor QEMU gets right, or that a guest cannot easily see: RF, reserved bits, missing registers, A20, FPU environments.
@Suite struct DetailTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    /// Runs code at CPL 0 until a VMCALL; all exceptions go to one.
    private func run(_ code: [UInt8], prepare: (Machine) -> Void = { _ in }) -> Machine {
        let machine = flatMachine()
        for vector in 0..<32 {
            machine.setGate(vector, to: 0x3000 + UInt32(vector) * 16)
            machine.writePhysical(0x3000 + UInt32(vector) * 16, Self.vmcall)
        }
        machine.writePhysical(Layout.code, code + Self.vmcall)
        prepare(machine)
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .vmcall)
        return machine
    }

    /// The exception that ended a run; nil when it reached its end.
    private func vector(_ machine: Machine) -> UInt32? {
        let eip = machine.registers.eip
        return (0x3000..<0x3200).contains(eip) ? (eip - 0x3000) / 16 : nil
    }

    @Test func missingControlRegistersAreInvalidAtAnyPrivilege() {
        for number in [1, 5, 6, 7] as [UInt8] {
            #expect(vector(run([0x0F, 0x20, 0xC0 | number << 3])) == 6)
            #expect(vector(run([0x0F, 0x22, 0xC0 | number << 3]) { $0.enterUserMode() }) == 6)
        }
        #expect(vector(run([0x0F, 0x20, 0xC0]) { $0.enterUserMode() }) == 13)
    }

    @Test func controlRegisterMovesIgnoreMod() {
        // mov [eax], cr0 would be two bytes more with a displacement.
        let machine = run([0x0F, 0x20, 0x83])
        #expect(vector(machine) == nil)
        #expect(machine.registers.ebx == 0x11)
    }

    @Test func reservedBitsOfCR4Fault() {
        for bit in 0..<32 as Range<UInt32> {
            let machine = run([0x0F, 0x22, 0xE0]) { $0.registers.eax = 1 << bit }
            let announced: Set<UInt32> = [2, 3, 4, 7, 9]
            #expect(vector(machine) == (announced.contains(bit) ? nil : 13), "bit \(bit)")
        }
    }

    @Test func unknownModelSpecificRegistersFault() {
        for (number, known) in [
            (0x10, true), (0x174, true), (0x1B, true), (0x277, false), (0xC000_0080, false), (0x179, false), (0x9999, false),
        ]
            as [(UInt32, Bool)]
        {
            #expect(vector(run([0x0F, 0x32]) { $0.registers.ecx = number }) == (known ? nil : 13), "\(number)")
        }
    }

    @Test func cpuidAnswersTheLastLeafBeyondIt() {
        let last = run([0x0F, 0xA2]) { $0.registers.eax = 2 }.registers
        let beyond = run([0x0F, 0xA2]) { $0.registers.eax = 77 }.registers
        #expect(last.eax == beyond.eax && last.edx == beyond.edx)
        #expect(run([0x0F, 0xA2]) { $0.registers.eax = 1 }.registers.eax == 0x652)
    }

    @Test func reservedBitsOfDR7ReadAsZero() {
        #expect(run([0x0F, 0x23, 0xF8, 0x0F, 0x21, 0xFB]) { $0.registers.eax = 0xFFFF_DFFF }.registers.ebx == 0xFFFF_07FF)
    }

    @Test func trapsBetweenIterationsPushRF() {
        // rep stosb under TF: the trap after the first byte has RF, the one after the last has not.
        let machine = run([0xF3, 0xAA]) {
            $0.registers.ecx = 2
            $0.registers.edi = 0x2000
            $0.registers.eflags |= 0x100
            $0.writePhysical(0x3010, Self.vmcall + [0xCF])
        }
        #expect(machine.registers.ecx == 1)
        #expect(machine.read32(linear: machine.registers.esp + 8)! & 0x1_0000 != 0)
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ecx == 0)
        #expect(machine.read32(linear: machine.registers.esp + 8)! & 0x1_0000 == 0)
    }

    @Test func loadingSSTakesNoSingleStepTrap() {
        // mov ss, ax; inc ebx; inc ebx with TF: the first trap comes behind INC.
        let machine = run([0x8E, 0xD0, 0x43, 0x43]) {
            $0.registers.eax = UInt32(Layout.kernelData)
            $0.registers.eflags |= 0x100
        }
        #expect(vector(machine) == 1)
        #expect(machine.registers.ebx == 1)
    }

    @Test func hostStopKeepsRF() {
        let machine = flatMachine()
        machine.setGate(1, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0x43] + Self.vmcall)
        machine.registers.dr0 = Layout.code
        machine.registers.dr7 = 0x402
        machine.registers.eflags |= 0x1_0000
        machine.insertCodeStop(at: Layout.code)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .codeStop(address: Layout.code))
        #expect(machine.registers.eflags & 0x1_0000 != 0)
        #expect(machine.run(until: 100, passingStopAtStart: true) == .vmcall)
        #expect(machine.registers.ebx == 1)
    }

    @Test func iretKeepsTheRFItLoads() {
        // IRET with RF in its image to an instruction with a breakpoint, itself executed with RF.
        let machine = run([0xCF]) {
            for (n, value) in [0x1100, UInt32(Layout.kernelCode), 0x1_0002].enumerated() {
                $0.writePhysical32(Layout.stack + UInt32(n) * 4, value)
            }
            $0.writePhysical(0x1100, [0x43] + Self.vmcall)
            $0.registers.dr0 = 0x1100
            $0.registers.dr7 = 0x402
            $0.registers.eflags |= 0x1_0000
        }
        #expect(vector(machine) == nil)
        #expect(machine.registers.ebx == 1)
    }

    @Test func popSSMovesThePointerOfTheOldStack() {
        // pop ss at ESP 1FFFEh, to a 16-bit stack: all of ESP counts up.
        let machine = run([0x17]) {
            $0.writePhysical32(Layout.gdt + 0x30, 0xFFFF)
            $0.writePhysical32(Layout.gdt + 0x34, 0x9300)
            $0.writePhysical32(0x1_FFFE, 0x30)
            $0.registers.esp = 0x1_FFFE
        }
        #expect(machine.registers.ss.selector == 0x30)
        #expect(machine.registers.esp == 0x2_0002)
    }

    @Test func icebpClearsGeneralDetect() {
        let machine = run([0xF1]) { $0.registers.dr7 |= 0x2000 }
        #expect(vector(machine) == 1)
        #expect(machine.registers.dr7 & 0x2000 == 0)
    }

    @Test func arplNeedsAWritableOperand() {
        // arpl [ebx], ax with nothing to adjust, on a read-only page under WP.
        let machine = run([0x63, 0x03]) {
            $0.enablePaging()
            $0.setPage(2, 0x2001)
            $0.registers.ebx = 0x2000
        }
        #expect(vector(machine) == 14)
    }

    @Test func reservedBitsOfLargePagesFault() {
        for bit in 12..<22 as Range<UInt32> {
            let machine = run([0xA1, 0, 0, 0x40, 0]) {
                $0.enablePaging()
                $0.registers.cr4 = 0x10
                $0.writePhysical32(Layout.pageDirectory + 4, 0x83 | 1 << bit)
            }
            #expect(vector(machine) == 14)
            #expect(machine.read32(linear: machine.registers.esp) == 9)
        }
    }

    @Test func taskSwitchToAMissingPageLeavesTheOldTask() {
        // jmp 30h:0 to a TSS whose page is there, from one whose page is read-only for the processor.
        let machine = run([0xEA, 0, 0, 0, 0, 0x30, 0]) {
            $0.enablePaging()
            $0.writePhysical32(Layout.gdt + 0x30, 0xC000 << 16 | 0x67)
            $0.writePhysical32(Layout.gdt + 0x34, 0x8900)
            $0.setPage(Layout.tss >> 12, Layout.tss | 1)
        }
        #expect(vector(machine) == 14)
        #expect(machine.registers.cr2 == Layout.tss + 0x20)
        #expect(machine.registers.tr.selector == Layout.taskSegment)
        #expect(machine.readPhysical32(Layout.gdt + 0x34) & 0x200 == 0)
    }

    @Test func closedA20GateMasksBit20() {
        let machine = run([0xA1, 0x34, 0x12, 0x10, 0, 0xA3, 0x38, 0x12, 0x10, 0]) {
            $0.writePhysical32(0x1234, 0xCAFE)
            $0.writePhysical32(0x10_1234, 0xBEEF)
            $0.cpu.pointee.setA20(open: false)
        }
        #expect(machine.registers.eax == 0xCAFE)
        #expect(machine.readPhysical32(0x1238) == 0xCAFE)
        #expect(machine.readPhysical32(0x10_1238) == 0)
        // An open gate is seen at once, also by code that was decoded before.
        machine.cpu.pointee.setA20(open: true)
        machine.registers.eip = Layout.code
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0xBEEF)
    }

    @Test func port92SwitchesA20AtOnce() {
        // mov al, 0; out 92h, al; mov eax, [101234h]; the snapshot has the gate closed.
        let machine = run([0xB0, 0, 0xE6, 0x92, 0xA1, 0x34, 0x12, 0x10, 0]) { $0.writePhysical32(0x1234, 0xCAFE) }
        #expect(machine.registers.eax == 0xCAFE)
        let closed = machine.snapshot()
        machine.portOut(0x92, size: 1, 2)
        #expect(machine.translate(0x10_1234) == 0x10_1234)
        machine.restore(closed)
        #expect(machine.translate(0x10_1234) == 0x1234)
    }

    @Test func environmentsHaveFourForms() {
        // fldcw [2000h]; fnstenv [2100h]; 66 fnstenv [2200h]
        let machine = run([0xD9, 0x2D, 0, 0x20, 0, 0, 0xD9, 0x35, 0, 0x21, 0, 0, 0x66, 0xD9, 0x35, 0, 0x22, 0, 0]) {
            $0.writePhysical16(0x2000, 0x127F)
        }
        #expect(machine.readPhysical32(0x2100) == 0xFFFF_127F)
        #expect(machine.readPhysical16(0x2200) == 0x127F)
        #expect(machine.readPhysical16(0x2204) == 0x5555)
        #expect(machine.readPhysical16(0x2210) == 0)
        let saved = run([0x66, 0xDD, 0x35, 0, 0x22, 0, 0]) { machine in for n in 0..<20 { machine.cpu.pointee.fpu.registers[n] = UInt32(n) }
        }
        for n in 0..<20 as Range<UInt32> { #expect(saved.readPhysical32(0x2200 + 14 + n * 4) == n) }
    }

    @Test func realModeEnvironmentHasLinearAddresses() {
        let machine = flatMachine()
        machine.enterRealMode()
        machine.cpu.pointee.fpu.pointers = (0x1234, 0x0123_1000, 0x5678, 0x2000)
        // fnstenv [2000h]; 66 fnstenv [2100h]
        machine.writePhysical(Layout.code, [0xD9, 0x36, 0, 0x20, 0x66, 0xD9, 0x36, 0, 0x21] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect((0..<7).map { machine.readPhysical16(0x2000 + $0 * 2) }.suffix(4) == [0x1234, 0x1123, 0x5678, 0x2000])
        #expect((3..<7).map { machine.readPhysical32(0x2100 + $0 * 4) } == [0x1234, 0x1123, 0x5678, 0x2000])
    }
}
