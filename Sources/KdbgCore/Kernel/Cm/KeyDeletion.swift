// SPDX-License-Identifier: GPL-3.0-or-later

/// Taking keys away again.
extension Cm {
    /// `NtDeleteKey(KeyHandle) -> status`: user mode needs DELETE. The key is gone at once; handles to it stay, and answer 0xC000017C. 0xC0000121: it has subkeys, or must not be deleted.
    package static let ntDeleteKey: Routine = .init("NtDeleteKey", ["KeyHandle"]) { f in
        f.pagedCode()
        let object = f.local(0)
        let status = f.local(f.call(referenceKey, f.argument(0), 0x1_0000, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.call(lockRegistry)
        f.set(status, f.call(deleteKey, object.as(CM_KEY_BODY.self).KeyControlBlock))
        f.call(unlockRegistry)
        f.call(Ob.dereferenceObject, object)
        f.return(status)
    }

    /// `ZwDeleteKey(KeyHandle) -> status`.
    package static let zwDeleteKey = Ke.kernelService(ntDeleteKey)

    /// `CmpDeleteKey(Kcb*) -> status`.
    private static let deleteKey: Routine = .init("CmpDeleteKey", ["Kcb"]) { f in
        let block = f.argument(0, CM_KEY_CONTROL_BLOCK.self)
        f.if(block.KeyCell == noCell) { f.return(RegistryStatus.keyDeleted) }
        let hive = f.local(block.KeyHive)
        let node = f.local(f.call(getCell, hive, block.KeyCell)).as(CM_KEY_NODE.self)
        f.if((node.Flags & Value(KeyFlag.noDelete | KeyFlag.hiveEntry)) != 0) { f.return(RegistryStatus.cannotDelete) }
        f.if(node.SubKeyCounts.dword() != 0 || node.SubKeyCounts.dword(4) != 0) { f.return(RegistryStatus.cannotDelete) }
        f.if(f.call(removeSubKey, hive, node.Parent, block.KeyCell) == 0) { f.return(RegistryStatus.registryCorrupt) }
        f.if(node.ValueCount != 0) {
            let list = f.local(f.call(getCell, hive, node.ValueList))
            let index = f.local(0)
            f.while(index < node.ValueCount) {
                let cell = f.local((list + (index << 2)).dword())
                let value = f.local(f.call(getCell, hive, cell)).as(CM_KEY_VALUE.self)
                f.if(value.DataLength.isSuccess && value.DataLength != 0) { f.call(freeCell, hive, value.Data) }
                f.call(freeCell, hive, cell)
                f.add(index, 1)
            }
            f.call(freeCell, hive, node.ValueList)
        }
        f.call(freeCell, hive, block.KeyCell)
        f.set(block.KeyCell, noCell)
        // Delete.
        f.set(block.ExtFlags, block.ExtFlags | 0x200)
        f.if(block.ParentKcb.isNotNull) { f.set(block.ParentKcb.SubKeyCount, block.ParentKcb.SubKeyCount - 1) }
        f.return(Status.success)
    }

    /// `CmpRemoveSubKey(Hive*, ParentCell, ChildCell) -> BOOLEAN`: out of the parent's list, which goes with its last entry. FALSE: it is in no list that could be
    /// changed.
    private static let removeSubKey: Routine = .init("CmpRemoveSubKey", ["Hive", "ParentKey", "TargetKey"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let parent = f.local(f.call(getCell, hive, f.argument(1))).as(CM_KEY_NODE.self)
        f.if(parent.isNull) { f.return(0) }
        let storage = f.local((f.argument(2) >> 31) << 2)
        let list = f.local(f.call(getCell, hive, (parent.SubKeyLists + storage).dword()))
        f.if(list == 0) { f.return(0) }
        f.if(list.word() != 0x686C && list.word() != 0x666C) { f.return(0) }
        let count = f.local(f.call(boundCount, list, list.word(2), 4, 3))
        let entry = f.local(list + 4)
        let end = f.local(entry + (count << 3))
        f.while(entry < end && entry.dword() != f.argument(2)) { f.add(entry, 8) }
        f.if(entry == end) { f.return(0) }
        f.copy(to: entry, from: entry + 8, end - entry - 8)
        f.set(list.word(2), count - 1)
        f.set((parent.SubKeyCounts + storage).dword(), count - 1)
        f.if(count == 1) {
            f.call(freeCell, hive, (parent.SubKeyLists + storage).dword())
            f.set((parent.SubKeyLists + storage).dword(), noCell)
        }
        f.return(1)
    }
}
