// SPDX-License-Identifier: GPL-3.0-or-later

/// Opening files.
extension Io {
    /// `NtCreateFile(FileHandle*, DesiredAccess, ObjectAttributes*, IoStatusBlock*, AllocationSize*, FileAttributes, ShareAccess, CreateDisposition,
    /// CreateOptions, EaBuffer, EaLength) -> status`: opens or makes a file. Dispositions: 0 supersede, 1 open, 2 create, 3 open-if, 4 overwrite,
    /// 5 overwrite-if. Name-space failures: spec/boot.md section 3.2.
    package static let ntCreateFile: Routine = .init(
        "NtCreateFile",
        [
            "FileHandle", "DesiredAccess", "ObjectAttributes", "IoStatusBlock", "AllocationSize", "FileAttributes", "ShareAccess",
            "CreateDisposition", "CreateOptions", "EaBuffer", "EaLength",
        ]
    ) { f in
        f.pagedCode()
        f.return(
            f.call(
                createFile, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6),
                f.argument(7), f.argument(8), f.argument(9), f.argument(10), 0, 0, 0))
    }

    /// `NtOpenFile(FileHandle*, DesiredAccess, ObjectAttributes*, IoStatusBlock*, ShareAccess, OpenOptions) -> status`.
    package static let ntOpenFile: Routine = .init(
        "NtOpenFile", ["FileHandle", "DesiredAccess", "ObjectAttributes", "IoStatusBlock", "ShareAccess", "OpenOptions"]
    ) { f in
        f.pagedCode()
        f.return(
            f.call(
                createFile, f.argument(0), f.argument(1), f.argument(2), f.argument(3), 0, 0, f.argument(4), 1, f.argument(5), 0, 0, 0, 0, 0
            ))
    }

    /// `ZwCreateFile(…) -> status`, `ZwOpenFile(…) -> status`.
    package static let zwCreateFile = Ke.kernelService(ntCreateFile)
    package static let zwOpenFile = Ke.kernelService(ntOpenFile)

    /// `IoCreateFile(…) -> status`: fills in the open packet and lets the name space find the device.
    package static let createFile: Routine = .init(
        "IoCreateFile",
        [
            "FileHandle", "DesiredAccess", "ObjectAttributes", "IoStatusBlock", "AllocationSize", "FileAttributes", "ShareAccess",
            "Disposition", "CreateOptions", "EaBuffer", "EaLength", "CreateFileType", "ExtraCreateParameters", "Options",
        ]
    ) { f in
        let result = f.argument(3, IO_STATUS_BLOCK.self)
        let mode = f.local(Ke.previousMode)
        // IO_NO_PARAMETER_CHECKING: a driver vouches for what it passes.
        f.if((f.argument(13) & 0x100) != 0) { f.set(mode, 0) }
        f.if(mode != 0) {
            Ke.probe(f, f.argument(0), 4, write: true)
            Ke.probe(f, result, IO_STATUS_BLOCK.size, write: true)
            Ke.probe(f, optional: f.argument(4), 8, write: false)
            Ke.probe(f, optional: f.argument(9), f.argument(10), write: false)
        }
        f.if(f.argument(7) > 5) { f.return(Status.invalidParameter) }
        // Synchronous files need SYNCHRONIZE.
        f.if(
            (f.argument(8) & Value(CreateOption.synchronousAlert | CreateOption.synchronousNonAlert)) != 0
                && (f.argument(1) & 0xF010_0000) == 0
        ) { f.return(Status.invalidParameter) }
        let packet = f.structure(OPEN_PACKET.self)
        f.zero(packet, OPEN_PACKET.size)
        f.set(packet.Type, IoType.openPacket)
        f.set(packet.Size, OPEN_PACKET.size)
        f.set(packet.DesiredAccess, f.argument(1))
        f.set(packet.CreateOptions, f.argument(8))
        f.set(packet.FileAttributes, f.argument(5))
        f.set(packet.ShareAccess, f.argument(6))
        f.set(packet.EaBuffer, f.argument(9))
        f.set(packet.EaLength, f.argument(10))
        f.set(packet.Disposition, f.argument(7))
        f.set(packet.Options, f.argument(13))
        let handle = f.local(0)
        let status = f.local(f.call(Ob.openObjectByName, f.argument(2), 0, mode, 0, f.argument(1), packet, f.address(of: handle)))
        f.if(packet.ParseCheck != Value(OPEN_PACKET.parsed)) {
            // Something else than a file has that name.
            f.if(status.isSuccess) {
                f.call(Ob.closeHandle, handle, mode)
                f.set(status, Status.objectTypeMismatch)
            }
            f.if(packet.FinalStatus.isError) { f.set(status, packet.FinalStatus) }
            f.return(status)
        }
        f.if(status.isError) { f.return(status) }
        f.set(packet.FileObject.Flags, packet.FileObject.Flags | Value(FileFlag.handleCreated))
        f.set(f.argument(0).dword(), handle)
        f.set(result.Information, packet.Information)
        f.set(result.Status, status)
        f.return(status)
    }
}
