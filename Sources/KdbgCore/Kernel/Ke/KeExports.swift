// SPDX-License-Identifier: GPL-3.0-or-later

/// Routines for drivers that nothing else refers to: the kernel's, the object manager's, the process manager's.
extension Ke {
    package static let exports: [any Item] = interruptExports + waitExports + apcExports + threadExports

    private static let interruptExports: [any Item] = [
        Hal.getInterruptVector, initializeInterrupt, connectInterrupt, disconnectInterrupt, synchronizeExecution, acquireInterruptSpinLock,
        releaseInterruptSpinLock, insertQueueDpc, removeQueueDpc, setImportanceDpc,
    ]
    private static let waitExports: [any Item] = [
        pulseEvent, readStateEvent, initializeMutant, initializeMutex, readStateMutant, releaseMutant, releaseMutex, initializeQueue,
        readStateQueue, insertQueue, insertHeadQueue, removeQueue, rundownQueue, waitForMultipleObjects,
    ]
    private static let apcExports: [any Item] = [
        initializeApc, insertQueueApc, removeQueueApc, alertThread, testAlertThread, enterCriticalRegion, leaveCriticalRegion,
        attachProcess, detachProcess, suspendThread, resumeThread,
    ]
    private static let threadExports: [any Item] = [
        setBasePriorityThread, setPriorityThread, Ps.lookupProcessByProcessId, Ps.lookupThreadByThreadId, Ps.lookupProcessThreadByCid,
        Ps.terminateSystemThread, Ex.raiseStatus,
    ]
}

extension Ob {
    package static let exports: [any Item] = [
        openObjectByPointer, queryNameString, ntQueryObject, ntDuplicateObject, ntMakePermanentObject, dereferenceObjectDeferDelete,
        setHandleAttributes, closeHandle, Ex.createCallback,
    ]
}
