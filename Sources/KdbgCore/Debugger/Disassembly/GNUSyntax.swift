// SPDX-License-Identifier: GPL-3.0-or-later

/// Turns Capstone's text into what the GNU disassembler would print: hexadecimal numbers, no blanks between operands, size suffixes only where no register
/// tells the size.
enum GNUSyntax {
    /// AT&T text.
    /// - Parameter base: the instruction's name without suffix, as Capstone knows it.
    ///   In 16-bit code it is the other size that has a suffix.
    static func att(mnemonic: String, operands: String, base: String, is16Bit: Bool = false) -> (mnemonic: String, operands: String) {
        var operands = hexadecimal(operands.replacing(", ", with: ","))
        var words = mnemonic.split(separator: " ").map(String.init)
        if let name = words.last {
            if ["in", "out"].contains(base) { operands = operands.replacing("%dx", with: "(%dx)") }
            // String instructions name both segments.
            if operands.hasPrefix("(%esi)") || operands.hasPrefix("(%si)") { operands = "%ds:" + operands }
            words[words.count - 1] = withoutSuffix(name, base: base, operands: operands, is16Bit)
        }
        return (words.joined(separator: " "), operands)
    }

    /// A direct branch never needs a suffix.
    static func branch(_ mnemonic: String) -> String {
        mnemonic == "calll" || mnemonic == "callw" ? "call" : mnemonic
    }

    /// Intel operands: numbers in hexadecimal, otherwise Capstone's.
    static func intelOperands(_ operands: String) -> String {
        hexadecimal(operands.replacing(", ", with: ",")).replacing("dword ptr", with: "DWORD PTR").replacing("word ptr", with: "WORD PTR")
            .replacing("byte ptr", with: "BYTE PTR").replacing("DWORD PTR", with: "DWORD PTR")
    }

    private static let alwaysShort: Set<String> = ["call", "ret", "jmp", "ljmp", "lcall", "in", "out"]
    private static let renamed16 = ["pushfw": "pushf", "popfw": "popf", "pushaw": "pusha", "popaw": "popa", "iretw": "iret", "retw": "ret"]
    private static let renamed = ["pushfl": "pushf", "popfl": "popf", "pushal": "pusha", "popal": "popa", "iretl": "iret", "retl": "ret"]

    private static func withoutSuffix(_ name: String, base: String, operands: String, _ is16Bit: Bool) -> String {
        if let short = (is16Bit ? renamed16 : renamed)[name] { return short }
        if is16Bit, renamed[name] != nil { return name }
        guard name.dropLast() == base, let suffix = name.last, "bwl".contains(suffix) else { return name }
        if alwaysShort.contains(base) { return base }
        if base == "push", operands.hasPrefix("$") { return base }
        // A shift count in %cl says nothing about the size of what is shifted.
        let telling = operands.hasPrefix("%cl,(") || (operands.hasPrefix("%cl,") && operands.hasSuffix(")")) ? "" : operands
        return hasRegister(telling) ? base : name
    }

    /// Whether an operand is a register, as opposed to part of an address.
    private static func hasRegister(_ operands: String) -> Bool {
        var depth = 0
        var atStart = true
        var rest = Substring(operands)
        while let character = rest.first {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == "%", depth == 0, atStart {
                // %fs:0x124 is memory.
                let name = rest.prefix { $0 != "," }
                if !name.contains(":") { return true }
            }
            atStart = character == ","
            rest = rest.dropFirst()
        }
        return false
    }

    /// Writes decimal numbers in hexadecimal: immediates as 32-bit patterns, displacements with their sign, the scale of an index as it is.
    private static func hexadecimal(_ operands: String) -> String {
        var result = ""
        var rest = Substring(operands)
        while let character = rest.first {
            let previous = result.last
            let startsNumber = character.isASCII && character.isNumber && !(previous?.isLetter == true || previous?.isNumber == true)
            guard startsNumber else {
                result.append(character)
                rest = rest.dropFirst()
                continue
            }
            let word = rest.prefix { $0.isLetter || $0.isNumber }
            rest = rest.dropFirst(word.count)
            let isScale = (previous == "," && rest.first == ")") || previous == "*"
            guard !isScale, let value = UInt32(word) else {
                result += word
                continue
            }
            if result.hasSuffix("$-") {
                result.removeLast()
                result += "0x" + (0 &- value).hex()
            } else {
                result += "0x" + value.hex()
            }
        }
        return result
    }
}
