// SPDX-License-Identifier: GPL-3.0-or-later

/// The loader, as far as a process with its program and the system DLL needs it: PEB.Ldr, and the program's imports.
extension NtDll {
    private static let loaderData: GlobalStructure<PEB_LDR_DATA> = .init("LdrpLoaderData", module: module)
    private static let programEntry: GlobalStructure<LDR_DATA_TABLE_ENTRY> = .init("LdrpImageEntry", module: module)
    private static let systemEntry: GlobalStructure<LDR_DATA_TABLE_ENTRY> = .init("LdrpNtDllDataTableEntry", module: module)

    private enum Peb {
        static let imageBase: Int32 = 0x08
        static let loader: Int32 = 0x0C
        static let parameters: Int32 = 0x10
    }

    /// `LdrInitializeThunk(NormalContext, SystemDllBase, Unused)`: the first thing a user thread does, as an APC in front of its own code. The first thread of a process makes the list
    /// of images and connects the program's imports; when that fails the process ends with the status.
    package static let initializeThunk: Routine = .init(
        "LdrInitializeThunk", ["NormalContext", "SystemDllBase", "SystemArgument2"], module: module
    ) { f in
        let peb = f.local(Value.fs(0x30))
        f.if(peb.dword(Peb.loader) != 0) { f.return() }
        f.call(makeModuleList, peb, f.argument(1))
        let status = f.call(walkImports, peb.dword(Peb.imageBase))
        f.if(status.isError) { f.call(service("NtTerminateProcess"), 0xFFFF_FFFF as Value, status) }
        f.return()
    }

    /// `LdrpMakeModuleList(Peb, SystemDllBase)`: PEB.Ldr with the program and the system DLL.
    private static let makeModuleList: Routine = .init("LdrpMakeModuleList", ["Peb", "SystemDllBase"], module: module) { f in
        let peb = f.argument(0)
        f.set(loaderData.Length, PEB_LDR_DATA.size)
        for list in [\.InLoadOrderModuleList, \.InMemoryOrderModuleList, \.InInitializationOrderModuleList]
            as [KeyPath<PEB_LDR_DATA, Embedded<LIST_ENTRY>>]
        {
            f.initializeListHead(loaderData[dynamicMember: list].value)
        }
        // RTL_USER_PROCESS_PARAMETERS.ImagePathName.
        let path = f.local(peb.dword(Peb.parameters) + 0x38)
        f.call(fillEntry, programEntry, peb.dword(Peb.imageBase), path)
        f.call(fillEntry, systemEntry, f.argument(1), f.unicode(#"\SystemRoot\System32\ntdll.dll"#))
        f.insertTailList(
            loaderData.InInitializationOrderModuleList.value, systemEntry.pointer.address(of: \.InInitializationOrderLinks))
        f.set(loaderData.Initialized, 1)
        f.set(peb.dword(Peb.loader), loaderData)
        f.return()
    }

    /// `LdrpFillEntry(Entry*, Base, FullName*)`: what the headers say, and the name; at the end of two of the lists.
    private static let fillEntry: Routine = .init("LdrpFillEntry", ["Entry", "Base", "FullName"], module: module) { f in
        let entry = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let base = f.argument(1)
        let optional = f.local(base + base.dword(0x3C) + 0x18).as(IMAGE_OPTIONAL_HEADER.self)
        f.set(entry.DllBase, base)
        f.set(entry.EntryPoint, base + optional.AddressOfEntryPoint)
        f.if(optional.AddressOfEntryPoint == 0) { f.set(entry.EntryPoint, 0) }
        f.set(entry.SizeOfImage, optional.SizeOfImage)
        f.set(entry.CheckSum, optional.CheckSum)
        f.set(entry.TimeDateStamp, (base + base.dword(0x3C)).dword(8))
        // LDRP_ENTRY_PROCESSED, LDRP_IMAGE_DLL where it is one; never unloaded.
        f.set(entry.Flags, 0x4000)
        f.if(((base + base.dword(0x3C)).word(0x16) & 0x2000) != 0) { f.set(entry.Flags, 0x4004) }
        f.set(entry.LoadCount, 0xFFFF)
        f.copy(to: entry.FullDllName, from: f.argument(2), 8)
        f.copy(to: entry.BaseDllName, from: f.argument(2), 8)
        let name = entry.BaseDllName
        let length = f.local(0)
        f.while(length < entry.FullDllName.Length) {
            let rest = f.local(entry.FullDllName.Length - length - 2)
            f.if((entry.FullDllName.Buffer + rest).word() == 0x5C) { f.break() }
            f.add(length, 2)
        }
        f.set(name.Buffer, entry.FullDllName.Buffer + (entry.FullDllName.Length - length))
        f.set(name.Length, length)
        f.set(name.MaximumLength, length + 2)
        f.insertTailList(loaderData.InLoadOrderModuleList.value, entry.address(of: \.InLoadOrderLinks))
        f.insertTailList(loaderData.InMemoryOrderModuleList.value, entry.address(of: \.InMemoryOrderLinks))
        f.return()
    }

    /// `LdrpWalkImportDescriptor(Base) -> status`: every cell of an image's import address tables gets its address. 0xC0000135: a library that is not there, 0xC0000139: a name, 0xC0000138: a number that it
    /// does not export.
    private static let walkImports: Routine = .init("LdrpWalkImportDescriptor", ["Base"], module: module) { f in
        let base = f.argument(0)
        let headers = f.local(base + base.dword(0x3C))
        let rva = f.local(headers.dword(0x80))
        f.if(rva == 0) { f.return(Status.success) }
        let descriptor = f.local(base + rva).as(IMAGE_IMPORT_DESCRIPTOR.self)
        f.while(descriptor.Name != 0 && descriptor.FirstThunk != 0) {
            let library = f.call(findLibrary, base + descriptor.Name)
            f.if(library == 0) { f.return(Status.dllNotFound) }
            let cell = f.local(base + descriptor.FirstThunk)
            let name = f.local(cell)
            f.if(descriptor.OriginalFirstThunk != 0) { f.set(name, base + descriptor.OriginalFirstThunk) }
            f.while(name.dword() != 0) {
                f.if(name.dword().isLessSigned(0)) {
                    f.set(cell.dword(), f.call(exportByOrdinal, library, name.word()))
                    f.if(cell.dword() == 0) { f.return(Status.ordinalNotFound) }
                } else: {
                    let address = f.call(exportByName, library, base + name.dword() + 2)
                    f.if(address == 0) { f.return(Status.entrypointNotFound) }
                    f.set(cell.dword(), address)
                }
                f.add(cell, 4)
                f.add(name, 4)
            }
            f.set(descriptor.value, descriptor.value + IMAGE_IMPORT_DESCRIPTOR.size.value)
        }
        f.return(Status.success)
    }

    /// `LdrpCheckForLoadedDll(Name) -> base or NULL`: an image of the process by its name in bytes; case does not matter.
    private static let findLibrary: Routine = .init("LdrpCheckForLoadedDll", ["Name"], module: module) { f in
        f.forEach(in: loaderData.InLoadOrderModuleList.value) { link in
            let entry = link.as(LDR_DATA_TABLE_ENTRY.self)
            let index = f.local(0)
            f.loop {
                let wanted = f.local((f.argument(0) + index).byte())
                let character = f.local(0)
                f.if((index << 1) < entry.BaseDllName.Length) { f.set(character, (entry.BaseDllName.Buffer + (index << 1)).word()) }
                f.if(wanted >= 0x41 && wanted <= 0x5A) { f.set(wanted, wanted | 0x20) }
                f.if(character >= 0x41 && character <= 0x5A) { f.set(character, character | 0x20) }
                f.if(wanted != character) { f.break() }
                f.if(wanted == 0) { f.return(entry.DllBase) }
                f.add(index, 1)
            }
        }
        f.return(0)
    }

    /// `LdrpNameToAddress(Base, Name) -> address or NULL`: by halves; names are sorted. Exports that name others are not followed.
    private static let exportByName: Routine = .init("LdrpNameToAddress", ["Base", "Name"], module: module) { f in
        let base = f.argument(0)
        let rva = f.local((base + base.dword(0x3C)).dword(0x78))
        f.if(rva == 0) { f.return(0) }
        let directory = f.local(base + rva).as(IMAGE_EXPORT_DIRECTORY.self)
        let low = f.local(0)
        let high = f.local(directory.NumberOfNames)
        f.while(low < high) {
            let middle = f.local((low + high) >> 1)
            let other = f.local(base + (base + directory.AddressOfNames + (middle << 2)).dword())
            let index = f.local(0)
            f.while((f.argument(1) + index).byte() != 0 && (f.argument(1) + index).byte() == (other + index).byte()) { f.add(index, 1) }
            let order = f.local((f.argument(1) + index).byte() - (other + index).byte())
            f.if(order == 0) {
                let ordinal = f.local((base + directory.AddressOfNameOrdinals + (middle << 1)).word())
                f.return(f.call(exportByOrdinal, base, ordinal + directory.Base))
            }
            f.if(order.isLessSigned(0)) {
                f.set(high, middle)
            } else: {
                f.set(low, middle + 1)
            }
        }
        f.return(0)
    }

    /// `LdrpOrdinalToAddress(Base, Ordinal) -> address or NULL`.
    private static let exportByOrdinal: Routine = .init("LdrpOrdinalToAddress", ["Base", "Ordinal"], module: module) { f in
        let base = f.argument(0)
        let headers = f.local(base + base.dword(0x3C))
        f.if(headers.dword(0x78) == 0) { f.return(0) }
        let directory = f.local(base + headers.dword(0x78)).as(IMAGE_EXPORT_DIRECTORY.self)
        let index = f.local(f.argument(1) - directory.Base)
        f.if(index >= directory.NumberOfFunctions) { f.return(0) }
        let rva = f.local((base + directory.AddressOfFunctions + (index << 2)).dword())
        f.if(rva == 0 || (rva >= headers.dword(0x78) && rva < headers.dword(0x78) + headers.dword(0x7C))) { f.return(0) }
        f.return(base + rva)
    }

    /// `LdrGetProcedureAddress(Base, Name* or NULL, Ordinal, Address**) -> status`: an export by its name, a STRING that ends with a zero, or by its number. 0xC0000139, 0xC0000138: there is none.
    package static let getProcedureAddress: Routine = .init(
        "LdrGetProcedureAddress", ["BaseAddress", "Name", "Ordinal", "ProcedureAddress"], module: module
    ) { f in
        let status = f.local(Status.entrypointNotFound)
        let address = f.local(0)
        f.if(f.argument(1) != 0) {
            f.set(address, f.call(exportByName, f.argument(0), f.argument(1).dword(4)))
        } else: {
            f.set(status, Status.ordinalNotFound)
            f.set(address, f.call(exportByOrdinal, f.argument(0), f.argument(2)))
        }
        f.if(address == 0) { f.return(status) }
        f.set(f.argument(3).dword(), address)
        f.return(Status.success)
    }
}

extension Status {
    package static let dllNotFound: Value = 0xC000_0135
    package static let ordinalNotFound: Value = 0xC000_0138
    package static let entrypointNotFound: Value = 0xC000_0139
}
