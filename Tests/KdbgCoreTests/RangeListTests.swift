// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Range lists against a model: sorted entries, what is free, the highest free place; also beyond 4 GiB.
struct RangeListTests {
    private struct Range: Equatable {
        var start: UInt64
        var end: UInt64
        var isShared: Bool
        var owner: UInt32
    }

    private static func low(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value) }
    private static func high(_ value: UInt64) -> UInt32 { UInt32(value >> 32) }

    private func ranges(_ run: KernelRun, _ list: UInt32) -> [Range] {
        run.list(list).map { link in
            let entry = link - 0x1C
            func wide(_ at: UInt32) -> UInt64 { UInt64(run.read(at)) | UInt64(run.read(at + 4)) << 32 }
            return Range(start: wide(entry), end: wide(entry + 8), isShared: run.byte(entry + 0x19) & 1 != 0, owner: run.read(entry + 0x14))
        }
    }

    @Test func listAgainstModel() throws {
        let run = KernelRun()
        run.run(to: "KdDebuggerInitialize1")
        let list = run.scratch(0x14)
        let out = run.scratch(8)
        run.invoke("RtlInitializeRangeList", list)
        var model: [Range] = []
        var seed: UInt64 = 42
        func random(_ limit: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % limit
        }
        func free(_ start: UInt64, _ end: UInt64, sharedOk: Bool) -> Bool {
            model.allSatisfy { end < $0.start || $0.end < start || (sharedOk && $0.isShared) }
        }
        // Around the border of the low half, so that both halves count.
        let base: UInt64 = 0xFFFF_FF00
        for _ in 0..<150 {
            let start = base + random(0x200)
            let end = start + random(0x18)
            let shared = random(2) == 1
            let owner = UInt32(1 + random(3))
            switch random(4) {
            case 0, 1:
                let status = run.invoke(
                    "RtlAddRange", list, Self.low(start), Self.high(start), Self.low(end), Self.high(end), 0, shared ? 2 : 0, 0, owner)
                let fits = free(start, end, sharedOk: shared)
                #expect(status == (fits ? 0 : 0xC000_0282))
                if fits {
                    model.insert(
                        Range(start: start, end: end, isShared: shared, owner: owner),
                        at: model.firstIndex { $0.start > start } ?? model.count)
                }
            case 2:
                let length = UInt32(1 + random(0x20))
                let alignment = UInt32(1) << UInt32(random(5))
                let minimum = base + random(0x40)
                let maximum = base + 0x100 + random(0x120)
                let status = run.invoke(
                    "RtlFindRange", list, Self.low(minimum), Self.high(minimum), Self.low(maximum), Self.high(maximum), length, alignment,
                    0, 0, 0, 0,
                    out)
                let expected = stride(from: Int64(maximum) - Int64(length) + 1, through: Int64(minimum), by: -1).first {
                    UInt64($0) % UInt64(alignment) == 0 && free(UInt64($0), UInt64($0) + UInt64(length) - 1, sharedOk: false)
                }
                #expect(status == (expected == nil ? 0xC000_0001 : 0))
                if let expected { #expect(UInt64(run.read(out)) | UInt64(run.read(out + 4)) << 32 == UInt64(expected)) }
            default:
                if random(4) == 0 {
                    run.invoke("RtlDeleteOwnersRanges", list, owner)
                    model.removeAll { $0.owner == owner }
                } else if let victim = model.first {
                    #expect(
                        run.invoke(
                            "RtlDeleteRange", list, Self.low(victim.start), Self.high(victim.start), Self.low(victim.end),
                            Self.high(victim.end), victim.owner) == 0)
                    model.removeFirst()
                }
                #expect(run.invoke("RtlDeleteRange", list, 1, 0, 2, 0, 9) == 0xC000_028C)
            }
            #expect(ranges(run, list) == model && run.read(list + 0x0C) == UInt32(model.count))
        }
        run.invoke("RtlIsRangeAvailable", list, 0, 0, 0, 0x10, 0, 0, 0, 0, out)
        #expect(run.byte(out) == (free(0, 0x10_0000_0000, sharedOk: false) ? 1 : 0))
        run.invoke("RtlFreeRangeList", list)
        #expect(run.list(list).isEmpty)
    }
}
