// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// Our decoder and Zydis agree on what an instruction is and how long: exhaustively over opcodes, ModRM and SIB bytes with prefixes, and on random bytes.
///
/// Where they may differ is decided by what Zydis says an instruction belongs to, never by its opcode alone: what only later processors have must be
/// invalid here, and what our decoder takes and Zydis does not must raise #UD when it is executed, or be named in `alone`.
@Suite struct ZydisTests {
    /// Opcodes of ours that Zydis does not know, with the reason.
    static let alone: [Int: String] = [
        0xD6: "SALC", 0xF1: "INT1", 0x82: "copy of group 80", 0x10D: "no-operation of the P6", 0x118: "no-operation of the P6",
        0x119: "likewise",
        0x11A: "likewise", 0x11B: "likewise", 0x11C: "likewise", 0x11D: "likewise", 0x11E: "likewise", 0x11F: "likewise",
    ]
    /// What Zydis knows of our processor's sets and our processor does not have.
    static let missing: [Int: String] = [
        0x133: "RDPMC: no performance counters", 0x1AA: "RSM: no system management mode", 0x10B: "UD2 is #UD", 0x1B9: "UD1 is #UD",
        0x1FF: "UD0 is #UD",
        0x105: "SYSCALL: AMD", 0x107: "SYSRET: AMD", 0x137: "GETSEC",
    ]

    @Test(arguments: [true, false]) func everyOpcode(_ big: Bool) throws {
        guard let zydis = Zydis(big: big) else { return print("skipped: libZydis.so.4.0 is not installed") }
        var check = DecoderCheck(zydis: zydis, big: big)
        let prefixes: [[UInt8]] = [[], [0x66], [0x67], [0x66, 0x67], [0xF0], [0xF2], [0xF3], [0x2E], [0xF3, 0x66]]
        for (n, prefix) in prefixes.enumerated() {
            for opcode in 0..<512 {
                for modRM in 0...255 as ClosedRange<UInt8> {
                    let hasSIB = modRM < 0xC0 && modRM & 7 == 4
                    let step = !hasSIB ? 256 : n < 2 ? 1 : 37
                    for sib in stride(from: 0, to: 256, by: step) {
                        check(
                            prefix + (opcode >= 0x100 ? [0x0F] : []) + [UInt8(opcode & 0xFF), modRM, UInt8(sib)], isPrefix: opcode < 0x100)
                    }
                }
            }
        }
        #expect(check.compared > 500_000)
        #expect(check.differences.isEmpty, "\(check.differences.count) differ:\n\(check.differences.prefix(30).joined(separator: "\n"))")
    }

    @Test(arguments: [true, false]) func randomBytes(_ big: Bool) throws {
        guard let zydis = Zydis(big: big) else { return print("skipped: libZydis.so.4.0 is not installed") }
        var check = DecoderCheck(zydis: zydis, big: big)
        var random = SeededRandom(big ? 32 : 16)
        for _ in 0..<2_000_000 {
            var bytes: [UInt8] = []
            while random.oneIn(2), bytes.count < 13 {
                bytes.append(random.pick([0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65]))
            }
            if random.oneIn(3) { bytes.append(0x0F) }
            while bytes.count < 15 { bytes.append(random.byte()) }
            check(bytes, isPrefix: true)
        }
        #expect(check.differences.isEmpty, "\(check.differences.count) differ:\n\(check.differences.prefix(30).joined(separator: "\n"))")
    }
}

/// Compares the decoders on one byte string after the other.
private struct DecoderCheck {
    let zydis: Zydis
    let big: Bool
    var compared = 0
    var differences: [String] = []

    mutating func callAsFunction(_ start: [UInt8], isPrefix: Bool) {
        var bytes = start
        while bytes.count < 15 { bytes.append(UInt8(truncatingIfNeeded: bytes.count &* 0x35)) }
        var record = Instruction.empty
        let (result, theirs) = bytes.withUnsafeBufferPointer {
            (Decoder.decode($0.baseAddress!, available: 15, big: big, into: &record), zydis($0.baseAddress!))
        }
        compared += 1
        let isValid = result == .ok && isExecutable(record)
        let opcode = Int(record.opcode)
        switch (isValid, theirs) {
        case (true, let theirs?):
            if theirs.length != Int(record.length) { note(bytes, "length \(record.length), Zydis \(theirs.length)") }
        case (true, nil):
            // All x87 encodings are one to our decoder, and prefixes of SSE are ignored, as before there was SSE.
            let ignoresPrefix =
                (opcode == 0x1AE || opcode == 0x101) && bytes.prefix { $0 != 0x0F }.contains { [0x66, 0xF2, 0xF3].contains($0) }
            if ZydisTests.alone[opcode] == nil, !(0xD8...0xDF).contains(opcode), !ignoresPrefix { note(bytes, "valid here, not for Zydis") }
        case (false, let theirs?):
            // An invalid opcode may be decoded as anything, so the opcode is found anew.
            if Zydis.ours.contains(theirs.set), ZydisTests.missing[plainOpcode(bytes)] == nil {
                note(bytes, "invalid here, for Zydis of set \(theirs.set)")
            }
        case (false, nil): break
        }
    }

    private mutating func note(_ bytes: [UInt8], _ text: String) {
        if differences.count < 2000 { differences.append(bytes.map { String($0, radix: 16) }.joined(separator: " ") + ": " + text) }
    }

    private func plainOpcode(_ bytes: [UInt8]) -> Int {
        let rest = bytes.drop { [0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65].contains($0) }
        guard let first = rest.first else { return 0 }
        return first == 0x0F ? 0x100 + Int(rest.dropFirst().first ?? 0) : Int(first)
    }

    /// Whether the record would do anything but raise #UD, whatever the state.
    private func isExecutable(_ record: Instruction) -> Bool {
        let opcode = Int(record.opcode)
        let isMemory = record.flags.contains(.memory)
        let entries = InstructionTable.shared.entries + opcode * 8
        let row = entries[digit(record)]
        guard row.opcode >= 0, opcode != 0x10B else { return false }
        if record.flags.contains(.lock), !(row.lockable && isMemory) { return false }
        switch opcode {
        case 0x8D, 0x62, 0xC4, 0xC5, 0x1B2, 0x1B4, 0x1B5, 0x1AE, 0x1C7: return isMemory
        case 0xFF: return isMemory || (digit(record) != 3 && digit(record) != 5)
        case 0x8C, 0x8E: return record.b < 6 && !(opcode == 0x8E && record.b == 1)
        case 0x101: return isMemory || digit(record) == 4 || digit(record) == 6 || (digit(record) == 0 && record.a == 4)
        case 0x120, 0x122: return record.b == 0 || (2...4).contains(record.b)
        default: return true
        }
    }

    /// ModRM.reg, where the form keeps it as it is.
    private func digit(_ record: Instruction) -> Int {
        let form = InstructionTable.shared.entries[Int(record.opcode) * 8].form
        return form.modRM && form.g == .raw ? Int(record.b) : 0
    }
}
