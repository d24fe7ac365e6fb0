// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore

extension Stop {
    /// A sentence for stops that KDBG has no banner for; nil for the others.
    package var announcement: String? {
        switch self {
        case .bootComplete: return "The boot is complete: the kernel is in its zero-page loop."
        case .reset: return "The machine stands at its first instruction again."
        case .bugcheck(let code, let parameters):
            let values = parameters.map { "0x" + hexadecimal($0) }.joined(separator: ", ")
            return "The kernel has crashed: bugcheck 0x\(hexadecimal(code)) (\(values))."
        case .dead(let ending): return "The machine has halted for good: \(ending.reason)."
        default: return nil
        }
    }
}
