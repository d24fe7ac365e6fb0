// SPDX-License-Identifier: GPL-3.0-or-later

/// Dispatcher objects and waiting.
extension Ke {
    /// `KeInitializeEvent(Event*, Type, State)`: type 0 notification, 1 synchronisation (auto-reset).
    package static let initializeEvent: Routine = .init("KeInitializeEvent", ["Event", "Type", "State"]) { f in
        let header = f.argument(0, KEVENT.self).Header
        f.set(header.value.dword(), 0)
        f.set(header.value.byte(), f.argument(1))
        f.set(header.Size, KEVENT.size / 4)
        f.set(header.SignalState, f.argument(2))
        f.initializeListHead(header.WaitListHead.value)
        f.return()
    }

    /// `KeSetEvent(Event*, Increment, Wait) -> previous state`. IRQL <= DISPATCH.
    package static let setEvent: Routine = .init("KeSetEvent", ["Event", "Increment", "Wait"]) { f in
        f.return(0)
    }

    /// `KeClearEvent(Event*)`.
    package static let clearEvent: Routine = .init("KeClearEvent", ["Event"]) { f in
        f.set(f.argument(0, KEVENT.self).Header.SignalState, 0)
        f.return()
    }

    /// `KeWaitForSingleObject(Object*, WaitReason, WaitMode, Alertable, Timeout*) -> status`. Timeout NULL waits for ever.
    package static let waitForSingleObject: Routine = .init(
        "KeWaitForSingleObject", ["Object", "WaitReason", "WaitMode", "Alertable", "Timeout"]
    ) { f in
        f.return(Status.success)
    }

    /// The DISPATCH software interrupt: DPCs, then a switch to the thread that is next.
    package static let dispatchInterrupt: Routine = .init("KiDispatchInterrupt") { f in
        f.return()
    }

    /// `KeSetPriorityThread(Thread*, Priority) -> old priority`.
    package static let setPriorityThread: Routine = .init("KeSetPriorityThread", ["Thread", "Priority"]) { f in
        f.return(0)
    }
}
