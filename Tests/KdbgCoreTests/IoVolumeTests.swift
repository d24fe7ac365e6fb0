// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// File systems, mounting, RAW, shutdown, and which disk is which of the loader's.
struct IoVolumeTests {
    private static let module = Module("mount.sys")
    private static let results: Global = .init("MountResults", size: 0x200, module: module)
    private static let log: Global = .init("MountLog", size: 0x200, module: module)
    private static let logCount: Global = .init("MountLogCount", module: module)
    private static let answer: Global = .init("MountAnswer", module: module)
    private static let stop: Routine = .init("MountStop", module: module) { f in f.return() }

    private static func keep(_ f: Function, _ index: Int, _ value: some Operand) {
        f.set(results.value.dword(4 * Int32(index)), value)
    }
    private static func note(_ f: Function, _ value: some Operand) {
        f.set((log.value + (logCount.dword << 2)).dword(), value)
        f.add(logCount.dword, 1)
    }

    /// File-system devices carry their number in the extension's first dword; the disk has none. A mount is refused; the second file system wants its driver
    /// loaded once, the verify request is answered as `MountAnswer` says.
    private static let dispatch: Routine = .init("MountDispatch", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let number = f.local(device.DeviceExtension.dword())
        let status = f.local(Status.success)
        f.if(stack.MajorFunction == Value(Major.fileSystemControl)) {
            note(f, number | (stack.MinorFunction << 8))
            f.if(stack.MinorFunction == 1) {
                f.set(status, Status.unrecognizedVolume)
                f.if(number == 2 && answer.dword == 0) { f.set(status, Status.fsDriverRequired) }
            }
            f.if(stack.MinorFunction == 3) { f.set(answer.dword, 1) }
        }
        f.if(stack.MajorFunction == Value(Major.shutdown)) { note(f, number | 0x1000) }
        f.if(stack.MajorFunction == Value(Major.read)) {
            let mdl = f.local(irp.MdlAddress)
            f.set(Io.systemAddress(f, mdl).dword(), stack.Argument3 + 0x600D_0000)
            f.return(f.call(Io.finishRequest, irp, status, stack.Argument1))
        }
        f.return(f.call(Io.finishRequest, irp, status, 0))
    }
    private static let changed: Routine = .init("MountChanged", ["DeviceObject", "Active"], module: module) { f in
        f.if(f.argument(0, DEVICE_OBJECT.self).DriverObject.DriverInit == Value.address(of: entry)) {
            note(f, f.argument(0, DEVICE_OBJECT.self).DeviceExtension.dword() | (f.argument(1) << 16))
        }
        f.return()
    }

    private static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for major in [Major.create, Major.close, Major.cleanup, Major.read, Major.shutdown, Major.fileSystemControl] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), dispatch)
        }
        keep(f, 0, f.call(Io.registerFsRegistrationChange, driver, changed))
        let made = f.local(0)
        for number in 1...3 as ClosedRange<UInt32> {
            f.call(Io.createDevice, driver, 4, 0, 8, 0, 0, f.address(of: made))
            f.set(made.as(DEVICE_OBJECT.self).DeviceExtension.dword(), number)
            if number == 3 {
                f.set(made.as(DEVICE_OBJECT.self).Flags, made.as(DEVICE_OBJECT.self).Flags | Value(DeviceFlag.lowPriorityFileSystem))
            }
            f.call(Io.registerFileSystem, made)
            keep(f, Int(number), made)
        }
        f.call(Io.createDevice, driver, 4, f.unicode(#"\Device\TestDisk"#), 7, 0, 0, f.address(of: made))
        let disk = f.local(made.as(DEVICE_OBJECT.self))
        f.set(disk.DeviceExtension.dword(), 0)
        f.set(disk.Flags, disk.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
        keep(f, 8, disk)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let handle = f.local(0)
        let second = f.local(0)
        let attributes = f.objectAttributes(
            f.unicode(#"\Device\TestDisk"#), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        // Reads for itself, lets others read.
        keep(f, 9, f.call(Io.ntOpenFile, f.address(of: handle), 0x10_0001, attributes, result, 1, CreateOption.synchronousNonAlert))
        keep(f, 10, f.call(Io.ntOpenFile, f.address(of: second), 0x10_0002, attributes, result, 3, CreateOption.synchronousNonAlert))
        keep(f, 11, f.call(Io.ntOpenFile, f.address(of: second), 0x10_0001, attributes, result, 1, CreateOption.synchronousNonAlert))
        let buffer = f.buffer(512)
        let offset = f.structure(LARGE_INTEGER.self)
        f.set(offset.LowPart, 0x400)
        f.set(offset.HighPart, 0)
        keep(f, 12, f.call(Io.ntReadFile, handle, 0, 0, 0, result, buffer, 512, offset, 0))
        keep(f, 13, buffer.dword())
        f.call(Io.ntReadFile, handle, 0, 0, 0, result, buffer, 512, 0, 0)
        keep(f, 14, buffer.dword())
        keep(f, 15, disk.Vpb.Flags)
        keep(f, 16, disk.Vpb.ReferenceCount)
        f.call(Ob.ntClose, handle)
        f.call(Ob.ntClose, second)
        keep(f, 17, disk.Vpb.ReferenceCount)
        keep(f, 18, disk.Vpb)
        keep(f, 19, disk.Vpb.DeviceObject.DriverObject)
        keep(f, 20, logCount.dword)
        // A name on a raw volume.
        let path = f.objectAttributes(
            f.unicode(#"\Device\TestDisk\file"#), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        keep(f, 21, f.call(Io.ntOpenFile, f.address(of: handle), 0x10_0001, path, result, 1, CreateOption.synchronousNonAlert))
        keep(f, 22, f.call(Io.verifyVolume, disk, 1))
        keep(f, 23, disk.Vpb)
        // The end of the system.
        keep(f, 24, f.call(Io.registerShutdownNotification, results.value.dword(8)))
        f.call(Io.registerShutdownNotification, results.value.dword(4))
        f.call(Io.registerLastChanceShutdownNotification, results.value.dword(12))
        keep(f, 25, logCount.dword)
        f.call(Io.shutdownSystem, 0)
        keep(f, 26, logCount.dword)
        f.call(Io.unregisterFileSystem, results.value.dword(8))
        f.call(Io.unregisterFileSystem, results.value.dword(4))
        keep(f, 27, logCount.dword)
        f.call(stop)
        f.return(Status.success)
    }

    @Test func volumesAreMountedInTheQueuesOrder() {
        let run = KernelRun(extra: [DriverImage(service: "mount", group: "", entry: Self.entry)])
        #expect(run.run(to: "MountStop", limit: 200_000_000) == "MountStop")
        let seen = (0..<28).map { run.read(run.address("MountResults") + 4 * $0) }
        let log = (0..<40).map { run.read(run.address("MountLog") + 4 * $0) }
        // Told of its own three as they came.
        #expect(Array(log[0..<3]) == [0x1_0001, 0x1_0002, 0x1_0003])
        // The newest first, the one of low priority before RAW; after loading, all over again.
        #expect(Array(log[3..<9]) == [0x102, 0x302, 0x102, 0x101, 0x103, 0xFFFF_FFFF].dropLast() + [log[8]])
        #expect(seen[20] == 8, "who has mounted is not asked again")
        #expect(Array(seen[9..<15]) == [0, 0xC000_0043, 0, 0, 0x600D_0400, 0x600D_0600])
        // Mounted, by RAW; RAW's own reference and two files, then RAW's alone.
        #expect(Array(seen[15..<18]) == [0x11, 3, 1])
        #expect(run.name(seen[19]) == "RAW")
        #expect([seen[21], seen[22]] == [0xC000_003A, 0])
        #expect(seen[18] == seen[23], "RAW finds its volume unchanged")
        // Who registered last hears first; entries are taken out.
        let shutdown = Array(log[Int(seen[25])..<Int(seen[26])])
        #expect(shutdown == [0x1001, 0x1002])
        #expect(run.list(run.address("ShutdownListHead")).allSatisfy { run.driver(of: run.read($0 + 8)) == "Disk" })
        #expect(run.list(run.address("LastChanceShutdownListHead")).count == 1)
        #expect(Array(log[Int(seen[26])..<Int(seen[27])]) == [0x0002, 0x0001])
        let queue = run.list(run.address("IopDiskFileSystemQueueHead")).map { $0 - 0x34 }
        #expect(queue.dropLast().last == seen[3])
        #expect(run.name(queue[queue.count - 1]) == "RawDisk")
    }

    // MARK: Which disk is which

    /// The loader block, at the kernel's first instruction, and the first of its disks.
    private func loader(_ run: KernelRun) -> (block: UInt32, disk: UInt32) {
        let block = run.argument(0)
        let information = run.read(block + LOADER_PARAMETER_BLOCK.layout.ArcDiskInformation.offset)
        return (block, run.read(information))
    }

    /// Links another disk into the loader's list.
    private func addDisk(_ run: KernelRun, signature: UInt32, checkSum: UInt32) {
        let (_, first) = loader(run)
        let entry: UInt32 = 0x800F_0000
        let head = run.read(first + 4)
        for (offset, value) in [
            (0, head), (4, first), (8, signature), (12, entry + 0x80), (16, checkSum), (20, 1),
        ] as [(UInt32, UInt32)] { #expect(run.machine.write32(linear: entry + offset, value)) }
        for (index, byte) in "multi(0)disk(0)rdisk(7)\0".utf8.enumerated() {
            #expect(run.machine.write8(linear: entry + 0x80 + UInt32(index), byte))
        }
        #expect(run.machine.write32(linear: first, entry))
        #expect(run.machine.write32(linear: head + 4, entry))
    }

    @Test func aSingleDiskIsTrustedBlindly() {
        let run = KernelRun()
        #expect(run.machine.write32(linear: loader(run).disk + 8, 0xBAD))
        run.run(to: "IopMarkBootPartition")
        #expect(run.target(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#) == #"\Device\Harddisk0\Partition1"#)
    }

    @Test func ofSeveralDisksSignatureAndChecksumDecide() {
        let run = KernelRun()
        let (_, first) = loader(run)
        let (signature, checkSum) = (run.read(first + 8), run.read(first + 16))
        #expect(run.machine.write32(linear: first + 16, checkSum &+ 1))
        addDisk(run, signature: signature, checkSum: checkSum)
        run.run(to: "IopMarkBootPartition")
        #expect(
            run.names(#"\ArcName"#).filter { $0.contains("rdisk(7)") } == [
                "multi(0)disk(0)rdisk(7)", "multi(0)disk(0)rdisk(7)partition(1)",
            ])
        #expect(run.object(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#) == 0)
        // The boot device is the loader's first disk, which nobody has found.
        #expect(run.run(to: "KeBugCheckEx") == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_0034])
    }
}
