// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Three disks at once: numbers, partitions, interfaces and letters of each (spec/boot.md sections 1.9 #18, #25 and 6, deviface.c and arcname.c).
struct TwoDiskTests {
    @Test func eachHasNamesOfItsOwn() throws {
        let run = TwoDisks.boot()
        #expect(run.read(run.address("_SystemConfigurationInformation")) == 3)
        #expect(run.names(#"\Device\Harddisk0"#) == ["DR0", "Partition0", "Partition1"])
        #expect(run.names(#"\Device\Harddisk1"#) == ["DR1", "Partition0", "Partition1"])
        #expect(run.names(#"\Device\Harddisk2"#) == ["DR2", "Partition0", "Partition1", "Partition2"])
        for (disk, partition, volume) in [(0, 1, 1), (1, 1, 2), (2, 1, 3), (2, 2, 4)] {
            #expect(run.target(#"\Device\Harddisk\#(disk)\Partition\#(partition)"#) == #"\Device\HarddiskVolume\#(volume)"#)
        }
        // The boot volume is the first letter, the others follow by disk and partition.
        for (letter, volume) in [("C:", 1), ("D:", 2), ("E:", 3), ("F:", 4)] {
            #expect(run.target(#"\GLOBAL??\"# + letter) == #"\Device\HarddiskVolume\#(volume)"#, "\(letter)")
        }
        #expect(run.object(#"\GLOBAL??\G:"#) == 0)
        // The loader has seen one disk only.
        #expect(run.names(#"\ArcName"#) == ["multi(0)disk(0)rdisk(0)", "multi(0)disk(0)rdisk(0)partition(1)"])
        #expect(!run.serial.contains("interfaces are enabled"))
        let volumes = run.names(#"\GLOBAL??"#).filter { $0.hasPrefix("Volume{") }
        #expect(Set(volumes).count == 4)
    }

    @Test func eachHasAnInterface() throws {
        let run = TwoDisks.boot()
        let links = run.names(#"\GLOBAL??"#).filter { $0.hasSuffix("#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}") }
        #expect(
            links.count == 3 && links.contains { $0.hasPrefix("TEST#Disk#0000#") } && links.contains { $0.hasPrefix("TEST#Disk#0001#") })
        #expect(links.contains { $0.hasPrefix("IDE#DiskKDBG_SIMULATED_DISK#4&") })
        // Each leads to its own physical device.
        let targets = links.map { run.target(#"\GLOBAL??\"# + $0) }
        #expect(Set(targets).count == 3)
        for (index, link) in links.enumerated() where link.hasPrefix("TEST") {
            let device = run.node { $0 == "TEST\\Disk\\" + link.split(separator: "#")[2] }
            #expect(run.read(device + 0x98) == run.object(targets[index]))
        }
    }

    /// What is read through a name comes from that partition of that disk, and what is written goes there.
    @Test func requestsGoWhereTheyShould() throws {
        let run = TwoDisks.boot()
        let handle = run.scratch(4)
        let result = run.scratch(8)
        let buffer = run.scratch(512)
        let offset = run.scratch(8)
        for (name, value) in [
            (#"\Device\Harddisk1\Partition1"#, 0x600D_0000), (#"\Device\Harddisk2\Partition1"#, 0x600D_0010),
            (#"\Device\Harddisk2\Partition2"#, 0x600D_0011), (#"\??\F:"#, 0x600D_0011),
        ] as [(String, UInt32)] {
            #expect(run.invoke("NtOpenFile", handle, 0x10_0003, run.attributes(name), result, 3, 0x20) == 0, "\(name)")
            #expect(run.invoke("NtReadFile", run.read(handle), 0, 0, 0, result, buffer, 512, offset, 0) == 0, "\(name)")
            #expect(run.read(buffer) == value, "\(name)")
            run.write(buffer, ~value)
            #expect(run.invoke("NtWriteFile", run.read(handle), 0, 0, 0, result, buffer, 512, offset, 0) == 0)
            #expect(run.invoke("NtReadFile", run.read(handle), 0, 0, 0, result, buffer, 512, offset, 0) == 0 && run.read(buffer) == ~value)
            run.write(buffer, value)
            #expect(run.invoke("NtWriteFile", run.read(handle), 0, 0, 0, result, buffer, 512, offset, 0) == 0)
            run.invoke("NtClose", run.read(handle))
        }
    }

    /// Filters of a device and of its class, around the function driver's device, in their order.
    @Test func filtersOfDeviceAndClass() {
        let run = KernelRun(
            extra: [Filters.image("fone", Filters.one), Filters.image("ftwo", Filters.two), Filters.image("fthree", Filters.three)]
        ) { hive in
            hive.root.change(["ControlSet001", "Control", "Class", "{4D36E967-E325-11CE-BFC1-08002BE10318}"]) {
                $0.values.removeAll { $0.name == "UpperFilters" }
                $0.values.append(.init("UpperFilters", .strings(["partmgr", "nowhere", "fone"])))
                $0.values.append(.init("LowerFilters", .strings(["fthree"])))
            }
            // The instance has the level of its parent and the hash of that one's path in it.
            hive.root.change(["ControlSet001", "Enum"]) { $0.keys.append(Self.deviceKey) }
        }
        run.run(to: "IopCreateArcNames", limit: 100_000_000)
        let node = run.node { $0.hasPrefix("IDE") }
        #expect(run.string(node + 0xA4) == Self.instance)
        var stack: [String] = []
        var device = run.read(node + 0x98)
        while device != 0, stack.count < 20 {
            stack.append(run.string(run.read(device + 8) + 0x1C))
            device = run.read(device + 0x10)
        }
        #expect(
            stack == [
                #"\Driver\UniATA"#, #"\Driver\fthree"#, #"\Driver\Disk"#, #"\Driver\ftwo"#, #"\Driver\partmgr"#, #"\Driver\fone"#,
            ])
        run.run(to: "IopMarkBootPartition", limit: 100_000_000)
        #expect(run.target(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#) == #"\Device\Harddisk0\Partition1"#)
    }

    private static let instance = #"IDE\DiskKDBG_SIMULATED_DISK\4&4edf6ee3&0.0.0"#
    private static var deviceKey: HiveKey {
        let parts = instance.split(separator: "\\").map(String.init)
        let last = HiveKey(parts[2], [.init("UpperFilters", .strings(["ftwo"]))])
        return HiveKey(parts[0], keys: [HiveKey(parts[1], keys: [last])])
    }
}

/// Filter drivers that pass everything on.
enum Filters {
    static let one = Module("fone.sys")
    static let two = Module("ftwo.sys")
    static let three = Module("fthree.sys")

    static func image(_ service: String, _ module: Module) -> DriverImage {
        let passOn = Routine("FilterPassOn", ["DeviceObject", "Irp"], module: module) { f in
            Io.skipLocation(f, f.argument(1, IRP.self))
            f.return(f.call(Io.callDriver, f.argument(0, DEVICE_OBJECT.self).DeviceExtension.dword(), f.argument(1)))
        }
        let add = Routine("FilterAddDevice", ["DriverObject", "PhysicalDeviceObject"], module: module) { f in
            let made = f.local(0)
            let status = f.call(Io.createDevice, f.argument(0), 4, 0, 7, 0, 0, f.address(of: made))
            f.if(status.isError) { f.return(status) }
            let device = made.as(DEVICE_OBJECT.self)
            f.set(device.DeviceExtension.dword(), f.call(Io.attachDeviceToDeviceStack, device, f.argument(1)))
            f.set(device.Flags, device.Flags & ~Value(DeviceFlag.initializing) | Value(DeviceFlag.directIo))
            f.return(Status.success)
        }
        let entry = Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
            let driver = f.argument(0, DRIVER_OBJECT.self)
            for major in 0..<28 as Range<Int32> { f.set(driver.MajorFunction.dword(4 * major), passOn) }
            f.set(driver.DriverExtension.AddDevice, add)
            f.return(Status.success)
        }
        // Before any device is looked at.
        return DriverImage(service: service, group: "Boot Bus Extender", entry: entry)
    }
}
