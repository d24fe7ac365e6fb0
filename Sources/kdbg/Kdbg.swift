// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import KdbgCore
import KdbgTUI

/// The command line, and the choice of a front end.
@main
struct Kdbg: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kdbg",
        abstract: "Boot a small NT-style kernel on a simulated PC, with the KDBG debugger in front of it.",
        discussion: """
            Without --script, on a terminal, kdbg shows its screen (F1 there helps). With --plain, or away from a terminal, it is a line shell.

            Exit status: 0 success, 1 a script line or a command was not accepted, 3 the kernel crashed, 64 usage, 66 an input cannot be read, \
            74 an output cannot be written, 75 the disk is in use by another kdbg, 128+n ended by signal n.
            """,
        version: "kdbg 0.1.0\nLicense GPL-3.0-or-later; there is NO WARRANTY.",
        subcommands: [BareCommand.self, CheckCommand.self, CompareCommand.self, ExportImagesCommand.self, FaultsCommand.self])

    /// `bare` and `compare` have options of the same names, which the parser would take for ours wherever they stand. So they are chosen before anything is
    /// parsed.
    static func main() {
        let arguments = Array(Swift.CommandLine.arguments.dropFirst())
        switch arguments.first {
        case BareCommand.configuration.commandName: run(BareCommand.self, Array(arguments.dropFirst()))
        case CompareCommand.configuration.commandName: run(CompareCommand.self, Array(arguments.dropFirst()))
        default: run(Kdbg.self, arguments)
        }
    }

    /// What the parser's own `main` does, but for control characters of arguments, which do not get to the terminal.
    private static func run(_ type: (some ParsableCommand).Type, _ arguments: [String]) {
        do {
            var command = try type.parseAsRoot(arguments)
            try command.run()
        } catch {
            let status = type.exitCode(for: error)
            guard status != .success else { type.exit(withError: error) }
            let message = type.fullMessage(for: error)
            if !message.isEmpty { sayOnStandardError(message) }
            Glibc.exit(status.rawValue)
        }
    }

    @Option(
        help: ArgumentHelp(
            "Boot with FILE as KDBinit, print what the serial line sends, and end with the boot. `-` is standard input.", valueName: "file")
    )
    var script: String?

    @Option(
        name: [.customShort("x"), .long],
        help: ArgumentHelp(
            "Execute the lines of FILE as commands, first of all, at the machine paused before its first instruction. Can be repeated.",
            valueName: "file"))
    var commands: [String] = []

    @Option(help: ArgumentHelp("The kernel's command line.", valueName: "string"))
    var bootOptions = BootConfiguration.defaultBootOptions

    @Option(
        help: ArgumentHelp(
            """
            The image of a disk, which keeps what the guest writes across runs. It is made when there is none; one with FAT12, FAT16 or FAT32 and \\ReactOS is \
            used. With --script, KDBinit on it is replaced.
            """,
            valueName: "file"))
    var disk: String?

    @Option(help: ArgumentHelp("RAM of the machine in MiB, 32 to 1024.", valueName: "mib"))
    var memory = 128

    @Option(help: ArgumentHelp("Processors of the machine, 1 to 4. All but the first wait in KiSystemStartup.", valueName: "count"))
    var cpus = 1

    @Option(help: ArgumentHelp("Copy the guest's log file (debug.log) to FILE when the run ends.", valueName: "file"))
    var log: String?

    @Flag(help: "Boot from a copy of the boot volume in memory: ramdisk(0).")
    var ramdisk = false

    @Option(
        help: ArgumentHelp(
            "Make something go wrong, such as pool:KDBG:1; `kdbg faults` lists what there is. Can be repeated.", valueName: "spec"))
    var fault: [String] = []

    @Option(help: ArgumentHelp(MechanismOption.help, valueName: "name"))
    var mechanism: MechanismOption?

    @Flag(help: "Keep the harmless ones of KDBG's defects (docs/fidelity.md lists them).")
    var quirks = false

    @Flag(help: "A line shell instead of the screen.")
    var plain = false

    // For tools/bench: equal states are a promise, and this is how to see them.
    @Flag(help: ArgumentHelp("Say on standard error which state the machine ended in.", visibility: .hidden))
    var stateHash = false

    func validate() throws {
        guard 32...1024 ~= memory else {
            throw ValidationError("The value '\(memory)' is out of range for '--memory <mib>': 32 to 1024.")
        }
        guard 1...4 ~= cpus else {
            throw ValidationError("The value '\(cpus)' is out of range for '--cpus <count>': 1 to 4.")
        }
        guard !ramdisk || disk == nil else {
            throw ValidationError("'--ramdisk' and '--disk' exclude each other: what is written to a RAM disk ends with the run.")
        }
        guard !ramdisk || memory >= BootConfiguration.ramDiskMemoryMiB else {
            throw ValidationError("'--ramdisk' needs '--memory' of \(BootConfiguration.ramDiskMemoryMiB) MiB or more.")
        }
        guard bootOptions.utf8.count <= 4095, bootOptions.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            throw ValidationError("'--boot-options <string>' takes at most 4095 characters of printable ASCII.")
        }
        if mechanism != nil, let problem = BootConfiguration(bootOptions: bootOptions).mechanismProblem {
            throw ValidationError("'--mechanism' makes no difference with these boot options: \(problem).")
        }
    }

    func run() throws {
        throw ExitCode(boot())
    }

    /// Does everything and returns the exit status. The log is written whatever ended the run.
    private func boot() -> Int32 {
        fillStandardDescriptors()
        do throws(Abort) {
            var configuration = BootConfiguration(
                bootOptions: bootOptions, memoryMiB: memory, processors: cpus, keepsQuirks: quirks, bootsFromRamDisk: ramdisk)
            let script = try script.map { name throws(Abort) in try Script(name) }
            configuration.script = script?.bytes
            configuration.faults = try FaultOptions.read(fault)
            if let mechanism { configuration.mechanism = mechanism.mechanism }
            if disk != nil, let fault = configuration.faults.first(where: { $0.changesVolume }) {
                throw .refused(
                    name: "--fault '\(fault.text)'", reason: "this changes the boot volume, which --disk keeps; leave one of them out",
                    status: ExitStatus.usage)
            }
            try FaultOptions.check(configuration)
            let files = try commands.map { name throws(Abort) in try CommandFile(name) }
            let logFile: LogFile? = if let log { try LogFile(log) } else { nil }
            let diskFile: DiskFile? = if let disk { try DiskFile(disk) } else { nil }
            configuration.disk = try diskFile?.bootDisk(script: script)
            let warnings = configuration.disk?.warnings ?? []
            // Up to here a signal ends the process at once: reading a big disk takes its time, and nothing is lost.
            let signals = Signals()
            for warning in warnings { complain("\(disk ?? ""): warning: \(warning)") }
            let session = Session(configuration)
            if let diskFile {
                if diskFile.isNew { try diskFile.create(holding: session.bootDisk) }
                session.diskKeeper = diskFile
            }
            defer { diskFile?.finish() }
            // The session only borrows it.
            let hostFiles = DebuggerFiles()
            session.files = hostFiles
            defer { hostFiles.finish() }
            var status: Int32
            do throws(Abort) {
                status = try runFrontEnd(session, script: script, files: files, signals: signals)
            } catch {
                status = error.report()
            }
            FaultOptions.complainOfUnreached(session)
            if let reason = session.keepDisk() {
                complain("\(disk ?? ""): \(reason); what the guest has written since it was kept last is lost")
                if status == ExitStatus.success || status == ExitStatus.scriptFailed { status = ExitStatus.outputFailed }
            }
            if stateHash {
                sayOnStandardError("state \(session.stateHash.hex(16))\ninstructions \(session.mark.instruction)")
            }
            do throws(Abort) {
                try logFile?.write(session.debugLog())
            } catch {
                let failure = error.report()
                // A crash or a signal is the bigger news; the message has been given in any case.
                if status == ExitStatus.success || status == ExitStatus.scriptFailed { status = failure }
            }
            return status
        } catch {
            return error.report()
        }
    }

    private func runFrontEnd(
        _ session: Session, script: Script?, files: [CommandFile], signals: Signals
    ) throws(Abort) -> Int32 {
        if let script { return try LineFrontEnd(session, mode: .batch(script: script), files: files, signals: signals).run() }
        if !plain, isatty(STDIN_FILENO) != 0, isatty(STDOUT_FILENO) != 0, terminalIsCapable() {
            let lines = files.flatMap(\.lines).map { ScreenFrontEnd.Line(place: $0.place, text: $0.text) }
            if let screen = ScreenFrontEnd(session, lines: lines, signals: signals) { return screen.run() }
            complain("ncurses does not know this terminal (TERM); here is the line shell")
        }
        return try LineFrontEnd(session, mode: .shell, files: files, signals: signals).run()
    }
}
