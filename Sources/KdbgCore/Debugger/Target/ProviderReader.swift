// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the KD providers from guest memory: the dispatch table, the list, and the rings (spec/boot.md sections 2.1 and 5.18).
enum ProviderReader {
    /// Bytes of a KD_DISPATCH_TABLE, and offsets in it.
    private static let entrySize: UInt32 = 0x14
    private static let initRoutine: UInt32 = 0x08
    private static let initStatus: UInt32 = 0x10
    /// Bytes of the File provider's ring (spec/kdbg.md section 7.5).
    private static let logSize: UInt32 = 0x80000
    /// The list has four nodes; a broken one may loop or lead nowhere.
    private static let listLimit = 64

    /// The providers in table order; empty when the kernel has no table.
    static func rows(in target: any Target, records: [ProviderObserver.Record]) -> [ProviderRow] {
        guard let table = target.symbols.symbol(named: "DispatchTable")?.address else { return [] }
        let registered = listed(in: target)
        return ProviderObserver.routines.indices.map { index in
            let address = table &+ UInt32(index) * entrySize
            let record = records[index]
            let status = record.phase == nil ? nil : target.read32(address &+ initStatus)
            return ProviderRow(
                name: ProviderObserver.routines[index].name, address: address, isRegistered: registered.contains(address),
                phase: record.phase,
                isArmed: (target.read32(address &+ initRoutine) ?? 0) != 0, status: status, statusName: status.map(StatusNames.name) ?? "",
                bytesPrinted: record.bytesPrinted, ring: ring(index, in: target))
        }
    }

    private static func listed(in target: any Target) -> Set<UInt32> {
        guard let head = target.symbols.symbol(named: "KdProviders")?.address else { return [] }
        var nodes: Set<UInt32> = []
        var node = target.read32(head)
        while let address = node, address != head, address != 0, nodes.count < listLimit, nodes.insert(address).inserted {
            node = target.read32(address)
        }
        return nodes
    }

    private static func ring(_ index: Int, in target: any Target) -> ProviderRow.Ring? {
        switch ProviderObserver.routines[index].name {
        case "File":
            guard let buffer = target.global("KdpDebugBuffer"), buffer != 0, let free = target.global("KdpFreeBytes") else { return nil }
            return ProviderRow.Ring(used: logSize - min(free, logSize), size: logSize)
        case "KDBG":
            guard let ring = DmesgRing(target), ring.buffer != 0 else { return nil }
            return ProviderRow.Ring(used: min(ring.total, DmesgRing.size), size: DmesgRing.size)
        default:
            return nil
        }
    }
}
