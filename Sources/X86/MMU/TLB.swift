// SPDX-License-Identifier: GPL-3.0-or-later

/// One entry of the direct-mapped translation cache.
///
/// `tag` and `frame` are what a processor's TLB holds; they change only by what the guest does. The rest says which part of the page plain accesses may touch in host
/// memory without asking anybody: it is closed and opened again for the sake of the host (watches, decoded code, pages unchanged since a snapshot), and the
/// guest cannot tell.
struct TLBEntry {
    /// First linear address that may be read, and how many addresses an access of up to four bytes may start at.
    var readStart: UInt32
    var readLength: UInt32
    /// Likewise for writes.
    var writeStart: UInt32
    var writeLength: UInt32
    /// Host address minus linear address.
    var addend: Int
    /// Linear page, bit 0: valid, bit 1: writes are permitted and the dirty bit is set.
    var tag: UInt32
    /// Physical page.
    var frame: UInt32

    static var count: Int { 1024 }
    /// What an access of four bytes needs beyond its first.
    static var slack: Int { 3 }
}

/// One entry of the translation cache for instruction fetch: open addressing, emptied as a whole by a new generation.
struct CodeTLBEntry {
    /// The linear page; bit 0: user mode.
    var tag: UInt32
    var generation: UInt32
    var physical: UInt32

    static var count: Int { 2048 }
}

extension CPU {
    /// The slot of a linear address.
    @inline(__always) static func tlbIndex(_ linear: UInt32) -> Int { Int(linear >> 12) & (TLBEntry.count - 1) }

    /// Whether a read of at most four bytes needs nothing else, and then its place in host memory.
    @inline(__always) func readable(_ linear: UInt32) -> (Bool, UnsafeMutableRawPointer) {
        let entry = tlb + Self.tlbIndex(linear)
        return (
            _fastPath(linear &- entry.pointee.readStart < entry.pointee.readLength),
            UnsafeMutableRawPointer(bitPattern: entry.pointee.addend &+ Int(linear)).unsafelyUnwrapped
        )
    }

    /// Likewise for a write.
    @inline(__always) func writable(_ linear: UInt32) -> (Bool, UnsafeMutableRawPointer) {
        let entry = tlb + Self.tlbIndex(linear)
        return (
            _fastPath(linear &- entry.pointee.writeStart < entry.pointee.writeLength),
            UnsafeMutableRawPointer(bitPattern: entry.pointee.addend &+ Int(linear)).unsafelyUnwrapped
        )
    }

    /// Forgets all translations (SDM vol. 3, 4.10.4; global pages too, which is permitted).
    mutating func flushTLB() {
        for i in 0..<TLBEntry.count { tlbSupervisor[i] = TLBEntry.empty }
        if usesUserTLB { for i in 0..<TLBEntry.count { tlbUser[i] = TLBEntry.empty } }
        usesUserTLB = false
        flushCodeTLB()
    }

    /// Forgets where code pages lie.
    mutating func flushCodeTLB() {
        codeTLBGeneration &+= 1
        if codeTLBGeneration == 0 {
            for i in 0..<CodeTLBEntry.count { codeTLB[i].generation = 0 }
            codeTLBGeneration = 1
        }
        codeTLBCount = 0
        code.pointee.renew()
    }

    /// INVLPG. A large page lies in the cache in pieces, so that everything goes once there was one.
    mutating func flushTLB(page linear: UInt32) {
        if hasLargePages { return flushTLB() }
        let i = Self.tlbIndex(linear)
        tlbSupervisor[i] = .empty
        tlbUser[i] = .empty
        flushCodeTLB()
    }

    /// Sends the next accesses through the slow path, which will find the translations still there.
    mutating func closeTLB() {
        for i in 0..<TLBEntry.count {
            (tlbSupervisor[i].readLength, tlbSupervisor[i].writeLength) = (0, 0)
            (tlbUser[i].readLength, tlbUser[i].writeLength) = (0, 0)
        }
    }

    /// Sends the next write to the physical page through the slow path.
    mutating func closeWrites(frame: UInt32) {
        code.pointee.pages[Int(frame)].isOpen = false
        let physical = frame << 12
        for i in 0..<TLBEntry.count {
            if tlbSupervisor[i].frame == physical { tlbSupervisor[i].writeLength = 0 }
            if tlbUser[i].frame == physical { tlbUser[i].writeLength = 0 }
        }
    }

    /// Sends every next write through the slow path, so that pages get marked anew (`PhysicalMemory.noteWrite`).
    mutating func dropAllWriteTags() {
        for i in 0..<TLBEntry.count {
            tlbSupervisor[i].writeLength = 0
            tlbUser[i].writeLength = 0
        }
    }

    /// The physical address behind a linear one: out of the TLB when it is there, else by a page walk whose result is kept. Nil after raising #PF.
    mutating func resolve(_ linear: UInt32, write: Bool, user: Bool) -> UInt32? {
        let page = linear & 0xFFFF_F000
        let entry = (user ? tlbUser : tlbSupervisor) + Self.tlbIndex(linear)
        let tag = entry.pointee.tag
        if tag & 0xFFFF_F001 == page | 1, !write || tag & 2 != 0 { return entry.pointee.frame | linear & 0xFFF }
        guard let physical = translate(linear, write: write, user: user) else { return nil }
        if user { usesUserTLB = true }
        let frame = physical & 0xFFFF_F000
        let host = memory.contains(frame, 4096) ? Int(bitPattern: memory.base) + Int(frame) : 0
        entry.pointee = TLBEntry(
            readStart: 0, readLength: 0, writeStart: 0, writeLength: 0, addend: host &- Int(page), tag: page | (write ? 3 : 1), frame: frame
        )
        return physical
    }

    /// Lets plain accesses around a linear address pass that `resolve` has just answered for. Writes only when the page has been marked as written.
    mutating func openTLB(_ linear: UInt32, user: Bool, write: Bool) {
        let entry = (user ? tlbUser : tlbSupervisor) + Self.tlbIndex(linear)
        let page = linear & 0xFFFF_F000
        guard entry.pointee.tag & 0xFFFF_F000 == page, memory.contains(entry.pointee.frame, 4096) else { return }
        let offset = Int(linear & 0xFFF)
        var (low, high) = (0, 4096)
        if watchCount != 0 { narrow(&low, &high, around: offset, page, write: write) }
        guard write else {
            entry.pointee.readStart = page &+ UInt32(low)
            entry.pointee.readLength = UInt32(max(high - low - TLBEntry.slack, 0))
            return
        }
        guard !memory.rom.pointee.contains(entry.pointee.frame) else { return }
        let pageCode = code.pointee.pages + Int(entry.pointee.frame >> 12)
        pageCode.pointee.isOpen = true
        let chunks = pageCode.pointee.chunks
        if chunks != 0 {
            let number = offset >> 6
            guard chunks >> UInt64(number) & 1 == 0 else { return }
            low = max(low, (64 - (chunks & ((1 << UInt64(number)) - 1)).leadingZeroBitCount) * 64)
            high = min(high, min((chunks >> UInt64(number)).trailingZeroBitCount + number, 64) * 64)
        }
        entry.pointee.writeStart = page &+ UInt32(low)
        entry.pointee.writeLength = UInt32(max(high - low - TLBEntry.slack, 0))
    }

    /// Narrows a range of a page to what is not watched; empty when the offset is.
    private func narrow(_ low: inout Int, _ high: inout Int, around offset: Int, _ page: UInt32, write: Bool) {
        for i in 0..<watchCount where write ? watches[i].onWrite : watches[i].onRead {
            let start = Int(watches[i].address) - Int(page)
            let end = start + Int(watches[i].length)
            // A watch may wrap around at 4 GiB.
            for shift in [0, -1 << 32] where start + shift < 4096 && end + shift > 0 {
                if start + shift > offset {
                    high = min(high, start + shift)
                } else if end + shift <= offset {
                    low = max(low, end + shift)
                } else {
                    high = low
                }
            }
        }
    }
}

extension TLBEntry {
    /// An entry that matches nothing.
    static var empty: TLBEntry { TLBEntry(readStart: 0, readLength: 0, writeStart: 0, writeLength: 0, addend: 0, tag: 0, frame: ~0) }
}
