// SPDX-License-Identifier: GPL-3.0-or-later

/// ACPI tables in phase 0 (spec/boot.md sections 1.0 #9, 1.6.1 and 7.3). Where they are says the loader's hardware tree: an adapter called `ACPI BIOS`, whose data end with the
/// physical address of the RSDT. `AcpiTable` in the loader's extension is only a sign that there is one.
extension Hal {
    /// Tables in the order in which they were found.
    static let acpiTableCacheList: GlobalStructure<LIST_ENTRY> = Global.listHead("HalpAcpiTableCacheList", module: .hal)
    /// Entries of that list: 00 link, 08 the table's address.
    private static let acpiTableCache: Global = .init("HalpAcpiTableCache", size: cacheEntries * 12, module: .hal)
    private static let acpiTableCount: Global = .init("HalpAcpiTableCount", module: .hal)
    private static let cacheEntries: UInt32 = 16
    /// A copy of the FADT.
    static let fixedAcpiTable: GlobalStructure<FADT> = .init("HalpFixedAcpiDescTable", module: .hal)
    private static let processedAcpi: Global = .init("HalpProcessedACPIPhase0", module: .hal)
    /// Port of the power-management timer, and whether it has 32 bits.
    private static let acpiTimer: Global = .init("HalpAcpiTimerInfo", size: 8, module: .hal)

    /// `HalpAcpiFindRsdtPhase0(LoaderBlock*) -> physical address or 0`.
    private static let findRsdt: Routine = .init("HalpAcpiFindRsdtPhase0", ["LoaderBlock"], module: .hal) { f in
        let root = f.argument(0, LOADER_PARAMETER_BLOCK.self).ConfigurationRoot
        f.if(root.isNull) { f.return(0) }
        let entry = f.local(root.Child)
        f.while(entry.isNotNull) {
            let name = f.local(entry.ComponentEntry.dword(0x20))
            f.if(entry.ComponentEntry.dword(4) == 12 && name != 0 && entry.ConfigurationData != 0) {
                // A CM_PARTIAL_RESOURCE_LIST with one descriptor; behind it the address.
                f.if(f.call(Rtl.strstr, name, f.text("ACPI BIOS")) == name) { f.return(entry.ConfigurationData.dword(24)) }
            }
            f.set(entry.value, entry.Sibling)
        }
        f.return(0)
    }

    /// `HalpAcpiMapTable(PhysicalAddress) -> address or NULL`: all of a table, by the length in its header.
    private static let mapTable: Routine = .init("HalpAcpiMapTable", ["PhysicalAddress"], module: .hal) { f in
        let header = f.call(mapPhysicalMemory64, f.argument(0), 0, 2)
        f.if(header == 0) { f.return(0) }
        let pages = f.local(((f.argument(0) & 0xFFF) + header.dword(4) + 0xFFF) >> 12)
        f.if(pages <= 2) { f.return(header) }
        f.call(unmapVirtualAddress, header, 2)
        f.if(pages > 64) { f.return(0) }
        f.return(f.call(mapPhysicalMemory64, f.argument(0), 0, pages))
    }

    /// `HalpAcpiCacheTable(PhysicalAddress) -> address or NULL`: maps a table and appends it to the list when its bytes add up to 0.
    private static let cacheTable: Routine = .init("HalpAcpiCacheTable", ["PhysicalAddress"], module: .hal) { f in
        f.if(acpiTableCount.dword >= Value(cacheEntries)) { f.return(0) }
        let table = f.call(mapTable, f.argument(0))
        f.if(table == 0) { f.return(0) }
        let sum = f.local(0)
        let at = f.local(0)
        f.while(at < table.dword(4)) {
            f.add(sum, (table + at).byte())
            f.add(at, 1)
        }
        f.if((sum & 0xFF) != 0) { f.return(0) }
        let entry = f.local(acpiTableCache.value + acpiTableCount.dword * 12)
        f.set(entry.dword(8), table)
        f.insertTailList(acpiTableCacheList.value, entry)
        f.add(acpiTableCount.dword, 1)
        f.return(table)
    }

    /// `HalpAcpiTableCacheInit(LoaderBlock*) -> status`: the RSDT and every table it names. STATUS_NOT_FOUND: the loader knows of none.
    private static let tableCacheInit: Routine = .init("HalpAcpiTableCacheInit", ["LoaderBlock"], module: .hal) { f in
        f.if(acpiTableCount.dword != 0) { f.return(Status.success) }
        let root = f.call(findRsdt, f.argument(0))
        f.if(root == 0) { f.return(0xC000_0225 as UInt32) }
        let table = f.call(cacheTable, root)
        f.if(table == 0) { f.return(0xC000_0225 as UInt32) }
        f.if(table.dword() != Value.tag("RSDT")) { f.return(0xC000_0225 as UInt32) }
        let at = f.local(36)
        f.while(at < table.dword(4)) {
            f.call(cacheTable, (table + at).dword())
            f.add(at, 4)
        }
        f.return(Status.success)
    }

    /// `HalAcpiGetTable(LoaderBlock*, Signature) -> address or NULL`: what KdGetAcpiTablePhase0 holds. With a loader block it works before the HAL's phase 0.
    static let acpiGetTable: Routine = .init("HalAcpiGetTable", ["LoaderBlock", "Signature"], module: .hal) { f in
        f.if(f.argument(0) != 0) { f.if(f.call(tableCacheInit, f.argument(0)).isError) { f.return(0) } }
        f.forEach(in: acpiTableCacheList.value) { entry in
            f.if(entry.dword(8).dword() == f.argument(1)) { f.return(entry.dword(8)) }
        }
        f.return(0)
    }

    /// `HalpSetupAcpiPhase0(LoaderBlock*) -> status`: finds the tables, keeps the FADT, and says what there is.
    static let setupAcpiPhase0: Routine = .init("HalpSetupAcpiPhase0", ["LoaderBlock"], module: .hal) { f in
        f.if(processedAcpi.byte != 0) { f.return(Status.success) }
        let status = f.local(f.call(tableCacheInit, f.argument(0)))
        f.if(status.isError) { f.return(status) }
        let fixed = f.call(acpiGetTable, 0, Value.tag("FACP"))
        f.if(fixed == 0) { f.return(0xC000_0225 as UInt32) }
        let length = f.local(fixed.dword(4))
        f.if(length > Value(FADT.size)) { f.set(length, FADT.size) }
        f.copy(to: fixedAcpiTable, from: fixed, length)
        f.call(acpiTimerInit, fixedAcpiTable.PmTimerBlock, fixedAcpiTable.Flags & 0x100)
        f.call(listAcpiTables)
        f.set(processedAcpi.byte, 1)
        f.return(Status.success)
    }

    /// `HaliAcpiTimerInit(TimerPort, TimerValExt)`: remembers the timer that the FADT names; a line says where it is.
    static let acpiTimerInit: Routine = .init("HaliAcpiTimerInit", ["TimerPort", "TimerValExt"], module: .hal) { f in
        f.print("(hal/halx86/acpi/halacpi.c:782) ACPI Timer at: %lXh (EXT: %lu)\n", f.argument(0), f.argument(1) >> 8)
        f.set(acpiTimer.dword, f.argument(0))
        f.set(acpiTimer.value.dword(4), f.argument(1) != 0)
        f.return()
    }

    /// `HalpAcpiListTables()`: a line with the signature of each.
    private static let listAcpiTables: Routine = .init("HalpAcpiListTables", module: .hal) { f in
        f.print("(hal/halx86/acpi/halacpi.c:891) ACPI 2.0 Detected. Tables: ")
        f.forEach(in: acpiTableCacheList.value) { entry in
            let table = f.local(entry.dword(8))
            f.print("[%c%c%c%c] ", table.byte(), table.byte(1), table.byte(2), table.byte(3))
        }
        f.print("\n")
        f.return()
    }

    /// `HaliInitPowerManagement(PmDriverDispatchTable*, PmHalDispatchTable**) -> STATUS_SUCCESS`: acpi.sys and the HAL exchange tables of routines.
    static let initPowerManagement: Routine = .init(
        "HaliInitPowerManagement", ["PmDriverDispatchTable", "PmHalDispatchTable"], module: .hal
    ) { f in
        f.set(pmDriverDispatchTable.dword, f.argument(0))
        f.set(pmHalDispatchTable.dword, Value.tag("HAL "))
        f.set(pmHalDispatchTable.value.dword(4), 2)
        f.set(pmHalDispatchTable.value.dword(8), acpiTimerInit)
        f.set(f.argument(1).dword(), pmHalDispatchTable)
        f.return(Status.success)
    }

    private static let pmDriverDispatchTable: Global = .init("PmAcpiDispatchTable", module: .hal)
    /// Signature, version, and the routine that changes the timer.
    private static let pmHalDispatchTable: Global = .init("HalAcpiDispatchTable", size: 12, module: .hal)
}
