// SPDX-License-Identifier: GPL-3.0-or-later

/// error.c: entries for the event log (spec/boot.md section 5.21). Drivers fill them in at any IRQL up to DISPATCH; a system thread is to hand them to the
/// event log service's port.
extension Io {
    static let errorLogLock: Global = .init("IopLogListLock")
    /// Bytes of all entries that have been allocated and not yet handed over; no more than a page.
    package static let totalLogSize: Global = .init("IopTotalLogSize")
    /// Whether the worker is queued, runs, or waits for its timer.
    package static let logWorkerRunning: Global = .init("IopLogWorkerRunning")
    static let logPortConnected: Global = .init("IopLogPortConnected")
    static let logWorkItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("IopErrorLogWorkItem")
    static let logTimer: GlobalStructure<KTIMER> = .init("IopLogTimer")
    static let logDpc: GlobalStructure<KDPC> = .init("IopLogDpc")

    /// ERROR_LOG_MAXIMUM_SIZE: what fits into a message to the port.
    static let errorLogMaximumSize: UInt32 = 0x98

    /// `IoAllocateErrorLogEntry(IoObject, EntrySize) -> IO_ERROR_LOG_PACKET* or NULL`: `IoObject` is a device or a driver, which the entry references.
    /// NULL also when the packet is shorter than its fixed part or longer than 0x98, or when a page is full of entries.
    package static let allocateErrorLogEntry: Routine = .init("IoAllocateErrorLogEntry", ["IoObject", "EntrySize"]) { f in
        let object = f.argument(0)
        let device = f.local(0)
        let driver = f.local(0)
        f.if(object == 0) { f.return(0) }
        f.if(object.word() == IoType.device.value) {
            f.set(device, object)
            f.set(driver, object.as(DEVICE_OBJECT.self).DriverObject)
        } else: {
            f.if(object.word() != IoType.driver.value) { f.return(0) }
            f.set(driver, object)
        }
        f.return(f.call(allocateLogEntry, device, driver, f.argument(1) & 0xFF))
    }

    /// `IoAllocateGenericErrorLogEntry(EntrySize) -> IO_ERROR_LOG_PACKET* or NULL`: an entry that belongs to nobody.
    package static let allocateGenericErrorLogEntry: Routine = .init("IoAllocateGenericErrorLogEntry", ["EntrySize"]) { f in
        f.return(f.call(allocateLogEntry, 0, 0, f.argument(0) & 0xFF))
    }

    /// `IopAllocateErrorLogEntry(DeviceObject*, DriverObject*, EntrySize) -> IO_ERROR_LOG_PACKET* or NULL`.
    private static let allocateLogEntry: Routine = .init("IopAllocateErrorLogEntry", ["DeviceObject", "DriverObject", "EntrySize"]) { f in
        f.if(f.argument(2) < IO_ERROR_LOG_PACKET.size.value || f.argument(2) > errorLogMaximumSize.value) { f.return(0) }
        let size = f.local(f.argument(2) + ERROR_LOG_ENTRY.size.value)
        f.if(totalLogSize.dword + size > 0x1000) { f.return(0) }
        let entry = f.local(f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("Io  "))).as(ERROR_LOG_ENTRY.self)
        f.if(entry.isNull) { f.return(0) }
        f.exchangeAdd(totalLogSize.dword, size)
        f.if(f.argument(0) != 0) { f.call(Ob.referenceObject, f.argument(0)) }
        f.if(f.argument(1) != 0) { f.call(Ob.referenceObject, f.argument(1)) }
        f.zero(entry, size)
        f.set(entry.Type, IoType.errorLog)
        f.set(entry.Size, size)
        f.set(entry.DeviceObject, f.argument(0))
        f.set(entry.DriverObject, f.argument(1))
        f.return(entry.value + ERROR_LOG_ENTRY.size.value)
    }

    /// `IoFreeErrorLogEntry(Packet*)`: an entry that is not wanted after all.
    package static let freeErrorLogEntry: Routine = .init("IoFreeErrorLogEntry", ["ElEntry"]) { f in
        let entry = f.local(f.argument(0) - ERROR_LOG_ENTRY.size.value).as(ERROR_LOG_ENTRY.self)
        f.if(entry.DeviceObject.isNotNull) { f.call(Ob.dereferenceObject, entry.DeviceObject) }
        f.if(entry.DriverObject.isNotNull) { f.call(Ob.dereferenceObject, entry.DriverObject) }
        f.exchangeAdd(totalLogSize.dword, -entry.Size)
        f.call(Ex.freePoolWithTag, entry, Value.tag("Io  "))
        f.return()
    }

    /// `IoWriteErrorLogEntry(Packet*)`: gives the entry its time, links it in, and starts the worker unless it is on its way. IRQL <= DISPATCH.
    package static let writeErrorLogEntry: Routine = .init("IoWriteErrorLogEntry", ["ElEntry"]) { f in
        let entry = f.local(f.argument(0) - ERROR_LOG_ENTRY.size.value).as(ERROR_LOG_ENTRY.self)
        f.set(entry.TimeStamp.LowPart, Ke.sharedUserData.value.dword(0x14))
        f.set(entry.TimeStamp.HighPart, Ke.sharedUserData.value.dword(0x18))
        let irql = f.call(Hal.acquireSpinLock, errorLogLock)
        f.insertTailList(errorLogList.value, entry.address(of: \.ListEntry))
        f.if(logWorkerRunning.byte == 0) {
            f.set(logWorkerRunning.byte, 1)
            f.set(logWorkItem.WorkerRoutine, logWorker)
            f.set(logWorkItem.Parameter, 0)
            f.call(Ex.queueWorkItem, logWorkItem, 1)
        }
        f.call(Hal.releaseSpinLock, errorLogLock, irql)
        f.return()
    }

    /// `IopLogWorker(Parameter)`: hands over entry after entry. As long as the event log service has not made `\ErrorLogPort` they stay in the list, and the
    /// worker comes back in half a minute.
    static let logWorker: Routine = .init("IopLogWorker", ["Parameter"]) { f in
        f.if(f.call(connectLogPort) == 0) {
            f.call(restartLogWorker)
            f.return()
        }
        f.loop {
            let irql = f.call(Hal.acquireSpinLock, errorLogLock)
            f.if(isListEmpty(errorLogList.value)) {
                f.set(logWorkerRunning.byte, 0)
                f.call(Hal.releaseSpinLock, errorLogLock, irql)
                f.break()
            }
            let entry = f.removeHeadList(errorLogList.value)
            f.call(Hal.releaseSpinLock, errorLogLock, irql)
            f.call(freeErrorLogEntry, Pointer<ERROR_LOG_ENTRY>.containing(entry, as: \.ListEntry).value + ERROR_LOG_ENTRY.size.value)
        }
        f.return()
    }

    /// `IopConnectLogPort() -> BOOLEAN`: whether the event log service's port is there. There is no LPC, so a port can only be looked up: what the worker would
    /// send is taken as received.
    private static let connectLogPort: Routine = .init("IopConnectLogPort") { f in
        let port = f.local(0)
        let status = f.call(
            Ob.referenceObjectByName, f.unicode(#"\ErrorLogPort"#), ObjectAttribute.caseInsensitive, 0, 0, 0, 0, 0, f.address(of: port))
        f.if(status.isError) { f.return(0) }
        f.set(logPortConnected.byte, 1)
        f.call(Ob.dereferenceObject, port)
        f.return(1)
    }

    /// `IopRestartLogWorker()`: a timer of 30 seconds whose DPC queues the worker again.
    private static let restartLogWorker: Routine = .init("IopRestartLogWorker") { f in
        f.call(Ke.initializeDpc, logDpc, logDpcRoutine, 0)
        f.call(Ke.initializeTimerEx, logTimer, 0)
        f.call(Ke.setTimerEx, logTimer, (0 as UInt32) &- 300_000_000, 0xFFFF_FFFF as Value, 0, logDpc)
        f.return()
    }

    /// `IopLogDpcRoutine(Dpc*, Context, Argument1, Argument2)`, at DISPATCH_LEVEL.
    private static let logDpcRoutine: Routine = .init(
        "IopLogDpcRoutine", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.set(logWorkItem.WorkerRoutine, logWorker)
        f.call(Ex.queueWorkItem, logWorkItem, 1)
        f.return()
    }
}
