// SPDX-License-Identifier: GPL-3.0-or-later

/// Guarded mutexes: one interlocked instruction when nobody competes, an event when somebody does. The owner gets no kernel APCs, special ones neither.
extension Ke {
    /// `KeInitializeGuardedMutex(Mutex*)`.
    package static let initializeGuardedMutex: Routine = .init("KeInitializeGuardedMutex", ["GuardedMutex"]) { f in
        let mutex = f.argument(0, KGUARDED_MUTEX.self)
        f.zero(mutex, KGUARDED_MUTEX.size)
        f.set(mutex.Count, 1)
        f.call(initializeEvent, mutex.Event, 1, 0)
        f.return()
    }

    /// `KeAcquireGuardedMutex(Mutex*)`, below DISPATCH_LEVEL; not twice by one thread.
    package static let acquireGuardedMutex: Routine = .init("KeAcquireGuardedMutex", ["GuardedMutex"]) { f in
        let mutex = f.argument(0, KGUARDED_MUTEX.self)
        let thread = f.local(prcb.CurrentThread)
        f.assert(mutex.Owner.value != thread.value, "GuardedMutex->Owner != Thread")
        f.set(thread.SpecialApcDisable, thread.SpecialApcDisable - 1)
        f.if(f.exchangeAdd(mutex.Count, 0xFFFF_FFFF as Value) != 1) {
            f.add(mutex.Contention, 1)
            f.call(waitForSingleObject, mutex.Event, 0, 0, 0, 0)
        }
        f.set(mutex.address(of: \.Owner).dword(), thread)
        f.set(mutex.SpecialApcDisable, thread.SpecialApcDisable)
        f.return()
    }

    /// `KeReleaseGuardedMutex(Mutex*)`, by its owner: the next one gets it, and APCs that waited come now.
    package static let releaseGuardedMutex: Routine = .init("KeReleaseGuardedMutex", ["GuardedMutex"]) { f in
        let mutex = f.argument(0, KGUARDED_MUTEX.self)
        let thread = f.local(prcb.CurrentThread)
        f.assert(mutex.Owner.value == thread.value, "GuardedMutex->Owner == Thread")
        f.set(mutex.address(of: \.Owner).dword(), 0)
        f.if(f.exchangeAdd(mutex.Count, 1) != 0) { f.call(setEvent, mutex.Event, 0, 0) }
        f.set(thread.SpecialApcDisable, thread.SpecialApcDisable + 1)
        f.if(thread.SpecialApcDisable == 0 && !isListEmpty(thread.ApcState.ApcListHead)) {
            f.set(thread.ApcState.KernelApcPending, 1)
            f.call(Hal.requestSoftwareInterrupt, Irql.apc)
        }
        f.return()
    }
}
