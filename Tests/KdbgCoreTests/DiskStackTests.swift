// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The devices between the bus and the file system, and packets on their way through them.
struct DiskStackTests {
    private static let scsi: UInt32 = 0x0F

    @Test func everyLayerIsADevice() {
        let run = KernelRun()
        run.run(to: "IopCreateArcNames")
        #expect(run.names(#"\Device\Ide"#) == ["IdeDeviceP0T0L0", "IdePort0"])
        #expect(run.names(#"\Device\Harddisk0"#) == ["DR0", "Partition0", "Partition1"])
        #expect(run.target(#"\Device\Harddisk0\Partition0"#) == #"\Device\Harddisk0\DR0"#)
        #expect(run.target(#"\Device\Harddisk0\Partition1"#) == #"\Device\HarddiskVolume1"#)
        let disk = run.object(#"\Device\Harddisk0\DR0"#)
        let target = run.object(#"\Device\Ide\IdeDeviceP0T0L0"#)
        let volume = run.object(#"\Device\HarddiskVolume1"#)
        #expect(run.attachedTo(disk) == target)
        #expect(run.read(target + 0x10) == disk)
        let filter = run.read(disk + 0x10)
        #expect(run.attachedTo(filter) == disk)
        #expect([target, disk, filter, volume].map { run.driver(of: $0) } == ["UniATA", "Disk", "partmgr", "partmgr"])
        // Stack sizes: one more each; a partition sends to the disk.
        #expect([target, disk, filter, volume].map { run.byte($0 + 0x30) } == [1, 2, 3, 3])
        // DO_DIRECT_IO on all of them, nobody is being initialised.
        #expect([target, disk, filter, volume].allSatisfy { run.read($0 + 0x1C) & 0x90 == 0x10 })
        // PCI's device, and the channel on it.
        let port = run.object(#"\Device\Ide\IdePort0"#)
        #expect(run.driver(of: run.attachedTo(port)) == "Pci")
        #expect(run.target(#"\GLOBAL??\MountPointManager"#) == #"\Device\MountPointManager"#)
        #expect(run.names(#"\GLOBAL??"#).filter { $0.hasPrefix("Volume{") }.count == 1)
    }

    /// A packet in StartIo: the port's current one, in the port driver's location, with the class driver's completion routine.
    @Test func packetInFlight() {
        let run = KernelRun()
        run.run(to: "IopCreateArcNames")
        #expect(run.run(to: "UniataStartIo") == "UniataStartIo")
        let port = run.argument(0)
        let irp = run.argument(1)
        #expect(port == run.object(#"\Device\Ide\IdePort0"#))
        #expect(run.read(port + 0x14) == irp)
        #expect(run.byte(port + 0x70) == 1, "the queue is busy")
        #expect(run.word(irp) == 6)
        // Two locations; the lower one is the port's.
        #expect([run.byte(irp + 0x22), run.byte(irp + 0x23)] == [2, 1])
        let lower = irp + 0x70
        let upper = lower + 0x24
        #expect(run.read(irp + 0x60) == lower)
        #expect([run.byte(lower), run.byte(upper)] == [Self.scsi, 3])
        #expect(run.byte(lower + 3) == 0xE1, "invoke on success, error, cancel; pending")
        #expect(run.read(lower + 0x1C) == run.address("DiskIoComplete"))
        #expect(run.read(lower + 0x14) == run.object(#"\Device\Ide\IdeDeviceP0T0L0"#))
        #expect(run.read(upper + 0x14) == run.object(#"\Device\Harddisk0\DR0"#))
        #expect(run.byte(upper + 3) & 1 == 1)
        // READ(10) of the master boot record: its description has one page, which is locked.
        let srb = run.read(lower + 4)
        #expect([run.byte(srb + 0x30), run.read(srb + 0x10)] == [0x28, 512])
        let mdl = run.read(irp + 4)
        #expect([run.read(mdl + 0x14), run.word(mdl + 6) & 2] == [512, 2])
        #expect(run.read(mdl + 0x10) + run.read(mdl + 0x18) == run.read(srb + 0x18))
        // The packet is in the thread's list until it is complete.
        let thread = run.read(irp + 0x50)
        #expect(run.list(thread + 0x208).contains(irp + 0x10))
        run.run(to: "IopCompleteRequest")
        #expect(run.argument(0) == irp + 0x40)
        run.run(to: "IoFreeIrp")
        #expect(!run.list(thread + 0x208).contains(irp + 0x10))
        #expect(run.read(port + 0x14) == 0)
    }

    /// One interrupt a block of READ MULTIPLE, none for anything else, and the processor waits for it instead of looking at the status register.
    @Test func interruptsMoveBlocks() {
        let run = KernelRun()
        run.run(to: "IopCreateArcNames")
        let channel = run.read(run.object(#"\Device\Ide\IdePort0"#) + 0x28)
        var seen: Set<UInt32> = []
        for _ in 0..<400 {
            guard run.run(to: "UniataStartIo") == "UniataStartIo" else { break }
            let srb = run.read(run.read(run.argument(1) + 0x60) + 4)
            let sectors = run.read(srb + 0x10) / 512
            guard [0x28, 0x2A].contains(run.byte(srb + 0x30)) else { continue }
            let before = run.read(channel + 0x28)
            #expect(run.run(to: "UniataDpc") == "UniataDpc")
            #expect(run.read(channel + 0x28) - before == (sectors + 15) / 16, "\(sectors) sectors")
            seen.insert(sectors)
        }
        #expect(seen.contains(1))
        #expect(seen.contains { $0 > 1 })
        let interrupt = run.read(channel + 0x0C)
        #expect(run.word(interrupt) == 0x16)
        #expect(run.read(interrupt + 0x0C) == run.address("UniataInterrupt"))
    }

    @Test func withoutADiskTheBootDeviceIsInaccessible() {
        let run = KernelRun()
        run.machine.disk.attach(bytes: [])
        #expect(run.run(to: "KeBugCheckEx", limit: 200_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_0034])
        #expect(run.object(#"\Device\Harddisk0"#) == 0)
    }

    /// A sector that cannot be read once: the class driver tries again, and nobody notices.
    @Test func aFailureIsTriedAgain() {
        let run = KernelRun()
        run.machine.disk.faults.add(.transfer(1, .read))
        run.run(to: "IopMarkBootPartition")
        #expect(run.target(#"\Device\Harddisk0\Partition1"#) == #"\Device\HarddiskVolume1"#)
        let disk = run.read(run.object(#"\Device\Harddisk0\DR0"#) + 0x28)
        #expect([run.read(disk + 0x18), run.read(disk + 0x1C)] == [0, 1])
    }

    /// One that can never be read: five times in vain, then an entry for the event log, and the status goes all the way up.
    @Test func aBadSectorIsLogged() {
        let run = KernelRun()
        run.machine.disk.faults.add(.sector(63, .read))
        #expect(run.run(to: "IoWriteErrorLogEntry", limit: 400_000_000) == "IoWriteErrorLogEntry")
        let packet = run.argument(0)
        #expect([run.byte(packet + 1), run.read(packet + 0x0C), run.read(packet + 0x14)] == [4, 0xC004_0007, 0xC000_009C])
        #expect([run.read(packet + 0x20), run.read(packet + 0x24)] == [63 * 512, 0])
        #expect(run.run(to: "KeBugCheckEx") == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_009C])
    }

    // MARK: Many packets, errors, cancellation

    private static let module = Module("many.sys")
    private static let log: Global = .init("ManyLog", size: 256, module: module)
    private static let position: Global = .init("ManyPosition", module: module)
    private static let done: GlobalStructure<KEVENT> = .init("ManyDone", module: module)

    private static func note(_ f: Function, _ value: Value) {
        f.set((log.value + (position.dword << 2)).dword(), value)
        f.add(position.dword, 1)
    }

    private static let complete: Routine = .init("ManyComplete", ["DeviceObject", "Irp", "Context"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        note(f, f.argument(2))
        note(f, irp.IoStatus.Status)
        note(f, irp.IoStatus.Information)
        f.call(Io.freeMdls, irp)
        f.call(Io.freeIrp, irp)
        f.if(position.dword == 12) { f.call(Ke.setEvent, done, 0, 0) }
        f.return(Status.moreProcessingRequired)
    }

    /// At DISPATCH_LEVEL: four reads for the disk. The first is the port's current packet, the others wait; the third is called off.
    private static let test: Routine = .init("ManyTest", ["DriverObject", "Context", "Count"], module: module) { f in
        let file = f.local(0)
        let device = f.local(0)
        let buffer = f.call(Ex.allocatePoolWithTag, 0, 0x4000, Value.tag("Test"))
        let offset = f.structure(LARGE_INTEGER.self)
        f.set(offset.HighPart, 0)
        f.call(Ke.initializeEvent, done, 0, 0)
        f.call(
            Io.getDeviceObjectPointer, f.unicode(#"\Device\Harddisk0\Partition0"#), 0x80, f.address(of: file), f.address(of: device))
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let third = f.local(0)
        for index in 0..<4 as Range<UInt32> {
            f.set(offset.LowPart, index * 0x1000)
            let irp = f.call(
                Io.buildAsynchronousFsdRequest, Major.read, device, buffer + Value(index * 0x1000), 0x1000 - 512 * index, offset, 0)
            Io.setCompletionRoutine(f, irp.as(IRP.self), complete, index + 1)
            if index == 2 { f.set(third, irp) }
            f.set(log.value.dword(Int32(160 + 4 * index)), f.call(Io.callDriver, device, irp))
        }
        f.set(log.value.dword(176), f.call(Io.cancelIrp, third))
        f.call(manyStop)
        f.call(Hal.lowerIrql, irql)
        f.call(Ke.waitForSingleObject, done, 0, 0, 0, 0)
        // Behind the end of the disk: the class driver refuses; the port driver asks the disk, which does not find the sector.
        f.set(log.value.dword(180), f.call(Io.synchronousTransfer, Major.read, device, buffer, 512, 0x7000_0000, 0))
        f.set(log.value.dword(184), f.call(Io.synchronousTransfer, Major.read, device, buffer, 500, 0, 0))
        let srb = f.structure(SCSI_REQUEST_BLOCK.self)
        f.zero(srb, SCSI_REQUEST_BLOCK.size)
        f.set(srb.SrbFlags, Scsi.dataIn)
        f.set(srb.DataBuffer, buffer)
        f.set(srb.DataTransferLength, 512)
        f.set(srb.Cdb.byte(), Scsi.read10)
        f.set(srb.Cdb.byte(2), 0x0F)
        f.set(srb.Cdb.byte(8), 1)
        f.set(log.value.dword(188), f.call(DiskRequestsTest.send, device, srb))
        f.set(log.value.dword(192), srb.SrbStatus)
        f.call(Ob.dereferenceObject, file)
        f.call(manyStop)
        f.return()
    }
    private static let manyStop: Routine = .init("ManyStop", module: module) { f in f.return() }
    private static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        f.call(Io.registerDriverReinitialization, f.argument(0), test, 0)
        f.return(Status.success)
    }

    private enum DiskRequestsTest {
        static let send: Routine = .init("ManySend", ["DeviceObject", "Srb"], module: module) { f in
            let event = f.structure(KEVENT.self)
            let result = f.structure(IO_STATUS_BLOCK.self)
            f.call(Ke.initializeEvent, event, 0, 0)
            let irp = f.local(f.call(Io.buildDeviceIoControlRequest, 0, f.argument(0), 0, 0, 0, 0, 1, event, result).as(IRP.self))
            f.set(Io.nextLocation(irp).Argument1, f.argument(1))
            f.return(f.call(Io.callAndWait, f.argument(0), irp, event, result))
        }
    }

    @Test func packetsQueueInOrder() {
        let run = KernelRun(extra: [DriverImage(service: "many", group: "", entry: Self.entry)])
        #expect(run.run(to: "ManyStop", limit: 400_000_000) == "ManyStop")
        let log = run.address("ManyLog")
        let port = run.object(#"\Device\Ide\IdePort0"#)
        // All four are pending; two still wait behind the current one, the third has gone at once.
        #expect((0..<4).map { run.read(log + 160 + 4 * $0) } == [0x103, 0x103, 0x103, 0x103])
        #expect(run.read(log + 176) == 1)
        #expect(run.read(port + 0x14) != 0)
        #expect(run.list(port + 0x64).count == 2)
        #expect([run.read(log), run.read(log + 4)] == [3, 0xC000_0120])
        #expect(run.run(to: "ManyStop") == "ManyStop")
        let first = (0..<4).map { run.read(log + 12 * $0) }
        #expect(first == [3, 1, 2, 4])
        #expect((1..<4).map { run.read(log + 12 * $0 + 4) } == [0, 0, 0])
        #expect((1..<4).map { run.read(log + 12 * $0 + 8) } == [0x1000, 0x0E00, 0x0A00])
        #expect(run.list(port + 0x64).isEmpty)
        #expect([run.read(port + 0x14), run.byte(port + 0x70)] == [0, 0])
        #expect([run.read(log + 180), run.read(log + 184)] == [0xC000_000D, 0xC000_000D])
        #expect(run.read(log + 188) == 0xC000_0015)
        #expect(run.read(log + 192) == 4)
    }

    private static let lostModule = Module("lost.sys")
    private static let lostStatus: Global = .init("LostStatus", module: lostModule)
    private static let lostStop: Routine = .init("LostStop", module: lostModule) { f in f.return() }

    /// Reads while the disk may not interrupt (nIEN).
    private static let lostTest: Routine = .init("LostTest", ["DriverObject", "Context", "Count"], module: lostModule) { f in
        let file = f.local(0)
        let device = f.local(0)
        let buffer = f.call(Ex.allocatePoolWithTag, 0, 0x1000, Value.tag("Test"))
        f.call(
            Io.getDeviceObjectPointer, f.unicode(#"\Device\Harddisk0\Partition0"#), 0x80, f.address(of: file), f.address(of: device))
        f.output(Value(0x3F6), 2)
        f.set(lostStatus.dword, f.call(Io.synchronousTransfer, Major.read, device, buffer, 512, 0, 0))
        f.call(Ob.dereferenceObject, file)
        f.call(lostStop)
        f.return()
    }
    private static let lostEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: lostModule) { f in
        f.call(Io.registerDriverReinitialization, f.argument(0), lostTest, 0)
        f.return(Status.success)
    }

    /// The disk says nothing: after the request's time the channel is reset, and the class driver tries again.
    @Test func lostRequestTimesOut() {
        let run = KernelRun(extra: [DriverImage(service: "lost", group: "", entry: Self.lostEntry)])
        #expect(run.run(to: "LostTest", limit: 400_000_000) == "LostTest")
        #expect(run.run(to: "UniataGiveUp", limit: 2_000_000_000) == "UniataGiveUp")
        #expect(run.run(to: "UniataFinish") == "UniataFinish")
        #expect([run.argument(2), run.argument(3)] == [9, 0xC000_00B5])
        // The reset has opened the line again.
        #expect(run.run(to: "UniataFinish") == "UniataFinish")
        #expect([run.argument(2), run.argument(3)] == [1, 0])
        #expect(run.run(to: "LostStop") == "LostStop")
        #expect(run.variable("LostStatus") == 0)
        let disk = run.read(run.object(#"\Device\Harddisk0\DR0"#) + 0x28)
        #expect([run.read(disk + 0x18), run.read(disk + 0x1C)] == [0, 1])
    }
}

extension KernelRun {
    /// DEVOBJ_EXTENSION.AttachedTo.
    func attachedTo(_ device: UInt32) -> UInt32 { read(read(device + 0xB0) + 0x18) }

    /// The name of a device's driver in its directory.
    func driver(of device: UInt32) -> String { name(read(device + 8)) }
}
