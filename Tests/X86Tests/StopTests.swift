// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Host-side stops, self-modifying code and what must not disturb the guest.
@Suite struct StopTests {
    private static let vmcall: [UInt8] = [0x0F, 0x01, 0xC1]

    @Test func codeStops() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0x40, 0x40, 0xEB, 0xFC])
        machine.insertCodeStop(at: 0x1001)
        machine.insertCodeStop(at: 0x1001)
        for round in 1...3 as ClosedRange<UInt32> {
            #expect(machine.run(until: 1000, passingStopAtStart: true) == .codeStop(address: 0x1001))
            #expect(machine.registers.eip == 0x1001)
            #expect(machine.registers.eax == 2 * round - 1)
        }
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .codeStop(address: 0x1001))
        #expect(machine.instructionCount == 7)
        machine.removeCodeStop(at: 0x1001)
        #expect(machine.run(until: 1000, passingStopAtStart: true) == .codeStop(address: 0x1001))
        machine.removeCodeStop(at: 0x1001)
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .instructionLimit)
        #expect(machine.step() == nil)
        #expect(machine.instructionCount == 1001)
    }

    @Test func codeStopBeforeThePageIsMapped() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x201, 0)
        machine.insertCodeStop(at: 0x20_1000)
        #expect(machine.translate(0x20_1000) == nil)
        // map; jmp 201000h
        machine.writePhysical(
            Layout.code, [0xC7, 0x05, 0x04, 0x18, 0x01, 0x00, 0x03, 0x10, 0x00, 0x00, 0xB8, 0x00, 0x10, 0x20, 0x00, 0xFF, 0xE0])
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .codeStop(address: 0x20_1000))
        // Its page is that of the code itself, where nothing stops.
        machine.registers.eip = 0x1000
        #expect(machine.run(until: machine.instructionCount + 1, passingStopAtStart: false) == .instructionLimit)
    }

    @Test func codeStopUnderAnotherMapping() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x201, 0x1003)
        machine.writePhysical(Layout.code, [0x40, 0x43, 0xB9, 0, 0x10, 0x20, 0, 0xFF, 0xE1])  // inc eax; inc ebx; mov ecx,201000h; jmp ecx
        _ = machine.run(until: 8, passingStopAtStart: false)
        machine.insertCodeStop(at: 0x20_1001)
        machine.registers.eip = 0x1000
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .codeStop(address: 0x20_1001))
        machine.registers.eip = 0x1000
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .codeStop(address: 0x20_1001))
        #expect(machine.registers.ebx == 4)
    }

    @Test func dataStops() {
        let machine = flatMachine()
        // mov [2000h],eax; mov ebx,[2004h]; mov [2006h],al; vmcall
        machine.writePhysical(
            Layout.code, [0xA3, 0, 0x20, 0, 0, 0x8B, 0x1D, 4, 0x20, 0, 0, 0xA2, 6, 0x20, 0, 0] + Self.vmcall)
        let id = machine.insertDataStop(address: 0x2006, length: 1, onRead: false, onWrite: true)
        let other = machine.insertDataStop(address: 0x2004, length: 1, onRead: true, onWrite: false)
        #expect(
            machine.run(until: 100, passingStopAtStart: false) == .dataStop(.init(id: other, address: 0x2004, isWrite: false, eip: 0x1005)))
        #expect(machine.registers.eip == 0x100B)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .dataStop(.init(id: id, address: 0x2006, isWrite: true, eip: 0x100B)))
        machine.removeDataStop(id)
        machine.removeDataStop(other)
        machine.registers.eip = 0x1000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
    }

    @Test func dataStopInsideRep() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xF3, 0xAA] + Self.vmcall)
        machine.registers.ecx = 0x3000
        machine.registers.edi = 0x2_0000
        machine.registers.eax = 0x55
        let id = machine.insertDataStop(address: 0x2_1234, length: 4, onRead: false, onWrite: true)
        #expect(
            machine.run(until: 100, passingStopAtStart: false) == .dataStop(.init(id: id, address: 0x2_1234, isWrite: true, eip: 0x1000)))
        #expect(machine.readPhysical8(0x2_2FFF) == 0x55)
    }

    @Test func selfModifyingCodeIsSeen() {
        let machine = flatMachine()
        // l: mov eax,1; cmp byte [1001h],2; je out; mov byte [1001h],2; jmp l; out: vmcall
        machine.writePhysical(
            Layout.code,
            [0xB8, 1, 0, 0, 0, 0x80, 0x3D, 1, 0x10, 0, 0, 2, 0x74, 9, 0xC6, 0x05, 1, 0x10, 0, 0, 2, 0xEB, 0xE9] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 2)
    }

    @Test func writesByTheHostAreSeen() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.writePhysical(Layout.code, [0xB8, 1, 0, 0, 0] + Self.vmcall)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.writeBytes(linear: 0x1001, [9]))
        machine.registers.eip = 0x1000
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 9)
    }

    @Test func instructionsAcrossPages() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.writePhysical(0x1FFE, [0xB8, 0x78, 0x56, 0x34, 0x12, 0x40] + Self.vmcall)
        machine.registers.eip = 0x1FFE
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0x1234_5679)
    }

    @Test func sameRunSameHash() {
        func run(_ slices: [UInt64]) -> UInt64 {
            let machine = flatMachine()
            machine.preparePIC()
            machine.setGate(0x30, to: 0x3000)
            machine.writePhysical(0x3000, [0x43, 0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF])
            machine.writePhysical(Layout.code, [0x89, 0x04, 0x85, 0x00, 0x00, 0x02, 0x00, 0x40, 0x25, 0xFF, 0xFF, 0x00, 0x00, 0xEB, 0xF1])
            machine.portOut(0x43, size: 1, 0x34)
            machine.portOut(0x40, size: 1, 50)
            machine.portOut(0x40, size: 1, 0)
            machine.registers.eflags |= 0x200
            for limit in slices { #expect(machine.run(until: limit, passingStopAtStart: false) == .instructionLimit) }
            #expect(machine.registers.ebx > 10)
            return machine.stateHash()
        }
        #expect(run([100_000]) == run([1, 2, 77, 4191, 4192, 99_999, 100_000]))
    }

    @Test func snapshotsGoBothWays() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0x89, 0x04, 0x85, 0x00, 0x00, 0x02, 0x00, 0x40, 0x25, 0xFF, 0xFF, 0x00, 0x00, 0xEB, 0xF1])
        _ = machine.run(until: 1000, passingStopAtStart: false)
        let first = machine.snapshot()
        let firstHash = machine.stateHash()
        _ = machine.run(until: 50_000, passingStopAtStart: false)
        let second = machine.snapshot()
        let secondHash = machine.stateHash()
        _ = machine.run(until: 77_777, passingStopAtStart: false)
        machine.restore(first)
        #expect(machine.instructionCount == 1000)
        #expect(machine.stateHash() == firstHash)
        _ = machine.run(until: 50_000, passingStopAtStart: false)
        #expect(machine.stateHash() == secondHash)
        machine.restore(first)
        machine.restore(second)
        #expect(machine.stateHash() == secondHash)
    }

    @Test func vmcallComesBeforeTheTrap() {
        let machine = flatMachine()
        machine.setGate(1, to: 0x3000)
        machine.writePhysical(0x3000, Self.vmcall)
        machine.writePhysical(Layout.code, Self.vmcall + [0x40])
        machine.insertCodeStop(at: 0x1000)
        machine.registers.eflags |= 0x100
        #expect(machine.run(until: 100, passingStopAtStart: false) == .codeStop(address: 0x1000))
        #expect(machine.run(until: 100, passingStopAtStart: true) == .vmcall)
        #expect(machine.registers.eip == 0x1003)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eip == 0x3003)
        #expect(machine.registers.eax == 0)
    }

    @Test func breakRequest() {
        let machine = flatMachine()
        machine.writePhysical(Layout.code, [0xEB, 0xFE])
        machine.requestBreak()
        #expect(machine.run(until: .max, passingStopAtStart: false) == .breakRequested)
    }
}
