// SPDX-License-Identifier: GPL-3.0-or-later

/// A data stop of the host that was hit.
package struct DataStopHit: Equatable, Hashable, Sendable {
    /// What `insertDataStop` answered.
    package var id: Int
    /// Linear address of the first byte of the access.
    package var address: UInt32
    package var isWrite: Bool
    /// EIP of the instruction that made the access.
    package var eip: UInt32
}

/// Bytes whose accesses are reported: a host data stop, or one of the guest's DR0-DR3 (id -1...-4).
struct Watch {
    static var capacity: Int { 512 }
    var id = 0
    var address: UInt32 = 0
    var length: UInt32 = 0
    var onRead = false
    var onWrite = false
}

extension CPU {
    /// Slow path: records hits of an access that is about to happen.
    @inline(never) mutating func noteAccess(_ linear: UInt32, _ size: UInt32, write: Bool) {
        for i in 0..<watchCount {
            let watch = watches[i]
            guard write ? watch.onWrite : watch.onRead else { continue }
            guard linear &- watch.address < watch.length || watch.address &- linear < size else { continue }
            if watch.id < 0 {
                pendingDebug |= 1 << UInt32(-1 - watch.id)
            } else if pendingStop == .none || pendingStop == .data {
                if pendingStop == .none { dataHit = DataStopHit(id: watch.id, address: linear, isWrite: write, eip: currentEIP) }
                pendingStop = .data
            }
            deadline = 0
        }
    }

    /// Adds a watch.
    mutating func addWatch(_ watch: Watch) {
        precondition(watchCount < Watch.capacity, "too many data stops")
        watches[watchCount] = watch
        watchCount += 1
        closeTLB()
    }

    /// Removes all watches with the id.
    mutating func removeWatch(id: Int) {
        var kept = 0
        for i in 0..<watchCount where watches[i].id != id {
            watches[kept] = watches[i]
            kept += 1
        }
        watchCount = kept
        closeTLB()
    }
}
