// SPDX-License-Identifier: GPL-3.0-or-later

/// The I/O manager's object types and directories (spec/boot.md sections 1.9 #6, #7, 5.3).
extension Io {
    /// `IopCreateObjectTypes() -> BOOLEAN`: Adapter, Controller, Device, Driver, IoCompletion, File, in that order.
    static let createObjectTypes: Routine = .init(
        "IopCreateObjectTypes", section: .initialization,
        step: .init(
            "1.9 #6", "I/O object types",
            """
            Makes the types Adapter, Controller, Device, Driver, IoCompletion and File. Until now IoDriverObjectType was NULL, and IoCreateDriver \
            would have faulted on it.
            """)
    ) { f in
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.zero(info, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.InvalidAttributes, ObjectAttribute.openLink)
        f.set(info.ValidAccessMask, 0x1F01FF)
        f.set(info.UseDefaultObject, 1)
        // FILE_GENERIC_READ, _WRITE, _EXECUTE, FILE_ALL_ACCESS.
        f.set(info.GenericMapping.dword(), 0x12_0089)
        f.set(info.GenericMapping.dword(4), 0x12_0116)
        f.set(info.GenericMapping.dword(8), 0x12_00A0)
        f.set(info.GenericMapping.dword(12), 0x1F_01FF)
        f.if(f.call(Ob.createObjectType, f.unicode("Adapter"), info, 0, adapterObjectType).isError) { f.return(0) }
        f.set(info.DefaultNonPagedPoolCharge, 0x28)
        f.if(f.call(Ob.createObjectType, f.unicode("Controller"), info, 0, controllerObjectType).isError) { f.return(0) }
        f.set(info.DefaultNonPagedPoolCharge, DEVICE_OBJECT.size)
        f.set(info.CaseInsensitive, 1)
        f.set(info.DeleteProcedure, deleteDeviceObject)
        f.set(info.ParseProcedure, parseDevice)
        f.if(f.call(Ob.createObjectType, f.unicode("Device"), info, 0, deviceObjectType).isError) { f.return(0) }
        f.set(info.DefaultNonPagedPoolCharge, DRIVER_OBJECT.size)
        f.set(info.DeleteProcedure, deleteDriverObject)
        f.set(info.ParseProcedure, 0)
        f.if(f.call(Ob.createObjectType, f.unicode("Driver"), info, 0, driverObjectType).isError) { f.return(0) }
        f.set(info.DefaultNonPagedPoolCharge, 0x28)
        f.set(info.ValidAccessMask, 0x1F0003)
        f.set(info.InvalidAttributes, ObjectAttribute.openLink | ObjectAttribute.permanent)
        f.set(info.DeleteProcedure, deleteIoCompletion)
        f.if(f.call(Ob.createObjectType, f.unicode("IoCompletion"), info, 0, completionObjectType).isError) { f.return(0) }
        f.set(info.DefaultNonPagedPoolCharge, FILE_OBJECT.size)
        f.set(info.InvalidAttributes, ObjectAttribute.openLink)
        f.set(info.ValidAccessMask, 0x1F01FF)
        f.set(info.UseDefaultObject, 0)
        f.set(info.MaintainHandleCount, 1)
        f.set(info.CloseProcedure, closeFile)
        f.set(info.DeleteProcedure, deleteFile)
        f.set(info.ParseProcedure, parseFile)
        f.if(f.call(Ob.createObjectType, f.unicode("File"), info, 0, fileObjectType).isError) { f.return(0) }
        f.return(1)
    }

    /// `IopCreateRootDirectories() -> BOOLEAN`.
    static let createRootDirectories: Routine = .init(
        "IopCreateRootDirectories", section: .initialization,
        step: .init("1.9 #7", "Driver directories", "Makes \\Driver, \\FileSystem and \\FileSystem\\Filters, all empty.")
    ) { f in
        for name in [#"\Driver"#, #"\FileSystem"#, #"\FileSystem\Filters"#] {
            f.if(f.call(Ob.createDirectory, f.unicode(name)).isError) { f.return(0) }
        }
        f.return(1)
    }
}
