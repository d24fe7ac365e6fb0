// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTestSupport
import Testing
import X86

/// `kdbg bare` from outside: options, output, messages, exit statuses, and what QEMU says to the same images.
@Suite("kdbg bare", .serialized) struct BareTests {
    private typealias Images = BareImages
    private let directory = TemporaryDirectory()

    private static let bootSector = BareImages.bootSector { code in
        code.print("boot by E9\n")
        code.send("boot by COM1\n")
        code.exit(5)
    }

    private static let rom = BareImages.rom { code in
        code.print("rom by E9\n")
        code.send("rom by COM1\n")
        code.exit(6)
    }

    private static func real(_ body: (inout RealModeAssembler) -> Void) -> [UInt8] { BareImages.bootSector(body) }

    private func raw(_ name: String, _ bytes: [UInt8]) throws -> [String] {
        ["bare", "--raw", try directory.file(name, bytes) + "@0x7c00", "--entry", "0x7c00"]
    }

    @Test func everyKindOfProgramSpeaksAndEnds() async throws {
        let kernel = try directory.file("kernel", Images.elfKernel(Images.hello(exit: 4)))
        let rom = try directory.file("rom", Self.rom)
        let disk = try directory.file("disk", Self.bootSector + [UInt8](repeating: 0, count: 512 * 99))
        let code = try directory.file("raw", Images.hello(exit: 0))
        let programs: [([String], String, Int32)] = [
            (["--kernel", kernel], "by port E9\nby COM1\n", 9), (["--rom", rom], "rom by E9\nrom by COM1\n", 13),
            (["--disk", disk], "boot by E9\nboot by COM1\n", 11),
            (["--raw", code + "@0x20000", "--entry", "131072", "--protected"], "by port E9\nby COM1\n", 1),
        ]
        for (arguments, output, status) in programs {
            let outcome = try await Program.run(["bare"] + arguments)
            #expect(outcome.status == status)
            #expect(outcome.output == output)
            #expect(outcome.complaints == "")
        }
    }

    @Test func endsHaveTheirStatuses() async throws {
        let programs: [(String, [UInt8], [String], Int32)] = [
            (
                "halt",
                Self.real {
                    $0.hlt(); $0.hlt()
                }, [], 0
            ),
            (
                "asleep",
                Self.real {
                    $0.sti(); $0.hlt()
                }, [], 6
            ),
            ("loop", [0xEB, 0xFE], ["--limit", "100000"], 5),
            ("triple", [0x0F, 0x01, 0xC1], ["--protected"], 4),
        ]
        for (name, bytes, more, status) in programs {
            let outcome = try await Program.run(try raw(name, bytes) + more)
            #expect(outcome.status == status, "\(name)")
            #expect(outcome.output == "" && outcome.complaints == "")
        }
    }

    @Test func verboseTellsPostCodesAndTheEnd() async throws {
        let code = Self.real { code in
            code.out(0x80, 0x12)
            code.out(0x99, 0x34)
            code.exit(0)
        }
        let usual = try await Program.run(try raw("post", code) + ["-v"])
        #expect(usual.complaints.hasPrefix("POST 12\nkdbg: the machine has stopped: debug exit 0\nAfter "))
        #expect(usual.complaints.contains("CS:EIP  0x0000:0x00007c0c\n"))
        #expect(usual.output == "")
        let other = try await Program.run(try raw("post", code) + ["-v", "--post-port", "0x99"])
        #expect(other.complaints.hasPrefix("POST 34\n"))
    }

    @Test func wrongCommandLines() async throws {
        let file = try directory.file("file", Images.hello())
        let wrong: [([String], String)] = [
            ([], "Nothing to run: give one of --rom, --kernel, --raw and --disk."),
            (["--rom", file, "--kernel", file], "--rom and --kernel exclude each other."),
            (["--rom", file, "--append", "x"], "--append and --module are for --kernel."),
            (["--kernel", file, "--entry", "0"], "--entry and --protected are for --raw."),
            (["--raw", file, "--entry", "0"], "there is no '@' with an address."),
            (["--raw", file + "@0x100000000", "--entry", "0"], "'0x100000000' is no address"),
            (["--raw", file + "@12z", "--entry", "0"], "'12z' is no address"),
            (["--raw", file + "@0"], "--raw needs --entry"), (["--kernel", file, "--memory", "0"], "1 to 3072"),
            (["--kernel", file, "--memory", "3073"], "1 to 3072"), (["--kernel", file, "--post-port", "65536"], "0 to 0xFFFF"),
            (["--kernel", file, "--limit", "-1"], "--limit"),
            (["--kernel", file, "--debug", "--serial", "stdio"], "both want standard input"),
        ]
        for (arguments, message) in wrong {
            let outcome = try await Program.run(["bare"] + arguments)
            #expect(outcome.status == 64, "\(arguments)")
            #expect(outcome.complaints.contains(message), "\(outcome.complaints)")
        }
    }

    @Test func filesThatCannotBeUsed() async throws {
        let empty = try directory.file("empty")
        let text = try directory.file("text", "hello\n".utf8)
        let wrong: [([String], String)] = [
            (["--kernel", "/nonexistent"], "kdbg: /nonexistent: No such file or directory\n"),
            (["--kernel", "/"], "kdbg: /: Is a directory\n"),
            (["--kernel", empty], "kdbg: \(empty): the file is empty\n"), (["--rom", empty], "kdbg: \(empty): the file is empty\n"),
            (["--kernel", text], "kdbg: \(text): no multiboot header in its first 8192 bytes\n"),
            (["--kernel", Program.path.string], "kdbg: \(Program.path): a 64-bit ELF file; this is a 32-bit machine\n"),
            (["--disk", text], "kdbg: \(text): a disk image of 6 bytes, which is no multiple of 512\n"),
            (["--disk", empty], "kdbg: \(empty): the disk image is empty\n"),
            (["--raw", empty + "@0", "--entry", "0"], "kdbg: \(empty): the file is empty\n"),
            (["--rom", "/dev/zero"], "kdbg: /dev/zero: larger than 1 MiB\n"),
        ]
        for (arguments, message) in wrong {
            let outcome = try await Program.run(["bare"] + arguments + ["--memory", arguments[1] == Program.path.string ? "512" : "1"])
            #expect(outcome.status == 66, "\(arguments)")
            #expect(outcome.complaints == message)
        }
    }

    /// A FIFO that nobody writes to must not keep anybody waiting.
    @Test func fifosAreRefused() async throws {
        let outcome = try await Program.shell(
            "mkfifo \(directory.path)/fifo; timeout 20 $KDBG bare --kernel \(directory.path)/fifo; s=$?; rm \(directory.path)/fifo; exit $s"
        )
        #expect(outcome.status == 66)
        #expect(outcome.complaints == "kdbg: \(directory.path)/fifo: a FIFO; a regular file is needed\n")
    }

    @Test func commandLineAndModulesArrive() async throws {
        // Prints the text at a pointer of the multiboot information, for the command line and for the first module's string.
        var code = Assembler()
        for isModule in [false, true] {
            code.mov(.esi, .at(.ebx, isModule ? 24 : 16))
            if isModule { code.mov(.esi, .at(.esi, 8)) }
            code.mov(.edx, 0xE9)
            let (next, end) = (code.newLabel(), code.newLabel())
            code.bind(next)
            code.movExtended(.eax, .at(.esi), width: .byte, signed: false)
            code.test(.eax, .eax)
            code.jcc(.equal, end)
            code.outDX(width: .byte)
            code.inc(.esi)
            code.jmp(next)
            code.bind(end)
            code.mov(.eax, 10)
            code.outDX(width: .byte)
        }
        code.cli()
        code.hlt()
        code.resolveLabels()
        let kernel = try directory.file("kernel", Images.elfKernel(code.bytes))
        let module = try directory.file("module", [1])
        let outcome = try await Program.run(["bare", "--kernel", kernel, "--append", "a=1 b", "--module", "\(module) x  y"])
        #expect(outcome.output == "\(kernel) a=1 b\n\(module) x  y\n")
        #expect(outcome.status == 0)
    }

    @Test func scriptsComeFirstAndTheirErrorsAreNamed() async throws {
        let kernel = try directory.file("kernel.elf", Images.elfKernel(Images.hello(exit: 0)))
        let script = try directory.file("script", "# a comment\nbpx 0x10001a\ncont\n? edx\nnonsense\nbc 0\n".utf8)
        let outcome = try await Program.run(["bare", "--kernel", kernel, "--script", script])
        #expect(outcome.output.contains("Entered debugger on breakpoint #0: EXEC 0x0008:0x0010001A\n0x000000e9"))
        #expect(outcome.output.hasSuffix("by port E9\nby COM1\n"))
        #expect(outcome.complaints.hasPrefix("\(script):5: ") && outcome.complaints.split(separator: "\n").count == 1)
        #expect(outcome.status == 1)
    }

    @Test func debugTakesCommandsFromStandardInput() async throws {
        let kernel = try directory.file("kernel.elf", Images.elfKernel(Images.hello(exit: 0), symbols: [("start", 0x10_0010, 0)]))
        let outcome = try await Program.run(["bare", "--kernel", kernel, "--debug"], input: "disasm L 1\nproc\ncont\nregs\n")
        #expect(outcome.output.hasPrefix("<kernel!start>: mov    $0xe9,%edx\nproc: This needs the NT kernel"))
        #expect(outcome.output.contains("by port E9\nby COM1\nThe machine has halted for good: debug exit 0.\nCS:EIP  0x0008:"))
        #expect(outcome.status == 1)
    }

    @Test func serialLines() async throws {
        // Sends back what comes in, until a q.
        let echo = Self.real { code in
            code.label("next")
            code.mov(.edx, 0x3FD)
            code.inALDX()
            code.test(.al, 1)
            code.jcc(.equal, "next")
            code.mov(.edx, 0x3F8)
            code.inALDX()
            code.outDXAL()
            code.alu(.cmp, .al, UInt8(ascii: "q"))
            code.jcc(.notEqual, "next")
            code.print("end")
            code.exit(0)
        }
        let text = String(repeating: "a line\n", count: 5000)
        let outcome = try await Program.run(try raw("echo", echo) + ["--serial", "stdio"], input: text + "q")
        #expect(outcome.output == text + "qend")
        #expect(outcome.status == 1)
        let file = try directory.file("com1")
        let split = try await Program.run(["bare", "--kernel", try directory.file("kernel", Images.elfKernel()), "--serial", file])
        #expect(split.output == "by port E9\n")
        #expect(try await Program.shell("cat \(file)").output == "by COM1\n")
        let lost = try await Program.run(["bare", "--kernel", try directory.file("kernel", Images.elfKernel()), "--serial", "/dev/full"])
        #expect(lost.status == 74)
    }

    private static let endless: [(String, [UInt8])] = [("loop", [0xEB, 0xFE]), ("storm", storm), ("write", writer), ("flood", flood)]

    @Test(arguments: endless)
    func everythingCanBeStopped(name: String, code: [UInt8]) async throws {
        let file = try directory.file(name, code)
        let arguments = "bare --raw \(file)@0x7c00 --entry 0x7c00"
        let limited = try await Program.shell("timeout 60 $KDBG \(arguments) --limit 3000000 >/dev/null")
        #expect(limited.status == 5)
        let interrupted = try await Program.shell("timeout --preserve-status -s INT 1 $KDBG \(arguments) >/dev/null; exit $?")
        #expect(interrupted.status == 130)
    }

    /// The commands of the documentation, one after the other in one folder, print what stands below them.
    @Test(arguments: ["docs/bare.md", "README.md"]) func theDocumentationIsTrue(page: String) async throws {
        let root = Golden.directory.removingLastComponent()
        let text = try await Program.shell("cat \(root)/\(page)").output
        let blocks = text.split(separator: "```console\n").dropFirst().compactMap { $0.split(separator: "```", maxSplits: 1).first }
        #expect(!blocks.isEmpty)
        let folder = try await Program.shell("mktemp -d").output.filter { !$0.isNewline }
        for block in blocks {
            for example in ("\n" + block).split(separator: "\n$ ") {
                let lines = example.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                let outcome = try await Program.shell("cd \(folder); kdbg() { \"$KDBG\" \"$@\"; }; \(lines[0])")
                let expected = lines.count > 1 ? lines[1] : ""
                #expect(outcome.output.trimmed == String(expected).trimmed, "\(lines[0])")
            }
        }
        _ = try await Program.shell("rm -r \(folder)")
    }

    /// Interrupts as fast as the timer can.
    private static let storm = BareImages.bootSector { code in
        code.store(offsetOf: "handler", to: Assembler.Memory(displacement: 8 * 4))
        code.store(0, .word, to: Assembler.Memory(displacement: 8 * 4 + 2))
        for (port, value) in [(0x20, 0x11), (0x21, 0x08), (0x21, 4), (0x21, 1), (0x21, 0xFE), (0x43, 0x34), (0x40, 2), (0x40, 0)] {
            code.out(UInt8(port), UInt8(value))
        }
        code.sti()
        code.label("wait")
        code.hlt()
        code.jmp("wait")
        code.label("handler")
        code.out(0x20, 0x20)
        code.iret()
    }

    /// Writes over all of its segment, itself included, again and again; what is left of it loops in what it wrote.
    private static let writer = BareImages.bootSector { code in
        code.label("again")
        code.mov(.edi, 0)
        code.mov(.ecx, 0x7000)
        code.mov(.eax, 0xEBFE_EBFE)
        code.repStosWord()
        code.jmp("again")
    }

    private static let flood = BareImages.bootSector { code in
        code.label("again")
        code.out(0xE9, 0x41)
        code.jmp("again")
    }
}

extension String {
    /// Without line ends behind it.
    fileprivate var trimmed: Substring { self[..<(lastIndex { !$0.isNewline }.map { index(after: $0) } ?? startIndex)] }
}
