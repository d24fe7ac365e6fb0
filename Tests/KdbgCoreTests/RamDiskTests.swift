// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Boots from `ramdisk(0)`, and every way in which that can fail.
struct RamDiskTests {
    private static let name = "Ramdisk{d9b257fc-684e-4dcb-ab79-03cfa2f6b750}"

    @Test func bootsFromMemory() {
        let files: [BootVolume.Node] = [.folder("System32", [.file("marker.txt", Array("in memory".utf8))])]
        let run = KernelRun(memoryMiB: 128, files: files, fromRamDisk: true)
        #expect(run.run(to: "IopStartRamdisk", limit: 200_000_000) == "IopStartRamdisk")
        #expect(run.object(#"\Device\Ramdisk"#) != 0)
        #expect(run.object(#"\ArcName\ramdisk(0)"#) == 0)
        run.run(to: "IopCreateArcNames")
        // One step earlier than the others.
        #expect(run.names(#"\ArcName"#) == ["ramdisk(0)"])
        #expect(run.target(#"\ArcName\ramdisk(0)"#) == #"\Device\"# + Self.name)
        let device = run.object(#"\Device\"# + Self.name)
        #expect(run.driver(of: device) == "RamDisk")
        #expect(run.run(to: "PsLocateSystemDll", limit: 400_000_000) == "PsLocateSystemDll")
        #expect(run.target(#"\SystemRoot"#) == #"\Device\"# + Self.name + #"\ReactOS"#)
        #expect(run.read(device + 0x1C) & 0x100 != 0, "it is the boot partition")
        // The worker has asked the bus again and started the disk.
        #expect(run.read(run.read(run.read(device + 0xB0) + 0x14) + DEVICE_NODE.layout.State.offset) == 0x30E)
        #expect(run.variable("IopErrorLogObject") == device)
    }

    /// The log goes to the RAM disk, in round four, and the hard disk stays as it is.
    @Test func logIsWrittenToMemory() {
        let session = Session(BootConfiguration(script: nil, bootsFromRamDisk: true))
        while case .running = session.run(.go, budget: 50_000_000) {}
        let log = String(decoding: session.debugLog() ?? [], as: UTF8.self)
        #expect(log.contains("BOOT DRIVERS LOADED"))
        #expect(log.contains(#"Deleting driver object '\Driver\KdDriver'"#))
    }

    @Test func offsetAndLengthAreHonoured() {
        // The volume begins a sector further on than it does, so nobody knows it.
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 RDIMAGEOFFSET=512 RDIMAGELENGTH=1048576", memoryMiB: 128, fromRamDisk: true)
        #expect(run.run(to: "RamdiskCreateDisk", limit: 200_000_000) == "RamdiskCreateDisk")
        let input = run.argument(0)
        #expect([run.read(input + 0x20), run.read(input + 0x24), run.read(input + 0x28)] == [1_048_576, 0, 512])
        #expect(run.run(to: "KeBugCheckEx", limit: 400_000_000) == "KeBugCheckEx")
        // The boot partition must not be RAW.
        #expect([run.argument(0), run.argument(2)] == [0x7B, 0xC000_014F])
    }

    @Test func withoutTheDriverItIsTwo() {
        let run = KernelRun(memoryMiB: 128, without: ["RamDisk"], fromRamDisk: true)
        #expect(run.run(to: "KeBugCheckEx", limit: 200_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(1), run.argument(2)] == [0xF8, 2, 0xC000_0034])
    }

    @Test func withoutTheImageItIsOne() {
        let run = KernelRun(memoryMiB: 128, fromRamDisk: true)
        run.run(to: "IopStartRamdisk", limit: 200_000_000)
        for entry in run.list(run.argument(0) + LOADER_PARAMETER_BLOCK.layout.MemoryDescriptorListHead.offset)
        where run.read(entry + MEMORY_ALLOCATION_DESCRIPTOR.layout.MemoryType.offset) == 0x19 {
            #expect(run.machine.write32(linear: entry + MEMORY_ALLOCATION_DESCRIPTOR.layout.MemoryType.offset, 4))
        }
        #expect(run.run(to: "KeBugCheckEx") == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(1)] == [0xF8, 1])
    }

    @Test func aControlThatFailsIsThree() {
        // Shorter than a sector.
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 RDIMAGELENGTH=100", memoryMiB: 128, fromRamDisk: true)
        #expect(run.run(to: "KeBugCheckEx", limit: 200_000_000) == "KeBugCheckEx")
        #expect([run.argument(0), run.argument(1), run.argument(2)] == [0xF8, 3, 0xC000_000D])
    }

    /// What comes behind the control cannot fail by itself: the disk's name, the ARC name's link, the disk that enumeration should have started.
    @Test(
        arguments: [
            ("status:RtlpAppendGuid@IopStartRamdisk:STATUS_BUFFER_TOO_SMALL", 4, 0xC000_0023),
            ("status:IoCreateSymbolicLink@IopStartRamdisk:STATUS_INSUFFICIENT_RESOURCES", 5, 0xC000_009A),
            ("status:IoGetDeviceObjectPointer@IopStartRamdisk:STATUS_NO_SUCH_DEVICE:2", 6, 0xC000_000E),
        ] as [(String, UInt32, UInt32)])
    func laterFailures(fault: String, step: UInt32, status: UInt32) throws {
        let run = try LaboratoryRun(faults: [fault], fromRamDisk: true)
        #expect(run.bugcheck == [0xF8, step, status, 0, 0])
        #expect(run.session.faultReports[0].state == .fired)
        #expect(!run.session.timeline.contains { $0.step.number == StepNumber([1, 9], row: 17) && $0.entered != nil })
    }
}
