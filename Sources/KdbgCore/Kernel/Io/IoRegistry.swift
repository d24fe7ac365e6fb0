// SPDX-License-Identifier: GPL-3.0-or-later

/// Registry keys as the I/O manager opens and makes them.
extension Io {
    /// `IopOpenRegistryKeyEx(Handle*, ParentKey, Name*, DesiredAccess) -> status`.
    static let openRegistryKeyEx: Routine = .init("IopOpenRegistryKeyEx", ["KeyHandle", "ParentKey", "Name", "DesiredAccess"]) { f in
        let attributes = f.objectAttributes(
            f.argument(2), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle, root: f.argument(1))
        f.return(f.call(Cm.zwOpenKey, f.argument(0), f.argument(3), attributes))
    }

    /// `IopCreateRegistryKeyEx(Handle*, ParentKey, Name*, DesiredAccess, CreateOptions, Disposition*) -> status`: makes the keys on the way as well. Options: 1
    /// volatile. The name is relative to the parent, or absolute when there is none; then its first four components must exist.
    static let createRegistryKeyEx: Routine = .init(
        "IopCreateRegistryKeyEx", ["Handle", "RootHandle", "KeyName", "DesiredAccess", "CreateOptions", "Disposition"]
    ) { f in
        let name = f.argument(2, UNICODE_STRING.self)
        let part = f.structure(UNICODE_STRING.self)
        let attributes = f.objectAttributes(
            part, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle, root: f.argument(1))
        let disposition = f.local(0)
        let status = f.local(Status.success)
        let end = f.local(0)
        let components = f.local(0)
        f.set(part.Buffer, name.Buffer)
        f.loop {
            f.add(end, 2)
            f.while(end < name.Length && (name.Buffer + end).word() != 0x5C) { f.add(end, 2) }
            f.add(components, 1)
            f.set(part.Length, end)
            f.set(part.MaximumLength, end)
            let isLast = f.local(end >= name.Length)
            f.if(isLast != 0 || f.argument(1) != 0 || components > 4) {
                f.set(
                    status,
                    f.call(
                        Cm.zwCreateKey, f.argument(0), f.argument(3), attributes, 0, 0, f.argument(4), f.address(of: disposition)))
                f.if(isLast != 0) { f.break() }
                f.if(status.isError) { f.break() }
                f.call(Ob.zwClose, f.argument(0).dword())
            }
        }
        f.if(f.argument(5) != 0) { f.set(f.argument(5).dword(), disposition) }
        f.return(status)
    }

    /// `IopSetRegistryString(Handle, ValueName*, Text*) -> status`: REG_SZ, with its final zero; the text's buffer must have one.
    static let setRegistryString: Routine = .init("IopSetRegistryString", ["Handle", "ValueName", "Text"]) { f in
        let text = f.argument(2, UNICODE_STRING.self)
        f.return(f.call(Cm.zwSetValueKey, f.argument(0), f.argument(1), 0, 1, text.Buffer, text.Length + 2))
    }

    /// `IopQueryRegistryValue(Handle, ValueName*, Information**) -> status`: KEY_VALUE_FULL_INFORMATION in paged pool, which the caller frees: 04 type, 08
    /// offset of the data, 0C their length.
    static let queryRegistryValue: Routine = .init("IopQueryRegistryValue", ["Handle", "ValueName", "Information"]) { f in
        let length = f.local(0)
        f.set(f.argument(2).dword(), 0)
        let status = f.local(f.call(Cm.zwQueryValueKey, f.argument(0), f.argument(1), 1, 0, 0, f.address(of: length)))
        f.if(status != Status.bufferTooSmall && status != 0x8000_0005) {
            f.if(status.isSuccess) { f.set(status, Status.objectNameNotFound) }
            f.return(status)
        }
        let block = f.call(Ex.allocatePoolWithTag, 1, length, Value.tag("Io  "))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.set(status, f.call(Cm.zwQueryValueKey, f.argument(0), f.argument(1), 1, block, length, f.address(of: length)))
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, block, Value.tag("Io  "))
            f.return(status)
        }
        f.set(f.argument(2).dword(), block)
        f.return(status)
    }
}
