// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// ACPI's fixed registers (ACPI specification 2.0, section 4.7).
@Suite struct PowerManagementTests {
    @Test func timerCountsInstructions() {
        var device = PowerManagement()
        var bus = Bus()
        func timer(_ now: UInt64) -> UInt32 {
            bus.setTime(now)
            return (0..<4).reduce(0) { $0 | UInt32(device.read(0x408 + $1, &bus)) << (8 * UInt32($1)) }
        }
        // 3.579545 ticks in 100 instructions, 24 bits.
        #expect(timer(0) == 0 && timer(100) == 3 && timer(100_000_000) == 3_579_545)
        #expect(timer(500_000_000) == 17_897_725 & 0xFF_FFFF)
    }

    @Test func registersReadBack() {
        var device = PowerManagement()
        var bus = Bus()
        for (port, value, expected) in [
            (0x400, 0xFF, 0), (0x401, 0xFF, 0), (0x402, 0x20, 0x20), (0x403, 1, 1), (0x404, 0, 1), (0x405, 0x34, 0x34), (0x406, 0xFF, 0),
        ] as [(UInt16, UInt8, UInt8)] {
            device.write(port, value, &bus)
            #expect(device.read(port, &bus) == expected, "\(port)")
        }
        #expect(device.nextEvent == .max && bus == Bus())
    }
}
