// SPDX-License-Identifier: GPL-3.0-or-later

/// Groups and tags of services, as the registry has them (spec/boot.md sections 1.9.1, 7.1).
extension Io {
    /// `IopGetRegistryValue(KeyHandle, ValueName, Information**) -> status`: a KEY_VALUE_FULL_INFORMATION in paged pool, for the caller to free; the name is
    /// zero-terminated.
    package static let getRegistryValue: Routine = .init("IopGetRegistryValue", ["Handle", "ValueName", "Information"]) { f in
        let name = f.structure(UNICODE_STRING.self)
        let size = f.local(0)
        f.set(f.argument(2).dword(), 0)
        f.call(Rtl.initUnicodeString, name, f.argument(1))
        let status = f.local(f.call(Cm.zwQueryValueKey, f.argument(0), name, 1, 0, 0, f.address(of: size)))
        f.if(status != RegistryStatus.bufferOverflow && status != Status.bufferTooSmall) { f.return(status) }
        let block = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("Io  "))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.set(status, f.call(Cm.zwQueryValueKey, f.argument(0), name, 1, block, size, f.address(of: size)))
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, block, Value.tag("Io  "))
            f.return(status)
        }
        f.set(f.argument(2).dword(), block)
        f.return(status)
    }

    /// `IopGetRegistryNumber(KeyHandle, ValueName, Default) -> number`: of a REG_DWORD, or the default.
    package static let getRegistryNumber: Routine = .init("IopGetRegistryNumber", ["Handle", "ValueName", "Default"]) { f in
        let information = f.local(0)
        let number = f.local(f.argument(2))
        f.if(f.call(getRegistryValue, f.argument(0), f.argument(1), f.address(of: information)).isError) { f.return(number) }
        let value = information.as(KEY_VALUE_FULL_INFORMATION.self)
        f.if(value.Type == ValueType.number && value.DataLength == 4) { f.set(number, (information + value.DataOffset).dword()) }
        f.call(Ex.freePoolWithTag, information, Value.tag("Io  "))
        f.return(number)
    }

    /// `IopGetRegistryString(KeyHandle, ValueName, Buffer*, String*) -> status`: a REG_SZ or REG_EXPAND_SZ without its zeros. The string lies in the buffer, which the
    /// caller frees. 0xC0000024: another type.
    package static let getRegistryString: Routine = .init(
        "IopGetRegistryString", ["Handle", "ValueName", "Buffer", "String"]
    ) { f in
        let status = f.local(f.call(getRegistryValue, f.argument(0), f.argument(1), f.argument(2)))
        f.if(status.isError) { f.return(status) }
        let buffer = f.local(f.argument(2).dword())
        let value = buffer.as(KEY_VALUE_FULL_INFORMATION.self)
        f.if(value.Type != ValueType.string && value.Type != ValueType.expandableString) {
            f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
            f.set(f.argument(2).dword(), 0)
            f.return(Status.objectTypeMismatch)
        }
        let length = f.local(value.DataLength & ~Value(1))
        let text = f.local(buffer + value.DataOffset)
        f.while(length >= 2 && (text + length).word(-2) == 0) { f.add(length, 0xFFFF_FFFE as UInt32) }
        f.setString(f.argument(3, UNICODE_STRING.self), text, length)
        f.return(Status.success)
    }

    /// The value `List` of `Control\ServiceGroupOrder`, kept from the first use on: a KEY_VALUE_FULL_INFORMATION, and how many groups it names.
    private static let groupTable: Global = .init("PiInitGroupOrderTable")
    private static let groupCount: Global = .init("PiInitGroupOrderTableCount")

    /// `PiInitCacheGroupInformation() -> status`.
    static let cacheGroupInformation: Routine = .init("PiInitCacheGroupInformation", section: .initialization) { f in
        let handle = f.local(0)
        let status = f.local(
            f.call(
                Cm.openKeyByName, f.address(of: handle), 0,
                f.unicode(#"\Registry\Machine\System\CurrentControlSet\Control\ServiceGroupOrder"#)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(getRegistryValue, handle, f.wide("List"), groupTable))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(status) }
        let information = groupTable.dword.as(KEY_VALUE_FULL_INFORMATION.self)
        f.if(information.Type != ValueType.strings) { f.return(Status.objectTypeMismatch) }
        let character = f.local(information.value + information.DataOffset)
        let end = f.local(character + information.DataLength)
        f.while(character + 2 <= end && character.word() != 0) {
            f.while(character + 2 <= end && character.word() != 0) { f.add(character, 2) }
            f.add(character, 2)
            f.add(groupCount.dword, 1)
        }
        f.return(Status.success)
    }

    /// `PpInitGetGroupOrderIndex(ServiceHandle) -> index`: the place of the service's group in the list, the number of groups when it has none that is listed;
    /// without a handle the number of groups and one.
    static let getGroupOrderIndex: Routine = .init("PpInitGetGroupOrderIndex", ["ServiceHandle"], section: .initialization) { f in
        f.if(f.argument(0) == 0) { f.return(groupCount.dword + 1) }
        f.if(groupTable.dword == 0) { f.return(groupCount.dword) }
        let buffer = f.local(0)
        let group = f.structure(UNICODE_STRING.self)
        let status = f.call(getRegistryString, f.argument(0), f.wide("Group"), f.address(of: buffer), group)
        f.if(status.isError) { f.return(groupCount.dword) }
        let information = groupTable.dword.as(KEY_VALUE_FULL_INFORMATION.self)
        let name = f.structure(UNICODE_STRING.self)
        let text = f.local(information.value + information.DataOffset)
        let index = f.local(0)
        f.while(index < groupCount.dword) {
            f.call(Rtl.initUnicodeString, name, text)
            f.if(f.call(Rtl.equalUnicodeString, name, group, 1) != 0) { f.break() }
            f.set(text, text + name.Length + 2)
            f.add(index, 1)
        }
        f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        f.return(index)
    }

    /// `PipGetDriverTagPriority(ServiceHandle) -> position`: where the service's tag stands in the list of its group; 0xFFFF when it cannot be told. ReactOS
    /// looks for the list in `ServiceGroupOrder`, where there is none, so it never can (spec/boot.md section 1.9.1 #4).
    static let getDriverTagPriority: Routine = .init("PipGetDriverTagPriority", ["ServiceHandle"], section: .initialization) { f in
        let position = f.local(0xFFFF)
        let buffer = f.local(0)
        let list = f.local(0)
        let handle = f.local(0)
        let group = f.structure(UNICODE_STRING.self)
        let name = f.stringBuffer(64)
        let status = f.local(f.call(getRegistryString, f.argument(0), f.wide("Group"), f.address(of: buffer), group))
        f.if(status.isError) { f.return(0xFFFF) }
        f.set(status, f.call(Rtl.appendUnicodeStringToString, name, group))
        f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        f.if(status.isError || name.Length >= 126) { f.return(0xFFFF) }
        let tag = f.local(f.call(getRegistryNumber, f.argument(0), f.wide("Tag"), 0xFFFF_FFFF as Value))
        f.set(
            status,
            f.call(
                Cm.openKeyByName, f.address(of: handle), 0,
                f.unicode(#"\Registry\Machine\System\CurrentControlSet\Control\ServiceGroupOrder"#)))
        f.if(status.isError) { f.return(0xFFFF) }
        f.set(status, f.call(getRegistryValue, handle, name.Buffer, f.address(of: list)))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(0xFFFF) }
        let value = list.as(KEY_VALUE_FULL_INFORMATION.self)
        let index = f.local(0)
        f.if(value.DataLength >= 4) {
            f.while(index < (list + value.DataOffset).dword() && (index << 2) + 8 <= value.DataLength) {
                f.add(index, 1)
                f.if((list + value.DataOffset + (index << 2)).dword() == tag) {
                    f.set(position, index)
                    f.break()
                }
            }
        }
        f.call(Ex.freePoolWithTag, list, Value.tag("Io  "))
        f.return(position)
    }
}
