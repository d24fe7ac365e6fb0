// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers that are never given twice while the system runs.
extension Ex {
    /// The next one; those below 1001 have fixed meanings, such as 0x3E7, the system's logon.
    static let nextLuid: GlobalStructure<LUID> = .init("ExpLuid") { [.dword(1001), .dword(0)] }

    /// `ExAllocateLocallyUniqueId(Luid*)`.
    package static let allocateLocallyUniqueId: Routine = .init("ExAllocateLocallyUniqueId", ["Luid"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        f.copy(to: f.argument(0), from: nextLuid, 8)
        f.set(nextLuid.LowPart, nextLuid.LowPart + 1)
        f.if(nextLuid.LowPart == 0) { f.set(nextLuid.HighPart, nextLuid.HighPart + 1) }
        f.call(Hal.lowerIrql, irql)
        f.return()
    }

    /// `NtAllocateLocallyUniqueId(Luid*) -> status`.
    static let ntAllocateLocallyUniqueId: Routine = .init("NtAllocateLocallyUniqueId", ["Luid"]) { f in
        f.if(currentThread.Tcb.PreviousMode != 0) {
            f.if(f.call(Ke.probeForWrite, f.argument(0), 8) == 0) { f.return(Status.accessViolation) }
        }
        f.call(allocateLocallyUniqueId, f.argument(0))
        f.return(Status.success)
    }
}
