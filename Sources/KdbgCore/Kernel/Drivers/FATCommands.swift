// SPDX-License-Identifier: GPL-3.0-or-later

/// What fastfat.sys adds to the debugger: `?fat.vols`, `?fat.files` and `?fat.setdbgfile` (spec/kdbg.md section 1.9).
enum FATCommands {
    private static let module = FATDriver.module
    private typealias FAT_FCB = FATDriver.FAT_FCB
    /// The driver, whose devices are the volumes.
    static let driver: Global = .init("FatDriverObject", module: module)
    /// The pattern of `?fat.setdbgfile`: what happens to files with a name that matches is printed. Empty: nothing is.
    private static let debugFile: GlobalStructure<UNICODE_STRING> = .init("FatDebugFile", module: module)

    /// The file and the event that were traced last. The same again is not said again: the lines that tell of writes to the log are written to the log.
    private static let lastFile: Global = .init("FatLastTracedFile", module: module)
    private static let lastEvent: Global = .init("FatLastTracedEvent", module: module)

    /// `FatKdbgCallback(CommandLine*, Argc, Argv*) -> BOOLEAN`.
    static let callback: Routine = .init("FatKdbgCallback", ["CommandLine", "Argc", "Argv"], module: module) { f in
        let command = f.local(f.argument(2).dword())
        f.if(f.call(isWord, command, f.text("?fat.vols")) != 0) {
            f.call(forVolumes, 0, 0)
            f.return(1)
        }
        f.if(f.call(isWord, command, f.text("?fat.files")) != 0) {
            f.if(f.argument(1) < 2) {
                f.print("?fat.files <volume>\n")
                f.return(1)
            }
            f.call(forVolumes, f.argument(2).dword(4), 1)
            f.return(1)
        }
        f.if(f.call(isWord, command, f.text("?fat.setdbgfile")) != 0) {
            f.if(f.argument(1) < 2) {
                f.call(setDebugFile, 0)
            } else: {
                f.call(setDebugFile, f.argument(2).dword(4))
            }
            f.return(1)
        }
        f.return(0)
    }

    /// `FatIsWord(Text*, Word*) -> BOOLEAN`: whether two zero-terminated texts are the same.
    private static let isWord: Routine = .init("FatIsWord", ["Text", "Word"], module: module) { f in
        let text = f.local(f.argument(0))
        let word = f.local(f.argument(1))
        f.loop {
            f.if(text.byte() != word.byte()) { f.return(0) }
            f.if(text.byte() == 0) { f.return(1) }
            f.add(text, 1)
            f.add(word, 1)
        }
        f.return(0)
    }

    /// `FatSetDebugFile(Text*)`: the name of a file, in which `*` and `?` may stand; what is before the last backslash does not count. NULL: none.
    private static let setDebugFile: Routine = .init("FatSetDebugFile", ["Text"], module: module) { f in
        let text = f.structure(STRING.self)
        let last = f.local(f.argument(0))
        f.if(debugFile.Buffer != 0) { f.call(Rtl.freeUnicodeString, debugFile) }
        f.set(debugFile.Length, 0)
        f.set(debugFile.Buffer, 0)
        f.if(last == 0) {
            f.print("No file is traced.\n")
            f.return()
        }
        let next = f.local(last)
        f.while(next.byte() != 0) {
            f.add(next, 1)
            f.if(next.byte(-1) == 0x5C) { f.set(last, next) }
        }
        f.call(Rtl.initAnsiString, text, last)
        f.if(f.call(Rtl.ansiStringToUnicodeString, debugFile, text, 1).isError) { f.set(debugFile.Length, 0) }
        f.print("Tracing %wZ.\n", debugFile)
        f.return()
    }

    /// `FatTrace(Fcb*, What*)`: says what has happened to a file, when somebody wants to know.
    static let trace: Routine = .init("FatTrace", ["Fcb", "What"], module: module) { f in
        let fcb = f.argument(0, FAT_FCB.self)
        f.if(debugFile.Length == 0 || fcb.Name.Length == 0) { f.return() }
        f.if(f.call(FATEnumeration.matchesPattern, debugFile, fcb.Name) == 0) { f.return() }
        f.if(lastFile.dword == fcb.value && lastEvent.dword == f.argument(1)) { f.return() }
        f.set(lastFile.dword, fcb)
        f.set(lastEvent.dword, f.argument(1))
        f.print("(drivers/filesystems/fastfat) %wZ is %s: FCB %p, %lu bytes\n", fcb.Name, f.argument(1), fcb, fcb.FileSize)
        f.return()
    }

    /// `FatForVolumes(Number*, ShowsFiles)`: prints the volumes, or the open files of the one with that number (a digit).
    private static let forVolumes: Routine = .init("FatForVolumes", ["Number", "ShowsFiles"], module: module) { f in
        let device = f.local(driver.dword.as(DRIVER_OBJECT.self).DeviceObject)
        let number = f.local(0)
        let found = f.local(0)
        f.while(device.isNotNull) {
            let vcb = f.local(device.DeviceExtension.as(FATDriver.FAT_VCB.self))
            f.if(vcb.isNotNull) {
                f.if(f.argument(1) == 0) {
                    f.print(
                        "%lu: VCB %p, device %p, FAT%lu, %lu clusters of %lu bytes\n", number, vcb, device, vcb.FatBits, vcb.ClusterEnd - 2,
                        vcb.ClusterBytes)
                    f.set(found, 1)
                } else: {
                    f.if((f.argument(0).byte() == number + 0x30) && (f.argument(0).byte(1) == 0)) {
                        f.forEach(in: vcb.address(of: \.FcbList)) { entry in
                            let fcb = f.local(entry).as(FAT_FCB.self)
                            f.print(
                                "  FCB %p: %wZ, first cluster %lu, %lu bytes, %lu references\n", fcb, fcb.Name, fcb.FirstCluster,
                                fcb.FileSize, fcb.References)
                        }
                        f.set(found, 1)
                    }
                }
                f.add(number, 1)
            }
            f.set(device, device.NextDevice)
        }
        f.if(found == 0) { f.print("No such FAT volume.\n") }
        f.return()
    }
}
