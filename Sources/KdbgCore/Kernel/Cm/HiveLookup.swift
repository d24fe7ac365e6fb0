// SPDX-License-Identifier: GPL-3.0-or-later

/// Finding keys and values by name in a hive. What a damaged hive leads to is not found.
extension Cm {
    /// `CmpHashUnicodeName(Hash, Name*) -> hash`: times 37, plus the upper-case character, over the name, beginning with a hash.
    static let hashName: Routine = .init("CmpHashUnicodeName", ["Hash", "Name"]) { f in
        let name = f.argument(1, UNICODE_STRING.self)
        let hash = f.local(f.argument(0))
        let index = f.local(0)
        f.while(index < name.Length) {
            f.set(hash, hash * 37 + f.call(Rtl.upcaseUnicodeChar, (name.Buffer + index).word()))
            f.add(index, 2)
        }
        f.return(hash)
    }

    /// `CmpCompareNames(Name*, CellName, CellNameLength, IsCompressed) -> below 0, 0 or above 0`: case-blind; a cell's name has one or two bytes per
    /// character.
    static let compareNames: Routine = .init("CmpCompareNames", ["Name", "CellName", "CellNameLength", "IsCompressed"]) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let index = f.local(0)
        let count = f.local(f.argument(2))
        f.if(f.argument(3) == 0) { f.set(count, count >> 1) }
        f.while((index << 1) < name.Length && index < count) {
            let a = f.local(f.call(Rtl.upcaseUnicodeChar, (name.Buffer + (index << 1)).word()))
            let b = f.local((f.argument(1) + index).byte())
            f.if(f.argument(3) == 0) { f.set(b, (f.argument(1) + (index << 1)).word()) }
            f.set(b, f.call(Rtl.upcaseUnicodeChar, b))
            f.if(a != b) { f.return(a - b) }
            f.add(index, 1)
        }
        f.return((name.Length >> 1) - count)
    }

    /// `CmpFindSubKeyByName(Hive*, Parent*, Name*) -> cell or -1`: among the stable subkeys, then among the volatile ones.
    static let findSubKeyByName: Routine = .init("CmpFindSubKeyByName", ["Hive", "Parent", "SearchName"]) { f in
        let parent = f.argument(1, CM_KEY_NODE.self)
        f.if(parent.isNull) { f.return(noCell) }
        f.if((parent.Flags & Value(KeyFlag.hiveExit)) != 0) { f.return(noCell) }
        let hash = f.local(f.call(hashName, 0, f.argument(2)))
        let storage = f.local(0)
        f.while(storage < 2) {
            f.if((parent.SubKeyCounts + (storage << 2)).dword() != 0) {
                let list = f.local((parent.SubKeyLists + (storage << 2)).dword())
                let found = f.call(findInIndex, f.argument(0), list, f.argument(2), hash)
                f.if(found != noCell) { f.return(found) }
            }
            f.add(storage, 1)
        }
        f.return(noCell)
    }

    /// `CmpBoundCount(Data, Count, Header, Shift) -> count`: no more than the cell with that data has room for behind a header.
    static let boundCount: Routine = .init("CmpBoundCount", ["Data", "Count", "Header", "Shift"]) { f in
        let size = f.local(0 - f.argument(0).dword(-4) - 4)
        f.if(size.isError || size < f.argument(2)) { f.return(0) }
        f.set(size, (size - f.argument(2)) >> f.argument(3))
        f.if(f.argument(1) < size) { f.return(f.argument(1)) }
        f.return(size)
    }

    /// `CmpFindSubKeyInIndex(Hive*, List, Name*, Hash) -> cell or -1`: lists with hashes (lh), with the first characters (lf), with neither (li), and lists
    /// of such lists (ri).
    private static let findInIndex: Routine = .init("CmpFindSubKeyInIndex", ["Hive", "List", "SearchName", "Hash"]) { f in
        let list = f.local(f.call(getCell, f.argument(0), f.argument(1)))
        f.if(list == 0) { f.return(noCell) }
        let signature = f.local(list.word())
        let isWide = f.local(signature == 0x686C || signature == 0x666C)
        let index = f.local(0)
        let count = f.local(f.call(boundCount, list, list.word(2), 4, isWide + 2))
        f.while(index < count) {
            let entry = f.local(list + 4 + (index << 2))
            f.if(isWide != 0) { f.set(entry, entry + (index << 2)) }
            f.if(signature == 0x6972) {
                // An index of indices is not below another one.
                let inner = f.call(getCell, f.argument(0), entry.dword())
                f.if(inner != 0) {
                    f.if(inner.word() != 0x6972) {
                        let found = f.call(findInIndex, f.argument(0), entry.dword(), f.argument(2), f.argument(3))
                        f.if(found != noCell) { f.return(found) }
                    }
                }
            } else: {
                f.if(signature != 0x686C || entry.dword(4) == f.argument(3)) {
                    let node = f.call(getCell, f.argument(0), entry.dword()).as(CM_KEY_NODE.self)
                    f.if(node.isNotNull) {
                        f.if(
                            f.call(compareNames, f.argument(2), node.Name, node.NameLength, node.Flags & Value(KeyFlag.compressedName)) == 0
                        ) {
                            f.return(entry.dword())
                        }
                    }
                }
            }
            f.add(index, 1)
        }
        f.return(noCell)
    }

    /// `CmpFindSubKeyByNumber(Hive*, Parent*, Number) -> cell or -1`: stable subkeys come before volatile ones.
    static let findSubKeyByNumber: Routine = .init("CmpFindSubKeyByNumber", ["Hive", "Node", "Number"]) { f in
        let node = f.argument(1, CM_KEY_NODE.self)
        f.if((node.Flags & Value(KeyFlag.hiveExit)) != 0) { f.return(noCell) }
        let number = f.local(f.argument(2))
        let list = f.local(node.SubKeyLists.dword())
        f.if(number >= node.SubKeyCounts.dword()) {
            f.set(number, number - node.SubKeyCounts.dword())
            f.if(number >= node.SubKeyCounts.dword(4)) { f.return(noCell) }
            f.set(list, node.SubKeyLists.dword(4))
        }
        f.return(f.call(cellByNumber, f.argument(0), list, number))
    }

    static let cellByNumber: Routine = .init("CmpDoFindSubKeyByNumber", ["Hive", "List", "Number"]) { f in
        let list = f.local(f.call(getCell, f.argument(0), f.argument(1)))
        f.if(list == 0) { f.return(noCell) }
        let signature = f.local(list.word())
        let number = f.local(f.argument(2))
        f.if(signature == 0x6972) {
            let index = f.local(0)
            let count = f.local(f.call(boundCount, list, list.word(2), 4, 2))
            f.while(index < count) {
                let inner = f.local(f.call(getCell, f.argument(0), (list + 4 + (index << 2)).dword()))
                f.if(inner == 0) { f.return(noCell) }
                f.if(number < inner.word(2)) {
                    f.if(inner.word() == 0x6972) { f.return(noCell) }
                    f.return(f.call(cellByNumber, f.argument(0), (list + 4 + (index << 2)).dword(), number))
                }
                f.set(number, number - inner.word(2))
                f.add(index, 1)
            }
            f.return(noCell)
        }
        f.if(number >= f.call(boundCount, list, list.word(2), 4, f.local(signature != 0x696C) + 2)) { f.return(noCell) }
        f.if(signature == 0x696C) { f.return((list + 4 + (number << 2)).dword()) }
        f.return((list + 4 + (number << 3)).dword())
    }

    /// `CmpFindValueByName(Hive*, Node*, Name*) -> cell or -1`.
    static let findValueByName: Routine = .init("CmpFindValueByName", ["Hive", "KeyNode", "Name"]) { f in
        let node = f.argument(1, CM_KEY_NODE.self)
        let index = f.local(0)
        f.if(node.ValueCount == 0) { f.return(noCell) }
        let list = f.local(f.call(getCell, f.argument(0), node.ValueList))
        f.if(list == 0) { f.return(noCell) }
        let count = f.local(f.call(boundCount, list, node.ValueCount, 0, 2))
        f.while(index < count) {
            let cell = f.local((list + (index << 2)).dword())
            let value = f.call(getCell, f.argument(0), cell).as(CM_KEY_VALUE.self)
            f.if(value.isNotNull) {
                f.if(f.call(compareNames, f.argument(2), value.Name, value.NameLength, value.Flags & 1) == 0) { f.return(cell) }
            }
            f.add(index, 1)
        }
        f.return(noCell)
    }

    /// `CmpValueToData(Hive*, Value*, Length*) -> address of the value's bytes`; NULL when there are none.
    static let valueToData: Routine = .init("CmpValueToData", ["Hive", "Value", "Length"]) { f in
        let value = f.argument(1, CM_KEY_VALUE.self)
        let length = f.local(value.DataLength)
        f.if(length.isError) {
            f.set(length, length & 0x7FFF_FFFF)
            f.if(length > 4) { f.set(length, 4) }
            f.set(f.argument(2).dword(), length)
            f.return(value.address(of: \.Data))
        }
        f.set(f.argument(2).dword(), 0)
        f.if(length == 0) { f.return(0) }
        let data = f.call(getCell, f.argument(0), value.Data)
        f.if(data == 0) { f.return(0) }
        // No more than the cell has.
        f.if(length > 0 - data.dword(-4) - 4) { f.set(length, 0 - data.dword(-4) - 4) }
        f.set(f.argument(2).dword(), length)
        f.return(data)
    }

    /// `CmpFindValueData(Hive*, KeyCell, Name, Type, Length*) -> address of a value's bytes`, or NULL when there is no such value or it is of another type.
    static let findValueData: Routine = .init("CmpFindValueData", ["Hive", "KeyCell", "ValueName", "Type", "Length"]) { f in
        let name = f.structure(UNICODE_STRING.self)
        f.set(f.argument(4).dword(), 0)
        let node = f.call(getCell, f.argument(0), f.argument(1))
        f.if(node == 0) { f.return(0) }
        f.call(Rtl.initUnicodeString, name, f.argument(2))
        let cell = f.call(findValueByName, f.argument(0), node, name)
        f.if(cell == noCell) { f.return(0) }
        let value = f.local(f.call(getCell, f.argument(0), cell)).as(CM_KEY_VALUE.self)
        f.if(value.Type != f.argument(3)) { f.return(0) }
        f.return(f.call(valueToData, f.argument(0), value, f.argument(4)))
    }

    /// `CmpFindKeyByPath(Hive*, KeyCell, Path) -> cell or -1`: names separated by backslashes, below a key.
    static let findKeyByPath: Routine = .init("CmpFindKeyByPath", ["Hive", "KeyCell", "Path"]) { f in
        let rest = f.structure(UNICODE_STRING.self)
        let component = f.structure(UNICODE_STRING.self)
        let cell = f.local(f.argument(1))
        f.call(Rtl.initUnicodeString, rest, f.argument(2))
        f.while(rest.Length != 0) {
            f.call(Ob.splitName, rest, component)
            let node = f.call(getCell, f.argument(0), cell)
            f.set(cell, f.call(findSubKeyByName, f.argument(0), node, component))
            f.if(cell == noCell) { f.return(noCell) }
        }
        f.return(cell)
    }
}
