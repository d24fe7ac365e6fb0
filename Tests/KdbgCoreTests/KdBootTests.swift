// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

struct KdBootTests {
    @Test func boots() {
        let kd = KdHarness(options: "DEBUG DEBUGPORT=SCREEN DEBUGPORT=COM1 DEBUGPORT=FILE", script: Array("? 1\n".utf8))
        let end = kd.run(to: "KeBugCheckWithTf", limit: 60_000_000)
        print(end, kd.machine.instructionCount, kd.linkedProviders)
        print(kd.serial)
        print("bt", kd.backtrace, kd.hostCalls, kd.exceptions.map { String($0, radix: 16) })
        print("bc", (0..<5).map { String(kd.dword(kd.machine.registers.esp + 4 + 4 * $0), radix: 16) })
        print(kd.machine.textScreenLines().joined(separator: "\n"))
    }
}
