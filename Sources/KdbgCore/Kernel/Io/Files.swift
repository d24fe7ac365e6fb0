// SPDX-License-Identifier: GPL-3.0-or-later

/// File services.
extension Io {
    /// `NtCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, AllocationSize, FileAttributes, ShareAccess, CreateDisposition, CreateOptions, EaBuffer, EaLength)`: opens or makes a file.
    package static let ntCreateFile: Routine = .init(
        "NtCreateFile",
        [
            "FileHandle", "DesiredAccess", "ObjectAttributes", "IoStatusBlock", "AllocationSize", "FileAttributes", "ShareAccess",
            "CreateDisposition", "CreateOptions", "EaBuffer", "EaLength",
        ]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `NtReadFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key)`: reads.
    package static let ntReadFile: Routine = .init(
        "NtReadFile",
        ["FileHandle", "Event", "ApcRoutine", "ApcContext", "IoStatusBlock", "Buffer", "Length", "ByteOffset", "Key"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `NtWriteFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key)`: writes.
    package static let ntWriteFile: Routine = .init(
        "NtWriteFile",
        ["FileHandle", "Event", "ApcRoutine", "ApcContext", "IoStatusBlock", "Buffer", "Length", "ByteOffset", "Key"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `NtQueryInformationFile(FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass)`: class 5 is standard information.
    package static let ntQueryInformationFile: Routine = .init(
        "NtQueryInformationFile",
        ["FileHandle", "IoStatusBlock", "FileInformation", "Length", "FileInformationClass"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `NtSetInformationFile(FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass)`: class 14 is the position.
    package static let ntSetInformationFile: Routine = .init(
        "NtSetInformationFile",
        ["FileHandle", "IoStatusBlock", "FileInformation", "Length", "FileInformationClass"]
    ) { f in
        f.return(Status.notImplemented)
    }
}
