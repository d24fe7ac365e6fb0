// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Packets, descriptions of memory and devices by themselves, without a disk: a driver of the test's own makes and sends them.
struct IoRequestTests {
    private static let module = Module("packet.sys")
    private static let results: Global = .init("PacketResults", size: 0x400, module: module)
    private static let stop: Routine = .init("PacketStop", module: module) { f in f.return() }

    private static func keep(_ f: Function, _ index: Int, _ value: some Operand) {
        f.set(results.value.dword(4 * Int32(index)), value)
    }

    /// What the dispatch routine of all test devices does: notes system buffer, description and user buffer, writes into what it got, completes. Context of the
    /// device (first dword of its extension): where to note.
    private static let dispatch: Routine = .init("PacketDispatch", ["DeviceObject", "Irp"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let place = f.local(device.DeviceExtension.dword())
        f.if(stack.MajorFunction == Value(Major.read) || stack.MajorFunction == Value(Major.write)) {
            f.set(place.dword(), irp.SystemBuffer)
            f.set(place.dword(4), irp.MdlAddress)
            f.set(place.dword(8), irp.UserBuffer)
            f.set(place.dword(12), irp.Flags)
            let data = f.local(irp.UserBuffer)
            f.if(irp.SystemBuffer != 0) { f.set(data, irp.SystemBuffer) }
            f.if(irp.MdlAddress.isNotNull) { f.set(data, Io.systemAddress(f, f.local(irp.MdlAddress))) }
            f.set(place.dword(16), data.dword())
            f.if(stack.MajorFunction == Value(Major.read)) { f.set(data.dword(), 0x1234_5678) }
            f.return(f.call(Io.finishRequest, irp, Status.success, stack.Argument1))
        }
        f.return(f.call(Io.finishRequest, irp, Status.success, 0))
    }

    private static func makeDevice(_ f: Function, _ name: String, flags: UInt32, place: Int) -> Pointer<DEVICE_OBJECT> {
        let made = f.local(0)
        f.call(Io.createDevice, f.argument(0), 4, f.unicode(name), 0x22, 0, 0, f.address(of: made))
        let device = made.as(DEVICE_OBJECT.self)
        f.set(device.DeviceExtension.dword(), results.value + Value(UInt32(4 * place)))
        f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(flags))
        return device
    }

    private static func setDispatch(_ f: Function) {
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for major in [Major.create, Major.close, Major.cleanup, Major.read, Major.write, Major.shutdown, Major.deviceControl] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), dispatch)
        }
    }

    private func run(_ entry: Routine) -> KernelRun {
        let run = KernelRun(extra: [DriverImage(service: "packet", group: "", entry: entry)])
        #expect(run.run(to: "PacketStop", limit: 200_000_000) == "PacketStop")
        return run
    }

    private func results(_ run: KernelRun, _ range: Range<UInt32>) -> [UInt32] {
        range.map { run.read(run.address("PacketResults") + 4 * $0) }
    }

    // MARK: Buffers

    private static let bufferEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        setDispatch(f)
        let result = f.structure(IO_STATUS_BLOCK.self)
        for (index, flags) in [UInt32(0x04), 0x10, 0].enumerated() {
            let name = #"\Device\Packet"# + String(index)
            _ = makeDevice(f, name, flags: flags, place: 16 * index + 16)
            let handle = f.local(0)
            let attributes = f.objectAttributes(f.unicode(name), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
            f.call(Io.ntOpenFile, f.address(of: handle), 0x10_0003, attributes, result, 3, CreateOption.synchronousNonAlert)
            let buffer = f.buffer(64)
            f.set(buffer.dword(), 0x5555_0000 + UInt32(index))
            keep(f, 3 * index, f.call(Io.ntWriteFile, handle, 0, 0, 0, result, buffer, 64, 0, 0))
            // The second half is for the read.
            f.set(results.value.dword(Int32(64 * index + 96)), buffer)
            f.set(results.value.dword(Int32(64 * index + 100)), results.value.dword(Int32(64 * index + 80)))
            keep(f, 3 * index + 1, f.call(Io.ntReadFile, handle, 0, 0, 0, result, buffer, 64, 0, 0))
            keep(f, 3 * index + 2, buffer.dword())
            f.call(Ob.ntClose, handle)
        }
        f.call(stop)
        f.return(Status.success)
    }

    @Test func buffersGoAsTheDeviceWants() {
        let run = run(Self.bufferEntry)
        #expect(results(run, 0..<9) == [0, 0, 0x1234_5678, 0, 0, 0x1234_5678, 0, 0, 0x1234_5678])
        for index in 0..<3 as Range<UInt32> {
            let seen = results(run, 16 * index + 16..<16 * index + 26)
            // What the write has brought.
            #expect(seen[9] == 0x5555_0000 + index)
            switch index {
            case 0:
                #expect(seen[0] != 0)
                #expect(seen[0] != seen[8])
                #expect([seen[1], seen[3] & 0x70] == [0, 0x70])
            case 1:
                #expect([seen[0], seen[2]] == [0, 0])
                #expect(seen[1] != 0)
            default: #expect([seen[0], seen[1], seen[2]] == [0, 0, seen[8]])
            }
        }
    }

    // MARK: Where packets come from

    private static let allocationEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        for (index, count) in [1, 8, 9].enumerated() {
            let irp = f.call(Io.allocateIrp, count, 0).as(IRP.self)
            keep(f, 8 * index, irp.Size)
            keep(f, 8 * index + 1, irp.AllocationFlags)
            keep(f, 8 * index + 2, irp.CurrentLocation)
            keep(f, 8 * index + 3, irp.CurrentStackLocation.value - irp.value)
            keep(f, 8 * index + 4, irp)
            f.call(Io.freeIrp, irp)
            let again = f.call(Io.allocateIrp, count, 0)
            keep(f, 8 * index + 5, again)
            f.call(Io.freeIrp, again)
        }
        // The reserve packet: not for 21 locations, and twenty at most.
        keep(f, 24, f.call(Io.allocateReserveIrp, 21))
        let reserve = f.call(Io.allocateReserveIrp, 3).as(IRP.self)
        keep(f, 25, reserve.StackCount)
        keep(f, 26, reserve)
        f.call(Io.freeReserveIrp, 0)
        // A description of 70,000 bytes from the middle of a page, and a part of it.
        let buffer = f.call(Ex.allocatePoolWithTag, 0, 70_000, Value.tag("Test"))
        let mdl = f.call(Io.allocateMdl, buffer + 0x123, 69_000, 0, 0, 0).as(MDL.self)
        f.call(Mm.buildMdlForNonPagedPool, mdl)
        let part = f.call(Io.allocateMdl, buffer + 0x2123, 0x1800, 0, 0, 0).as(MDL.self)
        f.call(Io.buildPartialMdl, mdl, part, buffer + 0x2123, 0x1800)
        keep(f, 32, mdl.Size)
        keep(f, 33, mdl.StartVa + mdl.ByteOffset - buffer)
        keep(f, 34, part.MdlFlags & 0x10)
        keep(f, 35, part.ByteCount)
        keep(f, 36, part.value.dword(0x1C) - mdl.value.dword(0x1C + 8))
        keep(f, 37, part.MappedSystemVa - buffer)
        f.call(Io.freeMdl, part)
        f.call(Io.freeMdl, mdl)
        f.call(stop)
        f.return(Status.success)
    }

    @Test func packetsComeFromLists() {
        let run = run(Self.allocationEntry)
        let seen = results(run, 0..<40)
        // Size, flags, current location, offset of the location behind the last.
        #expect(Array(seen[0..<4]) == [0x94, 0x0C, 2, 0x94])
        #expect(Array(seen[8..<12]) == [0x190, 0x0C, 9, 0x190])
        #expect(Array(seen[16..<20]) == [0x1B4, 0, 10, 0x1B4])
        #expect([seen[4], seen[12]] == [seen[5], seen[13]], "a list gives back what it got last")
        #expect([seen[24], seen[25], seen[26]] == [0, 3, run.variable("IopReserveIrpAllocator")])
        #expect(Array(seen[33..<38]) == [0x123, 0x10, 0x1800, 0, 0x2123])
    }

    // MARK: Up and down a stack

    private static let order: Global = .init("PacketOrder", size: 64, module: module)
    private static let orderCount: Global = .init("PacketOrderCount", module: module)

    private static func note(_ f: Function, _ value: some Operand) {
        f.set((order.value + (orderCount.dword << 2)).dword(), value)
        f.add(orderCount.dword, 1)
    }

    /// Sends a packet one down: the device below is the first dword of the extension; without one the packet is completed, pending, with what Argument2 says.
    private static let layer: Routine = .init("PacketLayer", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let lower = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.dword())
        note(f, f.argument(0))
        f.if(lower != 0) {
            Io.copyLocationToNext(f, irp)
            Io.setCompletionRoutine(f, irp, layerComplete, f.argument(0))
            f.return(f.call(Io.callDriver, lower, irp))
        }
        Io.markPending(f, irp)
        f.call(Io.finishRequest, irp, irp.CurrentStackLocation.Argument2, 7)
        f.return(Status.pending)
    }
    private static let layerComplete: Routine = .init("PacketLayerComplete", ["DeviceObject", "Irp", "Context"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        note(f, f.argument(2) | irp.PendingReturned)
        f.if(irp.PendingReturned != 0) { Io.markPending(f, irp) }
        f.return(Status.success)
    }

    private static let stackEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), layer)
        let devices = (0..<3).map { _ in f.local(0) }
        for device in devices {
            f.call(Io.createDevice, driver, 8, 0, 0x22, 0, 0, f.address(of: device))
            f.set(device.as(DEVICE_OBJECT.self).DeviceExtension.dword(), 0)
        }
        for index in 1..<3 {
            let below = f.call(Io.attachDeviceToDeviceStack, devices[index], devices[0])
            f.set(devices[index].as(DEVICE_OBJECT.self).DeviceExtension.dword(), below)
        }
        for (index, device) in devices.enumerated() { keep(f, index, device) }
        let event = f.structure(KEVENT.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        for (index, status) in [Status.success, Status.noSuchFile].enumerated() {
            f.call(Ke.initializeEvent, event, 0, 0)
            f.set(result.Status, 0x77)
            f.set(result.Information, 0x77)
            let irp = f.call(Io.buildDeviceIoControlRequest, 3, devices[2], 0, 0, 0, 0, 0, event, result).as(IRP.self)
            f.set(Io.nextLocation(irp).Argument2, status)
            keep(f, 8 + 4 * index, f.call(Io.callAndWait, devices[2], irp, event, result))
            keep(f, 9 + 4 * index, result.Information)
        }
        keep(f, 3, f.call(Io.getLowestDevice, devices[2]))
        // The lowest is deleted while it has something on top: it stays until that goes.
        f.call(Io.deleteDevice, devices[0])
        keep(f, 16, driver.DeviceObject)
        keep(f, 17, devices[0].as(DEVICE_OBJECT.self).DeviceObjectExtension.ExtensionFlags)
        f.call(Io.detachDevice, devices[0])
        let list = f.buffer(32)
        let count = f.local(0)
        keep(f, 18, f.call(Io.enumerateDeviceObjectList, driver, list, 32, f.address(of: count)))
        keep(f, 19, count)
        keep(f, 20, list.dword())
        keep(f, 21, list.dword(4))
        f.call(stop)
        f.return(Status.success)
    }

    @Test func completionRunsFromTheBottomUp() {
        let run = run(Self.stackEntry)
        let seen = results(run, 0..<24)
        let (low, middle, top) = (seen[0], seen[1], seen[2])
        let once = [top, middle, low, middle | 1, top | 1]
        let log = (0..<10).map { run.read(run.address("PacketOrder") + 4 * $0) }
        #expect(log == once + once)
        #expect(seen[3] == low)
        #expect([seen[8], seen[9]] == [0, 7])
        #expect([seen[12], seen[13]] == [0xC000_000F, 7])
        #expect([run.byte(low + 0x30), run.byte(middle + 0x30), run.byte(top + 0x30)] == [1, 2, 3])
        #expect(seen[17] == 2, "deletion is pending")
        #expect(Array(seen[18..<22]) == [0, 2, top, middle], "newest first")
    }

    // MARK: What must not be

    private static let noLocationEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        setDispatch(f)
        let device = makeDevice(f, #"\Device\Packet"#, flags: 0, place: 0)
        let irp = f.call(Io.allocateIrp, 1, 0).as(IRP.self)
        Io.setNextLocation(f, irp)
        keep(f, 0, irp)
        f.call(Io.callDriver, device, irp)
        f.return(Status.success)
    }
    private static let twiceEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        let irp = f.call(Io.allocateIrp, 1, 0).as(IRP.self)
        keep(f, 0, irp)
        f.set(irp.CurrentLocation, 3)
        f.call(Io.completeRequest, irp, 0)
        f.return(Status.success)
    }

    @Test(arguments: [UInt32(0x35), 0x44]) func badPacketsCrash(_ code: UInt32) {
        let entry = code == 0x35 ? Self.noLocationEntry : Self.twiceEntry
        let run = KernelRun(extra: [DriverImage(service: "packet", group: "", entry: entry)])
        #expect(run.run(to: "KeBugCheckEx", limit: 200_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(1)] == [code, run.variable("PacketResults")])
    }

    /// A device that is opened too early is refused; so is a second user of an exclusive one.
    private static let refusalEntry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        setDispatch(f)
        let made = f.local(0)
        let file = f.local(0)
        let target = f.local(0)
        f.call(Io.createDevice, f.argument(0), 4, f.unicode(#"\Device\Early"#), 0x22, 0, 0, f.address(of: made))
        keep(f, 0, f.call(Io.getDeviceObjectPointer, f.unicode(#"\Device\Early"#), 0x80, f.address(of: file), f.address(of: target)))
        f.set(made.as(DEVICE_OBJECT.self).Flags, made.as(DEVICE_OBJECT.self).Flags & ~Value(DeviceFlag.initializing))
        keep(f, 1, f.call(Io.getDeviceObjectPointer, f.unicode(#"\Device\Early"#), 0x80, f.address(of: file), f.address(of: target)))
        // Deleted while it is open: its name is gone, the device stays until the file goes.
        f.call(Io.deleteDevice, made)
        keep(f, 2, f.call(Io.getDeviceObjectPointer, f.unicode(#"\Device\Early"#), 0x80, f.address(of: target), f.address(of: target)))
        keep(f, 3, f.argument(0, DRIVER_OBJECT.self).DeviceObject)
        f.call(Ob.dereferenceObject, file)
        keep(f, 4, f.argument(0, DRIVER_OBJECT.self).DeviceObject)
        f.call(stop)
        f.return(Status.success)
    }

    @Test func devicesInTheMakingAreRefused() {
        let run = run(Self.refusalEntry)
        let seen = results(run, 0..<5)
        #expect(Array(seen[0..<3]) == [0xC000_000E, 0, 0xC000_0034])
        #expect(seen[3] != 0 && seen[4] == 0)
        #expect(run.serial.contains("opened before it is initialized"))
    }
}
