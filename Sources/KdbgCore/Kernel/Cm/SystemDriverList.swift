// SPDX-License-Identifier: GPL-3.0-or-later

/// Which drivers IoInitSystem has to load, and in which order (spec/boot.md sections 1.9 #21, 7.2).
extension Cm {
    /// The hive behind `\REGISTRY\MACHINE\SYSTEM`.
    static let systemHive: Global = .init("CmpSystemHive")

    /// A driver of the list: its link, the path of its service's key, and where it goes; the layout is ours.
    private struct DRIVER_NODE: Structure {
        static let size: UInt32 = 0x10
        let Link = Embedded<LIST_ENTRY>(0x00)
        let RegistryPath = PointerTo<UNICODE_STRING>(0x08)
        /// The place of the group in bits 16 and up, that of the tag in the group below.
        let Order = Field.u32(0x0C)

        static let layout = Self()
    }

    /// `CmGetSystemDriverList() -> UNICODE_STRING** or NULL`: paths of the keys of all services with Start = 1, by group, tag and name, with NULL at the end. The caller
    /// frees each string and the list.
    static let getSystemDriverList: Routine = .init("CmGetSystemDriverList", section: .initialization) { f in
        let head = f.structure(LIST_ENTRY.self).value
        f.initializeListHead(head)
        f.call(lockRegistry)
        let count = f.local(f.call(findDrivers, systemHive.dword, head))
        f.call(unlockRegistry)
        let list = f.local(f.call(Ex.allocatePoolWithTag, 1, (count + 1) << 2, Value.tag("CM  ")))
        let index = f.local(0)
        f.while(head.dword() != head) {
            let node = f.local(f.removeHeadList(head)).as(DRIVER_NODE.self)
            f.if(list != 0) {
                f.set((list + (index << 2)).dword(), node.RegistryPath)
            } else: {
                f.call(Ex.freePoolWithTag, node.RegistryPath, Value.tag("CM  "))
            }
            f.call(Ex.freePoolWithTag, node, Value.tag("CM  "))
            f.add(index, 1)
        }
        f.if(list != 0) { f.set((list + (index << 2)).dword(), 0) }
        f.return(list)
    }

    /// `CmpFindDrivers(Hive*, ListHead*) -> how many`.
    private static let findDrivers: Routine = .init("CmpFindDrivers", ["SystemHive", "DriverListHead"], section: .initialization) { f in
        let hive = f.argument(0, HHIVE.self)
        let set = f.local(f.call(findControlSet, hive, hive.BaseBlock.RootCell, 0))
        let count = f.local(0)
        let number = f.local(0)
        let length = f.local(0)
        f.if(set == noCell) { f.return(0) }
        let services = f.local(f.call(findKeyByPath, hive, set, f.wide("Services")))
        f.if(services == noCell) { f.return(0) }
        f.loop {
            let cell = f.local(f.call(findSubKeyByNumber, hive, f.call(getCell, hive, services), number))
            f.if(cell == noCell) { f.break() }
            f.add(number, 1)
            let start = f.local(f.call(findValueData, hive, cell, f.wide("Start"), ValueType.number, f.address(of: length)))
            let wanted = f.local(0)
            f.if(start != 0) {
                f.if(start.dword() == 1) {
                    f.set(wanted, 1)
                    f.if(Ex.safeBootMode.dword != 0) { f.set(wanted, f.call(isSafe, hive, set, cell)) }
                }
            }
            f.if(wanted != 0) { f.add(count, f.call(addDriverToList, hive, set, cell, f.argument(1))) }
        }
        f.return(count)
    }

    /// `CmpAddDriverToList(Hive*, ControlSet, Service, ListHead*) -> how many`: 0 without memory.
    private static let addDriverToList: Routine = .init(
        "CmpAddDriverToList", ["Hive", "ControlSet", "DriverCell", "DriverListHead"], section: .initialization
    ) { f in
        let hive = f.argument(0, HHIVE.self)
        let block = f.local(f.call(Ex.allocatePoolWithTag, 1, DRIVER_NODE.size, Value.tag("CM  ")))
        f.if(block == 0) { f.return(0) }
        let driver = block.as(DRIVER_NODE.self)
        let path = f.local(f.call(registryPath, f.call(getCell, hive, f.argument(2))))
        f.if(path == 0) {
            f.call(Ex.freePoolWithTag, block, Value.tag("CM  "))
            f.return(0)
        }
        f.set(driver.address(of: \.RegistryPath).dword(), path)
        f.set(driver.Order, f.call(driverOrder, hive, f.argument(1), f.argument(2)))
        let next = f.local(f.argument(3).dword())
        f.while(next != f.argument(3)) {
            f.if(next.as(DRIVER_NODE.self).Order > driver.Order) { f.break() }
            f.set(next, next.dword())
        }
        f.insertTailList(next, block)
        f.return(1)
    }

    /// `CmpServicePath(Node*) -> UNICODE_STRING* or NULL`: the string and its characters are one block.
    private static let registryPath: Routine = .init("CmpServicePath", ["Node"], section: .initialization) { f in
        let node = f.argument(0, CM_KEY_NODE.self)
        let size = f.local((node.NameLength << 1) + Value(8 + 2 * UInt32(Io.servicesPath.utf16.count) + 2))
        let block = f.local(f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("CM  ")))
        f.if(block == 0) { f.return(0) }
        let path = block.as(UNICODE_STRING.self)
        f.set(path.Length, 0)
        f.set(path.MaximumLength, size - 8)
        f.set(path.Buffer, block + 8)
        f.call(Rtl.appendUnicodeToString, path, f.wide(Io.servicesPath))
        let index = f.local(0)
        f.while(index < node.NameLength) {
            f.set((path.Buffer + path.Length).word(), (node.Name + index).byte())
            f.set(path.Length, path.Length + 2)
            f.add(index, 1)
            f.if((node.Flags & Value(KeyFlag.compressedName)) == 0) {
                f.set((path.Buffer + path.Length).word(-2), (node.Name + index).word(-1))
                f.add(index, 1)
            }
        }
        f.set((path.Buffer + path.Length).word(), 0)
        f.return(block)
    }

    /// `CmpDriverOrder(Hive*, ControlSet, Service) -> order`: drivers without a listed group come last, as within a group those without a listed tag.
    private static let driverOrder: Routine = .init("CmpDriverOrder", ["Hive", "ControlSet", "DriverCell"], section: .initialization) { f in
        let hive = f.argument(0, HHIVE.self)
        let length = f.local(0)
        let group = f.structure(UNICODE_STRING.self)
        let name = f.structure(UNICODE_STRING.self)
        f.set(group.Buffer, f.call(findValueData, hive, f.argument(2), f.wide("Group"), ValueType.string, f.address(of: length)))
        f.if(group.Buffer == 0 || length < 2) { f.return(0xFFFF_FFFF as Value) }
        f.set(group.Length, length - 2)
        f.set(group.MaximumLength, length)
        let order = f.local(f.call(findKeyByPath, hive, f.argument(1), f.wide(#"Control\ServiceGroupOrder"#)))
        let index = f.local(0)
        let position = f.local(0xFFFF)
        let text = f.local(f.call(findValueData, hive, order, f.wide("List"), ValueType.strings, f.address(of: length)))
        let end = f.local(text + length)
        f.while(text + 2 < end && position == 0xFFFF) {
            f.call(Rtl.initUnicodeString, name, text)
            f.if(f.call(Rtl.equalUnicodeString, group, name, 1) != 0) { f.set(position, index) }
            f.set(text, text + name.Length + 2)
            f.add(index, 1)
        }
        f.set(position, position << 16)
        let tag = f.local(f.call(findValueData, hive, f.argument(2), f.wide("Tag"), ValueType.number, f.address(of: length)))
        let tags = f.local(f.call(findKeyByPath, hive, f.argument(1), f.wide(#"Control\GroupOrderList"#)))
        f.if(tag == 0 || tags == noCell) { f.return(position | 0xFFFF) }
        let value = f.local(f.call(findValueByName, hive, f.call(getCell, hive, tags), group))
        f.if(value == noCell) { f.return(position | 0xFFFF) }
        let list = f.local(f.call(valueToData, hive, f.call(getCell, hive, value), f.address(of: length)))
        f.set(index, 4)
        f.while(index + 4 <= length) {
            f.if((list + index).dword() == tag.dword()) { f.return(position | (index >> 2)) }
            f.add(index, 4)
        }
        f.return(position | 0xFFFF)
    }

    /// `CmpIsSafe(Hive*, ControlSet, Service) -> BOOLEAN`: whether a safe boot starts the service: its group, the service or its file has a key below
    /// `Control\SafeBoot\Minimal`, or below `Network` for a safe boot with network.
    private static let isSafe: Routine = .init("CmpIsSafe", ["Hive", "ControlSet", "DriverCell"], section: .initialization) { f in
        let hive = f.argument(0, HHIVE.self)
        let length = f.local(0)
        let name = f.structure(UNICODE_STRING.self)
        let path = f.local(f.wide(#"Control\SafeBoot\Minimal"#))
        f.if(Ex.safeBootMode.dword == 2) { f.set(path, f.wide(#"Control\SafeBoot\Network"#)) }
        let list = f.local(f.call(findKeyByPath, hive, f.argument(1), path))
        f.if(list == noCell) { f.return(0) }
        for (value, type) in [("Group", ValueType.string), ("ImagePath", ValueType.expandableString)] {
            f.set(name.Buffer, f.call(findValueData, hive, f.argument(2), f.wide(value), type, f.address(of: length)))
            f.if(name.Buffer != 0 && length > 2) {
                f.set(name.Length, length - 2)
                f.call(Io.lastComponent, name, name)
                f.if(f.call(findSubKeyByName, hive, f.call(getCell, hive, list), name) != noCell) { f.return(1) }
            }
        }
        let node = f.local(f.call(getCell, hive, f.argument(2))).as(CM_KEY_NODE.self)
        let service = f.local(f.call(registryPath, node))
        let found = f.local(noCell)
        f.if(service != 0) {
            f.call(Io.lastComponent, service, name)
            f.set(found, f.call(findSubKeyByName, hive, f.call(getCell, hive, list), name))
            f.call(Ex.freePoolWithTag, service, Value.tag("CM  "))
        }
        f.return(found != noCell)
    }
}
