// SPDX-License-Identifier: GPL-3.0-or-later

/// One row of the boot timeline: a step, and when the machine entered and left it.
package struct TimelineRow: Identifiable, Equatable, Sendable {
    /// Position in the list as shown; observed rows first, in order of entry, then the steps still to come, in the specification's order.
    package var id: Int
    package var step: BootStep
    /// How many observed steps of the same thread were open when this one was entered.
    package var depth: Int
    /// When it was entered; nil when it is still to come.
    package var entered: Mark?
    /// When it returned; nil while it runs or when it never returns.
    package var left: Mark?
    /// Address (virtual) of the thread that entered it, from the PCR.
    package var thread: UInt32
    package var processor: UInt8
    /// IRQL at entry, from the PCR.
    package var irql: UInt8
    /// EAX when it returned.
    package var result: UInt32?

    package init(
        id: Int, step: BootStep, depth: Int = 0, entered: Mark? = nil, left: Mark? = nil, thread: UInt32 = 0, processor: UInt8 = 0,
        irql: UInt8 = 0, result: UInt32? = nil
    ) {
        self.id = id
        self.step = step
        self.depth = depth
        self.entered = entered
        self.left = left
        self.thread = thread
        self.processor = processor
        self.irql = irql
        self.result = result
    }
}
