// SPDX-License-Identifier: GPL-3.0-or-later

/// `printf` (extension): values and texts of the guest in a form of the user's own.
enum PrintCommand {
    static let rows: [Command] = [
        Command(
            "printf", group: .extensions, usage: "printf \"format\"[, expression]...", summary: "Print values and guest texts by a format.",
            help: """
                %d %i %u %x %X %o %c %p: a number; flags - 0 # + and blank, width and precision as in C, l and ll
                for 64 bits, h and hh for 16 and 8. %s: the zero-terminated text at an address, %ws or %S: a
                wide one, %Z and %wZ: a STRING and a UNICODE_STRING. %y: a symbol's name. %%: a percent sign.
                \\n \\\\ \\" in the format are what they are in C, \\t is a blank. Unreadable memory shows as ??.
                """,
            example: "printf \"%s at %y\\n\", [esp+4], eip", winDbg: ".printf", gdb: "printf", completion: .expression, run: run)
    ]

    /// Longest text that a conversion makes, in characters.
    private static let longest = 1024

    private static func run(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let first = line.arguments.first else { throw CommandError("printf: Format required.") }
        guard line.bytes[first.offset] == UInt8(ascii: "\"") else {
            throw CommandError("The format stands in double quotes.", place: .byte(first.offset))
        }
        let (format, end) = try unquoted(line.bytes, from: first.offset)
        var arguments = Arguments(debugger: debugger, line: line, position: end)
        var text = ""
        var index = 0
        while index < format.count {
            let item = format[index]
            guard item.byte == UInt8(ascii: "%") else {
                let run = format[index...].prefix { $0.byte != UInt8(ascii: "%") }
                text += String(decoding: run.map(\.byte), as: UTF8.self)
                index += run.count
                continue
            }
            var conversion = try Conversion(format, &index)
            if conversion.letter == UInt8(ascii: "%") {
                text += "%"
            } else {
                text += try converted(&conversion, &arguments)
            }
        }
        try arguments.finish()
        output.write(text.harmless(keepingLines: true))
        return .stay
    }

    /// A byte of the format and where it stands in the line.
    struct Item: Sendable {
        var byte: UInt8
        var offset: Int
    }

    /// The text between the double quotes that begin at `start`, escapes replaced, and the offset behind it.
    private static func unquoted(_ bytes: [UInt8], from start: Int) throws(CommandError) -> ([Item], end: Int) {
        var items: [Item] = []
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            let offset = index
            var byte = bytes[index]
            if byte == UInt8(ascii: "\\") {
                index += 1
                guard index < bytes.count else { break }
                switch bytes[index] {
                case UInt8(ascii: "n"): byte = 10
                // A tab's width depends on the terminal, a blank's does not.
                case UInt8(ascii: "t"): byte = UInt8(ascii: " ")
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): byte = bytes[index]
                default: throw CommandError("There is no such escape; \\n \\t \\\\ and \\\" are known.", place: .byte(offset))
                }
            }
            items.append(Item(byte: byte, offset: offset))
            index += 1
        }
        guard index < bytes.count else { throw CommandError("The format has no closing quote.", place: .byte(bytes.count)) }
        return (items, index + 1)
    }

    // MARK: Conversions

    /// One `%` item.
    struct Conversion {
        var isLeft = false
        var fillsWithZeros = false
        var isAlternate = false
        var sign = ""
        var width = 0
        var precision: Int?
        var isWide = false
        /// Bits of the number.
        var bits = 32
        var letter: UInt8 = 0
        var offset: Int

        /// Reads the item that begins at `index`, and moves behind it.
        init(_ format: [Item], _ index: inout Int) throws(CommandError) {
            offset = format[index].offset
            index += 1
            func byte(_ index: Int) -> UInt8 { index < format.count ? format[index].byte : 0 }
            flags: while true {
                switch byte(index) {
                case UInt8(ascii: "-"): isLeft = true
                case UInt8(ascii: "0"): fillsWithZeros = true
                case UInt8(ascii: "#"): isAlternate = true
                case UInt8(ascii: "+"): sign = "+"
                case UInt8(ascii: " "): if sign.isEmpty { sign = " " }
                default: break flags
                }
                index += 1
            }
            width = Self.number(format, &index)
            if byte(index) == UInt8(ascii: ".") {
                index += 1
                precision = Self.number(format, &index)
            }
            sizes: while true {
                switch byte(index) {
                case UInt8(ascii: "l"): bits = bits == 33 ? 64 : bits == 32 ? 33 : bits
                case UInt8(ascii: "h"): bits = bits == 16 ? 8 : 16
                case UInt8(ascii: "w"): isWide = true
                default: break sizes
                }
                index += 1
            }
            // Expressions have 64 bits, so a long shows them all.
            if bits == 33 { bits = 64 }
            letter = byte(index)
            guard "diuxXocpsSZyn%".utf8.contains(letter), letter != UInt8(ascii: "n") else {
                throw CommandError("There is no such conversion.", place: .byte(offset), hint: "'help printf' lists them.")
            }
            index += 1
        }

        private static func number(_ format: [Item], _ index: inout Int) -> Int {
            var value = 0
            while index < format.count, (48...57).contains(format[index].byte) {
                value = min(value * 10 + Int(format[index].byte - 48), PrintCommand.longest)
                index += 1
            }
            return value
        }

        /// Pads to the width.
        func padded(_ text: String) -> String {
            guard text.count < width else { return text }
            return isLeft ? text.padded(right: width) : text.padded(left: width)
        }
    }

    private static func converted(_ conversion: inout Conversion, _ arguments: inout Arguments) throws(CommandError) -> String {
        let value = try arguments.next(for: conversion)
        let target = arguments.debugger.target
        let address = UInt32(truncatingIfNeeded: value)
        switch conversion.letter {
        case UInt8(ascii: "s"), UInt8(ascii: "S"):
            let size: UInt32 = conversion.isWide || conversion.bits == 64 || conversion.letter == UInt8(ascii: "S") ? 2 : 1
            let text = target.terminatedText(at: address, size: size, limit: min(conversion.precision ?? longest, longest))
            return conversion.padded(conversion.precision == 0 ? "" : text ?? "??")
        case UInt8(ascii: "Z"):
            return conversion.padded(counted(at: address, isWide: conversion.isWide, in: target, limit: conversion.precision ?? longest))
        case UInt8(ascii: "y"):
            return conversion.padded(SymbolText.name(of: address, in: target) ?? "0x\(address.hex(8))")
        case UInt8(ascii: "c"):
            return conversion.padded(String(Unicode.Scalar(UInt8(truncatingIfNeeded: value))).harmless())
        case UInt8(ascii: "p"):
            return conversion.padded(address.pointer)
        default:
            return number(value, conversion)
        }
    }

    /// The text of a STRING or UNICODE_STRING.
    private static func counted(at address: UInt32, isWide: Bool, in target: any Target, limit: Int) -> String {
        if isWide { return target.unicodeString(at: address, limit: min(limit, longest)) ?? "??" }
        guard let length = target.read16(address), let buffer = target.read32(address &+ 4),
            let bytes = target.readBytes(buffer, count: min(Int(length), limit, longest))
        else { return "??" }
        return String(decoding: bytes, as: UTF8.self).harmless()
    }

    private static func number(_ value: UInt64, _ conversion: Conversion) -> String {
        let cut = conversion.bits == 64 ? value : value & (1 << UInt64(conversion.bits) - 1)
        var sign = ""
        var digits: String
        switch conversion.letter {
        case UInt8(ascii: "d"), UInt8(ascii: "i"):
            let shift = UInt64(64 - conversion.bits)
            let signed = Int64(bitPattern: cut << shift) >> Int64(shift)
            sign = signed < 0 ? "-" : conversion.sign
            digits = String(signed.magnitude)
        case UInt8(ascii: "u"): digits = String(cut)
        case UInt8(ascii: "o"): digits = String(cut, radix: 8)
        case UInt8(ascii: "X"):
            digits = String(cut, radix: 16, uppercase: true)
            if conversion.isAlternate { sign = "0X" }
        default:
            digits = String(cut, radix: 16)
            if conversion.isAlternate { sign = "0x" }
        }
        if let precision = conversion.precision {
            digits = digits.padded(left: precision, with: "0")
        } else if conversion.fillsWithZeros, !conversion.isLeft {
            digits = digits.padded(left: conversion.width - sign.count, with: "0")
        }
        return conversion.padded(sign + digits)
    }
}

extension PrintCommand {
    /// The expressions behind the format, each behind a comma.
    struct Arguments {
        let debugger: KernelDebugger
        let line: CommandLine
        /// Offset of the first byte that has not been read.
        var position: Int

        private mutating func skipBlanks() {
            while position < line.bytes.count, [0x20, 0x09].contains(line.bytes[position]) { position += 1 }
        }

        mutating func next(for conversion: Conversion) throws(CommandError) -> UInt64 {
            skipBlanks()
            guard position < line.bytes.count else { throw CommandError("There is no argument for this.", place: .byte(conversion.offset)) }
            guard line.bytes[position] == UInt8(ascii: ",") else { throw CommandError("',' expected", place: .byte(position)) }
            position += 1
            skipBlanks()
            let start = position
            let end = line.bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? line.bytes.count
            position = end
            do {
                return try debugger.compile(Array(line.bytes[start..<end])).evaluate(
                    registers: debugger.registers, target: debugger.target)
            } catch {
                throw CommandError(error, expressionAt: start)
            }
        }

        mutating func finish() throws(CommandError) {
            skipBlanks()
            guard position >= line.bytes.count else { throw CommandError("More arguments than the format takes.", place: .byte(position)) }
        }
    }
}
