// SPDX-License-Identifier: GPL-3.0-or-later

/// An entry of a descriptor table, taken apart the way `gdt` shows it (spec/kdbg.md section 1.6, layout in spec/boot.md section 5.17).
struct SegmentDescriptor: Equatable {
    private let low: UInt32
    private let high: UInt32

    /// Reads the eight bytes at a virtual address; nil when they are not readable.
    init?(at address: UInt32, in target: any Target) {
        guard let low = target.read32(address), let high = target.read32(address &+ 4) else { return nil }
        self.low = low
        self.high = high
    }

    var isPresent: Bool { high & 0x8000 != 0 }
    var privilege: UInt32 { high >> 13 & 3 }
    /// Linear address of the segment.
    var base: UInt32 { high & 0xFF00_0000 | high << 16 & 0xFF_0000 | low >> 16 }

    private var isSystem: Bool { high & 0x1000 == 0 }
    private var kind: UInt32 { high >> 8 & 0xF }
    private var isCode: Bool { !isSystem && kind & 8 != 0 }

    var type: String {
        guard isSystem else { return (isCode ? "CODE" : "DATA") + (high & 0x40_0000 != 0 ? "32" : "16") }
        switch kind {
        case 1: return "TSS16(Avl)"
        case 2: return "LDT"
        case 3: return "TSS16(Busy)"
        case 4: return "CALLGATE16"
        case 5: return "TASKGATE"
        case 6: return "INTGATE16"
        case 7: return "TRAPGATE16"
        case 9: return "TSS32(Avl)"
        case 11: return "TSS32(Busy)"
        case 12: return "CALLGATE32"
        case 14: return "INTGATE32"
        case 15: return "TRAPGATE32"
        default: return "UNKNOWN"
        }
    }

    /// Gates have no base and no limit.
    private var isMemory: Bool { !isSystem || [1, 2, 3, 9, 11].contains(kind) }
    var shownBase: UInt32 { isMemory ? base : 0 }

    /// The offset of the last byte.
    /// - Parameter countsBytes: byte-granular limits as sizes, which is one more (KDBG's mistake).
    func shownLimit(countsBytes: Bool) -> UInt32 {
        guard isMemory else { return 0 }
        let limit = high & 0xF_0000 | low & 0xFFFF
        return high & 0x80_0000 != 0 ? limit << 12 | 0xFFF : countsBytes ? limit &+ 1 : limit
    }

    /// Words behind the row, each with a blank in front.
    var attributes: String {
        var text = ""
        if !isSystem {
            let isReadWrite = kind & 2 != 0
            if isCode {
                text += kind & 4 != 0 ? " C" : ""
                text += isReadWrite ? " R/X" : " X"
            } else {
                text += kind & 4 != 0 ? " E" : ""
                text += isReadWrite ? " R/W" : " R"
            }
            text += kind & 1 != 0 ? " A" : ""
        }
        return text + (high & 0x10_0000 != 0 ? " AVL" : "")
    }
}
