// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Something that is to go wrong in a run. It is one of the run's inputs (design rule 3), like the boot options: the same faults give the same run.
package struct Fault: Equatable, Sendable {
    /// As the user wrote it.
    package let text: String
    /// Name of its `FaultKind`.
    package let kind: String
    /// What it does.
    let effect: FaultEffect
}

/// What a fault does, and so who brings it about.
enum FaultEffect: Equatable, Sendable {
    /// Certain calls of a routine return a value at once, as if the routine had failed. The host sees to it, at the routine's first instruction.
    case returns(RoutineCalls, UInt32)
    /// A file or folder is not on the boot volume. The volume is built without it.
    case missing([String])
    /// Free bytes of the boot volume; the rest is filled.
    case fullVolume(Int)
    /// The disk says that it cannot read or write a sector.
    case disk(DiskFaults.Fault)
    /// A serial port is not there; from 0.
    case noSerialPort(Int)
    /// The ARC name that the loader block gives as the boot device.
    case bootDevice(String)
    /// Guest code calls something where it must not: a row of `EarlyCall.all`, the routine that calls it, and the IRQL it raises to before.
    case earlyCall(String, at: Place?, irql: UInt32?)
    /// A defect of ReactOS that this kernel has mended: a row of `Defect.all`.
    case defect(String)

    /// A name in the fault's text.
    struct Place: Equatable, Sendable {
        var name: String
        /// Where it stands in the text, from 1.
        var column: Int

        /// What is looked for: `Nt…` is taken for `Zw…` where only that is there.
        var names: [String] { name.hasPrefix("Zw") ? [name, "Nt" + name.dropFirst(2)] : [name] }
    }
}

/// Calls of a routine that are meant.
struct RoutineCalls: Equatable, Sendable {
    var routine: FaultEffect.Place
    /// Only calls from this routine count; nil: all.
    var caller: FaultEffect.Place?
    /// Only calls whose third argument is this count (a pool tag); nil: all.
    var tag: UInt32?
    /// Which of those that count, from 1.
    var numbers: ClosedRange<Int>
}

/// Why a fault cannot be had, with the place in its text.
package struct FaultError: Error, Equatable, Sendable {
    /// The fault as the user wrote it.
    package var fault: String
    /// From 1.
    package var column: Int
    package var message: String
    /// What was probably meant, or where to look.
    package var hint: String?

    package init(_ fault: String, column: Int, _ message: String, hint: String? = nil) {
        (self.fault, self.column, self.message, self.hint) = (fault, column, message, hint)
    }

    /// For a list of candidates that the wrong word is not in.
    init(_ fault: String, column: Int, _ message: String, word: String, candidates: [String], otherwise: String? = nil) {
        let hint = Suggestion.nearest(to: word, in: candidates).map { "Did you mean '\($0)'?" } ?? otherwise
        self.init(fault, column: column, message, hint: hint)
    }
}
