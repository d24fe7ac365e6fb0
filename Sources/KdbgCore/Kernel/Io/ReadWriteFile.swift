// SPDX-License-Identifier: GPL-3.0-or-later

/// Reading, writing, and what is known about a file. Whoever has opened it for synchronous use waits; the others get STATUS_PENDING and an event.
extension Io {
    private static let transferParameters = [
        "FileHandle", "Event", "ApcRoutine", "ApcContext", "IoStatusBlock", "Buffer", "Length", "ByteOffset", "Key",
    ]

    /// `NtReadFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock*, Buffer, Length, ByteOffset*, Key*) -> status`: reads from the offset, or from
    /// where the file stands when there is none. 0xC0000011: at the end.
    package static let ntReadFile: Routine = .init("NtReadFile", transferParameters) { f in
        f.pagedCode()
        let object = f.local(0)
        let mode = f.local(Ke.previousMode)
        let status = f.call(Ob.referenceObjectByHandle, f.argument(0), 1, fileObjectType.dword, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        probeTransfer(f, object, write: true)
        let offset = f.structure(LARGE_INTEGER.self)
        f.call(byteOffset, object, f.argument(7), offset)
        f.return(
            f.call(
                transferFile, Major.read, object, f.argument(4), f.argument(5), f.argument(6), offset, f.argument(1), f.argument(8),
                f.argument(2),
                f.argument(3)))
    }

    /// `NtWriteFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock*, Buffer, Length, ByteOffset*, Key*) -> status`: a handle that may only append
    /// writes at the end of the file, whatever the offset; so does the offset -1.
    package static let ntWriteFile: Routine = .init("NtWriteFile", transferParameters) { f in
        f.pagedCode()
        let object = f.local(0)
        let information = f.buffer(8)
        let mode = f.local(Ke.previousMode)
        let status = f.call(
            Ob.referenceObjectByHandle, f.argument(0), 0, fileObjectType.dword, mode, f.address(of: object), information)
        f.if(status.isError) { f.return(status) }
        f.if((information.dword(4) & 6) == 0) {
            f.call(Ob.dereferenceObject, object)
            f.return(Status.accessDenied)
        }
        probeTransfer(f, object, write: false)
        let offset = f.structure(LARGE_INTEGER.self)
        f.call(byteOffset, object, f.argument(7), offset)
        f.if((information.dword(4) & 2) == 0) {
            f.set(offset.LowPart, 0xFFFF_FFFF as UInt32)
            f.set(offset.HighPart, 0xFFFF_FFFF as UInt32)
        }
        f.return(
            f.call(
                transferFile, Major.write, object, f.argument(4), f.argument(5), f.argument(6), offset, f.argument(1), f.argument(8),
                f.argument(2),
                f.argument(3)))
    }

    /// Returns from NtReadFile or NtWriteFile when user mode may not use what it points to.
    private static func probeTransfer(_ f: Function, _ object: Value, write: Bool) {
        let isValid = f.call(
            probeTransferPointers, f.argument(4), f.argument(5), f.argument(6), f.argument(7), f.argument(8), write ? 2 : 0)
        f.if(isValid == 0) {
            f.call(Ob.dereferenceObject, object)
            f.return(Status.accessViolation)
        }
    }

    /// `IopProbeTransfer(IoStatusBlock*, Buffer, Length, ByteOffset*, Key*, Bits) -> BOOLEAN`: Bits 2: the buffer is written to.
    private static let probeTransferPointers: Routine = .init(
        "IopProbeTransfer", ["IoStatusBlock", "Buffer", "Length", "ByteOffset", "Key", "Bits"]
    ) { f in
        f.if(Ke.previousMode == 0) { f.return(1) }
        f.if(f.call(Ke.probeForWrite, f.argument(0), IO_STATUS_BLOCK.size) == 0) { f.return(0) }
        for (pointer, bytes) in [(3, 8), (4, 4)] {
            f.if(f.argument(pointer) != 0) { f.if(f.call(Ke.probeForRead, f.argument(pointer), bytes) == 0) { f.return(0) } }
        }
        f.return(f.call(Ke.probeCaller, f.argument(1), f.argument(2), f.argument(5)))
    }

    /// `IopByteOffset(FileObject*, ByteOffset*, Result*)`: no offset, or the offset -2, stands for the file's position.
    private static let byteOffset: Routine = .init("IopByteOffset", ["FileObject", "ByteOffset", "Result"]) { f in
        let position = f.local(f.argument(0, FILE_OBJECT.self).address(of: \.CurrentByteOffset))
        let given = f.argument(1)
        f.if(given != 0) {
            f.if(given.dword() != 0xFFFF_FFFE || given.dword(4) != 0xFFFF_FFFF) { f.set(position, given) }
        }
        f.set(f.argument(2).dword(), position.dword())
        f.set(f.argument(2).dword(4), position.dword(4))
        f.return()
    }

    /// `IopTransferFile(MajorFunction, FileObject*, IoStatusBlock*, Buffer, Length, ByteOffset*, EventHandle, Key*, ApcRoutine, ApcContext) -> status`: the
    /// packet takes over the reference to the file. How the buffer goes along is the device's choice. 0xC000000D: an APC routine, though the file has a
    /// completion port.
    private static let transferFile: Routine = .init(
        "IopTransferFile",
        [
            "MajorFunction", "FileObject", "IoStatusBlock", "Buffer", "Length", "ByteOffset", "EventHandle", "Key", "ApcRoutine",
            "ApcContext",
        ]
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        let event = f.local(0)
        let status = f.local(Status.success)
        f.if(file.CompletionContext.isNotNull && f.argument(8) != 0) {
            f.call(Ob.dereferenceObject, file)
            f.return(Status.invalidParameter)
        }
        f.if(f.argument(6) != 0) {
            f.set(
                status,
                f.call(
                    Ob.referenceObjectByHandle, f.argument(6), 2, Ex.eventObjectType.dword, Ke.previousMode, f.address(of: event), 0))
            f.if(status.isError) {
                f.call(Ob.dereferenceObject, file)
                f.return(status)
            }
            f.call(Ke.clearEvent, event)
        }
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(lockFileObject, file) }
        let device = f.local(f.call(getRelatedDeviceObject, file).as(DEVICE_OBJECT.self))
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.set(status, Status.insufficientResources)
        f.if(irp.isNotNull) {
            f.set(status, f.call(attachBuffer, irp, device, f.argument(0), f.argument(3), f.argument(4)))
            f.if(status.isError) { f.call(freeIrp, irp) }
        }
        f.if(status.isError) {
            f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(unlockFileObject, file) }
            f.if(event != 0) { f.call(Ob.dereferenceObject, event) }
            f.call(Ob.dereferenceObject, file)
            f.return(status)
        }
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, f.argument(0))
        f.set(stack.Argument1, f.argument(4))
        f.if(f.argument(7) != 0) { f.set(stack.Argument2, f.argument(7).dword()) }
        f.set(stack.Argument3, f.argument(5).dword())
        f.set(stack.Argument4, f.argument(5).dword(4))
        f.set(irp.address(of: \.UserEvent).dword(), event)
        f.set(irp.UserApcRoutine, f.argument(8))
        f.set(irp.UserApcContext, f.argument(9))
        f.set(irp.Flags, irp.Flags | Value(IrpFlag.writeOperation))
        f.if(f.argument(0) == Value(Major.read)) { f.set(irp.Flags, irp.Flags ^ Value(IrpFlag.writeOperation | IrpFlag.readOperation)) }
        f.return(f.call(synchronousService, irp, device, file, f.argument(2)))
    }

    /// `IopSynchronousServiceTail(Irp*, DeviceObject*, FileObject*, IoStatusBlock*) -> status`: sends a packet and, when the file was opened for it, waits; a
    /// synchronous file's lock is released.
    static let synchronousService: Routine = .init(
        "IopSynchronousServiceTail", ["Irp", "DeviceObject", "FileObject", "IoStatusBlock"]
    ) { f in
        let file = f.argument(2, FILE_OBJECT.self)
        let isSynchronous = f.local(file.Flags & Value(FileFlag.synchronous))
        f.if(isSynchronous == 0) { f.return(f.call(sendFileRequest, f.argument(0), f.argument(1), file, f.argument(3))) }
        // The packet's reference may be the last but for this one.
        f.call(Ob.referenceObject, file)
        let status = f.call(fileRequest, f.argument(0), f.argument(1), file, f.argument(3))
        f.call(unlockFileObject, file)
        f.call(Ob.dereferenceObject, file)
        f.return(status)
    }

    /// `IopLockFileObject(FileObject*)`: one request at a time on a synchronous file; the others wait for its Lock event.
    static let lockFileObject: Routine = .init("IopLockFileObject", ["FileObject"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        f.loop {
            let busy = f.exchange(file.Busy, with: 1)
            f.if(busy == 0) { f.break() }
            f.exchangeAdd(file.Waiters, 1)
            f.call(Ke.waitForSingleObject, file.address(of: \.Lock), 0, 0, 0, 0)
            f.exchangeAdd(file.Waiters, 0xFFFF_FFFF as Value)
        }
        f.return()
    }

    /// `IopUnlockFileObject(FileObject*)`.
    static let unlockFileObject: Routine = .init("IopUnlockFileObject", ["FileObject"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        f.set(file.Busy, 0)
        f.if(file.Waiters != 0) { f.call(Ke.setEvent, file.address(of: \.Lock), 0, 0) }
        f.return()
    }

    /// `NtQueryInformationFile(FileHandle, IoStatusBlock*, FileInformation, Length, FileInformationClass) -> status`: class 14 (position) is answered here,
    /// class 5 (standard information) and others by the file system.
    package static let ntQueryInformationFile: Routine = .init(
        "NtQueryInformationFile",
        ["FileHandle", "IoStatusBlock", "FileInformation", "Length", "FileInformationClass"]
    ) { f in
        let object = f.local(0)
        let access = f.local(0)
        // FILE_READ_ATTRIBUTES for what a folder says of the file: times and attributes.
        for kind in [4, 18, 34, 35] { f.if(f.argument(4) == Value(kind)) { f.set(access, 0x80) } }
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        Ke.probe(f, f.argument(2), f.argument(3), write: true)
        let status = f.local(
            f.call(
                Ob.referenceObjectByHandle, f.argument(0), access, fileObjectType.dword, Ke.previousMode, f.address(of: object), 0))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(4) == 14) {
            f.if(f.argument(3) < 8) {
                f.set(status, Status.infoLengthMismatch)
            } else: {
                f.copy(to: f.argument(2), from: object.as(FILE_OBJECT.self).address(of: \.CurrentByteOffset), 8)
                f.call(setResult, f.argument(1), Status.success, 8)
            }
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.return(f.call(fileInformation, Major.queryInformation, object, f.argument(1), f.argument(2), f.argument(3), f.argument(4)))
    }

    /// `NtSetInformationFile(FileHandle, IoStatusBlock*, FileInformation, Length, FileInformationClass) -> status`: class 14 is the position, class 30 a
    /// completion port.
    package static let ntSetInformationFile: Routine = .init(
        "NtSetInformationFile",
        ["FileHandle", "IoStatusBlock", "FileInformation", "Length", "FileInformationClass"]
    ) { f in
        let object = f.local(0)
        let access = f.local(0)
        // FILE_WRITE_ATTRIBUTES for times and attributes, DELETE for another name or none, FILE_WRITE_DATA for another size.
        for (kind, needed) in [(4, 0x100), (10, 0x1_0000), (13, 0x1_0000), (19, 2), (20, 2), (39, 2)] as [(UInt32, UInt32)] {
            f.if(f.argument(4) == Value(kind)) { f.set(access, needed) }
        }
        Ke.probe(f, f.argument(1), IO_STATUS_BLOCK.size, write: true)
        Ke.probe(f, f.argument(2), f.argument(3), write: false)
        let status = f.local(
            f.call(
                Ob.referenceObjectByHandle, f.argument(0), access, fileObjectType.dword, Ke.previousMode, f.address(of: object), 0))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(4) == 14) {
            f.if(f.argument(3) < 8) {
                f.set(status, Status.infoLengthMismatch)
            } else: {
                f.copy(to: object.as(FILE_OBJECT.self).address(of: \.CurrentByteOffset), from: f.argument(2), 8)
                f.call(setResult, f.argument(1), Status.success, 0)
            }
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.if(f.argument(4) == 30) {
            f.set(status, f.call(setCompletionInformation, object, f.argument(2), f.argument(3)))
            f.if(status.isSuccess) { f.call(setResult, f.argument(1), Status.success, 0) }
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.return(f.call(fileInformation, Major.setInformation, object, f.argument(1), f.argument(2), f.argument(3), f.argument(4)))
    }

    /// `IopSetResult(IoStatusBlock*, Status, Information)`.
    private static let setResult: Routine = .init("IopSetResult", ["IoStatusBlock", "Status", "Information"]) { f in
        let result = f.argument(0, IO_STATUS_BLOCK.self)
        f.set(result.Status, f.argument(1))
        f.set(result.Information, f.argument(2))
        f.return()
    }

    /// `IopFileInformation(MajorFunction, FileObject*, IoStatusBlock*, Buffer, Length, Class) -> status`: asks the file system. The packet takes over the reference to the
    /// file.
    static let fileInformation: Routine = .init(
        "IopFileInformation", ["MajorFunction", "FileObject", "IoStatusBlock", "Buffer", "Length", "FileInformationClass"]
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        let irp = f.local(IRP.self)
        let status = f.call(
            buildInformationPacket, f.argument(0), file, f.argument(3), f.argument(4), f.argument(5), f.address(of: irp.value))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(synchronousService, irp, f.call(getRelatedDeviceObject, file), file, f.argument(2)))
    }

    /// `IopBuildInformationPacket(MajorFunction, FileObject*, Buffer, Length, Class, Irp**) -> status`: a packet with a system buffer that asks about a file or volume, or
    /// sets something; a synchronous file is locked. Without one the reference to the file is gone.
    static let buildInformationPacket: Routine = .init(
        "IopBuildInformationPacket", ["MajorFunction", "FileObject", "Buffer", "Length", "InformationClass", "Irp"]
    ) { f in
        let file = f.argument(1, FILE_OBJECT.self)
        let device = f.call(getRelatedDeviceObject, file).as(DEVICE_OBJECT.self)
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        let buffer = f.local(0)
        f.if(irp.isNotNull) {
            f.set(buffer, f.call(Ex.allocatePoolWithTag, 0, f.argument(3), Value.tag("IoSB")))
            f.if(buffer == 0) { f.call(freeIrp, irp) }
        }
        f.if(buffer == 0) {
            f.call(Ob.dereferenceObject, file)
            f.return(Status.insufficientResources)
        }
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, f.argument(0))
        f.set(stack.Argument1, f.argument(3))
        f.set(stack.Argument2, f.argument(4))
        f.set(irp.SystemBuffer, buffer)
        f.set(irp.Flags, IrpFlag.bufferedIo | IrpFlag.deallocateBuffer)
        f.if(f.argument(0) == Value(Major.queryInformation) || f.argument(0) == Value(Major.queryVolumeInformation)) {
            f.set(irp.UserBuffer, f.argument(2))
            f.set(irp.Flags, irp.Flags | Value(IrpFlag.inputOperation))
        } else: {
            f.copy(to: buffer, from: f.argument(2), f.argument(3))
        }
        f.if((file.Flags & Value(FileFlag.synchronous)) != 0) { f.call(lockFileObject, file) }
        f.set(f.argument(5).dword(), irp)
        f.return(Status.success)
    }
}
