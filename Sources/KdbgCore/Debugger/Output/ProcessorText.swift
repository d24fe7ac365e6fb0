// SPDX-License-Identifier: GPL-3.0-or-later

import X86

// What front ends show of a machine in which somebody else's program runs.
extension Session {
    /// Where the processor stands and what is in it, for a person who wants to know how a run has ended: lines with line ends, the registers as the commands
    /// `regs`, `sregs` and `cregs` show them, and the text on the display when there is any.
    package var finalState: String {
        var text = "After \(mark.instruction) instructions at \(currentInstruction)\n"
        text += ["regs", "sregs", "cregs"].map(debugger.output).joined()
        let lines = textScreen
        guard let last = lines.lastIndex(where: { !$0.isEmpty }) else { return text }
        return text + "On the display:\n" + lines[...last].map { "  \($0)\n" }.joined()
    }

    /// The 25 lines on the display, without trailing blanks; what is not ASCII is a dot.
    package var textScreen: [String] { machine.textScreenLines() }

    /// Where the display's cursor is; nil when it is hidden.
    package var textScreenCursor: (row: Int, column: Int)? { machine.textScreenCursor }

    /// In a few words: real mode, virtual-8086 mode, or protected mode with the size of the code and the ring.
    package var processorMode: String {
        let registers = machine.registers
        if registers.cr0 & 1 == 0 { return "real mode" }
        if registers.eflags & 0x2_0000 != 0 { return "virtual-8086 mode" }
        let paging = registers.cr0 & 0x8000_0000 != 0 ? ", paging" : ""
        return "\(registers.cs.isBig ? 32 : 16)-bit, ring \(machine.privilegeLevel)\(paging)"
    }

    /// The registers in pairs, the segment registers, and the instructions from the current one on, which begins with `>`.
    package var processorLines: [String] {
        let registers = debugger.registers
        func pair(_ a: Register, _ b: Register) -> String {
            "\(a.rawValue) \(registers[a].hex(8))  \(b.rawValue) \(registers[b].hex(8))"
        }
        func selectors(_ names: Register...) -> String {
            names.map { "\($0.rawValue) \(registers[$0].hex(4))" }.joined(separator: "  ")
        }
        var lines = [pair(.eax, .esi), pair(.ebx, .edi), pair(.ecx, .ebp), pair(.edx, .esp), pair(.eip, .eflags)]
        lines += [selectors(.cs, .ds, .es), selectors(.ss, .fs, .gs)]
        var address = registers.programCounter
        for index in 0..<12 {
            guard let instruction = debugger.decode(at: address, tagger: { SymbolText.name(of: $0, in: debugger.target) ?? $0.pointer })
            else { break }
            lines.append("\(index == 0 ? ">" : " ")\(address.pointer) \(instruction.text)")
            address &+= UInt32(instruction.bytes.count)
        }
        return lines
    }
}

extension KernelDebugger {
    /// What a command says that changes nothing; neither history nor log take notice.
    fileprivate func output(of name: String) -> String {
        var output = CommandOutput()
        guard let command = CommandTable.command(named: name) else { return "" }
        _ = try? command.run(self, CommandLine(name), &output)
        return output.text
    }
}
