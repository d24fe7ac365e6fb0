// SPDX-License-Identifier: GPL-3.0-or-later

/// Device queues: whoever finds one idle makes it busy and goes on; whoever finds it busy is queued until the holder takes the next entry.
extension Ke {
    /// `KeInitializeDeviceQueue(DeviceQueue*)`: idle and empty; type code 0x14.
    package static let initializeDeviceQueue: Routine = .init("KeInitializeDeviceQueue", ["DeviceQueue"]) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        f.set(queue.Type, 0x14)
        f.set(queue.Size, KDEVICE_QUEUE.size)
        f.initializeListHead(queue.DeviceListHead.value)
        f.set(queue.Lock, 0)
        f.set(queue.Busy, 0)
        f.return()
    }

    /// `KeInsertDeviceQueue(DeviceQueue*, DeviceQueueEntry*) -> BOOLEAN`: FALSE when the queue was idle: it is busy now, and the entry is not in it.
    package static let insertDeviceQueue: Routine = .init("KeInsertDeviceQueue", ["DeviceQueue", "DeviceQueueEntry"]) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        let entry = f.argument(1, KDEVICE_QUEUE_ENTRY.self)
        let irql = f.call(Hal.acquireSpinLock, queue.address(of: \.Lock))
        let inserted = f.local(queue.Busy)
        f.if(inserted != 0) { f.insertTailList(queue.DeviceListHead.value, entry.value) }
        f.set(queue.Busy, 1)
        f.set(entry.Inserted, inserted)
        f.call(Hal.releaseSpinLock, queue.address(of: \.Lock), irql)
        f.return(inserted)
    }

    /// `KeInsertByKeyDeviceQueue(DeviceQueue*, DeviceQueueEntry*, SortKey) -> BOOLEAN`: the same, in front of the first entry with a larger key.
    package static let insertByKeyDeviceQueue: Routine = .init(
        "KeInsertByKeyDeviceQueue", ["DeviceQueue", "DeviceQueueEntry", "SortKey"]
    ) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        let entry = f.argument(1, KDEVICE_QUEUE_ENTRY.self)
        let irql = f.call(Hal.acquireSpinLock, queue.address(of: \.Lock))
        let inserted = f.local(queue.Busy)
        f.set(entry.SortKey, f.argument(2))
        f.if(inserted != 0) {
            let next = f.local(queue.DeviceListHead.Flink.value)
            f.while(next != queue.DeviceListHead.value && next.as(KDEVICE_QUEUE_ENTRY.self).SortKey <= f.argument(2)) {
                f.set(next, next.dword())
            }
            f.insertTailList(next, entry.value)
        }
        f.set(queue.Busy, 1)
        f.set(entry.Inserted, inserted)
        f.call(Hal.releaseSpinLock, queue.address(of: \.Lock), irql)
        f.return(inserted)
    }

    /// `KeRemoveDeviceQueue(DeviceQueue*) -> DeviceQueueEntry* or NULL`: the first entry; with none the queue becomes idle.
    package static let removeDeviceQueue: Routine = .init("KeRemoveDeviceQueue", ["DeviceQueue"]) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        let irql = f.call(Hal.acquireSpinLock, queue.address(of: \.Lock))
        let entry = f.local(0)
        f.if(isListEmpty(queue.DeviceListHead.value)) {
            f.set(queue.Busy, 0)
        } else: {
            f.set(entry, f.removeHeadList(queue.DeviceListHead.value))
            f.set(entry.as(KDEVICE_QUEUE_ENTRY.self).Inserted, 0)
        }
        f.call(Hal.releaseSpinLock, queue.address(of: \.Lock), irql)
        f.return(entry)
    }

    /// `KeRemoveByKeyDeviceQueue(DeviceQueue*, SortKey) -> DeviceQueueEntry* or NULL`: the first entry with that key or a larger one, else the first.
    package static let removeByKeyDeviceQueue: Routine = .init("KeRemoveByKeyDeviceQueue", ["DeviceQueue", "SortKey"]) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        let irql = f.call(Hal.acquireSpinLock, queue.address(of: \.Lock))
        let entry = f.local(0)
        f.if(isListEmpty(queue.DeviceListHead.value)) {
            f.set(queue.Busy, 0)
        } else: {
            f.set(entry, queue.DeviceListHead.Flink)
            f.while(entry != queue.DeviceListHead.value && entry.as(KDEVICE_QUEUE_ENTRY.self).SortKey < f.argument(1)) {
                f.set(entry, entry.dword())
            }
            f.if(entry == queue.DeviceListHead.value) { f.set(entry, queue.DeviceListHead.Flink) }
            f.removeEntryList(entry)
            f.set(entry.as(KDEVICE_QUEUE_ENTRY.self).Inserted, 0)
        }
        f.call(Hal.releaseSpinLock, queue.address(of: \.Lock), irql)
        f.return(entry)
    }

    /// `KeRemoveEntryDeviceQueue(DeviceQueue*, DeviceQueueEntry*) -> BOOLEAN`: takes one entry out of the middle; FALSE when it is not queued.
    package static let removeEntryDeviceQueue: Routine = .init("KeRemoveEntryDeviceQueue", ["DeviceQueue", "DeviceQueueEntry"]) { f in
        let queue = f.argument(0, KDEVICE_QUEUE.self)
        let entry = f.argument(1, KDEVICE_QUEUE_ENTRY.self)
        let irql = f.call(Hal.acquireSpinLock, queue.address(of: \.Lock))
        let inserted = f.local(entry.Inserted)
        f.if(inserted != 0) {
            f.set(entry.Inserted, 0)
            f.removeEntryList(entry.value)
        }
        f.call(Hal.releaseSpinLock, queue.address(of: \.Lock), irql)
        f.return(inserted)
    }
}
