// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Ex {
    /// `ExRaiseStatus(Status)`: an exception with that code at the caller's; returns only if a handler or the debugger says so.
    package static let raiseStatus: Routine = .init("ExRaiseStatus", ["Status"]) { f in
        let frame = f.structure(KTRAP_FRAME.self)
        f.zero(frame, KTRAP_FRAME.size)
        f.set(frame.ExceptionList, Value.fs(0))
        f.set(frame.SegCs, 0x08)
        f.set(frame.SegDs, 0x23)
        f.set(frame.SegEs, 0x23)
        f.set(frame.SegFs, 0x30)
        f.set(frame.EFlags, 0x202)
        f.set(frame.Eip, f.addressOfArgument(0).dword(-4))
        f.set(frame.Ebp, f.addressOfArgument(0).dword(-8))
        f.call(Ke.dispatchExceptionFromTrapFrame, f.argument(0), frame.Eip, 0, 0, 0, 0, frame)
        f.return()
    }
}
