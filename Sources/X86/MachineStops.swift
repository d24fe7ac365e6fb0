// SPDX-License-Identifier: GPL-3.0-or-later

/// Stops of the host. They leave no trace in the guest: no byte is patched, no debug register touched.
extension Machine {
    /// Stops before the instruction at a linear address, under whatever paging is current then; the page need not be mapped yet. Counted.
    package func insertCodeStop(at linear: UInt32) {
        codeStops[linear, default: 0] += 1
        if codeStops[linear] == 1 { codeStopPages[linear & 0xFFFF_F000, default: []].append(linear) }
        noteCodeStops(in: linear & 0xFFFF_F000)
    }

    /// Takes back one `insertCodeStop`.
    package func removeCodeStop(at linear: UInt32) {
        guard let count = codeStops[linear] else { return }
        codeStops[linear] = count > 1 ? count - 1 : nil
        guard count == 1 else { return }
        let rest = (codeStopPages[linear & 0xFFFF_F000] ?? []).filter { $0 != linear }
        codeStopPages[linear & 0xFFFF_F000] = rest.isEmpty ? nil : rest
        noteCodeStops(in: linear & 0xFFFF_F000)
    }

    /// Blocks with code of the page are built anew when they are next looked up, which all have to be.
    private func noteCodeStops(in page: UInt32) {
        memory.code.pointee.stopEpoch += 1
        codeStopChanges[page] = memory.code.pointee.stopEpoch
        memory.code.pointee.renew()
    }

    /// Whether a code stop in the linear page came or went after a time of `CodeCache.stopEpoch`.
    func codeStopsChanged(in page: UInt32, since epoch: UInt32) -> Bool { codeStopChanges[page].map { $0 > epoch } ?? false }

    /// Whether an instruction at a linear address stops.
    func hasCodeStop(_ linear: UInt32) -> Bool { !codeStops.isEmpty && codeStops[linear] != nil }

    /// Whether any instruction in a linear page stops.
    func hasCodeStops(in page: UInt32) -> Bool { !codeStopPages.isEmpty && codeStopPages[page] != nil }

    /// Stops after an instruction that reads or writes any of `length` bytes at a linear address. Answers the id that hits carry.
    package func insertDataStop(address: UInt32, length: UInt32, onRead: Bool, onWrite: Bool) -> Int {
        let id = nextDataStop
        nextDataStop += 1
        cpu.pointee.addWatch(Watch(id: id, address: address, length: max(length, 1), onRead: onRead, onWrite: onWrite))
        return id
    }

    /// Removes a data stop; unknown ids are ignored.
    package func removeDataStop(_ id: Int) { cpu.pointee.removeWatch(id: id) }
}
