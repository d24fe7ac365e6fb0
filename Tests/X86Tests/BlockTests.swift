// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Decoded blocks: whatever happens in the middle of one leaves the state an instruction-by-instruction machine would have.
@Suite struct BlockTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    /// mov eax,[20000h+esi*4]; add eax,edx; adc edx,eax; mov [20000h+esi*4],eax; inc esi; and esi,0FFFh; cmp eax,edx; jb +1;
    /// inc edi; call f; jmp start; f: push ebp; mov ebp,esp; rol edi,3; pop ebp; ret
    private static let mixed: [UInt8] = [
        0x8B, 0x04, 0xB5, 0, 0, 2, 0, 0x01, 0xD0, 0x11, 0xC2, 0x89, 0x04, 0xB5, 0, 0, 2, 0, 0x46, 0x81, 0xE6, 0xFF, 0x0F, 0, 0, 0x39, 0xD0,
        0x72, 1,
        0x47, 0xE8, 2, 0, 0, 0, 0xEB, 0xDB, 0x55, 0x89, 0xE5, 0xC1, 0xC7, 3, 0x5D, 0xC3,
    ]

    private func mixedMachine() -> Machine {
        let machine = flatMachine()
        machine.enablePaging()
        machine.writePhysical(Layout.code, Self.mixed)
        machine.registers.edx = 0x1234_5677
        return machine
    }

    @Test func slicesOfAnyLengthGiveTheSameState() {
        let whole = mixedMachine()
        #expect(whole.run(until: 10_000, passingStopAtStart: false) == .instructionLimit)
        for slice in [1, 2, 3, 7, 16, 49, 100, 4095] as [UInt64] {
            let machine = mixedMachine()
            var limit: UInt64 = 0
            while limit < 10_000 {
                limit = min(limit + slice, 10_000)
                #expect(machine.run(until: limit, passingStopAtStart: false) == .instructionLimit)
                #expect(machine.instructionCount == limit)
            }
            #expect(machine.stateHash() == whole.stateHash(), "slices of \(slice)")
        }
        let stepped = mixedMachine()
        for _ in 0..<10_000 { #expect(stepped.step() == nil) }
        #expect(stepped.stateHash() == whole.stateHash())
    }

    @Test func everyInstructionLeavesTheStateOfItsHandler() {
        // Blocks of any length that the limit allows against single steps, register by register.
        let (blocks, steps) = (mixedMachine(), mixedMachine())
        for limit in 1...400 as ClosedRange<UInt64> {
            let machine = mixedMachine()
            #expect(machine.run(until: limit, passingStopAtStart: false) == .instructionLimit)
            _ = steps.step()
            #expect(machine.registers == steps.registers, "after \(limit)")
        }
        _ = blocks.run(until: 400, passingStopAtStart: false)
        #expect(blocks.registers == steps.registers)
    }

    @Test func faultInTheMiddle() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x30, 0)
        // stc; mov eax,5; sub eax,9; mov ebx,[30000h]; inc ecx; vmcall. The fault's frame holds the flags of the SUB, whose successor would have hidden them.
        machine.writePhysical(
            Layout.code, [0xF9, 0xB8, 5, 0, 0, 0, 0x83, 0xE8, 9, 0x8B, 0x1D, 0, 0, 3, 0, 0x83, 0xC1, 1] + Self.vmcall)
        machine.setGate(14, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let esp = machine.registers.esp
        #expect(machine.registers.cr2 == 0x3_0000)
        #expect(machine.readPhysical32(esp + 4) == 0x1009)
        #expect(machine.readPhysical32(esp + 12) & 0x8D5 == 0x95)
        // stc, mov, sub, the fault, vmcall.
        #expect(machine.instructionCount == 5)
        #expect(machine.registers.ecx == 0)
        // Restarted after the page has come.
        machine.setPage(0x30, 0x3_0003)
        machine.writePhysical(0x3000, [0x83, 0xC4, 4, 0xCF])
        machine.registers.eip = 0x3000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ecx == 1)
    }

    @Test func stopInTheMiddle() {
        let machine = mixedMachine()
        #expect(machine.run(until: 5000, passingStopAtStart: false) == .instructionLimit)
        // The block is there and linked; now one of its instructions gets a stop, and loses it again.
        machine.insertCodeStop(at: 0x1012)
        #expect(machine.run(until: 9000, passingStopAtStart: true) == .codeStop(address: 0x1012))
        let count = machine.instructionCount
        #expect(machine.registers.eip == 0x1012)
        #expect(machine.run(until: 9000, passingStopAtStart: true) == .codeStop(address: 0x1012))
        #expect(machine.instructionCount > count)
        machine.removeCodeStop(at: 0x1012)
        #expect(machine.run(until: 10_000, passingStopAtStart: false) == .instructionLimit)
        let whole = mixedMachine()
        _ = whole.run(until: 10_000, passingStopAtStart: false)
        #expect(machine.stateHash() == whole.stateHash())
    }

    @Test func watchesHitInTheMiddleAndNowhereElse() {
        let machine = mixedMachine()
        let id = machine.insertDataStop(address: 0x2_0040, length: 4, onRead: false, onWrite: true)
        #expect(
            machine.run(until: 20_000, passingStopAtStart: false)
                == .dataStop(.init(id: id, address: 0x2_0040, isWrite: true, eip: 0x100B)))
        #expect(machine.registers.eip == 0x1012)
        #expect(machine.registers.esi == 16)
        machine.removeDataStop(id)
        #expect(machine.run(until: 20_000, passingStopAtStart: false) == .instructionLimit)
        // Watches beside what the program touches never hit and change nothing.
        let watched = mixedMachine()
        for address in [0x1_FFFC, 0x2_4000, 0x7F00, 0x9000] as [UInt32] {
            _ = watched.insertDataStop(address: address, length: 4, onRead: true, onWrite: true)
        }
        #expect(watched.run(until: 20_000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.stateHash() == watched.stateHash())
    }

    @Test func accessesNextToAWatchAreExact() {
        for (address, size) in [(0x2000, 1), (0x2003, 4), (0x1FFD, 4), (0x1FFF, 2), (0x2FFE, 4)] as [(UInt32, UInt32)] {
            for offset in 0..<8 as Range<UInt32> {
                let machine = flatMachine()
                machine.enablePaging()
                let watched = address &- 4 &+ offset
                // mov [address-200h],al first, which opens the page around it; then the access itself.
                let access: [UInt8] = size == 1 ? [0xA2] : size == 2 ? [0x66, 0xA3] : [0xA3]
                let at = (0..<4).map { UInt8(truncatingIfNeeded: address >> (8 * $0)) }
                machine.writePhysical(Layout.code, [0xA2, 0, UInt8(address >> 8 & 0xF0) | 8, 0, 0] + access + at + Self.vmcall)
                _ = machine.insertDataStop(address: watched, length: 1, onRead: true, onWrite: true)
                let reason = machine.run(until: 100, passingStopAtStart: false)
                let hits = watched &- address < size
                if hits {
                    #expect(reason != .vmcall, "\(address) \(size) \(offset)")
                } else {
                    #expect(reason == .vmcall, "\(address) \(size) \(offset)")
                }
            }
        }
    }

    @Test func codeThatChangesItself() {
        let machine = flatMachine()
        machine.enablePaging()
        // mov byte [100Bh],43h; nop x4; inc eax (becomes inc ebx); vmcall: the next instruction of the same block.
        machine.writePhysical(Layout.code, [0xC6, 0x05, 0x0B, 0x10, 0, 0, 0x43, 0x90, 0x90, 0x90, 0x90, 0x40] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0)
        #expect(machine.registers.ebx == 1)
        #expect(machine.instructionCount == 7)
    }

    @Test func codeThatIsChangedThroughAnotherMappingAndAcrossPages() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x201, 0x3003)
        // 2FFEh: mov eax,1 across the page end; vmcall. The page behind is also at 201000h.
        machine.writePhysical(0x2FFE, [0xB8, 1, 0, 0, 0] + Self.vmcall)
        // mov dword [201000h],0F000002h; jmp 2FFEh
        machine.writePhysical(Layout.code, [0xC7, 0x05, 0, 0x10, 0x20, 0, 2, 0, 0, 0x0F, 0xB8, 0xFE, 0x2F, 0, 0, 0xFF, 0xE0])
        machine.registers.eip = 0x2FFE
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 1)
        machine.registers.eip = 0x1000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0x201)
        // The second page goes: the fault names its first byte.
        machine.setPage(3, 0)
        machine.setGate(14, to: 0x5000)
        machine.writePhysical(0x5000, Self.vmcall)
        machine.registers.cr3 = machine.registers.cr3
        machine.registers.cr0 ^= 0x1_0000
        machine.registers.eip = 0x2FFE
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.cr2 == 0x3000)
    }

    @Test func dataBesideCodeIsWrittenWithoutTouchingIt() {
        let machine = flatMachine()
        // l: inc dword [1100h]; cmp dword [1100h],1000; jb l; vmcall
        machine.writePhysical(
            Layout.code, [0xFF, 0x05, 0, 0x11, 0, 0, 0x81, 0x3D, 0, 0x11, 0, 0, 0xE8, 3, 0, 0, 0x72, 0xEE] + Self.vmcall)
        #expect(machine.run(until: 10_000, passingStopAtStart: false) == .vmcall)
        #expect(machine.readPhysical32(0x1100) == 1000)
        #expect(machine.instructionCount == 3001)
    }

    @Test func undisturbedRunsEndBeforeWhatIsNotAStep() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x30, 0)
        machine.setGate(14, to: 0x3000)
        machine.setGate(0x30, to: 0x3000)
        // inc eax; inc eax; mov ebx,[30000h]
        machine.writePhysical(Layout.code, [0x40, 0x40, 0x8B, 0x1D, 0, 0, 3, 0])
        #expect(machine.runUndisturbed(until: 1) == .instructionLimit)
        #expect(machine.runUndisturbed(until: 100) == nil)
        #expect(machine.instructionCount == 2)
        #expect(machine.registers.eip == 0x1002)
        #expect(machine.registers.cr2 == 0)
        #expect(machine.step() == nil)
        #expect(machine.registers.eip == 0x3000)
        // inc eax; int 30h
        machine.writePhysical(0x3000, [0x40, 0xCD, 0x30])
        #expect(machine.runUndisturbed(until: 100) == nil)
        #expect(machine.registers.eip == 0x3001)
        #expect(machine.registers.eax == 3)
    }

    @Test func flushedCodeComesBack() {
        // More code than the cache holds: one jump per page over 16 MiB, twice.
        let machine = Machine(memoryBytes: 64 << 20)
        var r = flatMachine().registers
        r.eip = 0x10_0000
        machine.registers = r
        let pages = 12_000
        var image: [UInt8] = []
        for _ in 0..<pages {
            // inc eax, 45 times; jmp to the next page
            image += Array(repeating: 0x40, count: 45) + [0xE9, 0xCE, 0x0F, 0, 0] + Array(repeating: 0x90, count: 4046)
        }
        machine.writePhysical(0x10_0000, image + Self.vmcall)
        for _ in 0..<2 {
            machine.registers.eip = 0x10_0000
            machine.registers.eax = 0
            #expect(machine.run(until: .max, passingStopAtStart: false) == .vmcall)
            #expect(machine.registers.eax == UInt32(pages * 45))
        }
        #expect(machine.instructionCount == UInt64(2 * (pages * 46 + 1)))
    }
}
