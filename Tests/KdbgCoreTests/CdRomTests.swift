// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Boot devices that are CDs: which drive is the loader's, by the 2048 bytes at 8000h (spec/boot.md section 6, arcname.c). The PC has no drive, so a driver of the tests' own
/// makes two.
struct CdRomTests {
    private static let module = Module("cds.sys")
    /// What a read of the descriptor brings: the dword by which all its others are filled, for each drive.
    private static let descriptors: Global = .init("CdDescriptors", size: 8, module: module)
    private static let reads: Global = .init("CdReads", size: 16, module: module)

    private static let dispatch: Routine = .init("CdDispatch", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        f.if(stack.MajorFunction == Value(Major.read)) {
            let number = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.dword())
            f.set((reads.value + (number << 3)).dword(), stack.Argument3)
            f.set((reads.value + (number << 3)).dword(4), stack.Argument1)
            let place = f.local(Io.systemAddress(f, f.local(irp.MdlAddress)))
            let end = f.local(place + stack.Argument1)
            f.while(place < end) {
                f.set(place.dword(), (descriptors.value + (number << 2)).dword())
                f.add(place, 4)
            }
            f.return(f.call(Io.finishRequest, irp, Status.success, stack.Argument1))
        }
        f.return(f.call(Io.finishRequest, irp, Status.success, 0))
    }

    private static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        for major in [Major.create, Major.close, Major.cleanup, Major.read, Major.shutdown] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), dispatch)
        }
        for number in 0..<2 {
            let made = f.local(0)
            let status = f.call(Io.createDevice, driver, 4, f.unicode(#"\Device\CdRom\#(number)"#), 2, 0, 0, f.address(of: made))
            f.if(status.isError) { f.return(status) }
            let device = made.as(DEVICE_OBJECT.self)
            f.set(device.DeviceExtension.dword(), UInt32(number))
            f.set(device.SectorSize, 2048)
            f.set(device.Flags, device.Flags | Value(DeviceFlag.directIo))
        }
        let information = f.call(Io.getConfigurationInformation)
        f.set(information.dword(8), 2)
        f.return(Status.success)
    }

    /// A boot from `multi(0)disk(0)cdrom(5)` as far as ARC naming; the loader says what the descriptor's sum was.
    private func boot(descriptors: [UInt32], checkSum: UInt32) -> KernelRun {
        let run = KernelRun(extra: [DriverImage(service: "cds", group: "", entry: Self.entry)])
        let block = run.argument(0)
        // In place of `multi(0)disk(0)rdisk(0)partition(1)`.
        let name = run.read(block + LOADER_PARAMETER_BLOCK.layout.ArcBootDeviceName.offset)
        for (index, byte) in "multi(0)disk(0)cdrom(5)\0".utf8.enumerated() {
            #expect(run.machine.write8(linear: name + UInt32(index), byte))
        }
        let information = run.read(block + LOADER_PARAMETER_BLOCK.layout.ArcDiskInformation.offset)
        run.write(run.read(information) + 16, checkSum)
        #expect(run.run(to: "IopCreateArcNames", limit: 100_000_000) == "IopCreateArcNames")
        for (index, value) in descriptors.enumerated() { run.write(run.address("CdDescriptors") + 4 * UInt32(index), value) }
        run.run(to: "IopMarkBootPartition", "KeBugCheckEx", limit: 100_000_000)
        return run
    }

    /// 512 times the dword and the loader's sum make zero for the second drive.
    @Test func theDriveWithTheSumIsTheBootDevice() {
        let run = boot(descriptors: [7, 9], checkSum: 0 &- 9 &* 512)
        #expect(run.target(#"\ArcName\multi(0)disk(0)cdrom(5)"#) == #"\Device\CdRom1"#)
        let reads = run.address("CdReads")
        #expect((0..<4).map { run.read(reads + 4 * $0) } == [0x8000, 2048, 0x8000, 2048])
        // Nobody here knows the file system of CDs; RAW takes it, and the boot volume must not be RAW.
        #expect(run.run(to: "KeBugCheckEx", limit: 100_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_014F])
    }

    @Test func withoutTheSumThereIsNone() {
        let run = boot(descriptors: [7, 9], checkSum: 1)
        #expect(run.object(#"\ArcName\multi(0)disk(0)cdrom(5)"#) == 0)
        #expect(run.run(to: "KeBugCheckEx", limit: 100_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_0034])
    }
}
