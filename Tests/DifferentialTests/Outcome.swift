// SPDX-License-Identifier: GPL-3.0-or-later

/// How a case ended on one machine: the exception and the state it would be delivered with.
struct Outcome: Equatable {
    enum Exception: Equatable {
        case none
        case fault(vector: UInt8, code: UInt32?)
        /// INT n, INT3, INTO: EIP is behind it.
        case software(UInt8)
    }
    var exception = Exception.none
    var registers: [UInt32] = []
    var eip: UInt32 = 0
    var eflags: UInt32 = 0
    var selectors: [UInt32] = []
    var cr2: UInt32 = 0
}

/// What is known about a run on our machine beside its outcome.
struct Run {
    var outcome = Outcome()
    var steps = 0
    /// Flags that are undefined at the end.
    var tainted: UInt32 = 0
    /// Linear address of the last instruction.
    var linear: UInt32 = 0
    /// A jump left the code; to this linear address.
    var left: UInt32?
    /// Why the last instruction cannot be compared.
    var cut: String?
    /// The last instruction reads a memory operand and then writes it.
    var modifiesMemory = false
    /// The last instruction depends on arithmetic flags.
    var readsFlags = false
    /// The code that could run.
    var window: Range<UInt32> = 0..<0
}
