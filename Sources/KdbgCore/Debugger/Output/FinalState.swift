// SPDX-License-Identifier: GPL-3.0-or-later

extension Session {
    /// Where the processor stands and what is in it, for a person who wants to know how a run has ended. Lines with line ends; the registers as the
    /// commands `regs`, `sregs` and `cregs` show them.
    package var finalState: String {
        "After \(mark.instruction) instructions at \(currentInstruction)\n" + execute("regs").output + execute("sregs").output
            + execute("cregs").output
    }
}
