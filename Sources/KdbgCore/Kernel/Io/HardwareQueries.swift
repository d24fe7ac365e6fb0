// SPDX-License-Identifier: GPL-3.0-or-later

/// iorsrce.c: the firmware's description of the hardware, and how many devices drivers have found.
extension Io {
    /// `_SystemConfigurationInformation`, a CONFIGURATION_INFORMATION: what `IoGetConfigurationInformation` points to. Disk drivers count themselves here; ARC naming goes by it.
    package static let configurationInformation: Global = .init("_SystemConfigurationInformation", size: CONFIGURATION_INFORMATION.size) {
        [UInt32](repeating: 0, count: 8).map { .dword($0) } + [.dword(2)]
    }

    /// `IoGetConfigurationInformation() -> CONFIGURATION_INFORMATION*`.
    package static let getConfigurationInformation: Routine = .init("IoGetConfigurationInformation") { f in
        f.return(configurationInformation)
    }

    /// Buses that have a key below `System`, with their INTERFACE_TYPE where the firmware says nothing: ISA, EISA, TurboChannel.
    private static let busKeys: [(String, UInt32)] = [("MultifunctionAdapter", 1), ("EisaAdapter", 2), ("TcAdapter", 4)]

    private static let arcTypeCount = UInt32(Cm.typeNames.count)
    /// `IopArcTypeName`: names of CONFIGURATION_TYPE values as zero-terminated text, 48 bytes each.
    private static let arcTypeNames: Global = .init("IopArcTypeName", size: 48 * arcTypeCount, section: .constants) {
        Cm.typeNames.flatMap { name -> [Global.DataItem] in
            let units = Array(name.utf16)
            return units.map { .word($0) } + [Global.DataItem](repeating: .word(0), count: 24 - units.count)
        }
    }

    /// What a query keeps while it walks: the caller's arguments in their order, then the path and the bus that is looked at.
    private struct Query {
        let block: Value
        var busType: Value { block.dword() }
        var busNumber: Value { block.dword(4) }
        var controllerType: Value { block.dword(8) }
        var controllerNumber: Value { block.dword(0x0C) }
        var peripheralType: Value { block.dword(0x10) }
        var peripheralNumber: Value { block.dword(0x14) }
        var callout: Value { block.dword(0x18) }
        var context: Value { block.dword(0x1C) }
        var bus: Value { block.dword(0x20) }
        var busIndex: Value { block.dword(0x24) }
        var busInformation: Value { block + 0x28 }
        var controllerIndex: Value { block.dword(0x34) }
        var controllerInformation: Value { block + 0x38 }
        static let size: UInt32 = 0x44
    }

    /// `IoQueryDeviceDescription(BusType*, BusNumber*, ControllerType*, ControllerNumber*, PeripheralType*, PeripheralNumber*, CalloutRoutine, Context)
    /// -> status`: calls `CalloutRoutine(Context, PathName, BusType, BusNumber, BusInformation, ControllerType, ControllerNumber, ControllerInformation,
    /// PeripheralType, PeripheralNumber, PeripheralInformation)` for whatever in `\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System` matches; NULL matches all.
    /// Information is three pointers to KEY_VALUE_FULL_INFORMATION: Identifier, Configuration Data, Component Information. An error of the routine ends the
    /// walk. 0xC0000034: nothing matched.
    package static let queryDeviceDescription: Routine = .init(
        "IoQueryDeviceDescription",
        [
            "BusType", "BusNumber", "ControllerType", "ControllerNumber", "PeripheralType", "PeripheralNumber", "CalloutRoutine", "Context",
        ]
    ) { f in
        let query = Query(block: f.buffer(Query.size))
        let path = f.stringBuffer(200)
        let root = #"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System\"#
        f.zero(query.block, Query.size)
        for index in 0..<8 as Range<Int32> { f.set(query.block.dword(4 * index), f.argument(Int(index))) }
        let status = f.local(Status.objectNameNotFound)
        for (name, type) in busKeys {
            let index = f.local(0)
            f.loop {
                f.set(path.Length, 0)
                f.call(Rtl.appendUnicodeToString, path, f.wide(root + name + #"\"#))
                f.call(Rtl.appendNumberToString, path, index, 10, 1)
                f.if(f.call(readInformation, path, query.busInformation).isError) { f.break() }
                f.set(query.bus, type)
                f.set(query.busIndex, index)
                f.call(readBusIdentity, query.block)
                let wanted = f.local(1)
                f.if(query.busType != 0) { f.set(wanted, query.busType.dword() == query.bus) }
                f.if(query.busNumber != 0) { f.if(query.busNumber.dword() != query.busIndex) { f.set(wanted, 0) } }
                f.if(wanted != 0) {
                    f.if(query.controllerType == 0) {
                        f.set(status, f.call(callOut, query.block, path, 0, 0))
                    } else: {
                        let below = f.call(queryController, query.block, path)
                        f.if(below != Status.objectNameNotFound) { f.set(status, below) }
                    }
                }
                f.call(freeInformation, query.busInformation)
                f.if(status.isError && status != Status.objectNameNotFound) { f.return(status) }
                f.add(index, 1)
            }
        }
        f.return(status)
    }

    /// `IopReadBusIdentity(Query)`: the resource descriptor in Configuration Data says which kind of bus it is, and its number among all.
    private static let readBusIdentity: Routine = .init("IopReadBusIdentity", ["Query"]) { f in
        let query = Query(block: f.argument(0))
        let data = f.local(query.busInformation.dword(4))
        f.if(data == 0) { f.return() }
        f.if(data.dword(0x0C) < 8) { f.return() }
        f.set(query.bus, (data + data.dword(8)).dword())
        f.set(query.busIndex, (data + data.dword(8)).dword(4))
        f.return()
    }

    /// `IopQueryController(Query, BusPath*) -> status`: the controllers of the wanted type on a bus.
    private static let queryController: Routine = .init("IopQueryController", ["Query", "BusPath"]) { f in
        let query = Query(block: f.argument(0))
        let path = f.stringBuffer(260)
        let status = f.local(Status.objectNameNotFound)
        let index = f.local(0)
        f.if(query.controllerType.dword() >= arcTypeCount.value) { f.return(Status.invalidParameter) }
        f.if(query.controllerNumber != 0) { f.set(index, query.controllerNumber.dword()) }
        f.loop {
            f.call(componentPath, path, f.argument(1), query.controllerType.dword(), index)
            f.if(f.call(readInformation, path, query.controllerInformation).isError) { f.break() }
            f.set(query.controllerIndex, index)
            f.if(query.peripheralType == 0) {
                f.set(status, f.call(callOut, query.block, path, 0, 0))
            } else: {
                let below = f.call(queryPeripheral, query.block, path)
                f.if(below != Status.objectNameNotFound) { f.set(status, below) }
            }
            f.call(freeInformation, query.controllerInformation)
            f.if(query.controllerNumber != 0 || (status.isError && status != Status.objectNameNotFound)) { f.break() }
            f.add(index, 1)
        }
        f.return(status)
    }

    /// `IopQueryPeripheral(Query, ControllerPath*) -> status`: the peripherals of the wanted type at a controller.
    private static let queryPeripheral: Routine = .init("IopQueryPeripheral", ["Query", "ControllerPath"]) { f in
        let query = Query(block: f.argument(0))
        let path = f.stringBuffer(300)
        let information = f.buffer(12)
        let status = f.local(Status.objectNameNotFound)
        let index = f.local(0)
        f.if(query.peripheralType.dword() >= arcTypeCount.value) { f.return(Status.invalidParameter) }
        f.if(query.peripheralNumber != 0) { f.set(index, query.peripheralNumber.dword()) }
        f.loop {
            f.call(componentPath, path, f.argument(1), query.peripheralType.dword(), index)
            f.if(f.call(readInformation, path, information).isError) { f.break() }
            f.set(status, f.call(callOut, query.block, path, index, information))
            f.call(freeInformation, information)
            f.if(query.peripheralNumber != 0 || status.isError) { f.break() }
            f.add(index, 1)
        }
        f.return(status)
    }

    /// `IopComponentPath(Path*, Parent*, Type, Number)`: the parent's path, the name of a type, a number.
    private static let componentPath: Routine = .init("IopComponentPath", ["Path", "Parent", "Type", "Number"]) { f in
        f.set(f.argument(0, UNICODE_STRING.self).Length, 0)
        f.call(Rtl.appendUnicodeStringToString, f.argument(0), f.argument(1))
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide(#"\"#))
        f.call(Rtl.appendUnicodeToString, f.argument(0), arcTypeNames.value + f.argument(2) * 48)
        f.call(Rtl.appendUnicodeToString, f.argument(0), f.wide(#"\"#))
        f.call(Rtl.appendNumberToString, f.argument(0), f.argument(3), 10, 1)
        f.return()
    }

    /// `IopCallOut(Query, Path*, PeripheralNumber, PeripheralInformation) -> status` of the caller's routine.
    private static let callOut: Routine = .init("IopCallOut", ["Query", "Path", "PeripheralNumber", "PeripheralInformation"]) { f in
        let query = Query(block: f.argument(0))
        let controllerType = f.local(0)
        let controllerInformation = f.local(0)
        let peripheralType = f.local(0)
        f.if(query.controllerType != 0) {
            f.set(controllerType, query.controllerType.dword())
            f.set(controllerInformation, query.controllerInformation)
        }
        f.if(query.peripheralType != 0) { f.set(peripheralType, query.peripheralType.dword()) }
        f.return(
            f.callIndirect(
                query.callout, query.context, f.argument(1), query.bus, query.busIndex, query.busInformation, controllerType,
                query.controllerIndex, controllerInformation, peripheralType, f.argument(2), f.argument(3)))
    }

    /// `IopReadInformation(Path*, Information*) -> status`: the three values of a component's key; values that it does not have are NULL.
    private static let readInformation: Routine = .init("IopReadInformation", ["Path", "Information"]) { f in
        let handle = f.local(0)
        f.zero(f.argument(1), 12)
        let status = f.call(openRegistryKeyEx, f.address(of: handle), 0, f.argument(0), 0x20019)
        f.if(status.isError) { f.return(status) }
        for (index, name) in ["Identifier", "Configuration Data", "Component Information"].enumerated() {
            f.call(queryRegistryValue, handle, f.unicode(name), f.argument(1) + Value(4 * index))
        }
        f.call(Ob.zwClose, handle)
        f.return(Status.success)
    }

    /// `IopFreeInformation(Information*)`.
    private static let freeInformation: Routine = .init("IopFreeInformation", ["Information"]) { f in
        for index in 0..<3 as Range<Int32> {
            f.if(f.argument(0).dword(4 * index) != 0) {
                f.call(Ex.freePoolWithTag, f.argument(0).dword(4 * index), Value.tag("Io  "))
                f.set(f.argument(0).dword(4 * index), 0)
            }
        }
        f.return()
    }

    /// `IopStoreSystemPartitionInformation(NtSystemPartitionDeviceName*, OsLoaderPathName*) -> status`: SystemPartition and OsLoaderPath in
    /// `\REGISTRY\MACHINE\SYSTEM\Setup`, where set-up and boot.ini editors look for them.
    static let storeSystemPartitionInformation: Routine = .init(
        "IopStoreSystemPartitionInformation", ["NtSystemPartitionDeviceName", "OsLoaderPathName"]
    ) { f in
        let key = f.local(0)
        let text = f.stringBuffer(128)
        let status = f.local(
            f.call(createRegistryKeyEx, f.address(of: key), 0, f.unicode(#"\REGISTRY\MACHINE\SYSTEM\Setup"#), 0xF003F, 0, 0))
        f.if(status.isError) { f.return(status) }
        for (index, name) in ["SystemPartition", "OsLoaderPath"].enumerated() {
            f.set(text.Length, 0)
            f.call(Rtl.appendUnicodeStringToString, text, f.argument(index))
            // No final backslash, unless it is all there is.
            f.if(text.Length > 2 && (text.Buffer + text.Length - 2).word() == 0x5C) {
                f.set(text.Length, text.Length - 2)
                f.set((text.Buffer + text.Length).word(), 0)
            }
            f.if(status.isSuccess) { f.set(status, f.call(setRegistryString, key, f.unicode(name), text)) }
        }
        f.call(Ob.zwClose, key)
        f.return(status)
    }
}
