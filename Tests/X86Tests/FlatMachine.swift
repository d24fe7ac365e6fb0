// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// Where the parts of `flatMachine` lie, as linear and physical addresses.
enum Layout {
    static let code: UInt32 = 0x1000
    static let stack: UInt32 = 0x8000
    static let gdt: UInt32 = 0x9000
    static let idt: UInt32 = 0xA000
    static let tss: UInt32 = 0xB000
    static let pageDirectory: UInt32 = 0x10000
    static let kernelCode: UInt16 = 0x08
    static let kernelData: UInt16 = 0x10
    static let userCode: UInt16 = 0x1B
    static let userData: UInt16 = 0x23
    static let taskSegment: UInt16 = 0x28
}

/// A machine in 32-bit flat protected mode without paging, at CPL 0, about to execute at 1000h with its stack at 8000h. The GDT has flat segments for
/// both rings and a TSS; the IDT is empty.
func flatMachine(memory: Int = 4 << 20, processors: Int = 1) -> Machine {
    let machine = Machine(memoryBytes: memory, processorCount: processors)
    func descriptor(_ selector: UInt16, _ low: UInt32, _ high: UInt32) {
        machine.writePhysical32(Layout.gdt + UInt32(selector & 0xFFF8), low)
        machine.writePhysical32(Layout.gdt + UInt32(selector & 0xFFF8) + 4, high)
    }
    descriptor(Layout.kernelCode, 0xFFFF, 0xCF_9B00)
    descriptor(Layout.kernelData, 0xFFFF, 0xCF_9300)
    descriptor(Layout.userCode, 0xFFFF, 0xCF_FB00)
    descriptor(Layout.userData, 0xFFFF, 0xCF_F300)
    descriptor(Layout.taskSegment, Layout.tss << 16 | 0x67, 0x8B00 | Layout.tss >> 16)
    machine.writePhysical32(Layout.tss + 4, 0x7000)
    machine.writePhysical32(Layout.tss + 8, UInt32(Layout.kernelData))
    machine.writePhysical16(Layout.tss + 0x66, 0x68)
    var r = Registers.reset
    let data = Segment(selector: Layout.kernelData, base: 0, limit: ~0, attributes: 0xC093)
    r.cs = Segment(selector: Layout.kernelCode, base: 0, limit: ~0, attributes: 0xC09B)
    (r.ds, r.es, r.ss, r.fs, r.gs) = (data, data, data, data, data)
    r.tr = Segment(selector: Layout.taskSegment, base: Layout.tss, limit: 0x67, attributes: 0x8B)
    r.gdtr = DescriptorTable(base: Layout.gdt, limit: 0xFF)
    r.idtr = DescriptorTable(base: Layout.idt, limit: 0x7FF)
    r.cr0 = 0x11
    r.eip = Layout.code
    r.esp = Layout.stack
    r.edx = 0
    machine.registers = r
    return machine
}

extension Machine {
    /// Writes a 32-bit gate: type 0Eh interrupt, 0Fh trap, 05h task.
    func setGate(_ vector: Int, to offset: UInt32, selector: UInt16 = Layout.kernelCode, type: UInt32 = 0xE, dpl: UInt32 = 0) {
        writePhysical32(Layout.idt + UInt32(vector * 8), UInt32(selector) << 16 | offset & 0xFFFF)
        writePhysical32(Layout.idt + UInt32(vector * 8) + 4, offset & 0xFFFF_0000 | 0x8000 | type << 8 | dpl << 13)
    }

    /// Leaves protected mode: all segments have base 0 and 64 KiB.
    func enterRealMode() {
        var r = registers
        r.cr0 = 0x10
        let data = Segment(selector: 0, base: 0, limit: 0xFFFF, attributes: 0x93)
        (r.cs, r.ss, r.ds, r.es, r.fs, r.gs) = (data, data, data, data, data, data)
        r.cs.attributes = 0x9B
        registers = r
    }

    /// Turns paging on with the first 4 MiB mapped one to one, supervisor, writable; page tables at 10000h and 11000h.
    func enablePaging(user: Bool = false) {
        let bits: UInt32 = user ? 7 : 3
        writePhysical32(Layout.pageDirectory, (Layout.pageDirectory + 0x1000) | bits)
        for page in 0..<1024 { setPage(UInt32(page), UInt32(page) << 12 | bits) }
        registers.cr3 = Layout.pageDirectory
        registers.cr0 |= 0x8001_0000
    }

    /// Writes a page table entry of the first 4 MiB.
    func setPage(_ page: UInt32, _ entry: UInt32) { writePhysical32(Layout.pageDirectory + 0x1000 + page * 4, entry) }
}
