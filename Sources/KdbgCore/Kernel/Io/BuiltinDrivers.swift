// SPDX-License-Identifier: GPL-3.0-or-later

/// Starting one boot driver (spec/boot.md section 1.9.1).
extension Io {
    /// `IopInitializeBuiltinDriver(LdrEntry*, DriverInformation*) -> BOOLEAN`: whether devices were added. The image is the entry with the same base name in
    /// `PsLoadedModuleList`; the service is what the file is called. Without its key there is no driver.
    static let initializeBuiltinDriver: Routine = .init(
        "IopInitializeBuiltinDriver", ["BootLdrEntry", "DriverInformation"], section: .initialization
    ) { f in
        let name = f.argument(0, LDR_DATA_TABLE_ENTRY.self).address(of: \.BaseDllName)
        let information = f.argument(1, DRIVER_INFORMATION.self)
        f.call(displayLoadingMessage, name)
        f.call(Misc.inbvIndicateProgress)
        let service = f.structure(UNICODE_STRING.self)
        f.call(lastComponent, name, service)
        f.call(removeExtension, service)
        let handle = f.local(0)
        let status = f.local(f.call(openServiceKey, f.address(of: handle), service))
        f.set(information.Status, status)
        f.if(status.isError) {
            f.set(information.Failed, 1)
            f.return(0)
        }
        let module = f.local(Pointer<LDR_DATA_TABLE_ENTRY>(Value(0)))
        f.forEach(in: Mm.loadedModuleList.value) { entry in
            let same = f.call(Rtl.equalUnicodeString, name, entry.as(LDR_DATA_TABLE_ENTRY.self).address(of: \.BaseDllName), 1)
            f.if(same != 0) { f.set(module.value, entry) }
        }
        f.assert(module.isNotNull, "ModuleObject != NULL")
        let driver = f.local(0)
        let entryStatus = f.local(0)
        f.set(status, Status.noSuchFile)
        f.if(module.isNotNull) {
            f.set(status, f.call(initializeDriverModule, module, handle, f.address(of: driver), f.address(of: entryStatus)))
        }
        f.set(information.address(of: \.DriverObject).dword(), driver)
        f.set(information.Status, status)
        f.call(bootLog, name, status.isSuccess)
        let added = f.local(0)
        f.if(status.isError) {
            f.set(information.Failed, 1)
            f.print("(ntoskrnl/io/iomgr/driver.c:899) Driver '%wZ' load failed, status (%lx)\n", name, status)
        } else: {
            f.set(added, f.call(addBootDevices, handle))
        }
        f.call(Ob.zwClose, handle)
        f.return(added)
    }

    /// `IopOpenServiceKey(KeyHandle*, ServiceName*) -> status`: below `CurrentControlSet\Services`.
    static let openServiceKey: Routine = .init("IopOpenServiceKey", ["KeyHandle", "ServiceName"]) { f in
        let path = f.stringBuffer(200)
        f.call(Rtl.appendUnicodeToString, path, f.wide(servicesPath))
        let status = f.call(Rtl.appendUnicodeStringToString, path, f.argument(1))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Cm.openKeyByName, f.argument(0), 0, path))
    }

    /// Where the keys of services are.
    static let servicesPath = #"\Registry\Machine\System\CurrentControlSet\Services\"#

    /// `IopRemoveExtension(Name*)`: cuts a file name at its last dot.
    static let removeExtension: Routine = .init("IopRemoveExtension", ["Name"]) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let length = f.local(name.Length)
        f.while(length != 0) {
            f.add(length, 0xFFFF_FFFE as UInt32)
            f.if((name.Buffer + length).word() == 0x2E) {
                f.set(name.Length, length)
                f.return()
            }
        }
        f.return()
    }

    /// `IopAddBootDevices(ServiceHandle) -> BOOLEAN`: the service's key `Enum` names devices that were found before their driver was there; AddDevice is called for
    /// them now. TRUE when there was one.
    private static let addBootDevices: Routine = .init("IopAddBootDevices", ["ServiceHandle"], section: .initialization) { f in
        let handle = f.local(0)
        let added = f.local(0)
        f.if(f.call(Cm.openKeyByName, f.address(of: handle), f.argument(0), f.unicode("Enum")).isError) { f.return(0) }
        let count = f.local(f.call(getRegistryNumber, handle, f.wide("Count"), 0))
        let index = f.local(0)
        let number = f.stringBuffer(12)
        let path = f.structure(UNICODE_STRING.self)
        let buffer = f.local(0)
        f.while(index < count) {
            f.set(number.Length, 0)
            f.call(Rtl.appendNumberToString, number, index, 10, 1)
            f.set((number.Buffer + number.Length).word(), 0)
            f.if(f.call(getRegistryString, handle, number.Buffer, f.address(of: buffer), path).isSuccess) {
                let node = f.call(findDeviceNode, rootDeviceNode.dword, path).as(DEVICE_NODE.self)
                f.if(node.isNull) {
                    f.print("(ntoskrnl/io/iomgr/driver.c:978) No device node found matching instance path '%wZ'\n", path)
                } else: {
                    f.if(node.State == Value(DeviceNodeState.initialized)) {
                        f.if(f.call(callDriverAddDevice, node).isSuccess) {
                            f.set(node.State, DeviceNodeState.driversAdded)
                            f.set(added, 1)
                        }
                    }
                }
                f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
            }
            f.add(index, 1)
        }
        f.call(Ob.zwClose, handle)
        f.return(added)
    }

    /// `IopFindDeviceNode(DeviceNode*, InstancePath*) -> DEVICE_NODE* or NULL`: a node or one below it.
    private static let findDeviceNode: Routine = Routine("IopFindDeviceNode", ["DeviceNode", "InstancePath"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        f.if(node.isNull) { f.return(0) }
        f.if(f.call(Rtl.equalUnicodeString, node.address(of: \.InstancePath), f.argument(1), 1) != 0) { f.return(node) }
        let child = f.local(node.Child)
        f.while(child.isNotNull) {
            let found = f.call(findDeviceNode, child, f.argument(1))
            f.if(found != 0) { f.return(found) }
            f.set(child.value, child.Sibling)
        }
        f.return(0)
    }

    /// `IopSetServiceEnumData(DeviceNode*) -> status`: enters a device in the volatile key `Enum` of its service.
    static let setServiceEnumData: Routine = .init("IopSetServiceEnumData", ["DeviceNode"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let path = f.stringBuffer(200)
        f.call(Rtl.appendUnicodeToString, path, f.wide(servicesPath))
        f.call(Rtl.appendUnicodeStringToString, path, node.address(of: \.ServiceName))
        let status = f.local(f.call(Rtl.appendUnicodeToString, path, f.wide(#"\Enum"#)))
        f.if(status.isError) { f.return(status) }
        let attributes = f.objectAttributes(path, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        f.set(status, f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
        f.if(status.isError) { f.return(status) }
        let count = f.local(f.call(getRegistryNumber, handle, f.wide("Count"), 0))
        let number = f.stringBuffer(12)
        f.call(Rtl.appendNumberToString, number, count, 10, 1)
        f.set(
            status,
            f.call(Cm.zwSetValueKey, handle, number, 0, ValueType.string, node.InstancePath.Buffer, node.InstancePath.Length + 2))
        f.add(count, 1)
        f.if(status.isSuccess) {
            f.set(status, f.call(Cm.zwSetValueKey, handle, f.unicode("Count"), 0, ValueType.number, f.address(of: count), 4))
        }
        f.call(Ob.zwClose, handle)
        f.return(status)
    }

    /// `IopCriticalDeviceService(HardwareId*, ServiceName*, ClassGuid*) -> status`: the service of a device that a boot needs, from a key below `CriticalDeviceDatabase`
    /// that is called like the identifier with `#` for its backslashes; the GUID of its class is appended. 0xC0000034: there is none; then the names stay as they are.
    static let criticalDeviceService: Routine = .init("IopCriticalDeviceService", ["HardwareId", "ServiceName", "ClassGuid"]) { f in
        let path = f.stringBuffer(240)
        let handle = f.local(0)
        let buffer = f.local(0)
        let service = f.structure(UNICODE_STRING.self)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\Registry\Machine\System\CurrentControlSet\Control\CriticalDeviceDatabase\"#))
        let index = f.local(path.Length)
        let status = f.local(f.call(Rtl.appendUnicodeStringToString, path, f.argument(0)))
        f.if(status.isError) { f.return(status) }
        f.while(index < path.Length) {
            f.if((path.Buffer + index).word() == 0x5C) { f.set((path.Buffer + index).word(), 0x23) }
            f.add(index, 2)
        }
        f.set(status, f.call(Cm.openKeyByName, f.address(of: handle), 0, path))
        f.if(status.isError) { f.return(status) }
        f.if(f.call(getRegistryString, handle, f.wide("ClassGUID"), f.address(of: buffer), service).isSuccess) {
            f.call(Rtl.appendUnicodeStringToString, f.argument(2), service)
            f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        }
        f.set(status, f.call(getRegistryString, handle, f.wide("Service"), f.address(of: buffer), service))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Rtl.duplicateUnicodeString, f.argument(1), service, Value.tag("Io  ")))
        f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        f.return(status)
    }

    /// `IopDisplayLoadingMessage(BaseName*)`: with the option SOS the driver's path appears on the screen, its name in upper case.
    static let displayLoadingMessage: Routine = .init("IopDisplayLoadingMessage", ["BaseName"], section: .initialization) { f in
        f.if(Misc.showDrivers.dword == 0) { f.return() }
        let name = f.argument(0, UNICODE_STRING.self)
        let loader = Pointer<LOADER_PARAMETER_BLOCK>(Ke.loaderBlock.dword)
        let line = f.stringBuffer(128)
        let text = f.buffer(132)
        f.call(Rtl.appendAnsiToString, line, loader.ArcBootDeviceName)
        f.call(Rtl.appendAnsiToString, line, loader.NtBootPathName)
        f.call(Rtl.appendUnicodeToString, line, f.wide(#"System32\Drivers\"#))
        let start = f.local(line.Length)
        f.call(Rtl.appendUnicodeStringToString, line, name)
        let index = f.local(0)
        f.while(index < line.Length) {
            let character = f.local((line.Buffer + index).word())
            f.if(index >= start) { f.set(character, f.call(Rtl.upcaseUnicodeChar, character)) }
            f.set((text + (index >> 1)).byte(), character)
            f.add(index, 2)
        }
        f.set((text + (index >> 1)).dword(), 0x0A0D)
        f.call(Misc.inbvDisplayString, text)
        f.return()
    }

    /// `IopLastComponent(Path*, Name*)`: what follows the last backslash.
    static let lastComponent: Routine = .init("IopLastComponent", ["Path", "Name"]) { f in
        let path = f.argument(0, UNICODE_STRING.self)
        let start = f.local(path.Length)
        f.while(start != 0 && (path.Buffer + start - 2).word() != 0x5C) { f.add(start, 0xFFFF_FFFE as UInt32) }
        f.setString(f.argument(1, UNICODE_STRING.self), path.Buffer + start, path.Length - start)
        f.return()
    }
}
