// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// KDBG's defects: mended, and brought back by `--quirks` (spec/kdbg.md, the marks [quirk]).
struct MendTests {
    private let target = FakeTarget.kernel()

    /// What a line prints without and with `--quirks`.
    private func outputs(_ line: String) -> [String] {
        [false, true].map { KernelDebugger(target: target, keepsQuirks: $0).execute(line).output }
    }

    @Test(
        arguments: [
            ("1<2<3", 1, 0), ("1==2<3", 1, 0), ("1<2==1", 1, 0), ("3>2>1", 0, 1), ("(1<2<3)+1", 2, 1), ("1<2", 1, 1), ("5==2+3", 1, 1),
            ("1+1==2*1==1", 1, 0), ("[0x80403200]<2<3", 1, 0),
        ] as [(String, UInt64, UInt64)])
    func chainsOfComparisons(text: String, mended: UInt64, real: UInt64) throws {
        for (keeps, value) in [(false, mended), (true, real)] {
            let debugger = KernelDebugger(target: target, keepsQuirks: keeps)
            #expect(try debugger.compile(Array(text.utf8)).evaluate(registers: debugger.registers, target: target) == value)
        }
    }

    @Test func aRingThatIsExactlyFull() {
        let target = FakeTarget.kernel()
        let (variables, ring): (UInt32, UInt32) = (0x8200_0000, 0x8210_0000)
        target.map(variables)
        target.map(ring, pages: Int(DmesgRing.size / 4096))
        let values: [(String, UInt32)] = [
            ("KdpDmesgBuffer", ring), ("KdpDmesgCurrentPosition", 0), ("KdbDmesgTotalWritten", DmesgRing.size),
        ]
        target.symbols = SymbolTable(
            symbols: values.enumerated().map { index, value in
                target.write32(variables + 4 * UInt32(index), value.1)
                return Symbol(name: value.0, module: "ntoskrnl", address: variables + 4 * UInt32(index), size: 4, kind: .data)
            })
        target.writeBytes(ring, Array("first\n".utf8))
        let shown = [false, true].map { KernelDebugger(target: target, keepsQuirks: $0).execute("dmesg").output.contains("first\n") }
        #expect(shown == [true, false])
    }

    @Test func theCaretAndBlanksInFront() {
        #expect(outputs("   ? 1+") == ["             ^ Operand expected\n", "          ^ Operand expected\n"])
        #expect(outputs("? 1+") == ["          ^ Operand expected\n", "          ^ Operand expected\n"])
    }

    @Test func aMessageWithoutAPlaceHasNoLineEnd() {
        let line = "bpx eip IF " + Array(repeating: "1", count: 300).joined(separator: "+")
        let message = "Couldn't parse condition expression: RPN op stack overflow"
        #expect(outputs(line) == [message + "\n", message])
    }

    @Test func theBreakpointBehindTheLast() {
        for keeps in [false, true] {
            let debugger = KernelDebugger(target: target, keepsQuirks: keeps)
            for _ in 0..<BreakpointTable.capacity { _ = debugger.execute("bpx eip") }
            let result = debugger.execute("bpx eip")
            #expect(result.output.isEmpty == keeps && result.failed != keeps)
        }
    }

    @Test func theCountOfABacktrace() {
        #expect(outputs("bt L 1").map { $0.split(separator: "\n").count } == [4, 4])
        target.write32(0x8080_0F00, 0x8080_0F80)
        target.write32(0x8080_0F04, 0x8040_2026)
        #expect(outputs("bt L 1").map { $0.split(separator: "\n").count } == [4, 5])
    }

    @Test func levelsSpillIntoLaterWords() {
        for (keeps, masks) in [(false, [1, 8]), (true, [1, 9])] as [(Bool, [UInt32])] {
            let target = FakeTarget.kernel()
            _ = KernelDebugger(target: target, keepsQuirks: keeps).execute("filter error+SMSS info+NTFS")
            // SMSS is component 1, NTFS 3.
            #expect([1, 3].map { target.read32(0x8040_3400 + 4 * $0) } == masks.map { $0 })
        }
    }

    @Test func limitsOfSegments() {
        target.system.gdt = SystemRegisters.Table(base: 0x8000_0800, limit: 15)
        // Code, byte-granular, limit 0x0FFFF.
        target.write32(0x8000_0808, 0x0000_FFFF)
        target.write32(0x8000_080C, 0x0040_9A00)
        #expect(outputs("gdt").map { $0.contains("0x00010000") } == [false, true])
        target.system.ldt = SystemRegisters.Table(selector: 0x48, base: 0x8000_0800, limit: 15)
        #expect(outputs("ldt")[0].hasPrefix("LDT Base: 0x80000800  Limit: 0x000f\n"))
        #expect(outputs("ldt")[1].hasPrefix("LDT Base: 0x00000000  Limit: 0x0048\n"))
    }

    @Test func namesOfConditions() {
        #expect(outputs("set condition ASSERTION").map { $0.hasPrefix("Unknown exception") } == [false, true])
        #expect(outputs("set condition 21").map { $0.hasPrefix("Unknown exception") } == [false, true])
        #expect(outputs("set condition OTHERS").map { $0.contains("FirstChance never") } == [true, false])
    }

    // MARK: Tasks

    /// `bt` goes on in the task that was interrupted (spec/kdbg.md section 1.3).
    @Test func aBacktraceThroughTasks() {
        let debugger = KernelDebugger(target: target)
        #expect(!debugger.execute("bt").output.contains("TSS"))
        target.system.gdt = SystemRegisters.Table(base: 0x8000_0800, limit: 0x5F)
        target.system.task = SystemRegisters.Table(selector: 0x50, base: 0x8000_1000, limit: 0x68)
        // A busy 32-bit TSS at 0x80001100 under selector 0x28; its EIP is Phase1Initialization's, its frame the second one.
        target.write32(0x8000_0828, 0x1100_0068)
        target.write32(0x8000_082C, 0x8000_8B00)
        target.write32(0x8000_1000, 0x28)
        target.write32(0x8000_1120, 0x8040_2010)
        target.write32(0x8000_113C, 0x8080_0E00)
        let lines = debugger.execute("bt").output.split(separator: "\n").map(String.init)
        #expect(lines.first == "[Active TSS 0x0050 @ 0x80001000]")
        #expect(lines.contains("[Parent TSS 0x0028 @ 0x80001100]"))
        #expect(lines[lines.firstIndex(of: "[Parent TSS 0x0028 @ 0x80001100]")! + 1].hasPrefix("<ntoskrnl.exe:2010"))
        // Tasks that have interrupted each other, and one that is not there.
        target.write32(0x8000_1100, 0x50)
        target.write32(0x8000_0850, 0x1000_0068)
        target.write32(0x8000_0854, 0x8000_8B00)
        #expect(debugger.execute("bt").output.split(separator: "\n").count < 50)
        target.write32(0x8000_082C, 0x9000_8B00)
        #expect(debugger.execute("bt").failed)
        // An available TSS has interrupted nobody.
        target.write32(0x8000_082C, 0x8000_8900)
        #expect(!debugger.execute("bt").output.contains("TSS"))
    }
}
