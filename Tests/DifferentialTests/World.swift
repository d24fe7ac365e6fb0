// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

/// A mode of the processor in which cases run: how both machines are set up, and where things lie in their memory.
struct World: Sendable {
    let name: String
    var isReal = false
    /// 16-bit code and stack segments with bases; else flat 32-bit ones.
    var isSmall = false
    var isPaging = false
    var isUser = false
    /// CR0.WP.
    var protectsSupervisor = false

    static let all: [World] = [
        World(name: "real", isReal: true, isSmall: true),
        World(name: "flat"),
        World(name: "small", isSmall: true),
        World(name: "paged-user", isPaging: true, isUser: true),
        World(name: "paged-supervisor", isPaging: true),
        World(name: "paged-wp", isPaging: true, protectsSupervisor: true),
        World(name: "paged-small-user", isSmall: true, isPaging: true, isUser: true),
        World(name: "paged-small-wp", isSmall: true, isPaging: true, protectsSupervisor: true),
    ]

    /// Where things lie; linear addresses are physical ones below `memorySize`.
    static let memorySize = 0x4_0000
    static let codeStart: UInt32 = 0x1_0000
    static let codeEnd: UInt32 = 0x1_F000
    static let dataBase: UInt32 = 0x2_0000
    static let gdt: UInt32 = 0x3_8000
    static let ldt: UInt32 = 0x3_8800
    static let tss: UInt32 = 0x3_8A00
    static let tss32: UInt32 = 0x3_8B00
    /// Where nothing ever runs, readable for all: Unicorn has to be given some address to stop at, and looks at its page.
    static let nowhere: UInt32 = 0xF800
    static let pageDirectory: UInt32 = 0x3_9000
    static let pageTable: UInt32 = 0x3_A000
    static let boot: UInt32 = 0x3_B000
    static let innerStack: UInt32 = 0x3_7800

    /// Linear address of CS:0.
    var codeBase: UInt32 { isSmall ? Self.codeStart : 0 }
    /// Linear address of DS:0 and SS:0.
    var segmentBase: UInt32 { isSmall ? Self.dataBase : 0 }

    // MARK: Descriptors

    /// The GDT: flat and small segments of rings 0 and 3 first, then one of each kind that a load must refuse, or mark accessed.
    static let descriptors: [(base: UInt32, limit: UInt32, access: UInt32, flags: UInt32)] = [
        (0, 0, 0, 0),
        (0, 0xFFFFF, 0x9B, 0xC), (0, 0xFFFFF, 0x93, 0xC), (0, 0xFFFFF, 0xFB, 0xC), (0, 0xFFFFF, 0xF3, 0xC),
        (codeStart, 0xFFFFF, 0x9B, 8), (dataBase, 0xFFFFF, 0x93, 8), (codeStart, 0xFFFFF, 0xFB, 8), (dataBase, 0xFFFFF, 0xF3, 8),
        (tss, 0x67, 0x8B, 0), (ldt, 0x3F, 0x82, 0),
        (0, 0xFFFFF, 0xF8, 0xC), (0, 0xFFFFF, 0x72, 0xC), (0, 0xFFFFF, 0x9E, 0xC), (0, 0xFFFFF, 0xF1, 0xC),
        (0, 0xFFFFF, 0x92, 0xC), (dataBase, 0xFFFFF, 0xF2, 0xC), (0, 0xFFFFF, 0xFE, 0xC), (0, 0xFFFFF, 0xB2, 0xC),
        (0, 0xFFFFF, 0x9A, 0xC), (0, 0xFFFFF, 0xFA, 0xC), (tss, 0x2B, 0x83, 0), (tss32, 0x67, 0x89, 0),
        (0x8, 0x1_2000, 0x8C, 0), (0x8, 0x1_2000, 0xEE, 0), (0, 0xFFFFF, 0x12, 0xC), (0, 0xFFFFF, 0xD3, 0xC),
    ]

    static func segment(_ selector: UInt16) -> Segment {
        let d = descriptors[Int(selector >> 3)]
        let limit = d.flags & 8 != 0 ? d.limit << 12 | 0xFFF : d.limit
        return Segment(selector: selector, base: d.base, limit: limit, attributes: UInt16(d.access | d.flags << 12))
    }

    var codeSelector: UInt16 { isReal ? 0x1000 : (isSmall ? (isUser ? 0x3B : 0x28) : (isUser ? 0x1B : 0x08)) }
    var dataSelector: UInt16 { isReal ? 0x2000 : (isSmall ? (isUser ? 0x43 : 0x30) : (isUser ? 0x23 : 0x10)) }

    // MARK: Memory

    /// What RAM holds before each case.
    func pristine() -> [UInt8] {
        var bytes = (0..<Self.memorySize).map { UInt8(UInt32(truncatingIfNeeded: $0 &* 0x9E37_79B1) >> 24) }
        func put32(_ address: UInt32, _ value: UInt32) {
            for k in 0..<4 { bytes[Int(address) + k] = UInt8(truncatingIfNeeded: value >> UInt32(8 * k)) }
        }
        guard !isReal else { return bytes }
        for address in stride(from: Self.gdt, to: Self.boot + 0x1000, by: 4) { put32(address, 0) }
        for (n, d) in Self.descriptors.enumerated() {
            put32(Self.gdt + UInt32(n) * 8, d.limit & 0xFFFF | d.base << 16)
            put32(
                Self.gdt + UInt32(n) * 8 + 4,
                d.base >> 16 & 0xFF | d.access << 8 | d.limit & 0xF_0000 | d.flags << 20 | d.base & 0xFF00_0000)
        }
        for (n, kind) in [3, 4, 15, 16].enumerated() {
            for k in 0..<8 { bytes[Int(Self.ldt) + n * 8 + k] = bytes[Int(Self.gdt) + kind * 8 + k] }
        }
        put32(Self.tss + 4, Self.innerStack)
        put32(Self.tss + 8, 0x10)
        fillTask(put32)
        put32(Self.pageDirectory, Self.pageTable | 7)
        // A 4 MiB page that shows all of RAM again, and a read-only one for supervisors.
        put32(Self.pageDirectory + 4, 0x87)
        put32(Self.pageDirectory + 8, 0x81)
        for page in 0..<1024 { put32(Self.pageTable + UInt32(page) * 4, Self.entry(page)) }
        return bytes
    }

    /// A task to switch to, at ring 3. 286 tasks are left to the guest `tasks`: Unicorn looks for their segments in the wrong place.
    private func fillTask(_ put32: (UInt32, UInt32) -> Void) {
        let selectors: [UInt32] = [0x23, 0x1B, 0x23, 0x23, 0, 0x43]
        put32(Self.tss32 + 4, Self.innerStack)
        put32(Self.tss32 + 8, 0x10)
        put32(Self.tss32 + 0x1C, Self.pageDirectory)
        put32(Self.tss32 + 0x20, 0x1_2345)
        put32(Self.tss32 + 0x24, 0x893)
        for n in 0..<8 { put32(Self.tss32 + 0x28 + UInt32(n) * 4, UInt32(n + 1) &* 0x1111_1111) }
        for n in 0..<6 { put32(Self.tss32 + 0x48 + UInt32(n) * 4, selectors[n]) }
        put32(Self.tss32 + 0x60, 0x50)
    }

    /// Page table entries: data pages mostly writable by all, some with each kind of restriction; above RAM, aliases of data pages.
    private static func entry(_ page: Int) -> UInt32 {
        let frame = UInt32(page) << 12
        switch page {
        case 0x0F: return frame | 0x25
        case 0x10..<0x1F: return frame | 5
        case 0x1F: return frame | 4
        case 0x38: return frame | 3
        case 0x39, 0x3A: return 0
        case 0x3B: return frame | 3
        case 0..<0x38:
            let rights: [UInt32] = [7, 7, 7, 5, 7, 7, 3, 7, 7, 6, 7, 7, 1, 7, 7, 0x67]
            return frame | rights[page * 7 & 15]
        case 0x40..<0x80:
            let rights: [UInt32] = [7, 7, 5, 7, 3, 7, 6, 7]
            return UInt32(0x20 | page & 0x17) << 12 | rights[page * 5 & 7]
        default: return 0
        }
    }

    // MARK: The two machines

    /// Our machine with this mode's registers; general registers are the case's.
    func machine() -> Machine {
        let machine = Machine(memoryBytes: Self.memorySize)
        machine.writePhysical(0, pristine())
        var r = Registers.reset
        r.idtr = DescriptorTable(base: 0, limit: 0)
        if isReal {
            let data = Segment(selector: 0x2000, base: 0x2_0000, limit: ~0, attributes: 0x8093)
            (r.ds, r.es, r.ss, r.fs, r.gs) = (data, data, data, data, data)
            r.cs = Segment(selector: 0x1000, base: 0x1_0000, limit: ~0, attributes: 0x809B)
            r.cr0 = 0x10
        } else {
            let data = Self.segment(dataSelector)
            (r.ds, r.es, r.ss, r.fs, r.gs) = (data, data, data, data, data)
            r.cs = Self.segment(codeSelector)
            r.ldtr = Self.segment(0x50)
            r.tr = Self.segment(0x48)
            r.gdtr = DescriptorTable(base: Self.gdt, limit: UInt16(Self.descriptors.count * 8 - 1))
            r.cr0 = 0x11 | (isPaging ? 0x8000_0000 : 0) | (protectsSupervisor ? 0x1_0000 : 0)
            r.cr3 = isPaging ? Self.pageDirectory : 0
            r.cr4 = isPaging ? 0x10 : 0
        }
        machine.registers = r
        return machine
    }

    /// Unicorn in the same state; nil when it cannot be used. Segments are loaded by a little program, which ends with IRET.
    func unicorn(library: String) -> Unicorn? {
        guard let unicorn = Unicorn(library: library, real: isReal, size: Self.memorySize) else { return nil }
        pristine().withUnsafeBytes { unicorn.memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        if isReal {
            for register in Unicorn.Register.segments { unicorn[register] = register == .cs ? 0x1000 : 0x2000 }
            unicorn[.cr0] = 0x10
            unicorn.save()
            return unicorn
        }
        unicorn.setTable(.gdtr, base: Self.gdt, limit: UInt32(Self.descriptors.count * 8 - 1))
        unicorn.setTable(.ldtr, selector: 0x50, base: Self.ldt, limit: 0x3F, flags: 0x8200)
        unicorn.setTable(.tr, selector: 0x48, base: Self.tss, limit: 0x67, flags: 0x8B00)
        if isPaging {
            unicorn[.cr4] = 0x10
            unicorn[.cr3] = Self.pageDirectory
        }
        unicorn[.cr0] = 0x11 | (isPaging ? 0x8000_0000 : 0) | (protectsSupervisor ? 0x1_0000 : 0)
        bootSegments(unicorn)
        pristine().withUnsafeBytes { unicorn.memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        unicorn[.cr2] = 0
        unicorn.save()
        return unicorn
    }

    private func bootSegments(_ unicorn: Unicorn) {
        let data = UInt8(dataSelector)
        // mov eax, data; mov ds, ax; ...; at ring 0 mov ss, ax; iretd
        var code: [UInt8] = [0xB8, data, 0, 0, 0, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xE0, 0x8E, 0xE8]
        code += isUser ? [0xCF] : [0x8E, 0xD0, 0xCF]
        let stack: UInt32 = Self.dataBase + 0x800
        for (n, byte) in code.enumerated() { unicorn.memory.storeBytes(of: byte, toByteOffset: Int(Self.boot) + n, as: UInt8.self) }
        let frame = [Self.codeStart - codeBase, UInt32(codeSelector), 2, 0x1000, UInt32(dataSelector)]
        unicorn[.ss] = 0x10
        unicorn[.esp] = stack
        for (n, value) in frame.enumerated() { unicorn.memory.storeBytes(of: value, toByteOffset: Int(stack) + n * 4, as: UInt32.self) }
        if isSmall, !isUser {
            // SS is small by the time of IRETD.
            unicorn[.esp] = stack - Self.dataBase
        }
        let end = unicorn.run(from: Self.boot, window: Self.boot..<Self.boot + 0x100, until: Self.nowhere)
        precondition(end == .done && unicorn[.cs] == UInt32(codeSelector) && unicorn[.ss] == UInt32(dataSelector), "\(name): \(end)")
    }
}
