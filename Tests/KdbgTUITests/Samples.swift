// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTUI

/// Fixed values to draw: a boot that has come to the hook's first re-initialization round.
enum Samples {
    static let snapshot: Snapshot = {
        var snapshot = Snapshot()
        snapshot.mark = Mark(instruction: 1_234_567)
        snapshot.stop = .bootStep(StepNumber([1, 9], row: 11))
        snapshot.timeline = timeline
        snapshot.providers = providers
        snapshot.log = (1...30).map {
            LogLine(mark: Mark(instruction: UInt64($0) * 1000), text: "(ntoskrnl/kd/kdio.c:\($0)) line \($0) of the log")
        }
        snapshot.log.append(LogLine(mark: Mark(instruction: 31_000), text: "hostile: \u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}"))
        return snapshot
    }()

    static let timeline: [TimelineRow] =
        [
            row(0, [1, 2], 1, "KiSystemStartup", "From the boot loader into the kernel", depth: 0, entered: 0),
            row(1, [1, 3], 2, "KdInitSystem", "KD, phase 0", depth: 1, entered: 2_345, left: 40_000, irql: 31, result: 1),
            row(2, [1, 4], 1, "KdDebuggerInitialize0", "Providers, phase 0", depth: 2, entered: 3_000, left: 39_000, irql: 31, result: 0),
            row(3, [1, 8], 10, "ObInitSystem", "The object name space", depth: 1, entered: 700_000, left: 800_000, result: 1),
            row(
                4, [1, 8], 21, "KdpDebugLogInit", "The log cannot be opened yet", depth: 3, entered: 900_000, left: 910_000,
                result: 0xC000_003A),
            row(
                5, [1, 9], 6, "IopCreateObjectTypes", "Object types of the I/O manager", depth: 2, entered: 1_100_000, left: 1_100_400,
                result: 1),
            row(6, [1, 9], 11, "KdpInitDriver", "HalInitPnpDriver, which KD has hooked", depth: 2, entered: 1_234_567),
        ] + (12...27).map { row($0 - 5, [1, 9], $0, "IopStep\($0)", "Step \($0) of IoInitSystem") }

    static let providers = [
        provider("Screen", phase: 1, status: (0, "STATUS_SUCCESS"), printed: 12_345),
        provider("Serial", phase: 1, status: (0, "STATUS_SUCCESS"), printed: 12_345),
        provider(
            "File", phase: 2, armed: true, status: (0xC000_003A, "STATUS_OBJECT_PATH_NOT_FOUND"), printed: 9_876,
            ring: .init(used: 200_000, size: 524_288)),
        provider("KDBG", phase: nil, armed: true, status: nil, printed: 0),
    ]

    /// A screen of some size that shows all that.
    static func screen(_ columns: Int, _ rows: Int, focus: Pane.Name = "Boot timeline") -> Screen {
        var screen = Screen(size: Size(columns: columns, rows: rows), focus: focus)
        screen.snapshot = snapshot
        screen.console.append("\nEntered debugger on embedded INT3 at 0x0008:0x80401234.\n")
        screen.console.appendLine("kdb:> bt")
        screen.console.append("Eip:\r\n<ntoskrnl.exe:1234 (kd/kdio.c:10 (KdpInitDriver))>\n\u{1B}[7mreverse\u{1B}[0m \u{1B}[31mnot red\n")
        return screen
    }

    private static func row(
        _ id: Int, _ section: [Int], _ number: Int, _ routine: String, _ title: String, depth: Int = 0, entered: UInt64? = nil,
        left: UInt64? = nil, irql: UInt8 = 0, result: UInt32? = nil
    ) -> TimelineRow {
        let explanation = """
            What \(routine) does is explained here. Before it has run, nothing that depends on it works; \
            this sentence only makes the paragraph long enough to be broken into several lines in every pane that shows it, and cut in small ones.
            """
        return TimelineRow(
            id: id, step: BootStep(number: StepNumber(section, row: number), routine: routine, title: title, explanation: explanation),
            depth: depth, entered: entered.map { Mark(instruction: $0) }, left: left.map { Mark(instruction: $0) },
            thread: entered == nil ? 0 : 0x8055_1B80, irql: irql, result: result)
    }

    private static func provider(
        _ name: String, phase: UInt32?, armed: Bool = false, status: (UInt32, String)?, printed: UInt64, ring: ProviderRow.Ring? = nil
    ) -> ProviderRow {
        ProviderRow(
            name: name, address: 0x8051_1000, isRegistered: true, phase: phase, isArmed: armed, status: status?.0,
            statusName: status?.1 ?? "",
            bytesPrinted: printed, ring: ring)
    }
}
