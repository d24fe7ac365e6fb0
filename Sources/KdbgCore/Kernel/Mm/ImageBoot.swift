// SPDX-License-Identifier: GPL-3.0-or-later

/// What becomes of the images that the boot loader has brought (spec/boot.md section 1.6.2).
extension Mm {
    /// Routines behind whose entry an image is at another place than before, or has come, or is gone: it has been entered in the lists already, and none of its
    /// code runs yet. The debugger reads the lists there.
    package static let moduleEvents: [Routine] = [
        updateThunks, resolveImageReferences, clearImports, Ps.initSystemPhase1, Ps.userThreadStartup,
    ]

    /// Images at the head of the loader's list that stay where they are: kernel, HAL, KDCOM and BOOTVID.
    private static let imagesInPlace: Value = 4

    static let reloadBootLoadedDrivers: Routine = .bootStep(
        "1.6.2 #8", "MiReloadBootLoadedDrivers", ["LoaderBlock"], "Boot drivers move",
        """
        From the fifth image on, each gets another address: system PTEs are reserved and map the same physical pages, the image's base relocations are \
        applied for the new place, and import tables of all images that point into it are mended. The loader's entry gets the new base and the flag \
        0x01000000. From now on the driver lives there; kernel, HAL, KDCOM and BOOTVID stay at 0x80000000 and above.
        """
    ) { f in
        let count = f.local(0)
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            f.add(count, 1)
            f.if(count > imagesInPlace) { f.call(reloadBootImage, f.argument(0), entry) }
        }
        f.return()
    }

    /// `MiReloadBootImage(LoaderBlock*, LdrEntry*)`: moves one image to system PTE space. One without headers, or whose relocations were left out, stays.
    private static let reloadBootImage: Routine = .init("MiReloadBootImage", ["LoaderBlock", "LdrEntry"], section: .initialization) { f in
        let entry = f.argument(1, LDR_DATA_TABLE_ENTRY.self)
        let old = f.local(entry.DllBase)
        let headers = f.call(Rtl.imageNtHeader, old).as(IMAGE_NT_HEADERS.self)
        f.if(headers.isNull) { f.return() }
        f.if((headers.FileHeader.Characteristics & 1) != 0) { f.return() }
        let pages = f.local((headers.OptionalHeader.SizeOfImage + 0xFFF) >> 12)
        let first = f.call(reserveSystemPtes, pages, PteSpace.system)
        f.if(first == 0) {
            f.print("MM:SYSLDR: no system PTEs for '%wZ'\n", entry.address(of: \.BaseDllName))
            f.return()
        }
        let index = f.local(0)
        f.while(index < pages) {
            f.call(moveMapping, pte(of: old + (index << 12)), first + (index << 2))
            f.add(index, 1)
        }
        f.flushTranslations()
        let base = f.local(first << 10)
        let moved = f.local(base).as(IMAGE_DOS_HEADER.self)
        f.set(headers.value, base + moved.e_lfanew)
        // Relocations count from what the header says. The loader has put there where the image is.
        let linked = f.local(headers.OptionalHeader.ImageBase)
        f.set(headers.OptionalHeader.ImageBase, old)
        let status = f.call(
            relocateImageWithBias, base, 0, 0, f.text("SYSLDR"), Status.success, Status.conflictingAddresses, Status.invalidImageFormat)
        f.set(headers.OptionalHeader.ImageBase, linked)
        // Half of it may have been moved: no driver in it can run.
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0x7D, status, old, base, 0x102) }
        f.set(entry.DllBase, base)
        f.set(entry.EntryPoint, base + headers.OptionalHeader.AddressOfEntryPoint)
        f.set(entry.SizeOfImage, pages << 12)
        f.set(entry.Flags, entry.Flags | Value(LoaderFlag.systemMapped))
        f.call(updateThunks, f.argument(0), old, base, pages << 12)
        f.return()
    }

    /// `MiUpdateThunks(LoaderBlock*, OldBase, NewBase, Size)`: in the import address table of every image, addresses in the range that has moved move along.
    static let updateThunks: Routine = .init(
        "MiUpdateThunks", ["LoaderBlock", "OldBase", "NewBase", "Size"], section: .initialization
    ) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            let bytes = f.local(0)
            let base = f.local(entry.as(LDR_DATA_TABLE_ENTRY.self).DllBase)
            let cell = f.local(f.call(Rtl.imageDirectory, base, 1, ImageDirectory.importAddresses, f.address(of: bytes)))
            let end = f.local(cell + bytes)
            f.while(cell < end) {
                f.if(cell.dword() >= f.argument(1) && cell.dword() - f.argument(1) < f.argument(3)) {
                    f.set(cell.dword(), cell.dword() - f.argument(1) + f.argument(2))
                }
                f.add(cell, 4)
            }
        }
        f.return()
    }

    static let initializeLoadedModuleList: Routine = .bootStep(
        "1.6.2 #11", "MiInitializeLoadedModuleList", ["LoaderBlock"], "PsLoadedModuleList",
        """
        Every entry of the loader's list that has a PE header is copied to nonpaged pool and linked into the kernel's own list, and each copy notes which \
        others it imports. Two lists exist from now on, and the start of boot drivers uses both.
        """
    ) { f in
        f.forEach(in: f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOrderListHead.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            f.if(f.call(Rtl.imageNtHeader, module.DllBase) != 0) { f.call(copyLoaderEntry, module) }
        }
        f.call(buildImportsForBootDrivers)
        f.return()
    }

    /// `MiCopyLoaderEntry(LdrEntry*)`. The loader's memory is given back at the end of phase 1: both names come along.
    private static let copyLoaderEntry: Routine = .init("MiCopyLoaderEntry", ["LdrEntry"], section: .initialization) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let size = f.local(Value(LDR_DATA_TABLE_ENTRY.size) + 2)
        f.add(size, module.BaseDllName.Length)
        let path = f.call(Ex.allocatePoolWithTag, 1, module.FullDllName.Length + 2, Value.tag("Ldrd"))
        f.if(path == 0) { f.call(Ke.bugCheckEx, 0x7D, 0, 0, 0, 0x101) }
        f.copy(to: path, from: module.FullDllName.Buffer, module.FullDllName.Length + 2)
        let copy = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("MmLd")).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(copy.isNull) { f.call(Ke.bugCheckEx, 0x7D, 0, 0, 0, 0x101) }
        f.copy(to: copy, from: module, LDR_DATA_TABLE_ENTRY.size)
        f.set(copy.FullDllName.Buffer, path)
        f.set(copy.BaseDllName.Buffer, copy.value + Value(LDR_DATA_TABLE_ENTRY.size))
        f.copy(to: copy.BaseDllName.Buffer, from: module.BaseDllName.Buffer, module.BaseDllName.Length + 2)
        f.call(processLoaderEntry, copy, 1)
        f.return()
    }

    /// `MiBuildImportsForBootDrivers()`: LoadedImports and LoadCount of every entry of `PsLoadedModuleList`. Images that were not moved cannot be unloaded, so
    /// nothing is counted for them.
    private static let buildImportsForBootDrivers: Routine = .init("MiBuildImportsForBootDrivers", section: .initialization) { f in
        f.forEach(in: loadedModuleList.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            f.if((module.Flags & LoaderFlag.systemMapped.value) == 0) {
                f.set(module.LoadedImports, LoadedImports.bootLoaded)
            } else: {
                f.set(module.LoadedImports, f.call(bootImports, module))
            }
        }
        f.return()
    }

    /// `MiBootImports(LdrEntry*) -> what LoadedImports holds`: references every image that the import address table of another one leads to. An address that leads
    /// to none is a broken table.
    private static let bootImports: Routine = .init("MiBootImports", ["LdrEntry"], section: .initialization) { f in
        let bytes = f.local(0)
        let cell = f.local(
            f.call(
                Rtl.imageDirectory, f.argument(0, LDR_DATA_TABLE_ENTRY.self).DllBase, 1, ImageDirectory.importAddresses,
                f.address(of: bytes)))
        f.if(cell == 0) { f.return(LoadedImports.none) }
        let list = f.call(Ex.allocatePoolWithTag, 1, 4 + bytes, Value.tag("TDmM"))
        f.if(list == 0) { f.call(Ke.bugCheckEx, 0x7D, 0, 0, 0, 0x101) }
        f.set(list.dword(), 0)
        let end = f.local(cell + bytes)
        let last = f.local(LDR_DATA_TABLE_ENTRY.self)
        f.set(last.value, 0)
        f.while(cell < end) {
            // A zero ends the imports of one image; those of the next are of another.
            f.if(cell.dword() == 0) {
                f.set(last.value, 0)
            } else: {
                f.if(last.isNull) {
                    f.set(last.value, f.call(moduleAt, cell.dword()))
                    f.assert(last.isNotNull, "DataTableEntry != NULL")
                    f.if(last.isNotNull) {
                        f.set(last.LoadCount, last.LoadCount + 1)
                        f.set((list + 4 + (list.dword() << 2)).dword(), last)
                        f.set(list.dword(), list.dword() + 1)
                    }
                }
            }
            f.add(cell, 4)
        }
        f.return(f.call(compactImports, list))
    }

    /// `MiLookupDataTableEntry(Address) -> LDR_DATA_TABLE_ENTRY* or NULL`: the loaded image that holds an address.
    package static let moduleAt: Routine = .init("MiLookupDataTableEntry", ["Address"]) { f in
        f.forEach(in: loadedModuleList.value) { entry in
            let module = f.local(entry).as(LDR_DATA_TABLE_ENTRY.self)
            f.if(f.argument(0) >= module.DllBase && f.argument(0) - module.DllBase < module.SizeOfImage) { f.return(module) }
        }
        f.return(0)
    }
}
