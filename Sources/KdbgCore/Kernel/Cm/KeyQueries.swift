// SPDX-License-Identifier: GPL-3.0-or-later

/// Reading keys. A result that does not fit even without its name or data is 0xC0000023; one that is cut is 0x80000005. The length that would have been
/// needed is there in both cases.
extension Cm {
    /// What handles of user mode must be good for.
    enum KeyAccess {
        static let queryValue: UInt32 = 1
        static let setValue: UInt32 = 2
        static let enumerateSubKeys: UInt32 = 8
    }

    /// `CmpReferenceKey(KeyHandle, DesiredAccess, Object**) -> status`: user mode's handles must have the access.
    static let referenceKey: Routine = .init("CmpReferenceKey", ["KeyHandle", "DesiredAccess", "Object"]) { f in
        f.return(
            f.call(
                Ob.referenceObjectByHandle, f.argument(0), f.argument(1), keyObjectType.dword, Ke.previousMode, f.argument(2), 0))
    }

    /// `CmpProbeResult(Information, Length, ResultLength*) -> status`.
    private static let probeResult: Routine = .init("CmpProbeResult", ["Information", "Length", "ResultLength"]) { f in
        Ke.probe(f, f.argument(0), f.argument(1), write: true)
        Ke.probe(f, f.argument(2), 4, write: true)
        f.return(Status.success)
    }

    /// Runs `body` with the key's hive and node while nobody else is in the registry, and returns its status. `capture` comes first, and its status decides; `release`
    /// follows when it was a success.
    private static func withKey(
        _ f: Function, access: UInt32, capture: () -> Value, release: () -> Void = {},
        _ body: (_ hive: Pointer<HHIVE>, _ cell: Value, _ node: Pointer<CM_KEY_NODE>) -> Value
    ) {
        let object = f.local(0)
        let status = f.local(f.call(referenceKey, f.argument(0), access, f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.set(status, capture())
        f.if(status.isError) {
            f.call(Ob.dereferenceObject, object)
            f.return(status)
        }
        f.call(lockRegistry)
        let block = object.as(CM_KEY_BODY.self).KeyControlBlock
        let hive = f.local(block.KeyHive)
        let cell = f.local(block.KeyCell)
        let node = f.local(f.call(getCell, hive, cell)).as(CM_KEY_NODE.self)
        f.set(status, RegistryStatus.keyDeleted)
        f.if(node.isNotNull) { f.set(status, body(hive, cell, node)) }
        f.call(unlockRegistry)
        release()
        f.call(Ob.dereferenceObject, object)
        f.return(status)
    }

    /// The same for services that fill a buffer: `firstArgument` is it, its length and a cell for the length of the result follow.
    private static func withKey(
        _ f: Function, access: UInt32, result firstArgument: Int,
        _ body: (_ hive: Pointer<HHIVE>, _ cell: Value, _ node: Pointer<CM_KEY_NODE>) -> Value
    ) {
        withKey(
            f, access: access,
            capture: { f.call(probeResult, f.argument(firstArgument), f.argument(firstArgument + 1), f.argument(firstArgument + 2)) }, body)
    }

    /// `NtQueryValueKey(KeyHandle, ValueName*, InformationClass, Information*, Length, ResultLength*) -> status`. Classes: 0 basic, 1 full, 2 partial.
    package static let ntQueryValueKey: Routine = .init(
        "NtQueryValueKey", ["KeyHandle", "ValueName", "KeyValueInformationClass", "KeyValueInformation", "Length", "ResultLength"]
    ) { f in
        f.pagedCode()
        let name = f.structure(UNICODE_STRING.self)
        let captured = f.local(0)
        withKey(
            f, access: KeyAccess.queryValue,
            capture: {
                f.set(captured, f.call(probeResult, f.argument(3), f.argument(4), f.argument(5)))
                f.if(captured.isSuccess) { f.set(captured, f.call(Ke.captureString, f.argument(1), name)) }
                return captured
            }, release: { f.call(Ke.releaseBuffer, name.Buffer) }
        ) { hive, _, node in
            let value = f.call(findValueByName, hive, node, name)
            return f.call(queryValueData, hive, value, f.argument(2), f.argument(3), f.argument(4), f.argument(5))
        }
    }

    /// `NtEnumerateValueKey(KeyHandle, Index, InformationClass, Information*, Length, ResultLength*) -> status`. 0x8000001A: no such value.
    package static let ntEnumerateValueKey: Routine = .init(
        "NtEnumerateValueKey", ["KeyHandle", "Index", "KeyValueInformationClass", "KeyValueInformation", "Length", "ResultLength"]
    ) { f in
        withKey(f, access: KeyAccess.queryValue, result: 3) { hive, _, node in
            let status = f.local(RegistryStatus.noMoreEntries)
            f.if(f.argument(1) < node.ValueCount) {
                let list = f.local(f.call(getCell, hive, node.ValueList))
                let value = f.local(noCell)
                f.if(list != 0) {
                    f.if(f.argument(1) < f.call(boundCount, list, node.ValueCount, 0, 2)) {
                        f.set(value, (list + (f.argument(1) << 2)).dword())
                    }
                }
                f.set(status, f.call(queryValueData, hive, value, f.argument(2), f.argument(3), f.argument(4), f.argument(5)))
            }
            return status
        }
    }

    /// `CmpQueryKeyValueData(Hive*, ValueCell, InformationClass, Information*, Length, ResultLength*) -> status`.
    private static let queryValueData: Routine = .init(
        "CmpQueryKeyValueData", ["Hive", "Value", "KeyValueInformationClass", "KeyValueInformation", "Length", "ResultLength"]
    ) { f in
        let to = f.argument(3)
        let available = f.argument(4)
        f.set(f.argument(5).dword(), 0)
        f.if(f.argument(1) == noCell) { f.return(Status.objectNameNotFound) }
        let value = f.local(f.call(getCell, f.argument(0), f.argument(1))).as(CM_KEY_VALUE.self)
        f.if(value.isNull) { f.return(RegistryStatus.registryCorrupt) }
        let length = f.local(0)
        let data = f.local(f.call(valueToData, f.argument(0), value, f.address(of: length)))
        let nameLength = f.local(value.NameLength)
        f.if((value.Flags & 1) != 0) { f.set(nameLength, nameLength << 1) }
        let status = f.local(Status.success)
        let start = f.local(0)
        f.if(f.argument(2) == 2) {
            // Partial: type and bytes.
            f.set(start, 0x0C)
        } else: {
            f.if(f.argument(2) == 1) {
                f.set(start, (nameLength + 0x14 + 3) & ~Value(3))
            } else: {
                f.if(f.argument(2) != 0) { f.return(Status.invalidParameter) }
                f.set(start, nameLength + 0x0C)
                f.set(length, 0)
            }
        }
        f.set(f.argument(5).dword(), start + length)
        let least = f.local(0x0C)
        f.if(f.argument(2) == 1) { f.set(least, 0x14) }
        f.if(available < least) { f.return(Status.bufferTooSmall) }
        f.set(to.dword(), 0)
        f.set(to.dword(4), value.Type)
        f.if(f.argument(2) == 2) {
            f.set(to.dword(8), length)
        } else: {
            f.set(to.dword(8), nameLength)
            f.if(f.argument(2) == 1) {
                f.set(to.dword(8), start)
                f.set(to.dword(0x0C), length)
                f.set(to.dword(0x10), nameLength)
            }
            f.set(status, f.call(copyName, to + least, available - least, value.Name, value.NameLength, value.Flags & 1))
        }
        f.if(length != 0) {
            f.if(available < start + length) {
                f.set(status, RegistryStatus.bufferOverflow)
                f.if(available <= start) { f.return(status) }
                f.set(length, available - start)
            }
            f.copy(to: to + start, from: data, length)
        }
        f.return(status)
    }

    /// `CmpCopyName(Buffer, Room, Name, Length, IsCompressed) -> status`: a cell's name as two bytes per character, or as much of it as there is room for.
    private static let copyName: Routine = .init("CmpCopyName", ["Buffer", "Room", "Name", "Length", "IsCompressed"]) { f in
        let index = f.local(0)
        let count = f.local(f.argument(3))
        f.if(f.argument(4) == 0) { f.set(count, count >> 1) }
        f.while(index < count) {
            f.if((index << 1) + 2 > f.argument(1)) { f.return(RegistryStatus.bufferOverflow) }
            let character = f.local((f.argument(2) + index).byte())
            f.if(f.argument(4) == 0) { f.set(character, (f.argument(2) + (index << 1)).word()) }
            f.set((f.argument(0) + (index << 1)).word(), character)
            f.add(index, 1)
        }
        f.return(Status.success)
    }

    /// `NtEnumerateKey(KeyHandle, Index, InformationClass, Information*, Length, ResultLength*) -> status`: a subkey. Classes: 0 basic, 2 full. 0x8000001A: no
    /// such subkey.
    package static let ntEnumerateKey: Routine = .init(
        "NtEnumerateKey", ["KeyHandle", "Index", "KeyInformationClass", "KeyInformation", "Length", "ResultLength"]
    ) { f in
        withKey(f, access: KeyAccess.enumerateSubKeys, result: 3) { hive, _, node in
            let status = f.local(RegistryStatus.noMoreEntries)
            let cell = f.local(f.call(findSubKeyByNumber, hive, node, f.argument(1)))
            f.if(cell != noCell) {
                f.set(status, f.call(queryKeyData, hive, cell, f.argument(2), f.argument(3), f.argument(4), f.argument(5)))
            }
            return status
        }
    }

    /// `NtQueryKey(KeyHandle, InformationClass, Information*, Length, ResultLength*) -> status`: the key itself.
    package static let ntQueryKey: Routine = .init(
        "NtQueryKey", ["KeyHandle", "KeyInformationClass", "KeyInformation", "Length", "ResultLength"]
    ) { f in
        withKey(f, access: KeyAccess.queryValue, result: 2) { hive, cell, _ in
            f.call(queryKeyData, hive, cell, f.argument(1), f.argument(2), f.argument(3), f.argument(4))
        }
    }

    /// `CmpQueryKeyData(Hive*, KeyCell, InformationClass, Information*, Length, ResultLength*) -> status`.
    private static let queryKeyData: Routine = .init(
        "CmpQueryKeyData", ["Hive", "Node", "KeyInformationClass", "KeyInformation", "Length", "ResultLength"]
    ) { f in
        let node = f.local(f.call(getCell, f.argument(0), f.argument(1))).as(CM_KEY_NODE.self)
        f.set(f.argument(5).dword(), 0)
        f.if(node.isNull) { f.return(RegistryStatus.registryCorrupt) }
        // What a link to another hive stands for is that hive's root.
        f.if(f.argument(2) == 0) {
            let information = f.argument(3, KEY_BASIC_INFORMATION.self)
            let length = f.local(node.NameLength)
            f.if((node.Flags & Value(KeyFlag.compressedName)) != 0) { f.set(length, length << 1) }
            f.set(f.argument(5).dword(), length + 0x10)
            f.if(f.argument(4) < 0x10) { f.return(Status.bufferTooSmall) }
            f.copy(to: information, from: node.address(of: \.LastWriteTime), 8)
            f.set(information.TitleIndex, 0)
            f.set(information.NameLength, length)
            f.return(
                f.call(
                    copyName, information.Name, f.argument(4) - 0x10, node.Name, node.NameLength,
                    node.Flags & Value(KeyFlag.compressedName)))
        }
        f.if(f.argument(2) != 2) { f.return(Status.invalidParameter) }
        let information = f.argument(3, KEY_FULL_INFORMATION.self)
        f.if((node.Flags & Value(KeyFlag.hiveExit)) != 0) { f.set(node.value, f.call(getCell, node.ChildHive, node.ChildHiveCell)) }
        f.set(f.argument(5).dword(), 0x2C)
        f.if(f.argument(4) < 0x2C) { f.return(Status.bufferTooSmall) }
        f.copy(to: information, from: node.address(of: \.LastWriteTime), 8)
        f.set(information.TitleIndex, 0)
        f.set(information.ClassOffset, 0xFFFF_FFFF as Value)
        f.set(information.ClassLength, 0)
        f.set(information.SubKeys, node.SubKeyCounts.dword() + node.SubKeyCounts.dword(4))
        f.set(information.MaxNameLen, node.MaxNameLen)
        f.set(information.MaxClassLen, 0)
        f.set(information.Values, node.ValueCount)
        f.set(information.MaxValueNameLen, node.MaxValueNameLen)
        f.set(information.MaxValueDataLen, node.MaxValueDataLen)
        f.return(Status.success)
    }

    /// `NtSetValueKey(KeyHandle, ValueName*, TitleIndex, Type, Data, DataSize) -> status`.
    package static let ntSetValueKey: Routine = .init(
        "NtSetValueKey", ["KeyHandle", "ValueName", "TitleIndex", "Type", "Data", "DataSize"]
    ) { f in
        f.pagedCode()
        let name = f.structure(UNICODE_STRING.self)
        let data = f.local(0)
        let captured = f.local(0)
        withKey(
            f, access: KeyAccess.setValue,
            capture: {
                f.set(captured, f.call(Ke.captureString, f.argument(1), name))
                f.if(captured.isSuccess) {
                    f.set(captured, f.call(Ke.captureBuffer, f.argument(4), f.argument(5), f.address(of: data)))
                    f.if(captured.isError) { f.call(Ke.releaseBuffer, name.Buffer) }
                }
                return captured
            },
            release: {
                f.call(Ke.releaseBuffer, data)
                f.call(Ke.releaseBuffer, name.Buffer)
            }
        ) { hive, cell, _ in f.call(setValue, hive, cell, name, f.argument(3), data, f.argument(5)) }
    }

    // MARK: As drivers call them

    /// `ZwQueryValueKey(KeyHandle, ValueName*, InformationClass, Information*, Length, ResultLength*) -> status`.
    package static let zwQueryValueKey = Ke.kernelService(ntQueryValueKey)
    /// `ZwEnumerateValueKey(KeyHandle, Index, InformationClass, Information*, Length, ResultLength*) -> status`.
    package static let zwEnumerateValueKey = Ke.kernelService(ntEnumerateValueKey)
    /// `ZwEnumerateKey(KeyHandle, Index, InformationClass, Information*, Length, ResultLength*) -> status`.
    package static let zwEnumerateKey = Ke.kernelService(ntEnumerateKey)
    /// `ZwSetValueKey(KeyHandle, ValueName*, TitleIndex, Type, Data, DataSize) -> status`.
    package static let zwSetValueKey = Ke.kernelService(ntSetValueKey)
    /// `ZwQueryKey(KeyHandle, InformationClass, Information*, Length, ResultLength*) -> status`.
    package static let zwQueryKey = Ke.kernelService(ntQueryKey)
}
