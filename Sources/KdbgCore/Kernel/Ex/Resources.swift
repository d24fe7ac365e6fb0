// SPDX-License-Identifier: GPL-3.0-or-later

/// Resources: locks that one thread holds exclusively or many share, for code at PASSIVE_LEVEL that may wait (spec/boot.md section 5.12).
///
/// Shared holds are counted, not recorded by thread: OwnerTable stays NULL.
extension Ex {
    private static let resourceLock: Global = .init("ExpResourceSpinLock")
    /// ERESOURCE.Flag: held exclusively.
    private static let ownedExclusive: UInt32 = 0x80

    private static func ownerThread(_ resource: Pointer<ERESOURCE>) -> Value { resource.OwnerEntry.dword() }
    private static func ownerCount(_ resource: Pointer<ERESOURCE>) -> Value { resource.OwnerEntry.dword(4) }
    private static func isExclusive(_ resource: Pointer<ERESOURCE>) -> Value { (resource.Flag & ownedExclusive.value) != 0 }

    /// `ExInitializeResourceLite(Resource*) -> status`: free; on the list of all resources.
    package static let initializeResourceLite: Routine = .init("ExInitializeResourceLite", ["Resource"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        f.zero(resource, ERESOURCE.size)
        f.call(Io.interlockedInsertTailList, resourceList, resource, resourceLock)
        f.return(Status.success)
    }

    /// `ExDeleteResourceLite(Resource*) -> status`: off the list; what waiters waited on is freed.
    package static let deleteResourceLite: Routine = .init("ExDeleteResourceLite", ["Resource"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        let irql = f.call(Hal.acquireSpinLock, resourceLock)
        f.removeEntryList(resource.value)
        f.call(Hal.releaseSpinLock, resourceLock, irql)
        f.if(resource.SharedWaiters != 0) { f.call(freePoolWithTag, resource.SharedWaiters, Value.tag("ExRs")) }
        f.if(resource.ExclusiveWaiters != 0) { f.call(freePoolWithTag, resource.ExclusiveWaiters, Value.tag("ExRs")) }
        f.return(Status.success)
    }

    /// How both ways to acquire a resource go: `enter` is for the case that there is nothing to wait for, `wait` for the other, once there is something to wait on.
    private static func acquire(
        _ f: Function, waiters: Value, size: UInt32, isFree: Value, enter: () -> Void, initialize: (Value) -> Void, count: Value
    ) {
        let resource = f.argument(0, ERESOURCE.self)
        let thread = f.local(Ke.prcb.CurrentThread)
        let isCounted = f.local(0)
        f.loop {
            let irql = f.call(Hal.acquireSpinLock, resource.address(of: \.SpinLock))
            let isOwner = f.local(isExclusive(resource) && ownerThread(resource) == thread.value)
            f.if(isOwner != 0) { f.set(ownerCount(resource), ownerCount(resource) + 1) }
            let canEnter = f.local(isOwner == 0 && isFree != 0)
            f.if(canEnter != 0) { enter() }
            f.if(isOwner != 0 || canEnter != 0 || (f.argument(1) & 0xFF) == 0) {
                f.call(Hal.releaseSpinLock, resource.address(of: \.SpinLock), irql)
                f.return(isOwner | canEnter)
            }
            f.if(isCounted == 0) { f.add(resource.ContentionCount, 1) }
            f.set(isCounted, 1)
            f.if(waiters == 0) {
                f.set(waiters, f.call(allocatePoolWithTag, 0, size, Value.tag("ExRs")))
                f.if(waiters != 0) { initialize(waiters) }
            }
            f.if(waiters != 0) {
                f.add(count, 1)
                f.call(Hal.releaseSpinLock, resource.address(of: \.SpinLock), irql)
                f.break()
            }
            // Without memory for something to wait on: again, when somebody has given some back.
            f.call(Hal.releaseSpinLock, resource.address(of: \.SpinLock), irql)
            f.call(waitShortly)
        }
        f.call(Ke.waitForSingleObject, waiters, 0, 0, 0, 0)
    }

    /// `ExpWaitShortly()`: ten milliseconds.
    private static let waitShortly: Routine = .init("ExpWaitShortly") { f in
        let interval = f.structure(LARGE_INTEGER.self)
        f.set(interval.LowPart, (0 as UInt32) &- 100_000)
        f.set(interval.HighPart, 0xFFFF_FFFF as UInt32)
        f.call(Ke.delayExecutionThread, 0, 0, interval)
        f.return()
    }

    /// `ExAcquireResourceExclusiveLite(Resource*, Wait) -> BOOLEAN`: FALSE only when it may not wait. A holder may acquire it again.
    package static let acquireResourceExclusiveLite: Routine = .init("ExAcquireResourceExclusiveLite", ["Resource", "Wait"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        acquire(
            f, waiters: resource.ExclusiveWaiters, size: KEVENT.size, isFree: resource.ActiveEntries == 0,
            enter: {
                f.set(resource.ActiveEntries, 1)
                f.set(resource.ActiveCount, 1)
                f.set(resource.Flag, resource.Flag | ownedExclusive.value)
                f.set(ownerThread(resource), Ke.prcb.CurrentThread)
                f.set(ownerCount(resource), 1)
            }, initialize: { f.call(Ke.initializeEvent, $0, 1, 0) }, count: resource.NumberOfExclusiveWaiters)
        // Whoever released it has made this thread the owner but for its name.
        f.set(ownerThread(resource), Ke.prcb.CurrentThread)
        f.return(1)
    }

    /// `ExAcquireResourceSharedLite(Resource*, Wait) -> BOOLEAN`: threads that want it exclusively go first.
    package static let acquireResourceSharedLite: Routine = .init("ExAcquireResourceSharedLite", ["Resource", "Wait"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        acquire(
            f, waiters: resource.SharedWaiters, size: KSEMAPHORE.size,
            isFree: resource.ActiveEntries == 0 || (!isExclusive(resource) && resource.NumberOfExclusiveWaiters == 0),
            enter: {
                f.add(resource.ActiveEntries, 1)
                f.set(resource.ActiveCount, 1)
            }, initialize: { f.call(Ke.initializeSemaphore, $0, 0, 0x7FFF_FFFF as Value) }, count: resource.NumberOfSharedWaiters)
        f.return(1)
    }

    /// `ExReleaseResourceLite(Resource*)`: the last hold passes it on: a shared holder to a thread that wants it exclusively, an exclusive one to all that
    /// want to share it.
    package static let releaseResourceLite: Routine = .init("ExReleaseResourceLite", ["Resource"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        let irql = f.call(Hal.acquireSpinLock, resource.address(of: \.SpinLock))
        let wasExclusive = f.local(isExclusive(resource))
        let left = f.local(resource.ActiveEntries - 1)
        f.if(wasExclusive != 0) {
            f.set(ownerCount(resource), ownerCount(resource) - 1)
            f.set(left, ownerCount(resource))
        } else: {
            f.set(resource.ActiveEntries, left)
        }
        f.if(left == 0) {
            f.set(ownerThread(resource), 0)
            f.if(wasExclusive != 0 && resource.NumberOfSharedWaiters != 0) {
                let waiters = f.local(resource.NumberOfSharedWaiters)
                f.set(resource.Flag, resource.Flag & ~ownedExclusive.value)
                f.set(resource.ActiveEntries, waiters)
                f.set(resource.NumberOfSharedWaiters, 0)
                f.call(Ke.releaseSemaphore, resource.SharedWaiters, 0, waiters, 0)
            } else: {
                f.if(resource.NumberOfExclusiveWaiters != 0) {
                    f.set(resource.NumberOfExclusiveWaiters, resource.NumberOfExclusiveWaiters - 1)
                    f.set(resource.Flag, resource.Flag | ownedExclusive.value)
                    f.set(resource.ActiveEntries, 1)
                    f.set(ownerCount(resource), 1)
                    f.call(Ke.setEvent, resource.ExclusiveWaiters, 0, 0)
                } else: {
                    f.set(resource.Flag, resource.Flag & ~ownedExclusive.value)
                    f.set(resource.ActiveEntries, 0)
                    f.set(resource.ActiveCount, 0)
                }
            }
        }
        f.call(Hal.releaseSpinLock, resource.address(of: \.SpinLock), irql)
        f.return()
    }

    /// `ExIsResourceAcquiredExclusiveLite(Resource*) -> BOOLEAN`: by the running thread.
    package static let isResourceAcquiredExclusiveLite: Routine = .init("ExIsResourceAcquiredExclusiveLite", ["Resource"]) { f in
        let resource = f.argument(0, ERESOURCE.self)
        f.return(isExclusive(resource) && ownerThread(resource) == Ke.prcb.CurrentThread.value)
    }
}
