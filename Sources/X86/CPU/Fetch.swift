// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// The slot of a linear address in `jumps`.
    @inline(__always) static func jumpIndex(_ linear: UInt32) -> Int { Int((linear ^ linear >> 12) & UInt32(JumpEntry.count - 1)) }

    /// Runs at least one instruction, then on until `count` reaches `deadline` (which faults and other events set to 0), never past it.
    mutating func loop() {
        withUnsafeMutablePointer(to: &self) { this in
            let raw = UnsafeMutableRawPointer(this)
            raw.cpu.pendingLink = nil
            repeat {
                if raw.cpu.codeContext == 0 { raw.cpu.refreshContext() }
                let linear = raw.cpu.csBase &+ raw.cpu.eip
                if raw.cpu.cursorContext == raw.cpu.codeContext, raw.cpu.cursorLinear == linear, raw.cpu.deadline <= raw.cpu.count &+ 1 {
                    raw.cpu.stepFromCursor()
                    continue
                }
                let entry = raw.cpu.jumps + Self.jumpIndex(linear)
                let block: UnsafeMutablePointer<Block>
                if entry.pointee.tag == UInt64(raw.cpu.codeContext) << 32 | UInt64(linear) {
                    block = entry.pointee.block.unsafelyUnwrapped
                } else {
                    guard let found = raw.cpu.findBlock(linear) else {
                        // What follows the instruction is not where the link leads.
                        raw.cpu.pendingLink = nil
                        guard raw.cpu.executeUncached(linear) else { return }
                        continue
                    }
                    block = found
                }
                if let link = raw.cpu.pendingLink {
                    link.pointee = Link(block: block, context: raw.cpu.codeContext)
                    raw.cpu.pendingLink = nil
                }
                let count = raw.cpu.count &+ block.pointee.count
                if count <= raw.cpu.deadline {
                    raw.cpu.count = count
                    let first = UnsafeRawPointer(block) + Block.headerSize
                    first.op.pointee.run(raw, first)
                } else {
                    raw.cpu.cursor = (UnsafeMutableRawPointer(block) + Block.headerSize).assumingMemoryBound(to: Instruction.self)
                    raw.cpu.stepFromCursor()
                }
            } while raw.cpu.count < raw.cpu.deadline
        }
    }

    /// Works out `codeContext`: what blocks that follow may take for granted. Flat: CS, DS and SS cover everything, so that fast forms need no segment.
    @inline(never) mutating func refreshContext() {
        let cs = segments[SegmentNumber.cs].segment
        let isFlat = cs.base == 0 && cs.limit == ~0 && cs.isBig && stackMask == ~0 && isFlat(SegmentNumber.ds) && isFlat(SegmentNumber.ss)
        codeMode = (cpl == 3 ? 1 : 0) | (cs.isBig ? 2 : 0) | (isFlat ? 4 : 0)
        var wanted = CodeContext(base: cs.base, limit: cs.limit, mode: codeMode, generation: code.pointee.generation, number: 0)
        let slot = contexts + wanted.slot
        if slot.pointee.isSame(as: wanted) {
            codeContext = slot.pointee.number
            return
        }
        if lastContext == CodeContext.maximum {
            clearCode()
            wanted.generation = code.pointee.generation
            for i in 0..<JumpEntry.count { jumps[i].tag = 0 }
            for i in 0..<CodeContext.count { contexts[i].number = 0 }
            lastContext = 0
        }
        lastContext += 1
        wanted.number = lastContext
        slot.pointee = wanted
        codeContext = lastContext
    }

    private func isFlat(_ number: Int) -> Bool {
        let cache = segments[number]
        return cache.segment.base == 0 && cache.readLimit == UInt64(1) << 33 && cache.writeLimit == UInt64(1) << 33
    }

    /// Throws all decoded code away. Only between instructions.
    mutating func clearCode() {
        code.pointee.clear()
        pendingLink = nil
        cursorContext = 0
    }

    /// Executes the instruction at `cursor`, which is that at EIP, by its handler alone, and those behind it until the deadline.
    private mutating func stepFromCursor() {
        withUnsafeMutablePointer(to: &self) { this in
            let raw = UnsafeMutableRawPointer(this)
            var record = raw.cpu.cursor.unsafelyUnwrapped
            while true {
                if record.pointee.flags.contains(.stop), !raw.cpu.isPassingStop { return raw.cpu.noteCodeStop() }
                let eip = raw.cpu.eip
                let next = eip &+ UInt32(record.pointee.length)
                raw.cpu.currentEIP = eip
                raw.cpu.count &+= 1
                raw.cpu.eip = next
                record.pointee.handler(raw, UnsafeRawPointer(record))
                guard raw.cpu.eip == next, raw.cpu.codeContext != 0, record.pointee.remaining > 0 else {
                    raw.cpu.cursorContext = 0
                    return
                }
                record += record.pointee.flags.contains(.links) ? 2 : 1
                guard raw.cpu.count < raw.cpu.deadline else { break }
            }
            raw.cpu.cursor = record
            raw.cpu.cursorLinear = raw.cpu.csBase &+ raw.cpu.eip
            raw.cpu.cursorContext = raw.cpu.codeContext
        }
    }

    mutating func raiseAtFetch(_ fault: Fault) {
        raise(fault)
        count &+= 1
    }

    /// Executes an instruction that no block can hold: at a segment's end or outside RAM. False after raising a fault or noting a code stop.
    private mutating func executeUncached(_ linear: UInt32) -> Bool {
        if hasFault { return false }
        guard let record = fetchUncached(linear) else { return false }
        currentEIP = eip
        count &+= 1
        eip = eip &+ UInt32(record.pointee.length)
        withUnsafeMutablePointer(to: &self) { record.pointee.handler(UnsafeMutableRawPointer($0), UnsafeRawPointer(record)) }
        return true
    }

    /// Decodes into the scratch slot.
    private mutating func fetchUncached(_ linear: UInt32) -> UnsafeMutablePointer<Instruction>? {
        let cs = segments[SegmentNumber.cs].segment
        guard eip <= cs.limit else {
            currentEIP = eip
            raiseAtFetch(.protection(0))
            return nil
        }
        currentEIP = eip
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
        if machine.hasCodeStop(linear), !isPassingStop {
            noteCodeStop()
            return nil
        }
        return scratch
    }

    /// Copies code bytes of one page to the fetch buffer. False after a page fault.
    func fillBytes(_ physical: UInt32, at position: Int, count bytes: Int) {
        for i in 0..<bytes { fetchBuffer[position + i] = memory.read(physical &+ UInt32(i), UInt8.self) }
    }

    private mutating func fill(_ linear: UInt32, at position: Int, count bytes: Int) -> Bool {
        guard let frame = codeFrame(linear) else { return false }
        fillBytes(frame | linear & 0xFFF, at: position, count: bytes)
        return true
    }

    // MARK: Code stops of the host

    mutating func noteCodeStop() {
        pendingStop = .code
        deadline = 0
    }

    /// The owner.
    var machine: Machine {
        @inline(__always) get { Unmanaged<Machine>.fromOpaque(owner.unsafelyUnwrapped).takeUnretainedValue() }
    }
}
