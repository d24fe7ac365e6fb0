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
        let list = f.structure(INTERFACE_LIST.self)
        f.set(f.argument(3).dword(), 0)
        f.set(list.Length, 0)
        f.set(list.Capacity, INTERFACE_LIST.first)
        f.set(list.Buffer, f.call(Ex.allocatePoolWithTag, 1, INTERFACE_LIST.first, Value.tag("Io  ")))
        f.if(list.Buffer == 0) { f.return(Status.insufficientResources) }
        let status = f.local(Status.success)
        let path = f.stringBuffer(200)
        let classKey = f.local(0)
        f.call(classKeyPath, path, f.argument(0))
        f.if(f.call(openRegistryKeyEx, f.address(of: classKey), 0, path, 0x20019).isSuccess) {
            let index = f.local(0)
            let key = f.local(0)
            f.while(status.isSuccess) {
                f.if(f.call(openSubKey, classKey, index, f.address(of: key)).isError) { f.break() }
                f.set(status, f.call(collectReferences, key, f.argument(1), f.argument(2), list))
                f.call(Ob.zwClose, key)
                f.add(index, 1)
            }
            f.call(Ob.zwClose, classKey)
        }
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, list.Buffer, Value.tag("Io  "))
            f.return(status)
        }
        f.set((list.Buffer + list.Length).word(), 0)
        f.set(f.argument(3).dword(), list.Buffer)
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

    /// `IopCollectReferences(InterfaceKey, PhysicalDeviceObject*, Flags, List*) -> status`: appends the links of one device's interface.
    private static let collectReferences: Routine = .init(
        "IopCollectReferences", ["InterfaceKey", "PhysicalDeviceObject", "Flags", "List"]
    ) { f in
        let value = f.local(0)
        let status = f.local(Status.success)
        f.if(f.argument(1) != 0) {
            let instance = f.structure(UNICODE_STRING.self)
            f.if(f.call(queryRegistryValue, f.argument(0), f.unicode("DeviceInstance"), f.address(of: value)).isError) {
                f.return(Status.success)
            }
            f.call(Rtl.initUnicodeString, instance, value + value.dword(8))
            let node = f.local(f.argument(1, DEVICE_OBJECT.self).DeviceObjectExtension.DeviceNode)
            let same = f.local(0)
            f.if(node.isNotNull) { f.set(same, f.call(Rtl.equalUnicodeString, instance, node.address(of: \.InstancePath), 1)) }
            f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
            f.if(same == 0) { f.return(Status.success) }
        }
        let index = f.local(0)
        let key = f.local(0)
        f.while(status.isSuccess) {
            f.if(f.call(openSubKey, f.argument(0), index, f.address(of: key)).isError) { f.break() }
            let wanted = f.local(f.argument(2) & includeNonActive.value)
            f.if(wanted == 0) { f.set(wanted, f.call(controlNumber, key, f.wide("Linked"))) }
            f.if(wanted != 0) {
                f.if(f.call(queryRegistryValue, key, f.unicode("SymbolicLink"), f.address(of: value)).isSuccess) {
                    f.set(status, f.call(appendLink, f.argument(3), value + value.dword(8), value.dword(0x0C)))
                    f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
                }
            }
            f.call(Ob.zwClose, key)
            f.add(index, 1)
        }
        f.return(status)
    }

    /// Links on their way to a caller; lengths in bytes.
    private struct INTERFACE_LIST: Structure {
        static let size: UInt32 = 0x0C
        static let first: UInt32 = 0x400
        let Buffer = Field.pointer(0x00)
        let Length = Field.u32(0x04)
        let Capacity = Field.u32(0x08)

        static let layout = Self()
    }

    /// `IopAppendInterfaceLink(List*, Text, Length) -> status`: with room for the zero that ends the list.
    private static let appendLink: Routine = .init("IopAppendInterfaceLink", ["List", "Text", "Length"]) { f in
        let list = f.argument(0, INTERFACE_LIST.self)
        let needed = f.local(list.Length + f.argument(2) + 2)
        f.if(needed > list.Capacity) {
            let size = f.local(needed + list.Capacity)
            let larger = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("Io  "))
            f.if(larger == 0) { f.return(Status.insufficientResources) }
            f.copy(to: larger, from: list.Buffer, list.Length)
            f.call(Ex.freePoolWithTag, list.Buffer, Value.tag("Io  "))
            f.set(list.Buffer, larger)
            f.set(list.Capacity, size)
        }
        f.copy(to: list.Buffer + list.Length, from: f.argument(1), f.argument(2))
        f.set(list.Length, list.Length + f.argument(2))
        f.return(Status.success)
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
        f.call(Ob.zwClose, reference)
        f.call(Ob.zwClose, interface)
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
