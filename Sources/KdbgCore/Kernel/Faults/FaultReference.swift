// SPDX-License-Identifier: GPL-3.0-or-later

/// The text of docs/faults.md, made from the rows.
package enum FaultReference {
    package static var markdown: String {
        var text = introduction
        for kind in FaultKind.all {
            text += "\n### `\(kind.usage)`\n\n\(kind.summary) \(kind.help)\n\nExample: `--fault '\(kind.example)'`\n"
        }
        text +=
            "\n## Early calls\n\nBehind `early:`. The number is the row of the specification's section 3.6, counted on behind its end.\n\n"
        text += "| call | row | from `KdDebuggerInitialize1` |\n|---|---|---|\n"
        for call in EarlyCall.all { text += "| `\(call.name)` | \(call.number) | \(call.outcome) |\n" }
        text += "\n## Defects\n\nBehind `defect:`.\n\n| name | what goes wrong |\n|---|---|\n"
        for defect in Defect.all { text += "| `\(defect.name)` | \(defect.summary) |\n" }
        text += "\n## Scenarios\n\nEach is run by a test (`FaultScenarioTests`), which has what must come of it.\n"
        for scenario in FaultScenario.all {
            text += "\n**\(scenario.name)**: \(scenario.summary) \(scenario.outcome)\n\n    \(scenario.commandLine)\n"
        }
        return text
    }

    private static let introduction = """
        # The failure laboratory

        `kdbg --fault SPEC`, as often as wanted, makes one thing go wrong in a boot; `kdbg faults` lists the same as this page, `kdbg faults NAME` tells all \
        about one entry, `kdbg faults --format json` is for programs. Made by the program: `KDBG_RECORD=1 swift test --filter DocumentationTests`.

        A fault is an input of the run, like the boot options: the same faults give the same run, bit for bit, whatever breakpoints are set on the way, and \
        `reboot` keeps them. Who brings it about:

        | fault | brought about by |
        |---|---|
        | `pool`, `status` | the host, at the routine's first instruction: the call returns at once. This is injected from outside; no guest code asks for it |
        | `disk`, `no-uart` | the devices: the error is in the disk's registers, the port does not answer |
        | `missing`, `full-volume` | the boot volume, which is built that way |
        | `dangling-arc` | the loader block |
        | `early`, `defect` | guest code: the kernel is linked with it |

        What to look at: the timeline has a row for each time that a fault came, with its mark; `faults` at the prompt lists them; `!analyze` names them behind \
        a crash; `!providers` and `!poolused` show what is left of a provider. A fault that never came is reported when the run ends.

        ## Kinds

        Fields are separated by colons. A field with a colon in it stands in quotation marks, two of which stand for one. A mistake is an error with its \
        column, and exit status 64.

        """
}
