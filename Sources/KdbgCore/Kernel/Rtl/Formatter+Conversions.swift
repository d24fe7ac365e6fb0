// SPDX-License-Identifier: GPL-3.0-or-later

/// The conversion letters.
extension Formatter {
    /// Writes the next argument as the letter says. Letters that do not exist print as themselves.
    mutating func convert(_ letter: UInt8, _ specification: Specification) {
        switch letter {
        case UInt8(ascii: "d"), UInt8(ascii: "i"): appendSigned(specification)
        case UInt8(ascii: "u"): appendUnsigned(radix: 10, specification)
        case UInt8(ascii: "o"): appendUnsigned(radix: 8, specification)
        case UInt8(ascii: "x"): appendUnsigned(radix: 16, specification)
        case UInt8(ascii: "X"): appendUnsigned(radix: 16, uppercase: true, specification)
        case UInt8(ascii: "p"): appendPointer(specification)
        case UInt8(ascii: "c"): appendCharacter(isWide: specification.size == .wide, specification)
        case UInt8(ascii: "C"): appendCharacter(isWide: specification.size != .short, specification)
        case UInt8(ascii: "s"): appendString(isWide: specification.size == .wide, specification)
        case UInt8(ascii: "S"): appendString(isWide: specification.size != .short, specification)
        case UInt8(ascii: "Z"):
            let isWide = specification.size == .wide
            append(countedString(at: nextDword(), isWide: isWide, precision: specification.precision), specification)
        case UInt8(ascii: "n"):
            // Writing through an argument is nothing a debug print should do.
            _ = nextDword()
        case UInt8(ascii: "e"), UInt8(ascii: "f"), UInt8(ascii: "g"):
            // The kernel has no floating-point text; the argument is skipped.
            _ = nextQuad()
        default: append(letter)
        }
    }

    private mutating func appendCharacter(isWide: Bool, _ specification: Specification) {
        let code = nextDword()
        let byte = isWide && code & 0xFFFF > 0xFF ? UInt8(ascii: "?") : UInt8(truncatingIfNeeded: code)
        append([byte], specification)
    }

    private mutating func appendString(isWide: Bool, _ specification: Specification) {
        append(string(at: nextDword(), isWide: isWide, count: nil, precision: specification.precision), specification)
    }

    private mutating func appendPointer(_ specification: Specification) {
        var specification = specification
        specification.precision = 8
        appendNumber(UInt64(nextDword()), radix: 16, uppercase: true, sign: [], specification)
    }

    private mutating func appendSigned(_ specification: Specification) {
        let number: Int64 =
            switch specification.size {
            case .quad: Int64(bitPattern: nextQuad())
            case .short: Int64(Int16(truncatingIfNeeded: nextDword()))
            case .normal, .wide: Int64(Int32(bitPattern: nextDword()))
            }
        let sign: String = number < 0 ? "-" : specification.showsPlus ? "+" : specification.showsSpace ? " " : ""
        appendNumber(number.magnitude, radix: 10, uppercase: false, sign: Array(sign.utf8), specification)
    }

    private mutating func appendUnsigned(radix: Int, uppercase: Bool = false, _ specification: Specification) {
        let number: UInt64 =
            switch specification.size {
            case .quad: nextQuad()
            case .short: UInt64(nextDword() & 0xFFFF)
            case .normal, .wide: UInt64(nextDword())
            }
        var prefix = ""
        if specification.isAlternate && number != 0 {
            if radix == 16 { prefix = uppercase ? "0X" : "0x" }
            if radix == 8 { prefix = "0" }
        }
        appendNumber(number, radix: radix, uppercase: uppercase, sign: Array(prefix.utf8), specification)
    }

    /// Digits, at least as many as the precision, behind a sign or prefix. Zeros fill the field unless a precision or `-` is given.
    private mutating func appendNumber(_ number: UInt64, radix: Int, uppercase: Bool, sign: [UInt8], _ specification: Specification) {
        var digits = Array(String(number, radix: radix, uppercase: uppercase).utf8)
        if specification.precision == 0 && number == 0 { digits = [] }
        var least = min(specification.precision ?? 0, 512)
        if specification.padsWithZeros && !specification.isLeft && specification.precision == nil {
            least = min(specification.width - sign.count, 512)
        }
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(least - digits.count, 0))
        append(sign + zeros + digits, specification)
    }
}
