// SPDX-License-Identifier: GPL-3.0-or-later

/// What the kernel puts into the cells of the HAL's tables until a HAL has something better (spec/boot.md section 5.19): each routine takes the
/// arguments of the cell it stands in. Those that work on disks are in `PartitionTables.swift`.
extension Hal {
    /// `xHalQuerySystemInformation(InformationClass, BufferSize, Buffer, ReturnedLength) -> STATUS_INVALID_LEVEL`.
    static let xQuerySystemInformation: Routine = stub(
        "xHalQuerySystemInformation", ["InformationClass", "BufferSize", "Buffer", "ReturnedLength"], 0xC000_0148)
    /// `xHalSetSystemInformation(InformationClass, BufferSize, Buffer) -> STATUS_INVALID_LEVEL`.
    static let xSetSystemInformation: Routine = stub("xHalSetSystemInformation", ["InformationClass", "BufferSize", "Buffer"], 0xC000_0148)
    /// `xHalQueryBusSlots(BusHandler*, BufferSize, SlotNumbers*, ReturnedLength*) -> STATUS_NOT_SUPPORTED`.
    static let xQueryBusSlots: Routine = stub("xHalQueryBusSlots", ["BusHandler", "BufferSize", "SlotNumbers", "ReturnedLength"])
    /// `xHalHandlerForBus(InterfaceType, BusNumber) -> NULL`: no bus is known.
    static let xHandlerForBus: Routine = stub("xHalHandlerForBus", ["InterfaceType", "BusNumber"], 0)
    /// `xHalReferenceBusHandler(BusHandler*)`.
    static let xReferenceBusHandler: Routine = stub("xHalReferenceBusHandler", ["BusHandler"], 0)
    /// `xHalInitPnpDriver() -> STATUS_NOT_SUPPORTED`: in the cell until `HalInitSystem(0)`.
    package static let xInitPnpDriver: Routine = stub("xHalInitPnpDriver", [])
    /// `xHalInitPowerManagement(PmDriverDispatchTable*, PmHalDispatchTable**) -> STATUS_NOT_SUPPORTED`.
    static let xInitPowerManagement: Routine = stub("xHalInitPowerManagement", ["PmDriverDispatchTable", "PmHalDispatchTable"])
    /// `xHalGetInterruptTranslator(ParentInterfaceType, ParentBusNumber, BridgeInterfaceType, Size, Version, Translator*, BridgeBusNumber*) ->
    /// STATUS_NOT_SUPPORTED`.
    static let xGetInterruptTranslator: Routine = stub(
        "xHalGetInterruptTranslator",
        ["ParentInterfaceType", "ParentBusNumber", "BridgeInterfaceType", "Size", "Version", "Translator", "BridgeBusNumber"])
    /// `xHalStartMirroring() -> STATUS_NOT_SUPPORTED`.
    static let xStartMirroring: Routine = stub("xHalStartMirroring", [])
    /// `xHalEndMirroring(PassNumber) -> STATUS_NOT_SUPPORTED`.
    static let xEndMirroring: Routine = stub("xHalEndMirroring", ["PassNumber"])
    /// `xHalMirrorPhysicalMemory(PhysicalAddress, NumberOfBytes) -> STATUS_NOT_SUPPORTED`: 64 bits each.
    static let xMirrorPhysicalMemory: Routine = stub(
        "xHalMirrorPhysicalMemory", ["PhysicalAddressLow", "PhysicalAddressHigh", "NumberOfBytesLow", "NumberOfBytesHigh"])
    /// `xHalMirrorVerify(PhysicalAddress, NumberOfBytes) -> STATUS_NOT_SUPPORTED`: 64 bits each.
    static let xMirrorVerify: Routine = stub(
        "xHalMirrorVerify", ["PhysicalAddressLow", "PhysicalAddressHigh", "NumberOfBytesLow", "NumberOfBytesHigh"])
    /// `xHalEndOfBoot()`.
    static let xEndOfBoot: Routine = stub("xHalEndOfBoot", [], 0)

    // MARK: Private cells

    /// `xHalLocateHiberRanges(MemoryMap*)`: no memory is left out.
    static let xLocateHiberRanges: Routine = stub("xHalLocateHiberRanges", ["MemoryMap"], 0)
    /// `xHalRegisterBusHandler(InterfaceType, ConfigurationSpace, BusNumber, ParentInterfaceType, ParentBusNumber, ContextSize, InstallCallback,
    /// BusHandler**) -> STATUS_NOT_SUPPORTED`.
    static let xRegisterBusHandler: Routine = stub("xHalRegisterBusHandler", registerBusHandlerParameters)
    static let registerBusHandlerParameters = [
        "InterfaceType", "ConfigurationSpace", "BusNumber", "ParentInterfaceType", "ParentBusNumber", "ContextSize", "InstallCallback",
        "BusHandler",
    ]
    /// `xHalSetWakeEnable(Enable)`.
    static let xSetWakeEnable: Routine = stub("xHalSetWakeEnable", ["Enable"], 0)
    /// `xHalSetWakeAlarm(AlarmTime, TimeFields*)`: the time has 64 bits.
    static let xSetWakeAlarm: Routine = stub("xHalSetWakeAlarm", ["AlarmTimeLow", "AlarmTimeHigh", "TimeFields"], 0)
    /// `xHalTranslateBusAddress(InterfaceType, BusNumber, BusAddress, AddressSpace*, TranslatedAddress*) -> FALSE`.
    static let xTranslateBusAddress: Routine = stub("xHalTranslateBusAddress", translateBusAddressParameters, 0)
    static let translateBusAddressParameters = [
        "InterfaceType", "BusNumber", "BusAddressLow", "BusAddressHigh", "AddressSpace", "TranslatedAddress",
    ]
    /// `xHalAssignSlotResources(RegistryPath*, DriverClassName*, DriverObject*, DeviceObject*, BusType, BusNumber, SlotNumber, AllocatedResources**) ->
    /// STATUS_NOT_SUPPORTED`.
    static let xAssignSlotResources: Routine = stub("xHalAssignSlotResources", assignSlotResourcesParameters)
    static let assignSlotResourcesParameters = [
        "RegistryPath", "DriverClassName", "DriverObject", "DeviceObject", "BusType", "BusNumber", "SlotNumber", "AllocatedResources",
    ]
    /// `xHalFindBusAddressTranslation(BusAddress, AddressSpace*, TranslatedAddress*, Context*, NextBus) -> FALSE`.
    static let xFindBusAddressTranslation: Routine = stub("xHalFindBusAddressTranslation", findBusAddressTranslationParameters, 0)
    static let findBusAddressTranslationParameters = [
        "BusAddressLow", "BusAddressHigh", "AddressSpace", "TranslatedAddress", "Context", "NextBus",
    ]
    /// `xHalResetDisplay() -> FALSE`: the display stays as it is.
    static let xResetDisplay: Routine = stub("xHalResetDisplay", [], 0)
    /// `xHalAllocateMapRegisters(AdapterObject*, NumberOfMapRegisters, BaseAddressCount, MapRegisterArray*) -> STATUS_NOT_IMPLEMENTED`.
    static let xAllocateMapRegisters: Routine = stub(
        "xHalAllocateMapRegisters", ["AdapterObject", "NumberOfMapRegisters", "BaseAddressCount", "MapRegisterArray"], 0xC000_0002)
    /// `xKdSetupPciDeviceForDebugging(LoaderBlock*, PciDevice*) -> STATUS_NOT_IMPLEMENTED`.
    static let xKdSetupPciDeviceForDebugging: Routine = stub("xKdSetupPciDeviceForDebugging", ["LoaderBlock", "PciDevice"], 0xC000_0002)
    /// `xKdReleasePciDeviceForDebugging(PciDevice*) -> STATUS_NOT_IMPLEMENTED`.
    static let xKdReleasePciDeviceForDebugging: Routine = stub("xKdReleasePciDeviceForDebugging", ["PciDevice"], 0xC000_0002)
    /// `xKdGetAcpiTablePhase0(LoaderBlock*, Signature) -> NULL`.
    static let xKdGetAcpiTablePhase0: Routine = stub("xKdGetAcpiTablePhase0", ["LoaderBlock", "Signature"], 0)
    /// `xKdCheckPowerButton()`.
    static let xKdCheckPowerButton: Routine = stub("xKdCheckPowerButton", [], 0)
    /// `xKdMapPhysicalMemory64(PhysicalAddress, NumberOfPages) -> NULL`: the address has 64 bits.
    static let xKdMapPhysicalMemory64: Routine = stub(
        "xKdMapPhysicalMemory64", ["PhysicalAddressLow", "PhysicalAddressHigh", "NumberOfPages"], 0)
    /// `xKdUnmapVirtualAddress(VirtualAddress, NumberOfPages)`.
    static let xKdUnmapVirtualAddress: Routine = stub("xKdUnmapVirtualAddress", ["VirtualAddress", "NumberOfPages"], 0)

    /// `xHalHaltSystem()`: stops for ever, at whatever level.
    static let xHaltSystem: Routine = .init("xHalHaltSystem") { f in
        f.loop { f.asm { a in a.hlt() } }
    }

    /// `xHalVectorToIDTEntry(Vector) -> index`: a vector is an index of the IDT.
    static let xVectorToIDTEntry: Routine = .init("xHalVectorToIDTEntry", ["Vector"]) { f in f.return(f.argument(0) & 0xFF) }

    private static func stub(_ name: String, _ parameters: [String], _ answer: UInt32 = 0xC000_00BB) -> Routine {
        Routine(name, parameters) { f in f.return(answer) }
    }
}
