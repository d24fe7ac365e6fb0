// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// System PTEs (spec/boot.md section 4.1): page-table entries that map whatever the system needs for a while. Free ones form clusters, and the
/// clusters a list in the entries themselves, the smallest first.
///
/// A free cluster's first entry holds the index of the next cluster's in bits 12 to 31 and in bit 1 whether it is alone; when it is not, the
/// second entry holds the number of entries there. Indexes count from `MmSystemPteBase`; 0xFFFFF ends the list.
extension Mm {
    /// Which of the two spaces: entries between `MmNonPagedSystemStart` and the pool's expansion, or those of the expansion.
    package enum PteSpace {
        package static let system: Value = 0
        package static let nonPagedPoolExpansion: Value = 1
    }

    /// What cluster indexes count from: the first page-table entry of all.
    static let systemPteBase: Global = .init("MmSystemPteBase") { [.dword(0xC000_0000)] }
    /// Per space, an entry that points to the first cluster.
    static let firstFreeSystemPte: Global = .init("MmFirstFreeSystemPte", size: 8) { [.dword(0xFFFF_F000), .dword(0xFFFF_F000)] }
    /// Per space, the number of free entries.
    package static let totalFreeSystemPtes: Global = .init("MmTotalFreeSystemPtes", size: 8)
    /// Per space, the address of the first entry and of the last.
    static let systemPtesStart: Global = .init("MmSystemPtesStart", size: 8)
    static let systemPtesEnd: Global = .init("MmSystemPtesEnd", size: 8)

    private static let endOfList: Value = 0xFFFF_F000
    private static let oneEntry: Value = 2

    private static func entry(atIndexOf link: Value) -> Value { systemPteBase.dword + ((link >> 12) << 2) }
    private static func index(of entry: Value) -> Value { ((entry - systemPteBase.dword) >> 2) << 12 }

    /// `MiInitializeSystemPtes(StartingPte, NumberOfPtes, PoolType)`: one cluster with all of them.
    static let initializeSystemPtes: Routine = .init(
        "MiInitializeSystemPtes", ["StartingPte", "NumberOfPtes", "PoolType"], section: .initialization
    ) { f in
        let offset = f.local(f.argument(2) << 2)
        f.set((systemPtesStart.value + offset).dword(), f.argument(0))
        f.set((systemPtesEnd.value + offset).dword(), f.argument(0) + ((f.argument(1) - 1) << 2))
        f.set((firstFreeSystemPte.value + offset).dword(), endOfList)
        f.set((totalFreeSystemPtes.value + offset).dword(), 0)
        f.call(releaseSystemPtes, f.argument(0), f.argument(1), f.argument(2))
        f.return()
    }

    /// `MiInsertSystemPteCluster(StartingPte, NumberOfPtes, PoolType)`: links free entries in, behind all smaller clusters.
    static let insertSystemPteCluster: Routine = .init("MiInsertSystemPteCluster", ["StartingPte", "NumberOfPtes", "PoolType"]) { f in
        let previous = f.local(firstFreeSystemPte.value + (f.argument(2) << 2))
        f.while((previous.dword() & endOfList) != endOfList) {
            let next = f.local(entry(atIndexOf: previous.dword()))
            f.if(f.call(systemPteClusterSize, next) >= f.argument(1)) { f.break() }
            f.set(previous, next)
        }
        let first = f.argument(0)
        f.set(first.dword(), (previous.dword() & endOfList) | oneEntry)
        f.if(f.argument(1) != 1) {
            f.set(first.dword(), first.dword() & ~oneEntry)
            f.set(first.dword(4), f.argument(1) << 12)
        }
        f.set(previous.dword(), (previous.dword() & ~endOfList) | index(of: first))
        f.return()
    }

    /// `MiGetClusterSize(Pte) -> entries of a free cluster`.
    static let systemPteClusterSize: Routine = .init("MiGetClusterSize", ["Pte"]) { f in
        f.if((f.argument(0).dword() & oneEntry) != 0) { f.return(1) }
        f.return(f.argument(0).dword(4) >> 12)
    }

    /// `MiReserveSystemPtes(NumberOfPtes, PoolType) -> address of the first entry, or NULL`: entries in a row, all zero, at any IRQL up to
    /// DISPATCH_LEVEL.
    package static let reserveSystemPtes: Routine = .init("MiReserveSystemPtes", ["NumberOfPtes", "PoolType"]) { f in
        let count = f.argument(0)
        f.if(count == 0) { f.return(0) }
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let previous = f.local(firstFreeSystemPte.value + (f.argument(1) << 2))
        f.while((previous.dword() & endOfList) != endOfList) {
            let cluster = f.local(entry(atIndexOf: previous.dword()))
            let size = f.call(systemPteClusterSize, cluster)
            f.if(size >= count) {
                // The upper end is taken, so that what is left need not move.
                f.set(previous.dword(), (previous.dword() & ~endOfList) | (cluster.dword() & endOfList))
                let left = f.local(size - count)
                let first = f.local(cluster + (left << 2))
                f.if(left != 0) { f.call(insertSystemPteCluster, cluster, left, f.argument(1)) }
                f.zero(first, count << 2)
                let total = (totalFreeSystemPtes.value + (f.argument(1) << 2)).dword()
                f.set(total, total - count)
                f.call(Hal.lowerIrql, irql)
                f.return(first)
            }
            f.set(previous, cluster)
        }
        f.call(Hal.lowerIrql, irql)
        f.return(0)
    }

    /// `MiReleaseSystemPtes(StartingPte, NumberOfPtes, PoolType)`: clears entries, forgets their translations, and joins them with the free
    /// clusters on both sides. Pages that they mapped are the caller's business.
    package static let releaseSystemPtes: Routine = .init("MiReleaseSystemPtes", ["StartingPte", "NumberOfPtes", "PoolType"]) { f in
        let first = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.zero(first, count << 2)
        f.flushTranslations()
        let total = (totalFreeSystemPtes.value + (f.argument(2) << 2)).dword()
        f.set(total, total + count)
        let previous = f.local(firstFreeSystemPte.value + (f.argument(2) << 2))
        f.while((previous.dword() & endOfList) != endOfList) {
            let cluster = f.local(entry(atIndexOf: previous.dword()))
            let size = f.call(systemPteClusterSize, cluster)
            f.if(cluster + (size << 2) == first || first + (count << 2) == cluster) {
                f.set(previous.dword(), (previous.dword() & ~endOfList) | (cluster.dword() & endOfList))
                f.set(cluster.dword(), 0)
                f.if(size != 1) { f.set(cluster.dword(4), 0) }
                f.if(cluster < first) { f.set(first, cluster) }
                f.set(count, count + size)
            } else: {
                f.set(previous, cluster)
            }
        }
        f.call(insertSystemPteCluster, first, count, f.argument(2))
        f.call(Hal.lowerIrql, irql)
        f.return()
    }
}

extension Function {
    /// Forgets all translations: CR3 is loaded with what it holds.
    package func flushTranslations(file: StaticString = #fileID, line: UInt = #line) {
        asm(file: file, line: line) { a in
            a.movFromControl(.eax, 3)
            a.movToControl(3, .eax)
        }
    }

    /// Forgets the translation of one address.
    package func flushTranslation(of address: Value, file: StaticString = #fileID, line: UInt = #line) {
        load(address, file: file, line: line)
        asm(file: file, line: line) { a in a.invlpg(.at(.eax)) }
    }
}
