// SPDX-License-Identifier: GPL-3.0-or-later

/// What drivers may call of irp.c, iomdl.c, irq.c, device.c, file.c and volume.c, by source file of NT.
extension Io {
    package static let requestExports: [any Item] = irpExports + deviceExports + volumeExports

    private static let irpExports: [any Item] = [
        allocateIrp, initializeIrp, reuseIrp, freeIrp, makeAssociatedIrp, buildAsynchronousFsdRequest, buildSynchronousFsdRequest,
        buildDeviceIoControlRequest, forwardIrpSynchronously, callDriver, completeRequest, cancelIrp, cancelThreadIo, setCancelRoutine,
        allocateMdl, freeMdl, buildPartialMdl, connectInterrupt, disconnectInterrupt, Mm.buildMdlForNonPagedPool, Mm.probeAndLockPages,
        Mm.unlockPages, Mm.mapLockedPagesSpecifyCache, Mm.unmapLockedPages, Mm.mapIoSpace, Mm.unmapIoSpace, pageRead,
    ]

    private static let deviceExports: [any Item] = [
        createDevice, deleteDevice, attachDevice, attachDeviceByPointer, attachDeviceToDeviceStack, attachDeviceToDeviceStackSafe,
        detachDevice, getAttachedDevice, getAttachedDeviceReference, getDeviceAttachmentBaseRef, getLowerDeviceObject,
        getDiskDeviceObject, enumerateDeviceObjectList, getDeviceObjectPointer, getRelatedDeviceObject, startPacket, startNextPacket,
        startNextPacketByKey, setStartIoAttributes, registerShutdownNotification, registerLastChanceShutdownNotification,
        unregisterShutdownNotification, shutdownSystem,
    ]

    private static let volumeExports: [any Item] = [
        registerFileSystem, unregisterFileSystem, registerFsRegistrationChange, unregisterFsRegistrationChange, verifyVolume,
        acquireVpbSpinLock, releaseVpbSpinLock, checkShareAccess, setShareAccess, updateShareAccess, removeShareAccess,
    ]
}
