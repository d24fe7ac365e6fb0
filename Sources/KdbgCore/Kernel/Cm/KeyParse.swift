// SPDX-License-Identifier: GPL-3.0-or-later

/// From names to keys: the object manager hands over what is left of a name at the first Key object, `\REGISTRY`.
extension Cm {
    /// `CmpParseKey(…) -> status`, the Key type's parse procedure. 0xC0000034: a key on the way, or the last one, is missing. A link to a key replaces the
    /// name so far and sends the object manager back to the root. With a parse context a missing last key is made.
    static let parseKey: Routine = .init("CmpParseKey", Ob.parseParameters) { f in
        f.call(lockRegistry)
        let status = f.call(
            parseLocked, f.argument(0), f.argument(1), f.argument(4), f.argument(5), f.argument(6), f.argument(7), f.argument(9))
        f.call(unlockRegistry)
        f.return(status)
    }

    private static let parseLocked: Routine = .init(
        "CmpDoParseKey", ["ParseObject", "ObjectType", "Attributes", "CompleteName", "RemainingName", "Context", "Object"]
    ) { f in
        let context = f.argument(5, CM_PARSE_CONTEXT.self)
        f.set(f.argument(6).dword(), 0)
        f.if(f.argument(1) != keyObjectType.dword) { f.return(Status.objectTypeMismatch) }
        let block = f.local(f.argument(0, CM_KEY_BODY.self).KeyControlBlock)
        f.set(block.RefCount, block.RefCount + 1)
        let rest = f.structure(UNICODE_STRING.self)
        let name = f.structure(UNICODE_STRING.self)
        f.copy(to: rest, from: f.argument(4), UNICODE_STRING.size)
        let status = f.local(Status.success)
        f.while(rest.Length != 0 && status == 0) {
            f.call(Ob.splitName, rest, name)
            f.if(rest.Length == 2) { f.set(rest.Length, 0) }
            f.if(name.Length == 0) {
                f.if(rest.Length == 0) { f.break() }
                f.set(status, Status.objectNameInvalid)
                f.break()
            }
            f.set(status, f.call(stepDown, f.address(of: block.value), name, rest.Length == 0, context))
            f.if(status.isError) { f.break() }
            f.if((block.Flags & Value(KeyFlag.symbolicLink)) != 0) {
                f.if(rest.Length != 0 || (f.argument(2) & Value(ObjectAttribute.openLink)) == 0) {
                    f.set(status, f.call(followLink, block, f.argument(3), rest))
                }
            }
        }
        f.if(status == 0) { f.set(status, f.call(createKeyBody, block, f.argument(6))) }
        f.call(dereferenceKeyControlBlock, block)
        f.return(status)
    }

    /// `CmpStepDown(Kcb**, Name*, IsLast, ParseContext*) -> status`: from a key to its subkey; the reference moves along.
    private static let stepDown: Routine = .init("CmpStepDown", ["Kcb", "Name", "IsLast", "ParseContext"]) { f in
        let block = f.local(Pointer<CM_KEY_CONTROL_BLOCK>(f.argument(0).dword()))
        let context = f.argument(3, CM_PARSE_CONTEXT.self)
        let hive = f.local(block.KeyHive)
        let node = f.local(f.call(getCell, hive, block.KeyCell)).as(CM_KEY_NODE.self)
        f.if(node.isNull) { f.return(RegistryStatus.keyDeleted) }
        let cell = f.local(f.call(findSubKeyByName, hive, node, f.argument(1)))
        f.if(cell == noCell) {
            f.if(context.isNull || f.argument(2) == 0) { f.return(Status.objectNameNotFound) }
            let status = f.call(createChild, hive, block.KeyCell, f.argument(1), context, f.address(of: cell))
            f.if(status.isError) { f.return(status) }
            f.set(block.SubKeyCount, block.SubKeyCount + 1)
            f.set(context.Disposition, 1)
        } else: {
            f.if(f.argument(2) != 0 && context.isNotNull) {
                f.set(context.Disposition, 2)
                f.if(context.CreateLink != 0) { f.return(Status.objectNameCollision) }
            }
        }
        f.set(node.value, f.call(getCell, hive, cell))
        f.if(node.isNull) { f.return(RegistryStatus.registryCorrupt) }
        f.if((node.Flags & Value(KeyFlag.hiveExit)) != 0) {
            f.set(cell, node.ChildHiveCell)
            f.set(hive.value, node.ChildHive)
        }
        let child = f.call(createKeyControlBlock, hive, cell, block, f.argument(1))
        f.if(child == 0) { f.return(Status.insufficientResources) }
        f.call(dereferenceKeyControlBlock, block)
        f.set(f.argument(0).dword(), child)
        f.return(Status.success)
    }

    /// `CmpGetSymbolicLink(Kcb*, ObjectName*, RemainingName*) -> status`: 0x104 when the name is now the value SymbolicLinkValue and the rest.
    private static let followLink: Routine = .init("CmpGetSymbolicLink", ["Kcb", "ObjectName", "RemainingName"]) { f in
        let block = f.argument(0, CM_KEY_CONTROL_BLOCK.self)
        let name = f.argument(1, UNICODE_STRING.self)
        let rest = f.argument(2, UNICODE_STRING.self)
        let length = f.local(0)
        let target = f.call(
            findValueData, block.KeyHive, block.KeyCell, f.wide("SymbolicLinkValue"), ValueType.link, f.address(of: length))
        f.if(target == 0) { f.return(Status.objectNameNotFound) }
        let total = f.local(length + rest.Length)
        f.if(total > 0xFFFC) { f.return(Status.nameTooLong) }
        let buffer = f.call(Ex.allocatePoolWithTag, 1, total + 2, Value.tag("ObNm"))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        f.copy(to: buffer, from: target, length)
        f.copy(to: buffer + length, from: rest.Buffer, rest.Length)
        f.set((buffer + total).word(), 0)
        f.call(Ex.freePoolWithTag, name.Buffer, Value.tag("ObNm"))
        f.set(name.Buffer, buffer)
        f.set(name.Length, total)
        f.set(name.MaximumLength, total + 2)
        f.return(Status.reparse)
    }
}

/// Types of values.
enum ValueType {
    static let string: Value = 1
    static let expandableString: Value = 2
    static let binary: Value = 3
    static let number: Value = 4
    static let link: Value = 6
    static let strings: Value = 7
    static let resourceList: Value = 8
    static let fullResourceDescriptor: Value = 9
}
