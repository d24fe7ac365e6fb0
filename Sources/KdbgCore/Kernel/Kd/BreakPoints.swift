// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// INT3 as a routine.
extension Kd {
    /// `DbgBreakPoint()`.
    package static let dbgBreakPoint: Routine = .naked("DbgBreakPoint") { f in
        f.asm { a in
            a.int3()
            a.ret()
        }
    }

    /// `DbgBreakPointWithStatus(Status)`: the status is in EAX at the INT3; 1 Ctrl-C, 3 and 4 bugcheck, 5 fatal.
    package static let dbgBreakPointWithStatus: Routine = .naked("DbgBreakPointWithStatus", ["Status"]) { f in
        f.asm { a in
            a.mov(.eax, .at(.esp, 4))
            a.int3()
            a.ret(4)
        }
    }
}
