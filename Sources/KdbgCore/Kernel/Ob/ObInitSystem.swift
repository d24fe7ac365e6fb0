// SPDX-License-Identifier: GPL-3.0-or-later

/// Start of the object manager (spec/boot.md sections 1.6 #21, 1.8 #10, 1.10).
extension Ob {
    /// `ObInitSystem() -> BOOLEAN`: phase 0 or 1, as `ExpInitializationPhase` says.
    package static let initSystem: Routine = .init("ObInitSystem") { f in
        f.if(Ex.initializationPhase.dword == 0) { f.return(f.call(initPhase0)) }
        f.return(f.call(initPhase1))
    }

    /// Phase 0: the kernel's handle table and the first three types; there is no name space yet.
    static let initPhase0: Routine = .init(
        "ObpInitPhase0", section: .initialization,
        step: .init(
            "1.6 #21", "Object manager, phase 0",
            "A lookaside list for creation records, the cache of security descriptors, the kernel's handle table and the types Type, Directory and SymbolicLink come into being. There is no name space yet: objects can be made, but not named."
        )
    ) { f in
        f.call(Ke.initializeEvent, defaultObject, 0, 1)
        f.call(initializeLookasides)
        f.call(initDescriptorCache)
        let table = f.call(createHandleTable, 0)
        f.if(table == 0) { f.return(0) }
        f.set(kernelHandleTable.dword, table)
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.call(initializeTypeInitializer, info)
        f.set(info.UseDefaultObject, 1)
        f.set(info.MaintainTypeList, 1)
        f.set(info.PoolType, 0)
        f.set(info.ValidAccessMask, 0x1F0001)
        f.set(info.DefaultNonPagedPoolCharge, OBJECT_TYPE.size)
        f.set(info.InvalidAttributes, ObjectAttribute.openLink)
        f.if(f.call(createObjectType, f.unicode("Type"), info, 0, 0).isError) { f.return(0) }

        f.set(info.PoolType, 1)
        f.set(info.MaintainTypeList, 0)
        f.set(info.CaseInsensitive, 1)
        f.set(info.ValidAccessMask, 0xF000F)
        f.set(info.DefaultNonPagedPoolCharge, 0)
        f.set(info.DefaultPagedPoolCharge, OBJECT_DIRECTORY.size)
        f.if(f.call(createObjectType, f.unicode("Directory"), info, 0, directoryObjectType).isError) { f.return(0) }

        f.set(info.ValidAccessMask, 0xF0001)
        f.set(info.DefaultPagedPoolCharge, OBJECT_SYMBOLIC_LINK.size)
        f.set(info.ParseProcedure, parseSymbolicLink)
        f.set(info.DeleteProcedure, deleteSymbolicLink)
        f.if(f.call(createObjectType, f.unicode("SymbolicLink"), info, 0, symbolicLinkObjectType).isError) { f.return(0) }
        f.return(1)
    }

    /// `ObpInitializeTypeInitializer(ObjectTypeInitializer*)`: zero but for its length and the generic rights of most types.
    package static let initializeTypeInitializer: Routine = .init("ObpInitializeTypeInitializer", ["ObjectTypeInitializer"]) { f in
        let info = f.argument(0, OBJECT_TYPE_INITIALIZER.self)
        f.zero(info, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.GenericMapping.dword(), 0x0002_0001)
        f.set(info.GenericMapping.dword(4), 0x0002_0000)
        f.set(info.GenericMapping.dword(8), 0x0002_0000)
        f.set(info.GenericMapping.dword(12), 0x001F_0001)
        f.return()
    }

    /// Phase 1: the name space.
    static let initPhase1: Routine = .init(
        "ObpInitPhase1", section: .initialization,
        step: .init(
            "1.8 #10", "Object name space",
            """
            The object manager makes the root directory, \\KernelObjects, \\ObjectTypes with every type made so far, \\GLOBAL?? and the link \
            \\DosDevices. Until now objects could not have names. \\Device, \\Driver and \\SystemRoot are still missing.
            """)
    ) { f in
        let status = f.local(f.call(createRootDirectory))
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(createDirectory, f.unicode(#"\KernelObjects"#)))
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(createTypeDirectory))
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(createDosDevicesDirectory))
        f.return(status.isSuccess)
    }

    /// `ObpCreateRootDirectory() -> status`: from now on `ObpRootDirectoryObject` is not NULL.
    static let createRootDirectory: Routine = .init("ObpCreateRootDirectory", section: .initialization) { f in
        let attributes = f.objectAttributes(f.unicode(#"\"#), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive)
        let handle = f.local(0)
        let status = f.local(f.call(ntCreateDirectoryObject, f.address(of: handle), 0xF000F, attributes))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(referenceObjectByHandle, handle, 0, directoryObjectType.dword, 0, rootDirectoryObject, 0))
        f.call(ntClose, handle)
        f.return(status)
    }

    /// `ObpCreateTypeDirectory() -> status`: `\ObjectTypes`, with the types that are there already.
    static let createTypeDirectory: Routine = .init("ObpCreateTypeDirectory", section: .initialization) { f in
        let status = f.local(f.call(createDirectory, f.unicode(#"\ObjectTypes"#)))
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(
                referenceObjectByName, f.unicode(#"\ObjectTypes"#), ObjectAttribute.caseInsensitive, 0, 0, directoryObjectType.dword, 0, 0,
                typeDirectoryObject))
        f.if(status.isError) { f.return(status) }
        f.forEach(in: typeObjectType.dword.as(OBJECT_TYPE.self).address(of: \.TypeList)) { entry in
            let header = f.local(Pointer<OBJECT_HEADER>(entry + OBJECT_HEADER_CREATOR_INFO.size.value))
            f.if(header.NameInfoOffset != 0) {
                let entered = f.call(insertEntryDirectory, typeDirectoryObject.dword, header, header.nameInfo.address(of: \.Name))
                f.if(entered != 0) { f.call(referenceObject, header.body) }
            }
        }
        f.return(Status.success)
    }

    /// `ObpCreateDosDevicesDirectory() -> status`: `\GLOBAL??`, the system's device map behind `\??`, and their links.
    static let createDosDevicesDirectory: Routine = .init("ObpCreateDosDevicesDirectory", section: .initialization) { f in
        let status = f.local(f.call(createDirectory, f.unicode(#"\GLOBAL??"#)))
        f.if(status.isError) { f.return(status) }
        let directory = f.local(0)
        f.set(
            status,
            f.call(
                referenceObjectByName, f.unicode(#"\GLOBAL??"#), ObjectAttribute.caseInsensitive, 0, 0, directoryObjectType.dword, 0, 0,
                f.address(of: directory)))
        f.if(status.isError) { f.return(status) }
        let block = f.call(Ex.allocatePoolWithTag, 1, DEVICE_MAP.size, Value.tag("ObDm"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let map = block.as(DEVICE_MAP.self)
        f.zero(map, DEVICE_MAP.size)
        f.set(map.address(of: \.DosDevicesDirectory).dword(), directory)
        f.set(map.address(of: \.GlobalDosDevicesDirectory).dword(), directory)
        f.set(map.ReferenceCount, 1)
        f.set(directory.as(OBJECT_DIRECTORY.self).address(of: \.DeviceMap).dword(), map)
        f.set(systemDeviceMap.dword, map)
        f.set(status, f.call(createSymbolicLink, f.unicode(#"\GLOBAL??\GLOBALROOT"#), f.unicode("")))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(createSymbolicLink, f.unicode(#"\GLOBAL??\Global"#), f.unicode(#"\GLOBAL??"#)))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(createSymbolicLink, f.unicode(#"\DosDevices"#), f.unicode(#"\??"#)))
    }
}
