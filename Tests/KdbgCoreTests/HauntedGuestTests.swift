// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Every command on a kernel whose variables, lists and tables all hold the same kind of nonsense, wherever they lie: rings that miss their head, chains
/// without end, pointers to nowhere. It must end, say a bounded amount, and obey no terminal sequence.
struct HauntedGuestTests {
    /// How every dword of the kernel's memory is made from its address.
    enum Haunt: String, CaseIterable {
        case zeros, ones
        /// Every list entry is its own neighbour: a walk that waits for the head never gets there.
        case itself
        /// Two entries point at each other.
        case pairs
        /// As long as memory.
        case next
        case back
        /// Here and there, and now and then outside.
        case wild
        /// Small numbers: sizes, counts and types that are possible.
        case small

        func word(_ address: UInt32) -> UInt32 {
            switch self {
            case .zeros: 0
            case .ones: 0xFFFF_FFFF
            case .itself: address
            case .pairs: address ^ 0x40
            case .next: address &+ 8
            case .back: address &- 8
            case .wild: address &* 0x9E37_79B1 >> 30 == 0 ? 0x1000 : HauntedTarget.start | address &* 0x9E37_79B1 >> 12 & 0xF_FFF8
            case .small: address & 8 == 0 ? 0x0204_0004 : HauntedTarget.start &+ address & 0xFF8
            }
        }
    }

    /// A megabyte of kernel, with all its symbols where they belong, the page tables and the processor's page.
    final class HauntedTarget: Target {
        static let start: UInt32 = 0x8040_0000
        private static let tables: Range<UInt32> = 0xC000_0000..<0xC040_0000

        let haunt: Haunt
        var registers = RegisterView()
        var system = SystemRegisters()
        let symbols: SymbolTable
        /// Dwords that were looked at.
        private(set) var reads = 0

        init(_ haunt: Haunt, symbols: SymbolTable) {
            self.haunt = haunt
            self.symbols = symbols
            registers.eip = Self.start + 0x1000
            registers.esp = Self.start + 0x2000
            registers.ebp = Self.start + 0x2008
            let table = SystemRegisters.Table(selector: 8, base: Self.start + 0x3000, limit: 0x3FF)
            (system.gdt, system.idt, system.ldt, system.task) = (table, table, table, table)
        }

        private func isMapped(_ address: UInt32) -> Bool {
            address &- Self.start < 0x10_0000 || Self.tables.contains(address) || address >> 12 == 0xFFDFF || address >> 12 == 0xFFDF0
        }

        func read8(_ address: UInt32) -> UInt8? {
            guard isMapped(address) else { return nil }
            reads += 1
            return UInt8(truncatingIfNeeded: haunt.word(address & ~3) >> (address & 3 * 8))
        }

        func read16(_ address: UInt32) -> UInt16? { readBytes(address, count: 2).map { UInt16($0[0]) | UInt16($0[1]) << 8 } }

        func read32(_ address: UInt32) -> UInt32? {
            if address & 3 == 0 {
                reads += 1
                return isMapped(address) ? haunt.word(address) : nil
            }
            return readBytes(address, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        }

        func readBytes(_ address: UInt32, count: Int) -> [UInt8]? {
            guard count > 0 else { return [] }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count)
            var word: UInt32 = 0
            for index in 0..<UInt32(count) {
                let place = address &+ index
                if index == 0 || place & 3 == 0 {
                    reads += 1
                    guard isMapped(place) else { return nil }
                    word = haunt.word(place & ~3)
                }
                bytes.append(UInt8(truncatingIfNeeded: word >> (place & 3 * 8)))
            }
            return bytes
        }

        func write32(_ address: UInt32, _ value: UInt32) -> Bool { isMapped(address) }
        func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool { isMapped(address) }
        func setRegister(_ register: Register, _ value: UInt32) {}
        func insertCodeStop(at address: UInt32) {}
        func removeCodeStop(at address: UInt32) {}
        func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int { 1 }
        func removeDataStop(_ id: Int) {}
    }

    private static let symbols = Linter.symbolsOfKernel()

    /// What the commands are tried with: what some of them take, and an address in the middle of it all. A path per kind of object.
    private static let arguments = [
        "", "0x80410008", "80410008 1", "PsInitialSystemProcess", "*", "Proc 1", "0 0 arg 0", #"\a\b"#, #"\REGISTRY\MACHINE\SYSTEM"#,
        "hivelist",
        "openkeys", "0x80410008 1", #"q \REGISTRY\MACHINE"#, "list", "list 4", "4", "0", "*ebp", "KPCR 0x80410008",
        "-r3 EPROCESS 0x80410008", "1 ????",
    ]

    /// These read files or nothing, or let the machine run.
    private static let others: Set<String> = [
        "source", "log", "commands", "cont", "step", "next", "bugcheck", "reboot", "alias", "unalias", "help", "faults", "set", "bl", "be",
        "bd", "bc", "bpm", "?", "printf", "regs", "sregs", "dregs", "cregs", "r", "filter", "ln",
    ]

    @Test(arguments: Haunt.allCases)
    func everyCommandEnds(haunt: Haunt) {
        for command in CommandTable.commands where !Self.others.contains(command.names[0]) {
            let target = HauntedTarget(haunt, symbols: Self.symbols)
            let takesWords = command.usage != command.names[0]
            // Each argument with every fourth haunt or so, or it would take minutes.
            let turn = Haunt.allCases.firstIndex(of: haunt) ?? 0
            for (index, argument) in Self.arguments.enumerated() where index < 2 || takesWords && (index + turn) % 4 == 0 {
                let debugger = KernelDebugger(target: target)
                // With and without an exception that the guest waits with.
                debugger.exceptionRecord = index % 2 == 0 ? HauntedTarget.start + 0x4000 : nil
                debugger.contextAddress = debugger.exceptionRecord
                let line = "\(command.names[0]) \(argument)"
                let output = debugger.execute(line).output
                #expect(output.utf8.count < 4_000_000, "\(line)")
                #expect(ExtensionHostileTests.isHarmless(output), "\(line): \(output.prefix(300).debugDescription)")
            }
            if !takesWords { #expect(target.reads > 0, "\(command.names[0]) has not looked at anything") }
        }
    }
}
