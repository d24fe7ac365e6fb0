// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Pages that several processes share until one of them writes: their entries are read-only and have bit 9 set, and the fault makes a copy.
extension Mm {
    /// MMPTE_HARDWARE.CopyOnWrite; the processor does not look at it.
    static let copyOnWriteBit: UInt32 = 0x200
    /// Valid, for user mode, accessed, copied when written.
    static let copyOnWritePte: UInt32 = 0x25 | copyOnWriteBit
    /// Valid, for user mode, writable, accessed, dirty.
    static let privatePte: UInt32 = 0x67

    /// `MiMakePagePrivate(Pte*, Bits) -> BOOLEAN`: the page behind a valid entry of the current process becomes a copy of its own, with those bits. FALSE: no
    /// memory; the entry is as it was.
    static let makePagePrivate: Routine = .init("MiMakePagePrivate", ["PointerPte", "Bits"]) { f in
        let entry = f.argument(0)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.add(systemPageColor.dword, 1)
        let page = f.call(removeAnyPage, systemPageColor.dword)
        f.if(page == 0) {
            f.call(Hal.lowerIrql, irql)
            f.return(0)
        }
        let old = f.local(0)
        let window = f.call(mapPageInHyperSpace, page, f.address(of: old))
        f.copy(to: window, from: (entry << 10) & ~Value(0xFFF), 0x1000)
        f.call(unmapPageInHyperSpace, window, old)
        let shared = f.local(entry.dword() >> 12)
        f.call(initializePfn, page, entry, 1)
        f.set(entry.dword(), (page << 12) | f.argument(1))
        f.flushTranslation(of: entry << 10)
        // The page table's share for this entry was counted before, and the shared page loses one.
        f.call(deletePage, shared, entry)
        f.call(Hal.lowerIrql, irql)
        f.return(1)
    }

    /// `MiCopyOnWrite(Address) -> status`: somebody writes where the entry says that writing makes a copy. Success also when that has happened meanwhile.
    static let copyOnWrite: Routine = .init("MiCopyOnWrite", ["Address"]) { f in
        let entry = f.local(pte(of: f.argument(0)))
        let status = f.local(Status.success)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.if((entry.dword() & Value(copyOnWriteBit | 1)) == Value(copyOnWriteBit | 1)) {
            f.if(f.call(makePagePrivate, entry, privatePte) == 0) { f.set(status, Status.noMemory) }
        }
        f.call(Hal.lowerIrql, irql)
        f.return(status)
    }

    /// `MiIsCopyOnWrite(Address) -> BOOLEAN`: whether a user address has such an entry.
    static let isCopyOnWrite: Routine = .init("MiIsCopyOnWrite", ["Address"]) { f in
        let address = f.argument(0)
        f.if(address >= systemRangeStart.dword || (pde(of: address).dword() & 1) == 0) { f.return(0) }
        f.return((pte(of: address).dword() & Value(copyOnWriteBit | 1)) == Value(copyOnWriteBit | 1))
    }
}
