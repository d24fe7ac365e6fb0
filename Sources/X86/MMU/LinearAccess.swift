// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Reads a linear address with the current privilege. Nil after raising #PF.
    @inline(__always) mutating func load<T: Width>(_ linear: UInt32, _: T.Type) -> T? {
        let (isOpen, host) = readable(linear)
        if isOpen { return host.loadUnaligned(as: T.self) }
        return loadSlow(linear, user: cpl == 3, T.self)
    }

    /// Writes a linear address with the current privilege. False after raising #PF, with nothing written.
    @inline(__always) mutating func store<T: Width>(_ linear: UInt32, _ value: T) -> Bool {
        let (isOpen, host) = writable(linear)
        if isOpen {
            host.storeBytes(of: value, as: T.self)
            return true
        }
        return storeSlow(linear, value, user: cpl == 3)
    }

    /// Reads as the processor itself does for descriptor tables and TSSs: supervisor, whatever the CPL.
    mutating func systemLoad<T: Width>(_ linear: UInt32, _: T.Type) throws(Fault) -> T {
        try check(loadSlow(linear, user: false, T.self))
    }

    /// Writes likewise.
    mutating func systemStore<T: Width>(_ linear: UInt32, _ value: T) throws(Fault) {
        try check(storeSlow(linear, value, user: false))
    }

    /// False after raising #AC.
    private mutating func isAligned(_ linear: UInt32, _ size: UInt32) -> Bool {
        guard linear & (size - 1) != 0, checksAlignment else { return true }
        raise(.alignment)
        return false
    }

    /// Read with a page walk; fills the TLB.
    @inline(never) mutating func loadSlow<T: Width>(_ linear: UInt32, user: Bool, _: T.Type) -> T? {
        let size = UInt32(T.bitWidth / 8)
        if user, !isAligned(linear, size) { return nil }
        guard let physical = resolve(linear, write: false, user: user) else { return nil }
        let inPage = 0x1000 - linear & 0xFFF
        if size <= inPage {
            openTLB(linear, user: user, write: false)
            if watchCount != 0 { noteAccess(linear, size, write: false) }
            if physical >> 12 == LocalAPIC.base >> 12, let value = machine.readAPIC(physical & 0xFFF) {
                return T(truncatingIfNeeded: value)
            }
            return memory.read(physical, T.self)
        }
        guard let next = resolve(linear &+ inPage, write: false, user: user) else { return nil }
        if watchCount != 0 { noteAccess(linear, size, write: false) }
        var value: T = 0
        for i in 0..<size {
            let byte = memory.read(i < inPage ? physical &+ i : next &+ (i - inPage), UInt8.self)
            value |= T(byte) << T(8 * i)
        }
        return value
    }

    /// Write with a page walk; fills the TLB, drops decoded code.
    @inline(never) mutating func storeSlow<T: Width>(_ linear: UInt32, _ value: T, user: Bool) -> Bool {
        let size = UInt32(T.bitWidth / 8)
        if user, !isAligned(linear, size) { return false }
        guard let physical = resolve(linear, write: true, user: user) else { return false }
        let inPage = 0x1000 - linear & 0xFFF
        if size <= inPage {
            if watchCount != 0 { noteAccess(linear, size, write: true) }
            if physical >> 12 == LocalAPIC.base >> 12 { machine.writeAPIC(physical & 0xFFF, UInt32(truncatingIfNeeded: value)) }
            memory.write(physical, value)
            openTLB(linear, user: user, write: true)
            return true
        }
        guard let next = resolve(linear &+ inPage, write: true, user: user) else { return false }
        if watchCount != 0 { noteAccess(linear, size, write: true) }
        for i in 0..<size {
            memory.write(i < inPage ? physical &+ i : next &+ (i - inPage), UInt8(truncatingIfNeeded: value >> T(8 * i)))
        }
        return true
    }

    /// Makes sure that a read-modify-write can store: #PF is raised as for a write. Then reads.
    @inline(never) mutating func loadForWrite<T: Width>(_ linear: UInt32, _: T.Type) -> T? {
        let size = UInt32(T.bitWidth / 8)
        let inPage = 0x1000 - linear & 0xFFF
        if cpl == 3, !isAligned(linear, size) { return nil }
        guard resolve(linear, write: true, user: cpl == 3) != nil else { return nil }
        if size > inPage, resolve(linear &+ inPage, write: true, user: cpl == 3) == nil { return nil }
        return loadSlow(linear, user: cpl == 3, T.self)
    }
}
