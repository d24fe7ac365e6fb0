// SPDX-License-Identifier: GPL-3.0-or-later

/// Loading and unloading images of the system (spec/boot.md section 2.8 C).
extension Mm {
    /// How many images are being loaded because one needs the other; the stack has room for so many.
    private static let loadDepth: Global = .init("MiImageLoadDepth")
    private static let deepest: UInt32 = 4

    /// `MmLoadSystemImage(FileName*, NamePrefix*, LoadedName*, Flags, ModuleObject*, ImageBaseAddress*) -> status`: loads an image from a file, relocates it, snaps its
    /// imports, links it into `PsLoadedModuleList` and tells the debugger. An image that is loaded already is what the last two point to, with
    /// STATUS_IMAGE_ALREADY_LOADED. Prefixes and images of a session (flag 1) are refused.
    package static let loadSystemImage: Routine = .init(
        "MmLoadSystemImage", ["FileName", "NamePrefix", "LoadedName", "Flags", "ModuleObject", "ImageBaseAddress"], section: .page
    ) { f in
        f.pagedCode()
        f.if(f.argument(1) != 0 || f.argument(3) != 0) { f.return(Status.invalidParameter) }
        let loadedName = f.local(f.argument(2))
        f.if(loadedName == 0) { f.set(loadedName, f.argument(0)) }
        f.call(Ke.waitForSingleObject, systemLoadLock, 0, 0, 0, 0)
        let status = f.call(loadImage, f.argument(0), loadedName, f.argument(4), f.argument(5))
        f.call(Ke.setEvent, systemLoadLock, 0, 0)
        f.return(status)
    }

    /// `MmUnloadSystemImage(ImageHandle) -> status`: takes a reference from an image, which is its entry in `PsLoadedModuleList`; with the last one it goes. What the
    /// boot loader has put where nothing can be given back stays for ever.
    package static let unloadSystemImage: Routine = .init("MmUnloadSystemImage", ["ImageHandle"], section: .page) { f in
        f.call(Ke.waitForSingleObject, systemLoadLock, 0, 0, 0, 0)
        f.call(unloadImage, f.argument(0))
        f.call(Ke.setEvent, systemLoadLock, 0, 0)
        f.return(Status.success)
    }

    /// `MiUnloadSystemImage(LdrEntry*)`: the same, for those who hold `MmSystemLoadLock`.
    static let unloadImage: Routine = .init("MiUnloadSystemImage", ["LdrEntry"], section: .page) { f in
        let entry = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        f.if(entry.LoadedImports == LoadedImports.bootLoaded) { f.return() }
        f.set(entry.LoadCount, entry.LoadCount - 1)
        f.if(entry.LoadCount != 0) { f.return() }
        f.if((entry.Flags & LoaderFlag.debugSymbolsLoaded.value) != 0) { f.call(notifyUnload, entry) }
        f.call(dereferenceImports, entry.LoadedImports)
        f.call(processLoaderEntry, entry, 0)
        f.call(freeImagePages, entry.DllBase, f.local((entry.SizeOfImage + 0xFFF) >> 12))
        f.call(clearImports, entry)
        f.call(Ex.freePoolWithTag, entry.FullDllName.Buffer, Value.tag("Ldrd"))
        f.call(Ex.freePoolWithTag, entry, Value.tag("MmLd"))
        f.return()
    }

    /// For whoever changes the list.
    static let loadedModuleSpinLock: Global = .init("PsLoadedModuleSpinLock")

    /// `MiProcessLoaderEntry(LdrEntry*, Insert)`: links an image into `PsLoadedModuleList`, or out of it.
    static let processLoaderEntry: Routine = .init("MiProcessLoaderEntry", ["LdrEntry", "Insert"]) { f in
        let irql = f.call(Hal.acquireSpinLock, loadedModuleSpinLock)
        f.if(f.argument(1) != 0) {
            f.insertTailList(loadedModuleList.value, f.argument(0))
        } else: {
            f.removeEntryList(f.argument(0))
        }
        f.call(Hal.releaseSpinLock, loadedModuleSpinLock, irql)
        f.return()
    }

    /// `MiLoadSystemImage(FileName*, LoadedName*, ModuleObject*, ImageBaseAddress*) -> status`: the same, for those who hold `MmSystemLoadLock`.
    static let loadImage: Routine = .init(
        "MiLoadSystemImage", ["FileName", "LoadedName", "ModuleObject", "ImageBaseAddress"], section: .page
    ) { f in
        let found = f.local(f.call(findImage, f.argument(1))).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(found.isNotNull) {
            f.set(f.argument(2).dword(), found)
            f.set(f.argument(3).dword(), found.DllBase)
            f.return(Status.imageAlreadyLoaded)
        }
        f.if(loadDepth.dword >= deepest.value) { f.return(Status.insufficientResources) }
        let file = f.local(0)
        let size = f.local(0)
        let status = f.local(f.call(readImageFile, f.argument(0), f.address(of: file), f.address(of: size)))
        f.if(status.isError) { f.return(status) }
        let base = f.local(0)
        f.set(status, f.call(checkImageFile, file, size))
        f.if(status.isSuccess) { f.set(status, f.call(mapImage, file, f.address(of: base))) }
        f.call(Ex.freePoolWithTag, file, Value.tag("MmIf"))
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(
                relocateImageWithBias, base, 0, 0, f.text("SYSLDR"), Status.success, Status.conflictingAddresses, Status.invalidImageFormat)
        )
        let headers = f.local(base + base.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let pages = f.local((headers.OptionalHeader.SizeOfImage + 0xFFF) >> 12)
        let entry = f.local(LDR_DATA_TABLE_ENTRY.self)
        f.if(status.isSuccess) { f.set(status, f.call(makeLoaderEntry, f.argument(1), base, f.address(of: entry.value))) }
        f.if(status.isError) {
            f.call(freeImagePages, base, pages)
            f.return(status)
        }
        f.call(processLoaderEntry, entry, 1)
        f.add(loadDepth.dword, 1)
        f.set(status, f.call(finishImage, entry))
        f.add(loadDepth.dword, 0xFFFF_FFFF as UInt32)
        f.if(status.isError) {
            // Whoever else has found it meanwhile was part of the same failure.
            f.set(entry.LoadCount, 1)
            f.call(unloadImage, entry)
            f.return(status)
        }
        f.set(f.argument(2).dword(), entry)
        f.set(f.argument(3).dword(), base)
        f.return(Status.success)
    }

    /// `MiFindImage(FileName*) -> LDR_DATA_TABLE_ENTRY* or NULL`: an image that is loaded, by its full name.
    private static let findImage: Routine = .init("MiFindImage", ["FileName"], section: .page) { f in
        f.forEach(in: loadedModuleList.value) { entry in
            let same = f.call(Rtl.equalUnicodeString, f.argument(0), entry.as(LDR_DATA_TABLE_ENTRY.self).address(of: \.FullDllName), 1)
            f.if(same != 0) { f.return(entry) }
        }
        f.return(0)
    }

    /// `MiBaseName(Path*, Name*)`: what follows the last backslash.
    private static let baseName: Routine = .init("MiBaseName", ["Path", "Name"], section: .page) { f in
        let path = f.argument(0, UNICODE_STRING.self)
        let start = f.local(path.Length)
        f.while(start != 0 && (path.Buffer + start - 2).word() != 0x5C) { f.add(start, 0xFFFF_FFFE as UInt32) }
        f.setString(f.argument(1, UNICODE_STRING.self), path.Buffer + start, path.Length - start)
        f.return()
    }

    /// `MiMakeLoaderEntry(FileName*, Base, Entry*) -> status`: an image's LDR_DATA_TABLE_ENTRY, one reference, in progress, in no list.
    private static let makeLoaderEntry: Routine = .init("MiMakeLoaderEntry", ["FileName", "Base", "Entry"], section: .page) { f in
        let base = f.argument(1)
        let headers = f.local(base + base.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let name = f.structure(UNICODE_STRING.self)
        f.call(baseName, f.argument(0), name)
        let entry = f.local(
            f.call(Ex.allocatePoolWithTag, 0, Value(LDR_DATA_TABLE_ENTRY.size) + 2 + name.Length, Value.tag("MmLd"))
        ).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(entry.isNull) { f.return(Status.insufficientResources) }
        f.zero(entry, LDR_DATA_TABLE_ENTRY.size)
        let status = f.call(Rtl.duplicateUnicodeString, entry.address(of: \.FullDllName), f.argument(0), Value.tag("Ldrd"))
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, entry, Value.tag("MmLd"))
            f.return(status)
        }
        f.set(entry.BaseDllName.Buffer, entry.value + Value(LDR_DATA_TABLE_ENTRY.size))
        f.set(entry.BaseDllName.Length, name.Length)
        f.set(entry.BaseDllName.MaximumLength, name.Length)
        f.copy(to: entry.BaseDllName.Buffer, from: name.Buffer, name.Length)
        f.set((entry.BaseDllName.Buffer + name.Length).word(), 0)
        f.set(entry.DllBase, base)
        f.if(headers.OptionalHeader.AddressOfEntryPoint != 0) {
            f.set(entry.EntryPoint, base + headers.OptionalHeader.AddressOfEntryPoint)
        }
        f.set(entry.SizeOfImage, (headers.OptionalHeader.SizeOfImage + 0xFFF) & ~Value(0xFFF))
        f.set(entry.CheckSum, headers.OptionalHeader.CheckSum)
        f.set(entry.LoadCount, 1)
        f.set(entry.LoadedImports, LoadedImports.none)
        f.set(entry.Flags, LoaderFlag.loadInProgress)
        f.set(f.argument(2).dword(), entry)
        f.return(Status.success)
    }

    /// `MiFinishImage(LdrEntry*) -> status`: snaps a new image's imports, and tells the debugger of it.
    private static let finishImage: Routine = .init("MiFinishImage", ["LdrEntry"], section: .page) { f in
        let entry = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let folder = f.structure(UNICODE_STRING.self)
        f.setString(folder, entry.FullDllName.Buffer, entry.FullDllName.Length - entry.BaseDllName.Length)
        let missing = f.local(0)
        let driver = f.local(0)
        let imports = f.local(0)
        let status = f.call(
            resolveImageReferences, entry.DllBase, folder, 0, f.address(of: missing), f.address(of: driver), f.address(of: imports))
        // What has been referenced is given back with the image.
        f.set(entry.LoadedImports, imports)
        f.if(status.isError) {
            f.if(status == Status.driverEntrypointNotFound) {
                f.print("MM:SYSLDR: '%wZ' needs %s, which '%s' does not export\n", entry.address(of: \.BaseDllName), missing, driver)
            } else: {
                f.if(driver != 0) {
                    f.print("MM:SYSLDR: '%wZ' needs '%s', status (%lx)\n", entry.address(of: \.BaseDllName), driver, status)
                }
            }
            f.return(status)
        }
        f.set(entry.Flags, Value(LoaderFlag.entryProcessed | LoaderFlag.systemMapped | LoaderFlag.loaded))
        f.call(writeProtectSystemImage, entry.DllBase)
        f.if((Ke.ntGlobalFlag.dword & 0x4_0000) != 0) {
            f.call(Kd.notifyImage, entry)
            f.set(entry.Flags, entry.Flags | Value(LoaderFlag.debugSymbolsLoaded))
        }
        f.return(Status.success)
    }

    /// `MiNotifyUnload(LdrEntry*)`: tells the debugger that an image goes.
    private static let notifyUnload: Routine = .init("MiNotifyUnload", ["LdrEntry"], section: .page) { f in
        let entry = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let text = f.buffer(256)
        let name = f.structure(STRING.self)
        let length = f.local(0)
        f.while(length < 255 && length < (entry.BaseDllName.Length >> 1)) {
            f.set((text + length).byte(), (entry.BaseDllName.Buffer + (length << 1)).byte())
            f.add(length, 1)
        }
        f.set((text + length).byte(), 0)
        f.set(name.Length, length)
        f.set(name.MaximumLength, length + 1)
        f.set(name.Buffer, text)
        f.call(Rtl.dbgUnLoadImageSymbols, name, entry.DllBase, 0xFFFF_FFFF as Value)
        f.return()
    }
}
