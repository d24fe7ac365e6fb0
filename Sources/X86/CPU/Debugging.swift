// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Reads DR0-DR3.
    func debugAddress(_ number: Int) -> UInt32 {
        switch number {
        case 0: dr.0
        case 1: dr.1
        case 2: dr.2
        default: dr.3
        }
    }

    /// Writes DR0-DR3.
    mutating func setDebugAddress(_ number: Int, _ value: UInt32) {
        switch number {
        case 0: dr.0 = value
        case 1: dr.1 = value
        case 2: dr.2 = value
        default: dr.3 = value
        }
        refreshBreakpoints()
    }

    /// Recomputes what the guest's DR7 asks for (SDM vol. 3, 18.2.4). Costs nothing afterwards when nothing is enabled.
    mutating func refreshBreakpoints() {
        let had = watchCount > 0 && (0..<watchCount).contains { watches[$0].id < 0 }
        if had { for id in 1...4 { removeWatch(id: -id) } }
        hasCodeBreakpoints = false
        for i in 0..<4 where dr7 >> UInt32(i * 2) & 3 != 0 {
            let kind = dr7 >> UInt32(16 + i * 4) & 3
            if kind == 0 {
                hasCodeBreakpoints = true
            } else if kind != 2 {
                let length = (dr7 >> UInt32(18 + i * 4) & 3) + 1
                let address = debugAddress(i) & ~(length == 3 ? 0 : length - 1)
                addWatch(Watch(id: -1 - i, address: address, length: length == 3 ? 1 : length, onRead: kind == 3, onWrite: true))
            }
        }
        wakeLoop()
    }

    /// DR6 bits of guest breakpoints on execution at the next instruction; 0 when none, or RF is set.
    func codeBreakpointHits() -> UInt32 {
        guard hasCodeBreakpoints, systemFlags & EFlags.rf == 0 else { return 0 }
        let linear = csBase &+ eip
        var hits: UInt32 = 0
        for i in 0..<4 where dr7 >> UInt32(i * 2) & 3 != 0 && dr7 >> UInt32(16 + i * 4) & 3 == 0 && debugAddress(i) == linear {
            hits |= 1 << UInt32(i)
        }
        return hits
    }

    /// Leaves a debug trap behind when an I/O breakpoint of the guest covers a port of the access; those need CR4.DE (SDM vol. 3, 18.2.5).
    mutating func notePortAccess(_ port: UInt32, size: Int) {
        guard dr7 & 0xFF != 0, cr4 & 8 != 0 else { return }
        let first = port & 0xFFFF
        for i in 0..<4 where dr7 >> UInt32(i * 2) & 3 != 0 && dr7 >> UInt32(16 + i * 4) & 3 == 2 {
            let length = (dr7 >> UInt32(18 + i * 4) & 3) + 1
            let start = debugAddress(i) & ~(length - 1)
            if first < start &+ length, start < first + UInt32(size) { pendingDebug |= 1 << UInt32(i) }
        }
    }
}
