// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import KdbgCore
import KdbgTUI

/// `kdbg bare`: other people's programs on the machine without our kernel.
struct BareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare", _superCommandName: "kdbg",
        abstract: "Run a program of your own on the bare machine, with the same debugger in front of it.",
        discussion: """
            COM1 and port E9h go to standard output. Without --debug the program simply runs; Ctrl-C opens the debugger when standard input is a \
            terminal.

            Exit status: the value V that the guest writes to port F4h as V*2+1, 0 HLT with interrupts off, 4 shutdown (triple fault), \
            5 instruction limit, 6 HLT that nothing can end, 1 a debugger command was not accepted, 64 usage, 66 an input cannot be read or is not what \
            it should be, 74 an output cannot be written, 128+n ended by signal n.
            """)

    @Option(help: ArgumentHelp("A ROM image that ends at 0xFFFFF; the processor starts at its reset state.", valueName: "file"))
    var rom: String?

    @Option(
        help: ArgumentHelp("A multiboot (version 1) kernel: an ELF file, or any file with the header's address fields.", valueName: "file"))
    var kernel: String?

    @Option(help: ArgumentHelp("The kernel's command line, behind its file name.", valueName: "string"))
    var append: String?

    @Option(
        help: ArgumentHelp(
            "A boot module for the kernel, perhaps with an argument string: 'FILE ARGUMENTS'. Repeatable.", valueName: "file"))
    var module: [String] = []

    @Option(
        help: ArgumentHelp(
            "Put FILE into memory at a physical address, which may be 0x hexadecimal. Repeatable.", valueName: "file@address"))
    var raw: [String] = []

    @Option(help: ArgumentHelp("Physical address of the first instruction of --raw.", valueName: "address"))
    var entry: String?

    @Flag(help: "Start --raw in flat 32-bit protected mode instead of real mode.")
    var protected = false

    @Option(
        help: ArgumentHelp(
            "The image of a disk, which stays as it is: what the guest writes is gone with the run. Without --rom, --kernel and --raw its first sector is booted.",
            valueName: "file"))
    var disk: String?

    @Option(help: ArgumentHelp("RAM in MiB, 1 to 3072.", valueName: "mib"))
    var memory = 128

    @Option(help: ArgumentHelp("The port POST codes are written to.", valueName: "port"))
    var postPort = "0x80"

    @Option(help: ArgumentHelp("End after so many instructions.", valueName: "instructions"))
    var limit: UInt64?

    @Option(
        help: ArgumentHelp(
            "`stdio`: standard input comes in by COM1. A file: what COM1 sends goes there.", valueName: "stdio|file"))
    var serial: String?

    @Option(help: ArgumentHelp("Debugger commands, executed before the first instruction.", valueName: "file"))
    var script: String?

    @Flag(help: "Stop before the first instruction, with the screen on a terminal.")
    var debug = false

    @Flag(help: "The line shell instead of the screen.")
    var plain = false

    @Flag(name: .shortAndLong, help: "POST codes, and how the machine ended, on standard error.")
    var verbose = false

    func validate() throws {
        _ = try BareInputs(self)
    }

    func run() throws {
        throw ExitCode(runMachine())
    }

    private func runMachine() -> Int32 {
        fillStandardDescriptors()
        let signals = Signals()
        do throws(Abort) {
            guard let inputs = try? BareInputs(self) else { return ExitStatus.usage }
            let configuration = try inputs.configuration()
            if debug, serial == "stdio", isatty(STDIN_FILENO) == 0 {
                throw .refused(
                    name: "--debug and --serial stdio", reason: "both want standard input, which can serve both only as a terminal",
                    status: ExitStatus.usage)
            }
            let serial = try SerialLine(serial, signals: signals)
            let session: Session
            do throws(LoadError) {
                session = try Session(bare: configuration)
            } catch {
                throw .refused(name: error.file, reason: error.reason, status: ExitStatus.noInput)
            }
            let hostFiles = DebuggerFiles()
            session.files = hostFiles
            defer { hostFiles.finish() }
            let console = BareConsole(serial: serial, isVerbose: verbose)
            defer { console.explainEnd(of: session) }
            let files = try script.map { name throws(Abort) in [try CommandFile(name)] } ?? []
            if debug, !plain, serial.canShareScreen, isatty(STDIN_FILENO) != 0, isatty(STDOUT_FILENO) != 0, terminalIsCapable() {
                if let status = runScreen(session, serial, files, signals) { return status }
                complain("ncurses does not know this terminal (TERM); here is the line shell")
            }
            let frontEnd = LineFrontEnd(session, mode: debug ? .shell : .program, files: files, signals: signals, console: console)
            return try frontEnd.run()
        } catch {
            return error.report()
        }
    }

    /// The screen; nil when the terminal cannot show it.
    private func runScreen(_ session: Session, _ serial: SerialLine, _ files: [CommandFile], _ signals: Signals) -> Int32? {
        let lines = files.flatMap(\.lines).map { ScreenFrontEnd.Line(place: $0.place, text: $0.text) }
        let toFile: ([UInt8]) -> Void = { bytes in
            do throws(Abort) { try serial.write(bytes) } catch { _ = error.report() }
        }
        return ScreenFrontEnd(session, lines: lines, signals: signals, serialLine: serial.isShared ? nil : toFile)?.run()
    }
}
