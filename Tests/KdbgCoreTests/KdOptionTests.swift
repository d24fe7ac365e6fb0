// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// What boot options do to KD (spec/kdbg.md section 7.2), asked of the guest's own routines.
struct KdOptionTests {
    /// A system behind its own `KdInitSystem(0)`, with KD's variables as they were before it.
    private func fresh() -> KdHarness {
        let kd = KdHarness(options: "NODEBUG")
        #expect(kd.run(to: "KdpReadOptions") == .reached("KdpReadOptions"))
        return kd
    }

    private struct Core: CustomTestStringConvertible {
        var options: String?
        var enables: UInt32 = 0
        var pitch: UInt32 = 1
        var disable: UInt32 = 0
        var block: UInt32 = 0
        var auto: UInt32 = 0
        var noUserMode: UInt32 = 0
        var testDescription: String { options ?? "none" }
    }

    @Test func coreOptions() {
        let rows = [
            Core(options: nil),
            Core(options: ""),
            Core(options: "SOS"),
            Core(options: "debug", enables: 1),
            Core(options: "SOS DEBUG SOMETHING", enables: 1),
            Core(options: "DEBUGPORT=COM1", enables: 1),
            Core(options: "NODEBUG"),
            Core(options: "DEBUG NODEBUG"),
            Core(options: "CRASHDEBUG", pitch: 0),
            Core(options: "NODEBUG CRASHDEBUG DEBUG", pitch: 0),
            Core(options: "DEBUG=DISABLE", enables: 1, disable: 1, block: 1),
            Core(options: "DEBUG=AUTOENABLE", enables: 1, disable: 1, auto: 1),
            Core(options: "DEBUG=AUTOENABLE,NOUMEX", enables: 1, disable: 1, auto: 1, noUserMode: 1),
            Core(options: "DEBUG=noumex,disable DEBUGPORT=COM1", enables: 1, disable: 1, block: 1, noUserMode: 1),
            Core(options: "DEBUG=DISABLED,,NOUMEX", enables: 1, noUserMode: 1),
            Core(options: "DEBUG SOS DEBUG=DISABLE", enables: 1),
        ]
        let kd = fresh()
        let block = kd.dword(kd.machine.registers.esp + 4)
        let out = kd.text("", offset: 0x800)
        for row in rows {
            for name in ["KdAutoEnableOnEvent", "KdIgnoreUmExceptions"] { kd.set(name, 0) }
            kd.set("KdPitchDebugger", 1)
            for offset: UInt32 in [0, 4] { _ = kd.machine.write32(linear: out + offset, 0) }
            _ = kd.machine.write32(linear: block + 0x44, row.options.map { kd.text($0) } ?? 0)
            #expect(kd.call("KdpReadOptions", block, out, out + 4) == row.enables, "\(row.testDescription)")
            #expect(kd.global("KdPitchDebugger") == row.pitch, "\(row.testDescription)")
            #expect(kd.dword(out) == row.disable && kd.dword(out + 4) == row.block, "\(row.testDescription)")
            #expect(kd.global("KdAutoEnableOnEvent") == row.auto, "\(row.testDescription)")
            #expect(kd.global("KdIgnoreUmExceptions") == row.noUserMode, "\(row.testDescription)")
        }
        #expect(kd.machine.readBytes(linear: kd.text("x"), count: 1) == [0x78])
    }

    private struct Port {
        var options: String
        var mode: UInt32
        var number: UInt32 = 2
        var address: UInt32 = 0
        var state: UInt32 = 0
        var path = #"\SystemRoot\debug.log"#
    }

    @Test func debugPorts() {
        let rows = [
            Port(options: "DEBUG", mode: 0),
            Port(options: "DEBUGPORT=SCREEN", mode: 1),
            Port(options: "DEBUGPORT=COM1", mode: 2, number: 1),
            Port(options: "DEBUGPORT=COM4", mode: 2, number: 4),
            Port(options: "DEBUGPORT=COM5", mode: 0),
            Port(options: "DEBUGPORT=COM0", mode: 0),
            Port(options: "DEBUGPORT=COM12", mode: 0),
            Port(options: "DEBUGPORT=COM", mode: 0),
            Port(options: "DEBUGPORT=COM:0x3E8", mode: 2, number: 0, address: 0x3E8),
            Port(options: "DEBUGPORT=COM:1000", mode: 2, number: 0, address: 1000),
            Port(options: "DEBUGPORT=COM:01750", mode: 2, number: 0, address: 1000),
            Port(options: "DEBUGPORT=COM:zz", mode: 0),
            Port(options: "DEBUGPORT=FILE", mode: 4),
            Port(options: "DEBUGPORT=FILE:", mode: 4),
            Port(options: #"DEBUGPORT=FILE:\a.log SOS"#, mode: 4, path: #"\A.LOG"#),
            Port(options: "DEBUGPORT=SCREEN DEBUGPORT=COM1 DEBUGPORT=FILE", mode: 7, number: 1),
            Port(options: "DEBUGPORT=SCREEN,COM1", mode: 1),
            Port(options: "DEBUGPORT  =SCREEN", mode: 1),
            Port(options: "DEBUGPORT= SCREEN", mode: 0),
            Port(options: "DEBUGPORT=PIPE", mode: 0),
            Port(options: "DEBUGPORT", mode: 0),
            Port(options: "DEBUGPORT=", mode: 0),
            Port(options: "KDSERIAL SOS", mode: 0),
            Port(options: "DEBUG KDSERIAL", mode: 2, state: 1),
            Port(options: "DEBUG KDNOECHO", mode: 0, state: 2),
            Port(options: "DEBUG KDSERIAL DEBUGPORT=COM1 FIRSTCHANCE", mode: 2, number: 1, state: 5),
        ]
        let kd = fresh()
        let name = kd.address(of: "KdpLogFileName")
        let original = (0..<2).map { kd.dword(name + 4 * $0) }
        for row in rows {
            for variable in ["KdpDebugMode", "KdbDebugState", "SerialPortInfo"] { kd.set(variable, 0) }
            kd.set("SerialPortNumber", 2)
            for index: UInt32 in 0..<2 { _ = kd.machine.write32(linear: name + 4 * index, original[Int(index)]) }
            let text = kd.text(row.options.uppercased())
            kd.call("KdpReadWords", text)
            kd.call("KdpReadDebugPorts", text)
            #expect(kd.global("KdpDebugMode") == row.mode, "\(row.options)")
            #expect(kd.global("SerialPortNumber") == row.number, "\(row.options)")
            #expect(kd.global("SerialPortInfo") == row.address, "\(row.options)")
            #expect(kd.global("KdbDebugState") == row.state, "\(row.options)")
            let length = Int(kd.dword(name) & 0xFFFF)
            let path = kd.machine.readBytes(linear: kd.dword(name + 4), count: length).map { String(decoding: $0, as: UTF8.self) }
            #expect(path == row.path, "\(row.options)")
        }
    }
}
