// SPDX-License-Identifier: GPL-3.0-or-later

/// System threads.
extension Ps {
    /// `PsCreateSystemThread(ThreadHandle*, DesiredAccess, ObjectAttributes*, ProcessHandle, ClientId*, StartRoutine, StartContext) -> status`.
    package static let createSystemThread: Routine = .init(
        "PsCreateSystemThread",
        ["ThreadHandle", "DesiredAccess", "ObjectAttributes", "ProcessHandle", "ClientId", "StartRoutine", "StartContext"]
    ) { f in
        f.return(Status.unsuccessful)
    }
}

/// Virtual address of the ETHREAD that runs.
package var currentThread: Pointer<ETHREAD> { Pointer(.fs(0x124)) }
