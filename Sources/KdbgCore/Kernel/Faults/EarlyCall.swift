// SPDX-License-Identifier: GPL-3.0-or-later

/// A call that comes too early, or could: guest code that makes it and prints what came of it (spec/boot.md section 3).
package struct EarlyCall: Sendable {
    /// What it calls; the name behind `early:`.
    package let name: String
    /// A row of spec/boot.md section 3.6, or a section behind it.
    package let number: String
    /// One sentence: what comes of it from `KdDebuggerInitialize1`.
    package let outcome: String
    /// Guest code; what it yields, if anything, is printed as the call's result.
    let body: @Sendable (Function) -> Value?

    /// The guest routine that makes the call, the first time it gets there; at an IRQL, if one is given.
    private func routine(irql: UInt32?) -> Routine {
        let called = Global("KdpEarly\(name)Called")
        return Routine(
            "KdpEarly\(name)", section: .page,
            step: .init(
                number, "Too early? \(name)", "A call that a fault asked for (early:\(name)). From KdDebuggerInitialize1: \(outcome)")
        ) { f in
            f.if(f.exchange(called.dword, with: 1) != 0) { f.return() }
            f.print("(lab) \(name) is called\n")
            let old = irql.map { f.local(f.call(Hal.raiseIrql, $0)) }
            let result = body(f)
            if let old { f.call(Hal.lowerIrql, old) }
            if let result {
                f.print("(lab) \(name) returned 0x%08lx\n", result)
            } else {
                f.print("(lab) \(name) returned\n")
            }
            f.return()
        }
    }

    /// The place in `KdDebuggerInitialize1` where the calls are made when nothing is said: where KD hooks the HAL, behind the providers' phase 1, when
    /// first chances reach the debugger.
    static let seam = "where later phases are arranged"

    /// The addition to the kernel that makes the call.
    func insertion(at place: String?, irql: UInt32?) -> LinkVariant.Insertion {
        let routine = routine(irql: irql)
        return LinkVariant.Insertion(into: place ?? Kd.debuggerInitialize1.name, seam: place == nil ? Self.seam : nil) { f in
            f.call(routine)
        }
    }
}
