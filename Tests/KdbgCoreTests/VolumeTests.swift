// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

@testable import KdbgCore

/// The boot volume, and what the guest's file system does to it, in the eyes of fsck.fat and mtools.
struct VolumeTests {
    /// A file below /tmp that is removed with the value.
    private final class Image {
        let path: String

        init(_ bytes: [UInt8]) {
            path = "/tmp/kdbg-volume-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).img"
            let file = fopen(path, "w")
            fwrite(bytes, 1, bytes.count, file)
            // The rest of the disk is zeros.
            ftruncate(fileno(file), off_t(BootVolume.diskSize))
            fclose(file)
        }

        deinit { unlink(path) }

        /// Output and exit status of a command; `$P` is the image of the partition, `$D` that of the disk.
        func run(_ command: String) -> (output: String, status: Int32) {
            let script =
                "D=\(path); P=\(path).part; dd if=$D of=$P bs=512 skip=63 conv=sparse 2>/dev/null; \(command); s=$?; rm $P; exit $s"
            let (output, status) = Shell.run(script)
            return (output, status >> 8)
        }
    }

    private static let hasTools: Bool = {
        let found = system("command -v fsck.fat mdir mtype dd >/dev/null 2>&1") == 0
        if !found { print("VolumeTests: skipped, dosfstools or mtools are not installed") }
        return found
    }()

    private static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) } }

    @Test(.enabled(if: hasTools)) func freshVolumeIsSound() {
        let script = Self.pattern(16 << 20)
        let image = Image(
            BootVolume.disk(holding: [
                .folder(
                    "ReactOS",
                    [.folder("System32", [.folder("config", []), .folder("drivers", [.folder("etc", [.file("KDBinit", script)])])])])
            ]))
        let check = image.run("fsck.fat -n $P")
        #expect(check.status == 0, "\(check.output)")
        #expect(image.run("mdir -i $P -/ -b ::").output.uppercased().contains("::/REACTOS/SYSTEM32/DRIVERS/ETC/KDBINIT"))
        #expect(image.run("mdir -i $D@@32256 ::/ReactOS/System32").output.uppercased().contains("CONFIG"))
        let size = image.run("mtype -i $P ::/ReactOS/System32/drivers/etc/KDBinit | wc -c").output
        #expect(size.split(separator: "\n").last == "16777216")
    }

    // MARK: Files written by the guest

    private static let module = Module("files.sys")
    private static let results: Global = .init("FileResults", size: 256, module: module)
    private static let sizes = [1, 100, 511, 512, 513, 2048, 4999]

    private static func keep(_ f: Function, _ index: Int, _ value: Value) { f.set(results.value.dword(4 * Int32(index)), value) }

    /// `NtCreateFile` by name; yields status and the local that holds the handle.
    private static func open(
        _ f: Function, _ name: String, access: UInt32, disposition: UInt32 = 1, options: UInt32 = 0x60
    ) -> (status: Value, handle: Value) {
        let handle = f.local(0)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let attributes = f.objectAttributes(f.unicode(name), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let status = f.call(
            Io.ntCreateFile, f.address(of: handle), access | 0x10_0000, attributes, result, 0, 0x80, 1, disposition, options, 0, 0)
        return (status, handle)
    }

    /// Before there is a disk: names that cannot be opened yet (spec/boot.md section 3.2).
    private static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        for (index, name) in [
            #"\SystemRoot\debug.log"#, #"\Device\Harddisk0\Partition1\debug.log"#, #"\Device\Harddisk0"#, #"\??\C:\debug.log"#, "debug.log",
        ].enumerated() { keep(f, 40 + index, open(f, name, access: 4, disposition: 3).status) }
        f.call(Io.registerDriverReinitialization, f.argument(0), files, 0)
        f.return(Status.success)
    }

    private static let files: Routine = .init("FilesTest", ["DriverObject", "Context", "Count"], module: module) { f in
        f.call(appendTest)
        f.call(readTest)
        f.call(statusTest)
        f.call(fastTest)
        f.return()
    }

    /// Appends pieces of many sizes, then replaces something in the middle.
    private static let appendTest: Routine = .init("FilesAppend", [], module: module) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 1, 5000, Value.tag("Test"))
        let index = f.local(0)
        f.while(index < 5000) {
            f.set((buffer + index).byte(), index * 7 + (index >> 8))
            f.add(index, 1)
        }
        let result = f.structure(IO_STATUS_BLOCK.self)
        let information = f.buffer(0x18)
        let log = open(f, #"\SystemRoot\Log.txt"#, access: 4, disposition: 3)
        keep(f, 0, log.status)
        for (index, size) in sizes.enumerated() {
            keep(f, 10 + index, f.call(Io.ntWriteFile, log.handle, 0, 0, 0, result, buffer, size, 0, 0))
        }
        f.call(Io.ntQueryInformationFile, log.handle, result, information, 0x18, 5)
        keep(f, 1, information.dword(8))
        f.call(Ob.ntClose, log.handle)

        let offset = f.structure(LARGE_INTEGER.self)
        f.set(offset.LowPart, 700)
        f.set(offset.HighPart, 0)
        let again = open(f, #"\systemroot\LOG.TXT"#, access: 2)
        keep(f, 2, f.call(Io.ntWriteFile, again.handle, 0, 0, 0, result, buffer, 1500, offset, 0))
        f.call(Ob.ntClose, again.handle)

        f.set(offset.LowPart, 20_000)
        let sparse = open(f, #"\SystemRoot\sparse.bin"#, access: 2, disposition: 2)
        f.call(Io.ntWriteFile, sparse.handle, 0, 0, 0, result, buffer, 10, offset, 0)
        f.call(Ob.ntClose, sparse.handle)
        f.return()
    }

    /// Reads a file of several clusters in odd pieces and adds up its bytes.
    private static let readTest: Routine = .init("FilesRead", [], module: module) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 1, 100_000, Value.tag("Test"))
        let result = f.structure(IO_STATUS_BLOCK.self)
        let file = open(f, #"\SystemRoot\big.bin"#, access: 0x8000_0000)
        keep(f, 3, file.status)
        let sum = f.local(0)
        let total = f.local(0)
        let status = f.local(0)
        f.loop {
            f.set(status, f.call(Io.ntReadFile, file.handle, 0, 0, 0, result, buffer, 70_001, 0, 0))
            f.if(status != 0) { f.break() }
            let index = f.local(0)
            f.while(index < result.Information) {
                f.set(sum, sum + (buffer + index).byte())
                f.add(index, 1)
            }
            f.add(total, result.Information)
        }
        keep(f, 4, status)
        keep(f, 5, total)
        keep(f, 6, sum)
        f.call(Ob.ntClose, file.handle)
        f.return()
    }

    private static let statusTest: Routine = .init("FilesStatus", [], module: module) { f in
        keep(f, 20, open(f, #"\SystemRoot\nothing.txt"#, access: 1).status)
        keep(f, 21, open(f, #"\SystemRoot\nodir\x.txt"#, access: 1).status)
        keep(f, 22, open(f, #"\SystemRoot\big.bin\x.txt"#, access: 1).status)
        keep(f, 23, open(f, #"\SystemRoot\System32"#, access: 1).status)
        keep(f, 24, open(f, #"\SystemRoot\big.bin"#, access: 1, options: 0x21).status)
        keep(f, 25, open(f, #"\SystemRoot\big.bin"#, access: 1, disposition: 2).status)
        let emptied = open(f, #"\SystemRoot\old.bin"#, access: 2, disposition: 5)
        keep(f, 26, emptied.status)
        f.call(Ob.ntClose, emptied.handle)
        f.return()
    }

    /// Reads 4 MiB in pieces of 256 KiB.
    private static let fastTest: Routine = .init("FilesReadFast", [], module: module) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 1, 0x4_0000, Value.tag("Test"))
        let result = f.structure(IO_STATUS_BLOCK.self)
        let file = open(f, #"\SystemRoot\fast.bin"#, access: 1)
        let pieces = f.local(0)
        f.loop {
            let status = f.call(Io.ntReadFile, file.handle, 0, 0, 0, result, buffer, 0x4_0000, 0, 0)
            f.if(status != 0) { f.break() }
            f.add(pieces, 1)
        }
        f.call(Ob.ntClose, file.handle)
        f.return(pieces)
    }

    @Test func largeFilesAreReadCheaply() {
        let run = KernelRun(
            extra: [DriverImage(service: "files", group: "", entry: Self.entry)],
            files: [.file("fast.bin", [UInt8](repeating: 1, count: 4 << 20))])
        run.run(to: "FilesReadFast")
        let start = run.machine.instructionCount
        #expect(run.runToReturn() == 16)
        let sectors: UInt64 = (4 << 20) / 512
        let cost = (run.machine.instructionCount - start) / sectors
        // 256 iterations of REP INSW, some thirty instructions around them, and the disk's own time.
        #expect(cost < 400, "\(cost) instructions for a sector")
    }

    @Test func guestReadsAndWritesFiles() {
        let big = Self.pattern(300_000)
        let run = KernelRun(
            extra: [DriverImage(service: "files", group: "", entry: Self.entry)],
            files: [.folder("System32", []), .file("big.bin", big), .file("old.bin", Self.pattern(9000))])
        #expect(run.run(to: "PsLocateSystemDll") == "PsLocateSystemDll")
        func result(_ index: UInt32) -> UInt32 { run.read(run.address("FileResults") + 4 * index) }
        #expect((40..<45).map(result) == [0xC000_003A, 0xC000_003A, 0xC000_0034, 0xC000_003A, 0xC000_003B])
        #expect(result(0) == 0)
        #expect((10..<17).map(result) == [0, 0, 0, 0, 0, 0, 0])
        #expect(result(1) == UInt32(Self.sizes.reduce(0, +)))
        #expect(result(2) == 0)
        #expect([result(3), result(4), result(5)] == [0, 0xC000_0011, 300_000])
        #expect(result(6) == big.reduce(0) { $0 + UInt32($1) })
        #expect((20..<27).map(result) == [0xC000_0034, 0xC000_003A, 0xC000_003A, 0xC000_00BA, 0xC000_0103, 0xC000_0035, 0])

        var expected = Self.sizes.flatMap { Self.pattern($0) }
        expected.replaceSubrange(700..<2200, with: Self.pattern(1500))
        #expect(run.guest.bootVolumeFile(#"ReactOS\log.txt"#) == expected)
        #expect(run.guest.bootVolumeFile(#"ReactOS\big.bin"#) == big)
        #expect(run.guest.bootVolumeFile(#"ReactOS\old.bin"#) == [])
        #expect(run.guest.bootVolumeFile(#"ReactOS\sparse.bin"#) == [UInt8](repeating: 0, count: 20_000) + Self.pattern(10))
        guard Self.hasTools else { return }
        let image = Image(run.machine.disk.read(offset: 0, count: BootVolume.diskSize))
        let check = image.run("fsck.fat -n $P")
        #expect(check.status == 0, "\(check.output)")
        #expect(
            image.run("mtype -i $P ::/ReactOS/log.txt | cksum; mtype -i $P ::/ReactOS/log.txt | wc -c").output.contains("\(expected.count)")
        )
    }

    @Test func mountedVolumeIsInItsParameterBlock() {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 SOS")
        run.run(to: "PsLocateSystemDll")
        let partition = run.object(#"\Device\HarddiskVolume1"#)
        let vpb = run.read(partition + 0x24)
        #expect(run.word(vpb) == 0x0A && run.word(vpb + 4) == 1)
        #expect(run.read(vpb + 0x0C) == partition)
        #expect(run.name(run.read(run.read(vpb + 8) + 8)) == "fastfat")
        #expect(run.read(partition + 0x1C) & 0x180 == 0x100)
        #expect(run.variable("IopErrorLogObject") == partition)
        let queue = run.list(run.address("IopDiskFileSystemQueueHead")).map { run.name($0 - 0x34) }
        #expect(queue == ["Fat", "RawDisk"])
        let screen = run.machine.textScreenLines().joined(separator: "\n")
        #expect(screen.contains(#"multi(0)disk(0)rdisk(0)partition(1)\ReactOS\System32\Drivers\FASTFAT.SYS"#), "\(screen)")
    }
}
