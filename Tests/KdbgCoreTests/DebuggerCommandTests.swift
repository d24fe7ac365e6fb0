// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// What the commands print, against spec/kdbg.md section 1, on a target made by hand.
struct DebuggerCommandTests {
    private let target = FakeTarget.kernel()
    private let debugger: KernelDebugger

    init() {
        debugger = KernelDebugger(target: target)
    }

    private func output(_ line: String) -> String {
        debugger.execute(line).output
    }

    @Test(arguments: [
        ("? 255", "0x000000ff         255          -1\n"), ("? 128", "0x00000080         128        -128\n"),
        ("? 256", "0x00000100         256\n"),
        ("? 0xFFFF", "0x0000ffff       65535          -1\n"), ("? 0x80000000", "0x80000000  2147483648  -2147483648\n"),
        ("? -5", "0xfffffffffffffffb                    -5\n"), ("? 0x100000000", "0x0000000100000000            4294967296\n"),
        ("?", "?: Argument required\n"),
    ])
    func evaluate(line: String, expected: String) {
        #expect(output(line) == expected)
    }

    @Test func examine() {
        target.write32(0x8040_3100, 1)
        target.write32(0x8040_3104, 0xDEAD_BEEF)
        #expect(
            output("x HalDispatchTable L 5") == "<ntoskrnl.exe:3100>: 00000001 deadbeef 00000000 00000000\n<ntoskrnl.exe:3110>: 00000000\n")
        #expect(output("x 0x80400FF8 L3").hasPrefix("<ntoskrnl.exe:ff8>: 00000000 00000000 83e58955"))
        #expect(output("x 0x80403FF8 L 4") == "<ntoskrnl.exe:3ff8>: 00000000 00000000 ???????? ????????\n")
        #expect(output("x 0x90000000 L 1") == "<90000000>: ????????\n")
        #expect(output("x 0x9000000A L 1") == "<9000000A>: ????????\n")
        #expect(output("x L 4") == "x: Address argument required.\n")
        #expect(output("x 0x80403100 L0").contains("^ Operator expected"))
        #expect(debugger.execute("x 0").failed)
        #expect(!debugger.execute("x 0x80403FF8").failed)
    }

    @Test func disassemble() {
        #expect(
            output("disasm L 4") == """
                <ntoskrnl.exe:1003 (Io/Init.swift:21 (IoInitSystem))>: sub    $0x10,%esp
                <ntoskrnl.exe:1006 (Io/Init.swift:21 (IoInitSystem))>: movl   $0x0,-0x4(%ebp)
                <ntoskrnl.exe:100d (Io/Init.swift:21 (IoInitSystem))>: call   <ntoskrnl.exe:2000 (Ex/Phase1.swift:7 (Phase1Initialization))>
                <ntoskrnl.exe:1012 (Io/Init.swift:21 (IoInitSystem))>: call   *0x80403134

                """)
        _ = output("set syntax intel")
        #expect(
            output("disasm IoInitSystem L2").hasSuffix(
                ": push   ebp\n<ntoskrnl.exe:1001 (Io/Init.swift:20 (IoInitSystem))>: mov    ebp,esp\n"))
        #expect(output("disasm 0x90000000") == "<90000000>: <INVALID>\n")
    }

    @Test func registers() {
        #expect(
            output("regs") == """
                CS:EIP  0x0008:0x80401003
                SS:ESP  0x0010:0x80800df0
                   EAX  0x00001234   EBX  0x00000000
                   ECX  0x00000000   EDX  0x00000000
                   ESI  0x00000000   EDI  0x00000000
                   EBP  0x80800e00
                EFLAGS  0x00000246  PF ZF IF IOPL0

                """)
        #expect(output("sregs").hasPrefix("CS  0x0008  Index 0x0001  GDT RPL0\nDS  0x0023  Index 0x0004  GDT RPL3\nES  0x0023"))
        #expect(output("dregs").split(separator: "\n").map { $0.prefix(3) } == ["DR0", "DR1", "DR2", "DR3", "DR6", "DR7"])
    }

    @Test func backtrace() {
        #expect(
            output("bt") == """
                Eip:
                <ntoskrnl.exe:1003 (Io/Init.swift:21 (IoInitSystem))>
                Frames:
                <ntoskrnl.exe:2020 (Ex/Phase1.swift:7 (Phase1Initialization))>

                """)
        #expect(output("bt *0x80800F00") == "Frames:\n")
        #expect(output("bt 5").hasPrefix("bt: "))
        #expect(output("bt *1+").contains("          ^") || output("bt *1+").contains("^ Operand expected"))
        target.write32(0x8080_0F00, 0x8080_0E00)
        target.write32(0x8080_0F04, 0x1000)
        #expect(output("bt").hasSuffix("<00001000>\nThe frame at 0x80800E00 was shown already; the chain is a loop.\n"))
        #expect(output("bt *4").hasSuffix("Couldn't access memory at 0x00000004!\n"))
    }

    @Test func modules() {
        #expect(output("mod") == "  Base      Size      Name\n  80400000  00004000  ntoskrnl.exe\n  80600000  00001000  hal.dll\n")
        #expect(output("mod HalInitPnpDriver") == "  Base      Size      Name\n  80600000  00001000  hal.dll\n")
        #expect(output("mod 5") == "No module containing address 0x00000005 found!\n")
        // A list that loops ends.
        target.write32(0x8000_0200, 0x8000_0100)
        #expect(output("mod").split(separator: "\n").count == 513)
    }

    @Test func processesAndThreads() {
        #expect(output("proc").hasPrefix("proc: There is no current process"))
        target.map(0xFFDF_F000)
        target.map(0x8100_0000)
        let (process, thread): (UInt32, UInt32) = (0x8100_0000, 0x8100_0400)
        target.write32(0xFFDF_F124, thread)
        target.write32(thread + 0x38, process)
        target.write32(thread + 0x1E8, 8)
        target.write32(thread + 0x4C, 2)
        target.write32(thread + 0x58, 31 << 24)
        target.write32(thread + 0x12C, 1)
        target.write32(process + 0x94, 4)
        target.writeBytes(process + 0x164, Array("System".utf8))
        target.write32(process + 0x180, thread + 0x224)
        target.write32(thread + 0x224, process + 0x180)
        target.symbols = SymbolTable(symbols: [
            Symbol(name: "PsActiveProcessHead", module: "ntoskrnl", address: 0x8000_0F00, size: 8, kind: .data)
        ])
        target.write32(0x8000_0F00, process + 0x98)
        target.write32(process + 0x98, 0x8000_0F00)
        #expect(output("proc list") == "  PID         State       Filename\n \u{1B}[1m*0x00000004  In Memory   System\u{1B}[0m\n")
        #expect(output("proc 4") == "  PID:             0x00000004\n  State:           In Memory (0x0)\n  Image Filename:  System\n")
        #expect(
            output("thread list")
                == "  TID         State        Prior.  Affinity    EBP         EIP\n"
                + " \u{1B}[1m*0x00000008  Running       31     0x00000001  0x00000000  0x00000000\u{1B}[0m\n")
        #expect(output("thread").hasPrefix("Current Thread:\n  TID:            0x00000008\n  State:          Running (0x2)\n"))
        #expect(output("thread 9") == "thread: Invalid thread id!\n")
        #expect(output("pcr").hasPrefix("Current PCR is at 0xFFDFF000.\n  Tib.ExceptionList:         0x00000000\n"))
    }

    @Test func flow() {
        #expect(debugger.execute("cont").resume == .go)
        #expect(debugger.execute("step").resume == .step(1))
        #expect(debugger.execute("next 0x10junk").resume == .next(16))
        #expect(output("step 0") == "step: Integer argument required\n")
        #expect(output("next foo") == "next: Integer argument required\n")
    }

    @Test func settings() {
        #expect(output("set syntax") == "syntax = at&t\n")
        #expect(output("set syntax INTEL") == "")
        #expect(output("set syntax") == "syntax = intel\n")
        #expect(output("set syntax masm") == "Unknown syntax 'masm'.\n")
        #expect(output("set break_on_module_load") == "break_on_module_load = disabled\n")
        #expect(output("set break_on_module_load True") == "")
        #expect(output("set Syntax").hasPrefix("Unknown setting 'Syntax'.\n"))
        #expect(output("set condition INT3") == "Condition for exception #03 (INT3): FirstChance kmode  LastChance never\n")
        #expect(output("set condition pagefault first always") == "")
        #expect(output("set condition 14") == "Condition for exception #14 (PAGEFAULT): FirstChance always  LastChance kmode\n")
        #expect(output("set condition others") == "Condition for all other exceptions: FirstChance never  LastChance kmode\n")
        #expect(output("set condition 8 first never") == "Couldn't change condition for exception #08\n")
        #expect(output("set condition 22") == "Unknown exception '22'.\n")
        #expect(output("set condition *") == "Unknown exception '*'.\n")
        #expect(output("set condition * first umode") == "")
        #expect(output("set condition 3") == "Condition for exception #03 (INT3): FirstChance umode  LastChance never\n")
        let table = output("set condition").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(table[0] == "Conditions:                 (First)  (Last)")
        #expect(table[1] == "  #00  ZERODEVIDE           umode    kmode   ")
        #expect(table[22] == "       OTHERS               umode    kmode   ")
    }

    @Test func filter() {
        #expect(output("filter error+SMSS info+ntfs") == "")
        #expect(target.read32(0x8040_3404) == 1)
        #expect(target.read32(0x8040_340C) == 8)
        #expect(output("filter 0x5+WIN2000 error-WIN2000 DISK -smss") == "")
        #expect(target.read32(0x8040_3200) == 4)
        #expect(target.read32(0x8040_3424) == UInt32.max)
        #expect(target.read32(0x8040_3404) == 0)
        #expect(output("filter loud+DISK trace+DEFAULT").hasPrefix("filter: bad class name 'loud'"))
        #expect(target.read32(0x8040_3400 + 101 * 4) == 4)
        #expect(output("filter NOSUCH DISK").hasPrefix("filter: 'NOSUCH' is not a valid component name!"))
        let rows = output("filter").split(separator: "\n")
        #expect(
            rows.suffix(155).first == "              SYSTEM        0x00000000" || rows.contains("              SYSTEM        0x00000000"))
        #expect(rows.last == "               FSLIB        0x0000009a")
        #expect(DebugComponents.all.count == 156)
    }

    @Test func unknownCommands() {
        #expect(output("foo bar 5") == "Command 'foo bar 5' is unknown.\n")
        #expect(output("dissasm eip") == "Command 'dissasm eip' is unknown.\nDid you mean 'disasm'?\n")
        #expect(output("CONT").hasPrefix("Command 'CONT' is unknown.\n"))
        #expect(debugger.execute("foo").failed)
        #expect(debugger.execute("  \t ") == CommandResult())
        #expect(output("\u{1B}[2Jx") == "Command '.[2Jx' is unknown.\n")
    }

    @Test func helpShowsEveryRow() {
        let text = output("help")
        #expect(text.hasPrefix("Kernel debugger commands:\n\u{1B}[7m* Data:\u{1B}[0m\n  ? expression         - Evaluate expression.\n"))
        #expect(text.contains("\n\n\u{1B}[7m* Flow control:\u{1B}[0m\n  cont                 - "))
        for command in CommandTable.commands {
            for name in command.names {
                #expect(text.contains("\n  \(command.usage(of: name))"))
                #expect(output("help \(name)").hasPrefix(command.usage(of: name) + "\n"))
            }
        }
    }

    @Test func rowsAreComplete() {
        var seen: Set<String> = []
        for command in CommandTable.commands {
            #expect(command.usage.hasPrefix(command.names[0]))
            #expect(command.summary.hasSuffix(".") && !command.summary.contains("\n"))
            #expect(!command.help.isEmpty)
            for line in command.help.split(separator: "\n") { #expect(line.count <= 140) }
            for name in command.names { #expect(seen.insert(name).inserted) }
        }
    }

    @Test func completion() {
        #expect(debugger.completions(of: "b", at: 1) == ["bc", "bd", "be", "bl", "bpm", "bpx", "bt", "bugcheck"])
        #expect(debugger.completions(of: "bpx IoI", at: 7) == ["IoInitSystem"])
        #expect(debugger.completions(of: "x [HalD", at: 7) == ["[HalDispatchTable"])
        #expect(debugger.completions(of: "set con", at: 7) == ["condition"])
        #expect(debugger.completions(of: "filter error+SM", at: 15) == ["error+SMSS"])
        #expect(debugger.completions(of: "set condition G", at: 15) == ["GPF"])
        #expect(debugger.completions(of: "set condition GPF f", at: 19) == ["first"])
        #expect(debugger.completions(of: "set syntax G", at: 12) == [])
        #expect(debugger.completions(of: "bpx ioin", at: 8) == ["IoInitSystem"])
        #expect(debugger.completions(of: "bpx ntosk", at: 9) == ["ntoskrnl!"])
        #expect(debugger.completions(of: "bpx ntoskrnl!IoI", at: 16) == ["ntoskrnl!IoInitSystem"])
        #expect(debugger.completions(of: "bpx IoInitSystem I", at: 18).contains("IF"))
        #expect(debugger.completions(of: "? dwo", at: 5) == ["dword["])
        #expect(debugger.completions(of: "dt driver_o", at: 11) == ["DRIVER_OBJECT"])
        #expect(debugger.completions(of: "bpm r", at: 5) == ["r", "rw"])
        #expect(debugger.completions(of: "bpm x IoI", at: 9) == ["IoInitSystem"])
        _ = debugger.execute("bpx 0")
        #expect(debugger.completions(of: "bd ", at: 3) == ["0"])
        _ = debugger.execute("bpx 1")
        #expect(debugger.completions(of: "bc 0 ", at: 5) == ["1"])
        _ = debugger.execute("alias devs bl")
        #expect(debugger.completions(of: "unalias d", at: 9) == ["devs"])
        #expect(debugger.completions(of: "dev", at: 3) == ["devs"])
        #expect(debugger.completesFileName(in: "bd ", at: 3) == false)
        #expect(debugger.completions(of: "nosuch x", at: 8) == [])
    }

    /// No file system here caches files; so the list is made by hand.
    @Test func cachedFiles() {
        let target = FakeTarget.kernel()
        let (head, map, file, name): (UInt32, UInt32, UInt32, UInt32) = (0x8200_0000, 0x8200_0100, 0x8200_0200, 0x8200_0400)
        target.map(head)
        target.symbols = SymbolTable(symbols: [
            Symbol(name: "CcDirtySharedCacheMapList", module: "ntoskrnl", address: head, size: 8, kind: .data)
        ])
        let entry = map + SHARED_CACHE_MAP.layout.SharedCacheMapLinks.offset
        for link in [head, head + 4] { target.write32(link, entry) }
        for link in [entry, entry + 4] { target.write32(link, head) }
        target.write32(map + SHARED_CACHE_MAP.layout.FileObject.offset, file)
        target.write32(map + SHARED_CACHE_MAP.layout.MappedPages.offset, 3)
        target.write32(map + SHARED_CACHE_MAP.layout.DirtyPages.offset, 1)
        let debugger = KernelDebugger(target: target)
        let heading = "Usage Summary (in KiB)\nShared\t\tMapped\tDirty\tName\n"
        #expect(debugger.execute("!filecache").output == heading + "82000100\t12\t4\tNo name for this file\n")
        let string = file + FILE_OBJECT.layout.FileName.offset
        target.write32(string, 0x0004_0004)
        target.write32(string + 4, name)
        target.writeBytes(name, [0x5C, 0, 0x61, 0])
        #expect(debugger.execute("!filecache").output == heading + "82000100\t12\t4\t\\a\n")
        // A list that leads into itself behind its head.
        target.write32(entry, entry)
        #expect(debugger.execute("!filecache").output.utf8.count < 1000)
    }

    /// Whatever is typed, the answer is text that cannot harm a terminal.
    @Test func randomLinesNeverCrash() {
        var generator = SeededGenerator(state: 42)
        let pieces =
            CommandTable.commands.flatMap(\.names) + [
                " ", " ", " ", "L", "L4", "IF", "0x", "8040", "0x80401000", "(", ")", "[", "]", "+", "-", "*", "/", "%", "<", "=", "!",
                "eax", "byte", "word",
                "IoInitSystem", "rw", "first", "never", "\t", "\u{0}", "é", "\u{1B}", "9999999999999999999999", "condition", "dword",
                "error", "WIN2000",
            ]
        for _ in 0..<100_000 {
            var line = ""
            for _ in 0..<Int.random(in: 0...9, using: &generator) { line += pieces.randomElement(using: &generator) ?? "" }
            let output = debugger.execute(line).output
            if output.unicodeScalars.contains(where: { $0.isControl && $0 != "\n" && $0 != "\u{1B}" }) {
                Issue.record("control character after \(line.debugDescription)")
            }
            if debugger.breakpoints.all.count > 100 { debugger.breakpoints = BreakpointTable() }
        }
    }
}

/// A small reproducible generator (xorshift).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
