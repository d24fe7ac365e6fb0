// SPDX-License-Identifier: GPL-3.0-or-later

/// I/O request packets (spec/boot.md section 5.6). Buffers are always kernel addresses and passed as they are; there are no MDLs.
extension Io {
    /// `IoAllocateIrp(StackSize, ChargeQuota) -> IRP* or NULL`: small (one location) or large (up to eight) blocks.
    package static let allocateIrp: Routine = .init("IoAllocateIrp", ["StackSize", "ChargeQuota"]) { f in
        let size = f.local(0x190)
        let tag = f.local(Value.tag("Irpl"))
        f.if(f.argument(0) <= 1) {
            f.set(size, 0x94)
            f.set(tag, Value.tag("Irps"))
        }
        f.if(f.argument(0) > 8) { f.set(size, IRP.size.value + f.argument(0) * IO_STACK_LOCATION.size.value) }
        let irp = f.call(Ex.allocatePoolWithTag, 0, size, tag)
        f.if(irp == 0) { f.return(0) }
        f.call(initializeIrp, irp, size, f.argument(0))
        f.return(irp)
    }

    /// `IoInitializeIrp(Irp*, PacketSize, StackSize)`: zero; the current location is one past the last.
    package static let initializeIrp: Routine = .init("IoInitializeIrp", ["Irp", "PacketSize", "StackSize"]) { f in
        let irp = f.argument(0, IRP.self)
        f.zero(irp, f.argument(1))
        f.set(irp.Type, IoType.irp)
        f.set(irp.Size, f.argument(1))
        f.set(irp.StackCount, f.argument(2))
        f.set(irp.CurrentLocation, f.argument(2) + 1)
        f.initializeListHead(irp.address(of: \.ThreadListEntry))
        f.set(
            irp.address(of: \.CurrentStackLocation).dword(), irp.value + IRP.size.value + f.argument(2) * IO_STACK_LOCATION.size.value)
        f.return()
    }

    /// `IoFreeIrp(Irp*)`.
    package static let freeIrp: Routine = .init("IoFreeIrp", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        let tag = f.local(Value.tag("Irpl"))
        f.if(irp.Size == 0x94) { f.set(tag, Value.tag("Irps")) }
        f.call(Ex.freePoolWithTag, irp, tag)
        f.return()
    }

    /// `IofCallDriver(DeviceObject*, Irp*) -> status`: takes the next stack location and enters the driver's dispatch routine. No location left: BC 0x35.
    package static let callDriver: Routine = .init("IofCallDriver", ["DeviceObject", "Irp"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        f.set(irp.CurrentLocation, irp.CurrentLocation - 1)
        f.if(irp.CurrentLocation == 0) { f.call(Ke.bugCheckEx, 0x35, irp, 0, 0, 0) }
        let location = f.local(irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value)
        let stack = location.as(IO_STACK_LOCATION.self)
        f.set(irp.address(of: \.CurrentStackLocation).dword(), location)
        f.set(stack.address(of: \.DeviceObject).dword(), device)
        f.return(f.callIndirect((device.DriverObject.MajorFunction + (stack.MajorFunction << 2)).dword(), device, irp))
    }

    /// `IofCompleteRequest(Irp*, PriorityBoost)`: calls the completion routines from the bottom up, then hands status and count to the requestor,
    /// signals its event and frees the packet. A routine that answers 0xC0000016 keeps the packet.
    package static let completeRequest: Routine = .init("IofCompleteRequest", ["Irp", "PriorityBoost"]) { f in
        let irp = f.argument(0, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        f.while(irp.CurrentLocation <= irp.StackCount) {
            f.set(irp.CurrentLocation, irp.CurrentLocation + 1)
            f.set(irp.address(of: \.CurrentStackLocation).dword(), stack.value + IO_STACK_LOCATION.size.value)
            f.set(irp.PendingReturned, stack.Control & 1)
            let wanted = f.local(stack.Control & 0x40)
            f.if(irp.IoStatus.Status.isError) { f.set(wanted, stack.Control & 0x80) }
            f.if(wanted != 0) {
                let upper = f.local(0)
                f.if(irp.CurrentLocation <= irp.StackCount) { f.set(upper, irp.CurrentStackLocation.DeviceObject) }
                let status = f.callIndirect(stack.CompletionRoutine, upper, irp, stack.Context)
                f.if(status == Status.moreProcessingRequired) { f.return() }
            }
            f.set(stack.value, irp.CurrentStackLocation)
        }
        f.if(irp.UserIosb.isNotNull) {
            f.set(irp.UserIosb.Information, irp.IoStatus.Information)
            f.set(irp.UserIosb.Status, irp.IoStatus.Status)
        }
        let file = f.local(irp.OriginalFileObject)
        f.if(irp.UserEvent.isNotNull) {
            f.call(Ke.setEvent, irp.UserEvent, 0, 0)
        } else: {
            f.if(file.isNotNull) {
                f.set(file.FinalStatus, irp.IoStatus.Status)
                f.call(Ke.setEvent, file.address(of: \.Event), 0, 0)
            }
        }
        f.removeEntryList(irp.address(of: \.ThreadListEntry))
        f.call(freeIrp, irp)
        f.return()
    }

    /// `IopFinishRequest(Irp*, Status, Information) -> Status`: how dispatch routines end.
    package static let finishRequest: Routine = .init("IopFinishRequest", ["Irp", "Status", "Information"]) { f in
        let irp = f.argument(0, IRP.self)
        f.set(irp.IoStatus.Status, f.argument(1))
        f.set(irp.IoStatus.Information, f.argument(2))
        f.call(completeRequest, irp, 0)
        f.return(f.argument(1))
    }

    /// `IoBuildSynchronousFsdRequest(MajorFunction, DeviceObject*, Buffer, Length, StartingOffset*, Event*, IoStatusBlock*) -> IRP* or NULL`.
    package static let buildSynchronousFsdRequest: Routine = .init(
        "IoBuildSynchronousFsdRequest", ["MajorFunction", "DeviceObject", "Buffer", "Length", "StartingOffset", "Event", "IoStatusBlock"]
    ) { f in
        let block = f.call(allocateIrp, f.argument(1, DEVICE_OBJECT.self).StackSize, 0)
        f.if(block == 0) { f.return(0) }
        let irp = block.as(IRP.self)
        let stack = (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
        f.set(stack.MajorFunction, f.argument(0))
        f.set(stack.Argument1, f.argument(3))
        f.if(f.argument(4) != 0) {
            f.set(stack.Argument3, f.argument(4).dword())
            f.set(stack.Argument4, f.argument(4).dword(4))
        }
        f.set(irp.UserBuffer, f.argument(2))
        f.set(irp.address(of: \.UserEvent).dword(), f.argument(5))
        f.set(irp.address(of: \.UserIosb).dword(), f.argument(6))
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.return(irp)
    }

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
        let status = f.local(f.call(callDriver, f.argument(1), irp))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, event, 0, 0, 0, 0)
            f.set(status, result.Status)
        }
        f.return(status)
    }

    /// `IopFileRequest(Irp*, DeviceObject*, FileObject*, IoStatusBlock*) -> status`: sends a request for a file and waits until it is done.
    static let fileRequest: Routine = .init("IopFileRequest", ["Irp", "DeviceObject", "FileObject", "IoStatusBlock"]) { f in
        let irp = f.argument(0, IRP.self)
        let file = f.argument(2, FILE_OBJECT.self)
        f.set(irp.address(of: \.UserIosb).dword(), f.argument(3))
        f.set(irp.address(of: \.OriginalFileObject).dword(), file)
        f.set(irp.address(of: \.Thread).dword(), currentThread)
        f.set(
            (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self).address(of: \.FileObject).dword(),
            file)
        f.call(Ke.clearEvent, file.address(of: \.Event))
        let status = f.local(f.call(callDriver, f.argument(1), irp))
        f.if(status == Status.pending) {
            f.call(Ke.waitForSingleObject, file.address(of: \.Event), 0, 0, 0, 0)
            f.set(status, f.argument(3, IO_STATUS_BLOCK.self).Status)
        }
        f.return(status)
    }
}
