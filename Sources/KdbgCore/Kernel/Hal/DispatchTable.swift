// SPDX-License-Identifier: GPL-3.0-or-later

/// The HAL's public dispatch table (spec/boot.md section 5.19). It lies in the kernel and is exported; the HAL fills it in.
extension Hal {
    /// `HalDispatchTable`. The cell at 0x34 is the one that KD hooks.
    package static let dispatchTable: GlobalStructure<HAL_DISPATCH> = .init("HalDispatchTable") {
        [
            .dword(3), .address(xQuerySystemInformation), .address(xSetSystemInformation), .address(xQueryBusSlots), .dword(0),
            .address(xExamineMBR), .address(xIoAssignDriveLetters), .address(xIoReadPartitionTable), .address(xIoSetPartitionInformation),
            .address(xIoWritePartitionTable), .address(xHandlerForBus), .address(xReferenceBusHandler), .address(xReferenceBusHandler),
            .address(xInitPnpDriver), .address(xInitPowerManagement), .dword(0), .address(xGetInterruptTranslator),
            .address(xStartMirroring), .address(xEndMirroring), .address(xMirrorPhysicalMemory), .address(xEndOfBoot),
            .address(xMirrorVerify), .dword(0), .dword(0),
        ]
    }

    /// `HaliInitPnpDriver() -> status`: what `HalInitSystem(0)` puts into the cell. Makes `\Driver\ACPI_HAL`.
    package static let initPnpDriver: Routine = .init("HaliInitPnpDriver", module: .hal, section: .initialization) { f in
        f.return(f.call(Io.createDriver, f.unicode(#"\Driver\ACPI_HAL"#), halDriverEntry))
    }

    private static let bus = BusDriver(
        module: .hal, prefix: "Halp", identifier: #"ACPI_HAL\PNP0C08"#, isUnique: true)

    /// Entry of `\Driver\ACPI_HAL`: reports the computer as a detected device and attaches to it.
    static let halDriverEntry: Routine = .init("HalpDriverEntry", ["DriverObject", "RegistryPath"], module: .hal, section: .initialization)
    { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        let device = f.local(0)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.pnp)), bus.pnp)
        f.set(driver.DriverExtension.AddDevice, bus.addDevice)
        f.set(driver.Flags, driver.Flags | Value(DriverFlag.initialized))
        let status = f.call(
            Io.reportDetectedDevice, driver, 0, 0xFFFF_FFFF as UInt32, 0xFFFF_FFFF as UInt32, 0, 0, 0, f.address(of: device))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(bus.addDevice, driver, device))
    }
}
