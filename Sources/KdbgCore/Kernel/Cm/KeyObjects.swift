// SPDX-License-Identifier: GPL-3.0-or-later

/// Key objects: what handles to keys lead to.
extension Cm {
    /// `CmpKeyObjectType`.
    package static let keyObjectType: Global = .init("CmpKeyObjectType")

    /// `CmpCreateObjectTypes() -> status`.
    static let createObjectTypes: Routine = .init("CmpCreateObjectTypes", section: .initialization) { f in
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.zero(info, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.UseDefaultObject, 1)
        f.set(info.ValidAccessMask, 0x1F003F)
        for (offset, access) in [(0, 0x20019), (4, 0x20006), (8, 0x20019), (12, 0xF003F)] as [(Int32, Int)] {
            f.set(info.GenericMapping.dword(offset), access)
        }
        f.set(info.PoolType, 1)
        f.set(info.DefaultPagedPoolCharge, CM_KEY_BODY.size)
        f.set(info.ParseProcedure, parseKey)
        f.set(info.DeleteProcedure, deleteKeyObject)
        f.return(f.call(Ob.createObjectType, f.unicode("Key"), info, 0, keyObjectType))
    }

    /// `CmpCreateKeyBody(Kcb*, Object**) -> status`: a Key object for a key; the control block gets a reference.
    static let createKeyBody: Routine = .init("CmpCreateKeyBody", ["Kcb", "Object"]) { f in
        let block = f.argument(0, CM_KEY_CONTROL_BLOCK.self)
        let object = f.local(0)
        let status = f.call(Ob.createObject, 0, keyObjectType.dword, 0, 0, 0, CM_KEY_BODY.size, 0, 0, f.address(of: object))
        f.if(status.isError) { f.return(status) }
        f.call(initializeKeyBody, object, block)
        f.set(f.argument(1).dword(), object)
        f.return(status)
    }

    /// `CmpInitializeKeyBody(KeyBody*, Kcb*)`.
    static let initializeKeyBody: Routine = .init("CmpInitializeKeyBody", ["KeyBody", "Kcb"]) { f in
        let body = f.argument(0, CM_KEY_BODY.self)
        let block = f.argument(1, CM_KEY_CONTROL_BLOCK.self)
        f.zero(body, CM_KEY_BODY.size)
        f.set(body.Type, keyBodySignature)
        f.set(body.address(of: \.KeyControlBlock).dword(), block)
        f.set(block.RefCount, block.RefCount + 1)
        f.insertTailList(block.address(of: \.KeyBodyListHead), body.address(of: \.KeyBodyList))
        f.return()
    }

    /// 'ky02'.
    static let keyBodySignature: Value = 0x6B79_3032

    /// `CmpDeleteKeyObject(Object)`: the delete procedure.
    static let deleteKeyObject: Routine = .init("CmpDeleteKeyObject", ["DeletedObject"]) { f in
        let body = f.argument(0, CM_KEY_BODY.self)
        f.if(body.Type != keyBodySignature) { f.return() }
        f.call(lockRegistry)
        f.removeEntryList(body.address(of: \.KeyBodyList))
        f.call(dereferenceKeyControlBlock, body.KeyControlBlock)
        f.call(unlockRegistry)
        f.return()
    }

    // MARK: Services

    /// `NtOpenKey(KeyHandle*, DesiredAccess, ObjectAttributes*) -> status`.
    package static let ntOpenKey: Routine = .init("NtOpenKey", ["KeyHandle", "DesiredAccess", "ObjectAttributes"]) { f in
        f.pagedCode()
        Ob.openByName(f, keyObjectType)
    }

    /// `NtCreateKey(KeyHandle*, DesiredAccess, ObjectAttributes*, TitleIndex, Class*, CreateOptions, Disposition*) -> status`: opens the key or makes it.
    /// Options: 1 volatile, 2 a link. Disposition: 1 made, 2 opened.
    package static let ntCreateKey: Routine = .init(
        "NtCreateKey", ["KeyHandle", "DesiredAccess", "ObjectAttributes", "TitleIndex", "Class", "CreateOptions", "Disposition"]
    ) { f in
        f.pagedCode()
        let context = f.structure(CM_PARSE_CONTEXT.self)
        let handle = f.local(0)
        Ke.probe(f, f.argument(0), 4, write: true)
        Ke.probe(f, optional: f.argument(6), 4, write: true)
        f.zero(context, CM_PARSE_CONTEXT.size)
        f.set(context.TitleIndex, f.argument(3))
        f.set(context.CreateOptions, f.argument(5))
        f.set(context.CreateOperation, 1)
        let status = f.call(
            Ob.openObjectByName, f.argument(2), keyObjectType.dword, Ke.previousMode, 0, f.argument(1), context, f.address(of: handle))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.if(f.argument(6) != 0) { f.set(f.argument(6).dword(), context.Disposition) }
        f.return(status)
    }

    /// `ZwOpenKey(KeyHandle*, DesiredAccess, ObjectAttributes*) -> status`: the service as drivers call it.
    package static let zwOpenKey = Ke.kernelService(ntOpenKey)

    /// `ZwCreateKey(KeyHandle*, DesiredAccess, ObjectAttributes*, TitleIndex, Class*, CreateOptions, Disposition*) -> status`.
    package static let zwCreateKey = Ke.kernelService(ntCreateKey)
    package static let zwClose = Ob.zwClose

    /// `CmpOpenKeyByName(KeyHandle*, RootHandle, Name*) -> status`: to read.
    package static let openKeyByName: Routine = .init("CmpOpenKeyByName", ["KeyHandle", "RootHandle", "Name"]) { f in
        let attributes = f.objectAttributes(
            f.argument(2), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle, root: f.argument(1))
        f.return(f.call(zwOpenKey, f.argument(0), 0x20019, attributes))
    }
}
