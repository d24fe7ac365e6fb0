// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import KdbgCore
import KdbgTUI

/// `kdbg faults`: what can be made to go wrong.
struct FaultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "List what --fault can make go wrong.",
        discussion: "Without a name all kinds of faults, early calls, defects and scenarios; with one, all about it.")

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: "How the list is printed.")
    var format = Format.text

    @Argument(help: ArgumentHelp("A kind of fault, an early call, a defect or a scenario.", valueName: "name"))
    var name: String?

    func validate() throws {
        guard let name else { return }
        guard format == .text else { throw ValidationError("--format json prints the whole list; a name does not go with it.") }
        guard FaultCatalogue.text(of: name) != nil else {
            let hint = FaultCatalogue.suggestion(for: name).map { " Did you mean '\($0)'?" } ?? " 'kdbg faults' lists what there is."
            throw ValidationError("Nothing in the list is called '\(name)'.\(hint)")
        }
    }

    func run() throws {
        do throws(Abort) {
            let output = StandardOutput(signals: Signals())
            switch format {
            case .json: try output.write(FaultCatalogue.json.text() + "\n")
            case .text: try output.write(name.flatMap { FaultCatalogue.text(of: $0) } ?? FaultCatalogue.text)
            }
        } catch {
            throw ExitCode(error.report())
        }
    }
}
