// SPDX-License-Identifier: GPL-3.0-or-later

/// File systems and who hears of them (spec/boot.md sections 5.21 and 6, volume.c).
extension Io {
    private static let lock: Global = .init("IopFileSystemLock")
    private static let changeTag: StaticString = "FsCh"

    /// An entry of IopFsNotifyChangeQueueHead.
    private struct FS_CHANGE_NOTIFY_ENTRY: Structure {
        static let size: UInt32 = 0x10
        let FsChangeNotifyList = Embedded<LIST_ENTRY>(0x00)
        let DriverObject = PointerTo<DRIVER_OBJECT>(0x08)
        let FSDNotificationProc = Field.pointer(0x0C)

        static let layout = Self()
    }

    /// `IopFileSystemQueue(DeviceType) -> LIST_ENTRY* or NULL`: by the type of a disk's or a file system's device.
    static let fileSystemQueue: Routine = .init("IopFileSystemQueue", ["DeviceType"]) { f in
        let type = f.argument(0)
        f.if(type == 7 || type == 8 || type == 0x24) { f.return(diskFileSystemQueue) }
        f.if(type == 2 || type == 3) { f.return(cdRomFileSystemQueue) }
        f.if(type == 0x1F || type == 0x20) { f.return(tapeFileSystemQueue) }
        f.if(type == 0x14) { f.return(networkFileSystemQueue) }
        f.return(0)
    }

    /// `IoRegisterFileSystem(DeviceObject*)`: to the start of its queue, or, with DO_LOW_PRIORITY_FILESYSTEM, in front of the last one. So RAW, which was
    /// first, stays last and is asked last.
    package static let registerFileSystem: Routine = .init("IoRegisterFileSystem", ["DeviceObject"]) { f in
        f.pagedCode()
        let device = f.argument(0, DEVICE_OBJECT.self)
        let queue = f.call(fileSystemQueue, device.DeviceType)
        f.if(queue != 0) {
            f.if((device.Flags & Value(DeviceFlag.lowPriorityFileSystem)) != 0 && !isListEmpty(queue)) {
                f.insertTailList(f.local(queue.dword(4)), device.address(of: \.ListEntry))
            } else: {
                f.insertHeadList(queue, device.address(of: \.ListEntry))
            }
        }
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing))
        f.exchangeAdd(device.ReferenceCount, 1)
        f.call(notifyFileSystemChange, device, 1)
        f.return()
    }

    /// `IoUnregisterFileSystem(DeviceObject*)`.
    package static let unregisterFileSystem: Routine = .init("IoUnregisterFileSystem", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let entry = f.local(device.address(of: \.ListEntry))
        f.if(entry.dword() != 0) {
            f.removeEntryList(entry)
            f.initializeListHead(entry)
        }
        f.call(notifyFileSystemChange, device, 0)
        f.call(dereferenceDevice, device, 0)
        f.return()
    }

    /// `IopNotifyFileSystemChange(DeviceObject*, DriverActive)`: tells everybody who asked, in the order in which they asked.
    private static let notifyFileSystemChange: Routine = .init("IopNotifyFileSystemChange", ["DeviceObject", "DriverActive"]) { f in
        f.forEach(in: fsNotifyChangeQueue.value) { entry in
            f.callIndirect(entry.as(FS_CHANGE_NOTIFY_ENTRY.self).FSDNotificationProc, f.argument(0), f.argument(1))
        }
        f.return()
    }

    /// `IoRegisterFsRegistrationChange(DriverObject*, DriverNotificationRoutine) -> status`: the routine (DeviceObject*, Active) hears of every file system
    /// that comes or goes, and at once of those that are there.
    package static let registerFsRegistrationChange: Routine = .init(
        "IoRegisterFsRegistrationChange", ["DriverObject", "DriverNotificationRoutine"]
    ) { f in
        let block = f.call(Ex.allocatePoolWithTag, 1, FS_CHANGE_NOTIFY_ENTRY.size, Value.tag(changeTag))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let entry = block.as(FS_CHANGE_NOTIFY_ENTRY.self)
        f.set(entry.address(of: \.DriverObject).dword(), f.argument(0))
        f.set(entry.FSDNotificationProc, f.argument(1))
        f.call(Ob.referenceObject, f.argument(0))
        f.call(interlockedInsertTailList, fsNotifyChangeQueue, block, lock)
        for queue in [diskFileSystemQueue, cdRomFileSystemQueue, networkFileSystemQueue, tapeFileSystemQueue] {
            f.forEach(in: queue.value) { entry in
                f.callIndirect(f.argument(1), Pointer<DEVICE_OBJECT>.containing(entry, as: \.ListEntry), 1)
            }
        }
        f.return(Status.success)
    }

    /// `IoUnregisterFsRegistrationChange(DriverObject*, DriverNotificationRoutine)`.
    package static let unregisterFsRegistrationChange: Routine = .init(
        "IoUnregisterFsRegistrationChange", ["DriverObject", "DriverNotificationRoutine"]
    ) { f in
        f.forEach(in: fsNotifyChangeQueue.value) { link in
            let entry = link.as(FS_CHANGE_NOTIFY_ENTRY.self)
            f.if(entry.DriverObject.value == f.argument(0) && entry.FSDNotificationProc == f.argument(1)) {
                f.removeEntryList(link)
                f.call(Ex.freePoolWithTag, link, Value.tag(changeTag))
                f.call(Ob.dereferenceObject, f.argument(0))
                f.return()
            }
        }
        f.return()
    }
}
