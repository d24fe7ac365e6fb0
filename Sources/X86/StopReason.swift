// SPDX-License-Identifier: GPL-3.0-or-later

/// What an access does.
package enum AccessKind: Sendable { case read, write, execute }

/// Why `run` came back.
package enum StopReason: Equatable, Sendable {
    /// `instructionCount` reached the limit.
    case instructionLimit
    /// EIP (as a linear address) is at a code stop; the instruction has not executed.
    case codeStop(address: UInt32)
    /// The instruction before EIP touched watched bytes.
    case dataStop(DataStopHit)
    /// VMCALL executed at CPL 0; EIP is behind it.
    case vmcall
    /// HLT with nothing that could ever wake the CPU.
    case halted
    /// Triple fault, or a reset asked for through the keyboard controller or port 92h.
    case shutdown
    /// `requestBreak` was called.
    case breakRequested
    /// The guest wrote to port F4h.
    case debugExit(code: UInt32)
}
