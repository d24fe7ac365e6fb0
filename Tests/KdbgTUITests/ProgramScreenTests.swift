// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTestSupport
import Testing

@testable import KdbgTUI

/// The screen in front of a program that is not our kernel.
@Suite struct ProgramScreenTests {
    private static func screen(_ size: Size) throws -> Screen {
        let disk = BareImages.bootSector { code in
            for character in "Hello".utf8 {
                code.mov(.eax, 0x0E00 | UInt32(character))
                code.int(0x10)
            }
            code.print("one\ntwo")
            code.exit(0)
        }
        let session = try Session(bare: BareConfiguration(program: .bootSector, disk: .init(name: "d", bytes: disk), memoryMiB: 1))
        _ = session.run(.go, budget: 1_000_000)
        var screen = Screen(size: size, focus: Pane.console.name)
        screen.snapshot = Snapshot(of: session, isRunning: false)
        for run in session.drainOutput() { screen.guestText.append(run.bytes) }
        return screen
    }

    @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 200, rows: 60)]) func theProgramsPanesAreThere(size: Size) throws {
        let screen = try Self.screen(size)
        let text = screen.draw().text
        for part in [
            "Display", "Hello", "Processor (real mode)", "eax 00000e00  esi", "cs 0000  ds 0000", "COM1 and port E9 (2 lines)", "two",
            "Console",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("Boot timeline") && !text.contains("KD providers"))
        for pane in Pane.program where pane.place != .overlay { #expect(screen.layout[pane.name] != nil) }
    }

    @Test func tabVisitsThePanesAndStepsAreInstructions() throws {
        var screen = try Self.screen(Size(columns: 80, rows: 24))
        for name in [Pane.machineScreen.name, Pane.processor.name, Pane.output.name, Pane.console.name] {
            _ = screen.perform(.nextPane)
            #expect(screen.focus == name)
        }
        screen.snapshot.stop = .interrupted
        #expect(screen.perform(.nextBootStep) == .run(.step(1)))
    }

    @Test func linesOfTheGuestAreCutWhereTheyEnd() {
        var text = GuestText()
        text.append(Array("a\r\nb".utf8))
        #expect(text.lines == ["a", "b"])
        text.append(Array("c\n\nd\n".utf8))
        #expect(text.lines == ["a", "bc", "", "d"])
        text.append([UInt8](repeating: 0x78, count: 10_000))
        #expect(text.lines.suffix(3).map(\.count) == [4096, 4096, 1808])
    }
}
