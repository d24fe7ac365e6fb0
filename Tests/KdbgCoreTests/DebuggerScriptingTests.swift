// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Lines that execute lines, the log, and questions that only a person is asked.
struct DebuggerScriptingTests {
    /// Files as a front end would hand them in.
    private final class Files: HostFiles {
        var texts: [String: String] = [:]
        var bytes: [String: [UInt8]] = [:]
        var log: String?
        var isFull = false
        var reads = 0

        func read(_ name: String) throws(HostFileError) -> [UInt8] {
            reads += 1
            if let bytes = bytes[name] { return bytes }
            guard let text = texts[name] else { throw HostFileError("No such file or directory") }
            return Array(text.utf8)
        }

        func openLog(_ name: String) throws(HostFileError) { log = "" }

        func writeLog(_ text: String) throws(HostFileError) {
            guard !isFull else { throw HostFileError("No space left on device") }
            log?.append(text)
        }

        func closeLog() throws(HostFileError) { log = nil }
    }

    private let files = Files()
    private let debugger = KernelDebugger(target: FakeTarget.kernel())

    init() { debugger.files = files }

    @Test("the complaint about a line is the error that made it fail, not what the line has printed before")
    func complaints() {
        #expect(debugger.execute("bpx 0 IF 1").complaint == "Couldn't access memory at 0x00000000")
        for _ in 0..<4 { #expect(!debugger.execute("bpm w dword 0x80403100").failed) }
        let fifth = debugger.execute("bpm w dword 0x80403100")
        #expect(fifth.output.hasPrefix("Breakpoint 5 inserted.\n") && fifth.complaint.hasPrefix("Maximum number of hardware breakpoints"))
        #expect(debugger.execute("bpx 0x100000000").complaint.hasPrefix("Couldn't access memory at"))
        files.texts["a"] = "bpx 0 IF 1"
        #expect(debugger.execute("source a").output.hasSuffix("a:1: Couldn't access memory at 0x00000000\n"))
    }

    @Test("an answer other than yes is no command", arguments: ["n", "No", "y"])
    func answers(answer: String) {
        _ = debugger.execute("bugcheck", from: .typed)
        let result = debugger.execute(answer, from: .typed)
        #expect(!result.failed && result.resume == nil && result.output.hasPrefix("bugcheck: Not done."))
        #expect(debugger.execute("yes", from: .typed).failed)
    }

    @Test func aFileIsExecutedLineByLine() {
        files.texts["a"] = "# comment\r\n? 1\r\n\r\n   nonsense\n? 1+\r? 2"
        let result = debugger.execute("source a")
        #expect(
            result.output == """
                0x00000001           1
                a:4: Command '   nonsense' is unknown.
                a:5: Operand expected (column 5)
                0x00000002           2

                """)
        #expect(result.failed && result.resume == nil)
        #expect(debugger.execute("source").output == "source: File name required.\n")
        #expect(debugger.execute("source b").output == "source: b: No such file or directory\n")
    }

    @Test func aNulEndsAFileAndUTF16IsRefused() {
        files.texts["a"] = "? 1\n\0? 2\n"
        #expect(debugger.execute("source a").output == "0x00000001           1\n")
        files.bytes["b"] = [0xFF, 0xFE, 0x3F, 0, 0x0A, 0]
        #expect(debugger.execute("source b").output == "source: b: the file is UTF-16, and KDBG reads ASCII and UTF-8.\n")
    }

    @Test func aFileWaitsForTheMachine() {
        files.texts["a"] = "? 1\nstep 3\n? 2\ncont\n? 3"
        let first = debugger.execute("source a")
        #expect(first.output == "0x00000001           1\n" && first.resume == .step(3))
        let second = debugger.executeQueue()
        #expect(second.output == "0x00000002           2\n" && second.resume == .go)
        let third = debugger.executeQueue()
        #expect(third.output == "0x00000003           3\n" && third.resume == nil)
        #expect(debugger.queue.isEmpty)
    }

    @Test func filesSourceFilesInOrder() {
        files.texts["a"] = "? 1\nsource b\n? 4"
        files.texts["b"] = "? 2\nnonsense\n? 3"
        #expect(
            debugger.execute("source a").output == """
                0x00000001           1
                0x00000002           2
                b:2: Command 'nonsense' is unknown.
                0x00000003           3
                0x00000004           4

                """)
    }

    @Test func aFileThatSourcesItselfEnds() {
        files.texts["a"] = "? 1\nsource a"
        let result = debugger.execute("source a")
        #expect(result.output.hasSuffix("a:2: source: a: files are nested more than 16 deep.\n"))
        #expect(files.reads == LineQueue.maximumDepth + 1)
        // Twice in each file would be 65,536 files.
        files.texts["b"] = "source b\nsource b"
        files.reads = 0
        #expect(debugger.execute("source b").output.contains("More than 1000 files"))
        #expect(files.reads < 10_000)
        // It is over then.
        files.texts["c"] = "? 7"
        #expect(debugger.execute("source c").output == "0x00000007           7\n")
    }

    @Test func aBreakLineOpensThePrompt() {
        files.texts["a"] = "? 1\nbreak now\n? 2"
        #expect(debugger.execute("source a").output == "0x00000001           1\n")
        #expect(debugger.execute("? 5").output == "0x00000005           5\n")
        // As in KDBinit, what would let the machine run goes on with the file.
        let result = debugger.execute("cont")
        #expect(result.output == "0x00000002           2\n" && result.resume == nil)
        #expect(debugger.execute("cont").resume == .go)
    }

    @Test func kdbinitHasNoFilesOfTheHost() {
        files.texts["a"] = "? 1"
        for line in ["source a", "log b"] {
            let result = debugger.executeLine(line, from: .kdbinit)
            #expect(result.failed && result.output.contains("Not in KDBinit"))
        }
        #expect(files.reads == 0 && files.log == nil)
    }

    @Test func theLogSaysWhenItCannotGoOn() {
        #expect(debugger.execute("log off").failed)
        #expect(debugger.execute("log file").output == "")
        #expect(debugger.execute("log").output == "The log goes to file.\n")
        #expect(debugger.log("text\n") == "" && files.log == "text\n")
        files.isFull = true
        #expect(debugger.log("more\n") == "log: file: No space left on device; the log is closed.\n")
        #expect(debugger.execute("log").output == "There is no log.\n")
    }

    @Test func aSessionLogsWhatIsTypedAndShown() {
        let session = Session(BootConfiguration())
        session.files = files
        _ = session.execute("log file")
        _ = session.execute("? 1")
        #expect(session.execute("step").resume == .step(1))
        guard case .stopped(.stepped, let banner) = session.run(.step(1), budget: 10) else {
            Issue.record("a step does not end")
            return
        }
        #expect(files.log == "kdb:> ? 1\n0x00000001           1\nkdb:> step\n" + banner)
        _ = session.execute("log off")
        #expect(files.log == nil)
    }

    @Test func commandsOfABreakpoint() {
        _ = debugger.execute("bpx eip")
        #expect(debugger.execute("commands 0", from: .typed).output.contains("'end'"))
        for _ in 0...1000 { _ = debugger.execute("? 1") }
        #expect(debugger.breakpoints.slots[0]?.commands == [])
        #expect(debugger.collecting == nil)
        for line in ["commands 0", "silent", "  ? eip  ", "", "end"] { _ = debugger.execute(line) }
        #expect(debugger.breakpoints.slots[0]?.commands == ["silent", "  ? eip  "])
    }

    // MARK: Aliases

    @Test func anAliasGrowsToALimit() {
        _ = debugger.execute("alias grow ? $*$*$*$*$*$*$*$*")
        let result = debugger.execute("grow " + String(repeating: "1", count: 1000))
        #expect(result.output == "alias: The line becomes longer than 4096 bytes.\n")
        for index in 0..<2000 { _ = debugger.execute("alias a\(index) ? \(index)") }
        #expect(debugger.aliases.all.count == Aliases.capacity)
        #expect(debugger.execute("alias grow ? 1").failed == false)
    }

    @Test func anAliasCannotHideACommand() {
        for name in CommandTable.commands.flatMap(\.names) + ["break", "end"] {
            #expect(debugger.execute("alias \(name) ? 1").failed, "\(name)")
        }
    }

    // MARK: Questions

    @Test func onlyAPersonIsAsked() {
        #expect(debugger.execute("reboot").resume == .reset)
        #expect(debugger.executeLine("reboot", from: .kdbinit).resume == .reset)
        #expect(debugger.execute("reboot", from: .typed).resume == nil)
        #expect(debugger.execute("YES", from: .typed).resume == .reset)
        #expect(debugger.execute("yes", from: .typed).failed)
        for word in ["y", "yes!", "", "reboot"] {
            _ = debugger.execute("reboot", from: .typed)
            #expect(debugger.execute(word, from: .typed).resume == nil, "\(word)")
        }
    }
}
