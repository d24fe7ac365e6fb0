// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Events and semaphores (spec/boot.md section 5.12).
extension Ke {
    /// `KeInitializeEvent(Event*, Type, State)`: type 0 notification, 1 synchronisation (auto-reset).
    package static let initializeEvent: Routine = .init("KeInitializeEvent", ["Event", "Type", "State"]) { f in
        let header = f.argument(0, KEVENT.self).Header
        f.set(header.value.dword(), f.argument(1) & 0xFF)
        f.set(header.Size, KEVENT.size / 4)
        f.set(header.SignalState, f.argument(2) & 0xFF)
        f.initializeListHead(header.WaitListHead.value)
        f.return()
    }

    /// `KeInitializeSemaphore(Semaphore*, Count, Limit)`.
    package static let initializeSemaphore: Routine = .init("KeInitializeSemaphore", ["Semaphore", "Count", "Limit"]) { f in
        let header = f.argument(0, KSEMAPHORE.self).Header
        f.set(header.value.dword(), 5)
        f.set(header.Size, KSEMAPHORE.size / 4)
        f.set(header.SignalState, f.argument(1))
        f.initializeListHead(header.WaitListHead.value)
        f.set(f.argument(0, KSEMAPHORE.self).Limit, f.argument(2))
        f.return()
    }

    /// `KeSetEvent(Event*, Increment, Wait) -> previous state`. IRQL <= DISPATCH.
    package static let setEvent: Routine = .init("KeSetEvent", ["Event", "Increment", "Wait"]) { f in
        f.assert(pcr.Irql <= Irql.dispatch, "KeGetCurrentIrql() <= DISPATCH_LEVEL")
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.argument(0, KEVENT.self).Header
        let old = f.local(header.SignalState)
        f.set(header.SignalState, 1)
        f.if(old == 0) { f.call(waitTest, header, f.argument(1)) }
        f.call(releaseDispatcher, irql, f.argument(2))
        f.return(old)
    }

    /// `KePulseEvent(Event*, Increment, Wait) -> previous state`: releases who waits now and leaves the event clear.
    package static let pulseEvent: Routine = .init("KePulseEvent", ["Event", "Increment", "Wait"]) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.argument(0, KEVENT.self).Header
        let old = f.local(header.SignalState)
        f.if(old == 0) {
            f.set(header.SignalState, 1)
            f.call(waitTest, header, f.argument(1))
        }
        f.set(header.SignalState, 0)
        f.call(releaseDispatcher, irql, f.argument(2))
        f.return(old)
    }

    /// `KeReadStateEvent(Event*) -> state`.
    package static let readStateEvent: Routine = .init("KeReadStateEvent", ["Event"]) { f in
        f.return(f.argument(0, KEVENT.self).Header.SignalState)
    }

    /// `KiReleaseDispatcher(OldIrql, Wait)`: leaves the dispatcher's level. A caller who says that it will wait next stays there, and its wait goes on
    /// from here without anybody in between.
    static let releaseDispatcher: Routine = .init("KiReleaseDispatcher", ["OldIrql", "Wait"]) { f in
        f.if((f.argument(1) & 0xFF) != 0) {
            f.set(prcb.CurrentThread.WaitNext, 1)
            f.set(prcb.CurrentThread.WaitIrql, f.argument(0))
            f.return()
        }
        f.call(Hal.lowerIrql, f.argument(0))
        f.return()
    }

    /// `KeClearEvent(Event*)`.
    package static let clearEvent: Routine = .init("KeClearEvent", ["Event"]) { f in
        f.set(f.argument(0, KEVENT.self).Header.SignalState, 0)
        f.return()
    }

    /// `KeResetEvent(Event*) -> previous state`.
    package static let resetEvent: Routine = .init("KeResetEvent", ["Event"]) { f in
        let old = f.local(f.argument(0, KEVENT.self).Header.SignalState)
        f.set(f.argument(0, KEVENT.self).Header.SignalState, 0)
        f.return(old)
    }

    /// `KeReleaseSemaphore(Semaphore*, Increment, Adjustment, Wait) -> previous count`. Beyond its limit it raises 0xC0000047.
    package static let releaseSemaphore: Routine = .init(
        "KeReleaseSemaphore", ["Semaphore", "Increment", "Adjustment", "Wait"]
    ) { f in
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let header = f.argument(0, KSEMAPHORE.self).Header
        let old = f.local(header.SignalState)
        let new = f.local(old + f.argument(2))
        f.if(new.isLessSigned(old) || new.isGreaterSigned(f.argument(0, KSEMAPHORE.self).Limit)) {
            f.call(Hal.lowerIrql, irql)
            f.call(Ex.raiseStatus, 0xC000_0047 as Value)
        }
        f.set(header.SignalState, new)
        f.if(old == 0) { f.call(waitTest, header, f.argument(1)) }
        f.call(releaseDispatcher, irql, f.argument(3))
        f.return(old)
    }
}
