// SPDX-License-Identifier: GPL-3.0-or-later

/// What devices are called: their instance paths, which tell devices of one kind apart, and their keys below `Enum`.
extension Io {
    /// Below it a key for each device, by its instance path.
    static let enumPath = #"\Registry\Machine\System\CurrentControlSet\Enum\"#

    /// Kinds of IRP_MN_QUERY_ID (WDK, wdm.h, BUS_QUERY_ID_TYPE).
    enum QueryId {
        static let device: UInt32 = 0
        static let hardware: UInt32 = 1
        static let instance: UInt32 = 3
    }

    /// Bits of DEVICE_CAPABILITIES.
    enum Capability {
        /// The bus driver's instance identifiers are unique in the machine, not only on the bus.
        static let uniqueId: UInt32 = 0x40
        /// A device does without a function driver.
        static let rawDevice: UInt32 = 0x100
    }

    /// `IopQueryDeviceId(DeviceNode*, IdType) -> WCHAR* or NULL`: what the bus driver calls the device; the caller frees it.
    static let queryDeviceId: Routine = .init("IopQueryDeviceId", ["DeviceNode", "IdType"]) { f in
        let text = f.local(0)
        f.if(f.call(pnpRequest, f.argument(0), 0x13, f.argument(1), f.address(of: text)).isError) { f.return(0) }
        f.return(text)
    }

    /// `IopQueryDeviceCapabilities(DeviceNode*) -> flags`: IRP_MN_QUERY_CAPABILITIES, bits of `Capability`; 0 when nobody answers.
    static let queryDeviceCapabilities: Routine = .init("IopQueryDeviceCapabilities", ["DeviceNode"]) { f in
        let capabilities = f.buffer(0x40)
        let information = f.local(0)
        f.zero(capabilities, 0x40)
        f.set(capabilities.word(), 0x40)
        f.set(capabilities.word(2), 1)
        // Address and number on the bus are unknown.
        f.set(capabilities.dword(8), 0xFFFF_FFFF as Value)
        f.set(capabilities.dword(12), 0xFFFF_FFFF as Value)
        let status = f.call(pnpRequest, f.argument(0), 9, capabilities, f.address(of: information))
        f.if(status.isError) { f.return(0) }
        f.return(capabilities.dword(4))
    }

    /// `IopCreateDeviceInstancePath(DeviceNode*, HardwareId*) -> status`: `<device identifier>\<instance>`. A bus driver that does not name the device gets the
    /// hardware identifier, one that does not number it gets a number; what is unique on the bus only has the parent's prefix in front.
    static let createDeviceInstancePath: Routine = .init("IopCreateDeviceInstancePath", ["DeviceNode", "HardwareId"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let path = f.stringBuffer(200)
        let text = f.local(f.call(queryDeviceId, node, QueryId.device))
        let status = f.local(Status.success)
        f.if(text != 0) {
            f.set(status, f.call(Rtl.appendUnicodeToString, path, text))
            f.call(Ex.freePoolWithTag, text, 0)
        } else: {
            f.set(status, f.call(Rtl.appendUnicodeStringToString, path, f.argument(1)))
        }
        f.if(status.isSuccess) { f.set(status, f.call(Rtl.appendUnicodeToString, path, f.wide(#"\"#))) }
        f.if(status.isError) { f.return(status) }
        f.set(text, f.call(queryDeviceId, node, QueryId.instance))
        f.if(text != 0) {
            f.if((f.call(queryDeviceCapabilities, node) & Value(Capability.uniqueId)) == 0) {
                f.set(status, f.call(appendParentPrefix, path, node.Parent))
            }
            f.if(status.isSuccess) { f.set(status, f.call(Rtl.appendUnicodeToString, path, text)) }
            f.call(Ex.freePoolWithTag, text, 0)
        } else: {
            f.set(status, f.call(appendInstanceNumber, path, node.Parent))
        }
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Rtl.duplicateUnicodeString, node.address(of: \.InstancePath), path, Value.tag("Io  ")))
    }

    /// `IopAppendParentPrefix(String*, Parent*) -> status`: `<level>&<hash of the parent's instance path>&`, so that a number on one bus is another on the next.
    private static let appendParentPrefix: Routine = .init("IopAppendParentPrefix", ["String", "ParentNode"]) { f in
        let parent = f.argument(1, DEVICE_NODE.self)
        let name = f.local(parent.address(of: \.InstancePath).as(UNICODE_STRING.self))
        let hash = f.local(0)
        let index = f.local(0)
        f.while(index < name.Length) {
            f.set(hash, hash * 65599 + f.call(Rtl.upcaseUnicodeChar, (name.Buffer + index).word()))
            f.add(index, 2)
        }
        f.call(Rtl.appendNumberToString, f.argument(0), parent.Level, 16, 1)
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide("&"))
        f.call(Rtl.appendNumberToString, f.argument(0), hash, 16, 1)
        f.return(f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide("&")))
    }

    /// `IopAppendInstanceNumber(Path*, Parent*) -> status`: four digits: how many children of the parent have a path that begins like this one.
    static let appendInstanceNumber: Routine = .init("IopAppendInstanceNumber", ["Path", "ParentNode"]) { f in
        let path = f.argument(0, UNICODE_STRING.self)
        let count = f.local(0)
        let start = f.structure(UNICODE_STRING.self)
        let child = f.local(f.argument(1, DEVICE_NODE.self).Child)
        f.while(child.isNotNull) {
            f.if(child.InstancePath.Length >= path.Length) {
                f.setString(start, child.InstancePath.Buffer, path.Length)
                let same = f.call(Rtl.equalUnicodeString, start, path, 1)
                f.if(same != 0) { f.add(count, 1) }
            }
            f.set(child.value, child.Sibling)
        }
        f.return(f.call(Rtl.appendNumberToString, path, count, 10, 4))
    }

    /// `IopDeviceKey(DeviceNode*, Handle*) -> status`: makes or opens the device's key below `Enum`.
    static let deviceKey: Routine = .init("IopDeviceKey", ["DeviceNode", "Handle"]) { f in
        let path = f.stringBuffer(300)
        f.call(Rtl.appendUnicodeToString, path, f.wide(enumPath))
        let status = f.call(
            Rtl.appendUnicodeStringToString, path, f.argument(0, DEVICE_NODE.self).address(of: \.InstancePath))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(createRegistryKeyEx, f.argument(1), 0, path, 0xF003F, 0, 0))
    }

    /// `IopRecordDevice(DeviceNode*, HardwareId*, ClassGuid*) -> status`: HardwareID, Service and ClassGUID in the device's key. What is known already stays, as set-up or an
    /// administrator may have changed it. A name without characters is not written.
    static let recordDevice: Routine = .init("IopRecordDevice", ["DeviceNode", "HardwareId", "ClassGuid"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        let key = f.local(0)
        let value = f.local(0)
        let status = f.local(f.call(deviceKey, node, f.address(of: key)))
        f.if(status.isError) { f.return(status) }
        for (name, text) in [
            ("HardwareID", f.argument(1)), ("Service", node.address(of: \.ServiceName)), ("ClassGUID", f.argument(2)),
        ] {
            f.if(text.as(UNICODE_STRING.self).Length != 0) {
                f.if(f.call(queryRegistryValue, key, f.unicode(name), f.address(of: value)).isSuccess) {
                    f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
                } else: {
                    f.set(status, f.call(setRegistryString, key, f.unicode(name), text))
                }
            }
        }
        f.call(Ob.zwClose, key)
        f.return(status)
    }
}
