// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Failures that nobody used to look at: allocations of start-up, devices that cannot be attached, what a disk does not write.
struct UncheckedFailureTests {
    @Test(
        arguments: [
            ("pool:ObjT:5", [0x60, 0, 0, 0, 0]), ("pool:ObjT:6", [0x60, 0, 0, 0, 0]), ("pool:ObjT:7", [0x60, 0, 0, 0, 0]),
            ("pool:ObNm:5", [0x60, 0, 0, 0, 0]), ("pool:ObjT:9", [0x32, 0, 0, 1, 0]), ("pool:Pool:1", [0x41, 0, ~0, ~0, ~0]),
            ("pool:DevN:1", [0x32, 0xC000_009A, 0, 0, 0]),
        ] as [(String, [UInt32])])
    func startUpEndsInTheBugcheckOfItsRow(fault: String, expected: [UInt32]) throws {
        let run = try LaboratoryRun(faults: [fault])
        #expect(run.bugcheck == expected, "\(fault)")
    }

    /// Without a timer there is no channel, without a stack no disk; nobody follows a NULL.
    @Test(arguments: ["pool:IoTm:1", "status:IoAttachDeviceToDeviceStack:0:*"])
    func theDiskIsNotThere(fault: String) throws {
        let run = try LaboratoryRun(faults: [fault])
        #expect(run.bugcheck?[0] == 0x7B && run.bugcheck?[2] == 0xC000_0034, "\(fault)")
    }

    /// A routine of a driver that another fault keeps out is a routine all the same.
    @Test func routinesOfMissingDrivers() throws {
        let run = try LaboratoryRun(faults: [
            #"missing:\SystemRoot\System32\drivers\fastfat.sys"#, "status:FatCreate:0", "status:DbgPrint@fastfat!FatMount:0",
        ])
        #expect(
            run.session.faultReports.dropFirst().map(\.complaint) == .init(repeating: "never reached: fastfat.sys was not loaded", count: 2)
        )
        let fault = try Fault(parsing: "status:FatCreat:0")
        #expect(throws: FaultError.self) {
            try BootConfiguration(faults: [try Fault(parsing: #"missing:\SystemRoot\System32\drivers\fastfat.sys"#), fault]).check()
        }
    }

    // MARK: Threads

    @Test func threadsAreSuspendedSoOften() {
        let run = KernelRun.probe()
        // A worker thread, which waits.
        let current = run.read(0xFFDF_F124)
        let thread = run.list(run.variable("PsInitialSystemProcess") + 0x180).map { $0 - 0x224 }.first { $0 != current } ?? 0
        let (handle, count) = (run.scratch(4), run.scratch(4))
        #expect(run.invoke("ObOpenObjectByPointer", thread, 0x200, 0, 0x1F_03FF, run.variable("PsThreadType"), 0, handle) == 0)
        let queueable = thread + UInt32(KTHREAD.layout.ApcQueueable.offset)
        let old = UInt8(run.byte(queueable))
        _ = run.machine.write8(linear: queueable, 0)
        #expect(run.invoke("NtSuspendThread", run.read(handle), count) == 0xC000_004B && run.read(count) == 0)
        _ = run.machine.write8(linear: queueable, old)
        for number in 0..<127 as Range<UInt32> {
            #expect(run.invoke("NtSuspendThread", run.read(handle), count) == 0 && run.read(count) == number)
        }
        #expect(run.invoke("NtSuspendThread", run.read(handle), count) == 0xC000_004A && run.read(count) == 126)
        for number in (1...127 as ClosedRange<UInt32>).reversed() {
            #expect(run.invoke("NtResumeThread", run.read(handle), count) == 0 && run.read(count) == number)
        }
    }

    // MARK: Files

    private func open(_ run: KernelRun, _ name: String, _ access: UInt32, disposition: UInt32 = 1, options: UInt32 = 0x20) -> (
        handle: UInt32, status: UInt32
    ) {
        let handle = run.scratch(4)
        let status = run.invoke(
            "NtCreateFile", handle, access, run.attributes(#"\SystemRoot\"# + name), run.scratch(8), 0, 0x80, 7, disposition, options, 0, 0)
        return (run.read(handle), status ?? ~0)
    }

    private func make(_ run: KernelRun, _ name: String, bytes: UInt32 = 0, options: UInt32 = 0x20) -> UInt32 {
        let (handle, status) = open(run, name, 0x10_0003, disposition: 2, options: options)
        guard status == 0 else { return status }
        defer { run.invoke("NtClose", handle) }
        guard bytes > 0 else { return 0 }
        return run.invoke("NtWriteFile", handle, 0, 0, 0, run.scratch(8), run.scratch(bytes), bytes, 0, 0) ?? ~0
    }

    private func set(_ run: KernelRun, _ name: String, _ kind: UInt32, _ information: [UInt8]) -> UInt32 {
        let (handle, status) = open(run, name, 0x11_0002)
        guard status == 0 else { return status }
        defer { run.invoke("NtClose", handle) }
        let buffer = run.scratch(UInt32(information.count + 3) & ~3)
        _ = run.machine.writeBytes(linear: buffer, information)
        return run.invoke("NtSetInformationFile", handle, run.scratch(8), buffer, UInt32(information.count), kind, limit: 400_000_000) ?? ~0
    }

    private func size(_ run: KernelRun, _ name: String) -> UInt32 {
        let (handle, _) = open(run, name, 0x10_0001)
        defer { run.invoke("NtClose", handle) }
        let information = run.scratch(24)
        return run.invoke("NtQueryInformationFile", handle, run.scratch(8), information, 24, 5) == 0 ? run.read(information + 8) : ~0
    }

    /// The sector of the disk that a directory entry with that short name is in.
    private func sector(_ run: KernelRun, _ short: String) throws -> Int {
        let image = run.machine.disk.flushedImage
        let geometry = try VolumeFinder(image).geometry
        for sector in geometry.tableStart..<geometry.sectors {
            let bytes = image.read(offset: geometry.offset(sector: sector), count: 512)
            for entry in stride(from: 0, to: 512, by: 32) where bytes[entry..<entry + 11].elementsEqual(short.utf8) {
                return geometry.start / 512 + sector
            }
        }
        return 0
    }

    private func complaints(_ run: KernelRun) throws -> String {
        let image = run.machine.disk.flushedImage
        return VolumeTools.complaints(about: image, try VolumeFinder(image).geometry)
    }

    @Test(.enabled(if: VolumeTools.areThere)) func namesThatCannotBeChanged() throws {
        let run = KernelRun.probe()
        #expect(make(run, "r", options: 0x21) == 0 && make(run, #"r\OLD.TXT"#, bytes: 5) == 0)
        // The new entry is in another sector than the old one.
        for number in 0..<14 { #expect(make(run, #"r\F\#(number)"#) == 0) }
        let sound = run.machine.disk.faults
        run.machine.disk.faults.add(.sector(try sector(run, "OLD     TXT"), .write))
        let units = "NEW.TXT".utf8.flatMap { [$0, 0] as [UInt8] }
        #expect(set(run, #"r\OLD.TXT"#, 10, [UInt8](repeating: 0, count: 8) + [UInt8(units.count), 0, 0, 0] + units) >= 0xC000_0000)
        run.machine.disk.faults = sound
        #expect(open(run, #"r\NEW.TXT"#, 0x10_0001).status == 0xC000_0034 && size(run, #"r\OLD.TXT"#) == 5)
        #expect(make(run, "after") == 0)
        #expect(try complaints(run) == "")
    }

    @Test(.enabled(if: VolumeTools.areThere)) func sizesThatCannotBeChanged() throws {
        let run = KernelRun.probe()
        #expect(make(run, "SIZE.BIN", bytes: 9000) == 0)
        let sound = run.machine.disk.faults
        run.machine.disk.faults.add(.sector(try sector(run, "SIZE    BIN"), .write))
        let small = [100, 0, 0, 0, 0, 0, 0, 0] as [UInt8]
        #expect(set(run, "SIZE.BIN", 20, small) >= 0xC000_0000)
        run.machine.disk.faults = sound
        #expect(size(run, "SIZE.BIN") == 9000)
        #expect(set(run, "SIZE.BIN", 20, small) == 0 && size(run, "SIZE.BIN") == 100)
        #expect(try complaints(run) == "")
    }

    /// The mark of a volume in use that could not be written is not taken for one that is there.
    @Test(.enabled(if: VolumeTools.areThere)) func marksThatCannotBeWritten() throws {
        let run = KernelRun.probe()
        let geometry = try VolumeFinder(run.machine.disk.flushedImage).geometry
        let sound = run.machine.disk.faults
        run.machine.disk.faults.add(.sector(geometry.start / 512 + geometry.tableStart, .write))
        #expect(make(run, "one") >= 0xC000_0000)
        let volume = run.read(run.variable("FatDriverObject") + 4)
        let vcb = run.read(volume + UInt32(DEVICE_OBJECT.layout.DeviceExtension.offset))
        let isDirty = vcb + UInt32(FATDriver.FAT_VCB.layout.IsDirty.offset)
        #expect(run.read(isDirty) == 0)
        run.machine.disk.faults = sound
        #expect(make(run, "one") == 0)
        #expect(run.read(isDirty) == 0)
        #expect(try complaints(run) == "")
    }

    @Test func aVolumeIsNotFilledInVain() {
        let run = KernelRun.probe()
        #expect(make(run, "big", bytes: 1) == 0)
        let start = run.machine.instructionCount
        #expect(set(run, "big", 20, [0, 0, 0, 0xF0, 0, 0, 0, 0]) == 0xC000_007F)
        // The table is read once, and not written.
        #expect(run.machine.instructionCount - start < 40_000_000)
        #expect(size(run, "big") == 1)
    }

    @Test func dotsNameNothing() {
        let run = KernelRun.probe()
        #expect(open(run, #"System32\."#, 0x10_0001, options: 0x21).status == 0xC000_0033)
        #expect(open(run, #"System32\..\System32"#, 0x10_0001, options: 0x21).status == 0xC000_0033)
        #expect(open(run, "...", 0x10_0001).status == 0xC000_0034)
    }

    /// Relative to a device that was opened without its volume is on the device.
    @Test func relativeToADevice() {
        let run = KernelRun.probe()
        let handle = run.scratch(4)
        let name = run.attributes(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#)
        #expect(run.invoke("NtOpenFile", handle, 0x10_0080, name, run.scratch(8), 7, 0x20) == 0)
        let relative = run.attributes("anything")
        run.write(relative + 4, run.read(handle))
        #expect(run.invoke("NtOpenFile", handle, 0x10_0080, relative, run.scratch(8), 7, 0x20) == 0)
        let object = run.scratch(4)
        #expect(run.invoke("ObReferenceObjectByHandle", run.read(handle), 0, 0, 0, object, 0) == 0)
        let file = run.read(object)
        #expect(run.read(file + UInt32(FILE_OBJECT.layout.Flags.offset)) & 0x800 != 0)
        #expect(run.read(file + UInt32(FILE_OBJECT.layout.Vpb.offset)) == 0)
    }

    // MARK: Keys

    @Test func wideNamesOfKeys() {
        let run = KernelRun.probe()
        for (name, isCompressed, bytes) in [("\u{141}ódź", 0, 8), ("plain", 1, 5)] as [(String, UInt32, UInt32)] {
            let handle = run.scratch(4)
            let attributes = run.attributes(#"\Registry\Machine\SYSTEM\"# + name)
            #expect(run.invoke("NtCreateKey", handle, 0xF_003F, attributes, 0, 0, 0, 0) == 0)
            let object = run.scratch(4)
            #expect(run.invoke("ObReferenceObjectByHandle", run.read(handle), 0, 0, 0, object, 0) == 0)
            let kcb = run.read(run.read(object) + UInt32(CM_KEY_BODY.layout.KeyControlBlock.offset))
            let block = run.read(kcb + UInt32(CM_KEY_CONTROL_BLOCK.layout.NameBlock.offset))
            #expect(run.word(block) == isCompressed && run.word(block + 0x0C) == bytes)
            #expect(run.word(block + 0x0E) == (isCompressed == 0 ? 0x141 : 0x6C70))
        }
    }
}
