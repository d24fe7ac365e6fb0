// SPDX-License-Identifier: GPL-3.0-or-later

/// One entry of the direct-mapped translation cache: where a linear page lies in host memory.
///
/// A tag is the linear page address when plain accesses of that kind may use `host`, and 1 (never equal to a page address) when they must take the slow
/// path: not translated yet, not permitted, not dirty yet, holds decoded code, is watched, or is not RAM.
struct TLBEntry {
    var readTag: UInt32
    var writeTag: UInt32
    /// Host address of the page's first byte.
    var host: UnsafeMutableRawPointer

    static var count: Int { 1024 }
    /// An entry that matches nothing.
    static func invalid(_ base: UnsafeMutableRawPointer) -> TLBEntry { TLBEntry(readTag: 1, writeTag: 1, host: base) }
}

/// One entry of the translation cache for instruction fetch.
struct CodeTLBEntry {
    /// The linear page with the key of `CPU.codeKey` in its low bits; 0 when invalid.
    var tag: UInt32 = 0
    var records: UnsafeMutablePointer<Instruction>
    /// Host address of the page's first byte.
    var bytes: UnsafeMutableRawPointer

    static var count: Int { 256 }
}

extension CPU {
    /// The slot of a linear address.
    @inline(__always) static func tlbIndex(_ linear: UInt32) -> Int { Int(linear >> 12) & (TLBEntry.count - 1) }

    /// Forgets all translations (SDM vol. 3, 4.10.4; global pages too, which is permitted).
    mutating func flushTLB() {
        for i in 0..<TLBEntry.count {
            tlbSupervisor[i].readTag = 1
            tlbSupervisor[i].writeTag = 1
            tlbUser[i].readTag = 1
            tlbUser[i].writeTag = 1
        }
        flushCodeTLB()
    }

    /// Forgets where code pages lie.
    mutating func flushCodeTLB() {
        for i in 0..<CodeTLBEntry.count { codeTLB[i].tag = 0 }
        codePage = 1
    }

    /// INVLPG. A large page lies in the cache in pieces, so that everything goes once there was one.
    mutating func flushTLB(page linear: UInt32) {
        if hasLargePages { return flushTLB() }
        let i = Self.tlbIndex(linear)
        tlbSupervisor[i] = .invalid(memory.base)
        tlbUser[i] = .invalid(memory.base)
        codeTLB[Int(linear >> 12) & (CodeTLBEntry.count - 1)].tag = 0
        codePage = 1
    }

    /// Sends the next write to the physical page through the slow path.
    mutating func dropWriteTags(host: UnsafeMutableRawPointer) {
        for i in 0..<TLBEntry.count {
            if tlbSupervisor[i].host == host { tlbSupervisor[i].writeTag = 1 }
            if tlbUser[i].host == host { tlbUser[i].writeTag = 1 }
        }
    }

    /// Sends every next write through the slow path, so that pages get marked dirty anew.
    mutating func dropAllWriteTags() {
        for i in 0..<TLBEntry.count {
            tlbSupervisor[i].writeTag = 1
            tlbUser[i].writeTag = 1
        }
    }

    /// Caches a translation that the walk just permitted.
    mutating func fillTLB(_ linear: UInt32, physical: UInt32, user: Bool, write: Bool) {
        let page = linear & 0xFFFF_F000
        let frame = physical & 0xFFFF_F000
        guard memory.contains(frame, 4096) else { return }
        let entry = (user ? tlbUser : tlbSupervisor) + Self.tlbIndex(linear)
        let host = memory.base + Int(frame)
        let (watchedRead, watchedWrite) = watchCount == 0 ? (false, false) : watchedPage(page)
        if entry.pointee.host != host || entry.pointee.readTag != page { entry.pointee.writeTag = 1 }
        entry.pointee.host = host
        entry.pointee.readTag = watchedRead ? 1 : page
        let number = Int(frame >> 12)
        if write, !watchedWrite, !memory.rom.pointee.contains(frame), memory.code32[number] == nil, memory.code16[number] == nil {
            entry.pointee.writeTag = page
        }
    }
}
