// SPDX-License-Identifier: GPL-3.0-or-later

/// deviface.c: looking for device interfaces.
extension Io {
    private static let includeNonActive: UInt32 = 1

    /// `IoGetDeviceInterfaces(InterfaceClassGuid*, PhysicalDeviceObject*, Flags, SymbolicLinkList*) -> status`: the links of a class, one after the other, each
    /// with its zero, another zero at the end; paged pool, which the caller frees. A device limits them to its own; flag 1 brings those that are not
    /// enabled too. A class that nobody has registered has none.
    package static let getDeviceInterfaces: Routine = .init(
        "IoGetDeviceInterfaces", ["InterfaceClassGuid", "PhysicalDeviceObject", "Flags", "SymbolicLinkList"]
    ) { f in
        let list = f.call(Ex.allocatePoolWithTag, 1, 0x1000, Value.tag("Io  "))
        f.set(f.argument(3).dword(), 0)
        f.if(list == 0) { f.return(Status.insufficientResources) }
        let end = f.local(list)
        let path = f.stringBuffer(200)
        let classKey = f.local(0)
        f.call(classKeyPath, path, f.argument(0))
        f.if(f.call(openRegistryKeyEx, f.address(of: classKey), 0, path, 0x20019).isSuccess) {
            let index = f.local(0)
            let key = f.local(0)
            f.loop {
                f.if(f.call(openSubKey, classKey, index, f.address(of: key)).isError) { f.break() }
                f.set(end, f.call(collectReferences, key, f.argument(1), f.argument(2), list, end))
                f.call(Ob.ntClose, key)
                f.add(index, 1)
            }
            f.call(Ob.ntClose, classKey)
        }
        f.set(end.word(), 0)
        f.set(f.argument(3).dword(), list)
        f.return(Status.success)
    }

    /// `IopOpenSubKey(KeyHandle, Index, SubKeyHandle*) -> status`: the subkey with that number; 0x8000001A: there are no more.
    static let openSubKey: Routine = .init("IopOpenSubKey", ["KeyHandle", "Index", "SubKeyHandle"]) { f in
        let information = f.buffer(0x210)
        let length = f.local(0)
        let name = f.structure(UNICODE_STRING.self)
        let status = f.call(Cm.zwEnumerateKey, f.argument(0), f.argument(1), 0, information, 0x210, f.address(of: length))
        f.if(status.isError) { f.return(status) }
        f.set(name.Buffer, information + 0x10)
        f.set(name.Length, information.dword(0x0C))
        f.set(name.MaximumLength, name.Length)
        f.return(f.call(openRegistryKeyEx, f.argument(2), f.argument(0), name, 0x20019))
    }

    /// `IopCollectReferences(InterfaceKey, PhysicalDeviceObject*, Flags, List, End) -> end`: appends the links of one device's interface.
    private static let collectReferences: Routine = .init(
        "IopCollectReferences", ["InterfaceKey", "PhysicalDeviceObject", "Flags", "List", "End"]
    ) { f in
        let value = f.local(0)
        let end = f.local(f.argument(4))
        f.if(f.argument(1) != 0) {
            let instance = f.structure(UNICODE_STRING.self)
            f.if(f.call(queryRegistryValue, f.argument(0), f.unicode("DeviceInstance"), f.address(of: value)).isError) { f.return(end) }
            f.call(Rtl.initUnicodeString, instance, value + value.dword(8))
            let node = f.local(f.argument(1, DEVICE_OBJECT.self).DeviceObjectExtension.DeviceNode)
            let same = f.local(0)
            f.if(node.isNotNull) { f.set(same, f.call(Rtl.equalUnicodeString, instance, node.address(of: \.InstancePath), 1)) }
            f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
            f.if(same == 0) { f.return(end) }
        }
        let index = f.local(0)
        let key = f.local(0)
        f.loop {
            f.if(f.call(openSubKey, f.argument(0), index, f.address(of: key)).isError) { f.break() }
            let wanted = f.local(f.argument(2) & includeNonActive.value)
            f.if(wanted == 0) { f.set(wanted, f.call(isLinked, key)) }
            f.if(wanted != 0 && f.call(queryRegistryValue, key, f.unicode("SymbolicLink"), f.address(of: value)).isSuccess) {
                f.if(end + value.dword(0x0C) + 2 <= f.argument(3) + 0x1000) {
                    f.copy(to: end, from: value + value.dword(8), value.dword(0x0C))
                    f.set(end, end + value.dword(0x0C))
                }
                f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
            }
            f.call(Ob.ntClose, key)
            f.add(index, 1)
        }
        f.return(end)
    }

    /// `IopIsLinked(ReferenceKey) -> BOOLEAN`: value Linked of the key Control.
    private static let isLinked: Routine = .init("IopIsLinked", ["ReferenceKey"]) { f in
        let control = f.local(0)
        let value = f.local(0)
        let result = f.local(0)
        f.if(f.call(openRegistryKeyEx, f.address(of: control), f.argument(0), f.unicode("Control"), 0x20019).isError) { f.return(0) }
        f.if(f.call(queryRegistryValue, control, f.unicode("Linked"), f.address(of: value)).isSuccess) {
            f.set(result, (value + value.dword(8)).dword() != 0)
            f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        }
        f.call(Ob.ntClose, control)
        f.return(result)
    }

    /// `IoOpenDeviceInterfaceRegistryKey(SymbolicLinkName*, DesiredAccess, Key*) -> status`: the key `Device Parameters` of an interface, for its driver.
    package static let openDeviceInterfaceRegistryKey: Routine = .init(
        "IoOpenDeviceInterfaceRegistryKey", ["SymbolicLinkName", "DesiredAccess", "DeviceInterfaceKey"]
    ) { f in
        let interface = f.local(0)
        let reference = f.local(0)
        let status = f.local(f.call(openInterfaceKeys, f.argument(0), f.address(of: interface), f.address(of: reference)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(createRegistryKeyEx, f.argument(2), reference, f.unicode("Device Parameters"), f.argument(1), 0, 0))
        f.call(Ob.ntClose, reference)
        f.call(Ob.ntClose, interface)
        f.return(status)
    }

    /// `IopFetchConfigurationInformation(SymbolicLinkList*, InterfaceClassGuid*, ExpectedInterfaces, Received*) -> status`: the enabled interfaces of a class, and
    /// how many there are: how ARC naming finds the disks. 0xC0000001: there are none.
    static let fetchConfigurationInformation: Routine = .init(
        "IopFetchConfigurationInformation", ["SymbolicLinkList", "InterfaceClassGuid", "ExpectedInterfaces", "InterfacesReceived"]
    ) { f in
        f.set(f.argument(3).dword(), 0)
        let status = f.call(getDeviceInterfaces, f.argument(1), 0, 0, f.argument(0))
        f.if(status.isError) { f.return(Status.unsuccessful) }
        let text = f.local(f.argument(0).dword())
        f.while(text.word() != 0) {
            f.add(f.argument(3).dword(), 1)
            f.while(text.word() != 0) { f.add(text, 2) }
            f.add(text, 2)
        }
        f.if(f.argument(3).dword() == 0) {
            f.call(Ex.freePoolWithTag, f.argument(0).dword(), Value.tag("Io  "))
            f.set(f.argument(0).dword(), 0)
            f.return(Status.unsuccessful)
        }
        f.if(f.argument(3).dword() != f.argument(2)) {
            f.print("Drivers have found %lu devices, %lu interfaces are enabled\n", f.argument(2), f.argument(3).dword())
        }
        f.return(Status.success)
    }
}
