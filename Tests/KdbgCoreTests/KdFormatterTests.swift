// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The formatter of debug prints, on a piece of memory of its own.
struct KdFormatterTests {
    /// Memory from 0x1000 on: what is put there, and nothing behind it.
    private struct Memory {
        var bytes: [UInt8] = []

        mutating func put(_ new: [UInt8]) -> UInt32 {
            defer { bytes += new }
            return 0x1000 + UInt32(bytes.count)
        }

        mutating func text(_ string: String) -> UInt32 { put(Array(string.utf8) + [0]) }
        mutating func wide(_ string: String) -> UInt32 { put(string.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + [0, 0]) }
        mutating func counted(_ length: UInt16, _ buffer: UInt32) -> UInt32 {
            put(Self.dword(UInt32(length) | UInt32(length) << 16) + Self.dword(buffer))
        }

        static func dword(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

        func format(_ format: String, _ arguments: [UInt32], limit: Int = 512) -> Formatter {
            var memory = self
            let text = memory.text(format)
            let list = memory.put(arguments.flatMap(Self.dword))
            let bytes = memory.bytes
            var formatter = Formatter(limit: limit, arguments: list) { address in
                let index = Int(address) - 0x1000
                return bytes.indices.contains(index) ? bytes[index] : nil
            }
            formatter.format(text)
            return formatter
        }
    }

    private func format(_ format: String, _ arguments: UInt32...) -> String {
        String(decoding: Memory().format(format, arguments).text, as: UTF8.self)
    }

    private func string(_ format: String, _ make: (inout Memory) -> [UInt32]) -> String {
        var memory = Memory()
        let arguments = make(&memory)
        return String(decoding: memory.format(format, arguments).text, as: UTF8.self)
    }

    @Test func numbers() {
        #expect(format("%d %i %u", 0xFFFF_FFFF, 5, 0xFFFF_FFFF) == "-1 5 4294967295")
        #expect(format("%x %X %o %lx %lu %ld", 0xABC, 0xABC, 8, 0xFF, 7, 0xFFFF_FFFE) == "abc ABC 10 ff 7 -2")
        #expect(format("[%5d] [%-5d] [%05d] [%+d] [% d]", 42, 42, 42, 42, 42) == "[   42] [42   ] [00042] [+42] [ 42]")
        #expect(format("[%#x] [%#X] [%#o] [%#x]", 255, 255, 8, 0) == "[0xff] [0XFF] [010] [0]")
        #expect(format("[%08lx] [%#010x] [%-08x]", 0xC0DE, 0xC0DE, 0xC0DE) == "[0000c0de] [0x0000c0de] [c0de    ]")
        #expect(format("[%.3d] [%6.3d] [%.0d]", 7, 7, 0) == "[007] [   007] []")
        #expect(format("[%*d] [%-*d] [%*d] [%.*d]", 4, 1, 4, 2, UInt32(bitPattern: -4), 3, 2, 4) == "[   1] [2   ] [3   ] [04]")
        #expect(format("%hd %hx", 0x1_FFFF, 0x1_2345) == "-1 2345")
    }

    @Test func quads() {
        #expect(format("%I64x %I64u %I64d", 0x5678, 0x1234, 0, 1, 0xFFFF_FFFF, 0xFFFF_FFFF) == "123400005678 4294967296 -1")
        #expect(format("%016I64x|%I32x|%llu", 1, 0, 0xAB, 5, 0) == "0000000000000001|ab|5")
    }

    @Test func pointersAreEightUpperCaseDigits() {
        #expect(format("%p %p", 0xABCD, 0x8040_0000) == "0000ABCD 80400000")
        #expect(format("[%12p]", 0xABCD) == "[    0000ABCD]")
    }

    @Test func charactersAndPercent() {
        #expect(format("%c%c%% %5c|%-3c|", 0x41, 0x42, 0x43, 0x44) == "AB%     C|D  |")
        #expect(format("%C%lc%hC", 0x41, 0x263A, 0x42) == "A?B")
        #expect(format("%y %k") == "y k")
    }

    @Test func strings() {
        #expect(
            string("%s|%10s|%-6s|%.2s") { m in [m.text("one"), m.text("two"), m.text("three"), m.text("four")] }
                == "one|       two|three |fo")
        #expect(
            string("%S %ws %ls %hs %hS") { m in [m.wide("ab"), m.wide("cd"), m.wide("ef"), m.text("gh"), m.text("ij")] } == "ab cd ef gh ij"
        )
        #expect(
            string("%wZ|%Z|%.2wZ") { m in
                let wide = m.wide("wide")
                let unicode = m.counted(8, wide)
                let ansi = m.counted(2, m.text("ansi"))
                return [unicode, ansi, unicode]
            } == "wide|an|wi")
    }

    @Test func badPointersPrintAsNothing() {
        #expect(format("[%s] [%S] [%wZ] [%Z]", 0xDEAD_0000, 0xDEAD_0000, 0xDEAD_0000, 0xFFFF_FFFE) == "[] [] [] []")
        #expect(string("[%wZ]") { m in [m.counted(8, 0xDEAD_0000)] } == "[]")
        #expect(format("[%s] [%.3s] [%wZ]", 0, 0, 0) == "[(null)] [(nu] [(null)]")
    }

    @Test func missingArgumentsAreZero() {
        #expect(format("%d %x") == "0 0")
    }

    @Test func cutsAtTheLimit() {
        let long = Memory().format("%400d", [1], limit: 10)
        #expect(long.text == Array("          ".utf8))
        #expect(long.isTruncated)
        let exact = Memory().format("0123456789", [], limit: 10)
        #expect(exact.text.count == 10)
        #expect(!exact.isTruncated)
        let huge = Memory().format("%2000000000d", [1], limit: 10)
        #expect(huge.text.count == 10)
    }

    @Test func unfinishedConversionsEndTheText() {
        #expect(format("abc%") == "abc")
        #expect(format("abc%-08l") == "abc")
    }
}
