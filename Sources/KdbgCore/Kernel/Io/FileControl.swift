// SPDX-License-Identifier: GPL-3.0-or-later

/// iofunc.c: the services on files besides reading, writing and information: control codes, flushing, volume information, cancelling.
///
/// How the caller hears of the end: a file opened for synchronous use waits in the service. Otherwise STATUS_PENDING comes back, and when the request is done,
/// the caller's event is signalled, or the file's; an APC routine is called in the caller's thread; or, without a routine, a context sends the request to
/// the file's completion port. What fails at once is only returned.
extension Io {
    private static let controlParameters = [
        "FileHandle", "Event", "ApcRoutine", "ApcContext", "IoStatusBlock", "IoControlCode", "InputBuffer", "InputBufferLength",
        "OutputBuffer", "OutputBufferLength",
    ]

    /// `NtDeviceIoControlFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock*, IoControlCode, InputBuffer, InputBufferLength, OutputBuffer,
    /// OutputBufferLength) -> status`: IRP_MJ_DEVICE_CONTROL.
    package static let ntDeviceIoControlFile: Routine = .init("NtDeviceIoControlFile", controlParameters) { f in
        passControl(f, Major.deviceControl)
    }

    /// `NtFsControlFile(…) -> status`: the same for the file system: IRP_MJ_FILE_SYSTEM_CONTROL, minor function USER_FS_REQUEST.
    package static let ntFsControlFile: Routine = .init("NtFsControlFile", controlParameters) { f in
        passControl(f, Major.fileSystemControl)
    }

    private static func passControl(_ f: Function, _ major: UInt32) {
        f.return(
            f.call(
                deviceFsIoControl, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6),
                f.argument(7), f.argument(8), f.argument(9), major))
    }

    /// `IopDeviceFsIoControl(…, MajorFunction) -> status`: bits 0 and 1 of the code say how the buffers go along: 0 copied, 1 and 2 the output locked in
    /// memory, 3 as they are. Bits 14 and 15 say which access the handle must have.
    private static let deviceFsIoControl: Routine = .init("IopDeviceFsIoControl", controlParameters + ["MajorFunction"]) { f in
        let object = f.local(0)
        let event = f.local(0)
        f.if(f.call(probeControl, f.argument(4), f.argument(5), f.argument(6), f.argument(7), f.argument(8), f.argument(9)) == 0) {
            f.return(Status.accessViolation)
        }
        let status = f.local(
            f.call(
                beginService, f.argument(0), (f.argument(5) >> 14) & 3, f.argument(1), f.argument(2), f.address(of: object),
                f.address(of: event)))
        f.if(status.isError) { f.return(status) }
        let file = object.as(FILE_OBJECT.self)
        let device = f.local(DEVICE_OBJECT.self)
        f.if((file.Flags & Value(FileFlag.directDeviceOpen)) != 0) {
            f.set(device.value, f.call(getAttachedDevice, file.DeviceObject))
        } else: {
            f.set(device.value, f.call(getRelatedDeviceObject, file))
        }
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.set(status, Status.insufficientResources)
        f.if(irp.isNotNull) {
            let stack = f.local(nextLocation(irp))
            f.set(stack.MajorFunction, f.argument(10))
            f.set(stack.Argument1, f.argument(9))
            f.set(stack.Argument2, f.argument(7))
            f.set(stack.Argument3, f.argument(5))
            f.set(
                status,
                f.call(attachControlBuffers, irp, f.argument(5), f.argument(6), f.argument(7), f.argument(8), f.argument(9)))
            f.if(status.isError) { f.call(freeIrp, irp) }
        }
        f.if(status.isError) {
            f.call(abandonService, file, event)
            f.return(status)
        }
        f.set(irp.UserEvent, event)
        f.set(irp.UserApcRoutine, f.argument(2))
        f.set(irp.UserApcContext, f.argument(3))
        f.return(f.call(synchronousService, irp, device, file, f.argument(4)))
    }

    /// `IopProbeControl(IoStatusBlock*, IoControlCode, InputBuffer, InputLength, OutputBuffer, OutputLength) -> BOOLEAN`: what user mode points to; with method 3 buffers are
    /// the driver's business.
    private static let probeControl: Routine = .init(
        "IopProbeControl", ["IoStatusBlock", "IoControlCode", "InputBuffer", "InputLength", "OutputBuffer", "OutputLength"]
    ) { f in
        f.if(Ke.previousMode == 0) { f.return(1) }
        f.if(f.call(Ke.probeForWrite, f.argument(0), IO_STATUS_BLOCK.size) == 0) { f.return(0) }
        let method = f.local(f.argument(1) & 3)
        f.if(method == 3) { f.return(1) }
        f.if(f.argument(2) != 0) { f.if(f.call(Ke.probeForRead, f.argument(2), f.argument(3)) == 0) { f.return(0) } }
        f.if(f.argument(4) == 0) { f.return(1) }
        let bits = f.local(2)
        f.if(method == 1) { f.set(bits, 0) }
        f.return(f.call(Ke.probeCaller, f.argument(4), f.argument(5), bits))
    }

    /// `IopBeginService(FileHandle, Access, Event, ApcRoutine, FileObject**, Event**) -> status`: what services that send a packet begin with: file and event are
    /// referenced, the event is cleared, a synchronous file locked. 0xC0000022: user mode's handle lacks the access; 0xC000000D: an APC routine, though the file
    /// has a completion port.
    static let beginService: Routine = .init(
        "IopBeginService", ["FileHandle", "Access", "EventHandle", "ApcRoutine", "FileObject", "Event"]
    ) { f in
        let mode = f.local(Ke.previousMode)
        let status = f.local(
            f.call(Ob.referenceObjectByHandle, f.argument(0), f.argument(1), fileObjectType.dword, mode, f.argument(4), 0))
        f.if(status.isError) { f.return(status) }
        let file = f.local(f.argument(4).dword().as(FILE_OBJECT.self))
        f.set(f.argument(5).dword(), 0)
        f.if(file.CompletionContext.isNotNull && f.argument(3) != 0) { f.set(status, Status.invalidParameter) }
        f.if(status.isSuccess && f.argument(2) != 0) {
            f.set(status, f.call(Ob.referenceObjectByHandle, f.argument(2), 2, Ex.eventObjectType.dword, mode, f.argument(5), 0))
            f.if(status.isSuccess) { f.call(Ke.clearEvent, f.argument(5).dword()) }
        }
        f.if(status.isError) {
            f.call(Ob.dereferenceObject, file)
            f.return(status)
        }
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(lockFileObject, file) }
        f.return(status)
    }

    /// `IopAbandonService(FileObject*, Event*)`: undoes `IopBeginService` when there is no packet.
    static let abandonService: Routine = .init("IopAbandonService", ["FileObject", "Event"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(unlockFileObject, file) }
        f.if(f.argument(1) != 0) { f.call(Ob.dereferenceObject, f.argument(1)) }
        f.call(Ob.dereferenceObject, file)
        f.return()
    }

    // MARK: How asynchronous requests end

    /// `IopNotifyRequestor(Irp*, FileObject*) -> BOOLEAN`: TRUE when the packet is not to be freed now: it is in the queue of its APC, or in a completion port.
    /// Runs in the requestor's thread, as part of `IopCompleteRequest`.
    static let notifyRequestor: Routine = .init("IopNotifyRequestor", ["Irp", "FileObject"]) { f in
        let irp = f.argument(0, IRP.self)
        // The fields lie over the allocation size of a CREATE, and paging requests hold other things there.
        f.if((irp.Flags & Value(IrpFlag.createOperation | IrpFlag.pagingIo | IrpFlag.closeOperation)) != 0) { f.return(0) }
        f.if(irp.UserApcRoutine == 0) {
            f.if(f.argument(1) == 0) { f.return(0) }
            f.return(f.call(queueIrpToPort, irp, f.argument(1)))
        }
        let routine = f.local(irp.UserApcRoutine)
        let context = f.local(irp.UserApcContext)
        f.call(
            Ke.initializeApc, irp.address(of: \.Apc), Ke.prcb.CurrentThread, Ke.ApcEnvironment.current, freeIrpKernelApc, abortIrpKernelApc,
            routine, irp.RequestorMode, context)
        f.if(f.call(Ke.insertQueueApc, irp.address(of: \.Apc), irp.UserIosb, 0, 2) == 0) { f.return(0) }
        f.return(1)
    }

    /// `IopFreeIrpKernelApc(Apc*, NormalRoutine**, NormalContext**, SystemArgument1**, SystemArgument2**)`: in front of the caller's routine, which is
    /// called with context and status block; the packet has served.
    private static let freeIrpKernelApc: Routine = .init(
        "IopFreeIrpKernelApc", ["Apc", "NormalRoutine", "NormalContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        f.call(freeIrp, Pointer<IRP>.containing(f.argument(0), as: \.Apc))
        f.return()
    }

    /// `IopAbortIrpKernelApc(Apc*)`: the thread ends before the routine was called.
    private static let abortIrpKernelApc: Routine = .init("IopAbortIrpKernelApc", ["Apc"]) { f in
        f.call(freeIrp, Pointer<IRP>.containing(f.argument(0), as: \.Apc))
        f.return()
    }

    // MARK: Flushing and cancelling

    /// `NtFlushBuffersFile(FileHandle, IoStatusBlock*) -> status`: IRP_MJ_FLUSH_BUFFERS. The handle must be for writing or appending.
    package static let ntFlushBuffersFile: Routine = .init("NtFlushBuffersFile", ["FileHandle", "IoStatusBlock"]) { f in
        let object = f.local(0)
        let information = f.buffer(8)
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(0), 0, fileObjectType.dword, Ke.previousMode, f.address(of: object), information)
        f.if(status.isError) { f.return(status) }
        let file = object.as(FILE_OBJECT.self)
        f.if((information.dword(4) & 6) == 0) {
            f.call(Ob.dereferenceObject, file)
            f.return(Status.accessDenied)
        }
        let device = f.local(f.call(getRelatedDeviceObject, file).as(DEVICE_OBJECT.self))
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.if(irp.isNull) {
            f.call(Ob.dereferenceObject, file)
            f.return(Status.insufficientResources)
        }
        f.set(nextLocation(irp).MajorFunction, Major.flush)
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(lockFileObject, file) }
        f.return(f.call(waitForFile, irp, device, file, f.argument(1)))
    }

    /// `IopWaitForFile(Irp*, DeviceObject*, FileObject*, IoStatusBlock*) -> status`: services without an event wait for files of both kinds.
    private static let waitForFile: Routine = .init("IopWaitForFile", ["Irp", "DeviceObject", "FileObject", "IoStatusBlock"]) { f in
        let file = f.argument(2, FILE_OBJECT.self)
        f.call(Ob.referenceObject, file)
        let status = f.call(fileRequest, f.argument(0), f.argument(1), file, f.argument(3))
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(unlockFileObject, file) }
        f.call(Ob.dereferenceObject, file)
        f.return(status)
    }

    /// `NtCancelIoFile(FileHandle, IoStatusBlock*) -> status`: calls off what the running thread has asked of the file, and waits until it has ended.
    package static let ntCancelIoFile: Routine = .init("NtCancelIoFile", ["FileHandle", "IoStatusBlock"]) { f in
        let object = f.local(0)
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(0), 0, fileObjectType.dword, Ke.previousMode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        let list = f.local(Ke.prcb.CurrentThread.as(ETHREAD.self).address(of: \.IrpList))
        let interval = f.structure(LARGE_INTEGER.self)
        let left = f.local(1)
        let isFirst = f.local(1)
        f.set(interval.LowPart, (0 as UInt32) &- 100_000)
        f.set(interval.HighPart, 0xFFFF_FFFF as UInt32)
        f.loop {
            f.set(left, 0)
            // Completions take packets off the list by an APC.
            let irql = f.call(Hal.raiseIrql, Irql.apc)
            f.forEach(in: list) { entry in
                let irp = f.local(Pointer<IRP>.containing(entry, as: \.ThreadListEntry))
                f.if(irp.OriginalFileObject.value == object) {
                    f.set(left, 1)
                    f.if(isFirst != 0) { f.call(cancelIrp, irp) }
                }
            }
            f.call(Hal.lowerIrql, irql)
            f.if(left == 0) { f.break() }
            f.set(isFirst, 0)
            f.call(Ke.delayExecutionThread, 0, 0, interval)
        }
        f.set(f.argument(1, IO_STATUS_BLOCK.self).Status, Status.success)
        f.set(f.argument(1, IO_STATUS_BLOCK.self).Information, 0)
        f.call(Ob.dereferenceObject, object)
        f.return(Status.success)
    }

    // MARK: Volumes

    private static let volumeParameters = ["FileHandle", "IoStatusBlock", "FsInformation", "Length", "FsInformationClass"]

    /// `NtQueryVolumeInformationFile(FileHandle, IoStatusBlock*, FsInformation, Length, Class) -> status`: class 4, what kind of device it is, is answered
    /// here; the others by the file system.
    package static let ntQueryVolumeInformationFile: Routine = .init("NtQueryVolumeInformationFile", volumeParameters) { f in
        let object = f.local(0)
        let access = f.local(0)
        // Quotas: FILE_READ_DATA.
        f.if(f.argument(4) == 6) { f.set(access, 1) }
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        Ke.probe(f, f.argument(2), f.argument(3), write: true)
        let status = f.local(
            f.call(
                Ob.referenceObjectByHandle, f.argument(0), access, fileObjectType.dword, Ke.previousMode, f.address(of: object), 0))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(4) == 4) {
            let device = f.local(object.as(FILE_OBJECT.self).DeviceObject)
            f.if(f.argument(3) < 8) {
                f.set(status, Status.infoLengthMismatch)
            } else: {
                f.set(f.argument(2).dword(), device.DeviceType)
                f.set(f.argument(2).dword(4), device.Characteristics)
                // FILE_DEVICE_IS_MOUNTED.
                f.if(device.Vpb.isNotNull) {
                    f.if((device.Vpb.Flags & 1) != 0) { f.set(f.argument(2).dword(4), device.Characteristics | 0x20) }
                }
                f.set(f.argument(1, IO_STATUS_BLOCK.self).Status, Status.success)
                f.set(f.argument(1, IO_STATUS_BLOCK.self).Information, 8)
            }
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.return(
            f.call(volumeInformation, Major.queryVolumeInformation, object, f.argument(1), f.argument(2), f.argument(3), f.argument(4)))
    }

    /// `NtSetVolumeInformationFile(FileHandle, IoStatusBlock*, FsInformation, Length, Class) -> status`: the handle of user mode must be for writing.
    package static let ntSetVolumeInformationFile: Routine = .init("NtSetVolumeInformationFile", volumeParameters) { f in
        let object = f.local(0)
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        Ke.probe(f, f.argument(2), f.argument(3), write: false)
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(0), 2, fileObjectType.dword, Ke.previousMode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        f.return(f.call(volumeInformation, Major.setVolumeInformation, object, f.argument(1), f.argument(2), f.argument(3), f.argument(4)))
    }

    /// `IopVolumeInformation(MajorFunction, FileObject*, IoStatusBlock*, Buffer, Length, Class) -> status`: asks the file system; the packet takes over the reference to
    /// the file.
    private static let volumeInformation: Routine = .init(
        "IopVolumeInformation", ["MajorFunction", "FileObject", "IoStatusBlock", "Buffer", "Length", "FsInformationClass"]
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        let irp = f.local(IRP.self)
        let status = f.call(
            buildInformationPacket, f.argument(0), file, f.argument(3), f.argument(4), f.argument(5), f.address(of: irp.value))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(waitForFile, irp, f.call(getRelatedDeviceObject, file), file, f.argument(2)))
    }
}
