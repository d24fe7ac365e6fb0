// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A code stop where nobody waits but one breakpoint with a condition, remembered so that the next hit costs only the condition.
struct QuickStop {
    private var address: UInt32 = 0
    /// Nil when the address needs the long way.
    private var condition: CompiledExpression?
    /// What the answer depends on; 0 before the first.
    private var stopVersion: UInt32 = 0
    private var tableVersion: UInt64 = 0

    /// Whether a breakpoint's condition is all that matters at the address, and is false now.
    mutating func isFalse(at address: UInt32, _ runner: Runner) -> Bool {
        let versions = (runner.machine.codeStopVersion, runner.debugger.breakpoints.version)
        if address != self.address || versions != (stopVersion, tableVersion) {
            self.address = address
            (stopVersion, tableVersion) = versions
            condition = Self.onlyCondition(at: address, runner)
        }
        guard let condition, let value = condition.evaluate(runner.machine) else { return false }
        return value == 0
    }

    private static func onlyCondition(at address: UInt32, _ runner: Runner) -> CompiledExpression? {
        guard !runner.isObserved(address), case .some(let mode) = runner.plan?.mode else { return nil }
        if case .reaching(let place, _) = mode, place.address == address { return nil }
        var found: CompiledExpression?
        for (_, breakpoint) in runner.debugger.breakpoints.all where breakpoint.address == address && breakpoint.armed == .codeStop {
            guard found == nil, let condition = breakpoint.condition else { return nil }
            found = CompiledExpression(condition)
        }
        return found
    }
}

extension Runner {
    /// Lets the machine run, on through breakpoints whose condition is false.
    func runPastFalseConditions(_ limit: UInt64) -> StopReason {
        var reason = machine.run(until: limit, passingStopAtStart: false)
        // Places that were interrupted on arrival take the long way, which tells them from new arrivals.
        while case .codeStop(let address) = reason, interruptedArrivals.isEmpty, quickStop.isFalse(at: address, self),
            !machine.isAboutToInterrupt
        {
            reason = machine.run(until: limit, passingStopAtStart: true)
        }
        return reason
    }
}
