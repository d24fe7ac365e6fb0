// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Page faults: error codes, CR2, accessed and dirty bits, restart.
@Suite struct PagingTests {
    /// What a handler found: error code, faulting EIP, CR2.
    private struct Report: Equatable {
        var code: UInt32
        var eip: UInt32
        var cr2: UInt32
    }

    /// Executes `code` at 1000h until the page-fault handler's VMCALL.
    private func fault(_ code: [UInt8], page: UInt32, user: Bool = false, writeProtect: Bool = true) -> Report? {
        let machine = flatMachine()
        machine.enablePaging(user: user)
        machine.setPage(0x200, page)
        machine.setGate(14, to: 0x3000)
        machine.writePhysical(0x3000, [0x0F, 0x01, 0xC1])
        machine.writePhysical(Layout.code, code + [0x0F, 0x01, 0xC1])
        if !writeProtect { machine.registers.cr0 &= ~0x1_0000 }
        if user { machine.enterUserMode() }
        guard machine.run(until: 1000, passingStopAtStart: false) == .vmcall else { return nil }
        let r = machine.registers
        guard r.eip == 0x3003 else { return nil }
        return Report(code: machine.read32(linear: r.esp)!, eip: machine.read32(linear: r.esp + 4)!, cr2: r.cr2)
    }

    private static let load: [UInt8] = [0xA1, 0x10, 0x00, 0x20, 0x00]  // mov eax, [200010h]
    private static let store: [UInt8] = [0xA3, 0x10, 0x00, 0x20, 0x00]

    @Test func reportsErrorCodes() {
        let at = { Report(code: $0, eip: 0x1000, cr2: 0x20_0010) }
        #expect(fault(Self.load, page: 0) == at(0))
        #expect(fault(Self.store, page: 0) == at(2))
        #expect(fault(Self.store, page: 0x20_0001) == at(3))
        #expect(fault(Self.store, page: 0x20_0001, writeProtect: false) == nil)
        #expect(fault(Self.load, page: 0x20_0003, user: true) == at(5))
        #expect(fault(Self.store, page: 0x20_0005, user: true) == at(7))
        #expect(fault(Self.load, page: 0, user: true) == at(4))
        #expect(fault(Self.store, page: 0x20_0007, user: true) == nil)
        // add [200010h], eax: a read-modify-write faults as a write.
        #expect(fault([0x01, 0x05, 0x10, 0x00, 0x20, 0x00], page: 0) == at(2))
    }

    @Test func setsAccessedAndDirty() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.writePhysical(Layout.code, Self.load + [0x0F, 0x01, 0xC1] + Self.store + [0x0F, 0x01, 0xC1])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        let entry = Layout.pageDirectory + 0x1000 + 0x200 * 4
        #expect(machine.readPhysical32(entry) == 0x20_0023)
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.readPhysical32(entry) == 0x20_0063)
        #expect(machine.readPhysical32(Layout.pageDirectory) & 0x20 != 0)
    }

    @Test func mapsFourMegabytes() {
        let machine = flatMachine(memory: 16 << 20)
        machine.enablePaging()
        machine.writePhysical32(Layout.pageDirectory + 8, 0x40_0083)
        machine.registers.cr4 = 0x10
        machine.writePhysical32(0x40_1234, 0xCAFE)
        #expect(machine.translate(0x80_1234) == 0x40_1234)
        machine.writePhysical(Layout.code, [0xA1, 0x34, 0x12, 0x80, 0x00, 0x0F, 0x01, 0xC1])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 0xCAFE)
        #expect(machine.readPhysical32(Layout.pageDirectory + 8) == 0x40_00A3)
    }

    @Test func invlpgForgetsAllOfALargePage() {
        let machine = flatMachine(memory: 16 << 20)
        machine.enablePaging()
        machine.writePhysical32(Layout.pageDirectory + 8, 0x40_0083)
        machine.registers.cr4 = 0x10
        machine.writePhysical32(0x40_1234, 1)
        machine.writePhysical32(0x80_1234, 2)
        // load; mov dword [10008h], 800083h; invlpg [800000h]; load; vmcall
        let load: [UInt8] = [0xA1, 0x34, 0x12, 0x80, 0x00]
        machine.writePhysical(
            Layout.code,
            load + [0xC7, 0x05, 0x08, 0x00, 0x01, 0x00, 0x83, 0x00, 0x80, 0x00, 0x0F, 0x01, 0x3D, 0x00, 0x00, 0x80, 0x00] + load
                + [0x0F, 0x01, 0xC1])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 2)
    }

    @Test func restartsInTheMiddleOfRep() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x201, 0)
        machine.setGate(14, to: 0x3000)
        // The handler maps the page, drops the error code and returns.
        machine.writePhysical(
            0x3000, [0xC7, 0x05, 0x04, 0x18, 0x01, 0x00, 0x03, 0x10, 0x20, 0x00, 0x83, 0xC4, 0x04, 0x41, 0x49, 0xCF])
        machine.writePhysical(0x30_0000, (0..<2048).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        machine.writePhysical(Layout.code, [0xF3, 0xA5, 0x0F, 0x01, 0xC1])  // rep movsd; vmcall
        machine.registers.esi = 0x30_0000
        machine.registers.edi = 0x20_0C02
        machine.registers.ecx = 512
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.ecx == 0)
        #expect(machine.registers.edi == 0x20_1402)
        #expect(machine.registers.cr2 == 0x20_1000)
        #expect(machine.readPhysical(0x20_0C02, count: 2048) == machine.readPhysical(0x30_0000, count: 2048))
    }

    @Test func failedPushLeavesESP() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.setPage(0x200, 0)
        machine.setGate(14, to: 0x3000, selector: 0x08)
        machine.registers.esp = 0x20_1002
        machine.writePhysical(Layout.code, [0x50])
        // The handler's own frame faults as well: double fault, for which there is no gate: shutdown.
        #expect(machine.run(until: 100, passingStopAtStart: false) == .shutdown)
        #expect(machine.registers.esp == 0x20_1002)
        #expect(machine.registers.cr2 != 0)
    }

    @Test func invlpgForgets() {
        let machine = flatMachine()
        machine.enablePaging()
        machine.writePhysical32(0x20_0010, 1)
        machine.writePhysical32(0x20_1010, 2)
        // load; mov dword [11800h], 201003h; invlpg [200010h]; load; vmcall
        machine.writePhysical(
            Layout.code,
            Self.load + [0xC7, 0x05, 0x00, 0x18, 0x01, 0x00, 0x03, 0x10, 0x20, 0x00, 0x0F, 0x01, 0x3D, 0x10, 0x00, 0x20, 0x00] + Self.load
                + [0x0F, 0x01, 0xC1])
        #expect(machine.run(until: 100, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 2)
    }
}
