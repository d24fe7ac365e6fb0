// SPDX-License-Identifier: GPL-3.0-or-later

/// What KDBG of ReactOS 0.4.15 knows, where this debugger knows more or does better (spec/kdbg.md; the numbers are its sections).
enum ReactOS {
    static let name = "ReactOS 0.4.15"

    /// The commands of section 1.2; `dt` is compiled in by no build file, `cregs` came later.
    static let commands: Set<String> = [
        "?", "disasm", "x", "regs", "sregs", "dregs", "bt", "cont", "step", "next", "bl", "be", "bd", "bc", "bpx", "bpm", "thread", "proc",
        "mod", "gdt", "ldt", "idt", "pcr", "tss", "bugcheck", "reboot", "filter", "set", "dmesg", "kmsg", "help", "!pool", "!poolused",
        "!poolfind", "!filecache", "!defwrites", "!irpfind", "!handle",
    ]

    /// Slots of its argument array, which nothing guards (1.1).
    static let mostWords = 256

    /// Whether the line prints a list that in a booted system has more rows than the first page of a terminal (3.3).
    static func isOftenLong(_ line: CommandLine) -> Bool {
        switch line.words[0].text {
        case "mod", "!pool", "!poolused", "!filecache": line.words.count == 1
        case "thread", "proc": line.words.count > 1 && line.words[1].text.lowercased() == "list"
        case "gdt", "ldt", "!poolfind", "!irpfind", "!handle": true
        default: false
        }
    }

    /// What it makes of a line that is well-formed. Column offsets are bytes of the line.
    static func warnings(about line: CommandLine) -> [(offset: Int, message: String)] {
        var warnings: [(Int, String)] = []
        func warn(at word: Int, _ message: String) { warnings.append((line.words[word].offset, "\(name) \(message)")) }
        let words = line.words.map(\.text)
        if words.count > mostWords { warn(at: mostWords, "has room for \(mostWords) words and writes on behind it") }
        switch words[0] {
        case "bpx":
            // Section 5.4.
            warn(at: 0, "takes a hit of bpx for an embedded INT3 and resumes inside the instruction; use 'bpm x'")
        case "set" where words.count > 2 && words[1] == "condition" && words[2].uppercased() == "OTHERS":
            // Section 4.2.
            warn(at: 2, "changes assertion failures instead; all other exceptions are reachable through '*' only")
        case "filter" where words.count > 2:
            // Section 1.8.
            warn(at: 2, "lets the levels of earlier words spill into later ones; write one word a line")
        case "bt" where words.count > 1 && !words[1].hasPrefix("*"):
            // Section 1.3.
            warn(at: 1, "has no backtrace of threads and ignores a count")
        case "?", "x", "disasm", "bpm":
            // Section 2.4.
            if let offset = secondComparison(in: line) {
                warnings.append((offset, "\(name) groups chains of comparisons from the right; use brackets"))
            }
        default: break
        }
        return warnings
    }

    /// The place of a comparison that follows another one in the same bracket.
    private static func secondComparison(in line: CommandLine) -> Int? {
        var counts = [0]
        var index = line.words[0].end
        while index < line.bytes.count {
            let byte = line.bytes[index]
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["): counts.append(0)
            case UInt8(ascii: ")"), UInt8(ascii: "]"): if counts.count > 1 { counts.removeLast() }
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "!"):
                counts[counts.count - 1] += 1
                if counts[counts.count - 1] > 1 { return index }
                if index + 1 < line.bytes.count, line.bytes[index + 1] == UInt8(ascii: "=") { index += 1 }
            // IF begins an expression of its own, and nothing else in an expression of numbers and registers has this letter in capitals.
            case UInt8(ascii: "I"): counts = [0]
            default: break
            }
            index += 1
        }
        return nil
    }
}
