// SPDX-License-Identifier: GPL-3.0-or-later

/// The way of a packet back up, and what the requestor finds (spec/boot.md section 5.6).
extension Io {
    /// `IofCompleteRequest(Irp*, PriorityBoost)`: unwinds the stack locations from the bottom up and calls their completion routines; a routine that answers
    /// STATUS_MORE_PROCESSING_REQUIRED keeps the packet. Then the requestor's part follows: at once for paging, CLOSE and associated requests, else in
    /// `IopCompleteRequest` in the requestor's thread. A packet that is not in a driver: BC 0x44(Irp). IRQL <= DISPATCH.
    package static let completeRequest: Routine = .init("IofCompleteRequest", ["Irp", "PriorityBoost"]) { f in
        let irp = f.argument(0, IRP.self)
        f.if(irp.CurrentLocation > irp.StackCount + 1) { f.call(Ke.bugCheckEx, 0x44, irp, 0, 0, 0) }
        f.assert(irp.CancelRoutine == 0, "Irp->CancelRoutine == NULL")
        f.assert(irp.IoStatus.Status != Status.pending, "Irp->IoStatus.Status != STATUS_PENDING")
        let stack = f.local(irp.CurrentStackLocation)
        f.while(irp.CurrentLocation <= irp.StackCount) {
            skipLocation(f, irp)
            f.set(irp.PendingReturned, stack.Control & Value(StackControl.pendingReturned))
            let wanted = f.local(stack.Control & Value(StackControl.invokeOnSuccess))
            f.if(irp.IoStatus.Status.isError) { f.set(wanted, stack.Control & Value(StackControl.invokeOnError)) }
            f.if(irp.Cancel != 0 && (stack.Control & Value(StackControl.invokeOnCancel)) != 0) { f.set(wanted, 1) }
            let isTop = f.local(irp.CurrentLocation > irp.StackCount)
            f.if(wanted != 0) {
                // The routine belongs to the driver above; the first sender has no device.
                let device = f.local(0)
                f.if(isTop == 0) { f.set(device, irp.CurrentStackLocation.DeviceObject) }
                clearLocation(f, stack)
                let status = f.callIndirect(stack.CompletionRoutine, device, irp, stack.Context)
                f.if(status == Status.moreProcessingRequired) { f.return() }
            } else: {
                f.if(isTop == 0 && irp.PendingReturned != 0) { markPending(f, irp) }
                clearLocation(f, stack)
            }
            f.set(stack.value, stack.value + IO_STACK_LOCATION.size.value)
        }
        // Whoever completes it once more is found out.
        f.set(irp.CurrentLocation, irp.StackCount + 2)
        f.call(finishPacket, irp, f.argument(1))
        f.return()
    }

    /// Minor function, flags, control, parameters: what a location holds is over.
    private static func clearLocation(_ f: Function, _ stack: Pointer<IO_STACK_LOCATION>) {
        f.set(stack.value.dword(), stack.MajorFunction)
        f.zero(stack.value + 4, 0x10)
        f.set(stack.address(of: \.FileObject).dword(), 0)
    }

    /// `IopFinishPacket(Irp*, PriorityBoost)`: what follows when all drivers have had the packet.
    private static let finishPacket: Routine = .init("IopFinishPacket", ["Irp", "PriorityBoost"]) { f in
        let irp = f.argument(0, IRP.self)
        f.if((irp.Flags & Value(IrpFlag.associated)) != 0) {
            f.call(completeAssociated, irp, f.argument(1))
            f.return()
        }
        f.if(irp.AuxiliaryBuffer != 0) {
            f.call(Ex.freePoolWithTag, irp.AuxiliaryBuffer, 0)
            f.set(irp.AuxiliaryBuffer, 0)
        }
        let isPaging = f.local(irp.Flags & Value(IrpFlag.pagingIo))
        f.if((irp.Flags & Value(IrpFlag.synchronousPagingIo)) == 0) { f.set(isPaging, 0) }
        f.if(isPaging != 0 || (irp.Flags & Value(IrpFlag.closeOperation)) != 0) {
            let event = f.local(irp.UserEvent.value)
            f.set(irp.UserIosb.Status, irp.IoStatus.Status)
            f.set(irp.UserIosb.Information, irp.IoStatus.Information)
            f.if(isReserve(irp)) {
                f.call(freeReserveIrp, f.argument(1))
            } else: {
                f.call(freeIrp, irp)
            }
            f.call(Ke.setEvent, event, f.argument(1), 0)
            f.return()
        }
        // Pages are given back where the transfer ends; the lists go in the requestor's thread.
        let mdl = f.local(irp.MdlAddress)
        f.while(mdl.isNotNull) {
            f.call(Mm.unlockPages, mdl)
            f.set(mdl.value, mdl.Next)
        }
        // The sender finishes it when its call comes back.
        f.if((irp.Flags & Value(IrpFlag.deferCompletion)) != 0 && irp.PendingReturned == 0) { f.return() }
        f.call(queueCompletion, irp, irp.OriginalFileObject, f.argument(1))
        f.return()
    }

    /// `IopQueueCompletion(Irp*, FileObject*, PriorityBoost)`: a special kernel APC of the requestor's thread runs `IopCompleteRequest`. The APC lies over the
    /// packet's tail. A packet that its thread has disowned is freed.
    private static let queueCompletion: Routine = .init("IopQueueCompletion", ["Irp", "FileObject", "PriorityBoost"]) { f in
        let irp = f.argument(0, IRP.self)
        let thread = f.local(irp.Thread.value)
        f.if(thread == 0) {
            f.call(releaseBuffers, irp)
            f.call(freeIrp, irp)
            f.return()
        }
        f.call(Ke.initializeApc, irp.address(of: \.Apc), thread, irp.ApcEnvironment, finishIrp, 0, 0, 0, 0)
        f.call(Ke.insertQueueApc, irp.address(of: \.Apc), f.argument(1), 0, f.argument(2))
        f.return()
    }

    /// `IopCompleteRequest(Apc*, NormalRoutine**, NormalContext**, SystemArgument1**, SystemArgument2**)`: the requestor's part. Buffered data is copied,
    /// buffers and memory descriptor lists are freed, status and count handed over, the event signalled, and the packet goes. SystemArgument1 is the file
    /// object, whose reference is dropped.
    static let finishIrp: Routine = .init(
        "IopCompleteRequest", ["Apc", "NormalRoutine", "NormalContext", "SystemArgument1", "SystemArgument2"]
    ) { f in
        let irp = f.local(Pointer<IRP>.containing(f.argument(0), as: \.Apc))
        let file = f.local(f.argument(3).dword().as(FILE_OBJECT.self))
        f.call(releaseBuffers, irp)
        let status = f.local(irp.IoStatus.Status)
        let isSynchronous = f.local(irp.Flags & Value(IrpFlag.synchronousApi))
        f.if(file.isNotNull) { f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.set(isSynchronous, 1) } }
        // An error that the call itself has brought back is not told a second time.
        let isNews = f.local(status < 0xC000_0000 || irp.PendingReturned != 0)
        f.if(isNews != 0) {
            f.if(irp.UserIosb.isNotNull && f.call(isRequestorRange, irp.UserIosb, IO_STATUS_BLOCK.size) != 0) {
                f.set(irp.UserIosb.Information, irp.IoStatus.Information)
                f.set(irp.UserIosb.Status, status)
            }
            f.if(irp.UserEvent.isNotNull) {
                f.call(Ke.setEvent, irp.UserEvent, 0, 0)
                f.if(file.isNotNull && isSynchronous != 0) {
                    f.set(file.FinalStatus, status)
                    f.call(Ke.setEvent, file.address(of: \.Event), 0, 0)
                }
            } else: {
                f.if(file.isNotNull) {
                    f.set(file.FinalStatus, status)
                    f.call(Ke.setEvent, file.address(of: \.Event), 0, 0)
                }
            }
        }
        let isOpen = f.local((irp.Flags & Value(IrpFlag.createOperation)) == 0)
        // An event that came as a handle was referenced for the packet.
        f.if(file.isNotNull && irp.UserEvent.isNotNull && (irp.Flags & Value(IrpFlag.synchronousApi)) == 0) {
            f.call(Ob.dereferenceObject, irp.UserEvent)
        }
        f.call(unqueueIrpFromThread, irp)
        f.call(countTransfer, irp)
        let isKept = f.local(0)
        f.if(isNews != 0) { f.set(isKept, f.call(notifyRequestor, irp, file)) }
        f.if(file.isNotNull && isOpen != 0) { f.call(Ob.dereferenceObject, file) }
        f.if(isKept == 0) { f.call(freeIrp, irp) }
        f.return()
    }

    /// `IopReleaseBuffers(Irp*)`: what was read goes from the system buffer to the requestor's; buffer and lists are freed.
    static let releaseBuffers: Routine = .init("IopReleaseBuffers", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        f.if((irp.Flags & Value(IrpFlag.bufferedIo)) != 0) {
            let isInput = f.local((irp.Flags & Value(IrpFlag.inputOperation)) != 0)
            f.if(isInput != 0 && irp.IoStatus.Status < 0xC000_0000 && irp.IoStatus.Status != Status.verifyRequired && irp.UserBuffer != 0) {
                f.if(f.call(isRequestorRange, irp.UserBuffer, irp.IoStatus.Information) != 0) {
                    f.copy(to: irp.UserBuffer, from: irp.SystemBuffer, irp.IoStatus.Information)
                } else: {
                    f.set(irp.IoStatus.Status, Status.accessViolation)
                }
            }
            f.if((irp.Flags & Value(IrpFlag.deallocateBuffer)) != 0) {
                f.call(Ex.freePoolWithTag, irp.SystemBuffer, 0)
                f.set(irp.SystemBuffer, 0)
            }
        }
        f.set(irp.Flags, irp.Flags & ~Value(IrpFlag.bufferedIo | IrpFlag.deallocateBuffer | IrpFlag.inputOperation))
        f.call(freeMdls, irp)
        f.return()
    }

    /// `IopIsRequestorRange(Address, Length) -> BOOLEAN`: whether a result can be written. The service has probed it, but user mode may have taken its memory away since;
    /// the kernel's own is always there.
    static let isRequestorRange: Routine = .init("IopIsRequestorRange", ["Address", "Length"]) { f in
        f.if(f.argument(0) >= 0x8000_0000) { f.return(1) }
        f.return(f.call(Ke.probeForWrite, f.argument(0), f.argument(1)))
    }

    /// `IopFreeMdls(Irp*)`: the whole chain.
    static let freeMdls: Routine = .init("IopFreeMdls", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        f.while(irp.MdlAddress.isNotNull) {
            let mdl = f.local(irp.MdlAddress)
            f.set(irp.address(of: \.MdlAddress).dword(), mdl.Next)
            f.call(freeMdl, mdl)
        }
        f.return()
    }.copied(as: "WdmFreeMdls")

    /// `IopFinishRequest(Irp*, Status, Information) -> Status`: how dispatch routines end.
    static let finishRequest: Routine = .init("IopFinishRequest", ["Irp", "Status", "Information"]) { f in
        let irp = f.argument(0, IRP.self)
        f.set(irp.IoStatus.Status, f.argument(1))
        f.set(irp.IoStatus.Information, f.argument(2))
        f.call(completeRequest, irp, 0)
        f.return(f.argument(1))
    }.copied(as: "WdmCompleteRequest")

    // MARK: Associated packets

    /// `IoMakeAssociatedIrp(MasterIrp*, StackSize) -> IRP* or NULL`: a part of a request. The one who makes them sets the master's IrpCount; when that many
    /// parts are done, the master is completed.
    package static let makeAssociatedIrp: Routine = .init("IoMakeAssociatedIrp", ["Irp", "StackSize"]) { f in
        let made = f.call(allocateIrp, f.argument(1), 0).as(IRP.self)
        f.if(made.isNull) { f.return(0) }
        f.set(made.Flags, IrpFlag.associated)
        f.set(made.address(of: \.Thread).dword(), f.argument(0, IRP.self).Thread)
        f.set(made.address(of: \.MasterIrp).dword(), f.argument(0))
        f.return(made)
    }

    /// `IopCompleteAssociatedIrp(Irp*, PriorityBoost)`: the last part completes the whole.
    private static let completeAssociated: Routine = .init("IopCompleteAssociatedIrp", ["Irp", "PriorityBoost"]) { f in
        let irp = f.argument(0, IRP.self)
        let master = f.local(irp.MasterIrp)
        let left = f.exchangeAdd(master.IrpCount, 0xFFFF_FFFF as Value)
        f.call(freeMdls, irp)
        f.call(freeIrp, irp)
        f.if(left == 1) { f.call(completeRequest, master, f.argument(1)) }
        f.return()
    }
}
