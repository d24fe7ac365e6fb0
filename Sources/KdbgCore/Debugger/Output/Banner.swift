// SPDX-License-Identifier: GPL-3.0-or-later

/// What KDBG prints when it is entered (spec/kdbg.md section 3.6). A line feed precedes each of its banners.
enum Banner {
    /// One of the user's breakpoints was hit.
    static func breakpoint(_ number: Int, _ breakpoint: Breakpoint, registers: RegisterView) -> String {
        switch breakpoint.kind {
        case .software:
            "\nEntered debugger on breakpoint #\(number): EXEC 0x\(registers[.cs].hex(4)):0x\(registers.eip.pointer)\n"
        case .hardware(let access, _):
            "\nEntered debugger on breakpoint #\(number): \(access.rawValue.uppercased()) 0x\(breakpoint.address.hex(8))\n"
        }
    }

    /// The guest's KD entered with an exception.
    /// - Parameters:
    ///   - registers: those of the CONTEXT record.
    ///   - cr2: the address of the last page fault.
    static func exception(code: UInt32, firstChance: Bool, title: String, registers: RegisterView, cr2: UInt32) -> String {
        switch ExceptionConditions.number(of: code) {
        case ExceptionConditions.breakpoint:
            return "\nEntered debugger on embedded INT3 at 0x\(registers[.cs].hex(4)):0x\(registers.eip.pointer).\n"
        case ExceptionConditions.debugTrap:
            return "\nEntered debugger on unexpected debug trap!\n"
        case let number:
            var text =
                "\nEntered debugger on \(firstChance ? "first" : "last")-chance exception (Exception Code: 0x\(code.hex())) (\(title))\n"
            if number == ExceptionConditions.pageFault { text += "Memory at 0x\(cr2.pointer) could not be accessed\n" }
            return text
        }
    }

    /// The user broke in, which real KDBG cannot do (section 0.2).
    static func interrupted(_ registers: RegisterView) -> String {
        "\nEntered debugger on request at 0x\(registers[.cs].hex(4)):0x\(registers.eip.pointer).\n"
    }

    /// A boot step begins. Not one of KDBG's: people step through dozens of them, so it is one line.
    static func bootStep(_ step: BootStep) -> String {
        "Boot step \(step.number): \(step.title) (\(step.routine))\n"
    }
}
