// SPDX-License-Identifier: GPL-3.0-or-later

/// The object types of the executive's dispatcher objects and callbacks (spec/boot.md sections 1.8 #11, 1.10).
extension Ex {
    package static let eventObjectType: Global = .init("ExEventObjectType")
    package static let mutantObjectType: Global = .init("ExMutantObjectType")
    package static let semaphoreObjectType: Global = .init("ExSemaphoreObjectType")
    package static let timerObjectType: Global = .init("ExTimerObjectType")
    package static let callbackObjectType: Global = .init("ExCallbackObjectType")
    private static let eventPairObjectType: Global = .init("ExEventPairObjectType")
    private static let profileObjectType: Global = .init("ExProfileObjectType")
    private static let keyedEventObjectType: Global = .init("ExpKeyedEventObjectType")
    private static let windowStationObjectType: Global = .init("ExWindowStationObjectType")
    private static let desktopObjectType: Global = .init("ExDesktopObjectType")

    /// Name, variable, bytes of a body, valid access.
    private static let types: [(name: String, type: Global, size: UInt32, access: UInt32)] = [
        ("Event", eventObjectType, KEVENT.size, 0x1F_0003), ("EventPair", eventPairObjectType, 2 * KEVENT.size + 8, 0x1F_0000),
        ("Mutant", mutantObjectType, KMUTANT.size, 0x1F_0001), ("Callback", callbackObjectType, CALLBACK_OBJECT.size, 0x1F_0001),
        ("Semaphore", semaphoreObjectType, KSEMAPHORE.size, 0x1F_0003), ("Timer", timerObjectType, KTIMER.size + 0x78, 0x1F_0003),
        ("Profile", profileObjectType, 0x30, 0xF_0001), ("KeyedEvent", keyedEventObjectType, 0x10, 0xF_0003),
        ("WindowStation", windowStationObjectType, 0x40, 0xF_037F), ("Desktop", desktopObjectType, 0x40, 0xF_01FF),
    ]

    /// `ExpInitializeObjectTypes() -> BOOLEAN`.
    static let initializeObjectTypes: Routine = .init("ExpInitializeObjectTypes", section: .initialization) { f in
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        for type in types {
            f.call(Ob.initializeTypeInitializer, info)
            f.set(info.InvalidAttributes, ObjectAttribute.openLink)
            f.set(info.ValidAccessMask, type.access)
            // Reading is to query, writing to change, executing to wait.
            for (offset, access) in [(0, 0x2_0001), (4, 0x2_0002), (8, 0x12_0000), (12, 0xFFFF_FFFF)] as [(Int32, UInt32)] {
                f.set(info.GenericMapping.dword(offset), access & type.access)
            }
            f.set(info.DefaultNonPagedPoolCharge, type.size)
            f.if(f.call(Ob.createObjectType, f.unicode(type.name), info, 0, type.type).isError) { f.return(0) }
        }
        f.return(1)
    }

    /// `ExpInitializeCallbacks() -> BOOLEAN`: `\Callback` and the system's three.
    static let initializeCallbacks: Routine = .init("ExpInitializeCallbacks", section: .initialization) { f in
        f.if(f.call(Ob.createDirectory, f.unicode(#"\Callback"#)).isError) { f.return(0) }
        for (name, callback) in systemCallbacks {
            let attributes = f.objectAttributes(
                f.unicode(#"\Callback\"# + name), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive)
            f.if(f.call(createCallback, callback, attributes, 1, 1).isError) { f.return(0) }
        }
        f.return(1)
    }

    private static let systemCallbacks: [(String, Global)] = [
        ("SetSystemTime", .init("ExCbSetSystemTime")), ("SetSystemState", .init("ExCbSetSystemState")),
        ("PowerState", .init("ExCbPowerState")),
    ]

    /// `ExCreateCallback(CALLBACK_OBJECT**, ObjectAttributes*, Create, AllowMultipleCallbacks) -> status`: opens or, if it may, creates one.
    package static let createCallback: Routine = .init(
        "ExCreateCallback", ["CallbackObject", "ObjectAttributes", "Create", "AllowMultipleCallbacks"]
    ) { f in
        let attributes = f.argument(1, OBJECT_ATTRIBUTES.self)
        let handle = f.local(0)
        let object = f.local(0)
        let status = f.local(Status.unsuccessful)
        f.if(attributes.ObjectName.isNotNull) {
            f.set(status, f.call(Ob.openObjectByName, attributes, callbackObjectType.dword, 0, 0, 0, 0, f.address(of: handle)))
        }
        f.if(status.isError && (f.argument(2) & 0xFF) != 0) {
            f.set(
                status,
                f.call(
                    Ob.createObject, 0, callbackObjectType.dword, attributes, 0, 0, CALLBACK_OBJECT.size, 0, 0, f.address(of: object)))
            f.if(status.isSuccess) {
                let callback = object.as(CALLBACK_OBJECT.self)
                f.set(callback.Signature, Value.tag("Call"))
                f.set(callback.Lock, 0)
                f.initializeListHead(callback.RegisteredCallbacks.value)
                f.set(callback.AllowMultipleCallbacks, f.argument(3))
                f.set(status, f.call(Ob.insertObject, object, 0, 1, 0, 0, f.address(of: handle)))
            }
        }
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, callbackObjectType.dword, 0, f.argument(0), 0))
        f.call(Ob.zwClose, handle)
        f.return(status)
    }
}

/// Named events, as far as the system makes and uses them.
extension Ex {
    /// `NtCreateEvent(EventHandle*, DesiredAccess, ObjectAttributes*, EventType, InitialState) -> status`.
    package static let ntCreateEvent: Routine = .init(
        "NtCreateEvent", ["EventHandle", "DesiredAccess", "ObjectAttributes", "EventType", "InitialState"]
    ) { f in
        f.pagedCode()
        let object = f.local(0)
        let handle = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, f.argument(0), 4, write: true)
        f.if(f.argument(3) > 1) { f.return(Status.invalidParameter) }
        let status = f.local(
            f.call(Ob.createObject, mode, eventObjectType.dword, f.argument(2), mode, 0, KEVENT.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.call(Ke.initializeEvent, object, f.argument(3), f.argument(4))
        f.set(status, f.call(Ob.insertObject, object, 0, f.argument(1), 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }

    package static let zwCreateEvent = Ke.kernelService(ntCreateEvent)

    /// `NtSetEvent(EventHandle, PreviousState*) -> status`.
    package static let ntSetEvent: Routine = .init("NtSetEvent", ["EventHandle", "PreviousState"]) { f in
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, optional: f.argument(1), 4, write: true)
        let status = f.call(Ob.referenceObjectByHandle, f.argument(0), 2, eventObjectType.dword, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        let previous = f.call(Ke.setEvent, object, 1, 0)
        f.call(Ob.dereferenceObject, object)
        f.if(f.argument(1) != 0) { f.set(f.argument(1).dword(), previous) }
        f.return(Status.success)
    }

    /// `NtResetEvent(EventHandle, PreviousState*) -> status`.
    package static let ntResetEvent: Routine = .init("NtResetEvent", ["EventHandle", "PreviousState"]) { f in
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, optional: f.argument(1), 4, write: true)
        let status = f.call(Ob.referenceObjectByHandle, f.argument(0), 2, eventObjectType.dword, mode, f.address(of: object), 0)
        f.if(status.isError) { f.return(status) }
        let previous = f.call(Ke.resetEvent, object)
        f.call(Ob.dereferenceObject, object)
        f.if(f.argument(1) != 0) { f.set(f.argument(1).dword(), previous) }
        f.return(Status.success)
    }
}
