// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// KDBinit lines as the guest asks for them, spec/kdbg.md section 6.5.
struct DebuggerScriptTests {
    /// Where the test puts the text, the position, the output and its length.
    private enum Place {
        static let text: UInt32 = 0x9000_0000
        static let position: UInt32 = 0x8080_0000
        static let context: UInt32 = 0x7000
        static let length: UInt32 = 0x8080_0004
        static let output: UInt32 = 0x8080_0010
    }

    private let target = FakeTarget.kernel()
    private let debugger: KernelDebugger

    init() {
        debugger = KernelDebugger(target: target)
    }

    private struct Outcome {
        var interpreter = ScriptInterpreter()
        var results: [UInt32] = []
        var outputs: [String] = []
    }

    private func run(_ script: [UInt8], size: UInt32 = 0x400) -> Outcome {
        target.map(Place.text, pages: script.count / 4096 + 2)
        target.writeBytes(Place.text, script)
        var outcome = Outcome()
        while outcome.results.count < 10_000 {
            let result = outcome.interpreter.interpret(
                [Place.text, Place.position, Place.output, size, Place.length, Place.context], debugger)
            outcome.results.append(result)
            if result == 1 {
                let bytes = target.readBytes(Place.output, count: Int(target.read32(Place.length) ?? 0)) ?? []
                outcome.outputs.append(String(decoding: bytes, as: UTF8.self))
            }
            if result == 0 { break }
        }
        return outcome
    }

    @Test func lines() {
        let outcome = run(Array("# comment\r\n\r\n  # another\n? 1\n\rset syntax intel\r\nbreak\r\n breaking\nbreak here\n\n? 2".utf8))
        #expect(outcome.results == [1, 1, 2, 1, 2, 1, 0])
        #expect(outcome.outputs[0] == "0x00000001           1\n")
        #expect(outcome.outputs[1] == "")
        #expect(outcome.outputs[2].hasPrefix("Command ' breaking' is unknown."))
        #expect(outcome.outputs[3] == "0x00000002           2\n")
        #expect(debugger.syntax == .intel)
        #expect(outcome.interpreter.errors == [ScriptError(line: 8, message: "Command ' breaking' is unknown.")])
    }

    @Test func errorsHaveTheirLineNumbers() {
        let outcome = run(Array("? 1\r\n\r\n\r\nfoo\r\n# x\r\n\n? 1+\nbar".utf8))
        #expect(outcome.interpreter.errors.map(\.line) == [4, 7, 8])
        #expect(outcome.interpreter.errors[1].message == "Operand expected")
    }

    @Test func nulAndUnreadableMemoryEndTheScript() {
        #expect(run(Array("? 1\n\0? 2\n".utf8)).results == [1, 0])
        #expect(run([]).results == [0])
        #expect(run(Array("\r\n\n\r   ".utf8)).results == [0])
        var interpreter = ScriptInterpreter()
        #expect(interpreter.interpret([0x1000, Place.position, Place.output, 16, Place.length], debugger) == 0)
        #expect(interpreter.interpret([0x1000, 0x1000, Place.output, 16, Place.length], debugger) == 0)
    }

    @Test func longOutputIsClipped() {
        let outcome = run(Array("help\n".utf8), size: 100)
        #expect(outcome.outputs[0].utf8.count <= 100)
        #expect(outcome.outputs[0].contains("clipped]\n"))
    }

    @Test func longAndBinaryLines() {
        let long = run(Array(repeating: UInt8(ascii: "a"), count: 100_000) + Array("\n? 1\n".utf8))
        #expect(long.results == [1, 1, 0])
        target.write32(Place.position, 0)
        let binary = run([0xFF, 0xFE, 0x80, 0x0A, 0x1B, 0x5B, 0x41])
        #expect(binary.results == [1, 1, 0])
        #expect(binary.interpreter.errors.count == 2)
    }

    @Test func leavingCommandsAreIgnored() {
        #expect(run(Array("cont\nstep\n? 1\n".utf8)).results == [1, 1, 1, 0])
    }
}
