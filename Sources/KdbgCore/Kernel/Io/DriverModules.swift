// SPDX-License-Identifier: GPL-3.0-or-later

/// Driver objects for images (spec/boot.md section 1.9.1).
extension Io {
    /// Services whose drivers live in `\FileSystem`: Type 2 or 8 in their registry keys.
    private static let fileSystems = ["fastfat", "vfatfs", "cdfs", "ntfs", "btrfs", "ext2", "ext2fs", "Fs_Rec", "Msfs", "Npfs", "Mup"]

    /// `IopInitializeDriverModule(LdrEntry*, ServiceName*, RegistryPath*, DriverObject**) -> status`: makes `\Driver\<service>` or
    /// `\FileSystem\<service>` and calls DriverEntry. 0xC0000365: DriverEntry failed.
    package static let initializeDriverModule: Routine = .init(
        "IopInitializeDriverModule", ["ModuleObject", "ServiceName", "RegistryPath", "DriverObject"]
    ) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let name = f.stringBuffer(80)
        let handle = f.local(0)
        let object = f.local(0)
        f.call(driverObjectName, f.argument(1), name)
        let attributes = f.objectAttributes(
            name, ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let status = f.local(
            f.call(
                Ob.createObject, 0, driverObjectType.dword, attributes, 0, 0, DRIVER_OBJECT.size + EXTENDED_DRIVER_EXTENSION.size, 0, 0,
                f.address(of: object)))
        f.if(status.isError) { f.return(status) }
        f.call(initializeDriverObject, object, module.EntryPoint, DriverFlag.legacy)
        let driver = object.as(DRIVER_OBJECT.self)
        let headers = module.DllBase + module.DllBase.dword(0x3C)
        f.if((headers.word(0x5E) & 0x2000) != 0) { f.set(driver.Flags, 0) }
        f.set(driver.DriverSection, module)
        f.set(driver.DriverStart, module.DllBase)
        f.set(driver.DriverSize, module.SizeOfImage)
        f.set(driver.HardwareDatabase, hardwareDatabase)
        f.set(status, f.call(Ob.insertObject, object, 0, 1, 0, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0, driverObjectType.dword, 0, f.address(of: object), 0))
        f.call(Ob.ntClose, handle)
        f.if(status.isError) { f.return(status) }
        f.call(Rtl.duplicateUnicodeString, driver.DriverExtension.address(of: \.ServiceKeyName), f.argument(1), Value.tag("Io  "))
        f.call(Rtl.duplicateUnicodeString, driver.address(of: \.DriverName), name, Value.tag("Io  "))
        f.set(status, f.callIndirect(driver.DriverInit, driver, f.argument(2)))
        f.call(repairMajorFunctions, driver)
        f.if(driver.DeviceObject.isNull) { f.set(driver.Flags, driver.Flags & ~Value(DriverFlag.legacy)) }
        f.if(status.isError) {
            f.print("(ntoskrnl/io/iomgr/driver.c:634) '%wZ' initialization failed, status (0x%08lx)\n", name, status)
            f.call(Ob.makeTemporaryObject, driver)
            f.call(Ob.dereferenceObject, driver)
            f.return(Status.failedDriverEntry)
        }
        f.call(readyDeviceObjects, driver)
        f.set(f.argument(3).dword(), driver)
        f.if(pnpSystemInit.byte != 0) { f.call(reinitializeDrivers) }
        f.return(Status.success)
    }

    /// `IopDriverObjectName(ServiceName*, Name*)`.
    private static let driverObjectName: Routine = .init("IopDriverObjectName", ["ServiceName", "Name"]) { f in
        let known = f.structure(UNICODE_STRING.self)
        let prefix = f.local(f.wide(#"\Driver\"#))
        for service in fileSystems {
            f.call(Rtl.initUnicodeString, known, f.wide(service))
            let same = f.call(Rtl.equalUnicodeString, f.argument(0), known, 1)
            f.if(same != 0) { f.set(prefix, f.wide(#"\FileSystem\"#)) }
        }
        f.call(Rtl.appendUnicodeToString, f.argument(1), prefix)
        f.call(Rtl.appendUnicodeStringToString, f.argument(1), f.argument(0))
        f.return()
    }

    /// `IopHardwareDatabaseKey`: the UNICODE_STRING that DRIVER_OBJECT.HardwareDatabase points to.
    private static let hardwareDatabase: Global = .init("IopHardwareDatabaseKey", size: 100, section: .constants) {
        let path = Array(#"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\SYSTEM"#.utf8)
        let length = UInt16(2 * path.count)
        return [.word(length), .word(length + 2), .address(Global("IopHardwareDatabaseKey"), 8), .bytes(path.flatMap { [$0, 0] })]
    }
}
