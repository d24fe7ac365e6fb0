// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

/// The programs of Tests/Guests print the same lines on kdbg as on QEMU, apart from the cases that differences.txt lists.
@Suite(.enabled(if: Guests.has("make", "gcc", "ld"), "make, gcc and binutils are needed to build the guests"))
struct GuestTests {
    @Test(.enabled(if: Guests.has("qemu-system-i386"), "qemu-system-i386 is not installed"), arguments: Guests.cases)
    func printsWhatQEMUPrints(guest: String) async throws {
        let (ours, theirs) = (try await Guests.onKdbg(guest), try await Guests.onQEMU(guest))
        let differences = try GuestDifference.all(of: guest)
        #expect(ours.status == theirs.status)
        #expect(ours.lines.last == "done")
        #expect(ours.lines.count == theirs.lines.count)
        for (our, their) in zip(ours.lines, theirs.lines) where our != their {
            let listed = differences.first { GuestDifference.matches(our, $0.manual) }
            let isKnown = listed.map { GuestDifference.matches(their, $0.qemu) } ?? false
            #expect(isKnown, "kdbg: \(our)\nQEMU: \(their)")
        }
    }

    @Test(arguments: Guests.cases) func printsWhatTheManualDemands(guest: String) async throws {
        let lines = try await Guests.onKdbg(guest).lines
        for difference in try GuestDifference.all(of: guest) {
            #expect(lines.contains { GuestDifference.matches($0, difference.manual) }, "\(difference.manual)")
        }
    }

    @Test func listsNothingTwice() throws {
        let all = try Guests.cases.flatMap { guest in try GuestDifference.all(of: guest).map { "\(guest): \($0.manual)" } }
        #expect(all.count > 40)
        #expect(Set(all).count == all.count)
    }

    @Test(.enabled(if: Guests.has("qemu-system-i386"), "qemu-system-i386 is not installed"))
    func benchmarkComputesWhatItComputesOnQEMU() async throws {
        let (ours, theirs) = (try await Guests.onKdbg("bench", append: "rounds=1"), try await Guests.onQEMU("bench", append: "rounds=1"))
        #expect(ours.status == 1 && theirs.status == 1)
        #expect(ours.lines == theirs.lines)
        #expect(ours.lines.count == 9)
    }
}
