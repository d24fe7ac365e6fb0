// SPDX-License-Identifier: GPL-3.0-or-later

/// Import tables: snapping them to the images that are loaded, and who keeps whom loaded.
extension Mm {
    /// `MiFindLoadedModule(BaseName*) -> LDR_DATA_TABLE_ENTRY* or NULL`: an entry of `PsLoadedModuleList`, by UNICODE_STRING; case does not count.
    static let findLoadedModule: Routine = .init("MiFindLoadedModule", ["BaseName"]) { f in
        f.forEach(in: loadedModuleList.value) { entry in
            let same = f.call(Rtl.equalUnicodeString, f.argument(0), entry.as(LDR_DATA_TABLE_ENTRY.self).address(of: \.BaseDllName), 1)
            f.if(same != 0) { f.return(entry) }
        }
        f.return(0)
    }

    /// `MiSnapThunk(DllBase, ImageBase, NameThunk, AddressThunk*, MissingApi*) -> status`: finds what a thunk asks for in the image it is asked of, and writes
    /// its address.
    static let snapThunk: Routine = .init("MiSnapThunk", ["DllBase", "ImageBase", "NameThunk", "AddressThunk", "MissingApi"]) { f in
        let thunk = f.argument(2)
        let address = f.local(0)
        f.if(thunk.isError) {
            // Bit 31: by number.
            f.set(f.argument(4).dword(), thunk & 0xFFFF)
            f.set(address, f.call(exportByOrdinal, f.argument(0), thunk & 0xFFFF))
            f.if(address == 0) { f.return(Status.driverOrdinalNotFound) }
        } else: {
            let name = f.call(imageText, f.argument(1), thunk + 2)
            f.if(name == 0) { f.return(Status.invalidImageFormat) }
            f.set(f.argument(4).dword(), name)
            f.set(address, f.call(findExport, f.argument(0), name, (name - 2).word()))
            f.if(address == 0) { f.return(Status.driverEntrypointNotFound) }
        }
        f.set(f.argument(3).dword(), address)
        f.return(Status.success)
    }

    /// `MiSnapImports(DllBase, ImageBase, Descriptor*, MissingApi*) -> status`: all thunks of one import descriptor.
    private static let snapImports: Routine = .init("MiSnapImports", ["DllBase", "ImageBase", "Descriptor", "MissingApi"]) { f in
        let descriptor = f.argument(2, IMAGE_IMPORT_DESCRIPTOR.self)
        let names = f.local(descriptor.OriginalFirstThunk)
        f.if(names == 0) { f.set(names, descriptor.FirstThunk) }
        let cells = f.local(descriptor.FirstThunk)
        // What the headers say is believed, so nothing may be written there.
        f.if(cells < 0x1000) { f.return(Status.invalidImageFormat) }
        f.loop {
            let name = f.call(imageData, f.argument(1), names, 4)
            let cell = f.call(imageData, f.argument(1), cells, 4)
            f.if(name == 0 || cell == 0) { f.return(Status.invalidImageFormat) }
            f.if(name.dword() == 0) { f.return(Status.success) }
            let status = f.call(snapThunk, f.argument(0), f.argument(1), name.dword(), cell, f.argument(3))
            f.if(status.isError) { f.return(status) }
            f.add(names, 4)
            f.add(cells, 4)
        }
    }

    /// Most import descriptors of an image.
    private static let mostImports: UInt32 = 64

    /// `MiResolveImageReferences(ImageBase, ImageFileDirectory*, NamePrefix*, MissingApi*, MissingDriver*, LoadImports*) -> status`: snaps an image's imports,
    /// loading what is not loaded from the image's folder or System32. LoadImports gets what LDR_DATA_TABLE_ENTRY.LoadedImports is to hold; after a failure
    /// what is to be dereferenced. MissingApi: the name, or number, that was not found last; MissingDriver: zero-terminated, the image it was asked of.
    static let resolveImageReferences: Routine = .init(
        "MiResolveImageReferences",
        ["ImageBase", "ImageFileDirectory", "NamePrefix", "MissingApi", "MissingDriver", "LoadImports"]
    ) { f in
        let base = f.argument(0)
        let size = f.local(0)
        f.set(f.argument(5).dword(), LoadedImports.none)
        let descriptor = f.local(f.call(Rtl.imageDirectory, base, 1, ImageDirectory.import, f.address(of: size)))
            .as(IMAGE_IMPORT_DESCRIPTOR.self)
        f.if(descriptor.isNull) { f.return(Status.success) }
        let list = f.call(Ex.allocatePoolWithTag, 1, Value(4 + 4 * mostImports), Value.tag("TDmM"))
        f.if(list == 0) { f.return(Status.insufficientResources) }
        f.set(list.dword(), 0)
        f.set(f.argument(5).dword(), list)
        f.while(size >= IMAGE_IMPORT_DESCRIPTOR.size.value && descriptor.Name != 0 && descriptor.FirstThunk != 0) {
            let name = f.call(imageText, base, descriptor.Name)
            f.if(name == 0 || list.dword() == mostImports.value) { f.return(Status.invalidImageFormat) }
            f.set(f.argument(4).dword(), name)
            let entry = f.local(0)
            let status = f.local(f.call(referenceImport, name, f.argument(1), f.address(of: entry)))
            f.if(status.isError) { f.return(status) }
            f.set((list + 4 + (list.dword() << 2)).dword(), entry)
            f.set(list.dword(), list.dword() + 1)
            f.set(status, f.call(snapImports, entry.as(LDR_DATA_TABLE_ENTRY.self).DllBase, base, descriptor, f.argument(3)))
            f.if(status.isError) { f.return(status) }
            f.set(descriptor.value, descriptor.value + IMAGE_IMPORT_DESCRIPTOR.size.value)
            f.set(size, size - IMAGE_IMPORT_DESCRIPTOR.size.value)
        }
        f.set(f.argument(5).dword(), f.call(compactImports, list))
        f.return(Status.success)
    }

    /// `MiReferenceImport(Name, Directory*, Entry*) -> status`: an image that another one imports, by its zero-terminated base name, with one more reference;
    /// loaded when it is not there yet.
    private static let referenceImport: Routine = .init("MiReferenceImport", ["Name", "Directory", "Entry"]) { f in
        let path = f.stringBuffer(260)
        let name = f.stringBuffer(128)
        let status = f.local(f.call(Rtl.appendAnsiToString, name, f.argument(0)))
        f.if(status.isError) { f.return(Status.invalidImageFormat) }
        let found = f.local(f.call(findLoadedModule, name)).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(found.isNotNull) {
            f.set(found.LoadCount, found.LoadCount + 1)
            f.set(f.argument(2).dword(), found)
            f.return(Status.success)
        }
        let base = f.local(0)
        f.call(Rtl.appendUnicodeStringToString, path, f.argument(1))
        f.set(status, f.call(Rtl.appendUnicodeStringToString, path, name))
        f.if(status.isSuccess) { f.set(status, f.call(loadImage, path, path, f.argument(2), f.address(of: base))) }
        f.if(status == Status.objectNameNotFound) {
            f.set(path.Length, 0)
            f.call(Rtl.appendUnicodeToString, path, f.wide(#"\SystemRoot\System32\"#))
            f.call(Rtl.appendUnicodeStringToString, path, name)
            f.set(status, f.call(loadImage, path, path, f.argument(2), f.address(of: base)))
        }
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(callDllInitialize, f.argument(2).dword()))
        f.if(status.isError) { f.call(unloadImage, f.argument(2).dword()) }
        f.return(status)
    }

    /// `MiCompactImports(List*) -> what LoadedImports holds`: gives the list back when it is empty or has only one entry.
    static let compactImports: Routine = .init("MiCompactImports", ["List"]) { f in
        let list = f.argument(0)
        f.if(list.dword() > 1) { f.return(list) }
        let result = f.local(LoadedImports.none)
        f.if(list.dword() == 1) { f.set(result, list.dword(4) | LoadedImports.single) }
        f.call(Ex.freePoolWithTag, list, Value.tag("TDmM"))
        f.return(result)
    }

    /// `MiDereferenceImports(LoadedImports)`: one reference less for every image in the list; images that nobody needs any more are unloaded. The list itself
    /// stays.
    static let dereferenceImports: Routine = .init("MiDereferenceImports", ["LoadedImports"]) { f in
        let list = f.argument(0)
        f.if(list == LoadedImports.bootLoaded || list == LoadedImports.none || list == 0) { f.return() }
        f.if((list & LoadedImports.single) != 0) {
            f.call(unloadImage, list & ~LoadedImports.single)
            f.return()
        }
        let index = f.local(0)
        f.while(index < list.dword()) {
            f.call(unloadImage, (list + 4 + (index << 2)).dword())
            f.add(index, 1)
        }
        f.return()
    }

    /// `MiClearImports(LdrEntry*)`: forgets an image's list of imports.
    static let clearImports: Routine = .init("MiClearImports", ["LdrEntry"]) { f in
        let entry = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let list = f.local(entry.LoadedImports)
        f.set(entry.LoadedImports, LoadedImports.bootLoaded)
        f.if(list == LoadedImports.bootLoaded || list == LoadedImports.none || list == 0 || (list & LoadedImports.single) != 0) {
            f.return()
        }
        f.call(Ex.freePoolWithTag, list, Value.tag("TDmM"))
        f.return()
    }

    /// `MmCallDllInitialize(LdrEntry*) -> status`: a DLL that drivers import may want to be called before them.
    static let callDllInitialize: Routine = .init("MmCallDllInitialize", ["LdrEntry"], section: .page) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let routine = f.call(Rtl.findExportedRoutineByName, module.DllBase, f.text("DllInitialize"))
        f.if(routine == 0) { f.return(Status.success) }
        let path = f.stringBuffer(160)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\Registry\Machine\System\CurrentControlSet\Services\"#))
        f.call(Rtl.appendUnicodeStringToString, path, module.address(of: \.BaseDllName))
        // Without the extension.
        let length = f.local(path.Length)
        f.while(length > 2 && (path.Buffer + length).word() != 0x2E && (path.Buffer + length - 2).word() != 0x5C) {
            f.add(length, 0xFFFF_FFFE as UInt32)
        }
        f.if((path.Buffer + length).word() == 0x2E) { f.set(path.Length, length) }
        f.return(f.callIndirect(routine, path))
    }
}
