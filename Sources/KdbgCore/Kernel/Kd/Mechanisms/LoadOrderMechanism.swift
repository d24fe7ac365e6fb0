// SPDX-License-Identifier: GPL-3.0-or-later

/// The first alternative to the hook (spec/boot.md section 2.8 A): a made-up library in the loader's list of modules. Of those who read that list only
/// `IopInitializeBootDrivers` is still to come, which calls `DllInitialize` of every library that drivers are said to depend on.
enum LoadOrderMechanism {
    static var variant: LinkVariant {
        var variant = LinkVariant()
        variant.replacements = [Kd.debuggerInitialize1(arranging: insertEntry)]
        variant.insertions = [
            LinkVariant.Insertion(into: Kd.driverReinit.name, seam: Mechanism.afterLastRound) { f in f.call(removeEntry) }
        ]
        return variant
    }

    /// `KdpInsertLoadOrderEntry(LoaderBlock*) -> status`.
    static let insertEntry: Routine = .init(
        "KdpInsertLoadOrderEntry", ["LoaderBlock"],
        step: .init(
            "2.8 #1", "A library is made up",
            """
            KD makes a PE image in a page of pool, with an export DllInitialize, and links an entry for it at the end of the loader's list, with the \
            flag of a library that drivers depend on. No function pointer is patched.
            """)
    ) { f in
        let module = MadeUpImage.make(
            f, name: "kdbgdll.dll", exporting: "DllInitialize", leadingTo: dllInitialize, flags: 0x0400_4000)
        f.if(module.isNull) { f.return(Status.insufficientResources) }
        f.insertTailList(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value, module.InLoadOrderLinks.value)
        f.return(Status.success)
    }

    /// `KdpDllInitialize(RegistryPath*) -> status`: the export. It is given no driver object, so it makes one.
    static let dllInitialize: Routine = .init(
        "KdpDllInitialize", ["RegistryPath"],
        step: .init(
            "2.8 #2", "DllInitialize of KD's library",
            """
            The I/O manager calls the made-up library, behind RAW and before the first boot driver, with nothing but the name of a registry key. It makes \
            \\Driver\\KdDriver, and from here on all is as with the hook.
            """)
    ) { f in
        f.assert(f.call(Hal.getCurrentIrql) == Irql.passive, "KeGetCurrentIrql() == PASSIVE_LEVEL")
        let status = f.call(Io.createDriver, f.unicode(#"\Driver\KdDriver"#), Kd.driverEntry)
        f.if(status.isError) { f.print("KDBG: IoCreateDriver failed: 0x%08lx\n", status) }
        f.return(status)
    }

    /// `KdpRemoveLoadOrderEntry()`: the loader's list is as the loader left it, and the pool is given back.
    static let removeEntry: Routine = .init("KdpRemoveLoadOrderEntry") { f in
        f.if(MadeUpImage.entry.dword != 0) {
            f.removeEntryList(MadeUpImage.entry.dword.as(LDR_DATA_TABLE_ENTRY.self).InLoadOrderLinks.value)
        }
        MadeUpImage.free(f)
        f.return()
    }
}
