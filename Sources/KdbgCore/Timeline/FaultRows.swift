// SPDX-License-Identifier: GPL-3.0-or-later

extension FaultInjector {
    /// The timeline with a row for each time that a fault came, in order of the marks.
    package func adding(to rows: [TimelineRow]) -> [TimelineRow] {
        let firings = firings
        guard !firings.isEmpty else { return rows }
        var result: [TimelineRow] = []
        var next = firings[...]
        for row in rows {
            while let firing = next.first, row.entered.map({ firing.mark < $0 }) ?? true {
                result.append(self.row(for: firing, behind: result.last))
                next = next.dropFirst()
            }
            result.append(row)
        }
        result += next.map { self.row(for: $0, behind: result.last) }
        for index in result.indices { result[index].id = index }
        return result
    }

    private func row(for firing: Firing, behind last: TimelineRow?) -> TimelineRow {
        let fault = faults[firing.fault]
        let summary = FaultKind.all.first { $0.name == fault.kind }?.summary ?? ""
        let step = BootStep(
            number: StepNumber(fault: firing.fault + 1), routine: firing.routine, title: "Fault: \(fault.text)",
            explanation: "\(firing.detail) \(summary)")
        let isInside = last.map { $0.entered ?? firing.mark <= firing.mark && $0.left.map { $0 > firing.mark } ?? true } ?? false
        return TimelineRow(
            id: 0, step: step, depth: last.map { $0.depth + (isInside && !$0.step.number.isFault ? 1 : 0) } ?? 0, entered: firing.mark,
            left: firing.mark, thread: firing.thread, irql: firing.irql, result: firing.result)
    }
}
