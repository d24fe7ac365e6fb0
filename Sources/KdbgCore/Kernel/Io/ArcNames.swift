// SPDX-License-Identifier: GPL-3.0-or-later

/// ARC names and `\SystemRoot` (spec/boot.md sections 1.8 #15, 1.9 #19, #24).
extension Io {
    /// `ExpCreateSystemRootLink(LoaderBlock*) -> status`: BC 0x64(status, n) with n telling which object could not be made.
    package static let createSystemRootLink: Routine = .init(
        "ExpCreateSystemRootLink", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.8 #15", "\\SystemRoot",
            """
            Makes the directories \\ArcName and \\Device, both empty, and the link \\SystemRoot to the ARC name of the boot partition. The link \
            dangles until IopCreateArcNames has run: whoever opens a file below it before is told that the path was not found.
            """)
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        let status = f.local(f.call(Ob.createDirectory, f.unicode(#"\ArcName"#)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 1, 0, 0) }
        f.set(status, f.call(Ob.createDirectory, f.unicode(#"\Device"#)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 2, 0, 0) }
        let text = f.structure(STRING.self)
        let name = f.structure(UNICODE_STRING.self)
        f.call(Rtl.initAnsiString, text, f.text(#"\SystemRoot"#))
        f.set(status, f.call(Rtl.ansiStringToUnicodeString, name, text, 1))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 3, 0, 0) }
        let target = f.stringBuffer(128)
        f.set(status, f.call(Rtl.appendUnicodeToString, target, f.wide(#"\ArcName\"#)))
        f.set(status, f.call(Rtl.appendAnsiToString, target, loader.ArcBootDeviceName))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 4, 0, 0) }
        f.set(status, f.call(appendBootPath, target, loader))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 4, 0, 0) }
        f.set(status, f.call(Ob.createSymbolicLink, name, target))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x64, status, 5, 0, 0) }
        f.call(Rtl.freeUnicodeString, name)
        f.return(status)
    }

    /// `IopAppendBootPath(String*, LoaderBlock*) -> status`: `NtBootPathName` without its last character.
    private static let appendBootPath: Routine = .init("IopAppendBootPath", ["String", "LoaderBlock"], section: .initialization) { f in
        let string = f.argument(0, UNICODE_STRING.self)
        let status = f.call(Rtl.appendAnsiToString, string, f.argument(1, LOADER_PARAMETER_BLOCK.self).NtBootPathName)
        f.set(string.Length, string.Length - 2)
        f.return(status)
    }

    /// `IopMarkBootPartition(LoaderBlock*)`: BC 0x7B(&DeviceName, status) when the boot device cannot be opened.
    static let markBootPartition: Routine = .init(
        "IopMarkBootPartition", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.9 #19", "Boot partition",
            """
            Opens the ARC name of the boot partition as a device and sets DO_SYSTEM_BOOT_PARTITION on it. When that fails the system stops with \
            INACCESSIBLE_BOOT_DEVICE. The volume is not mounted by it.
            """)
    ) { f in
        let name = f.stringBuffer(128)
        let handle = f.local(0)
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\ArcName\"#))
        f.call(Rtl.appendAnsiToString, name, f.argument(0, LOADER_PARAMETER_BLOCK.self).ArcBootDeviceName)
        let attributes = f.objectAttributes(name, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let status = f.local(f.call(zwOpenFile, f.address(of: handle), 0x10_0080, attributes, result, 0, CreateOption.nonDirectory))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x7B, name, status, 0, 0) }
        let object = f.local(0)
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, fileObjectType.dword, 0, f.address(of: object), 0))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x7B, name, status, 0, 0) }
        let device = f.local(object.as(FILE_OBJECT.self).DeviceObject)
        f.set(device.Flags, device.Flags | Value(DeviceFlag.systemBootPartition))
        f.set(errorLogObject.dword, device)
        f.call(Ob.referenceObject, device)
        f.call(Ob.zwClose, handle)
        f.call(Ob.dereferenceObject, object)
        f.return(1)
    }

    /// `IopReassignSystemRoot(LoaderBlock*) -> BOOLEAN`.
    static let reassignSystemRoot: Routine = .init(
        "IopReassignSystemRoot", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.9 #24", "\\SystemRoot again",
            "Reads the ARC name's link, removes \\SystemRoot and makes it anew as \\Device\\Harddisk0\\Partition1\\ReactOS.")
    ) { f in
        let arc = f.stringBuffer(128)
        let target = f.stringBuffer(128)
        let handle = f.local(0)
        f.call(Rtl.appendUnicodeToString, arc, f.wide(#"\ArcName\"#))
        f.call(Rtl.appendAnsiToString, arc, f.argument(0, LOADER_PARAMETER_BLOCK.self).ArcBootDeviceName)
        let attributes = f.objectAttributes(arc, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let status = f.local(f.call(Ob.zwOpenSymbolicLinkObject, f.address(of: handle), 1, attributes))
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(Ob.zwQuerySymbolicLinkObject, handle, target, 0))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(Ob.deleteSymbolicLinkByName, f.unicode(#"\SystemRoot"#)))
        f.if(status.isError) { f.return(0) }
        f.call(appendBootPath, target, f.argument(0))
        f.set(status, f.call(Ob.createSymbolicLink, f.unicode(#"\SystemRoot"#), target))
        f.return(status.isSuccess)
    }
}
