// SPDX-License-Identifier: GPL-3.0-or-later

/// What is wrong with a disk's surface: sectors that cannot be read or written. Part of the disk's state; a healthy disk has none.
package struct DiskFaults: Equatable, Sendable {
    /// Which transfers a fault is about.
    package enum Access: UInt8, Sendable {
        case read = 1
        case write = 2
        case both = 3

        func covers(writing: Bool) -> Bool { rawValue & (writing ? 2 : 1) != 0 }
    }

    /// One thing that is wrong.
    package enum Fault: Equatable, Sendable {
        /// The sector with that number (LBA), every time.
        case sector(Int, Access)
        /// The transfer of the n-th sector, from 1, counting those that the access covers; once.
        case transfer(Int, Access)

        var access: Access {
            switch self {
            case .sector(_, let access), .transfer(_, let access): access
            }
        }
    }

    /// One time that a fault was met.
    package struct Hit: Equatable, Sendable {
        /// Index of the fault, in the order in which they were added.
        package let fault: Int
        package let sector: Int
        package let isWrite: Bool
        /// Instructions retired.
        package let instruction: UInt64
    }

    package private(set) var faults: [Fault] = []
    /// Sectors that each fault has counted.
    private var counts: [Int] = []
    /// What was met so far, oldest first; the first thousand.
    package private(set) var hits: [Hit] = []
    private static var mostHits: Int { 1000 }

    /// Adds a fault; `Hit.fault` is its place in the order of these calls.
    package mutating func add(_ fault: Fault) {
        faults.append(fault)
        counts.append(0)
    }

    /// Lets `count` sectors pass from `first` on.
    /// - Returns: how many of them are good before the first that is not; nil when all are.
    mutating func pass(_ first: Int, count: Int, writing: Bool, at now: UInt64) -> Int? {
        guard !faults.isEmpty else { return nil }
        for sector in first..<first + count {
            var isBad = false
            for index in faults.indices where faults[index].access.covers(writing: writing) {
                counts[index] += 1
                let isMet =
                    switch faults[index] {
                    case .sector(let wanted, _): wanted == sector
                    case .transfer(let number, _): number == counts[index]
                    }
                guard isMet else { continue }
                isBad = true
                if hits.count < Self.mostHits {
                    hits.append(Hit(fault: index, sector: sector, isWrite: writing, instruction: now))
                }
            }
            if isBad { return sector - first }
        }
        return nil
    }

    func hash(into hasher: inout StableHasher) {
        hasher.add(faults.count)
        for (fault, count) in zip(faults, counts) {
            switch fault {
            case .sector(let sector, let access): hasher.add(UInt64(sector) << 8 | UInt64(access.rawValue))
            case .transfer(let number, let access): hasher.add(UInt64(number) << 8 | 0x80 | UInt64(access.rawValue))
            }
            hasher.add(count)
        }
        for hit in hits {
            hasher.add(hit.fault)
            hasher.add(hit.sector)
            hasher.add(hit.instruction)
            hasher.add([hit.isWrite])
        }
    }
}
