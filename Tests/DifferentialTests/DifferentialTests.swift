// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Random instruction sequences on our machine and on Unicorn: registers, defined flags, memory and exceptions must be equal.
///
/// `KDBG_UNICORN` names the library (tools/unicorn prints it), `KDBG_DIFFERENTIAL` how many instructions to compare in each mode, `KDBG_SEED` the seed.
/// `make differential` sets them; see Tests/README.md.
@Suite struct DifferentialTests {
    @Test(arguments: World.all) func equalsUnicorn(_ world: World) throws {
        guard let library = Options.library else { return print("skipped: no Unicorn; `make differential` fetches it") }
        if let wanted = Options.world, wanted != world.name { return }
        let comparison = try #require(Comparison(world: world, library: library))
        let failures = Campaign(comparison: comparison).run(seed: Options.seed, instructions: Options.instructions)
        print(comparison.summary)
        #expect(failures == 0)
        if Options.seed == 1, Options.instructions >= 200_000 {
            #expect(comparison.faults * 100 > comparison.cases * 20, "hardly anything faults")
        }
    }

    /// Changing seeds for `KDBG_SOAK` minutes; each difference is printed as soon as it is found.
    @Test(.enabled(if: Options.soakMinutes != nil, "KDBG_SOAK is not set")) func soaks() throws {
        let library = try #require(Options.library)
        let end = ContinuousClock.now + .seconds(60 * (Options.soakMinutes ?? 0))
        let comparisons = try World.all.map { try #require(Comparison(world: $0, library: library)) }
        var failures = 0
        var seed = Options.seed
        while ContinuousClock.now < end {
            for comparison in comparisons {
                failures += Campaign(comparison: comparison).run(seed: seed, instructions: comparison.compared + 20_000)
            }
            seed += 1
            print("seed \(seed - 1) done: \(comparisons.reduce(0) { $0 + $1.compared }) instructions so far, \(failures) differences")
        }
        #expect(failures == 0)
    }

    /// A wrong expectation must be noticed: flags, registers, memory and exceptions of a machine with another instruction differ.
    @Test func noticesDifferences() throws {
        guard let library = Options.library else { return print("skipped: no Unicorn; `make differential` fetches it") }
        let comparison = try #require(Comparison(world: World.all[1], library: library))
        for (ours, theirs) in [([0x40], [0x48]), ([0xF8], [0xF9]), ([0x90], [0x0F, 0x0B]), ([0x50], [0x51])] as [([UInt8], [UInt8])] {
            var generator = Generator(seed: 7, world: World.all[1])
            var testCase = generator.makeCase(length: 1)
            testCase.registers[4] = 0x22800
            testCase.eflags = 2
            let use = FlagUse(opcode: 0x90, digit: 0, count: nil, width: 32)
            testCase.instructions = [GeneratedInstruction(bytes: ours, opcode: 0x90, digit: 0, use: use, jump: nil)]
            #expect(comparison.run(testCase) == nil)
            comparison.substitute = theirs
            #expect(comparison.run(testCase) != nil, "\(ours) is not told from \(theirs)")
            comparison.substitute = nil
        }
    }
}
