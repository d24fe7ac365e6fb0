// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import KdbgCore
import KdbgTUI

/// `kdbg compare`: mechanisms side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Boot with two to four mechanisms and show side by side how each gets its first I/O.",
        discussion: """
            Each mechanism (hook, callback, load-order, boot-driver) is booted to the end. The table says what was seen: where KD is called, what it needs and \
            touches, when it opens its first file, and which bytes of the log are lost. Times are instructions since power-on.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Argument(help: ArgumentHelp("Two to four mechanisms.", valueName: "mechanism"))
    var mechanisms: [MechanismOption]

    @Option(help: "How the comparison is printed.")
    var format = Format.text

    @Option(
        help: ArgumentHelp("KDBinit on the boot volume; a file with a comment when not given. `-` is standard input.", valueName: "file"))
    var script: String?

    @Option(help: ArgumentHelp("The kernel's command line.", valueName: "string"))
    var bootOptions = BootConfiguration.defaultBootOptions

    @Option(help: ArgumentHelp("RAM of the machine in MiB, 32 to 1024.", valueName: "mib"))
    var memory = 128

    @Option(
        help: ArgumentHelp("Make something go wrong in each boot; `kdbg faults` lists what there is. Can be repeated.", valueName: "spec"))
    var fault: [String] = []

    func validate() throws {
        guard 2...4 ~= mechanisms.count else { throw ValidationError("Two to four mechanisms are compared, not \(mechanisms.count).") }
        let names = mechanisms.map(\.mechanism.name)
        guard Set(names).count == names.count else { throw ValidationError("A mechanism is compared with another, not with itself.") }
        guard 32...1024 ~= memory else {
            throw ValidationError("The value '\(memory)' is out of range for '--memory <mib>': 32 to 1024.")
        }
        guard bootOptions.utf8.count <= 4095, bootOptions.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            throw ValidationError("'--boot-options <string>' takes at most 4095 characters of printable ASCII.")
        }
        if let problem = BootConfiguration(bootOptions: bootOptions).mechanismProblem {
            throw ValidationError("There is nothing to compare with these boot options: \(problem).")
        }
    }

    func run() throws {
        throw ExitCode(compare())
    }

    private func compare() -> Int32 {
        let signals = Signals()
        do throws(Abort) {
            var configuration = BootConfiguration(bootOptions: bootOptions, memoryMiB: memory)
            configuration.faults = try FaultOptions.read(fault)
            configuration.script = try script.map { name throws(Abort) in try Script(name).bytes } ?? Array("# nothing\n".utf8)
            var records: [MechanismRecord] = []
            for mechanism in mechanisms.map(\.mechanism) {
                configuration.mechanism = mechanism
                var signal: Int32?
                records.append(
                    try FaultOptions.boot(configuration) {
                        signal = signal ?? signals.next()
                        return signal != nil
                    })
                if let signal { throw .signal(signal) }
            }
            let comparison = MechanismComparison(records)
            let output = StandardOutput(signals: signals)
            switch format {
            case .json: try output.write(comparison.json.text() + "\n")
            case .text: try output.write(comparison.text(columns: Self.columns))
            }
            return ExitStatus.success
        } catch {
            return error.report()
        }
    }

    /// The terminal's width; 132 elsewhere.
    private static var columns: Int {
        var size = winsize()
        guard isatty(STDOUT_FILENO) != 0, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 132 }
        return Int(size.ws_col)
    }
}
