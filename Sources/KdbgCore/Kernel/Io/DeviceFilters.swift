// SPDX-License-Identifier: GPL-3.0-or-later

/// Filter drivers: the values LowerFilters and UpperFilters (REG_MULTI_SZ) of a device's key below `Enum` and of its class's key below `Control\Class` name services
/// whose AddDevice is called before and after the function driver's.
extension Io {
    private static let classPath = #"\Registry\Machine\System\CurrentControlSet\Control\Class\"#

    /// `PiAddFilters(DeviceNode*, ValueName)`: those of the device, then those of its class.
    static let addFilters: Routine = .init("PiAddFilters", ["DeviceNode", "ValueName"]) { f in
        let key = f.local(0)
        let buffer = f.local(0)
        let guid = f.structure(UNICODE_STRING.self)
        let path = f.stringBuffer(160)
        f.if(f.argument(0, DEVICE_NODE.self).InstancePath.Length == 0) { f.return() }
        f.if(f.call(deviceKey, f.argument(0), f.address(of: key)).isError) { f.return() }
        f.call(addListedFilters, f.argument(0), key, f.argument(1))
        f.call(Rtl.appendUnicodeToString, path, f.wide(classPath))
        let status = f.local(f.call(getRegistryString, key, f.wide("ClassGUID"), f.address(of: buffer), guid))
        f.if(status.isSuccess) {
            f.set(status, f.call(Rtl.appendUnicodeStringToString, path, guid))
            f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        }
        f.call(Ob.zwClose, key)
        f.if(status.isError) { f.return() }
        f.if(f.call(openRegistryKeyEx, f.address(of: key), 0, path, 0x20019).isError) { f.return() }
        f.call(addListedFilters, f.argument(0), key, f.argument(1))
        f.call(Ob.zwClose, key)
        f.return()
    }

    /// `PiAddListedFilters(DeviceNode*, Key, ValueName)`: each service in the list, in its order. One that is not loaded is done without.
    private static let addListedFilters: Routine = .init("PiAddListedFilters", ["DeviceNode", "Key", "ValueName"]) { f in
        let value = f.local(0)
        let name = f.structure(UNICODE_STRING.self)
        let wanted = f.structure(UNICODE_STRING.self)
        f.call(Rtl.initUnicodeString, wanted, f.argument(2))
        f.if(f.call(queryRegistryValue, f.argument(1), wanted, f.address(of: value)).isError) { f.return() }
        let text = f.local(value + value.dword(8))
        let end = f.local(text + value.dword(0x0C))
        f.if(value.dword(4) == ValueType.strings) {
            f.while(text + 2 <= end) {
                let next = f.local(text)
                f.while(next + 2 <= end && next.word() != 0) { f.add(next, 2) }
                f.if(next == text) { f.break() }
                f.setString(name, text, next - text)
                f.call(callServiceAddDevice, f.argument(0), name)
                f.set(text, next + 2)
            }
        }
        f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        f.return()
    }

    /// `PiCallServiceAddDevice(DeviceNode*, ServiceName*) -> status`: AddDevice of a service's driver object; a driver without one has nothing to add. 0xC000026C: it is
    /// not loaded.
    static let callServiceAddDevice: Routine = .init("PiCallServiceAddDevice", ["DeviceNode", "ServiceName"]) { f in
        let name = f.stringBuffer(128)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\Driver\"#))
        f.call(Rtl.appendUnicodeStringToString, name, f.argument(1))
        let object = f.local(0)
        let status = f.local(
            f.call(
                Ob.referenceObjectByName, name, ObjectAttribute.caseInsensitive, 0, 0, driverObjectType.dword, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(Status.noSuchDriver) }
        let driver = object.as(DRIVER_OBJECT.self)
        f.if(driver.DriverExtension.AddDevice != 0) {
            f.set(status, f.callIndirect(driver.DriverExtension.AddDevice, driver, f.argument(0, DEVICE_NODE.self).PhysicalDeviceObject))
            f.call(readyDeviceObjects, driver)
        }
        f.call(Ob.dereferenceObject, driver)
        f.return(status)
    }
}
