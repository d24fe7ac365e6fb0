// SPDX-License-Identifier: GPL-3.0-or-later

/// The registry comes to life (spec/boot.md section 1.8 #19).
extension Cm {
    /// Where everything begins: `REGISTRY`, with nothing below it but links to other hives. All volatile.
    static let masterHive: GlobalStructure<CMHIVE> = .init("CmiVolatileHive")
    /// `CmpHiveListHead`: all hives.
    static let hiveList: GlobalStructure<LIST_ENTRY> = Global.listHead("CmpHiveListHead")
    /// The Key object `\REGISTRY`.
    static let registryRootObject: Global = .init("CmpRegistryRootObject")

    /// `CmInitSystem1() -> BOOLEAN`. BC 0x67(1, n, status, 0) for its twelve parts.
    static let initSystem1: Routine = .init(
        "CmInitSystem1", section: .initialization,
        step: .init(
            "1.8 #19", "Registry",
            """
            The type Key, a master hive with the root \\REGISTRY, and below it the hives: SYSTEM from the loader's image, which moves to paged pool, and \
            HARDWARE, made here from what the firmware found. CurrentControlSet becomes a link to the control set that Select names. From now on drivers \
            and the I/O manager open keys by name.
            """)
    ) { f in
        func part(_ number: Int, _ status: Value) {
            f.if(status.isError) { f.call(Ke.bugCheckEx, 0x67, 1, number, status, 0) }
        }
        let system = f.local(0)
        let hardware = f.local(0)
        f.call(Ke.initializeEvent, registryLock, 1, 1)
        f.print("(ntoskrnl/config/cmsysini.c:1184) CmpGetRegistryPath: ConfigPath = '\\SystemRoot\\System32\\Config\\'\n")
        part(1, f.call(createObjectTypes))
        part(2, f.call(initializeHive, masterHive, HiveOperation.create, 0, 0, f.unicode("REGISTRY")))
        part(3, f.call(createRegistryRoot))
        part(5, f.call(createKeyByName, f.unicode(#"\REGISTRY\MACHINE"#), 1))
        part(6, f.call(createKeyByName, f.unicode(#"\REGISTRY\USER"#), 1))
        part(7, f.call(initializeSystemHive, f.address(of: system)))
        part(8, f.call(createControlSet, system))
        f.set(hardware, f.call(Ex.allocatePoolWithTag, 1, CMHIVE.size, Value.tag("CM10")))
        f.if(hardware == 0) { f.call(Ke.bugCheckEx, 0x67, 1, 11, Status.insufficientResources, 0) }
        part(11, f.call(initializeHive, hardware, HiveOperation.create, 0, 0, f.unicode("HARDWARE")))
        part(12, f.call(linkHiveToMaster, f.unicode(#"\REGISTRY\MACHINE\HARDWARE"#), hardware))
        part(13, f.call(initializeHardwareConfiguration, Ke.loaderBlock.dword))
        part(14, f.call(initializeMachineDependentConfiguration))
        part(15, f.call(setSystemValues, Ke.loaderBlock.dword))
        f.return(1)
    }

    /// `CmpInitializeHive(CmHive*, Operation, HiveData, Length, RootName*) -> status`: the hive is on the list of hives. An empty one gets a root key.
    static let initializeHive: Routine = .init(
        "CmpInitializeHive", ["CmHive", "OperationType", "HiveData", "Length", "RootName"], section: .initialization
    ) { f in
        let hive = f.argument(0, CMHIVE.self)
        f.zero(hive, CMHIVE.size)
        let status = f.call(hvInitialize, hive.Hive, f.argument(1), f.argument(2), f.argument(3))
        f.if(status.isError) { f.return(status) }
        f.if(f.argument(1) == Value(HiveOperation.create)) {
            let base = f.call(Ex.allocatePoolWithTag, 1, HBASE_BLOCK.size, Value.tag("CM15"))
            f.if(base == 0) { f.return(Status.insufficientResources) }
            f.zero(base, HBASE_BLOCK.size)
            f.set(hive.Hive.address(of: \.BaseBlock).dword(), base)
            let name = f.argument(4, UNICODE_STRING.self)
            let root = f.local(f.call(allocateCell, hive.Hive, (name.Length >> 1) + Value(CM_KEY_NODE.layout.Name.offset), 1))
            f.if(root == noCell) { f.return(Status.insufficientResources) }
            let node = f.local(f.call(getCell, hive.Hive, root)).as(CM_KEY_NODE.self)
            f.call(initializeKeyNode, node, noCell, name)
            f.set(node.Flags, node.Flags | Value(KeyFlag.hiveEntry | KeyFlag.noDelete | KeyFlag.isVolatile))
            f.set(base.as(HBASE_BLOCK.self).RootCell, root)
        }
        f.copy(to: hive.address(of: \.HiveRootPath), from: f.argument(4), UNICODE_STRING.size)
        f.insertTailList(hiveList.value, hive.address(of: \.HiveList))
        f.return(Status.success)
    }

    /// `CmpCreateRegistryRoot() -> status`: the root key gets a control block and a Key object with a name, the only one that the object manager enters
    /// anywhere.
    private static let createRegistryRoot: Routine = .init("CmpCreateRegistryRoot", section: .initialization) { f in
        let attributes = f.objectAttributes(
            f.unicode(#"\REGISTRY"#), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let object = f.local(0)
        let status = f.local(
            f.call(Ob.createObject, 0, keyObjectType.dword, attributes, 0, 0, CM_KEY_BODY.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        let hive = masterHive.pointer.Hive
        let block = f.call(createKeyControlBlock, hive, hive.BaseBlock.RootCell, 0, f.unicode("REGISTRY"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.call(initializeKeyBody, object, block)
        let handle = f.local(0)
        f.set(status, f.call(Ob.insertObject, object, 0, 0x20019, 0, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, keyObjectType.dword, 0, registryRootObject, 0))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `CmpCreateKeyByName(Name*, CreateOptions) -> status`: no handle is left open.
    static let createKeyByName: Routine = .init("CmpCreateKeyByName", ["Name", "CreateOptions"], section: .initialization) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.call(ntCreateKey, f.address(of: handle), 0x20019, attributes, 0, 0, f.argument(1), 0)
        f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
        f.return(status)
    }

    /// `CmpLinkHiveToMaster(LinkName*, CmHive*) -> status`: a key of that name in the hive above becomes the way into this one.
    private static let linkHiveToMaster: Routine = .init("CmpLinkHiveToMaster", ["LinkName", "CmHive"], section: .initialization) { f in
        let hive = f.argument(1, CMHIVE.self).Hive
        let context = f.structure(CM_PARSE_CONTEXT.self)
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        f.zero(context, CM_PARSE_CONTEXT.size)
        f.set(context.ChildHiveCell, hive.BaseBlock.RootCell)
        f.set(context.address(of: \.ChildHive).dword(), hive)
        f.set(context.CreateLink, 1)
        let handle = f.local(0)
        let status = f.call(Ob.openObjectByName, attributes, keyObjectType.dword, 0, 0, 0x20019, context, f.address(of: handle))
        f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
        f.return(status)
    }

    /// `CmpInitializeSystemHive(CmHive**) -> status`: from the loader's image. 0xC000014C: it is damaged.
    private static let initializeSystemHive: Routine = .init("CmpInitializeSystemHive", ["SystemHive"], section: .initialization) { f in
        let block = f.call(Ex.allocatePoolWithTag, 1, CMHIVE.size, Value.tag("CM10"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.set(f.argument(0).dword(), block)
        f.set(systemHive.dword, block)
        let loader = Ke.loader
        let status = f.local(
            f.call(initializeHive, block, HiveOperation.memory, loader.RegistryBase, loader.RegistryLength, f.unicode("SYSTEM")))
        f.if(status.isError) { f.return(status) }
        f.copy(
            to: block.as(CMHIVE.self).address(of: \.FileFullPath), from: f.unicode(#"\SystemRoot\System32\Config\SYSTEM"#),
            UNICODE_STRING.size)
        f.return(f.call(linkHiveToMaster, f.unicode(#"\REGISTRY\MACHINE\SYSTEM"#), block))
    }

    /// `CmpCreateControlSet(CmHive*) -> status`: the volatile link `CurrentControlSet`.
    private static let createControlSet: Routine = .init("CmpCreateControlSet", ["SystemHive"], section: .initialization) { f in
        let hive = f.argument(0, CMHIVE.self).Hive
        let target = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, target, f.wide(#"\Registry\Machine\System\"#))
        let set = f.call(findControlSet, hive, hive.BaseBlock.RootCell, target)
        f.if(set == noCell) { f.return(Status.objectNameNotFound) }
        let attributes = f.objectAttributes(
            f.unicode(#"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet"#),
            ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle | ObjectAttribute.openLink)
        let handle = f.local(0)
        // Volatile, and a link.
        let status = f.local(f.call(ntCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 3, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(ntSetValueKey, handle, f.unicode("SymbolicLinkValue"), 0, ValueType.link, target.Buffer, target.Length))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }
}
