// SPDX-License-Identifier: GPL-3.0-or-later

/// The I/O manager's routines for drivers, by source file of NT. Whether anything in this system calls them or not, they are linked and exported.
extension Io {
    package static let exports: [any Item] = [fileExports, objectExports, lookasideExports, halExports].flatMap { $0 }

    private static let objectExports: [any Item] = [
        // adapter.c
        allocateAdapterChannel, getDmaAdapter, adapterObjectType, deviceHandlerObjectType, deviceHandlerObjectSize,
        // controller.c
        createController, deleteController, allocateController, freeController, controllerObjectType,
        // driver.c
        createDriver, deleteDriver, registerDriverReinitialization, registerBootDriverReinitialization, allocateDriverObjectExtension,
        getDriverObjectExtension, unloadDriver,
        // error.c
        allocateErrorLogEntry, allocateGenericErrorLogEntry, freeErrorLogEntry, writeErrorLogEntry, raiseHardError,
        raiseInformationalHardError, setThreadHardErrorMode,
        // pnpnotify.c
        registerPlugPlayNotification, unregisterPlugPlayNotification,
        // iotimer.c
        initializeTimer, startTimer, stopTimer,
        // iowork.c
        allocateWorkItem, queueWorkItem, freeWorkItem,
        // remlock.c
        initializeRemoveLockEx, acquireRemoveLockEx, releaseRemoveLockEx, releaseRemoveLockAndWaitEx,
        // pnpmgr
        invalidateDeviceRelations,
        // symlink.c
        createSymbolicLink, createUnprotectedSymbolicLink, deleteSymbolicLink,
        // util.c
        getCurrentProcess, threadToProcess, isSystemThread, getRequestorProcess, getRequestorProcessId, getStackLimits,
        getRemainingStackSize, getInitialStack, isWdmVersionAvailable, getDeviceToVerify, setDeviceToVerify, checkDesiredAccess,
        checkFunctionAccess, checkEaBufferValidity, validateDeviceIoControlAccess,
    ]

    private static let fileExports: [any Item] = [
        // iomgr.c
        readOperationCount, writeOperationCount, otherOperationCount, readTransferCount, writeTransferCount, otherTransferCount,
        updateOperationCount, updateTransferCount,
        // bootlog.c: not exported by NT; nobody calls them unless a boot option says so.
        initializeBootLogging, bootLog, saveBootLogToFile,
        // deviface.c
        registerDeviceInterface, setDeviceInterfaceState, getDeviceInterfaces, getDeviceInterfaceAlias, openDeviceInterfaceRegistryKey,
        // iocomp.c
        ntCreateIoCompletion, ntOpenIoCompletion, ntQueryIoCompletion, ntSetIoCompletion, ntRemoveIoCompletion, setIoCompletion,
        completionObjectType,
        // ioevent.c
        createNotificationEvent, createSynchronizationEvent,
        // iofunc.c
        ntDeviceIoControlFile, ntQueryDirectoryFile, ntFsControlFile, ntFlushBuffersFile, ntCancelIoFile, ntQueryVolumeInformationFile,
        ntSetVolumeInformationFile,
        // iorsrce.c
        getConfigurationInformation, queryDeviceDescription, reportResourceUsage, reportHalResourceUsage, reportResourceForDetection,
        assignResources,
    ]

    /// What belongs to others but came with the I/O manager: lookaside lists, resources, device queues.
    private static let lookasideExports: [any Item] = [
        Ex.initializeNPagedLookasideList, Ex.initializePagedLookasideList, Ex.deleteNPagedLookasideList, Ex.interlockedPopEntrySList,
        Ex.interlockedPushEntrySList, Ex.allocateFromNPagedLookasideList, Ex.freeToNPagedLookasideList, Ex.allocateFromPPLookasideList,
        Ex.freeToPPLookasideList, Ex.initializeResourceLite, Ex.deleteResourceLite, Ex.acquireResourceExclusiveLite,
        Ex.acquireResourceSharedLite, Ex.releaseResourceLite, Ex.isResourceAcquiredExclusiveLite, Ke.initializeDeviceQueue,
        Ke.insertDeviceQueue, Ke.insertByKeyDeviceQueue, Ke.removeDeviceQueue,
        Ke.removeByKeyDeviceQueue, Ke.removeEntryDeviceQueue,
    ]

    /// The HAL's side of DMA adapters.
    private static let halExports: [any Item] = [
        Hal.getAdapter, Hal.putDmaAdapter, Hal.allocateAdapterChannel, Hal.freeAdapterChannel, Hal.freeMapRegisters, Hal.mapTransfer,
        Hal.flushAdapterBuffers, Hal.readDmaCounter, Hal.allocateCommonBuffer, Hal.freeCommonBuffer,
    ]
}
