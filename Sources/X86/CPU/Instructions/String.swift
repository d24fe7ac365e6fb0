// SPDX-License-Identifier: GPL-3.0-or-later

/// MOVS, CMPS, STOS, LODS, SCAS with their REP forms; INS and OUTS are in `InOut` (SDM vol. 2, REP).
enum StringFamily {
    static var rows: [Row] {
        [
            Row(0xA4, .none) { $0.cpu.moveString(UInt8.self, $1.op) },
            Row(0xA5, .none, { $0.cpu.moveString(UInt32.self, $1.op) }, word: { $0.cpu.moveString(UInt16.self, $1.op) }),
            Row(0xA6, .none) { $0.cpu.compareString(UInt8.self, $1.op) },
            Row(0xA7, .none, { $0.cpu.compareString(UInt32.self, $1.op) }, word: { $0.cpu.compareString(UInt16.self, $1.op) }),
            Row(0xAA, .none) { $0.cpu.storeString(UInt8.self, $1.op) },
            Row(0xAB, .none, { $0.cpu.storeString(UInt32.self, $1.op) }, word: { $0.cpu.storeString(UInt16.self, $1.op) }),
            Row(0xAC, .none) { $0.cpu.loadString(UInt8.self, $1.op) },
            Row(0xAD, .none, { $0.cpu.loadString(UInt32.self, $1.op) }, word: { $0.cpu.loadString(UInt16.self, $1.op) }),
            Row(0xAE, .none) { $0.cpu.scanString(UInt8.self, $1.op) },
            Row(0xAF, .none, { $0.cpu.scanString(UInt32.self, $1.op) }, word: { $0.cpu.scanString(UInt16.self, $1.op) }),
        ]
    }
}

extension CPU {
    /// What one element adds to an index, by width and DF.
    @inline(__always) func stringStep<T: Width>(_: T.Type) -> UInt32 {
        systemFlags & EFlags.df == 0 ? UInt32(MemoryLayout<T>.size) : 0 &- UInt32(MemoryLayout<T>.size)
    }

    /// SI/ESI and DI/EDI, by address size.
    @inline(__always) func sourceIndex(_ i: Op) -> UInt32 { gpr(6) & i.pointee.mask }
    @inline(__always) func destinationIndex(_ i: Op) -> UInt32 { gpr(7) & i.pointee.mask }
    @inline(__always) mutating func advance(_ number: Int, _ i: Op, by amount: UInt32) {
        let mask = i.pointee.mask
        let old = gpr(number)
        setGPR(number, old & ~mask | (old &+ amount) & mask)
    }

    /// Runs the iterations of a string instruction. `body` answers false after a fault, and true with state advanced otherwise. The count goes down after each
    /// iteration, so that a fault leaves a state from which the instruction resumes.
    @inline(__always) mutating func repeatString(
        _ i: Op, compares: Bool = false, slice: UInt32 = longestRepeat, _ body: (inout CPU) -> Bool
    ) {
        let prefixes = i.pointee.flags
        guard prefixes.contains(.rep) || prefixes.contains(.repne) else {
            _ = body(&self)
            return
        }
        while ecx & i.pointee.mask != 0 {
            guard body(&self) else { return }
            advance(1, i, by: ~0)
            hasProgress = true
            // Debug traps come between the iterations, with RF set in the pushed image (SDM vol. 3, 18.3.1.1).
            if stepArmed || pendingDebug != 0, ecx & i.pointee.mask != 0, !compares || flags.zf == prefixes.contains(.rep) {
                eip = currentEIP
                systemFlags |= EFlags.rf
                return
            }
            if compares, flags.zf != prefixes.contains(.rep) { return }
            if pausesRepeat(i, slice: slice) { return }
        }
    }

    /// How many elements a REP moves before it looks up: for interrupts, which come between iterations (SDM vol. 2, REP), and for a host that wants to stop. What is
    /// left is another instruction to the count. It pauses where the count left is a multiple of this, so that caches have no say in it.
    static var longestRepeat: UInt32 { 1 << 20 }

    /// Whether a REP pauses here with iterations left; it is then executed again, with RF set as for any other pause.
    @inline(__always) mutating func pausesRepeat(_ i: Op, slice: UInt32 = longestRepeat) -> Bool {
        let left = ecx & i.pointee.mask
        guard left & (slice - 1) == 0, left != 0 else { return false }
        eip = currentEIP
        systemFlags |= EFlags.rf
        wakeLoop()
        return true
    }

    /// Elements left until the REP ends or pauses, with a 32-bit count.
    @inline(__always) var untilPause: UInt32 { (ecx &- 1) & (Self.longestRepeat - 1) &+ 1 }

    /// How many elements from a linear address on lie in one page, going in the direction of DF. 0 when not even one does.
    @inline(__always) func elementsInPage(_ linear: UInt32, _ size: UInt32) -> UInt32 {
        if systemFlags & EFlags.df == 0 { return (0x1000 - (linear & 0xFFF)) / size }
        let offset = linear & 0xFFF
        return offset + size <= 0x1000 ? offset / size + 1 : 0
    }

    /// Host pointer to `count` elements that need no check but the one that the TLB entry stands for, or nil.
    @inline(__always) func plain(_ segment: Int, _ offset: UInt32, write: Bool) -> (pointer: UnsafeMutableRawPointer, linear: UInt32)? {
        let cache = segments + segment
        guard (write ? cache.pointee.writeLimit : cache.pointee.readLimit) == UInt64(1) << 33 else { return nil }
        let linear = cache.pointee.segment.base &+ offset
        // Only of pages that are wholly open: the caller takes whatever lies in the page.
        let entry = tlb + Self.tlbIndex(linear)
        let (start, length) =
            write ? (entry.pointee.writeStart, entry.pointee.writeLength) : (entry.pointee.readStart, entry.pointee.readLength)
        guard start == linear & 0xFFFF_F000, Int(length) == 4096 - TLBEntry.slack else { return nil }
        return (UnsafeMutableRawPointer(bitPattern: entry.pointee.addend &+ Int(linear)).unsafelyUnwrapped, linear)
    }

    /// A REP form with 32-bit addresses, going up, nobody stepping: worth looking for whole blocks.
    func isPlainRepeat(_ i: Op) -> Bool {
        i.pointee.mask == ~0 && !i.pointee.flags.isDisjoint(with: [.rep, .repne]) && systemFlags & EFlags.df == 0 && !stepArmed
    }

    /// MOVS.
    mutating func moveString<T: Width>(_: T.Type, _ i: Op) {
        let step = stringStep(T.self)
        let fast = isPlainRepeat(i)
        repeatString(i) { cpu in
            if fast, cpu.moveBlock(T.self, i), cpu.ecx == 0 || cpu.pausesRepeat(i) { return false }
            guard let value = cpu.read(i.segment, cpu.sourceIndex(i), T.self) else { return false }
            guard cpu.write(SegmentNumber.es, cpu.destinationIndex(i), value) else { return false }
            cpu.advance(6, i, by: step)
            cpu.advance(7, i, by: step)
            return true
        }
    }

    /// Moves as much as lies in one source and one destination page, upwards. False when nothing was moved.
    private mutating func moveBlock<T: Width>(_: T.Type, _ i: Op) -> Bool {
        let size = UInt32(MemoryLayout<T>.size)
        guard let from = plain(i.segment, gpr(6), write: false), let to = plain(SegmentNumber.es, gpr(7), write: true) else { return false }
        let count = min(untilPause, elementsInPage(from.linear, size), elementsInPage(to.linear, size))
        guard count > 0 else { return false }
        let bytes = Int(count * size)
        if to.pointer > from.pointer, to.pointer < from.pointer + bytes {
            // Overlap upwards repeats a pattern, element by element.
            for offset in stride(from: 0, to: bytes, by: Int(size)) {
                (to.pointer + offset).storeBytes(of: (from.pointer + offset).loadUnaligned(as: T.self), as: T.self)
            }
        } else {
            to.pointer.copyMemory(from: from.pointer, byteCount: bytes)
        }
        setGPR(6, gpr(6) &+ count * size)
        setGPR(7, gpr(7) &+ count * size)
        ecx -= count
        return true
    }

    /// STOS.
    mutating func storeString<T: Width>(_: T.Type, _ i: Op) {
        let step = stringStep(T.self)
        let value = register(0, T.self)
        let fast = isPlainRepeat(i)
        repeatString(i) { cpu in
            if fast, cpu.storeBlock(value), cpu.ecx == 0 || cpu.pausesRepeat(i) { return false }
            guard cpu.write(SegmentNumber.es, cpu.destinationIndex(i), value) else { return false }
            cpu.advance(7, i, by: step)
            return true
        }
    }

    private mutating func storeBlock<T: Width>(_ value: T) -> Bool {
        let size = UInt32(MemoryLayout<T>.size)
        guard let to = plain(SegmentNumber.es, gpr(7), write: true) else { return false }
        let count = min(untilPause, elementsInPage(to.linear, size))
        guard count > 0 else { return false }
        for k in 0..<Int(count) { (to.pointer + k * Int(size)).storeBytes(of: value, as: T.self) }
        setGPR(7, gpr(7) &+ count * size)
        ecx -= count
        return true
    }

    /// LODS.
    mutating func loadString<T: Width>(_: T.Type, _ i: Op) {
        let step = stringStep(T.self)
        repeatString(i) { cpu in
            guard let value = cpu.read(i.segment, cpu.sourceIndex(i), T.self) else { return false }
            cpu.setRegister(0, value)
            cpu.advance(6, i, by: step)
            return true
        }
    }

    /// CMPS. Which operand is read first is not specified; ES:EDI is, as in other emulators.
    mutating func compareString<T: Width>(_: T.Type, _ i: Op) {
        let step = stringStep(T.self)
        repeatString(i, compares: true) { cpu in
            guard let b = cpu.read(SegmentNumber.es, cpu.destinationIndex(i), T.self) else { return false }
            guard let a = cpu.read(i.segment, cpu.sourceIndex(i), T.self) else { return false }
            _ = Compare.apply(&cpu.flags, a, b)
            cpu.advance(6, i, by: step)
            cpu.advance(7, i, by: step)
            return true
        }
    }

    /// SCAS.
    mutating func scanString<T: Width>(_: T.Type, _ i: Op) {
        let step = stringStep(T.self)
        repeatString(i, compares: true) { cpu in
            guard let b = cpu.read(SegmentNumber.es, cpu.destinationIndex(i), T.self) else { return false }
            _ = Compare.apply(&cpu.flags, cpu.register(0, T.self), b)
            cpu.advance(7, i, by: step)
            return true
        }
    }
}
