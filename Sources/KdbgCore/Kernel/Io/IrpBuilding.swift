// SPDX-License-Identifier: GPL-3.0-or-later

/// Packets with everything in them (spec/boot.md section 6, irp.c).
extension Io {
    /// `IoBuildAsynchronousFsdRequest(MajorFunction, DeviceObject*, Buffer, Length, StartingOffset*, IoStatusBlock*) -> IRP* or NULL`: a read or write as the
    /// device wants its buffers: copied into pool (DO_BUFFERED_IO), described by an MDL (DO_DIRECT_IO), or as they are. Nobody's list has the packet; a
    /// completion routine must end it.
    package static let buildAsynchronousFsdRequest: Routine = .init(
        "IoBuildAsynchronousFsdRequest", ["MajorFunction", "DeviceObject", "Buffer", "Length", "StartingOffset", "IoStatusBlock"]
    ) { f in
        let major = f.argument(0)
        let device = f.argument(1, DEVICE_OBJECT.self)
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.if(irp.isNull) { f.return(0) }
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, major)
        f.set(irp.address(of: \.UserIosb).dword(), f.argument(5))
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.if(major == Value(Major.read) || major == Value(Major.write)) {
            f.set(stack.Argument1, f.argument(3))
            f.if(f.argument(4) != 0) {
                f.set(stack.Argument3, f.argument(4).dword())
                f.set(stack.Argument4, f.argument(4).dword(4))
            }
            let status = f.call(attachBuffer, irp, device, major, f.argument(2), f.argument(3))
            f.if(status.isError) {
                f.call(freeIrp, irp)
                f.return(0)
            }
        }
        f.return(irp)
    }

    /// `IopAttachBuffer(Irp*, DeviceObject*, MajorFunction, Buffer, Length) -> status`: by the device's flags.
    static let attachBuffer: Routine = .init("IopAttachBuffer", ["Irp", "DeviceObject", "MajorFunction", "Buffer", "Length"]) { f in
        let irp = f.argument(0, IRP.self)
        let device = f.argument(1, DEVICE_OBJECT.self)
        let isRead = f.local(f.argument(2) == Value(Major.read))
        let buffer = f.argument(3)
        let length = f.argument(4)
        f.if((device.Flags & Value(DeviceFlag.bufferedIo)) != 0) {
            f.if(length == 0) { f.return(Status.success) }
            let copy = f.call(Ex.allocatePoolWithTag, 0, length, Value.tag("IoSB"))
            f.if(copy == 0) { f.return(Status.insufficientResources) }
            f.set(irp.SystemBuffer, copy)
            f.set(irp.Flags, irp.Flags | Value(IrpFlag.bufferedIo | IrpFlag.deallocateBuffer))
            f.if(isRead != 0) {
                f.set(irp.UserBuffer, buffer)
                f.set(irp.Flags, irp.Flags | Value(IrpFlag.inputOperation))
            } else: {
                f.copy(to: copy, from: buffer, length)
            }
            f.return(Status.success)
        }
        f.if((device.Flags & Value(DeviceFlag.directIo)) != 0) {
            f.if(length == 0) { f.return(Status.success) }
            let mdl = f.call(allocateMdl, buffer, length, 0, 0, irp)
            f.if(mdl == 0) { f.return(Status.insufficientResources) }
            // A read writes to memory.
            f.call(Mm.probeAndLockPages, mdl, 0, isRead)
            f.return(Status.success)
        }
        f.set(irp.UserBuffer, buffer)
        f.return(Status.success)
    }

    /// `IoBuildSynchronousFsdRequest(MajorFunction, DeviceObject*, Buffer, Length, StartingOffset*, Event*, IoStatusBlock*) -> IRP* or NULL`: the same, in the
    /// thread's list, with an event for its end.
    package static let buildSynchronousFsdRequest: Routine = .init(
        "IoBuildSynchronousFsdRequest", ["MajorFunction", "DeviceObject", "Buffer", "Length", "StartingOffset", "Event", "IoStatusBlock"]
    ) { f in
        let irp = f.call(
            buildAsynchronousFsdRequest, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(6)
        ).as(IRP.self)
        f.if(irp.isNull) { f.return(0) }
        f.set(irp.address(of: \.UserEvent).dword(), f.argument(5))
        f.call(queueIrpToThread, irp)
        f.return(irp)
    }

    /// `IoBuildDeviceIoControlRequest(IoControlCode, DeviceObject*, InputBuffer, InputBufferLength, OutputBuffer, OutputBufferLength, Internal, Event*,
    /// IoStatusBlock*) -> IRP* or NULL`: the code's low two bits say how the buffers go: 0 both through one system buffer, 1 and 2 the output by an MDL, 3 as
    /// they are.
    package static let buildDeviceIoControlRequest: Routine = .init(
        "IoBuildDeviceIoControlRequest",
        [
            "IoControlCode", "DeviceObject", "InputBuffer", "InputBufferLength", "OutputBuffer", "OutputBufferLength",
            "InternalDeviceIoControl", "Event", "IoStatusBlock",
        ]
    ) { f in
        let irp = f.local(f.call(allocateIrp, f.argument(1, DEVICE_OBJECT.self).StackSize, 0).as(IRP.self))
        f.if(irp.isNull) { f.return(0) }
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, Major.deviceControl)
        f.if((f.argument(6) & 0xFF) != 0) { f.set(stack.MajorFunction, Major.internalDeviceControl) }
        f.set(stack.Argument1, f.argument(5))
        f.set(stack.Argument2, f.argument(3))
        f.set(stack.Argument3, f.argument(0))
        let status = f.call(
            attachControlBuffers, irp, f.argument(0), f.argument(2), f.argument(3), f.argument(4), f.argument(5))
        f.if(status.isError) {
            f.call(freeIrp, irp)
            f.return(0)
        }
        f.set(irp.address(of: \.UserIosb).dword(), f.argument(8))
        f.set(irp.address(of: \.UserEvent).dword(), f.argument(7))
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.call(queueIrpToThread, irp)
        f.return(irp)
    }

    /// `IopAttachControlBuffers(Irp*, IoControlCode, InputBuffer, InputLength, OutputBuffer, OutputLength) -> status`: by the code's method.
    static let attachControlBuffers: Routine = .init(
        "IopAttachControlBuffers", ["Irp", "IoControlCode", "InputBuffer", "InputLength", "OutputBuffer", "OutputLength"]
    ) { f in
        let irp = f.argument(0, IRP.self)
        let method = f.local(f.argument(1) & 3)
        let inputLength = f.argument(3)
        let outputLength = f.argument(5)
        f.if(method == 3) {
            f.set(irp.UserBuffer, f.argument(4))
            f.set(nextLocation(irp).Argument4, f.argument(2))
            f.return(Status.success)
        }
        let size = f.local(inputLength)
        f.if(method == 0 && outputLength > size) { f.set(size, outputLength) }
        f.if(size != 0) {
            let copy = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("IoSB"))
            f.if(copy == 0) { f.return(Status.insufficientResources) }
            f.zero(copy, size)
            f.set(irp.SystemBuffer, copy)
            f.set(irp.Flags, irp.Flags | Value(IrpFlag.bufferedIo | IrpFlag.deallocateBuffer))
            f.if(f.argument(2) != 0) { f.copy(to: copy, from: f.argument(2), inputLength) }
        }
        f.if(f.argument(4) == 0 || outputLength == 0) { f.return(Status.success) }
        f.if(method == 0) {
            f.set(irp.UserBuffer, f.argument(4))
            f.set(irp.Flags, irp.Flags | Value(IrpFlag.inputOperation))
            f.return(Status.success)
        }
        let mdl = f.call(allocateMdl, f.argument(4), outputLength, 0, 0, irp)
        f.if(mdl == 0) {
            f.call(releaseBuffers, irp)
            f.return(Status.insufficientResources)
        }
        f.call(Mm.probeAndLockPages, mdl, 0, method == 2)
        f.return(Status.success)
    }

    // MARK: Requests that are waited for

    /// `IopSynchronousTransfer(MajorFunction, DeviceObject*, Buffer, Length, OffsetLow, OffsetHigh) -> status`: reads or writes a device and waits.
    package static let synchronousTransfer: Routine = .init(
        "IopSynchronousTransfer", ["MajorFunction", "DeviceObject", "Buffer", "Length", "OffsetLow", "OffsetHigh"]
    ) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.call(
            buildSynchronousFsdRequest, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.addressOfArgument(4), event, result)
        f.if(irp == 0) { f.return(Status.insufficientResources) }
        f.return(f.call(callAndWait, f.argument(1), irp, event, result))
    }.copied(as: "WdmReadWriteSynchronously")

    /// `IopSynchronousControl(IoControlCode, DeviceObject*, InputBuffer, InputLength, OutputBuffer, OutputLength) -> status`: IRP_MJ_DEVICE_CONTROL, waited for.
    package static let synchronousControl: Routine = .init(
        "IopSynchronousControl", ["IoControlCode", "DeviceObject", "InputBuffer", "InputLength", "OutputBuffer", "OutputLength"]
    ) { f in
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Ke.initializeEvent, event, 0, 0)
        let irp = f.call(
            buildDeviceIoControlRequest, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), 0, event,
            result)
        f.if(irp == 0) { f.return(Status.insufficientResources) }
        f.return(f.call(callAndWait, f.argument(1), irp, event, result))
    }.copied(as: "WdmIoControlSynchronously")

    /// `IopCallAndWait(DeviceObject*, Irp*, Event*, IoStatusBlock*) -> status`.
    package static let callAndWait: Routine = .init("IopCallAndWait", ["DeviceObject", "Irp", "Event", "IoStatusBlock"]) { f in
        let status = f.local(f.call(callDriver, f.argument(0), f.argument(1)))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, f.argument(2), 0, 0, 0, 0)
            f.set(status, f.argument(3, IO_STATUS_BLOCK.self).Status)
        }
        f.return(status)
    }.copied(as: "WdmCallAndWait")

    /// `IopSendFileRequest(Irp*, DeviceObject*, FileObject*, IoStatusBlock*) -> status`: sends a request for a file. What the call itself brings back is
    /// finished here, without a detour through the thread's queue. The packet has a reference to the file, unless it is a CREATE.
    static let sendFileRequest: Routine = .init("IopSendFileRequest", ["Irp", "DeviceObject", "FileObject", "IoStatusBlock"]) { f in
        let irp = f.argument(0, IRP.self)
        let file = f.argument(2, FILE_OBJECT.self)
        let result = f.argument(3, IO_STATUS_BLOCK.self)
        f.set(irp.address(of: \.UserIosb).dword(), result)
        f.set(irp.address(of: \.OriginalFileObject).dword(), file)
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.set(irp.RequestorMode, Ke.previousMode)
        f.set(irp.Flags, irp.Flags | Value(IrpFlag.deferCompletion))
        f.set(nextLocation(irp).address(of: \.FileObject).dword(), file)
        f.call(Ke.clearEvent, file.address(of: \.Event))
        f.call(queueIrpToThread, irp)
        f.call(countOperation, nextLocation(irp).MajorFunction)
        let status = f.local(f.call(callDriver, f.argument(1), irp))
        f.if(status == Status.pending) { f.return(status) }
        let irql = f.call(Hal.raiseIrql, Irql.apc)
        // An error is not told to the requestor a second time, but KD reads its count.
        f.if(f.call(isRequestorRange, result, IO_STATUS_BLOCK.size) != 0) {
            f.set(result.Information, irp.IoStatus.Information)
            f.set(result.Status, irp.IoStatus.Status)
        }
        let object = f.local(file.value)
        f.call(finishIrp, irp.address(of: \.Apc), 0, 0, f.address(of: object), 0)
        f.call(Hal.lowerIrql, irql)
        f.return(status)
    }

    /// `IopFileRequest(Irp*, DeviceObject*, FileObject*, IoStatusBlock*) -> status`: the same, and waits until it is done.
    static let fileRequest: Routine = .init("IopFileRequest", ["Irp", "DeviceObject", "FileObject", "IoStatusBlock"]) { f in
        let file = f.argument(2, FILE_OBJECT.self)
        let status = f.local(f.call(sendFileRequest, f.argument(0), f.argument(1), file, f.argument(3)))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, file.address(of: \.Event), 0, 0, 0, 0)
            f.set(status, file.FinalStatus)
        }
        f.return(status)
    }

    /// `IoForwardIrpSynchronously(DeviceObject*, Irp*) -> BOOLEAN`: lets the driver below have the packet, and has it back when the call returns; its status is in
    /// the packet. FALSE: there is no stack location left.
    package static let forwardIrpSynchronously: Routine = .init("IoForwardIrpSynchronously", ["DeviceObject", "Irp"]) { f in
        let irp = f.argument(1, IRP.self)
        let event = f.structure(KEVENT.self)
        f.if(irp.CurrentLocation <= 1) { f.return(0) }
        copyLocationToNext(f, irp)
        f.call(Ke.initializeEvent, event, 0, 0)
        setCompletionRoutine(f, irp, synchronousCompletion, event)
        let status = f.call(callDriver, f.argument(0), irp)
        f.if(status == Status.pending) { f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0) }
        f.return(1)
    }

    /// `IopSynchronousCompletion(DeviceObject*, Irp*, Context) -> status`: wakes the sender, who goes on with the packet.
    private static let synchronousCompletion: Routine = .init("IopSynchronousCompletion", ["DeviceObject", "Irp", "Context"]) { f in
        f.if(f.argument(1, IRP.self).PendingReturned != 0) { f.call(Ke.setEvent, f.argument(2), 0, 0) }
        f.return(Status.moreProcessingRequired)
    }

    /// `IoPageRead(FileObject*, Mdl*, ByteOffset*, Event*, IoStatusBlock*) -> status`: a paging read of locked pages, past every cache. Without memory for a packet
    /// it takes the one that is put aside. The caller waits for the event after STATUS_PENDING.
    package static let pageRead: Routine = .init("IoPageRead", ["FileObject", "Mdl", "Offset", "Event", "StatusBlock"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let mdl = f.argument(1, MDL.self)
        let device = f.local(f.call(getRelatedDeviceObject, file).as(DEVICE_OBJECT.self))
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.if(irp.isNull) { f.set(irp.value, f.call(allocateReserveIrp, device.StackSize)) }
        f.if(irp.isNull) { f.return(Status.insufficientResources) }
        f.set(irp.address(of: \.MdlAddress).dword(), mdl)
        f.set(irp.UserBuffer, mdl.StartVa + mdl.ByteOffset)
        f.set(irp.address(of: \.UserIosb).dword(), f.argument(4))
        f.set(irp.address(of: \.UserEvent).dword(), f.argument(3))
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.set(irp.address(of: \.OriginalFileObject).dword(), file)
        f.set(irp.Flags, IrpFlag.pagingIo | IrpFlag.noCache | IrpFlag.synchronousPagingIo)
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, Major.read)
        f.set(stack.address(of: \.FileObject).dword(), file)
        f.set(stack.Argument1, mdl.ByteCount)
        f.set(stack.Argument3, f.argument(2).dword())
        f.set(stack.Argument4, f.argument(2).dword(4))
        f.return(f.call(callDriver, device, irp))
    }
}
