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

    /// `IopInterfaceLinkName(String*, InstancePath*, Guid*)`: the link's name, which is also the key's, with other characters in front.
    static let interfaceLinkName: Routine = .init("IopInterfaceLinkName", ["String", "InstancePath", "Guid"]) { f in
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide(#"\??\"#))
        f.call(appendMunged, f.argument(0), f.argument(1))
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide("#"))
        f.call(Rtl.appendGuid, f.argument(0), f.argument(2))
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
        f.if(reference.isNotNull) {
            // The first backslash of a name is where its reference string begins.
            let index = f.local(0)
            f.while(index < reference.Length) {
                f.if((reference.Buffer + index).word() == 0x5C) { f.return(Status.invalidDeviceRequest) }
                f.add(index, 2)
            }
        }
        f.if(node.isNull) { f.return(Status.invalidDeviceRequest) }
        f.if(node.InstancePath.Length == 0) { f.return(Status.invalidDeviceRequest) }
        let instance = node.InstancePath
        let path = f.stringBuffer(300)
        let link = f.stringBuffer(200)
        let handle = f.local(0)
        let sub = f.local(0)
        f.call(interfaceLinkName, link, instance, f.argument(1))
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
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(setRegistryString, sub, f.unicode("SymbolicLink"), link))
        f.call(Ob.zwClose, sub)
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
        f.call(Rtl.appendGuid, f.argument(0), f.argument(1))
        f.return()
    }

    /// `IopInterfaceKeyPath(Path*, Guid*, SymbolicLinkName*)`: of the interface's key; a reference string is cut off.
    static let interfaceKeyPath: Routine = .init("IopInterfaceKeyPath", ["Path", "Guid", "SymbolicLinkName"]) { f in
        let name = f.structure(UNICODE_STRING.self)
        f.call(cutReference, f.argument(2), name)
        f.call(classKeyPath, f.argument(0), f.argument(1))
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide("\\##?#"))
        f.set(name.Buffer, name.Buffer + 8)
        f.set(name.Length, name.Length - 8)
        f.call(Rtl.appendUnicodeStringToString, f.argument(0), name)
        f.return()
    }

    /// `IopCutReference(SymbolicLinkName*, LinkName*)`: the name of the link itself, without the backslash and the reference string behind it; in the same characters.
    static let cutReference: Routine = .init("IopCutReference", ["SymbolicLinkName", "LinkName"]) { f in
        let whole = f.argument(0, UNICODE_STRING.self)
        let name = f.argument(1, UNICODE_STRING.self)
        // Behind the `\??\`, with which all begin.
        f.setString(name, whole.Buffer, 8)
        f.while(name.Length < whole.Length && (name.Buffer + name.Length).word() != 0x5C) { f.set(name.Length, name.Length + 2) }
        f.set(name.MaximumLength, name.Length)
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
        f.if(status.isError) { f.call(Ob.zwClose, f.argument(1).dword()) }
        f.return(status)
    }

    /// `IopGetDeviceObjectFromDeviceInstance(Text, Length) -> DEVICE_OBJECT* or NULL`: looks through the device tree.
    static let deviceOfInstance: Routine = .init("IopGetDeviceObjectFromDeviceInstance", ["Text", "Length"]) { f in
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
