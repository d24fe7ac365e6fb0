// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Where blocks meet what they cannot hold: prefixed jumps, the ends of segments and address space, repetitions without end, faults of a task just entered.
@Suite struct BlockEdgeTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    @Test(arguments: [0xF2, 0xF3, 0x67, 0x2E, 0x3E] as [UInt8], [0, 1] as [UInt32])
    func prefixedJumpBehindComparison(_ prefix: UInt8, _ edx: UInt32) {
        // cmp eax,edx; prefix je +3; vmcall; inc ecx; vmcall
        let code = [0x39, 0xD0, prefix, 0x74, 3] + Self.vmcall + [0x41] + Self.vmcall
        let (whole, stepped) = (flatMachine(), flatMachine())
        for machine in [whole, stepped] {
            machine.writePhysical(Layout.code, code)
            (machine.registers.eax, machine.registers.edx, machine.registers.ecx) = (0, edx, 0)
        }
        #expect(whole.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(whole.registers.ecx == 1 - edx)
        var reason: StopReason?
        for _ in 0..<10 where reason == nil { reason = stepped.step() }
        #expect(reason == .vmcall)
        #expect(stepped.stateHash() == whole.stateHash())
    }

    @Test func lockedJumpBehindComparisonIsInvalid() {
        let machine = flatMachine()
        machine.setGate(6, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, [0x39, 0xC0, 0xF0, 0x74, 3] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.readPhysical32(machine.registers.esp) == Layout.code + 2)
    }

    @Test func instructionAcrossTheSegmentsEnd() {
        // CS ends with the page 1000h; the instruction at 1FFEh goes on behind it.
        for isMapped in [true, false] {
            let machine = flatMachine()
            machine.enablePaging()
            machine.setGate(13, to: 0x800, selector: 0x30)
            // A code segment of its own for the handler, flat.
            machine.writePhysical32(Layout.gdt + 0x30, 0xFFFF)
            machine.writePhysical32(Layout.gdt + 0x34, 0xCF_9B00)
            machine.writePhysical(0x800, Self.vmcall)
            machine.writePhysical(0x1FFE, [0xB8, 1, 2, 3, 4])
            if !isMapped { machine.setPage(2, 0) }
            machine.registers.cs = Segment(selector: Layout.kernelCode, base: 0, limit: 0x1FFF, attributes: 0x409B)
            machine.registers.eip = 0x1FFE
            #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
            #expect(machine.readPhysical32(machine.registers.esp) == 0, "#GP(0), whatever lies behind the limit")
            #expect(machine.readPhysical32(machine.registers.esp + 4) == 0x1FFE)
        }
    }

    @Test func jumpToWhatNoBlockHoldsFindsItEveryTime() {
        // The pages 2000h and 3000h are the same frame, and the instruction at 2FFEh lies in both: add ecx,imm32.
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(3, 0x2003)
        // mov ebx,5; again: jmp 2FFEh
        machine.writePhysical(Layout.code, [0xBB, 5, 0, 0, 0, 0xE9, 0xF4, 0x1F, 0, 0])
        machine.writePhysical(0x2FFE, [0x81, 0xC1])
        // The immediate, then: dec ebx; jnz 1005h; vmcall
        machine.writePhysical(0x2000, [1, 0, 0, 0, 0x4B, 0x0F, 0x85, 0xFA, 0xDF, 0xFF, 0xFF] + Self.vmcall)
        machine.registers.ecx = 0
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ecx == 5)
    }

    @Test func longRepetitionsComeUpForAir() {
        // rep lodsb over 3 * 2^20 + 5 bytes, in slices of any length, in the block form and element by element.
        let elements: UInt32 = 3 << 20 + 5
        func machine(_ code: [UInt8]) -> Machine {
            let machine = flatMachine(memory: 16 << 20)
            machine.writePhysical(Layout.code, code + Self.vmcall)
            (machine.registers.ecx, machine.registers.esi, machine.registers.edi) = (elements, 0x10_0000, 0x10_0000)
            return machine
        }
        for code in [[0xF3, 0xAC], [0xF3, 0xAA], [0xF3, 0xA4]] as [[UInt8]] {
            let whole = machine(code)
            #expect(whole.run(until: 1 << 40, passingStopAtStart: false) == .vmcall)
            #expect(whole.registers.ecx == 0)
            #expect(whole.instructionCount == 1 + UInt64((elements - 1) >> 20) + 1)
            let sliced = machine(code)
            while sliced.run(until: sliced.instructionCount + 1, passingStopAtStart: false) == .instructionLimit {}
            #expect(sliced.stateHash() == whole.stateHash())
        }
        // Port by port: somebody has to take what is sent.
        let sender = machine([0xF3, 0x6E])
        (sender.registers.edx, sender.registers.ecx) = (0xE9, ~0)
        #expect(sender.run(until: 10, passingStopAtStart: false) == .instructionLimit)
        #expect(sender.registers.ecx == UInt32.max - 9 * 256 - 255)
    }

    @Test func undisturbedRunsKeepWhatHasHappened() {
        // rep stosd over a watched element, then a page that is missing: the hit is reported although the fault is taken back.
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x31, 0)
        machine.writePhysical(Layout.code, [0xF3, 0xAB] + Self.vmcall)
        (machine.registers.edi, machine.registers.ecx) = (0x3_0FF0, 8)
        let id = machine.insertDataStop(address: 0x3_0FF8, length: 4, onRead: false, onWrite: true)
        var reason = machine.runUndisturbed(until: 10)
        if reason == nil { reason = machine.step() }
        guard case .dataStop(let hit) = reason else {
            Issue.record("\(String(describing: reason))")
            return
        }
        #expect(hit.id == id)
        #expect(machine.registers.ecx == 4)
    }

    @Test func faultsOfANewTaskAreDelivered() {
        // jmp 30h:0, a task whose SS is null: #TS in the new task, for steps as for runs.
        func machine() -> Machine {
            let machine = flatMachine()
            machine.writePhysical32(Layout.gdt + 0x30, 0x67 | 0xC000 << 16)
            machine.writePhysical32(Layout.gdt + 0x34, 0x8900)
            machine.writePhysical(Layout.code, [0xEA, 0, 0, 0, 0, 0x30, 0])
            machine.writePhysical32(0xC020, 0x3000)
            machine.writePhysical32(0xC024, 2)
            machine.writePhysical32(0xC038, 0x6000)
            machine.writePhysical32(0xC04C, UInt32(Layout.kernelCode))
            machine.writePhysical16(0xC066, 0x68)
            machine.setGate(8, to: 0x3800)
            machine.setGate(10, to: 0x3800)
            machine.writePhysical(0x3000, [0x41, 0x41])
            machine.writePhysical(0x3800, Self.vmcall)
            return machine
        }
        let (whole, stepped) = (machine(), machine())
        let reason = whole.run(until: 4, passingStopAtStart: false)
        var count = 0
        while stepped.instructionCount < whole.instructionCount, count < 10 {
            if stepped.runUndisturbed(until: stepped.instructionCount + 1) == nil { _ = stepped.step() }
            count += 1
        }
        #expect(stepped.registers == whole.registers, "\(reason)")
        #expect(stepped.registers.ecx == whole.registers.ecx)
    }
}
