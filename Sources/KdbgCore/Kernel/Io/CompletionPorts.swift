// SPDX-License-Identifier: GPL-3.0-or-later

/// iocomp.c: I/O completion ports. A port is a kernel queue; what it holds are requests that are done, or mini packets that somebody has posted.
extension Io {
    /// The word at 8 behind a packet's link, which in a request lies over its stack pointer.
    package enum CompletionPacket {
        package static let irp: UInt32 = 0
        package static let mini: UInt32 = 1
    }

    /// `NtCreateIoCompletion(Handle*, DesiredAccess, ObjectAttributes*, NumberOfConcurrentThreads) -> status`: 0 threads: one for each processor.
    package static let ntCreateIoCompletion: Routine = .init(
        "NtCreateIoCompletion", ["IoCompletionHandle", "DesiredAccess", "ObjectAttributes", "NumberOfConcurrentThreads"]
    ) { f in
        let object = f.local(0)
        let handle = f.local(0)
        let mode = f.local(Ke.previousMode)
        Ke.probe(f, f.argument(0), 4, write: true)
        let status = f.local(
            f.call(
                Ob.createObject, mode, completionObjectType.dword, f.argument(2), mode, 0, KQUEUE.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.call(Ke.initializeQueue, object, f.argument(3))
        f.set(status, f.call(Ob.insertObject, object, 0, f.argument(1), 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }

    /// `NtOpenIoCompletion(Handle*, DesiredAccess, ObjectAttributes*) -> status`.
    package static let ntOpenIoCompletion: Routine = .init(
        "NtOpenIoCompletion", ["IoCompletionHandle", "DesiredAccess", "ObjectAttributes"]
    ) { f in
        Ob.openByName(f, completionObjectType)
    }

    private static func withPort(_ f: Function, access: UInt32, _ body: (Value) -> Value) {
        let port = f.local(0)
        let status = f.local(
            f.call(Ob.referenceObjectByHandle, f.argument(0), access, completionObjectType.dword, Ke.previousMode, f.address(of: port), 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, body(port))
        f.call(Ob.dereferenceObject, port)
        f.return(status)
    }

    /// `NtQueryIoCompletion(Handle, Class, Information*, Length, ResultLength*) -> status`: class 0: how many packets wait.
    package static let ntQueryIoCompletion: Routine = .init(
        "NtQueryIoCompletion",
        ["IoCompletionHandle", "IoCompletionInformationClass", "IoCompletionInformation", "Length", "ResultLength"]
    ) { f in
        f.if(f.argument(1) != 0) { f.return(Status.invalidInfoClass) }
        f.if(f.argument(3) != 4) { f.return(Status.infoLengthMismatch) }
        Ke.probe(f, f.argument(2), 4, write: true)
        Ke.probe(f, optional: f.argument(4), 4, write: true)
        withPort(f, access: 1) { port in
            f.set(f.argument(2).dword(), f.call(Ke.readStateQueue, port))
            f.if(f.argument(4) != 0) { f.set(f.argument(4).dword(), 4) }
            return Status.success
        }
    }

    /// `NtSetIoCompletion(Handle, KeyContext, ApcContext, IoStatus, IoStatusInformation) -> status`: posts a mini packet.
    package static let ntSetIoCompletion: Routine = .init(
        "NtSetIoCompletion", ["IoCompletionHandle", "KeyContext", "ApcContext", "IoStatus", "IoStatusInformation"]
    ) { f in
        withPort(f, access: 2) { port in
            f.call(setIoCompletion, port, f.argument(1), f.argument(2), f.argument(3), f.argument(4), 1)
        }
    }

    /// `IoSetIoCompletion(Port*, KeyContext, ApcContext, IoStatus, IoStatusInformation, Quota) -> status`: a packet from lookaside list 6. 0xC000009A: no
    /// memory. Quota is not charged.
    package static let setIoCompletion: Routine = .init(
        "IoSetIoCompletion", ["IoCompletion", "KeyContext", "ApcContext", "IoStatus", "IoStatusInformation", "Quota"]
    ) { f in
        let packet = f.local(f.call(Ex.allocateFromPPLookasideList, Ex.PerProcessorLookaside.completion)).as(
            IO_MINI_COMPLETION_PACKET.self)
        f.if(packet.isNull) { f.return(Status.insufficientResources) }
        f.set(packet.PacketType, CompletionPacket.mini)
        f.set(packet.KeyContext, f.argument(1))
        f.set(packet.ApcContext, f.argument(2))
        f.set(packet.IoStatus, f.argument(3))
        f.set(packet.IoStatusInformation, f.argument(4))
        f.set(packet.MiniPacketCallback, 0)
        f.set(packet.Context, 0)
        f.set(packet.Allocated, 1)
        f.call(Ke.insertQueue, f.argument(0), packet)
        f.return(Status.success)
    }

    /// `NtRemoveIoCompletion(Handle, KeyContext*, ApcContext*, IoStatusBlock*, Timeout*) -> status`: waits for a packet and takes it apart. 0x102: none came
    /// in time.
    package static let ntRemoveIoCompletion: Routine = .init(
        "NtRemoveIoCompletion", ["IoCompletionHandle", "KeyContext", "ApcContext", "IoStatusBlock", "Timeout"]
    ) { f in
        let timeout = f.local(0)
        let time = f.structure(LARGE_INTEGER.self)
        for (pointer, bytes) in [(1, 4), (2, 4), (3, IO_STATUS_BLOCK.size)] { Ke.probe(f, f.argument(pointer), bytes, write: true) }
        f.if(f.argument(4) != 0) {
            Ke.probe(f, f.argument(4), 8, write: false)
            f.copy(to: time, from: f.argument(4), 8)
            f.set(timeout, time)
        }
        withPort(f, access: 2) { port in
            let result = f.argument(3, IO_STATUS_BLOCK.self)
            let status = f.local(Status.success)
            let entry = f.call(Ke.removeQueue, port, Ke.previousMode, timeout)
            // Statuses are small numbers, packets are kernel addresses.
            f.if(entry < 0x1000) {
                f.set(status, entry)
            } else: {
                let packet = f.local(entry).as(IO_MINI_COMPLETION_PACKET.self)
                f.if(packet.PacketType == CompletionPacket.irp.value) {
                    let irp = f.local(Pointer<IRP>.containing(entry, as: \.ListEntry))
                    f.set(f.argument(1).dword(), irp.CompletionKey)
                    f.set(f.argument(2).dword(), irp.UserApcContext)
                    f.set(result.Status, irp.IoStatus.Status)
                    f.set(result.Information, irp.IoStatus.Information)
                    f.call(freeIrp, irp)
                } else: {
                    f.set(f.argument(1).dword(), packet.KeyContext)
                    f.set(f.argument(2).dword(), packet.ApcContext)
                    f.set(result.Status, packet.IoStatus)
                    f.set(result.Information, packet.IoStatusInformation)
                    f.call(freeMiniPacket, packet)
                }
            }
            return status
        }
    }

    /// `IopFreeMiniPacket(Packet*)`.
    private static let freeMiniPacket: Routine = .init("IopFreeMiniPacket", ["Packet"]) { f in
        f.call(Ex.freeToPPLookasideList, Ex.PerProcessorLookaside.completion, f.argument(0))
        f.return()
    }

    /// `IopDeleteIoCompletion(Port*)`: the IoCompletion type's delete procedure frees the packets that nobody has fetched.
    static let deleteIoCompletion: Routine = .init("IopDeleteIoCompletion", ["ObjectBody"]) { f in
        let first = f.call(Ke.rundownQueue, f.argument(0))
        let entry = f.local(first)
        f.while(entry != 0) {
            let next = f.local(entry.dword())
            f.if(entry.as(IO_MINI_COMPLETION_PACKET.self).PacketType == CompletionPacket.irp.value) {
                f.call(freeIrp, Pointer<IRP>.containing(entry, as: \.ListEntry))
            } else: {
                f.call(freeMiniPacket, entry)
            }
            f.set(entry, next)
            f.if(entry == first) { f.break() }
        }
        f.return()
    }

    /// `IopSetCompletionInformation(FileObject*, Information*, Length) -> status`, class 30 of NtSetInformationFile: a handle to a port and a key.
    /// From then on requests of the file that have an APC context go to the port when they are done. 0xC000000D: the file is synchronous or has a
    /// port already.
    static let setCompletionInformation: Routine = .init(
        "IopSetCompletionInformation", ["FileObject", "FileInformation", "Length"]
    ) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let port = f.local(0)
        f.if(f.argument(2) < 8) { f.return(Status.infoLengthMismatch) }
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0 || file.CompletionContext.isNotNull) { f.return(Status.invalidParameter) }
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(1).dword(), 2, completionObjectType.dword, Ke.previousMode, f.address(of: port), 0)
        f.if(status.isError) { f.return(status) }
        let context = f.local(f.call(Ex.allocatePoolWithTag, 0, IO_COMPLETION_CONTEXT.size, Value.tag("IoCc"))).as(
            IO_COMPLETION_CONTEXT.self)
        f.if(context.isNull) {
            f.call(Ob.dereferenceObject, port)
            f.return(Status.insufficientResources)
        }
        f.set(context.Port, port)
        f.set(context.Key, f.argument(1).dword(4))
        f.set(file.CompletionContext, context)
        f.return(Status.success)
    }

    /// `IopReleaseCompletionContext(FileObject*)`: the file goes away.
    static let releaseCompletionContext: Routine = .init("IopReleaseCompletionContext", ["FileObject"]) { f in
        let context = f.local(f.argument(0, FILE_OBJECT.self).CompletionContext)
        f.if(context.isNull) { f.return() }
        f.call(Ob.dereferenceObject, context.Port)
        f.call(Ex.freePoolWithTag, context, Value.tag("IoCc"))
        f.return()
    }

    /// `IopQueueIrpToPort(Irp*, FileObject*) -> BOOLEAN`: TRUE when the request is a packet of the file's port now, which whoever fetches it frees. Files
    /// without a port and requests without an APC context stay with the caller.
    static let queueIrpToPort: Routine = .init("IopQueueIrpToPort", ["Irp", "FileObject"]) { f in
        let irp = f.argument(0, IRP.self)
        let context = f.local(f.argument(1, FILE_OBJECT.self).CompletionContext)
        f.if(context.isNull || irp.UserApcContext == 0 || irp.UserApcRoutine != 0) { f.return(0) }
        let port = f.local(context.Port.value)
        f.set(irp.CompletionKey, context.Key)
        f.set(irp.PacketType, CompletionPacket.irp)
        f.call(Ke.insertQueue, port, irp.address(of: \.ListEntry))
        f.return(1)
    }
}
