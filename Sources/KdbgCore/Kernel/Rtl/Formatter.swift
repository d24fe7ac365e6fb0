// SPDX-License-Identifier: GPL-3.0-or-later

/// Formats text as the C run-time library of the kernel does, from a format and a stack of arguments in memory (spec/kdbg.md, conventions).
///
/// `%p` is eight upper-case digits, `%wZ` takes a UNICODE_STRING* and `%Z` a STRING*. What cannot be read prints as nothing: formatting
/// must never fault, since it is what reports faults.
struct Formatter {
    /// Reads a byte at a virtual address; nil where nothing is mapped.
    private let read: (UInt32) -> UInt8?
    /// Virtual address of the next argument.
    private var argument: UInt32
    /// More bytes than this are dropped.
    private let limit: Int
    private(set) var text: [UInt8] = []
    /// Whether bytes were dropped.
    private(set) var isTruncated = false

    /// A conversion as it is written between `%` and its letter.
    struct Specification {
        var isLeft = false
        var showsPlus = false
        var showsSpace = false
        var isAlternate = false
        var padsWithZeros = false
        var width = 0
        var precision: Int?
        var size = Size.normal
    }

    /// The size prefix of a conversion.
    enum Size {
        case normal
        /// `h`: 16-bit numbers, byte strings.
        case short
        /// `l`, `w`, `ll`: 32-bit numbers, strings of 16-bit characters.
        case wide
        /// `I64`: numbers of two stack slots.
        case quad
    }

    /// Longest text that a string conversion reads.
    private static let longestString = 0x1_0000

    init(limit: Int, arguments: UInt32, read: @escaping (UInt32) -> UInt8?) {
        self.limit = limit
        self.argument = arguments
        self.read = read
    }

    /// Formats; what does not fit is dropped and noted in `isTruncated`.
    mutating func format(_ address: UInt32) {
        var position = address
        while let byte = read(position), byte != 0, !isTruncated {
            position &+= 1
            if byte != UInt8(ascii: "%") {
                append(byte)
                continue
            }
            var specification = Specification()
            parseFlags(&position, &specification)
            parseWidth(&position, &specification)
            parseSize(&position, &specification)
            guard let letter = read(position), letter != 0 else { return }
            position &+= 1
            convert(letter, specification)
        }
    }

    // MARK: Parsing

    private func parseFlags(_ position: inout UInt32, _ specification: inout Specification) {
        while let byte = read(position) {
            switch byte {
            case UInt8(ascii: "-"): specification.isLeft = true
            case UInt8(ascii: "+"): specification.showsPlus = true
            case UInt8(ascii: " "): specification.showsSpace = true
            case UInt8(ascii: "#"): specification.isAlternate = true
            case UInt8(ascii: "0"): specification.padsWithZeros = true
            default: return
            }
            position &+= 1
        }
    }

    private mutating func parseWidth(_ position: inout UInt32, _ specification: inout Specification) {
        let width = parseNumber(&position) ?? 0
        specification.isLeft = specification.isLeft || width < 0
        specification.width = abs(width)
        guard read(position) == UInt8(ascii: ".") else { return }
        position &+= 1
        let precision = parseNumber(&position) ?? 0
        specification.precision = precision < 0 ? nil : precision
    }

    /// Digits, or `*` for an argument. Nothing wider than the buffer matters.
    private mutating func parseNumber(_ position: inout UInt32) -> Int? {
        if read(position) == UInt8(ascii: "*") {
            position &+= 1
            return Int(Int32(bitPattern: nextDword()))
        }
        var number: Int?
        while let byte = read(position), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            number = min((number ?? 0) * 10 + Int(byte - UInt8(ascii: "0")), limit + 1)
            position &+= 1
        }
        return number
    }

    private func parseSize(_ position: inout UInt32, _ specification: inout Specification) {
        while let byte = read(position) {
            switch byte {
            case UInt8(ascii: "h"): specification.size = .short
            case UInt8(ascii: "l") where specification.size == .wide: specification.size = .quad
            case UInt8(ascii: "l"), UInt8(ascii: "w"): specification.size = .wide
            case UInt8(ascii: "L"): specification.size = .quad
            case UInt8(ascii: "I"):
                let digits = (read(position &+ 1), read(position &+ 2))
                if digits == (UInt8(ascii: "6"), UInt8(ascii: "4")) {
                    specification.size = .quad
                    position &+= 2
                } else if digits == (UInt8(ascii: "3"), UInt8(ascii: "2")) {
                    position &+= 2
                }
            default: return
            }
            position &+= 1
        }
    }

    // MARK: Arguments

    mutating func nextDword() -> UInt32 {
        defer { argument &+= 4 }
        return dword(at: argument)
    }

    mutating func nextQuad() -> UInt64 {
        let low = nextDword()
        return UInt64(nextDword()) << 32 | UInt64(low)
    }

    private func word(at address: UInt32) -> UInt16? {
        guard let low = read(address), let high = read(address &+ 1) else { return nil }
        return UInt16(low) | UInt16(high) << 8
    }

    private func dword(at address: UInt32) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(read(address &+ $1) ?? 0) << (8 * $1) }
    }

    // MARK: Output

    mutating func append(_ byte: UInt8) {
        if text.count < limit { text.append(byte) } else { isTruncated = true }
    }

    /// Writes bytes in a field of the specification's width.
    mutating func append(_ bytes: [UInt8], _ specification: Specification, pad: UInt8 = UInt8(ascii: " ")) {
        let padding = min(max(specification.width - bytes.count, 0), limit + 1)
        if !specification.isLeft { for _ in 0..<padding { append(pad) } }
        for byte in bytes { append(byte) }
        if specification.isLeft { for _ in 0..<padding { append(UInt8(ascii: " ")) } }
    }

    // MARK: Strings

    /// A zero-terminated string, or a counted one when `count` is given; `(null)` for NULL.
    func string(at address: UInt32, isWide: Bool, count: Int?, precision: Int?) -> [UInt8] {
        guard address != 0 else { return Array("(null)".utf8.prefix(precision ?? 6)) }
        let most = min(count ?? Self.longestString, precision ?? Self.longestString, limit + 1)
        var bytes: [UInt8] = []
        while bytes.count < most {
            let step = UInt32(bytes.count)
            if isWide {
                guard let unit = word(at: address &+ 2 * step), unit != 0 || count != nil else { break }
                bytes.append(unit < 0x100 ? UInt8(unit) : UInt8(ascii: "?"))
            } else {
                guard let byte = read(address &+ step), byte != 0 || count != nil else { break }
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// What a STRING or UNICODE_STRING holds; nothing when it or its buffer cannot be read.
    func countedString(at address: UInt32, isWide: Bool, precision: Int?) -> [UInt8] {
        guard address != 0 else { return Array("(null)".utf8) }
        guard let length = word(at: address), word(at: address &+ 6) != nil else { return [] }
        let buffer = dword(at: address &+ 4)
        guard buffer != 0 else { return length == 0 ? [] : Array("(null)".utf8) }
        return string(at: buffer, isWide: isWide, count: Int(length) / (isWide ? 2 : 1), precision: precision)
    }
}
