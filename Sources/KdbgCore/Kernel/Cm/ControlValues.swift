// SPDX-License-Identifier: GPL-3.0-or-later

/// Values of the SYSTEM hive that the kernel wants before there is a registry, or even memory (spec/boot.md section 1.6 #11).
extension Cm {
    /// A row of `CmControlVector`: a path below `Control`, a value, the variable it goes to, and where its length and type go.
    private struct Row {
        let path: String
        let value: String
        let variable: any Item
        var length: Global?
        var type: Global?

        init(_ path: String, _ value: String, _ variable: any Item, length: Global? = nil, type: Global? = nil) {
            self.path = path
            self.value = value
            self.variable = variable
            self.length = length
            self.type = type
        }
    }

    static let ntGlobalFlag: Global = .init("CmNtGlobalFlag")
    static let csdVersion: Global = .init("CmNtCSDVersion")
    static let productType: Global = .init("CmSuiteBuffer", size: 0x80)
    static let productTypeLength: Global = .init("CmSuiteBufferLength") { [.dword(0x80)] }
    static let productTypeType: Global = .init("CmSuiteBufferType")
    static let defaultLanguage: Global = .init("CmDefaultLanguageId", size: 12)
    static let defaultLanguageLength: Global = .init("CmDefaultLanguageIdLength") { [.dword(12)] }
    static let defaultLanguageType: Global = .init("CmDefaultLanguageIdType")

    /// Pool sizes are not in our hive, so that the memory manager's own stay; a hive that has them changes them.
    private static var rows: [Row] {
        let memory = #"Session Manager\Memory Management"#
        let executive = #"Session Manager\Executive"#
        return [
            Row("Session Manager", "ProtectionMode", Global("ObpProtectionMode")),
            Row("Session Manager", "GlobalFlag", ntGlobalFlag),
            Row(#"Session Manager\Kernel"#, "ObCaseInsensitive", Global("ObpCaseInsensitive")),
            Row(memory, "LargeSystemCache", Global("MmLargeSystemCache")),
            Row(memory, "ClearPageFileAtShutdown", Global("MmZeroPageFile")),
            Row(memory, "PagedPoolSize", Mm.sizeOfPagedPool),
            Row(memory, "NonPagedPoolSize", Mm.sizeOfNonPagedPool),
            Row(executive, "AdditionalCriticalWorkerThreads", Global("ExpAdditionalCriticalWorkerThreads")),
            Row(executive, "AdditionalDelayedWorkerThreads", Global("ExpAdditionalDelayedWorkerThreads")),
            Row(#"Session Manager\I/O System"#, "LargeIrpStackLocations", Global("IopLargeIrpStackLocations")),
            Row(#"Session Manager\Debug Print Filter"#, "WIN2000", Kd.win2000Mask),
            Row("PriorityControl", "Win32PrioritySeparation", Global("PsRawPrioritySeparation")),
            Row("ProductOptions", "ProductType", productType, length: productTypeLength, type: productTypeType),
            Row(#"Nls\Language"#, "Default", defaultLanguage, length: defaultLanguageLength, type: defaultLanguageType),
            Row("TimeZoneInformation", "ActiveTimeBias", Ex.lastTimeZoneBias),
            Row("TimeZoneInformation", "RealTimeIsUniversal", Ex.realTimeIsUniversal),
            Row("Windows", "CSDVersion", csdVersion),
        ]
    }

    /// `CmControlVector`: ends with a row without a path.
    static let controlVector: Global = .init("CmControlVector", size: CM_SYSTEM_CONTROL_VECTOR.size * UInt32(rows.count + 1)) {
        rows.flatMap { row in
            [
                .address(wide(row.path)), .address(wide(row.value)), .address(row.variable),
                row.length.map { .address($0) } ?? .dword(0), row.type.map { .address($0) } ?? .dword(0),
            ]
        }
    }

    private static func wide(_ text: String) -> Global {
        let units = Array(text.utf16) + [0]
        return Global("L\"" + text, size: UInt32(2 * units.count), section: .constants, alignment: 2) { units.map { .word($0) } }
    }

    /// The loader's hive, read where it lies.
    static let controlHive: GlobalStructure<CMHIVE> = .init("CmControlHive")

    /// `CmGetSystemControlValues(SystemHiveBuffer, ControlVector*)`. BC 0x74(1, n, status, 0): 1 the image is damaged, 2 there is no control set, 3 it has no
    /// key `Control`.
    static let getSystemControlValues: Routine = .init(
        "CmGetSystemControlValues", ["SystemHiveBuffer", "ControlVector"], section: .initialization,
        step: .init(
            "1.6 #11", "Registry tunables",
            """
            The loader has put the SYSTEM hive into memory. Select names the control set; CmControlVector says which values below its key Control go \
            to which variables of the kernel. Nothing but the image is there yet: no pool, no objects, no registry.
            """)
    ) { f in
        let hive = f.local(controlHive.pointer.address(of: \.Hive)).as(HHIVE.self)
        let status = f.call(hvInitialize, hive, HiveOperation.flat, f.argument(0), Ke.loader.RegistryLength)
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x74, 1, 1, status, 0) }
        let set = f.call(findControlSet, hive, hive.BaseBlock.RootCell, 0)
        f.if(set == noCell) { f.call(Ke.bugCheckEx, 0x74, 1, 2, 0, 0) }
        let control = f.call(findKeyByPath, hive, set, f.wide("Control"))
        f.if(control == noCell) { f.call(Ke.bugCheckEx, 0x74, 1, 3, 0, 0) }
        let row = f.local(Pointer<CM_SYSTEM_CONTROL_VECTOR>(f.argument(1)))
        f.while(row.KeyPath != 0) {
            f.call(getControlValue, hive, control, row)
            f.set(row.value, row.value + CM_SYSTEM_CONTROL_VECTOR.size.value)
        }
        f.return()
    }

    /// `CmpGetControlValue(Hive*, Control, Row*)`: one row of the vector. A variable whose value is missing stays as it is.
    private static let getControlValue: Routine = .init(
        "CmpGetControlValue", ["Hive", "Control", "ControlVector"], section: .initialization
    ) { f in
        let hive = f.argument(0, HHIVE.self)
        let row = f.argument(2, CM_SYSTEM_CONTROL_VECTOR.self)
        let room = f.local(4)
        f.if(row.BufferLength != 0) { f.set(room, row.BufferLength.dword()) }
        let name = f.structure(UNICODE_STRING.self)
        let cell = f.local(f.call(findKeyByPath, hive, f.argument(1), row.KeyPath))
        f.if(cell != noCell) {
            f.call(Rtl.initUnicodeString, name, row.ValueName)
            f.set(cell, f.call(findValueByName, hive, f.call(getCell, hive, cell), name))
        }
        f.if(cell == noCell) {
            f.if(row.BufferLength != 0) { f.set(row.BufferLength.dword(), noCell) }
            f.return()
        }
        let value = f.local(f.call(getCell, hive, cell)).as(CM_KEY_VALUE.self)
        let length = f.local(0)
        let data = f.local(f.call(valueToData, hive, value, f.address(of: length)))
        f.if(row.Type != 0) { f.set(row.Type.dword(), value.Type) }
        f.if(length < room) { f.set(room, length) }
        f.if(data != 0) { f.copy(to: row.Buffer, from: data, room) }
        f.if(row.BufferLength != 0) { f.set(row.BufferLength.dword(), room) }
        f.return()
    }

    /// `CmpFindControlSet(Hive*, RootCell, Name*) -> cell or -1`: `ControlSet00n` with the number in `Select\Current`. With a name, that is appended to it.
    static let findControlSet: Routine = .init("CmpFindControlSet", ["SystemHive", "RootCell", "ControlSetName"]) { f in
        let name = f.stringBuffer(24)
        let length = f.local(0)
        let select = f.call(findKeyByPath, f.argument(0), f.argument(1), f.wide("Select"))
        f.if(select == noCell) { f.return(noCell) }
        let current = f.call(findValueData, f.argument(0), select, f.wide("Current"), ValueType.number, f.address(of: length))
        f.if(current == 0 || length < 4) { f.return(noCell) }
        f.call(Rtl.appendUnicodeToString, name, f.wide("ControlSet"))
        f.call(Rtl.appendNumberToString, name, current.dword(), 10, 3)
        f.if(f.argument(2) != 0) { f.call(Rtl.appendUnicodeStringToString, f.argument(2), name) }
        f.return(f.call(findSubKeyByName, f.argument(0), f.call(getCell, f.argument(0), f.argument(1)), name))
    }
}
