// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Measures the interpreter when X86_BENCH is set: `X86_BENCH=1 swift test --filter BenchTests`.
@Suite(.serialized)
struct BenchTests {
    private func seconds(_ body: () -> Void) -> Double {
        let time = ContinuousClock().measure(body)
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    /// Runs with a snapshot every million instructions, the last ten of them held, against runs without: medians of alternating runs.
    @Test(.enabled(if: getenv("X86_BENCH") != nil), arguments: [Bench.memory, .pages]) func snapshotsEveryMillion(_ bench: Bench) {
        let machine = bench.machine(memoryBytes: 128 << 20)
        var held: [MachineSnapshot] = []
        var (with, without, taking): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<7 {
            var inside = 0.0
            for isTaking in [false, true] {
                let time = seconds {
                    for _ in 0..<100 {
                        _ = machine.run(until: machine.instructionCount + 1_000_000, passingStopAtStart: false)
                        guard isTaking else { continue }
                        inside += seconds { held.append(machine.snapshot()) }
                        if held.count > 10 { held.removeFirst() }
                    }
                }
                if isTaking { with.append(time) } else { without.append(time) }
            }
            taking.append(inside / 100)
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        print(
            "\(bench.rawValue), snapshots: \(median(without) / median(with)) of the speed without, \(median(taking) * 1e6) microseconds each,",
            "\(Int(100 / median(without))) million instructions per second without")
    }

    @Test(.enabled(if: getenv("X86_BENCH") != nil), arguments: Bench.allCases) func measures(_ bench: Bench) {
        let machine = bench.machine()
        let count: UInt64 = 200_000_000
        let start = ContinuousClock.now
        #expect(machine.run(until: count, passingStopAtStart: false) == .instructionLimit)
        let time = start.duration(to: .now)
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        print("\(bench.rawValue): \(Int(Double(count) / seconds / 1e6)) million instructions per second")
    }
}
