// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// KD through whole boots (spec/boot.md sections 2.3 to 2.5 and 8).
struct KdBootTests {
    private static let everywhere = "DEBUG DEBUGPORT=SCREEN DEBUGPORT=COM1 DEBUGPORT=FILE"
    private static let limit: UInt64 = 60_000_000

    /// Boots to the end and notes each entry of the given routines.
    private func boot(_ options: String, _ script: [UInt8]?, noting names: [String], _ body: (KdHarness, String) -> Void = { _, _ in })
        -> KdHarness
    {
        let kd = KdHarness(options: options, script: script)
        while case .reached(let name) = kd.run(to: names + ["MmZeroPageThread", "KeBugCheckWithTf"], limit: Self.limit) {
            body(kd, name)
            if name == "MmZeroPageThread" || name == "KeBugCheckWithTf" { break }
        }
        // What was printed last is written when the logger runs.
        kd.run(limit: 3_000_000)
        return kd
    }

    private func argument(_ kd: KdHarness, _ index: UInt32) -> UInt32 { kd.dword(kd.machine.registers.esp + 4 + 4 * index) }

    @Test func hookedCellHasFourValues() {
        var values: [String] = []
        let places = [
            "KdInitSystem", "KdDebuggerInitialize1", "KdpInitDriver", "KdpDriverEntry", "HaliInitPnpDriver", "IopInitializeBootDrivers",
        ]
        _ = boot("DEBUG DEBUGPORT=COM1", [], noting: places) { kd, name in
            guard name != "MmZeroPageThread" else { return }
            let value = kd.name(of: kd.dword(kd.address(of: "HalDispatchTable") + 0x34))
            values.append("\(name): \(value)")
        }
        #expect(!values[0].contains("HaliInitPnpDriver") && !values[0].contains("KdpInitDriver"))
        #expect(
            values.dropFirst(2) == [
                "KdDebuggerInitialize1: HaliInitPnpDriver", "KdpInitDriver: KdpInitDriver", "KdpDriverEntry: KdpInitDriver",
                "HaliInitPnpDriver: HaliInitPnpDriver", "IopInitializeBootDrivers: HaliInitPnpDriver",
            ])
    }

    /// Phases of the providers' init routines, and rounds, in a boot.
    private func phases(_ options: String, _ script: [UInt8]?) -> (events: [String], kd: KdHarness) {
        var events: [String] = []
        let inits = Kd.providers.map(\.initialize.name)
        let kd = boot(options, script, noting: inits + ["KdpDriverReinit", "IopDeleteDriver"]) { kd, name in
            if let index = inits.firstIndex(of: name) {
                events.append("\(Kd.providers[index].name) \(argument(kd, 1))")
            } else if name == "KdpDriverReinit" {
                events.append("round \(argument(kd, 2)) \(argument(kd, 1))")
                #expect(kd.machine.read8(linear: 0xFFDF_F024) == 0)
            } else {
                events.append(name)
            }
        }
        return (events, kd)
    }

    @Test func initFileIsFoundInPhaseFour() {
        let (events, kd) = phases("DEBUG DEBUGPORT=COM1", Array("first\nsecond\n".utf8))
        #expect(
            events.filter { $0 != "MmZeroPageThread" } == [
                "Screen 0", "Serial 0", "File 0", "KDBG 0", "Serial 1", "KDBG 1", "round 1 0", "KDBG 2", "round 2 0", "KDBG 3", "round 3 1",
                "KDBG 4", "IopDeleteDriver",
            ])
        #expect(kd.scriptLines == ["first", "second"])
        #expect(kd.serial.contains("KDB: Executing KDBinit file...\r\n<first>\r\n<second>\r\nKDB: KDBinit executed\r\n"))
        #expect(kd.serial.components(of: #"Deleting driver object '\Driver\KdDriver'"#) == 1)
    }

    @Test func missingInitFileIsLookedForFourTimes() {
        let (events, kd) = phases("DEBUG DEBUGPORT=COM1", nil)
        #expect(events.filter { $0.hasPrefix("KDBG") } == ["KDBG 0", "KDBG 1", "KDBG 2", "KDBG 3", "KDBG 4", "KDBG 5"])
        #expect(events.filter { $0.hasPrefix("round") } == ["round 1 0", "round 2 0", "round 3 1", "round 4 1"])
        #expect(kd.hostCalls.isEmpty)
        #expect(kd.serial.components(of: "Deleting driver object") == 1)
    }

    @Test func logOpensInPhaseFourAndGetsWhatWaited() throws {
        let (events, kd) = phases(Self.everywhere, Array("line\n".utf8))
        #expect(events.filter { $0.hasPrefix("File") } == ["File 0", "File 1", "File 2", "File 3", "File 4"])
        #expect(kd.serial.components(of: "(ntoskrnl/kd/kdio.c:276) Failed to open log file: 0xc000003a\r\n") == 2)
        let log = String(decoding: try #require(kd.guest.bootVolumeFile(#"\ReactOS\debug.log"#)), as: UTF8.self)
        // The ring does not exist before phase 1, and memory has LF for an end of line.
        #expect(!log.contains("System Processor"))
        #expect(!log.contains("\r"))
        #expect(log.contains("BOOT DRIVERS LOADED\n"))
        #expect(log.contains("Failed to open log file: 0xc000003a\n"))
        #expect(log.contains("KDB: Executing KDBinit file...\n<line>\nKDB: KDBinit executed\n"))
        // What the serial line carried since the ring exists, and nothing else.
        #expect(kd.serial.replacingLineEnds.hasSuffix(log))
        #expect(kd.global("KdpFreeBytes") == 0x8_0000)
        #expect(kd.linkedProviders == ["Screen", "Serial", "File", "KDBG"])
    }

    @Test func logInAFolderThatIsNotThereIsGivenUp() {
        let (events, kd) = phases(#"DEBUG DEBUGPORT=COM1 DEBUGPORT=FILE:\SystemRoot\nowhere\a.log"#, nil)
        #expect(events.last { $0.hasPrefix("File") } == "File 5")
        #expect(kd.linkedProviders == ["Serial", "KDBG"])
        #expect(kd.global("KdpDebugBuffer") == 0)
        #expect(kd.global("KdpDebugMode") == 2)
    }

    @Test func withoutDebugNothingStarts() {
        let (events, kd) = phases("NODEBUG DEBUGPORT=COM1", Array("line\n".utf8))
        #expect(events.filter { $0 != "MmZeroPageThread" }.isEmpty)
        #expect(kd.serial.isEmpty)
        #expect(kd.linkedProviders.isEmpty)
    }

    @Test func disabledKdKeepsItsProvidersQuiet() {
        let kd = boot("DEBUG=DISABLE DEBUGPORT=COM1", nil, noting: [])
        #expect(kd.global("KdDebuggerEnabled") & 0xFF == 0)
        #expect(kd.global("KdBlockEnable") & 0xFF == 1)
        #expect(kd.serial.contains("Command Line: DEBUG=DISABLE DEBUGPORT=COM1"))
        #expect(!kd.serial.contains("BOOT DRIVERS LOADED"))
    }

    @Test func sameInputsGiveTheSameRun() {
        let runs = (0..<2).map { _ in boot(Self.everywhere, Array("a\nb\n".utf8), noting: []) }
        #expect(runs[0].serial == runs[1].serial)
        #expect(runs[0].machine.stateHash() == runs[1].machine.stateHash())
    }
}

extension String {
    /// The text with LF for each CR LF.
    var replacingLineEnds: String {
        String(decoding: utf8.filter { $0 != 13 }, as: UTF8.self)
    }
}
