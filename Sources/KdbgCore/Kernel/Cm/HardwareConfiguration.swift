// SPDX-License-Identifier: GPL-3.0-or-later

/// `\REGISTRY\MACHINE\HARDWARE`: what the firmware found, as the loader's configuration tree has it (spec/boot.md section 5.9).
extension Cm {
    /// Names of CONFIGURATION_TYPE, by number.
    static let typeNames = [
        "System", "CentralProcessor", "FloatingPointProcessor", "PrimaryICache", "PrimaryDCache", "SecondaryICache", "SecondaryDCache",
        "SecondaryCache", "EisaAdapter", "TcAdapter", "ScsiAdapter", "DtiAdapter", "MultifunctionAdapter", "DiskController",
        "TapeController", "CdRomController", "WormController", "SerialController", "NetworkController", "DisplayController",
        "ParallelController", "PointerController", "KeyboardController", "AudioController", "OtherController", "DiskPeripheral",
        "FloppyDiskPeripheral", "TapePeripheral", "ModemPeripheral", "MonitorPeripheral", "PrinterPeripheral", "PointerPeripheral",
        "KeyboardPeripheral", "TerminalPeripheral", "OtherPeripheral", "LinePeripheral", "NetworkPeripheral", "SystemMemory",
    ]
    private static let lastType = UInt32(typeNames.count - 1)

    /// `CmTypeName`: the names as zero-terminated text, 48 bytes each.
    private static let typeNameTable: Global = .init("CmTypeName", size: 48 * UInt32(typeNames.count), section: .constants) {
        var items: [Global.DataItem] = []
        for name in typeNames {
            let units = Array(name.utf16)
            items += units.map { .word($0) }
            items += [Global.DataItem](repeating: .word(0), count: 24 - units.count)
        }
        return items
    }

    /// `CmpInitializeHardwareConfiguration(LoaderBlock*) -> status`.
    static let initializeHardwareConfiguration: Routine = .init(
        "CmpInitializeHardwareConfiguration", ["LoaderBlock"], section: .initialization
    ) { f in
        let root = f.argument(0, LOADER_PARAMETER_BLOCK.self).ConfigurationRoot
        let status = f.local(Status.success)
        for name in ["DEVICEMAP", "DESCRIPTION", "RESOURCEMAP"] {
            f.set(status, f.call(createKeyByName, f.unicode(#"\REGISTRY\MACHINE\HARDWARE\"# + name), 1))
            f.if(status.isError) { f.return(status) }
        }
        f.if(root.isNull) { f.return(f.call(createKeyByName, f.unicode(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System"#), 1)) }
        let handle = f.local(0)
        f.set(status, f.call(openKeyByName, f.address(of: handle), 0, f.unicode(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION"#)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(setupConfigurationTree, root, handle, 0))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `CmpSetupConfigurationTree(Component*, ParentHandle, Depth) -> status`: a component and its siblings, with everything below them. A component has a
    /// key of its type's name and in it, but for the system, one of its number among its kind.
    private static let setupConfigurationTree: Routine = Routine(
        "CmpSetupConfigurationTree", ["CurrentEntry", "ParentHandle", "Depth"], section: .initialization
    ) { f in
        let entry = f.local(Pointer<CONFIGURATION_COMPONENT_DATA>(f.argument(0)))
        let counts = f.buffer(4 * (lastType + 1))
        f.if(f.argument(2) > 8) { f.return(Status.success) }
        f.zero(counts, 4 * (lastType + 1))
        let path = f.stringBuffer(48)
        let handle = f.local(0)
        f.while(entry.isNotNull) {
            let type = f.local(entry.ComponentEntry.dword(4))
            f.if(type > Value(lastType)) { f.set(type, lastType) }
            f.set(path.Length, 0)
            f.call(Rtl.appendUnicodeToString, path, typeNameTable.value + type * 48)
            let status = f.local(Status.success)
            f.if(type != 0) {
                let attributes = f.objectAttributes(
                    path, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle, root: f.argument(1))
                f.set(status, f.call(ntCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
                f.if(status.isError) { f.return(status) }
                f.call(Ob.ntClose, handle)
                f.call(Rtl.appendUnicodeToString, path, f.wide(#"\"#))
                let count = f.local((counts + (type << 2)).dword())
                f.call(Rtl.appendNumberToString, path, count, 10, 1)
                f.set((counts + (type << 2)).dword(), count + 1)
            }
            let attributes = f.objectAttributes(path, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle, root: f.argument(1))
            f.set(status, f.call(ntCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
            f.if(status.isError) { f.return(status) }
            f.call(initializeRegistryNode, entry, handle)
            f.if(entry.Child.isNotNull) {
                f.set(status, f.call(setupConfigurationTree, entry.Child, handle, f.argument(2) + 1))
            }
            f.call(Ob.ntClose, handle)
            f.if(status.isError) { f.return(status) }
            f.set(entry.value, entry.Sibling)
        }
        f.return(Status.success)
    }

    /// `CmpInitializeRegistryNode(Component*, Handle) -> status`: the values of a component's key.
    private static let initializeRegistryNode: Routine = .init(
        "CmpInitializeRegistryNode", ["CurrentEntry", "NodeHandle"], section: .initialization
    ) { f in
        let entry = f.argument(0, CONFIGURATION_COMPONENT_DATA.self)
        let component = entry.ComponentEntry
        // Flags, version with revision, key, affinity.
        f.call(ntSetValueKey, f.argument(1), f.unicode("Component Information"), 0, ValueType.binary, component + 8, 16)
        f.if(component.dword(0x20) != 0) { f.call(setAnsiValue, f.argument(1), f.unicode("Identifier"), component.dword(0x20)) }
        // The loader's partial list becomes a full descriptor: the kind of bus (internal) and its number come first.
        let data = f.local(entry.ConfigurationData)
        let size = f.local(component.dword(0x18) + 8)
        f.if(data != 0) {
            let full = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("CM  "))
            f.if(full == 0) { f.return(Status.insufficientResources) }
            f.set(full.dword(), 0)
            f.set(full.dword(4), 0)
            f.copy(to: full + 8, from: data, size - 8)
            f.call(ntSetValueKey, f.argument(1), f.unicode("Configuration Data"), 0, ValueType.fullResourceDescriptor, full, size)
            f.call(Ex.freePoolWithTag, full, Value.tag("CM  "))
        }
        f.return(Status.success)
    }

    /// `CmpSetAnsiValue(Handle, Name*, Text) -> status`: a REG_SZ from zero-terminated bytes.
    static let setAnsiValue: Routine = .init("CmpSetAnsiValue", ["KeyHandle", "ValueName", "Text"], section: .initialization) { f in
        let text = f.structure(STRING.self)
        let wide = f.structure(UNICODE_STRING.self)
        f.call(Rtl.initAnsiString, text, f.argument(2))
        let status = f.local(f.call(Rtl.ansiStringToUnicodeString, wide, text, 1))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(ntSetValueKey, f.argument(0), f.argument(1), 0, ValueType.string, wide.Buffer, wide.Length + 2))
        f.call(Rtl.freeUnicodeString, wide)
        f.return(status)
    }

    /// `CmpInitializeMachineDependentConfiguration() -> status`: a key for each processor, with what CPUID says of it.
    static let initializeMachineDependentConfiguration: Routine = .init(
        "CmpInitializeMachineDependentConfiguration", section: .initialization
    ) { f in
        let status = f.local(
            f.call(createKeyByName, f.unicode(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor"#), 1))
        f.if(status.isError) { f.return(status) }
        let attributes = f.objectAttributes(
            f.unicode(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0"#),
            ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        f.set(status, f.call(ntCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
        f.if(status.isError) { f.return(status) }
        let line = f.buffer(64)
        // The vendor's name is kept where NT has it.
        f.load(Ke.prcb.VendorString)
        f.asm(savesRegisters: true) { a in
            a.mov(.edi, .eax)
            a.alu(.xor, .eax, .eax)
            a.cpuid()
            a.mov(.at(.edi, 0), .ebx)
            a.mov(.at(.edi, 4), .edx)
            a.mov(.at(.edi, 8), .ecx)
        }
        let step = f.local(Ke.prcb.CpuStep)
        f.call(
            cdecl: Rtl.snprintf,
            [line, 64, f.text("x86 Family %u Model %u Stepping %u"), Ke.prcb.CpuType, step >> 8, step & 0xFF], #fileID, #line)
        f.call(setAnsiValue, handle, f.unicode("Identifier"), line)
        f.call(setAnsiValue, handle, f.unicode("VendorIdentifier"), Ke.prcb.VendorString)
        let speed = f.local(Ke.prcb.MHz)
        f.set(status, f.call(ntSetValueKey, handle, f.unicode("~MHz"), 0, ValueType.number, f.address(of: speed), 4))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `CmpSetSystemValues(LoaderBlock*) -> status`: how the system was started, below `Control`.
    static let setSystemValues: Routine = .init("CmpSetSystemValues", ["LoaderBlock"], section: .initialization) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        let attributes = f.objectAttributes(
            f.unicode(#"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control"#),
            ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.local(f.call(zwOpenKey, f.address(of: handle), 0x20006, attributes))
        f.if(status.isError) { f.return(status) }
        f.if(loader.LoadOptions != 0) {
            f.set(status, f.call(setAnsiValue, handle, f.unicode("SystemStartOptions"), loader.LoadOptions))
        }
        f.if(status.isSuccess) { f.set(status, f.call(setAnsiValue, handle, f.unicode("SystemBootDevice"), loader.ArcBootDeviceName)) }
        f.if(status.isSuccess) { f.set(status, f.call(setAnsiValue, handle, f.unicode("FirmwareBootDevice"), loader.ArcHalDeviceName)) }
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `CmpWriteSafeBootValues() -> status`: a safe boot is recorded in `Control\SafeBoot\Option`, the mini NT of setup in `Control\MiniNT`; both volatile.
    /// BC 0x32(status, 6, 0, 0) when they cannot be.
    static let writeSafeBoot: Routine = .init(
        "CmpWriteSafeBootValues", section: .initialization,
        step: .init(
            "1.8 #30", "Safe-boot values",
            "A safe boot leaves its mode below Control\\SafeBoot\\Option, a start of Windows PE the key Control\\MiniNT; both are gone with the next boot."
        )
    ) { f in
        let status = f.local(Status.success)
        f.if(Ex.safeBootMode.dword != 0) {
            let attributes = f.objectAttributes(
                f.unicode(#"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot\Option"#),
                ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
            let handle = f.local(0)
            f.set(status, f.call(zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
            f.if(status.isSuccess) {
                f.set(
                    status, f.call(zwSetValueKey, handle, f.unicode("OptionValue"), 0, ValueType.number, Ex.safeBootMode, 4))
                f.call(Ob.ntClose, handle)
            }
        }
        f.if(status.isSuccess && Misc.isWinPE.dword != 0) {
            f.set(status, f.call(createKeyByName, f.unicode(#"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control\MiniNT"#), 1))
        }
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x32, status, 6, 0, 0) }
        f.return(status)
    }
}
