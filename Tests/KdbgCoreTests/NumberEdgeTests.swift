// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Numbers at the edges of 8, 16, 32 and 64 bits, wherever a command takes one.
struct NumberEdgeTests {
    private static let edges: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ]

    @Test(
        arguments: [
            (0x7F, "0x0000007f         127"), (0x80, "0x00000080         128        -128"), (0xFF, "0x000000ff         255          -1"),
            (0x100, "0x00000100         256"), (0x7FFF, "0x00007fff       32767"), (0x8000, "0x00008000       32768      -32768"),
            (0xFFFF, "0x0000ffff       65535          -1"), (0x1_0000, "0x00010000       65536"),
            (0x7FFF_FFFF, "0x7fffffff  2147483647"), (0x8000_0000, "0x80000000  2147483648  -2147483648"),
            (0xFFFF_FFFF, "0xffffffff  4294967295          -1"), (0x1_0000_0000, "0x0000000100000000            4294967296"),
            (0x7FFF_FFFF_FFFF_FFFF, "0x7fffffffffffffff   9223372036854775807"),
            (0x8000_0000_0000_0000, "0x8000000000000000  -9223372036854775808"),
            (0xFFFF_FFFF_FFFF_FFFF, "0xffffffffffffffff                    -1"),
        ] as [(UInt64, String)])
    func evaluated(value: UInt64, text: String) {
        let debugger = KernelDebugger(target: FakeTarget.kernel())
        for written in ["\(value)", "0x" + value.hex(), "0" + String(value, radix: 8)] {
            #expect(debugger.execute("? \(written)").output == text + "\n", "\(written)")
        }
    }

    @Test func beyondSixtyFourBitsNumbersSaturate() {
        let debugger = KernelDebugger(target: FakeTarget.kernel())
        for written in ["18446744073709551616", "0x10000000000000000", "02000000000000000000000", String(repeating: "9", count: 5000)] {
            #expect(debugger.execute("? \(written.prefix(4000))").output == "0xffffffffffffffff                    -1\n")
        }
        #expect(HexNumber.value("ffffffff1") == .max && HexNumber.value("0x00000000000000001") == 1)
        #expect(
            HexNumber.value("0x") == nil && HexNumber.value("12g") == nil && HexNumber.value("") == nil && HexNumber.value("0X1F") == 0x1F)
    }

    /// Every command takes every such number, or refuses it, and says a bounded amount.
    @Test func everyCommand() {
        let debugger = KernelDebugger(target: FakeTarget.kernel())
        let skipped: Set = ["commands", "alias", "disasm", "u", "uf"]
        for command in CommandTable.commands where !skipped.contains(command.names[0]) {
            for value in Self.edges {
                let hex = "0x\(value.hex())"
                for line in [
                    "\(hex)", "\(value) \(value)", "-\(hex)", "r \(hex)", "list \(hex)", "attach \(value)", "\(hex) \(hex) \(hex)",
                ] {
                    let result = debugger.execute("\(command.names[0]) \(line)")
                    #expect(result.output.utf8.count < 200_000, "\(command.names[0]) \(line)")
                    debugger.confirming = nil
                    debugger.attached = nil
                }
            }
        }
    }

    /// Counts.
    @Test func everyCount() {
        let debugger = KernelDebugger(target: FakeTarget.kernel())
        for value in [1, 0xFF, 0x100, 0x4000] {
            #expect(debugger.execute("x 0 L \(value)").output.split(separator: "\n").count == (value + 3) / 4)
        }
        #expect(debugger.execute("disasm 0 L \(CountSuffix.limit)").output == "<00000000>: <INVALID>\n")
        for value in [UInt64(CountSuffix.limit) + 1, 0xFFFF_FFFF, .max] {
            for line in ["x 0 L \(value)", "x 0 L\(value)", "bt L \(value)", "dt KPCR 0 L \(value)", "da 0 L \(value)", "u L \(value)"] {
                let result = debugger.execute(line)
                let column = 6 + line.utf8.count - "\(value)".utf8.count
                #expect(result.failed, "\(line)")
                #expect(result.output == String(repeating: " ", count: column) + "^ At most 1048576 (0x100000) at once\n", "\(line)")
            }
        }
        for line in ["x 0..0xFFFFFFFF", "db 0..0xFFFFFFFF", "disasm 0..0xFFFFFFFF"] {
            #expect(debugger.execute(line).output.hasSuffix("^ At most 1048576 (0x100000) at once\n"), "\(line)")
        }
        #expect(debugger.execute("x 0 L 0").failed)
        #expect(debugger.execute("x 0xFFFFFFFC L 2").output == "<FFFFFFFC>: ???????? ????????\n")
    }
}
