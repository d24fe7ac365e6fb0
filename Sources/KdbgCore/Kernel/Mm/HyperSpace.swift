// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Hyperspace (spec/boot.md section 4.1): the part of the address space that each process has for itself, with entries through which any physical
/// page can be looked at for a moment. The system cache has a working-set list of the same kind.
extension Mm {
    /// The entry for the moment's page, the first of the 255.
    static let firstReservedMappingPte: Global = .init("MmFirstReservedMappingPte")
    static let lastReservedMappingPte: Global = .init("MmLastReservedMappingPte")
    /// Entries for pages that are being cleared.
    static let firstReservedZeroingPte: Global = .init("MiFirstReservedZeroingPte")

    /// `MiInitializeHyperSpace()`: page table, VAD bitmap, working-set list; the system cache's working-set list; reserved entries.
    static let initializeHyperSpace: Routine = .init("MiInitializeHyperSpace", section: .initialization) { f in
        // The first page tables are cleared through an entry that has its own already.
        f.set(firstReservedZeroingPte.dword, f.call(reserveSystemPtes, 32, PteSpace.system))
        for address in [vadBitmap, workingSetListAddress, systemCacheWorkingSet] {
            f.if(f.call(mapPages, address, 1) == 0) {
                f.call(
                    Ke.bugCheckEx, 0x7D, numberOfPhysicalPages.dword, lowestPhysicalPage.dword, highestPhysicalPage.dword, 0x100)
            }
            f.zero(Value(address), 0x1000)
        }
        f.set(Ke.initialProcess.WorkingSetPage, pte(of: workingSetListAddress.value).dword() >> 12)
        f.set(firstReservedMappingPte.dword, pte(of: hyperSpace.value))
        f.set(lastReservedMappingPte.dword, pte(of: hyperSpace.value + 0xF_E000))
        f.return()
    }

    /// `MiMapPageInHyperSpace(PageFrameIndex, OldIrql*) -> address`: shows a page at the address until `MiUnmapPageInHyperSpace`; DISPATCH_LEVEL
    /// until then.
    package static let mapPageInHyperSpace: Routine = .init("MiMapPageInHyperSpace", ["PageFrameIndex", "OldIrql"]) { f in
        f.set(f.argument(1).dword(), f.call(Hal.raiseIrqlToDpcLevel))
        f.set(firstReservedMappingPte.dword.dword(), (f.argument(0) << 12) | validKernelPte)
        f.flushTranslation(of: hyperSpace.value)
        f.return(Value(hyperSpace))
    }

    /// `MiUnmapPageInHyperSpace(Address, OldIrql)`.
    package static let unmapPageInHyperSpace: Routine = .init("MiUnmapPageInHyperSpace", ["Address", "OldIrql"]) { f in
        f.set(pte(of: f.argument(0)).dword(), 0)
        f.flushTranslation(of: f.argument(0))
        f.call(Hal.lowerIrql, f.argument(1))
        f.return()
    }

    /// `MiZeroPhysicalPage(PageFrameIndex)`: clears a page that is not mapped anywhere.
    static let zeroPhysicalPage: Routine = .init("MiZeroPhysicalPage", ["PageFrameIndex"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let entry = f.local(firstReservedZeroingPte.dword)
        let address = f.local(entry << 10)
        f.set(entry.dword(), (f.argument(0) << 12) | validKernelPte)
        f.flushTranslation(of: address)
        f.zero(address, 0x1000)
        f.set(entry.dword(), 0)
        f.flushTranslation(of: address)
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}
