// SPDX-License-Identifier: GPL-3.0-or-later

/// How the machine is being moved towards a goal.
struct Plan: Equatable {
    /// What the front end asked for; the plan lives as long as it asks for the same again.
    let goal: RunGoal
    var mode: Mode
    /// Instructions a `step` or `next` still has to make.
    var remaining: UInt64
    /// Calls and repeated string instructions are taken as one.
    var passesCalls = false

    enum Mode: Equatable {
        /// Freely, until something stops it.
        case running
        /// Instruction by instruction.
        case stepping
        /// Freely, until a place is reached: an instruction that counts as one is being passed, or the interrupted code has yet to be resumed.
        case reaching(Place, countsAsStep: Bool)
    }

    /// An instruction of one activation of a routine, told apart by its stack.
    struct Place: Equatable {
        /// Virtual address of the instruction.
        var address: UInt32
        /// ESP there, at least: a call may take its arguments off the stack, and recursion is further down.
        var stack: UInt32
        /// Whether ESP must be just that.
        var isExact: Bool
        /// Whether any activation will do.
        var isAnywhere = false

        /// Whether the machine stands there.
        func isReached(eip: UInt32, esp: UInt32) -> Bool {
            guard eip == address else { return false }
            if isAnywhere { return true }
            // The bound keeps stacks of other threads apart.
            return isExact ? esp == stack : esp &- stack < 0x8000
        }
    }

    init(_ goal: RunGoal) {
        self.goal = goal
        switch goal {
        case .step(let count), .next(let count):
            mode = .stepping
            remaining = max(count, 1)
            if case .next = goal { passesCalls = true }
        case .until, .finish:
            mode = .running
            remaining = 1
        case .go, .nextBootStep, .bootStep, .callbacks, .reset:
            mode = .running
            remaining = 0
        }
    }

    /// The place that a goal names.
    static func destination(of goal: RunGoal) -> Place? {
        switch goal {
        case .until(let address): Place(address: address, stack: 0, isExact: false, isAnywhere: true)
        case .finish(let activation): Place(address: activation.returnAddress, stack: activation.stack, isExact: false)
        default: nil
        }
    }
}
