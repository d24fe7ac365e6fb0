// SPDX-License-Identifier: GPL-3.0-or-later

/// Making keys and setting values in a hive in memory. Nothing of it is written to a file.
extension Cm {
    /// `CmpDoCreateChild(Hive*, ParentCell, Name*, ParseContext*, Cell*) -> status`: a subkey, volatile when the options say so, or a link to another hive.
    /// 0xC0000181: a stable key below a volatile one.
    static let createChild: Routine = .init("CmpDoCreateChild", ["Hive", "ParentCell", "Name", "ParseContext", "KeyCell"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let name = f.argument(2, UNICODE_STRING.self)
        let context = f.argument(3, CM_PARSE_CONTEXT.self)
        let storage = f.local(context.CreateOptions & 1)
        f.if(context.CreateLink != 0) { f.set(storage, f.argument(1) >> 31) }
        f.if(storage < f.argument(1) >> 31) { f.return(RegistryStatus.childMustBeVolatile) }
        f.if(name.Length > longestName) { f.return(Status.invalidParameter) }
        let cell = f.local(f.call(allocateCell, hive, name.Length + Value(CM_KEY_NODE.layout.Name.offset), storage))
        f.if(cell == noCell) { f.return(Status.insufficientResources) }
        let node = f.local(f.call(getCell, hive, cell)).as(CM_KEY_NODE.self)
        f.call(initializeKeyNode, node, f.argument(1), name)
        f.if(storage != 0) { f.set(node.Flags, node.Flags | Value(KeyFlag.isVolatile)) }
        f.if((context.CreateOptions & 2) != 0) { f.set(node.Flags, node.Flags | Value(KeyFlag.symbolicLink)) }
        f.if(context.CreateLink != 0) {
            f.set(node.Flags, node.Flags | Value(KeyFlag.hiveExit | KeyFlag.noDelete))
            f.set(node.ChildHiveCell, context.ChildHiveCell)
            f.set(node.address(of: \.ChildHive).dword(), context.ChildHive)
            let root = f.call(getCell, context.ChildHive, context.ChildHiveCell).as(CM_KEY_NODE.self)
            f.set(root.Flags, root.Flags | Value(KeyFlag.hiveEntry | KeyFlag.noDelete))
            f.set(root.Parent, cell)
        }
        let added = f.call(addSubKey, hive, f.argument(1), cell, name, storage)
        f.if(added == 0) {
            f.call(freeCell, hive, cell)
            f.return(Status.insufficientResources)
        }
        f.set(f.argument(4).dword(), cell)
        f.return(Status.success)
    }

    /// `CmpInitializeKeyNode(Node*, ParentCell, Name*)`: without subkeys and values; written now.
    static let initializeKeyNode: Routine = .init("CmpInitializeKeyNode", ["Node", "ParentCell", "Name"]) { f in
        let node = f.argument(0, CM_KEY_NODE.self)
        let name = f.argument(2, UNICODE_STRING.self)
        f.set(node.Signature, 0x6B6E)
        f.if(f.call(isCompressible, name) != 0) {
            f.set(node.Flags, KeyFlag.compressedName)
        } else: {
            f.set(node.Flags, 0)
        }
        f.copy(to: node.address(of: \.LastWriteTime), from: Ke.sharedUserData.address(of: \.SystemTime), 8)
        f.set(node.Parent, f.argument(1))
        for list in [node.SubKeyLists.dword(), node.SubKeyLists.dword(4), node.ValueList, node.Security, node.Class] { f.set(list, noCell) }
        f.set(node.NameLength, f.call(storeName, node.Name, name))
        f.return()
    }

    /// Bytes: 255 characters.
    private static var longestName: Value { 510 }

    /// `CmpIsCompressible(Name*) -> BOOLEAN`: every character is below U+0100, so that a byte each will do.
    private static let isCompressible: Routine = .init("CmpIsCompressible", ["Name"]) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let index = f.local(0)
        f.while(index < name.Length) {
            f.if((name.Buffer + index).word() > 0xFF) { f.return(0) }
            f.add(index, 2)
        }
        f.return(1)
    }

    /// `CmpStoreName(Target, Name*) -> bytes`: as the hive keeps it, a byte or two for a character.
    private static let storeName: Routine = .init("CmpStoreName", ["Target", "Name"]) { f in
        let name = f.argument(1, UNICODE_STRING.self)
        f.if(f.call(isCompressible, name) == 0) {
            f.copy(to: f.argument(0), from: name.Buffer, name.Length)
            f.return(name.Length)
        }
        let index = f.local(0)
        f.while(index < name.Length >> 1) {
            f.set((f.argument(0) + index).byte(), (name.Buffer + (index << 1)).byte())
            f.add(index, 1)
        }
        f.return(index)
    }

    /// `CmpAddSubKey(Hive*, ParentCell, ChildCell, Name*, Storage) -> BOOLEAN`: a new list with the child in its place, in the order of names.
    private static let addSubKey: Routine = .init("CmpAddSubKey", ["Hive", "Parent", "Child", "Name", "Storage"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let name = f.argument(3, UNICODE_STRING.self)
        let parent = f.local(f.call(getCell, hive, f.argument(1))).as(CM_KEY_NODE.self)
        let count = f.local((parent.SubKeyCounts + (f.argument(4) << 2)).dword())
        let old = f.local((parent.SubKeyLists + (f.argument(4) << 2)).dword())
        let new = f.local(f.call(allocateCell, hive, (count << 3) + 12, f.argument(4)))
        f.if(new == noCell) { f.return(0) }
        let list = f.local(f.call(getCell, hive, new))
        f.set(list.word(), 0x686C)
        f.set(list.word(2), count + 1)
        let position = f.local(0)
        f.while(position < count) {
            let cell = f.local(f.call(cellByNumber, hive, old, position))
            let node = f.local(f.call(getCell, hive, cell)).as(CM_KEY_NODE.self)
            f.if(f.call(compareNames, name, node.Name, node.NameLength, node.Flags & Value(KeyFlag.compressedName)).isError) { f.break() }
            f.call(copyListEntry, list, position, cell, node)
            f.add(position, 1)
        }
        f.set((list + 4 + (position << 3)).dword(), f.argument(2))
        f.set((list + 8 + (position << 3)).dword(), f.call(hashName, 0, name))
        f.while(position < count) {
            let cell = f.local(f.call(cellByNumber, hive, old, position))
            f.add(position, 1)
            f.call(copyListEntry, list, position, cell, f.call(getCell, hive, cell))
        }
        f.call(freeCell, hive, old)
        f.set((parent.SubKeyLists + (f.argument(4) << 2)).dword(), new)
        f.set((parent.SubKeyCounts + (f.argument(4) << 2)).dword(), count + 1)
        f.if(name.Length > parent.MaxNameLen) { f.set(parent.MaxNameLen, name.Length) }
        f.return(1)
    }

    /// `CmpSetListEntry(List*, Position, Cell, Node*)`: the cell and the hash of its key's name.
    private static let copyListEntry: Routine = .init("CmpSetListEntry", ["List", "Position", "Cell", "Node"]) { f in
        let node = f.argument(3, CM_KEY_NODE.self)
        let entry = f.local(f.argument(0) + 4 + (f.argument(1) << 3))
        let hash = f.local(0)
        let index = f.local(0)
        f.while(index < node.NameLength) {
            let character = f.local((node.Name + index).byte())
            f.add(index, 1)
            f.if((node.Flags & Value(KeyFlag.compressedName)) == 0) {
                f.set(character, (node.Name + index - 1).word())
                f.add(index, 1)
            }
            f.set(hash, hash * 37 + f.call(Rtl.upcaseUnicodeChar, character))
        }
        f.set(entry.dword(), f.argument(2))
        f.set(entry.dword(4), hash)
        f.return()
    }

    /// `CmpSetValue(Hive*, KeyCell, Name*, Type, Data, Length) -> status`: a new value, or a new content of one that is there.
    static let setValue: Routine = .init("CmpSetValue", ["Hive", "KeyCell", "ValueName", "Type", "Data", "DataSize"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let name = f.argument(2, UNICODE_STRING.self)
        let length = f.argument(5)
        let storage = f.local(f.argument(1) >> 31)
        let node = f.local(f.call(getCell, hive, f.argument(1))).as(CM_KEY_NODE.self)
        let data = f.local(noCell)
        f.if(length > 4) {
            f.set(data, f.call(allocateCell, hive, length, storage))
            f.if(data == noCell) { f.return(Status.insufficientResources) }
            f.copy(to: f.call(getCell, hive, data), from: f.argument(4), length)
        }
        let cell = f.local(f.call(findValueByName, hive, node, name))
        f.if(cell == noCell) {
            f.set(cell, f.call(addValue, hive, f.argument(1), name))
            f.if(cell == noCell) {
                f.call(freeCell, hive, data)
                f.return(Status.insufficientResources)
            }
        } else: {
            let old = f.call(getCell, hive, cell).as(CM_KEY_VALUE.self)
            f.if(old.DataLength.isSuccess && old.DataLength != 0) { f.call(freeCell, hive, old.Data) }
        }
        let value = f.local(f.call(getCell, hive, cell)).as(CM_KEY_VALUE.self)
        f.set(value.Type, f.argument(3))
        f.set(value.DataLength, length)
        f.set(value.Data, data)
        f.if(length <= 4) {
            f.set(value.DataLength, length | 0x8000_0000)
            f.set(value.Data, 0)
            f.copy(to: value.address(of: \.Data), from: f.argument(4), length)
        }
        f.set(node.value, f.call(getCell, hive, f.argument(1)))
        f.if(length > node.MaxValueDataLen) { f.set(node.MaxValueDataLen, length) }
        f.copy(to: node.address(of: \.LastWriteTime), from: Ke.sharedUserData.address(of: \.SystemTime), 8)
        f.return(Status.success)
    }

    /// `CmpAddValue(Hive*, KeyCell, Name*) -> cell or -1`: an empty value at the end of the key's list.
    private static let addValue: Routine = .init("CmpAddValue", ["Hive", "KeyCell", "ValueName"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let name = f.argument(2, UNICODE_STRING.self)
        let storage = f.local(f.argument(1) >> 31)
        let node = f.local(f.call(getCell, hive, f.argument(1))).as(CM_KEY_NODE.self)
        let cell = f.local(f.call(allocateCell, hive, name.Length + 0x14, storage))
        f.if(cell == noCell) { f.return(noCell) }
        let list = f.local(f.call(allocateCell, hive, (node.ValueCount + 1) << 2, storage))
        f.if(list == noCell) {
            f.call(freeCell, hive, cell)
            f.return(noCell)
        }
        let value = f.local(f.call(getCell, hive, cell)).as(CM_KEY_VALUE.self)
        f.set(value.Signature, 0x6B76)
        f.set(value.NameLength, f.call(storeName, value.Name, name))
        f.set(value.Flags, 0)
        f.if(name.Length != 0) { f.set(value.Flags, f.call(isCompressible, name)) }
        f.set(value.DataLength, 0x8000_0000 as Value)
        let cells = f.local(f.call(getCell, hive, list))
        f.if(node.ValueCount != 0) {
            f.copy(to: cells, from: f.call(getCell, hive, node.ValueList), node.ValueCount << 2)
            f.call(freeCell, hive, node.ValueList)
        }
        f.set((cells + (node.ValueCount << 2)).dword(), cell)
        f.set(node.ValueList, list)
        f.set(node.ValueCount, node.ValueCount + 1)
        f.if(name.Length > node.MaxValueNameLen) { f.set(node.MaxValueNameLen, name.Length) }
        f.return(cell)
    }
}
