// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// The block at a linear address under the current context, built when there is none. Nil when no block can begin there, after raising a fault or not.
    @inline(never) mutating func findBlock(_ linear: UInt32) -> UnsafeMutablePointer<Block>? {
        currentEIP = eip
        let cs = segments[SegmentNumber.cs].segment
        guard let physical = codeFrame(linear) else { return nil }
        guard memory.contains(physical, 4096) else { return nil }
        if cs.limit != ~0 || cs.base != 0 {
            let start = (linear & 0xFFFF_F000) &- cs.base
            guard start <= cs.limit, cs.limit - start >= 0xFFF else { return nil }
        }
        let frame = physical >> 12
        let mode = codeMode & Block.modeMask
        if let block = code.pointee.find(linear, frame: frame, mode: mode) {
            if block.pointee.secondFrame == Block.none {
                if isCurrent(block) { return entered(block) }
            } else {
                guard reachesNextPage(linear), let second = codeFrame((linear & 0xFFFF_F000) &+ 0x1000) else { return nil }
                if block.pointee.secondFrame == second >> 12, isCurrent(block) { return entered(block) }
            }
            // Nobody runs it now, and every link to it is older than the change that made it wrong.
            code.pointee.remove(block)
            code.pointee.renew()
            refreshContext()
        }
        if code.pointee.used + CodeCache.blockSize > CodeCache.size {
            clearCode()
            refreshContext()
        }
        return build(linear, frame: frame, mode: mode).map { entered($0) }
    }

    /// Whether CS covers the page behind that of a linear address too; the last page has none behind it.
    private func reachesNextPage(_ linear: UInt32) -> Bool {
        let cs = segments[SegmentNumber.cs].segment
        let page = linear & 0xFFFF_F000
        let start = page &- cs.base
        return page != 0xFFFF_F000 && start <= cs.limit && cs.limit - start >= 0x1FFF
    }

    private mutating func entered(_ block: UnsafeMutablePointer<Block>) -> UnsafeMutablePointer<Block> {
        let linear = block.pointee.linear
        jumps[Self.jumpIndex(linear)] = JumpEntry(tag: UInt64(codeContext) << 32 | UInt64(linear), block: block)
        return block
    }

    /// Whether the code stops in the block's page are still those it was built with.
    private func isCurrent(_ block: UnsafeMutablePointer<Block>) -> Bool {
        let now = code.pointee.stopEpoch
        if block.pointee.stopEpoch == now { return true }
        guard machine.codeStopsChanged(in: block.pointee.linear & 0xFFFF_F000, since: block.pointee.stopEpoch) else {
            block.pointee.stopEpoch = now
            return true
        }
        return false
    }

    private mutating func build(_ linear: UInt32, frame: UInt32, mode: UInt32) -> UnsafeMutablePointer<Block>? {
        let memoryStart = code.pointee.arena + code.pointee.used
        let block = memoryStart.bindMemory(to: Block.self, capacity: 1)
        let first = (memoryStart + Block.headerSize).bindMemory(to: Instruction.self, capacity: 1)
        let bytes = UnsafePointer((memory.base + Int(frame) << 12).assumingMemoryBound(to: UInt8.self))
        let start = Int(linear & 0xFFF)
        let isBig = mode & 2 != 0
        let hasStops = machine.hasCodeStops(in: linear & 0xFFFF_F000)
        var builder = BlockBuilder(first: first, positions: blockPositions, isFlat: mode & 4 != 0)
        var position = start
        var secondFrame = Block.none
        while builder.count < Block.maximumCount, position < 4096 {
            let address = linear &+ UInt32(position - start)
            let isStop = hasStops && machine.hasCodeStop(address)
            if isStop, builder.count > 0 { break }
            let record = builder.slot
            var result = Decoder.decode(bytes + position, available: min(15, 4096 - position), big: isBig, into: record)
            if result != .ok {
                if builder.count > 0 { break }
                // Only a block's first instruction may straddle: the block is it alone.
                if result == .needMore {
                    guard reachesNextPage(linear), let second = codeFrame((linear & 0xFFFF_F000) &+ 0x1000) else { return nil }
                    guard memory.contains(second, 4096), second >> 12 != frame else { return nil }
                    secondFrame = second >> 12
                    let inPage = 4096 - position
                    fillBytes(frame << 12 | UInt32(position), at: 0, count: inPage)
                    fillBytes(second, at: inPage, count: 15 - inPage)
                    result = Decoder.decode(fetchBuffer, available: 15, big: isBig, into: record)
                }
                guard result == .ok else {
                    raiseAtFetch(.protection(0))
                    return nil
                }
            }
            record.pointee.linear = address
            position += Int(record.pointee.length)
            if isStop { record.pointee.flags.insert(.stop) }
            builder.accept()
            if builder.isFinished || secondFrame != Block.none { break }
        }
        let bytesUsed = builder.finish(next: linear &+ UInt32(position - start))
        block.initialize(
            to: Block(
                count: UInt64(builder.count), linear: linear, frame: frame, secondFrame: secondFrame, mode: mode, start: UInt16(start),
                end: UInt16(position), stopEpoch: code.pointee.stopEpoch, nextInBucket: nil, nextInFrame: nil, nextInSecond: nil))
        code.pointee.used += Block.headerSize + bytesUsed
        let page = code.pointee.pages + Int(frame)
        let before = page.pointee.chunks
        code.pointee.insert(block)
        if page.pointee.isOpen, page.pointee.chunks != before { closeWrites(frame: frame) }
        if secondFrame != Block.none, code.pointee.pages[Int(secondFrame)].isOpen { closeWrites(frame: secondFrame) }
        return block
    }

    /// Physical address of the page that a linear address is fetched from. Nil after raising #PF, which counts as an instruction.
    ///
    /// Translations stay until the guest flushes them, so that the moment at which a changed page table takes effect does not depend on which blocks happen to be known.
    mutating func codeFrame(_ linear: UInt32) -> UInt32? {
        let tag = linear & 0xFFFF_F000 | (cpl == 3 ? 1 : 0)
        var slot = Int((linear >> 12 ^ linear >> 22) & UInt32(CodeTLBEntry.count - 1))
        while codeTLB[slot].generation == codeTLBGeneration {
            if codeTLB[slot].tag == tag { return codeTLB[slot].physical }
            slot = (slot + 1) & (CodeTLBEntry.count - 1)
        }
        guard let physical = translate(linear, write: false, user: cpl == 3) else {
            count &+= 1
            return nil
        }
        if codeTLBCount >= CodeTLBEntry.count / 2 {
            flushCodeTLB()
            refreshContext()
            slot = Int((linear >> 12 ^ linear >> 22) & UInt32(CodeTLBEntry.count - 1))
        }
        codeTLBCount += 1
        codeTLB[slot] = CodeTLBEntry(tag: tag, generation: codeTLBGeneration, physical: physical & 0xFFFF_F000)
        return physical & 0xFFFF_F000
    }
}

/// Lays out the records of one block and chooses how each runs.
struct BlockBuilder {
    /// Where the next record goes.
    private(set) var slot: UnsafeMutablePointer<Instruction>
    private let first: UnsafeMutablePointer<Instruction>
    /// Records from `first` to each instruction.
    private let positions: UnsafeMutablePointer<UInt8>
    private let isFlat: Bool
    /// Instructions so far.
    private(set) var count = 0
    /// The last one always leaves the block.
    private(set) var isFinished = false

    /// `positions` has room for a block's instructions.
    init(first: UnsafeMutablePointer<Instruction>, positions: UnsafeMutablePointer<UInt8>, isFlat: Bool) {
        self.first = first
        self.positions = positions
        slot = first
        self.isFlat = isFlat
    }

    /// Takes the decoded instruction in `slot` in.
    mutating func accept() {
        let record = slot
        positions[count] = UInt8(record - first)
        count += 1
        slot += 1
        record.pointee.run = Dispatch.general
        if record.pointee.flags.contains(.stop) {
            record.pointee.run = Dispatch.stop
        } else if isFlat, let form = FastForms.form(record, dead: false) {
            record.pointee.run = form
        }
        switch Self.transfer(of: record.pointee) {
        case .none: break
        case .conditional:
            record.pointee.flags.insert(.links)
            addLinks()
        case .always:
            record.pointee.flags.insert(.links)
            addLinks()
            isFinished = true
        }
    }

    private mutating func addLinks() {
        UnsafeMutableRawPointer(slot).storeBytes(
            of: LinkPair(run: Dispatch.afterLinks, taken: Link(block: nil, context: 0), other: Link(block: nil, context: 0)),
            as: LinkPair.self)
        slot += 1
    }

    /// Ends the block before the instruction at a linear address. Answers the bytes of all records.
    mutating func finish(next linear: UInt32) -> Int {
        slot.initialize(to: .empty)
        slot.pointee.run = Dispatch.end
        slot.pointee.linear = linear
        slot += 1
        addLinks()
        for n in 0..<count { first[Int(positions[n])].remaining = UInt8(count - 1 - n) }
        if isFlat { refine() }
        return (slot - first) * Instruction.stride
    }

    /// Replaces forms by cheaper ones where what follows in the block allows it.
    private func refine() {
        // Whether anything behind may look at the flags, an exception included, before they are set anew.
        var areLive = true
        for n in stride(from: count - 1, through: 0, by: -1) {
            let record = first + Int(positions[n])
            if record.pointee.flags.contains(.stop) || !FastForms.hasForm(record) {
                areLive = true
                continue
            }
            if n + 1 < count, let form = FastForms.fused(record.pointee, jump: first[Int(positions[n + 1])]) {
                record.pointee.run = form
            } else if !areLive, let form = FastForms.form(record, dead: true) {
                record.pointee.run = form
            }
            switch FastForms.flagUse(record.pointee) {
            case .none: break
            case .sets: areLive = false
            // INC and DEC of which nobody sees the flags need no carry.
            case .keepsCarry: break
            case .mayLook: areLive = true
            }
            if record.pointee.flags.contains(.memory) { areLive = true }
        }
    }

    private enum Transfer { case none, conditional, always }

    /// Whether an instruction leaves the line. An answer of `none` is never wrong, only slower: the general form finds out by itself.
    private static func transfer(of i: Instruction) -> Transfer {
        switch i.opcode {
        case 0x70...0x7F, 0x180...0x18F: .conditional
        case 0xEB, 0xE9, 0xE8, 0xC3, 0xC2, 0xEA, 0x9A, 0xCA, 0xCB, 0xCC, 0xCD, 0xCF, 0xF1, 0xF4, 0x10B, 0x134, 0x135: .always
        case 0xFF: (2...5).contains(i.b) ? .always : .none
        default: .none
        }
    }
}
