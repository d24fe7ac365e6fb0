// SPDX-License-Identifier: GPL-3.0-or-later

/// iofunc.c: what is in a folder.
extension Io {
    /// Bits of an IO_STACK_LOCATION's Flags (WDK, ntifs.h).
    private enum StackFlag {
        static let restartScan: UInt32 = 1
        static let returnSingleEntry: UInt32 = 2
    }

    /// `NtQueryDirectoryFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock*, FileInformation, Length, FileInformationClass, ReturnSingleEntry, FileName*,
    /// RestartScan) -> status`: IRP_MJ_DIRECTORY_CONTROL, minor function QUERY_DIRECTORY. The pattern goes along as a copy, which the packet owns. 0xC0000022: the handle is
    /// not for listing; 0xC0000033: the pattern has half a character or none where it says there are some.
    package static let ntQueryDirectoryFile: Routine = .init(
        "NtQueryDirectoryFile",
        [
            "FileHandle", "Event", "ApcRoutine", "ApcContext", "IoStatusBlock", "FileInformation", "Length", "FileInformationClass",
            "ReturnSingleEntry", "FileName", "RestartScan",
        ]
    ) { f in
        let given = f.structure(UNICODE_STRING.self)
        let name = f.local(UNICODE_STRING.self)
        let object = f.local(0)
        let event = f.local(0)
        Ke.probe(f, f.argument(4), IO_STATUS_BLOCK.size, write: true)
        Ke.probe(f, f.argument(5), f.argument(6), write: true)
        f.set(name.value, 0)
        f.if(f.argument(9) != 0) {
            Ke.probe(f, f.argument(9), UNICODE_STRING.size, write: false)
            f.copy(to: given, from: f.argument(9), UNICODE_STRING.size)
            Ke.probe(f, given.Buffer, given.Length, write: false)
            f.set(name.value, given)
            f.if((name.Length & 1) != 0) { f.return(Status.objectNameInvalid) }
            f.if(name.Length != 0 && name.Buffer == 0) { f.return(Status.objectNameInvalid) }
        }
        let status = f.local(
            f.call(beginService, f.argument(0), 1, f.argument(1), f.argument(2), f.address(of: object), f.address(of: event)))
        f.if(status.isError) { f.return(status) }
        let file = object.as(FILE_OBJECT.self)
        let device = f.local(f.call(getRelatedDeviceObject, file).as(DEVICE_OBJECT.self))
        let irp = f.local(f.call(allocateIrp, device.StackSize, 0).as(IRP.self))
        f.if(irp.isNull) {
            f.call(abandonService, file, event)
            f.return(Status.insufficientResources)
        }
        let stack = f.local(nextLocation(irp))
        f.set(stack.MajorFunction, 0x0C)
        f.set(stack.MinorFunction, 1)
        f.if((f.argument(10) & 0xFF) != 0) { f.set(stack.Flags, stack.Flags | Value(StackFlag.restartScan)) }
        f.if((f.argument(8) & 0xFF) != 0) { f.set(stack.Flags, stack.Flags | Value(StackFlag.returnSingleEntry)) }
        f.set(stack.Argument1, f.argument(6))
        f.set(stack.Argument3, f.argument(7))
        f.if(name.isNotNull) { f.set(status, f.call(attachName, irp, name)) }
        f.if(status.isSuccess) { f.set(status, f.call(attachBuffer, irp, device, Major.read, f.argument(5), f.argument(6))) }
        f.if(status.isError) {
            f.if(irp.AuxiliaryBuffer != 0) { f.call(Ex.freePoolWithTag, irp.AuxiliaryBuffer, Value.tag("Io  ")) }
            f.call(freeIrp, irp)
            f.call(abandonService, file, event)
            f.return(status)
        }
        f.set(stack.Argument2, irp.AuxiliaryBuffer)
        f.set(irp.UserEvent, event)
        f.set(irp.UserApcRoutine, f.argument(2))
        f.set(irp.UserApcContext, f.argument(3))
        f.return(f.call(synchronousService, irp, device, file, f.argument(4)))
    }

    /// `IopAttachName(Irp*, Name*) -> status`: a copy of a string as the packet's auxiliary buffer, characters behind the UNICODE_STRING; the packet's end frees it.
    private static let attachName: Routine = .init("IopAttachName", ["Irp", "Name"]) { f in
        let name = f.argument(1, UNICODE_STRING.self)
        let length = f.local(name.Length)
        let copy = f.local(f.call(Ex.allocatePoolWithTag, 0, length + UNICODE_STRING.size.value, Value.tag("Io  ")))
        f.if(copy == 0) { f.return(Status.insufficientResources) }
        f.setString(copy.as(UNICODE_STRING.self), copy + UNICODE_STRING.size.value, length)
        f.copy(to: copy + UNICODE_STRING.size.value, from: name.Buffer, length)
        f.set(f.argument(0, IRP.self).AuxiliaryBuffer, copy)
        f.return(Status.success)
    }
}
