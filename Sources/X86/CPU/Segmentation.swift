// SPDX-License-Identifier: GPL-3.0-or-later

/// A segment or gate descriptor as it lies in the GDT, LDT or IDT (SDM vol. 3, 3.4.5 and 6.11).
struct Descriptor {
    var low: UInt32
    var high: UInt32

    var base: UInt32 { low >> 16 | (high & 0xFF) << 16 | high & 0xFF00_0000 }
    var limit: UInt32 {
        let raw = low & 0xFFFF | high & 0xF_0000
        return high & 0x80_0000 != 0 ? raw << 12 | 0xFFF : raw
    }
    var attributes: UInt16 { UInt16(truncatingIfNeeded: high >> 8) & 0xF0FF }
    /// S and type together: bits 0-4 of the access byte.
    var kind: UInt32 { high >> 8 & 0x1F }
    var dpl: UInt8 { UInt8(high >> 13 & 3) }
    var isPresent: Bool { high & 0x8000 != 0 }
    var isCode: Bool { kind & 0x18 == 0x18 }
    var isData: Bool { kind & 0x18 == 0x10 }
    var isConforming: Bool { kind & 0x1C == 0x1C }
    var isWritableData: Bool { kind & 0x1A == 0x12 }
    var isReadable: Bool { isData || kind & 0x1A == 0x1A }

    /// Gate fields.
    var gateSelector: UInt16 { UInt16(low >> 16) }
    var gateOffset32: UInt32 { low & 0xFFFF | high & 0xFFFF_0000 }
    var gateOffset16: UInt32 { low & 0xFFFF }

    /// The segment register that loading the descriptor gives.
    func segment(_ selector: UInt16) -> Segment { Segment(selector: selector, base: base, limit: limit, attributes: attributes) }
}

extension CPU {
    /// Installs a segment register and recomputes what depends on it.
    mutating func setSegment(_ number: Int, _ segment: Segment) {
        let cache = segments + number
        cache.pointee.segment = segment
        cache.pointee.readLimit = 0
        cache.pointee.writeLimit = 0
        let expandDown = segment.attributes & 0x1C == 0x14
        if segment.isPresent, segment.attributes & 0x10 != 0, !expandDown {
            let end = segment.limit == ~0 ? UInt64(1) << 33 : UInt64(segment.limit) + 1
            if !segment.isCode || segment.attributes & 2 != 0 { cache.pointee.readLimit = end }
            if !segment.isCode, segment.attributes & 2 != 0 { cache.pointee.writeLimit = end }
        }
        codeContext = 0
        if number == SegmentNumber.cs {
            csBase = segment.base
        } else if number == SegmentNumber.ss {
            stackMask = segment.isBig ? ~0 : 0xFFFF
        }
    }

    /// Visible part of a segment register.
    func selector(_ number: Int) -> UInt16 { segments[number].segment.selector }

    /// Changes the privilege level.
    mutating func setCPL(_ level: UInt8) {
        cpl = level
        selectTLB()
        codeContext = 0
    }

    /// Alignment is checked at CPL 3 under CR0.AM and EFLAGS.AC (SDM vol. 3, 6.15, interrupt 17).
    var checksAlignment: Bool { cpl == 3 && cr0 & 0x4_0000 != 0 && systemFlags & EFlags.ac != 0 }

    /// Chooses the TLB after a change of CPL, CR0 or EFLAGS.
    mutating func selectTLB() { tlb = checksAlignment ? tlbNone : cpl == 3 ? tlbUser : tlbSupervisor }

    /// Linear address of a selector's descriptor; nil when its index is beyond the table.
    mutating func descriptorAddress(_ selector: UInt16) -> UInt32? {
        let index = UInt32(selector & 0xFFF8)
        if selector & 4 != 0 {
            let table = segments[SegmentNumber.ldtr].segment
            return table.isPresent && index + 7 <= table.limit ? table.base &+ index : nil
        }
        return index + 7 <= UInt32(gdtr.limit) ? gdtr.base &+ index : nil
    }

    /// Reads a selector's descriptor; throws `fault` when its index is beyond the table.
    mutating func descriptor(_ selector: UInt16, or fault: Fault) throws(Fault) -> Descriptor {
        guard let address = descriptorAddress(selector) else { throw fault }
        let low = try systemLoad(address, UInt32.self)
        return Descriptor(low: low, high: try systemLoad(address &+ 4, UInt32.self))
    }

    /// Sets the accessed bit of a code or data segment's descriptor in memory and in `descriptor`.
    mutating func markAccessed(_ selector: UInt16, _ descriptor: inout Descriptor) throws(Fault) {
        guard descriptor.high & 0x100 == 0 else { return }
        descriptor.high |= 0x100
        guard let address = descriptorAddress(selector) else { return }
        try systemStore(address &+ 5, UInt8(truncatingIfNeeded: descriptor.high >> 8))
    }

    /// MOV, POP and LxS to a segment register other than CS (SDM vol. 2, MOV).
    mutating func loadSegment(_ number: Int, _ selector: UInt16) throws(Fault) {
        if !isProtected || isVirtual8086 {
            setSegment(number, realSegment(selector, number))
            return
        }
        if number == SegmentNumber.ss {
            setSegment(number, try stackSegment(selector, cpl: cpl, fault: Fault.protection(selector:)))
            return
        }
        guard selector & 0xFFFC != 0 else {
            setSegment(number, Segment(selector: selector, base: 0, limit: 0, attributes: 0))
            return
        }
        var found = try descriptor(selector, or: .protection(selector: selector))
        guard found.isReadable else { throw .protection(selector: selector) }
        if !found.isConforming, max(cpl, UInt8(selector & 3)) > found.dpl { throw .protection(selector: selector) }
        guard found.isPresent else { throw .notPresent(selector) }
        try markAccessed(selector, &found)
        setSegment(number, found.segment(selector))
    }

    /// A segment register in real-address or virtual-8086 mode. Real mode keeps limit and attributes, so that "unreal" segments stay.
    func realSegment(_ selector: UInt16, _ number: Int) -> Segment {
        var segment = segments[number].segment
        segment.selector = selector
        segment.base = UInt32(selector) << 4
        if isVirtual8086 {
            segment.limit = 0xFFFF
            segment.attributes = 0xF3
        } else {
            segment.attributes = segment.attributes & 0xF000 | 0x93
            if segment.limit == 0 { segment.limit = 0xFFFF }
        }
        return segment
    }

    /// Checks a new SS for a privilege level and answers the loaded register; `fault` makes the exception for a bad selector.
    mutating func stackSegment(_ selector: UInt16, cpl level: UInt8, fault: (UInt16) -> Fault) throws(Fault) -> Segment {
        guard selector & 0xFFFC != 0 else { throw fault(0) }
        var found = try descriptor(selector, or: fault(selector))
        guard UInt8(selector & 3) == level, found.dpl == level, found.isWritableData else { throw fault(selector) }
        guard found.isPresent else { throw .stack(selector: selector) }
        try markAccessed(selector, &found)
        return found.segment(selector)
    }
}
