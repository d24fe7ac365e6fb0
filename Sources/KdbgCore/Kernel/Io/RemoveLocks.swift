// SPDX-License-Identifier: GPL-3.0-or-later

/// remlock.c: remove locks. A device that is being removed waits until everybody who uses it has let go; checked drivers keep a record of each holder.
///
/// The last argument of each routine is the size that the driver was compiled with: 0x58 in a checked driver, 0x18 without the record.
extension Io {
    /// `IO_REMOVE_LOCK_SIG`.
    static let removeLockSignature = Value.tag("RLOC")

    private static func isChecked(_ size: Value) -> Value { size == IO_REMOVE_LOCK.size.value }

    /// `IoInitializeRemoveLockEx(RemoveLock*, AllocateTag, MaxLockedMinutes, HighWatermark, RemlockSize)`: the count is 1, the lock's own hold. Zero
    /// minutes or a zero watermark: no limit.
    package static let initializeRemoveLockEx: Routine = .init(
        "IoInitializeRemoveLockEx", ["RemoveLock", "AllocateTag", "MaxLockedMinutes", "HighWatermark", "RemlockSize"]
    ) { f in
        let lock = f.argument(0, IO_REMOVE_LOCK.self)
        f.if(isChecked(f.argument(4))) {
            f.set(lock.Signature, removeLockSignature)
            f.set(lock.HighWatermark, f.argument(3))
            // Ticks of 10 ms.
            f.set(lock.MaxLockedTicks.LowPart, f.argument(2) * 6000)
            f.set(lock.MaxLockedTicks.HighPart, 0)
            f.set(lock.AllocateTag, f.argument(1))
            f.set(lock.Spin, 0)
            f.set(lock.LowMemoryCount, 0)
            f.set(lock.Blocks, 0)
        }
        f.set(lock.Removed, 0)
        f.set(lock.IoCount, 1)
        f.call(Ke.initializeEvent, lock.address(of: \.RemoveEvent), 1, 0)
        f.return()
    }

    /// `IoAcquireRemoveLockEx(RemoveLock*, Tag, File, Line, RemlockSize) -> status`: 0xC0000056 when the device is being removed. File and line are
    /// for the record.
    package static let acquireRemoveLockEx: Routine = .init(
        "IoAcquireRemoveLockEx", ["RemoveLock", "Tag", "File", "Line", "RemlockSize"]
    ) { f in
        let lock = f.argument(0, IO_REMOVE_LOCK.self)
        let count = f.local(f.exchangeAdd(lock.IoCount, 1) + 1)
        f.if(lock.Removed != 0) {
            f.if(f.exchangeAdd(lock.IoCount, 0xFFFF_FFFF as Value) == 1) { f.call(Ke.setEvent, lock.address(of: \.RemoveEvent), 0, 0) }
            f.return(Status.deletePending)
        }
        f.if(isChecked(f.argument(4))) {
            f.assert(lock.HighWatermark == 0 || count <= lock.HighWatermark, "Count <= Lock->Dbg.HighWatermark")
            let block = f.local(f.call(Ex.allocatePoolWithTag, 0, IO_REMOVE_LOCK_TRACKING_BLOCK.size, lock.AllocateTag)).as(
                IO_REMOVE_LOCK_TRACKING_BLOCK.self)
            f.if(block.isNull) {
                f.exchangeAdd(lock.LowMemoryCount, 1)
            } else: {
                f.set(block.Tag, f.argument(1))
                f.set(block.File, f.argument(2))
                f.set(block.Line, f.argument(3))
                f.set(block.TimeLocked.LowPart, Ke.tickCount.dword)
                f.set(block.TimeLocked.HighPart, Ke.tickCount.value.dword(4))
                let irql = f.call(Hal.acquireSpinLock, lock.address(of: \.Spin))
                f.set(block.Link, lock.Blocks)
                f.set(lock.Blocks, block)
                f.call(Hal.releaseSpinLock, lock.address(of: \.Spin), irql)
            }
        }
        f.return(Status.success)
    }

    /// `IoReleaseRemoveLockEx(RemoveLock*, Tag, RemlockSize)`: the last one to let go wakes the one who removes the device.
    package static let releaseRemoveLockEx: Routine = .init("IoReleaseRemoveLockEx", ["RemoveLock", "Tag", "RemlockSize"]) { f in
        let lock = f.argument(0, IO_REMOVE_LOCK.self)
        f.if(isChecked(f.argument(2))) { f.call(forgetHolder, lock, f.argument(1)) }
        let before = f.exchangeAdd(lock.IoCount, 0xFFFF_FFFF as Value)
        f.assert(before.isGreaterSigned(0), "0 <= LockValue")
        f.if(before == 1) {
            f.assert(lock.Removed != 0, "Lock->Common.Removed")
            f.call(Ke.setEvent, lock.address(of: \.RemoveEvent), 0, 0)
        }
        f.return()
    }

    /// `IopForgetRemoveLockHolder(RemoveLock*, Tag)`: takes the record of the tag's holder away. A holder who kept the lock too long is reported, as is a tag
    /// without a record, unless there was no memory for one.
    private static let forgetHolder: Routine = .init("IopForgetRemoveLockHolder", ["RemoveLock", "Tag"]) { f in
        let lock = f.argument(0, IO_REMOVE_LOCK.self)
        let irql = f.call(Hal.acquireSpinLock, lock.address(of: \.Spin))
        let link = f.local(lock.address(of: \.Blocks))
        let found = f.local(0)
        f.while(link.dword() != 0) {
            let block = link.dword().as(IO_REMOVE_LOCK_TRACKING_BLOCK.self)
            f.if(block.Tag == f.argument(1)) {
                f.set(found, block)
                f.set(link.dword(), block.Link)
                f.break()
            }
            f.set(link, block.value)
        }
        f.call(Hal.releaseSpinLock, lock.address(of: \.Spin), irql)
        f.if(found == 0) {
            let left = f.exchangeAdd(lock.LowMemoryCount, 0xFFFF_FFFF as Value)
            f.if(!left.isGreaterSigned(0)) {
                f.exchangeAdd(lock.LowMemoryCount, 1)
                f.print("Remove lock %p: released with tag %p, which does not hold it\n", lock, f.argument(1))
            }
            f.return()
        }
        let block = found.as(IO_REMOVE_LOCK_TRACKING_BLOCK.self)
        f.if(lock.MaxLockedTicks.LowPart != 0 && Ke.tickCount.dword - block.TimeLocked.LowPart > lock.MaxLockedTicks.LowPart) {
            f.print("Remove lock %p: tag %p held it too long (%s:%lu)\n", lock, f.argument(1), block.File, block.Line)
        }
        f.call(Ex.freePoolWithTag, block, lock.AllocateTag)
        f.return()
    }

    /// `IoReleaseRemoveLockAndWaitEx(RemoveLock*, Tag, RemlockSize)`: lets go of the caller's hold and of the lock's own, and waits for all others. Nobody
    /// gets the lock any more.
    package static let releaseRemoveLockAndWaitEx: Routine = .init(
        "IoReleaseRemoveLockAndWaitEx", ["RemoveLock", "Tag", "RemlockSize"]
    ) { f in
        let lock = f.argument(0, IO_REMOVE_LOCK.self)
        f.set(lock.Removed, 1)
        f.exchangeAdd(lock.IoCount, 0xFFFF_FFFF as Value)
        f.if(f.exchangeAdd(lock.IoCount, 0xFFFF_FFFF as Value).isGreaterSigned(1)) {
            f.call(Ke.waitForSingleObject, lock.address(of: \.RemoveEvent), 0, 0, 0, 0)
        }
        f.if(isChecked(f.argument(2))) {
            f.if(lock.Blocks.isNotNull) { f.assert(lock.Blocks.Tag == f.argument(1), "Lock->Dbg.Blocks->Tag == Tag") }
            f.call(forgetHolder, lock, f.argument(1))
        }
        f.return()
    }
}
