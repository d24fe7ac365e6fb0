// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Page-fault error code bits (SDM vol. 3, 4.7).
    private static var present: UInt32 { 1 }
    private static var writeBit: UInt32 { 2 }
    private static var userBit: UInt32 { 4 }
    private static var reservedBit: UInt32 { 8 }

    /// Translates a linear to a physical address for an access and sets accessed and dirty bits (SDM vol. 3, 4.3 and 4.8). Raises #PF and answers nil
    /// when it is not permitted.
    @inline(never) mutating func translate(_ linear: UInt32, write: Bool, user: Bool) -> UInt32? {
        guard cr0 & 0x8000_0000 != 0 else { return memory.rom.pointee.canonical(linear & a20Mask) }
        var code: UInt32 = (write ? Self.writeBit : 0) | (user ? Self.userBit : 0)
        let pdeAddress = (cr3 & 0xFFFF_F000 | (linear >> 22) * 4) & a20Mask
        let pde = memory.read(pdeAddress, UInt32.self)
        guard pde & 1 != 0 else { return pageFault(linear, code) }
        if pde & 0x80 != 0, cr4 & 0x10 != 0 {
            code |= Self.present
            hasLargePages = true
            if pde & 0x003F_F000 != 0 { return pageFault(linear, code | Self.reservedBit) }
            guard permits(pde, write: write, user: user) else { return pageFault(linear, code) }
            let wanted = pde | 0x20 | (write ? 0x40 : 0)
            if wanted != pde { memory.write(pdeAddress, wanted) }
            return memory.rom.pointee.canonical((pde & 0xFFC0_0000 | linear & 0x003F_FFFF) & a20Mask)
        }
        let pteAddress = (pde & 0xFFFF_F000 | linear >> 10 & 0xFFC) & a20Mask
        let pte = memory.read(pteAddress, UInt32.self)
        guard pte & 1 != 0 else { return pageFault(linear, code) }
        guard permits(pde & pte, write: write, user: user) else { return pageFault(linear, code | Self.present) }
        if pde & 0x20 == 0 { memory.write(pdeAddress, pde | 0x20) }
        let wanted = pte | 0x20 | (write ? 0x40 : 0)
        if wanted != pte { memory.write(pteAddress, wanted) }
        return memory.rom.pointee.canonical((pte & 0xFFFF_F000 | linear & 0xFFF) & a20Mask)
    }

    /// Opens or closes the A20 gate.
    mutating func setA20(open: Bool) {
        let mask: UInt32 = open ? ~0 : ~0x10_0000
        guard mask != a20Mask else { return }
        a20Mask = mask
        flushTLB()
        wakeLoop()
    }

    private mutating func pageFault(_ linear: UInt32, _ code: UInt32) -> UInt32? {
        raise(.page(linear, code: code))
        return nil
    }

    /// Access rights (SDM vol. 3, 4.6): `entry` is the AND of the entries used.
    private func permits(_ entry: UInt32, write: Bool, user: Bool) -> Bool {
        if user { return entry & 4 != 0 && (!write || entry & 2 != 0) }
        return !write || entry & 2 != 0 || cr0 & 0x1_0000 == 0
    }

    /// The physical address behind a linear one under the current paging, without any side effect; nil when not present.
    func probe(_ linear: UInt32) -> UInt32? {
        guard cr0 & 0x8000_0000 != 0 else { return memory.rom.pointee.canonical(linear & a20Mask) }
        let pde = memory.read((cr3 & 0xFFFF_F000 | (linear >> 22) * 4) & a20Mask, UInt32.self)
        guard pde & 1 != 0 else { return nil }
        if pde & 0x80 != 0, cr4 & 0x10 != 0 { return memory.rom.pointee.canonical((pde & 0xFFC0_0000 | linear & 0x003F_FFFF) & a20Mask) }
        let pte = memory.read((pde & 0xFFFF_F000 | linear >> 10 & 0xFFC) & a20Mask, UInt32.self)
        guard pte & 1 != 0 else { return nil }
        return memory.rom.pointee.canonical((pte & 0xFFFF_F000 | linear & 0xFFF) & a20Mask)
    }
}
