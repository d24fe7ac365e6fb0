// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Pool, system PTEs and page locks by calling the guest's routines, against simple models.
struct MmPoolTests {
    /// The same numbers in every run.
    private struct Numbers {
        var state: UInt32 = 0x1234_5678
        mutating func next(_ limit: UInt32) -> UInt32 {
            state = state &* 1_664_525 &+ 1_013_904_223
            return (state >> 8) % limit
        }
    }

    private func booted(_ place: String = "IoInitSystem") -> KdHarness {
        let harness = KdHarness()
        #expect(harness.run(to: place) == .reached(place))
        return harness
    }

    private func defects(_ harness: KdHarness) -> [String] {
        let model = MmMemoryModel(KernelRun(guest: harness.guest))
        model.checkPages()
        model.checkPools()
        _ = model.clusters(0)
        _ = model.clusters(1)
        return model.defects
    }

    /// Random allocations of all sizes hold what was written to them, never overlap, and leave nothing behind.
    @Test(arguments: [0, 1] as [UInt32]) func allocationsKeepWhatTheyHold(type: UInt32) {
        let harness = booted()
        let available = harness.global("MmAvailablePages")
        var numbers = Numbers()
        var live: [(address: UInt32, size: UInt32, mark: UInt32)] = []
        for round in 0..<600 as Range<UInt32> {
            if numbers.next(5) < 3 || live.isEmpty {
                let size = [8, 40, 200, 1500, 0xFF0, 0x1000, 20_000][Int(numbers.next(7))] as UInt32
                let address = harness.call("ExAllocatePoolWithTag", type, size - numbers.next(8), poolTag("Test"))
                #expect(address != 0 && (size <= 0xFF0 ? address % 8 == 0 : address % 4096 == 0))
                _ = harness.machine.write32(linear: address, round)
                _ = harness.machine.write32(linear: address + (size - 8) & ~3, round)
                live.append((address, size, round))
            } else {
                let victim = live.remove(at: Int(numbers.next(UInt32(live.count))))
                #expect(harness.dword(victim.address + (victim.size - 8) & ~3) == victim.mark)
                if victim.size > 8 { #expect(harness.dword(victim.address) == victim.mark) }
                harness.call("ExFreePoolWithTag", victim.address, poolTag("Test"))
            }
            if round % 200 == 199 { #expect(defects(harness) == []) }
        }
        for block in live { harness.call("ExFreePoolWithTag", block.address, poolTag("Test")) }
        #expect(defects(harness) == [])
        // Page tables of paged pool stay, and a page or two of blocks that share with others.
        #expect(available - harness.global("MmAvailablePages") <= 8)
    }

    /// Nonpaged pool grows into its expansion and gives that back.
    @Test func nonPagedPoolGrows() {
        let harness = booted()
        let available = harness.global("MmAvailablePages")
        let large = harness.call("ExAllocatePoolWithTag", 0, 0x30_0000, poolTag("Test"))
        #expect(large >= harness.global("MmNonPagedPoolExpansionStart") && large < 0xFFBE_0000)
        #expect(harness.global("MiNonPagedPoolExpansionPagesInUse") == 0x300)
        #expect(defects(harness) == [])
        harness.call("ExFreePoolWithTag", large, poolTag("Test"))
        #expect(harness.global("MmAvailablePages") == available)
        #expect(defects(harness) == [])
    }

    /// More than there is yields NULL, and nothing is lost.
    @Test(arguments: [0, 1] as [UInt32]) func whatDoesNotFitIsRefused(type: UInt32) {
        let harness = booted()
        let available = harness.global("MmAvailablePages")
        for size in [0x7000_0000, 0x0700_0000, 0xFFFF_FFFF, 0x8000_0000] as [UInt32] {
            #expect(harness.call("ExAllocatePoolWithTag", type, size, poolTag("Test")) == 0)
        }
        #expect(available - harness.global("MmAvailablePages") <= 32)
        #expect(defects(harness) == [])
    }

    /// How a bad free ends: the bugcheck's code and first parameter.
    @Test(arguments: ["twice", "tag", "header", "middle", "user", "nowhere", "large twice"]) func badFrees(kind: String) {
        let harness = booted()
        let block = harness.call("ExAllocatePoolWithTag", 0, 64, poolTag("Test"))
        let large = harness.call("ExAllocatePoolWithTag", 1, 0x5000, poolTag("Test"))
        harness.run(to: "ExAllocatePoolWithTag")
        var arguments: [UInt32] = [block, poolTag("Test")]
        var expected: [UInt32] = []
        switch kind {
        case "twice":
            harness.call("ExFreePoolWithTag", block, poolTag("Test"))
            expected = [0xC2, 7]
        case "tag": (arguments[1], expected) = (poolTag("Tset"), [0xC2, 0x0A])
        case "header":
            _ = harness.machine.write16(linear: block - 6, 0x0203)
            expected = [0x19, 0x20]
        case "middle": (arguments[0], expected) = (large + 0x1000, [0xC2, 0x46])
        case "user": (arguments[0], expected) = (0x1000, [0xC2, 0x40])
        case "nowhere": (arguments[0], expected) = (0xB000_0008, [0xC2, 0x42])
        default:
            harness.call("ExFreePoolWithTag", large, poolTag("Test"))
            (arguments[0], expected) = (large, [0xC2, 0x46])
        }
        harness.begin(harness.address(of: "ExFreePoolWithTag"), arguments)
        #expect(harness.run(to: "KeBugCheckWithTf") == .reached("KeBugCheckWithTf"))
        #expect((0..<2).map { harness.dword(harness.machine.registers.esp + 4 + 4 * $0) } == expected)
    }

    @Test func pagedPoolAtDispatchLevelAsserts() {
        let harness = booted()
        harness.call("KfRaiseIrql", 2)
        #expect(harness.call("ExAllocatePoolWithTag", 0, 64, poolTag("Test")) != 0)
        harness.begin(harness.address(of: "ExAllocatePoolWithTag"), [1, 64, poolTag("Test")])
        #expect(harness.run(to: "RtlAssert") == .reached("RtlAssert"))
    }

    // MARK: System PTEs

    /// Reserving and releasing against a model that knows free entries one by one.
    @Test func systemPtesAreNeverGivenTwice() {
        let harness = booted()
        let model = MmMemoryModel(KernelRun(guest: harness.guest))
        var free: Set<UInt32> = Set(model.clusters(0).flatMap { cluster in (0..<cluster.size).map { cluster.first + 4 * $0 } })
        let before = free
        let count = model.clusters(0).count
        var numbers = Numbers()
        var live: [(first: UInt32, count: UInt32)] = []
        for _ in 0..<400 {
            if numbers.next(5) < 3 || live.isEmpty {
                let count = numbers.next(40) + 1
                let first = harness.call("MiReserveSystemPtes", count, 0)
                let entries = (0..<count).map { first + 4 * $0 }
                #expect(free.isSuperset(of: entries))
                #expect(entries.allSatisfy { harness.dword($0) == 0 })
                free.subtract(entries)
                live.append((first, count))
            } else {
                let victim = live.remove(at: Int(numbers.next(UInt32(live.count))))
                harness.call("MiReleaseSystemPtes", victim.first, victim.count, 0)
                free.formUnion((0..<victim.count).map { victim.first + 4 * $0 })
            }
        }
        let clusters = model.clusters(0)
        #expect(Set(clusters.flatMap { cluster in (0..<cluster.size).map { cluster.first + 4 * $0 } }) == free)
        #expect(model.defects == [])
        for piece in live { harness.call("MiReleaseSystemPtes", piece.first, piece.count, 0) }
        #expect(harness.call("MiReserveSystemPtes", 100_000, 0) == 0)
        let after = model.clusters(0)
        #expect(after.count == count)
        #expect(Set(after.flatMap { cluster in (0..<cluster.size).map { cluster.first + 4 * $0 } }) == before)
    }

    @Test func kernelStacksHaveAGuardPageAndComeBack() {
        let harness = booted()
        let (available, entries) = (harness.global("MmAvailablePages"), harness.global("MmTotalFreeSystemPtes"))
        for isLarge in [0, 1] as [UInt32] {
            let top = harness.call("MmCreateKernelStack", isLarge, 0)
            #expect(harness.machine.read8(linear: top - 1) != nil && harness.machine.read8(linear: top - 0x3000) != nil)
            #expect(harness.machine.read8(linear: top - 0x3001) == nil)
            #expect(entries - harness.global("MmTotalFreeSystemPtes") == (isLarge == 0 ? 4 : 16))
            #expect(defects(harness) == [])
            harness.call("MmDeleteKernelStack", top, isLarge)
            #expect(harness.global("MmAvailablePages") == available && harness.global("MmTotalFreeSystemPtes") == entries)
        }
    }

    // MARK: Locks

    /// A locked page outlives its pool, and is free when it is unlocked.
    @Test func lockedPagesStay() {
        let harness = booted("IopReinitializeBootDrivers")
        let buffer = harness.call("ExAllocatePoolWithTag", 1, 0x3000, poolTag("Test"))
        let available = harness.global("MmAvailablePages")
        let entries = harness.global("MmTotalFreeSystemPtes")
        let mdl = harness.call("IoAllocateMdl", buffer + 0x123, 0x2000, 0, 0, 0)
        harness.call("MmProbeAndLockPages", mdl, 0, 1)
        let pages = (0..<3).map { harness.dword(mdl + 0x1C + 4 * $0) }
        #expect(pages == (0..<3).map { harness.dword(0xC000_0000 + (buffer >> 12 + $0) * 4) >> 12 })
        let view = harness.call("MmMapLockedPagesSpecifyCache", mdl, 0, 1, 0, 1, 16)
        #expect(view & 0xFFF == 0x123 && view != buffer + 0x123)
        _ = harness.machine.write32(linear: buffer + 0x1F00, 0xCAFE_F00D)
        #expect(harness.dword(view + 0x1F00 - 0x123) == 0xCAFE_F00D)
        harness.call("ExFreePoolWithTag", buffer, poolTag("Test"))
        #expect(harness.global("MmAvailablePages") == available)
        harness.call("MmUnlockPages", mdl)
        #expect(harness.global("MmAvailablePages") == available + 3)
        #expect(harness.global("MmTotalFreeSystemPtes") == entries)
        harness.call("IoFreeMdl", mdl)
        #expect(defects(harness) == [])
    }

    // MARK: Small blocks that are kept

    /// A freed small block waits for the next of its size; it counts as free, is seen as kept, and freeing it again is noticed.
    @Test(arguments: [0, 1] as [UInt32]) func smallBlocksAreKept(type: UInt32) {
        let harness = booted()
        let run = KernelRun(guest: harness.guest)
        let prcb: UInt32 = 0xFFDF_F120
        let list = harness.dword(prcb + 0x660 + 0x100 * type + 8 * 8)
        #expect(
            list == harness.dword(prcb + 0x660 + 0x100 * type + 8 * 8 + 4)
                && run.list(run.address("ExPoolLookasideListHead")).contains(list + 0x30))
        // 64 bytes and a header are nine units.
        #expect(harness.dword(list + 0x24) == 72 && run.word(list + 8) == 4)
        let first = (0..<10).map { _ in harness.call("ExAllocatePoolWithTag", type, 64, poolTag("Test")) }
        let use = run.poolUse("Test")
        let kept = run.word(list + 4)
        #expect(kept == 0)
        for block in first { harness.call("ExFreePoolWithTag", block, poolTag("Test")) }
        #expect(run.word(list + 4) == 4 && run.poolUse("Test").bytes == use.bytes - 10 * 72)
        #expect(defects(harness) == [])
        // Last in, first out; their headers say where they are.
        #expect(harness.dword(first[3] - 8) >> 25 == 0x40)
        #expect((0..<4).map { _ in harness.call("ExAllocatePoolWithTag", type, 60, poolTag("Tst2")) } == first[..<4].reversed())
        #expect(harness.dword(first[3] - 8) >> 25 == type + 1 && harness.dword(first[3] - 4) == poolTag("Tst2"))
        #expect(run.word(list + 4) == 0 && defects(harness) == [])
        for block in first[..<4] { harness.call("ExFreePoolWithTag", block, poolTag("Tst2")) }
        // 256 bytes with the header are the largest.
        let large = harness.call("ExAllocatePoolWithTag", type, 249, poolTag("Test"))
        let header = harness.dword(large - 8)
        harness.call("ExFreePoolWithTag", large, poolTag("Test"))
        #expect(header >> 16 & 0x1FF == 33 && harness.dword(large - 8) >> 25 == 0)
    }
}
