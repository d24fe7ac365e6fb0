// SPDX-License-Identifier: GPL-3.0-or-later

/// Key control blocks: one for each key that somebody has open, and for each key above it. Guarded by `CmpRegistryLock`.
extension Cm {
    private static let buckets: UInt32 = 512
    /// `CmpCacheTable`: chains of control blocks by the hash of their path; entries are addresses of their `ConvKey`.
    static let cacheTable: Global = .init("CmpCacheTable", size: 4 * buckets)
    /// `CmpRegistryLock`: an event that is signalled while nobody is in the registry.
    static let registryLock: GlobalStructure<KEVENT> = .init("CmpRegistryLock")

    /// `CmpLockRegistry()`.
    static let lockRegistry: Routine = .init("CmpLockRegistry") { f in
        f.call(Ke.waitForSingleObject, registryLock, 0, 0, 0, 0)
        f.return()
    }

    /// `CmpUnlockRegistry()`.
    static let unlockRegistry: Routine = .init("CmpUnlockRegistry") { f in
        f.call(Ke.setEvent, registryLock, 0, 0)
        f.return()
    }

    private static func bucket(_ hash: Value) -> Value { cacheTable.value + ((hash % Value(buckets)) << 2) }

    /// `CmpCreateKeyControlBlock(Hive*, Cell, Parent*, Name*) -> CM_KEY_CONTROL_BLOCK*, referenced, or NULL`. Its parent gets a reference when it is new.
    static let createKeyControlBlock: Routine = .init("CmpCreateKeyControlBlock", ["Hive", "Index", "Parent", "KeyName"]) { f in
        let parent = f.argument(2, CM_KEY_CONTROL_BLOCK.self)
        let hash = f.local(0)
        f.if(parent.isNotNull) { f.set(hash, parent.ConvKey) }
        f.set(hash, f.call(hashName, hash, f.argument(3)))
        let link = f.local(bucket(hash).dword())
        f.while(link != 0) {
            let block = f.local(Pointer<CM_KEY_CONTROL_BLOCK>.containing(link, as: \.ConvKey))
            f.if(block.ConvKey == hash && block.KeyHive.value == f.argument(0) && block.KeyCell == f.argument(1)) {
                f.set(block.RefCount, block.RefCount + 1)
                f.return(block)
            }
            f.set(link, block.NextHash)
        }
        let node = f.local(f.call(getCell, f.argument(0), f.argument(1))).as(CM_KEY_NODE.self)
        f.if(node.isNull) { f.return(0) }
        let memory = f.call(Ex.allocatePoolWithTag, 1, CM_KEY_CONTROL_BLOCK.size, Value.tag("CmKb"))
        f.if(memory == 0) { f.return(0) }
        let block = f.local(memory.as(CM_KEY_CONTROL_BLOCK.self))
        f.zero(block, CM_KEY_CONTROL_BLOCK.size)
        let name = f.call(createNameBlock, node, hash)
        f.if(name == 0) {
            f.call(Ex.freePoolWithTag, block, Value.tag("CmKb"))
            f.return(0)
        }
        f.set(block.address(of: \.NameBlock).dword(), name)
        f.set(block.RefCount, 1)
        f.set(block.ConvKey, hash)
        f.set(block.address(of: \.KeyHive).dword(), f.argument(0))
        f.set(block.KeyCell, f.argument(1))
        f.set(block.address(of: \.ParentKcb).dword(), parent)
        f.initializeListHead(block.address(of: \.KeyBodyListHead))
        f.copy(to: block.address(of: \.KcbLastWriteTime), from: node.address(of: \.LastWriteTime), 8)
        f.set(block.SubKeyCount, node.SubKeyCounts.dword() + node.SubKeyCounts.dword(4))
        f.set(block.KcbMaxNameLen, node.MaxNameLen)
        f.set(block.KcbMaxValueNameLen, node.MaxValueNameLen)
        f.set(block.KcbMaxValueDataLen, node.MaxValueDataLen)
        f.set(block.Flags, node.Flags)
        f.if(parent.isNotNull) { f.set(parent.RefCount, parent.RefCount + 1) }
        f.set(block.NextHash, bucket(hash).dword())
        f.set(bucket(hash).dword(), block.address(of: \.ConvKey))
        f.return(block)
    }

    /// `CmpCreateNameControlBlock(Node*, Hash) -> CM_NAME_CONTROL_BLOCK* or NULL`: the key's name as it is in the hive: one byte per character, or two where one does not hold
    /// them.
    private static let createNameBlock: Routine = .init("CmpCreateNameControlBlock", ["Node", "ConvKey"]) { f in
        let node = f.argument(0, CM_KEY_NODE.self)
        let isCompressed = f.local((node.Flags & Value(KeyFlag.compressedName)) != 0)
        let length = f.local(node.NameLength)
        // A name is no longer than this, whatever a damaged hive says.
        f.if(isCompressed != 0 && length > 255) { f.set(length, 255) }
        f.if(length > 510) { f.set(length, 510) }
        let memory = f.call(Ex.allocatePoolWithTag, 1, CM_NAME_CONTROL_BLOCK.size.value + length, Value.tag("CmNb"))
        f.if(memory == 0) { f.return(0) }
        let block = memory.as(CM_NAME_CONTROL_BLOCK.self)
        f.zero(block, CM_NAME_CONTROL_BLOCK.size)
        f.set(block.Compressed, isCompressed)
        f.set(block.RefCount, 1)
        f.set(block.ConvKey, f.argument(1))
        f.set(block.NameLength, length)
        f.copy(to: block.Name, from: node.Name, length)
        f.return(block)
    }

    /// `CmpDereferenceKeyControlBlock(Kcb*)`: without references it leaves the table, and its parent loses one.
    static let dereferenceKeyControlBlock: Routine = .init("CmpDereferenceKeyControlBlock", ["Kcb"]) { f in
        let block = f.local(f.argument(0, CM_KEY_CONTROL_BLOCK.self))
        f.while(block.isNotNull) {
            f.set(block.RefCount, block.RefCount - 1)
            f.if(block.RefCount != 0) { f.return() }
            let link = f.local(bucket(block.ConvKey))
            f.while(link.dword() != 0 && link.dword() != block.address(of: \.ConvKey)) { f.set(link, link.dword() + 4) }
            f.if(link.dword() != 0) { f.set(link.dword(), block.NextHash) }
            let parent = f.local(block.ParentKcb)
            f.call(Ex.freePoolWithTag, block.NameBlock, Value.tag("CmNb"))
            f.call(Ex.freePoolWithTag, block, Value.tag("CmKb"))
            f.set(block.value, parent)
        }
        f.return()
    }
}
