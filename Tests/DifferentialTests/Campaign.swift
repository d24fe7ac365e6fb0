// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the environment asks for.
enum Options {
    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    /// Where Unicorn is; nil to skip.
    static var library: String? { variable("KDBG_UNICORN") }
    static var seed: UInt64 { variable("KDBG_SEED").flatMap { UInt64($0) } ?? 1 }
    /// How many instructions to compare in each world.
    static var instructions: Int { variable("KDBG_DIFFERENTIAL").flatMap { Int($0) } ?? 20_000 }
    static var world: String? { variable("KDBG_WORLD") }
    static var soakMinutes: Int? { variable("KDBG_SOAK").flatMap { Int($0) } }
}

/// Runs the cases of a seed and reports what differs, made small.
struct Campaign {
    let comparison: Comparison
    /// Differences after which it gives up.
    static let enough = 12

    /// Runs cases until so many instructions have been compared. Answers how many cases differ.
    func run(seed: UInt64, instructions: Int) -> Int {
        var failures = 0
        var number: UInt64 = 0
        while comparison.compared < instructions, failures < Self.enough {
            var generator = Generator(seed: seed << 32 + number, world: comparison.world)
            let testCase = generator.makeCase(length: 12)
            if let difference = comparison.run(testCase) {
                failures += 1
                report(testCase, "seed \(seed), case \(number)", difference)
            }
            number += 1
        }
        return failures
    }

    private func report(_ testCase: Case, _ name: String, _ difference: String) {
        let (small, text) = minimise(testCase, difference)
        print("DIFFERENCE in \(comparison.world.name), \(name): \(text)")
        if text != difference { print("  before it was made small: \(difference)") }
        print("  code: " + small.instructions.map { $0.bytes.map(hexByte).joined() }.joined(separator: " "))
        print(
            "  registers: "
                + zip(["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"], small.registers).map { "\($0) \(hex($1))" }.joined(
                    separator: ", "))
        print("  eflags: \(hex(small.eflags))")
        print("  again: KDBG_WORLD=\(comparison.world.name) KDBG_SEED=\(name.split(separator: ",")[0].dropFirst(5)) make differential")
    }

    /// Leaves out groups of instructions as long as some difference remains.
    private func minimise(_ testCase: Case, _ difference: String) -> (Case, String) {
        var best = testCase
        var text = difference
        for n in testCase.instructions.indices.reversed() where testCase.instructions[n].startsGroup {
            var shorter = best
            let end = shorter.instructions[(n + 1)...].firstIndex { $0.startsGroup } ?? shorter.instructions.count
            shorter.instructions.removeSubrange(n..<end)
            shorter.bindJumps()
            if !shorter.instructions.isEmpty, let found = comparison.run(shorter) {
                best = shorter
                text = found
            }
        }
        return (best, text)
    }

    private func hexByte(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
