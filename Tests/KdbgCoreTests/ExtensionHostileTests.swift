// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Every command on memory that a broken or malicious guest has filled: it must end, and say a bounded amount.
struct ExtensionHostileTests {
    /// A kernel all of whose variables lie in a page that holds `pattern`, in every dword.
    private static func debugger(_ pattern: (UInt32) -> UInt32) -> KernelDebugger {
        let target = FakeTarget.kernel()
        let page: UInt32 = 0x8100_0000
        target.map(page, pages: 4)
        for offset in stride(from: UInt32(0), to: 0x4000, by: 4) { target.write32(page + offset, pattern(page + offset)) }
        let names = [
            "PsLoadedModuleList", "ObpRootDirectoryObject", "DriverBootReinitListHead", "DriverReinitListHead", "HalDispatchTable",
            "DispatchTable",
            "KdProviders", "KiBugCheckData", "PsActiveProcessHead", "KdpDebugBuffer", "KdpFreeBytes", "ObpKernelHandleTable",
            "MmNonPagedPoolStart", "MmSizeOfNonPagedPoolInBytes", "MmPagedPoolStart", "MmSizeOfPagedPoolInBytes",
            "MmNonPagedPoolExpansionStart", "MmNonPagedPoolEnd", "MmPfnDatabase",
            "PoolBigPageTableSize", "PoolTrackTableSize",
            "PoolTrackTable", "PoolBigPageTable", "KdpDmesgBuffer", "orgHalInitPnpDriver", "MmAvailablePages", "HandleTableListHead",
            "CcDirtySharedCacheMapList", "CcTotalDirtyPages",
            "CcDirtyPageThreshold", "MmThrottleTop", "MmThrottleBottom", "MmModifiedPageListHead", "PsInitialSystemProcess",
        ]
        target.symbols = SymbolTable(
            symbols: names.enumerated().map {
                Symbol(name: $0.element, module: "ntoskrnl", address: page + 0x100 + 0x40 * UInt32($0.offset), size: 0x40, kind: .data)
            })
        // The PCR is such a page too.
        target.map(0xFFDF_F000)
        for offset in stride(from: UInt32(0), to: 0x1000, by: 4) { target.write32(0xFFDF_F000 + offset, pattern(page + offset)) }
        target.registers.ebp = page
        target.registers.esp = page
        target.registers.eip = page
        let debugger = KernelDebugger(target: target)
        debugger.exceptionRecord = page + 0x80
        return debugger
    }

    private static let patterns: [@Sendable (UInt32) -> UInt32] = [
        { _ in 0 }, { _ in 0xFFFF_FFFF }, { $0 }, { $0 &+ 4 }, { $0 % 8 == 0 ? 0x8100_0800 : 0x0003_0003 },
        // Backwards, a chain that is as long as memory, and one that jumps about.
        { $0 &- 4 }, { $0 &+ 8 }, { 0x8100_0000 | $0 &* 0x9E37_79B1 >> 18 & 0x3FFC },
        // Text that would clear a screen, and pointers to it.
        { $0 % 16 < 4 ? 0x8100_0404 : 0x4A32_5B1B }, { $0 % 8 == 0 ? $0 : 0x6D31_5B1B },
    ]

    /// Nothing a terminal could obey but the three sequences of KDBG's own.
    static func isHarmless(_ text: String) -> Bool {
        let pieces = text.unicodeScalars.split(separator: "\u{1B}", omittingEmptySubsequences: false)
        return pieces.allSatisfy { $0.allSatisfy { !$0.isControl || $0 == "\n" || $0 == "\t" } }
            && pieces.dropFirst().allSatisfy { piece in ["[7m", "[1m", "[0m"].contains { piece.starts(with: $0.unicodeScalars) } }
    }

    @Test(arguments: patterns.indices)
    func everyCommand(pattern: Int) {
        let debugger = Self.debugger(Self.patterns[pattern])
        let arguments = ["", "0x81000804", "*", "\\a\\b", "abcd 1"]
        // These let the machine run or read files; they are tested elsewhere.
        let skipped: Set<String> = ["source", "log", "reboot", "bugcheck", "commands"]
        for command in CommandTable.commands where !skipped.contains(command.names[0]) {
            for argument in arguments {
                let result = debugger.execute("\(command.names[0]) \(argument)")
                #expect(result.output.utf8.count < 2_000_000, "\(command.names[0]) \(argument)")
                #expect(Self.isHarmless(result.output), "\(command.names[0]) \(argument): \(result.output.debugDescription.prefix(300))")
            }
        }
    }

    /// Every row says how to use it, and its example is a line that could be typed.
    @Test func everyCommandExplainsItself() {
        let symbols = Linter.symbolsOfKernel()
        for command in CommandTable.commands {
            let name = command.names[0]
            let rehearsal = Rehearsal(symbols: symbols)
            // Some need a breakpoint to work on.
            for line in ["alias devs bl", "bpx 0x80400000"] + (name == "be" ? ["bd 0"] : []) {
                let line = CommandLine(line)
                _ = CommandTable.command(named: line.words[0].text).map { rehearsal.run($0, line) }
            }
            #expect(command.usage.hasPrefix(name))
            #expect(command.summary.hasSuffix("."), "\(name)")
            #expect(!command.help.isEmpty && command.help.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(name)")
            #expect(command.winDbg?.isEmpty != true && command.gdb?.isEmpty != true, "\(name)")
            let example = CommandLine(command.example)
            #expect(command.names.contains(example.words[0].text), "\(name)")
            if case .refused(let error) = rehearsal.run(command, example), !error.message.contains("Not in KDBinit") {
                Issue.record("\(command.example): \(error.message)")
            }
        }
    }
}
