// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import KdbgCore
import KdbgTUI

/// `kdbg check`: says what is wrong with KDBinit and command files, without booting.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check KDBinit and command files without booting.",
        discussion: """
            Each finding is a line FILE:LINE:COLUMN: error|warning: text. Exit status: 0 no errors, 1 errors, 64 usage, 66 a file cannot be read, \
            74 standard output cannot be written.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: "How findings are printed.")
    var format = Format.text

    @Option(help: "Whose KDBG the files are for: this one, or the one of ReactOS, which has fewer commands and no symbols.")
    var target = Linter.Dialect.kdbg

    @Option(
        name: .customLong("as"),
        help:
            "When the lines are executed: at BootPhase 4 of the boot, or as if typed (-x, source). Without it names that end in .kdb are commands."
    )
    var kind: Linter.Kind?

    @Argument(help: ArgumentHelp("KDBinit or command files; `-` is standard input.", valueName: "file"))
    var files: [String]

    func run() throws {
        throw ExitCode(check())
    }

    /// Checks every file that can be read, whatever the others are like.
    private func check() -> Int32 {
        let output = StandardOutput(signals: Signals())
        let symbols = Linter.symbolsOfKernel()
        var status = ExitStatus.success
        var objects: [String] = []
        do throws(Abort) {
            for file in files {
                let bytes: [UInt8]
                do throws(Abort) {
                    bytes = try InputFile.read(file)
                } catch {
                    status = error.report()
                    if case .signal = error { return status }
                    continue
                }
                let name = InputFile.displayName(file)
                let findings = Linter.check(
                    bytes, for: target, kind: kind ?? Linter.Kind(fileName: file), frontEndWords: FrontEndWord.names(in: .lineShell),
                    symbols: symbols)
                if findings.contains(where: { $0.severity == .error }), status == ExitStatus.success { status = ExitStatus.scriptFailed }
                switch format {
                case .text: try output.write(findings.map { $0.text(file: name) + "\n" }.joined())
                case .json: objects += findings.map { $0.json(file: name) }
                }
            }
            if format == .json {
                try output.write(objects.isEmpty ? "[]\n" : "[\n  " + objects.joined(separator: ",\n  ") + "\n]\n")
            }
        } catch {
            return error.report()
        }
        return status
    }
}

extension Linter.Dialect: ExpressibleByArgument {}
extension Linter.Kind: ExpressibleByArgument {}
