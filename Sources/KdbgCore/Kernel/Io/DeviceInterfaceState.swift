// SPDX-License-Identifier: GPL-3.0-or-later

/// deviface.c: enabling and disabling device interfaces, and the other interfaces of the same device.
///
/// Interfaces of a device in one class differ by their reference strings only, and share the link below `\??`: it is there as long as one of them is enabled, and what
/// follows it in a name reaches the device as the name of a file. The value ReferenceCount of the volatile key `Control` below the interface's key counts them, the value
/// Linked of the key `Control` below a reference string's key says of each whether it is among them.
extension Io {
    /// `IoSetDeviceInterfaceState(SymbolicLinkName*, Enable) -> status`: 0x40000000: it is enabled already; 0xC0000034: there is no such interface, or it is not
    /// enabled; 0xC0000010: the device is not there.
    package static let setDeviceInterfaceState: Routine = .init(
        "IoSetDeviceInterfaceState", ["SymbolicLinkName", "Enable"]
    ) { f in
        let interface = f.local(0)
        let reference = f.local(0)
        let status = f.local(f.call(openInterfaceKeys, f.argument(0), f.address(of: interface), f.address(of: reference)))
        f.if(status.isError) { f.return(status) }
        let enable = f.local((f.argument(1) & 0xFF) != 0)
        let linked = f.local(f.call(controlNumber, reference, f.wide("Linked")))
        f.if(enable != 0 && linked != 0) { f.set(status, Status.objectNameExists) }
        f.if(enable == 0 && linked == 0) { f.set(status, Status.objectNameNotFound) }
        f.if(status == Status.success) {
            let count = f.local(f.call(controlNumber, interface, f.wide("ReferenceCount")))
            f.if(enable != 0) {
                f.if(count == 0) { f.set(status, f.call(makeInterfaceLink, interface, f.argument(0))) }
                f.add(count, 1)
            } else: {
                f.set(count, count - 1)
                f.if(count == 0) { f.set(status, f.call(deleteInterfaceLink, f.argument(0))) }
            }
            f.if(status.isSuccess) { f.set(status, f.call(setControlNumber, interface, f.unicode("ReferenceCount"), count)) }
            f.if(status.isSuccess) { f.set(status, f.call(setControlNumber, reference, f.unicode("Linked"), enable)) }
        }
        f.call(Ob.zwClose, reference)
        f.call(Ob.zwClose, interface)
        f.if(status == Status.success) {
            f.if(enable != 0) {
                f.call(notifyInterfaceChange, interfaceArrival, f.argument(0))
            } else: {
                f.call(notifyInterfaceChange, interfaceRemoval, f.argument(0))
            }
        }
        f.return(status)
    }

    /// `IopControlNumber(Key, ValueName) -> number`: of the key `Control` below a key; 0 when it is not there.
    static let controlNumber: Routine = .init("IopControlNumber", ["Key", "ValueName"]) { f in
        let control = f.local(0)
        f.if(f.call(openRegistryKeyEx, f.address(of: control), f.argument(0), f.unicode("Control"), 0x20019).isError) { f.return(0) }
        let number = f.call(getRegistryNumber, control, f.argument(1), 0)
        f.call(Ob.zwClose, control)
        f.return(number)
    }

    /// `IopSetControlNumber(Key, ValueName*, Number) -> status`.
    private static let setControlNumber: Routine = .init("IopSetControlNumber", ["Key", "ValueName", "Number"]) { f in
        let control = f.local(0)
        let number = f.local(f.argument(2))
        let status = f.local(f.call(createRegistryKeyEx, f.address(of: control), f.argument(0), f.unicode("Control"), 0xF003F, 1, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Cm.zwSetValueKey, control, f.argument(1), 0, 4, f.address(of: number), 4))
        f.call(Ob.zwClose, control)
        f.return(status)
    }

    /// `IopMakeInterfaceLink(InterfaceKey, SymbolicLinkName*) -> status`: a link to the full name of the device.
    private static let makeInterfaceLink: Routine = .init("IopMakeInterfaceLink", ["InterfaceKey", "SymbolicLinkName"]) { f in
        let value = f.local(0)
        let status = f.local(f.call(queryRegistryValue, f.argument(0), f.unicode("DeviceInstance"), f.address(of: value)))
        f.if(status.isError) { f.return(status) }
        let device = f.call(deviceOfInstance, value + value.dword(8), value.dword(0x0C) - 2)
        f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        f.if(device == 0) { f.return(Status.invalidDeviceRequest) }
        let target = f.buffer(256)
        let length = f.local(0)
        f.set(status, f.call(Ob.queryNameString, device, target, 256, f.address(of: length)))
        f.if(status.isError) { f.return(status) }
        f.if(target.word() == 0) { f.return(Status.invalidDeviceRequest) }
        let link = f.structure(UNICODE_STRING.self)
        f.call(cutReference, f.argument(1), link)
        f.return(f.call(createSymbolicLink, link, target))
    }

    /// `IopDeleteInterfaceLink(SymbolicLinkName*) -> status`.
    private static let deleteInterfaceLink: Routine = .init("IopDeleteInterfaceLink", ["SymbolicLinkName"]) { f in
        let link = f.structure(UNICODE_STRING.self)
        f.call(cutReference, f.argument(0), link)
        f.return(f.call(deleteSymbolicLink, link))
    }

    /// `IoGetDeviceInterfaceAlias(SymbolicLinkName*, AliasInterfaceClassGuid*, AliasSymbolicLinkName*) -> status`: the interface of another class that the same device
    /// has with the same reference string; the name is a copy in paged pool that the caller frees. 0xC0000034: there is none, or no such interface to begin with.
    package static let getDeviceInterfaceAlias: Routine = .init(
        "IoGetDeviceInterfaceAlias", ["SymbolicLinkName", "AliasInterfaceClassGuid", "AliasSymbolicLinkName"]
    ) { f in
        let interface = f.local(0)
        let reference = f.local(0)
        let value = f.local(0)
        let status = f.local(f.call(openInterfaceKeys, f.argument(0), f.address(of: interface), f.address(of: reference)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(queryRegistryValue, interface, f.unicode("DeviceInstance"), f.address(of: value)))
        f.call(Ob.zwClose, reference)
        f.call(Ob.zwClose, interface)
        f.if(status.isError) { f.return(status) }
        let instance = f.structure(UNICODE_STRING.self)
        f.call(Rtl.initUnicodeString, instance, value + value.dword(8))
        let link = f.stringBuffer(300)
        f.call(interfaceLinkName, link, instance, f.argument(1))
        f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        let cut = f.structure(UNICODE_STRING.self)
        f.call(cutReference, f.argument(0), cut)
        f.set(cut.Buffer, cut.Buffer + cut.Length)
        f.set(cut.Length, f.argument(0, UNICODE_STRING.self).Length - cut.Length)
        f.set(status, f.call(Rtl.appendUnicodeStringToString, link, cut))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(openInterfaceKeys, link, f.address(of: interface), f.address(of: reference)))
        f.if(status.isError) { f.return(Status.objectNameNotFound) }
        f.call(Ob.zwClose, reference)
        f.call(Ob.zwClose, interface)
        f.return(f.call(Rtl.duplicateUnicodeString, f.argument(2), link, Value.tag("Io  ")))
    }
}
