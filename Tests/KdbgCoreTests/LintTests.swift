// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// `kdbg check`: what is found in a file, and where.
@Suite struct LintTests {
    static let symbols = Linter.symbolsOfKernel()

    /// Findings as text without file name.
    private func check(_ script: String, for dialect: Linter.Dialect = .kdbg) -> [String] {
        Linter.check(Array(script.utf8), for: dialect, symbols: Self.symbols).map { String($0.text(file: "").dropFirst()) }
    }

    @Test("what KDBG accepts and what does what it says needs no remark")
    func acceptsGoodLines() {
        let script = """
            # comment

              \t# indented comment
            set syntax intel
            set condition INT3 first always
            set condition * last never
            filter error+SMSS info-NTFS 0xFF+default -wow64 +MM
            bpx KdpInitDriver
            bpx KdpInitDriver+1 IF dword[ esp + 4 ] == 0x20 * (eax - 1)
            bpm w dword HalDispatchTable+0x34
            bd 0
            be 0
            bc 1
            x ntoskrnl!KdProviders L 4
            x [eax] L8
            ? 1/(eax-ebx)
            ? [0]/2
            bt *[ebp]
            thread 4
            proc list
            mod KdpInitDriver
            tss 40
            !irpfind 0 0 thread 80a21cd8
            !irpfind 0 0 thread xyz
            !drvobj KdDriver
            break
            step 3
            """
        #expect(check(script) == [])
    }

    @Test(
        "errors have the place of the culprit",
        arguments: [
            ("lb", "1:1: error: unknown command 'lb'; did you mean 'bl'?"),
            ("\n\r\n  Break\n", "3:3: error: unknown command 'Break'; did you mean 'break'?"),
            ("zzzzzz", "1:1: error: unknown command 'zzzzzz'"),
            ("set sintax intel", "1:5: error: Unknown setting 'sintax'. (Did you mean 'syntax'?)"),
            ("set syntax inteL1", "1:12: error: Unknown syntax 'inteL1'."),
            ("set condition NOTHING first never", "1:15: error: Unknown exception 'NOTHING'."),
            ("set condition 22 first never", "1:15: error: Unknown exception '22'."),
            ("x", "1:1: error: x: Address argument required."),
            ("? 1 +", "1:6: error: Operand expected"),
            ("? ü + 1", "1:3: error: Operand expected (There is no number, register or symbol 'ü'.)"),
            ("? 1 ü", "1:5: error: Operator expected"),
            ("? 1/0", "1:4: error: Division by zero"),
            ("? 1/(eax-eax)", "1:4: error: Division by zero"),
            ("bpx", "1:1: error: bpx: Address argument required."),
            ("bpx 1 IF", "1:5: error: bpx: IF requires condition expression."),
            ("bpx KdpInitDriver IF eax == == 1", "1:29: error: Couldn't parse condition expression: Operand expected at character 7"),
            ("bpm q dword 0", "1:5: error: bpm: Unknown access type 'q'."),
            ("bpm w nibble 0", "1:7: error: bpm: Unknown memory size 'nibble'."),
            ("bpm w dword 2", "1:13: error: Address (0x00000002) must be aligned to a multiple of 4."),
            ("bd 0", "1:4: error: Invalid breakpoint: 0"),
            ("be x", "1:4: error: be: Breakpoint number required"),
            ("step 0", "1:6: error: step: Integer argument required"),
            (
                "bt foo",
                "1:4: error: bt: Backtrace of another thread is not supported yet. (A frame address is written with a star: bt *ebp)"
            ),
            ("bt *1+", "1:7: error: Operand expected"),
            ("tss foo", "1:5: error: Invalid TSS specification."),
            ("tss *foo", "1:5: error: Invalid TSS specification."),
            ("tss 0x33", "1:5: error: Invalid TSS selector."),
            ("mod 1 2", "1:7: error: Operator expected"),
            ("thread list foo", "1:13: error: thread: 'foo' is not a valid process id!"),
            ("!process 1+", "1:12: error: Operand expected"),
            ("!drvobj 1+", "1:11: error: Operand expected"),
            ("!devstack 1+", "1:13: error: Operand expected"),
            ("!reg q foo", #"1:8: error: 'foo' is no path of a key; they begin with \REGISTRY."#),
            (
                "!irpfind 0 0 foo 1",
                "1:14: error: !irpfind: Unknown criterion 'foo'. (There are arg, device, fileobject, mdlprocess, thread, userevent.)"
            ),
            ("alias cc cc\ncc", "2:1: error: alias: 'cc' leads to more than 16 aliases. (Do they call each other?)"),
            ("alias aa bb\nalias bb aa\naa", "3:1: error: alias: 'aa' leads to more than 16 aliases. (Do they call each other?)"),
            (
                "bpx 0\ncommands 0\nbl",
                "2:1: error: there is no line 'end' behind it: none of the lines that follow is executed, and none is attached"
            ),
            ("filter erorr+SMSS", "1:8: error: filter: bad class name 'erorr'"),
            ("filter error+SMS", "1:14: error: 'SMS' is not a debug component; did you mean 'SMSS'?"),
        ])
    func findsErrors(script: String, finding: String) {
        #expect(check(script) == [finding])
    }

    @Test(
        "warnings",
        arguments: [
            ("cont", "1:1: warning: no effect: KDBinit goes on with its next line in any case"),
            ("step\nbl", "1:1: warning: 'step' takes effect when the whole file has been executed, behind the lines that follow"),
            ("step\n\n next 2", "1:1: warning: no effect: the 'next' on line 3 replaces it"),
            ("set break_on_module_load true", "1:1: warning: no effect: KDBG never looks at break_on_module_load"),
            ("help", "1:1: warning: prints more than a screen: at boot real KDBG waits for a key here"),
            ("filter", "1:1: warning: prints more than a screen: at boot real KDBG waits for a key here"),
            ("x 0 L 93", "1:1: warning: prints more than a screen: at boot real KDBG waits for a key here"),
            ("regs now", "1:6: warning: 'regs' takes no arguments; the rest of the line is ignored"),
            ("bl # all", "1:4: warning: not a comment: comments take whole lines"),
            ("break here", "1:7: warning: KDBG ignores what follows 'break'"),
            ("break\nbd 3", "2:4: warning: Invalid breakpoint: 3"),
            ("bl\0bl", "1:3: warning: there is a NUL byte, at which KDBG stops reading"),
            ("? 0\nx 0x100000000", "2:3: warning: x: Warning: Address 0x100000000 is too wide and is truncated."),
        ])
    func warns(script: String, finding: String) {
        #expect(check(script) == [finding])
    }

    @Test("a last step, a count of 92 and bytes behind a trailing NUL are all right")
    func doesNotWarn() {
        #expect(check("bl\nstep 5\n# end\n") == [])
        #expect(check("x 0 L 92") == [])
        #expect(check("bl\n\0\n \0") == [])
        #expect(check("") == [])
    }

    @Test(
        "what only kdbg takes",
        arguments: [
            ("cregs", "1:1: error: 'cregs' is a command of kdbg only; ReactOS 0.4.15 does not know it"),
            (
                "? 1+KdpInitDriver",
                "1:5: error: 'KdpInitDriver' is a symbol, which only kdbg takes; ReactOS 0.4.15 wants a number or a register"
            ),
            ("set condition assertion first never", "1:15: error: ReactOS 0.4.15 does not know an exception 'assertion'"),
            (
                "set condition others first never",
                "1:15: warning: ReactOS 0.4.15 changes assertion failures instead; all other exceptions are reachable through '*' only"
            ),
            ("? 1<2<3", "1:6: warning: ReactOS 0.4.15 groups chains of comparisons from the right; use brackets"),
            (
                "filter error+MM info+SE",
                "1:17: warning: ReactOS 0.4.15 lets the levels of earlier words spill into later ones; write one word a line"
            ),
        ])
    func knowsReactOS(script: String, finding: String) {
        let first = "1:1: warning: builds of ReactOS 0.4.15 before 2024-10-14 load KDBinit and execute none of its lines"
        #expect(check(script, for: .reactOS) == [first, finding])
        #expect(check(script) == [])
    }

    @Test("what ReactOS takes and kdbg may not have yet is no error there")
    func knowsCommandsOfReactOS() {
        for name in ReactOS.commands {
            #expect(!check(name, for: .reactOS).contains { $0.contains("unknown command") || $0.contains("only") }, "\(name)")
        }
        #expect(check("# nothing to execute\n", for: .reactOS) == [])
        #expect(check("reboot\nbl", for: .reactOS).last == "2:1: warning: never reached: line 1 reboots")
    }

    @Test("files that are no KDBinit at all")
    func refusesForeignFiles() {
        let wide: [UInt8] = [0xFF, 0xFE] + "bl\n".utf8.flatMap { [$0, 0] }
        #expect(Linter.check(wide, symbols: Self.symbols).map(\.message) == ["the file is UTF-16, and KDBG reads ASCII and UTF-8"])
        #expect(check("\u{FEFF}bl") == ["1:1: error: the file begins with a byte order mark, for KDBG a part of the first word"])
        let many = check(String(repeating: "nonsense\n", count: 5000))
        #expect(many.count == Linter.mostFindings + 1)
        #expect(many.last == "1000:1: error: too many findings; the rest of the file is not checked")
    }

    @Test("a command file is executed as if typed")
    func commandFiles() {
        let script = """
            \u{FEFF}bpx KdpInitDriver
            cont
            help
            step
            next-step
            source other.kdb
            log session.txt
            ?fat.vols
            reboot
            bl
            """
        let findings = Linter.check(
            Array(script.utf8), kind: .commands, frontEndWords: ["next-step"], symbols: Self.symbols)
        #expect(findings == [])
        #expect(Linter.check(Array("next-step\n".utf8), frontEndWords: ["next-step"], symbols: Self.symbols).map(\.severity) == [.error])
        #expect(Linter.Kind(fileName: "a/b.kdb") == .commands && Linter.Kind(fileName: "KDBinit") == .kdbinit)
        let real = Linter.check(Array("cont\nhelp\n!gdi.help\n".utf8), for: .reactOS, kind: .commands, symbols: Self.symbols)
        #expect(real == [])
    }

    @Test("commands that drivers add")
    func driverCommands() {
        #expect(check("?fat.vols\n?fat.files 0\n?fat.setdbgfile debug.log") == [])
        #expect(check("?fat.vosl") == ["1:1: error: unknown command '?fat.vosl'; did you mean '?fat.vols'?"])
        #expect(check("!gdi.help") == ["1:1: error: win32k.sys adds '!gdi.help', and the system of kdbg has none"])
        let real = check("?fat.setdbgfile x\n!gdi.handle 1\n!gdi.hepl", for: .reactOS)
        #expect(
            real.dropFirst() == [
                "2:1: warning: win32k.sys, which adds '!gdi.handle', is not loaded yet when KDBinit is executed",
                "3:1: error: unknown command '!gdi.hepl'; did you mean '!gdi.help'?",
            ])
    }

    @Test("counts beyond what is shown at once")
    func largeCounts() {
        #expect(check("x 0x80400000 L 0x100001") == ["1:16: error: At most 1048576 (0x100000) at once"])
        #expect(check("x 0x80400000 L 0x100001", for: .reactOS).contains { $0.contains("error") } == false)
    }

    @Test("JSON has no raw control characters or quotes")
    func quotesJSON() {
        let finding = Finding(.error, line: 1, column: 2, "a \"b\" \\ c")
        #expect(
            finding.json(file: "x\n") == #"{"file": "x\u000a", "line": 1, "column": 2, "severity": "error", "message": "a \"b\" \\ c"}"#)
    }

    @Test("lines end at CR, LF or both")
    func countsLines() {
        let text = ScriptText(Array("a\r\nb\r\rc\n\r\nd".utf8))
        #expect(text.lines.map(\.number) == [1, 2, 4, 6])
        #expect(text.lines.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b", "c", "d"])
    }
}
