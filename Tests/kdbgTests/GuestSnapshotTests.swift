// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import SystemPackage
import Testing
import X86

/// Snapshots all over the CPU tests of Tests/Guests: run, snapshot, run on, restore, run on again leads to the same state, and a run that was torn apart so ends
/// like one that was not.
@Suite(.enabled(if: Guests.has("make", "gcc", "ld"), "make, gcc and binutils are needed to build the guests"))
struct GuestSnapshotTests {
    private func contents(of path: String) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
        return try descriptor.closeAfter {
            let size = Int(try descriptor.seek(offset: 0, from: .end))
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try descriptor.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    /// False when the guest has come to its end before the instruction.
    private func run(_ machine: Machine, to count: UInt64) -> Bool {
        machine.run(until: count, passingStopAtStart: false) == .instructionLimit
    }

    @Test(arguments: Guests.cases) func goesBackFromAnywhere(guest: String) async throws {
        let file = BareConfiguration.File(name: guest, bytes: try contents(of: try await Guests.file(guest)))
        let configuration = BareConfiguration(program: .kernel(file, commandLine: "", modules: []), memoryMiB: 16)
        let torn = try Guest.bare(configuration).machine
        let whole = try Guest.bare(configuration).machine
        var count: UInt64 = 0
        while run(torn, to: count) {
            let snapshot = torn.snapshot()
            let hash = torn.stateHash()
            let span = count % 5 == 0 ? 2000 : count % 40 + 1
            let isFar = run(torn, to: count + span)
            let after = torn.stateHash()
            torn.restore(snapshot)
            let restored = torn.stateHash()
            let isFarAgain = run(torn, to: count + span)
            guard restored == hash, torn.stateHash() == after, isFar == isFarAgain else {
                Issue.record("at \(count)")
                return
            }
            torn.restore(snapshot)
            count += count < 1000 ? 1 : 1 + count / 1000 * (count % 7) / 3
        }
        #expect(count > 10_000)
        let end = torn.instructionCount
        _ = run(whole, to: end)
        #expect(whole.stateHash() == torn.stateHash())
    }
}
