// SPDX-License-Identifier: GPL-3.0-or-later

/// The second alternative to the hook (spec/boot.md section 2.8 B): a made-up boot driver. The I/O manager wants to find a boot driver in four places, so KD
/// makes all of them: an image, an entry of `PsLoadedModuleList`, an entry of the loader's list of boot drivers, and a services key.
enum BootDriverMechanism {
    static var variant: LinkVariant {
        var variant = LinkVariant()
        variant.replacements = [Kd.debuggerInitialize1(arranging: insertDriver)]
        variant.insertions = [
            LinkVariant.Insertion(into: Kd.driverReinit.name, seam: Mechanism.afterLastRound) { f in f.call(removeDriver) }
        ]
        return variant
    }

    private static let fileName = "KdDriver.sys"
    private static let serviceKey = #"\Registry\Machine\System\CurrentControlSet\Services\KdDriver"#
    private static let listEntry: GlobalStructure<BOOT_DRIVER_LIST_ENTRY> = .init("KdpBootDriverEntry")

    /// `KdpInsertBootDriver(LoaderBlock*) -> status`.
    static let insertDriver: Routine = .init(
        "KdpInsertBootDriver", ["LoaderBlock"],
        step: .init(
            "2.8 #3", "A boot driver is made up",
            """
            KD makes a PE image in a page of pool, whose entry point leads to KdpDriverEntry, and everything by which the I/O manager knows a boot driver: \
            an entry of PsLoadedModuleList, an entry of the loader's BootDriverListHead, a services key. No function pointer is patched.
            """)
    ) { f in
        let module = MadeUpImage.make(f, name: fileName, exporting: "DriverEntry", leadingTo: Kd.driverEntry, flags: 0x4000)
        f.if(module.isNull) { f.return(Status.insufficientResources) }
        // Two references, so that the end of the driver object is not the end of the image, which no loader has loaded.
        f.set(module.LoadCount, 2)
        f.insertTailList(Mm.loadedModuleList.value, module.InLoadOrderLinks.value)
        f.call(Rtl.initUnicodeString, listEntry.pointer.address(of: \.FilePath), f.wide(#"System32\drivers\"# + fileName))
        f.call(Rtl.initUnicodeString, listEntry.pointer.address(of: \.RegistryPath), f.wide(serviceKey))
        f.set(listEntry.pointer.address(of: \.LdrEntry).dword(), module)
        f.insertTailList(f.argument(0, LOADER_PARAMETER_BLOCK.self).BootDriverListHead.value, listEntry.Link.value)
        f.return(f.call(makeServiceKey))
    }

    /// `KdpMakeServiceKey() -> status`: a volatile key with the Type of a driver; without a Group, so it comes last.
    private static let makeServiceKey: Routine = .init("KdpMakeServiceKey") { f in
        let attributes = f.objectAttributes(f.unicode(serviceKey), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let type = f.local(1)
        let status = f.local(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Cm.zwSetValueKey, handle, f.unicode("Type"), 0, ValueType.number, f.address(of: type), 4))
        f.call(Ob.ntClose, handle)
        f.return(status)
    }

    /// `KdpRemoveBootDriver()`: both lists are as they were, and the pool is given back.
    static let removeDriver: Routine = .init("KdpRemoveBootDriver") { f in
        f.if(MadeUpImage.entry.dword != 0) {
            f.removeEntryList(listEntry.Link.value)
            f.removeEntryList(MadeUpImage.entry.dword.as(LDR_DATA_TABLE_ENTRY.self).InLoadOrderLinks.value)
        }
        MadeUpImage.free(f)
        let handle = f.local(0)
        f.if(f.call(Cm.openKeyByName, f.address(of: handle), 0, f.unicode(serviceKey)).isSuccess) {
            f.call(Cm.zwDeleteKey, handle)
            f.call(Ob.ntClose, handle)
        }
        f.return()
    }
}
