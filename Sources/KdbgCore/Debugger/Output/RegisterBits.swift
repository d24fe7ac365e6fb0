// SPDX-License-Identifier: GPL-3.0-or-later

/// Names of the bits in flag and control registers, as KDBG prints them (spec/kdbg.md sections 1.3 and 1.6): each name preceded by a blank, lowest bit first.
enum RegisterBits {
    /// The words behind EFLAGS. IOPL is always named, bit 1 only when it is wrongly clear.
    static func flags(_ value: UInt32) -> String {
        var text = ""
        for bit in 0..<UInt32(32) {
            let isSet = value >> bit & 1 == 1
            switch bit {
            case 1: text += isSet ? "" : " !BIT1"
            case 12: text += " IOPL\(value >> 12 & 3)"
            case 13: break
            default: text += isSet ? " " + flagName(bit) : ""
            }
        }
        return text
    }

    static func control0(_ value: UInt32) -> String {
        names(value, [0: "PE", 1: "MP", 2: "EM", 3: "TS", 4: "ET", 5: "NE", 16: "WP", 18: "AM", 29: "NW", 30: "CD", 31: "PG"])
    }

    static func control4(_ value: UInt32) -> String {
        names(
            value,
            [
                0: "VME", 1: "PVI", 2: "TSD", 3: "DE", 4: "PSE", 5: "PAE", 6: "MCE", 7: "PGE", 8: "PCE", 9: "OSFXSR", 10: "OSXMMEXCPT",
            ])
    }

    private static func names(_ value: UInt32, _ names: [UInt32: String]) -> String {
        var text = ""
        for bit in 0..<UInt32(32) where value >> bit & 1 == 1 {
            if let name = names[bit] { text += " " + name }
        }
        return text
    }

    private static func flagName(_ bit: UInt32) -> String {
        switch bit {
        case 0: "CF"
        case 2: "PF"
        case 4: "AF"
        case 6: "ZF"
        case 7: "SF"
        case 8: "TF"
        case 9: "IF"
        case 10: "DF"
        case 11: "OF"
        case 14: "NT"
        case 16: "RF"
        case 17: "VF"
        case 18: "AC"
        case 19: "VIF"
        case 20: "VIP"
        case 21: "ID"
        default: "BIT\(bit)"
        }
    }
}
