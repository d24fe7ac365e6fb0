// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBG's own symbols (spec/kdbg.md section 7.5), which it takes from images: from memory at once, from files by a thread. The only format it knows is a section `.rossym`,
/// which our images do not have (the debugger in the host knows more); those of a disk of one's own may.
///
/// Modules wait in a queue of nodes of their own, by base address: an image that is gone when its turn comes is found to be.
extension Kd {
    /// An image whose file is to be looked at.
    private struct SYMBOL_REQUEST: Structure {
        static let size: UInt32 = 0x10
        let Link = Embedded<LIST_ENTRY>(0x00)
        let DllBase = Field.pointer(0x08)

        static let layout = Self()
    }

    /// Physical pages that there must be: 96 MB.
    private static let leastPages: UInt32 = 0x6000
    /// Bytes of a file's head that hold its section table.
    private static let headSize: UInt32 = 0x400
    /// Symbols of more bytes are not loaded.
    private static let largestSymbols: UInt32 = 0x40_0000
    /// The longest path, in characters.
    private static let longestPath: UInt32 = 200

    /// Whether symbols are loaded.
    package static let loadSymbols: Global = .init("KdbpLoadSymbols")
    package static let symbolsToLoad: GlobalStructure<LIST_ENTRY> = Global.listHead("SymbolsToLoad")
    private static let symbolsToLoadLock: Global = .init("SymbolsToLoadLock")
    private static let symbolsToLoadEvent: GlobalStructure<KEVENT> = .init("SymbolsToLoadEvent")
    /// How many images the thread has looked for in files.
    package static let symbolFilesSearched: Global = .init("KdbpSymFilesSearched")

    /// `KdbSymInit(BootPhase)`: in phase 0 memory has not been counted, so nothing is loaded, and when KD is enabled again it stays as it is; in phase 1 the thread starts and gets every module there is. Without a
    /// thread nothing is loaded.
    static let kdbSymInit: Routine = .init("KdbSymInit", ["BootPhase"]) { f in
        f.if(f.argument(0) == 0) { f.return() }
        f.set(loadSymbols.dword, Mm.numberOfPhysicalPages.dword >= Value(leastPages))
        f.if(loadSymbols.dword == 0) { f.return() }
        f.set(symbolsToLoadLock.dword, 0)
        f.call(Ke.initializeEvent, symbolsToLoadEvent, 1, 0)
        let handle = f.local(0)
        let status = f.call(Ps.createSystemThread, f.address(of: handle), 0x001F_03FF, 0, 0, 0, symbolLoaderThread, 0)
        f.if(status.isError) {
            f.set(loadSymbols.dword, 0)
            f.print("Failed to create symbol loader thread: 0x%08lx\n", status)
            f.return()
        }
        f.call(Ob.ntClose, handle)
        f.forEach(in: Mm.loadedModuleList.value) { entry in f.call(kdbSymProcessSymbols, entry, 1) }
        f.return()
    }

    /// `KdbSymNotify(DllBase, Unload)`: what a change of symbols tells KD. At DISPATCH_LEVEL.
    static let kdbSymNotify: Routine = .init("KdbSymNotify", ["DllBase", "Unload"]) { f in
        f.if(loadSymbols.dword == 0) { f.return() }
        let module = f.call(findModule, f.argument(0))
        f.if(module != 0) { f.call(kdbSymProcessSymbols, module, f.argument(1) == 0) }
        f.return()
    }

    /// `KdbpFindModule(DllBase) -> LDR_DATA_TABLE_ENTRY* or NULL`.
    private static let findModule: Routine = .init("KdbpFindModule", ["DllBase"]) { f in
        let found = f.local(0)
        f.forEach(in: Mm.loadedModuleList.value) { entry in
            f.if(entry.as(LDR_DATA_TABLE_ENTRY.self).DllBase == f.argument(0)) {
                f.set(found, entry)
                f.break()
            }
        }
        f.return(found)
    }

    /// `KdbSymProcessSymbols(LdrEntry*, Load)`: symbols in memory are used where they are; else the thread looks for the file. An image that goes gives back what was read.
    static let kdbSymProcessSymbols: Routine = .init("KdbSymProcessSymbols", ["LdrEntry", "Load"]) { f in
        let module = f.argument(0, LDR_DATA_TABLE_ENTRY.self)
        let base = f.local(module.DllBase)
        f.if(base == 0 || f.call(Hal.getCurrentIrql) > Irql.dispatch) { f.return() }
        f.if(f.argument(1) == 0) {
            let symbols = f.exchange(module.PatchInformation, with: 0)
            f.if(symbols != 0 && symbols - base >= module.SizeOfImage) { f.call(Ex.freePoolWithTag, symbols, Value.tag("KDBG")) }
            f.return()
        }
        f.if(module.PatchInformation != 0) { f.return() }
        let section = f.call(findSymbolSection, base, 0x1000)
        f.if(section != 0) {
            f.set(module.PatchInformation, base + section.dword(0x0C))
            f.return()
        }
        let request = f.call(Ex.allocatePoolWithTag, 0, SYMBOL_REQUEST.size, Value.tag("KDBG")).as(SYMBOL_REQUEST.self)
        f.if(request.isNull) { f.return() }
        f.set(request.DllBase, base)
        f.call(Io.interlockedInsertTailList, symbolsToLoad, request, symbolsToLoadLock)
        f.call(Ke.setEvent, symbolsToLoadEvent, 0, 0)
        f.return()
    }

    /// `KdbpFindSymbolSection(Image, Limit) -> section header or NULL`: of an image's head with that many bytes.
    private static let findSymbolSection: Routine = .init("KdbpFindSymbolSection", ["Image", "Limit"]) { f in
        let image = f.argument(0)
        let limit = f.argument(1)
        f.if(image.word() != 0x5A4D) { f.return(0) }
        let headers = f.local(image.dword(0x3C))
        f.if(headers > limit - 0x18) { f.return(0) }
        f.if((image + headers).dword() != 0x4550) { f.return(0) }
        let left = f.local((image + headers).word(6))
        let section = f.local(headers + 0x18 + (image + headers).word(0x14))
        f.while(left != 0 && section + 0x28 <= limit) {
            let name = f.local(image + section)
            // ".rossym" and its final zero.
            f.if(name.dword() == 0x736F_722E && name.dword(4) == 0x006D_7973) { f.return(name) }
            f.add(section, 0x28)
            f.add(left, 0xFFFF_FFFF as Value)
        }
        f.return(0)
    }

    // MARK: The thread

    /// `KdbpSymLoaderThread(Context)`: never returns.
    package static let symbolLoaderThread: Routine = .init("KdbpSymLoaderThread", ["Context"]) { f in
        f.loop {
            f.call(Ke.waitForSingleObject, symbolsToLoadEvent, 0, 0, 0, 0)
            f.loop {
                let request = f.call(Io.interlockedRemoveHeadList, symbolsToLoad, symbolsToLoadLock)
                f.if(request == 0) { f.break() }
                let base = f.local(request.as(SYMBOL_REQUEST.self).DllBase)
                f.call(Ex.freePoolWithTag, request, Value.tag("KDBG"))
                f.call(searchSymbolFiles, base)
            }
        }
        f.return()
    }

    /// `KdbpSymSearchFiles(DllBase)`: the file at the image's own path, then the one of its name in `\SystemRoot\system32\`, then in its `drivers\`.
    private static let searchSymbolFiles: Routine = .init("KdbpSymSearchFiles", ["DllBase"]) { f in
        let folders = [nil, #"\SystemRoot\system32\"#, #"\SystemRoot\system32\drivers\"#]
        f.add(symbolFilesSearched.dword, 1)
        for folder in folders {
            let path = f.stringBuffer(longestPath)
            if let folder { f.call(Rtl.appendUnicodeToString, path, f.wide(folder)) }
            // The image may go as long as this thread can be interrupted.
            let old = f.call(Hal.raiseIrqlToDpcLevel)
            let status = f.local(Status.noSuchDevice)
            let module = f.call(findModule, f.argument(0)).as(LDR_DATA_TABLE_ENTRY.self)
            f.if(module.isNotNull) {
                let name = folder == nil ? module.address(of: \.FullDllName) : module.address(of: \.BaseDllName)
                f.set(status, f.call(Rtl.appendUnicodeStringToString, path, name))
            }
            f.call(Hal.lowerIrql, old)
            f.if(status.isSuccess) {
                f.if(f.call(loadSymbolFile, f.argument(0), path) != 0) { f.return() }
            }
        }
        f.return()
    }

    /// `KdbpSymLoadFile(DllBase, Path*) -> BOOLEAN`: whether the file has symbols.
    private static let loadSymbolFile: Routine = .init("KdbpSymLoadFile", ["DllBase", "Path"]) { f in
        let file = f.local(0)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let attributes = f.structure(OBJECT_ATTRIBUTES.self)
        initializeAttributes(f, attributes, f.argument(1))
        // FILE_READ_DATA | SYNCHRONIZE; shared for all; FILE_OPEN; NON_DIRECTORY_FILE | SYNCHRONOUS_IO_NONALERT.
        let opened = f.call(Io.ntCreateFile, f.address(of: file), 0x0010_0001, attributes, result, 0, 0x80, 7, 1, 0x0000_0060, 0, 0)
        f.if(opened.isError) { f.return(0) }
        let symbols = f.call(readSymbols, file)
        f.call(Ob.ntClose, file)
        f.if(symbols == 0) { f.return(0) }
        let old = f.call(Hal.raiseIrqlToDpcLevel)
        let module = f.call(findModule, f.argument(0)).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(module.isNotNull && module.PatchInformation == 0) {
            f.set(module.PatchInformation, symbols)
        } else: {
            f.call(Ex.freePoolWithTag, symbols, Value.tag("KDBG"))
        }
        f.call(Hal.lowerIrql, old)
        f.return(1)
    }

    /// `KdbpSymReadFile(File) -> symbols or NULL`: the contents of the section, in nonpaged pool.
    private static let readSymbols: Routine = .init("KdbpSymReadFile", ["File"]) { f in
        let result = f.structure(IO_STATUS_BLOCK.self)
        let offset = f.structure(LARGE_INTEGER.self)
        let head = f.buffer(headSize)
        f.zero(head, headSize)
        f.zero(offset, 8)
        let read = f.local(f.call(Io.ntReadFile, f.argument(0), 0, 0, 0, result, head, headSize, offset, 0))
        f.if(read.isError) { f.return(0) }
        let section = f.call(findSymbolSection, head, headSize)
        f.if(section == 0) { f.return(0) }
        let size = f.local(section.dword(0x10))
        f.if(size == 0 || size > Value(largestSymbols)) { f.return(0) }
        let symbols = f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("KDBG"))
        f.if(symbols == 0) { f.return(0) }
        f.set(offset.LowPart, section.dword(0x14))
        f.set(read, f.call(Io.ntReadFile, f.argument(0), 0, 0, 0, result, symbols, size, offset, 0))
        f.if(read.isError || result.Information != size) {
            f.call(Ex.freePoolWithTag, symbols, Value.tag("KDBG"))
            f.return(0)
        }
        f.return(symbols)
    }
}
