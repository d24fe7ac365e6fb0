// SPDX-License-Identifier: GPL-3.0-or-later

/// util.c: small questions that drivers ask.
extension Io {
    /// `IoGetCurrentProcess() -> EPROCESS*`: the process whose address space is in use.
    package static let getCurrentProcess: Routine = .init("IoGetCurrentProcess") { f in
        f.return(Ke.prcb.CurrentThread.ApcState.Process)
    }

    /// `IoThreadToProcess(Thread*) -> EPROCESS*`: the process a thread belongs to.
    package static let threadToProcess: Routine = .init("IoThreadToProcess", ["Thread"]) { f in
        f.return(f.argument(0, ETHREAD.self).ThreadsProcess)
    }

    /// `IoIsSystemThread(Thread*) -> BOOLEAN`: bit 4 of CrossThreadFlags.
    package static let isSystemThread: Routine = .init("IoIsSystemThread", ["Thread"]) { f in
        f.return((f.argument(0, ETHREAD.self).CrossThreadFlags >> 4) & 1)
    }

    /// `IoGetRequestorProcess(Irp*) -> EPROCESS* or NULL`.
    package static let getRequestorProcess: Routine = .init("IoGetRequestorProcess", ["Irp"]) { f in
        let thread = f.local(f.argument(0, IRP.self).Thread)
        f.if(thread.isNull) { f.return(0) }
        f.return(thread.ThreadsProcess)
    }

    /// `IoGetRequestorProcessId(Irp*) -> id or 0`.
    package static let getRequestorProcessId: Routine = .init("IoGetRequestorProcessId", ["Irp"]) { f in
        let process = f.call(getRequestorProcess, f.argument(0))
        f.if(process == 0) { f.return(0) }
        f.return(process.as(EPROCESS.self).UniqueProcessId)
    }

    /// `IoGetStackLimits(LowLimit*, HighLimit*)`: the running thread's kernel stack, or the DPC stack while a DPC runs on it.
    package static let getStackLimits: Routine = .init("IoGetStackLimits", ["LowLimit", "HighLimit"]) { f in
        let thread = f.local(Ke.prcb.CurrentThread)
        let here = f.local(f.addressOfArgument(0))
        f.set(f.argument(0).dword(), thread.StackLimit)
        f.set(f.argument(1).dword(), thread.InitialStack)
        f.if(here < thread.StackLimit || here >= thread.InitialStack) {
            let top = f.local(Ke.prcb.DpcStack)
            f.if(here < top && here >= top - 0x3000) {
                f.set(f.argument(0).dword(), top - 0x3000)
                f.set(f.argument(1).dword(), top)
            }
        }
        f.return()
    }

    /// `IoGetRemainingStackSize() -> bytes` below the caller's frame.
    package static let getRemainingStackSize: Routine = .init("IoGetRemainingStackSize") { f in
        let low = f.local(0)
        let high = f.local(0)
        f.call(getStackLimits, f.address(of: low), f.address(of: high))
        f.return(f.addressOfArgument(0) - low)
    }

    /// `IoGetInitialStack() -> top of the running thread's kernel stack`.
    package static let getInitialStack: Routine = .init("IoGetInitialStack") { f in f.return(Ke.prcb.CurrentThread.InitialStack) }

    /// `IoIsWdmVersionAvailable(MajorVersion, MinorVersion) -> BOOLEAN`: up to 1.30, as Windows Server 2003.
    package static let isWdmVersionAvailable: Routine = .init("IoIsWdmVersionAvailable", ["MajorVersion", "MinorVersion"]) { f in
        f.return((f.argument(0) & 0xFF) == 1 && (f.argument(1) & 0xFF) <= 0x30)
    }

    /// `IoGetDeviceToVerify(Thread*) -> DEVICE_OBJECT* or NULL`: the device on whose changed medium the thread's last request failed.
    package static let getDeviceToVerify: Routine = .init("IoGetDeviceToVerify", ["Thread"]) { f in
        f.return(f.argument(0, ETHREAD.self).DeviceToVerify)
    }

    /// `IoSetDeviceToVerify(Thread*, DeviceObject*)`.
    package static let setDeviceToVerify: Routine = .init("IoSetDeviceToVerify", ["Thread", "DeviceObject"]) { f in
        f.set(f.argument(0, ETHREAD.self).DeviceToVerify, f.argument(1))
        f.return()
    }

    // MARK: Checks

    /// `IoCheckDesiredAccess(DesiredAccess*, GrantedAccess) -> status`: generic rights are replaced by those of files; 0xC0000022 when not all are granted.
    package static let checkDesiredAccess: Routine = .init("IoCheckDesiredAccess", ["DesiredAccess", "GrantedAccess"]) { f in
        f.set(f.argument(0).dword(), f.call(Ob.mapGenericMask, f.argument(0).dword(), fileObjectType.dword))
        f.if((f.argument(0).dword() & ~f.argument(1)) != 0) { f.return(Status.accessDenied) }
        f.return(Status.success)
    }

    /// `IoCheckFunctionAccess(GrantedAccess, MajorFunction, MinorFunction, IoControlCode, Argument1*, Argument2*) -> status`: whether a handle with that access
    /// may ask for a function. Argument1 is the class of an information request. 0xC0000010: a function no access is known for.
    package static let checkFunctionAccess: Routine = .init(
        "IoCheckFunctionAccess", ["GrantedAccess", "MajorFunction", "MinorFunction", "IoControlCode", "Argument1", "Argument2"]
    ) { f in
        let major = f.argument(1) & 0xFF
        let needed = f.local(0xFFFF_FFFF as Value)
        for (code, access) in functionAccess { f.if(major == code.value) { f.set(needed, access) } }
        f.if(major == 0x0D || major == 0x0E) {
            // Bits 14 and 15 of the code: FILE_READ_ACCESS, FILE_WRITE_ACCESS, which are FILE_READ_DATA and FILE_WRITE_DATA.
            f.set(needed, (f.argument(3) >> 14) & 3)
        }
        f.if(major == Major.queryInformation.value) { f.set(needed, f.call(informationAccess, f.argument(4).dword(), 0)) }
        f.if(major == Major.setInformation.value) { f.set(needed, f.call(informationAccess, f.argument(4).dword(), 1)) }
        f.if(needed == 0xFFFF_FFFF) { f.return(Status.invalidDeviceRequest) }
        f.if((f.argument(0) & needed) != needed) { f.return(Status.accessDenied) }
        f.return(Status.success)
    }

    /// What a function needs whatever its parameters are. Reading and writing have been checked when the handle was used.
    private static let functionAccess: [(UInt32, UInt32)] = [
        (0x00, 0), (0x02, 0), (0x03, 1), (0x04, 2), (0x07, 8), (0x08, 0x10), (0x09, 2), (0x0A, 1), (0x0B, 2), (0x0C, 1), (0x10, 0),
        (0x11, 0), (0x12, 0), (0x14, 0x2_0000), (0x15, 0x4_0000), (0x19, 1), (0x1A, 2),
    ]

    /// `IopInformationAccess(Class, IsSet) -> access`: attributes for most classes; DELETE to rename or delete, data to change the length.
    private static let informationAccess: Routine = .init("IopInformationAccess", ["FileInformationClass", "IsSet"]) { f in
        let info = f.argument(0)
        f.if(f.argument(1) == 0) {
            f.if(info == 4 || info == 18 || info == 34 || info == 35) { f.return(0x80) }
            f.if(info == 7 || info == 15) { f.return(8) }
            f.return(0)
        }
        f.if(info == 4) { f.return(0x100) }
        f.if(info == 10 || info == 11 || info == 13) { f.return(0x1_0000) }
        f.if(info == 19 || info == 20 || info == 39) { f.return(2) }
        f.return(0)
    }

    /// `IoCheckEaBufferValidity(EaBuffer*, EaLength, ErrorOffset*) -> status`: walks the extended attributes: 00 NextEntryOffset, 04 Flags, 05
    /// EaNameLength, 06 EaValueLength, 08 name, a zero, value. 0x80000014: an entry leaves the buffer or is crooked.
    package static let checkEaBufferValidity: Routine = .init("IoCheckEaBufferValidity", ["EaBuffer", "EaLength", "ErrorOffset"]) { f in
        let entry = f.local(f.argument(0))
        let left = f.local(f.argument(1))
        f.loop {
            let isBad = f.local(1)
            f.if(!left.isLessSigned(9)) {
                let size = f.local(9 + entry.byte(5) + entry.word(6))
                f.if(size <= left && (entry + 8 + entry.byte(5)).byte() == 0) {
                    let next = f.local(entry.dword())
                    f.if(next == 0) { f.return(Status.success) }
                    f.if(next == ((size + 3) & ~Value(3)) && next <= left) {
                        f.set(isBad, 0)
                        f.set(left, left - next)
                        f.set(entry, entry + next)
                    }
                }
            }
            f.if(isBad != 0) { f.break() }
        }
        f.if(f.argument(2) != 0) { f.set(f.argument(2).dword(), entry - f.argument(0)) }
        f.return(Status.eaListInconsistent)
    }

    /// `IoValidateDeviceIoControlAccess(Irp*, RequiredAccess) -> status`: whether the file that a control request came through was opened for reading (1),
    /// writing (2) or both. Requests of the kernel itself are always allowed.
    package static let validateDeviceIoControlAccess: Routine = .init("IoValidateDeviceIoControlAccess", ["Irp", "RequiredAccess"]) { f in
        let irp = f.argument(0, IRP.self)
        f.if((f.argument(1) & ~Value(3)) != 0) { f.return(Status.invalidParameter) }
        f.if(irp.RequestorMode == 0) { f.return(Status.success) }
        let file = f.local(irp.CurrentStackLocation.FileObject)
        f.if((f.argument(1) & 1) != 0 && file.ReadAccess == 0) { f.return(Status.accessDenied) }
        f.if((f.argument(1) & 2) != 0 && file.WriteAccess == 0) { f.return(Status.accessDenied) }
        f.return(Status.success)
    }
}
