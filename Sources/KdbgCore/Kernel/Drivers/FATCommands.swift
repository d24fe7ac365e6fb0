// SPDX-License-Identifier: GPL-3.0-or-later

/// What fastfat.sys adds to the debugger: `?fat.vols` and `?fat.files` (spec/kdbg.md section 1.9).
enum FATCommands {
    private static let module = FATDriver.module
    /// The driver, whose devices are the volumes.
    static let driver: Global = .init("FatDriverObject", module: module)

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
                        "%lu: VCB %p, device %p, %lu clusters of %lu bytes\n", number, vcb, device, vcb.ClusterEnd - 2, vcb.ClusterBytes)
                    f.set(found, 1)
                } else: {
                    f.if((f.argument(0).byte() == number + 0x30) && (f.argument(0).byte(1) == 0)) {
                        f.forEach(in: vcb.address(of: \.FcbList)) { entry in
                            let fcb = f.local(entry).as(FATDriver.FAT_FCB.self)
                            f.print(
                                "  FCB %p: first cluster %lu, %lu bytes, %lu references\n", fcb, fcb.FirstCluster, fcb.FileSize,
                                fcb.References)
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
