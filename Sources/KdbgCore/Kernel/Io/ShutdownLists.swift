// SPDX-License-Identifier: GPL-3.0-or-later

/// Devices that hear of the end of the system (spec/boot.md sections 5.21 and 6, device.c).
extension Io {
    private static let lock: Global = .init("IopShutdownListLock")

    /// `IoRegisterShutdownNotification(DeviceObject*) -> status`: IRP_MJ_SHUTDOWN before the file systems go.
    package static let registerShutdownNotification: Routine = .init("IoRegisterShutdownNotification", ["DeviceObject"]) { f in
        f.return(f.call(registerShutdown, f.argument(0), shutdownList))
    }

    /// `IoRegisterLastChanceShutdownNotification(DeviceObject*) -> status`: IRP_MJ_SHUTDOWN when they have gone.
    package static let registerLastChanceShutdownNotification: Routine = .init(
        "IoRegisterLastChanceShutdownNotification", ["DeviceObject"]
    ) { f in f.return(f.call(registerShutdown, f.argument(0), lastChanceShutdownList)) }

    /// `IopRegisterShutdown(DeviceObject*, ListHead*) -> status`: who comes last hears first.
    private static let registerShutdown: Routine = .init("IopRegisterShutdown", ["DeviceObject", "ListHead"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let block = f.call(Ex.allocatePoolWithTag, 0, SHUTDOWN_ENTRY.size, Value.tag("ShNo"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.set(block.as(SHUTDOWN_ENTRY.self).address(of: \.DeviceObject).dword(), device)
        f.call(Ob.referenceObject, device)
        let irql = f.call(Hal.acquireSpinLock, lock)
        f.insertHeadList(f.argument(1), block)
        f.call(Hal.releaseSpinLock, lock, irql)
        f.set(device.Flags, device.Flags | Value(DeviceFlag.shutdownRegistered))
        f.return(Status.success)
    }

    /// `IoUnregisterShutdownNotification(DeviceObject*)`: out of both lists.
    package static let unregisterShutdownNotification: Routine = .init("IoUnregisterShutdownNotification", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irql = f.call(Hal.acquireSpinLock, lock)
        for head in [shutdownList, lastChanceShutdownList] {
            f.forEach(in: head.value) { entry in
                f.if(entry.as(SHUTDOWN_ENTRY.self).DeviceObject.value == device.value) {
                    f.removeEntryList(entry)
                    f.call(Ex.freePoolWithTag, entry, Value.tag("ShNo"))
                    f.call(Ob.dereferenceObject, device)
                }
            }
        }
        f.call(Hal.releaseSpinLock, lock, irql)
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.shutdownRegistered))
        f.return()
    }

    /// `IoShutdownSystem(Phase)`: 0 tells the devices of the first list; 1 the file systems, and then the devices of the last-chance list. Each entry is taken
    /// out before its device is told.
    package static let shutdownSystem: Routine = .init("IoShutdownSystem", ["Phase"]) { f in
        f.if(f.argument(0) == 0) {
            f.call(shutdownDevices, shutdownList)
            f.return()
        }
        for queue in [diskFileSystemQueue, cdRomFileSystemQueue, networkFileSystemQueue, tapeFileSystemQueue] {
            f.call(shutdownBaseFileSystems, queue)
        }
        f.call(shutdownDevices, lastChanceShutdownList)
        f.return()
    }

    /// `IopShutdownDevices(ListHead*)`.
    private static let shutdownDevices: Routine = .init("IopShutdownDevices", ["ListHead"]) { f in
        f.loop {
            let entry = f.call(interlockedRemoveHeadList, f.argument(0), lock)
            f.if(entry == 0) { f.break() }
            let device = f.local(entry.as(SHUTDOWN_ENTRY.self).DeviceObject)
            f.call(Ex.freePoolWithTag, entry, Value.tag("ShNo"))
            f.call(sendShutdown, device)
            f.set(device.Flags, device.Flags & ~Value(DeviceFlag.shutdownRegistered))
            f.call(Ob.dereferenceObject, device)
        }
        f.return()
    }

    /// `IopShutdownBaseFileSystems(ListHead*)`: every file system of a queue, in its order.
    private static let shutdownBaseFileSystems: Routine = .init("IopShutdownBaseFileSystems", ["ListHead"]) { f in
        f.forEach(in: f.argument(0)) { entry in
            let device = f.local(Pointer<DEVICE_OBJECT>.containing(entry, as: \.ListEntry))
            f.exchangeAdd(device.ReferenceCount, 1)
            f.call(sendShutdown, device)
            f.call(dereferenceDevice, device, 0)
        }
        f.return()
    }

    /// `IopSendShutdown(DeviceObject*)`: IRP_MJ_SHUTDOWN to the top of the device's stack, waited for.
    private static let sendShutdown: Routine = .init("IopSendShutdown", ["DeviceObject"]) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let device = f.call(getAttachedDevice, f.argument(0))
        let irp = f.call(buildSynchronousFsdRequest, Major.shutdown, device, 0, 0, 0, event, result)
        f.if(irp != 0) { f.call(callAndWait, device, irp, event, result) }
        f.return()
    }
}
