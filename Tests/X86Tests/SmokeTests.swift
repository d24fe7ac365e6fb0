// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// A few instructions from reset to HLT, enough to know that the loop turns.
@Suite struct SmokeTests {
    @Test func countsDownAndStops() {
        let machine = flatMachine()
        // mov ecx,5; l: inc eax; dec ecx; jnz l; vmcall
        machine.writePhysical(0x1000, [0xB9, 5, 0, 0, 0, 0x40, 0x49, 0x75, 0xFC, 0x0F, 0x01, 0xC1])
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .vmcall)
        #expect(machine.registers.eax == 5)
        #expect(machine.registers.eip == 0x100C)
        #expect(machine.instructionCount == 17)
    }

    @Test func haltsWithoutHope() {
        let machine = flatMachine()
        machine.writePhysical(0x1000, [0xF4])
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .halted)
    }
}
