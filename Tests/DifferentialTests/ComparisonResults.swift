// SPDX-License-Identifier: GPL-3.0-or-later

@testable import X86

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Comparison {
    /// Our run's memory is what the second run leaves, since Unicorn's is undone with the first.
    func compareAll(_ testCase: Case, _ start: UInt32, _ run: Run, _ other: Outcome) -> String? {
        let after = Array(UnsafeRawBufferPointer(start: unicorn.memory, count: World.memorySize))
        if let difference = repeats(testCase, start, run) { return difference }
        after.withUnsafeBytes { unicorn.memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        return compare(run, other)
    }

    private func compare(_ run: Run, _ other: Outcome) -> String? {
        var ours = run.outcome
        var other = other
        if case .software(let vector) = ours.exception, case .fault(vector, _) = other.exception {
            other.exception = ours.exception
            other.eip = ours.eip
        }
        if world.isReal {
            if case .fault(let vector, _) = ours.exception { ours.exception = .fault(vector: vector, code: nil) }
            if case .fault(let vector, _) = other.exception { other.exception = .fault(vector: vector, code: nil) }
        }
        var ignored: UInt32 = 0
        if run.modifiesMemory, case .fault(14, let code) = ours.exception, case .fault(14, let otherCode) = other.exception {
            // Unicorn reads before it finds out that it cannot write; a processor asks for both at once (SDM vol. 3, 4.7).
            if code != otherCode || ours.cr2 != other.cr2 { known["read before write", default: 0] += 1 }
            other.exception = ours.exception
            other.cr2 = ours.cr2
            ignored = 0x60
        }
        var undefined = run.tainted
        if case .fault = ours.exception, run.readsFlags {
            // When an instruction that looks at flags faults, Unicorn has lost them: it has computed them in place of what it computes them from.
            if (ours.eflags ^ other.eflags) & EFlags.arithmetic & ~undefined != 0 { known["flags lost by a fault", default: 0] += 1 }
            undefined = ~0
        }
        if switchedTask { undefined |= EFlags.arithmetic }
        if let left = run.left, case .fault(14, _) = other.exception, other.eip == ours.eip, other.cr2 == (left & ~0xFFF) &+ 0x1000 {
            // Unicorn followed the jump, to code that goes on in a page that is missing.
            other.exception = ours.exception
            other.cr2 = ours.cr2
        }
        if ours.exception != other.exception { return "exception \(ours.exception), Unicorn \(other.exception) at \(hex(other.eip))" }
        if ours.registers != other.registers { return "registers \(ours.registers.map(hex)), Unicorn \(other.registers.map(hex))" }
        if ours.eip != other.eip { return "eip \(hex(ours.eip)), Unicorn \(hex(other.eip))" }
        let mask = ~(undefined | EFlags.rf)
        if (ours.eflags ^ other.eflags) & mask != 0 {
            return "eflags \(hex(ours.eflags)), Unicorn \(hex(other.eflags)), differ in \(hex((ours.eflags ^ other.eflags) & mask))"
        }
        if ours.selectors != other.selectors { return "segments \(ours.selectors.map(hex)), Unicorn \(other.selectors.map(hex))" }
        if ours.cr2 != other.cr2 { return "cr2 \(hex(ours.cr2)), Unicorn \(hex(other.cr2))" }
        return compareMemory(ignored: ignored, run)
    }

    /// `ignored`: bits of page table entries that may differ. Accessed bits of code pages may too: Unicorn looks ahead for a whole block, and follows a jump
    /// that leaves the code.
    private func compareMemory(ignored: UInt32, _ run: Run) -> String? {
        guard memcmp(machine.memory.base, unicorn.memory, World.memorySize) != 0 else { return nil }
        for address in stride(from: 0, to: World.memorySize, by: 4) {
            let a = machine.memory.base.load(fromByteOffset: address, as: UInt32.self)
            let b = unicorn.memory.load(fromByteOffset: address, as: UInt32.self)
            if a == b || (!world.isReal && mayDiffer(UInt32(address), a ^ b, ignored, run)) { continue }
            return "memory at \(hex(UInt32(address))): \(hex(a)), Unicorn \(hex(b))"
        }
        return nil
    }

    private func mayDiffer(_ address: UInt32, _ bits: UInt32, _ ignored: UInt32, _ run: Run) -> Bool {
        let accessed: UInt32 = 0x20
        switch address {
        case World.tss + 0x24: return true
        case World.gdt..<World.gdt + 0x400 where run.outcome.selectors[1] != UInt32(world.codeSelector):
            // The accessed bit of a code segment, which Unicorn does not set in far transfers (SDM vol. 3, 3.4.5.1).
            return bits == 0x100 && address == World.gdt + (run.outcome.selectors[1] & 0xFFF8) + 4
        case World.pageDirectory..<World.pageDirectory + 0x1000:
            return bits & ~ignored == 0 || (bits == accessed && run.left.map { $0 >> 22 == (address & 0xFFF) / 4 } ?? false)
        case World.pageTable..<World.pageTable + 0x1000:
            let page = (address & 0xFFF) / 4
            if bits & ~ignored == 0 { return true }
            if bits == 0x40, page == World.gdt >> 12 { return run.outcome.selectors[1] != UInt32(world.codeSelector) }
            guard bits == accessed else { return false }
            return page == (run.window.upperBound + 1) >> 12 || run.left.map { page &- $0 >> 12 <= 1 } ?? false
        default: return false
        }
    }
}

func hex(_ value: UInt32) -> String { String(value, radix: 16) }
