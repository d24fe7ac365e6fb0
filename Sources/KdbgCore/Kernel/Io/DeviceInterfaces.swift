// SPDX-License-Identifier: GPL-3.0-or-later

/// deviface.c: device interfaces. A driver says that a device can be used in a certain way, which a GUID names; the interface is a key below
/// `Control\DeviceClasses` and, while it is enabled, a link below `\??` to the device.
extension Io {
    /// Where the classes' keys are; below a class's key one for each interface, `##?#<instance path>#{guid}`, with the value DeviceInstance, and below that one
    /// for each reference string, `#` and the string, with the value SymbolicLink and the volatile key Control.
    private static let deviceClasses = #"\Registry\Machine\System\CurrentControlSet\Control\DeviceClasses\"#

    /// GUID_DEVINTERFACE_DISK, {53f56307-b6bf-11d0-94f2-00a0c91efb8b}.
    package static let diskInterfaceGuid: Global = .init("DiskClassGuid", size: 16, section: .constants) {
        [.dword(0x53F5_6307), .dword(0x11D0_B6BF), .dword(0xA000_F294), .dword(0x8BFB_1EC9)]
    }

    /// `IopAppendGuid(String*, Guid*)`: `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}`.
    private static let appendGuid: Routine = .init("IopAppendGuid", ["String", "Guid"]) { f in
        let guid = f.argument(1)
        func number(_ value: Value, _ digits: Int) { f.call(Rtl.appendNumberToString, f.argument(0), value, 16, digits) }
        func text(_ string: String) { f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide(string)) }
        text("{")
        number(guid.dword(), 8)
        text("-")
        number(guid.word(4), 4)
        text("-")
        number(guid.word(6), 4)
        text("-")
        for index in 8..<16 as Range<Int32> {
            if index == 10 { text("-") }
            number(guid.byte(index), 2)
        }
        text("}")
        f.return()
    }

    /// `IopAppendMunged(String*, Text*)`: backslashes become `#`, as they must not stand in the name of a key or link.
    private static let appendMunged: Routine = .init("IopAppendMunged", ["String", "Text"]) { f in
        let string = f.argument(0, UNICODE_STRING.self)
        let start = f.local(string.Length)
        f.call(Rtl.appendUnicodeStringToString, string, f.argument(1))
        f.while(start < string.Length) {
            f.if((string.Buffer + start).word() == 0x5C) { f.set((string.Buffer + start).word(), 0x23) }
            f.add(start, 2)
        }
        f.return()
    }

    /// `IoRegisterDeviceInterface(PhysicalDeviceObject*, InterfaceClassGuid*, ReferenceString*, SymbolicLinkName*) -> status`: makes the keys; the
    /// name `\??\<instance path>#{guid}[\<reference>]` is a copy in paged pool that the caller frees. The interface is not enabled yet. 0xC0000010: the device has
    /// no instance path, or the reference string a backslash.
    package static let registerDeviceInterface: Routine = .init(
        "IoRegisterDeviceInterface", ["PhysicalDeviceObject", "InterfaceClassGuid", "ReferenceString", "SymbolicLinkName"]
    ) { f in
        let node = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceObjectExtension.DeviceNode)
        let reference = f.local(f.argument(2)).as(UNICODE_STRING.self)
        f.if(node.isNull) { f.return(Status.invalidDeviceRequest) }
        f.if(node.InstancePath.Length == 0) { f.return(Status.invalidDeviceRequest) }
        let instance = node.InstancePath
        let path = f.stringBuffer(300)
        let link = f.stringBuffer(200)
        let handle = f.local(0)
        let sub = f.local(0)
        // The link's name, which is also the key's, with other characters in front.
        f.call(Rtl.appendUnicodeToString, link, f.wide(#"\??\"#))
        f.call(appendMunged, link, instance)
        f.call(Rtl.appendUnicodeToString, link, f.wide("#"))
        f.call(appendGuid, link, f.argument(1))
        f.call(interfaceKeyPath, path, f.argument(1), link)
        let status = f.local(f.call(createRegistryKeyEx, f.address(of: handle), 0, path, 0xF003F, 0, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(setRegistryString, handle, f.unicode("DeviceInstance"), f.call(terminated, path, instance)))
        let key = f.stringBuffer(80)
        f.call(Rtl.appendUnicodeToString, key, f.wide("#"))
        f.if(reference.isNotNull) {
            f.if(reference.Length != 0) {
                f.call(Rtl.appendUnicodeStringToString, key, reference)
                f.call(Rtl.appendUnicodeToString, link, f.wide(#"\"#))
                f.call(Rtl.appendUnicodeStringToString, link, reference)
            }
        }
        f.if(status.isSuccess) { f.set(status, f.call(createRegistryKeyEx, f.address(of: sub), handle, key, 0xF003F, 0, 0)) }
        f.call(Ob.ntClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(setRegistryString, sub, f.unicode("SymbolicLink"), link))
        f.call(Ob.ntClose, sub)
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Rtl.duplicateUnicodeString, f.argument(3), link, Value.tag("Io  ")))
    }

    /// `IopTerminated(Buffer*, Text*) -> Buffer*`: a copy of the text with a zero behind it.
    private static let terminated: Routine = .init("IopTerminated", ["Buffer", "Text"]) { f in
        f.set(f.argument(0, UNICODE_STRING.self).Length, 0)
        f.call(Rtl.appendUnicodeStringToString, f.argument(0), f.argument(1))
        f.return(f.argument(0))
    }

    /// `IopClassKeyPath(Path*, Guid*)`.
    static let classKeyPath: Routine = .init("IopClassKeyPath", ["Path", "Guid"]) { f in
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide(deviceClasses))
        f.call(appendGuid, f.argument(0), f.argument(1))
        f.return()
    }

    /// `IopInterfaceKeyPath(Path*, Guid*, SymbolicLinkName*)`: of the interface's key; a reference string is cut off.
    private static let interfaceKeyPath: Routine = .init("IopInterfaceKeyPath", ["Path", "Guid", "SymbolicLinkName"]) { f in
        let link = f.argument(2, UNICODE_STRING.self)
        let name = f.structure(UNICODE_STRING.self)
        f.set(name.Buffer, link.Buffer + 8)
        f.set(name.Length, 0)
        f.while(name.Length + 8 < link.Length && (name.Buffer + name.Length).word() != 0x5C) { f.set(name.Length, name.Length + 2) }
        f.set(name.MaximumLength, name.Length)
        f.call(classKeyPath, f.argument(0), f.argument(1))
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide("\\##?#"))
        f.call(Rtl.appendUnicodeStringToString, f.argument(0), name)
        f.return()
    }

    /// `IopParseInterfaceGuid(SymbolicLinkName*, Guid*) -> BOOLEAN`: the GUID behind the last `#{` of a link's name.
    private static let parseInterfaceGuid: Routine = .init("IopParseInterfaceGuid", ["SymbolicLinkName", "Guid"]) { f in
        let link = f.argument(0, UNICODE_STRING.self)
        let place = f.local(8)
        f.while(place + 78 <= link.Length) {
            let text = f.local(link.Buffer + place)
            f.if(text.dword() == 0x007B_0023 && (text + 76).word() == 0x7D) {
                f.set(text, text + 4)
                // Digits of each byte, in the order of the bytes in memory.
                for (index, digit) in [6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34].enumerated() {
                    let high = f.call(hexDigit, (text + Value(2 * digit)).word())
                    let low = f.call(hexDigit, (text + Value(2 * digit + 2)).word())
                    f.set((f.argument(1) + Value(index)).byte(), (high << 4) | low)
                }
                f.return(1)
            }
            f.add(place, 2)
        }
        f.return(0)
    }

    private static let hexDigit: Routine = .init("IopHexDigit", ["Character"]) { f in
        f.if(f.argument(0) < 0x41) { f.return(f.argument(0) & 0xF) }
        f.return((f.argument(0) + 9) & 0xF)
    }

    /// `IopOpenInterfaceKeys(SymbolicLinkName*, InterfaceKey*, ReferenceKey*) -> status`.
    static let openInterfaceKeys: Routine = .init(
        "IopOpenInterfaceKeys", ["SymbolicLinkName", "InterfaceKey", "ReferenceKey"]
    ) { f in
        let link = f.argument(0, UNICODE_STRING.self)
        let guid = f.buffer(16)
        let path = f.stringBuffer(300)
        let reference = f.stringBuffer(80)
        f.if(f.call(parseInterfaceGuid, link, guid) == 0) { f.return(Status.invalidParameter) }
        f.call(interfaceKeyPath, path, guid, link)
        let status = f.local(f.call(openRegistryKeyEx, f.argument(1), 0, path, 0x2001F))
        f.if(status.isError) { f.return(Status.objectNameNotFound) }
        f.call(Rtl.appendUnicodeToString, reference, f.wide("#"))
        let place = f.local(8)
        f.while(place < link.Length && (link.Buffer + place).word() != 0x5C) { f.add(place, 2) }
        f.add(place, 2)
        f.while(place < link.Length && reference.Length + 2 <= reference.MaximumLength) {
            f.set((reference.Buffer + reference.Length).word(), (link.Buffer + place).word())
            f.set(reference.Length, reference.Length + 2)
            f.add(place, 2)
        }
        f.set(status, f.call(openRegistryKeyEx, f.argument(2), f.argument(1).dword(), reference, 0x2001F))
        f.if(status.isError) { f.call(Ob.ntClose, f.argument(1).dword()) }
        f.return(status)
    }

    /// `IoSetDeviceInterfaceState(SymbolicLinkName*, Enable) -> status`: makes the link to the device's name, or deletes it; the value Linked of the key Control
    /// says which. 0x40000000: it was enabled already; 0xC0000034: there is no such interface, or none is enabled.
    package static let setDeviceInterfaceState: Routine = .init(
        "IoSetDeviceInterfaceState", ["SymbolicLinkName", "Enable"]
    ) { f in
        let interface = f.local(0)
        let reference = f.local(0)
        let control = f.local(0)
        let value = f.local(0)
        let status = f.local(f.call(openInterfaceKeys, f.argument(0), f.address(of: interface), f.address(of: reference)))
        f.if(status.isError) { f.return(status) }
        let linked = f.local(f.argument(1) & 0xFF)
        f.set(status, f.call(queryRegistryValue, interface, f.unicode("DeviceInstance"), f.address(of: value)))
        f.if(status.isSuccess) {
            f.if(linked != 0) {
                let device = f.call(deviceOfInstance, value + value.dword(8), value.dword(0x0C) - 2)
                f.set(status, Status.invalidDeviceRequest)
                f.if(device != 0) { f.set(status, f.call(linkToDevice, f.argument(0), device)) }
            } else: {
                f.set(status, f.call(deleteSymbolicLink, f.argument(0)))
            }
            f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        }
        f.if(status.isSuccess) {
            // That it was enabled already is what the caller hears.
            let written = f.local(
                f.call(createRegistryKeyEx, f.address(of: control), reference, f.unicode("Control"), 0xF003F, 1, 0))
            f.if(written.isSuccess) {
                f.set(written, f.call(Cm.zwSetValueKey, control, f.unicode("Linked"), 0, 4, f.address(of: linked), 4))
                f.call(Ob.ntClose, control)
            }
            f.if(written.isError) { f.set(status, written) }
        }
        f.call(Ob.ntClose, reference)
        f.call(Ob.ntClose, interface)
        f.return(status)
    }

    /// `IopLinkToDevice(SymbolicLinkName*, DeviceObject*) -> status`: a link to the full name of the device.
    private static let linkToDevice: Routine = .init("IopLinkToDevice", ["SymbolicLinkName", "DeviceObject"]) { f in
        let target = f.buffer(256)
        let length = f.local(0)
        let status = f.local(f.call(Ob.queryNameString, f.argument(1), target, 256, f.address(of: length)))
        f.if(status.isError) { f.return(status) }
        f.if(target.word() == 0) { f.return(Status.invalidDeviceRequest) }
        f.set(status, f.call(createSymbolicLink, f.argument(0), target))
        f.if(status == Status.objectNameCollision) { f.set(status, Status.objectNameExists) }
        f.return(status)
    }

    /// `IopGetDeviceObjectFromDeviceInstance(Text, Length) -> DEVICE_OBJECT* or NULL`: looks through the device tree.
    private static let deviceOfInstance: Routine = .init("IopGetDeviceObjectFromDeviceInstance", ["Text", "Length"]) { f in
        let wanted = f.structure(UNICODE_STRING.self)
        f.set(wanted.Buffer, f.argument(0))
        f.set(wanted.Length, f.argument(1))
        f.set(wanted.MaximumLength, f.argument(1))
        f.if(rootDeviceNode.dword == 0) { f.return(0) }
        f.return(f.call(findInstance, rootDeviceNode.dword, wanted))
    }

    private static let findInstance: Routine = Routine("IopFindInstance", ["DeviceNode", "InstancePath"]) { f in
        let node = f.argument(0, DEVICE_NODE.self)
        f.if(f.call(Rtl.equalUnicodeString, node.address(of: \.InstancePath), f.argument(1), 1) != 0) {
            f.return(node.PhysicalDeviceObject)
        }
        let child = f.local(node.Child)
        f.while(child.isNotNull) {
            let found = f.call(findInstance, child, f.argument(1))
            f.if(found != 0) { f.return(found) }
            f.set(child, child.Sibling)
        }
        f.return(0)
    }
}
