// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Runs at least one instruction, then on until `count` reaches `deadline` (which faults and other events set to 0).
    mutating func loop() {
        withUnsafeMutablePointer(to: &self) { this in
            let raw = UnsafeMutableRawPointer(this)
            repeat {
                let eip = this.pointee.eip
                let linear = this.pointee.csBase &+ eip
                this.pointee.currentEIP = eip
                var record = this.pointee.codeRecords + Int(linear & 0xFFF)
                if _slowPath(linear & 0xFFFF_F000 != this.pointee.codePage || record.pointee.handler == nil) {
                    guard let found = this.pointee.fetch(linear) else { return }
                    record = found
                }
                this.pointee.count &+= 1
                this.pointee.eip = eip &+ UInt32(record.pointee.length)
                record.pointee.handler.unsafelyUnwrapped(raw, UnsafeRawPointer(record))
            } while this.pointee.count < this.pointee.deadline
        }
    }

    /// The record at a linear address, decoding it when needed. Nil after raising a fault or noting a code stop.
    @inline(never) mutating func fetch(_ linear: UInt32) -> UnsafeMutablePointer<Instruction>? {
        if linear & 0xFFFF_F000 != codePage {
            guard enterPage(linear) else { return hasFault ? nil : fetchUncached(linear) }
        }
        let offset = Int(linear & 0xFFF)
        let record = codeRecords + offset
        if record.pointee.handler != nil { return record }
        let bytes = UnsafePointer(codeBytes.assumingMemoryBound(to: UInt8.self))
        switch Decoder.decode(bytes + offset, available: min(15, 4096 - offset), big: codeIsBig, into: record) {
        case .ok: break
        case .needMore: return fetchUncached(linear)
        case .tooLong:
            raiseAtFetch(.protection(0))
            return nil
        }
        if hasCodeStop(linear) { record.pointee.handler = Self.codeStopHandler }
        return record
    }

    private mutating func raiseAtFetch(_ fault: Fault) {
        raise(fault)
        count &+= 1
    }

    /// What a cached code page depends on beside its address: privilege and code size.
    private var codeKey: UInt32 { 4 | (cpl == 3 ? 1 : 0) | (segments[SegmentNumber.cs].segment.isBig ? 2 : 0) }

    /// Makes the page of a linear address the current code page. False when its instructions cannot be cached, or after a fault.
    private mutating func enterPage(_ linear: UInt32) -> Bool {
        let page = linear & 0xFFFF_F000
        let cs = segments[SegmentNumber.cs].segment
        if cs.limit != ~0 || cs.base != 0 {
            let start = page &- cs.base
            guard start <= cs.limit, cs.limit - start >= 0xFFF else { return false }
        }
        codeIsBig = cs.isBig
        let entry = codeTLB + (Int(page >> 12) & (CodeTLBEntry.count - 1))
        if entry.pointee.tag == page | codeKey {
            codeRecords = entry.pointee.records
            codeBytes = entry.pointee.bytes
            codePage = page
            return true
        }
        guard let physical = translate(linear, write: false, user: cpl == 3) else {
            count &+= 1
            return false
        }
        let frame = physical & 0xFFFF_F000
        guard memory.contains(frame, 4096) else { return false }
        codeBytes = memory.base + Int(frame)
        codeRecords = records(Int(frame >> 12))
        codePage = page
        // Another mapping of the page may have decoded without the stop, so pages with stops come here every time.
        if machine.hasCodeStops(in: page) {
            let stop = unsafeBitCast(Self.codeStopHandler, to: UInt.self)
            for address in machine.codeStopPages[page] ?? [] {
                let record = codeRecords + Int(address & 0xFFF)
                if let handler = record.pointee.handler, unsafeBitCast(handler, to: UInt.self) != stop { record.pointee.handler = nil }
            }
        } else {
            entry.pointee = CodeTLBEntry(tag: page | codeKey, records: codeRecords, bytes: codeBytes)
        }
        return true
    }

    /// The decoded records of a physical page, which from now on is watched for writes.
    private mutating func records(_ number: Int) -> UnsafeMutablePointer<Instruction> {
        let table = codeIsBig ? memory.code32 : memory.code16
        if let records = table[number] { return records }
        if codePageCount >= Self.maximumCodePages {
            memory.dropCode()
            flushCodeTLB()
            codePageCount = 0
        }
        codePageCount += 1
        let records = UnsafeMutablePointer<Instruction>.allocate(capacity: 4096)
        records.initialize(repeating: .empty, count: 4096)
        table[number] = records
        dropWriteTags(host: codeBytes)
        return records
    }

    /// Decodes at a page boundary, at a segment's end or outside RAM, into the scratch slot.
    private mutating func fetchUncached(_ linear: UInt32) -> UnsafeMutablePointer<Instruction>? {
        let cs = segments[SegmentNumber.cs].segment
        guard eip <= cs.limit else {
            raiseAtFetch(.protection(0))
            return nil
        }
        let limit = Int(min(14, cs.limit - eip)) + 1
        let inPage = min(limit, 4096 - Int(linear & 0xFFF))
        guard fill(linear, at: 0, count: inPage) else { return nil }
        var result = Decoder.decode(fetchBuffer, available: inPage, big: cs.isBig, into: scratch)
        if result == .needMore, inPage < limit {
            guard fill(linear &+ UInt32(inPage), at: inPage, count: limit - inPage) else { return nil }
            result = Decoder.decode(fetchBuffer, available: limit, big: cs.isBig, into: scratch)
        }
        guard result == .ok else {
            raiseAtFetch(.protection(0))
            return nil
        }
        if hasCodeStop(linear), !isPassingStop {
            noteCodeStop()
            return nil
        }
        return scratch
    }

    /// Copies code bytes of one page to the fetch buffer. False after a page fault.
    private mutating func fill(_ linear: UInt32, at position: Int, count bytes: Int) -> Bool {
        guard let physical = translate(linear, write: false, user: cpl == 3) else {
            count &+= 1
            return false
        }
        for i in 0..<bytes { fetchBuffer[position + i] = memory.read(physical &+ UInt32(i), UInt8.self) }
        return true
    }

    // MARK: Code stops of the host

    private func hasCodeStop(_ linear: UInt32) -> Bool { machine.hasCodeStop(linear) }

    private mutating func noteCodeStop() {
        pendingStop = .code
        deadline = 0
    }

    /// Sits in the record of an instruction with a code stop.
    static var codeStopHandler: Handler {
        { cpu, _ in cpu.cpu.reachCodeStop() }
    }

    /// Stops, or executes the instruction when the stop is being passed or belongs to another linear address.
    @inline(never) private mutating func reachCodeStop() {
        eip = currentEIP
        count &-= 1
        let linear = csBase &+ eip
        if hasCodeStop(linear), !isPassingStop { return noteCodeStop() }
        isPassingStop = true
        let record = fetchUncached(linear)
        isPassingStop = false
        guard let record, let handler = record.pointee.handler else { return }
        count &+= 1
        eip = eip &+ UInt32(record.pointee.length)
        withUnsafeMutablePointer(to: &self) { handler(UnsafeMutableRawPointer($0), UnsafeRawPointer(record)) }
    }

    /// The owner.
    var machine: Machine {
        @inline(__always) get { Unmanaged<Machine>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue() }
    }
}
