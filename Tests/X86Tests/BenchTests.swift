// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Measures the interpreter when X86_BENCH is set: `X86_BENCH=1 swift test --filter BenchTests`.
@Suite struct BenchTests {
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
