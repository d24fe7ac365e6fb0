// SPDX-License-Identifier: GPL-3.0-or-later

/// Turning KD off and on again (spec/boot.md section 1.3, "The KdInitSystem(0, NULL) case"; spec/kdbg.md section 7.8).
extension Kd {
    /// `KdDisableDebuggerWithLock(NeedLock) -> status`: the first call remembers whether KD was on and takes it out of the exception path.
    package static let disableDebuggerWithLock: Routine = .init("KdDisableDebuggerWithLock", ["NeedLock"]) { f in
        let old = f.local(0)
        f.if(f.argument(0) != 0) { f.set(old, f.call(Hal.raiseIrql, Irql.high)) }
        f.if(disableCount.dword == 0) {
            f.set(previouslyEnabled.byte, debuggerEnabled.byte)
            f.if(debuggerEnabled.byte != 0) {
                f.set(debuggerEnabled.byte, 0)
                f.set(Ke.sharedUserData.KdDebuggerEnabled, 0)
                f.set(Ke.debugRoutine.dword, stub)
            }
        }
        f.add(disableCount.dword, 1)
        f.if(f.argument(0) != 0) { f.call(Hal.lowerIrql, old) }
        f.return(Status.success)
    }

    /// `KdEnableDebuggerWithLock(NeedLock) -> status`: takes one `KdDisableDebugger` back; the last one starts KD again without a loader
    /// block. With `NeedLock` FALSE and nothing to take back, a crash wants KD for the first time.
    package static let enableDebuggerWithLock: Routine = .init("KdEnableDebuggerWithLock", ["NeedLock"]) { f in
        f.if(blockEnable.byte != 0) { f.return(Status.accessDenied) }
        f.if(pitchDebugger.byte != 0) { f.return(Status.invalidParameter) }
        f.if(disableCount.dword == 0) {
            f.if(f.argument(0) != 0) { f.return(Status.invalidParameter) }
            f.call(initSystem, 0, 0)
            f.return(Status.success)
        }
        let old = f.local(0)
        f.if(f.argument(0) != 0) { f.set(old, f.call(Hal.raiseIrql, Irql.high)) }
        f.add(disableCount.dword, 0xFFFF_FFFF)
        f.if(disableCount.dword == 0 && previouslyEnabled.byte != 0) {
            f.call(initSystem, 0, 0)
        }
        f.if(f.argument(0) != 0) { f.call(Hal.lowerIrql, old) }
        f.return(Status.success)
    }

    /// `KdDisableDebugger() -> status`.
    package static let disableDebugger: Routine = .init("KdDisableDebugger") { f in
        f.return(f.call(disableDebuggerWithLock, 1))
    }

    /// `KdEnableDebugger() -> status`.
    package static let enableDebugger: Routine = .init("KdEnableDebugger") { f in
        f.return(f.call(enableDebuggerWithLock, 1))
    }
}
