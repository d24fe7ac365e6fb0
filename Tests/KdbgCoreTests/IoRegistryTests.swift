// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// deviface.c, iorsrce.c and bootlog.c: what the I/O manager keeps in the registry.
struct IoRegistryTests {
    /// The text of a value of type REG_SZ.
    private func text(_ run: KernelRun, _ key: String, _ value: String) -> String? {
        let handle = run.scratch(4)
        guard run.invoke("ZwOpenKey", handle, 0x20019, run.attributes(key)) == 0 else { return nil }
        let buffer = run.scratch(512)
        let length = run.scratch(4)
        defer { run.invoke("NtClose", run.read(handle)) }
        guard run.invoke("ZwQueryValueKey", run.read(handle), run.unicode(value), 2, buffer, 512, length) == 0 else { return nil }
        let string = run.scratch(8)
        run.write(string, run.read(buffer + 8) - 2)
        run.write(string + 4, buffer + 12)
        return run.string(string)
    }

    private func strings(_ run: KernelRun, _ list: UInt32) -> [String] {
        var result: [String] = []
        var units: [UInt16] = []
        for offset in stride(from: 0 as UInt32, to: 32768, by: 2) {
            let unit = UInt16(run.word(list + offset))
            if unit != 0 {
                units.append(unit)
            } else if units.isEmpty {
                break
            } else {
                result.append(String(decoding: units, as: UTF16.self))
                units = []
            }
        }
        return result
    }

    @Test func interfaceIsRegisteredAndEnabled() throws {
        let run = KernelRun.probe()
        // The first node below the root that has an instance path.
        var node = run.read(run.variable("IopRootDeviceNode") + 4)
        while node != 0, run.read(node + 0xA4) & 0xFFFF == 0 {
            node = run.read(node + 4) != 0 ? run.read(node + 4) : run.read(node)
        }
        let device = run.read(node + 0x98)
        let instance = run.string(node + 0xA4)
        #expect(!instance.isEmpty)
        let guid = run.scratch(16)
        for (index, value) in ([0xAABB_CCDD, 0x2233_0011, 0x7766_5544, 0xBBAA_9988] as [UInt32]).enumerated() {
            run.write(guid + 4 * UInt32(index), value)
        }
        let name = run.scratch(8)
        #expect(run.invoke("IoRegisterDeviceInterface", run.variable("ProbeDevice"), guid, 0, name) == 0xC000_0010)
        #expect(run.invoke("IoRegisterDeviceInterface", device, guid, run.unicode("probe"), name) == 0)
        let munged = instance.replacing("\\", with: "#")
        let braces = "{aabbccdd-0011-2233-4455-66778899aabb}"
        #expect(run.string(name) == "\\??\\\(munged)#\(braces)\\probe")
        let key = #"\Registry\Machine\System\CurrentControlSet\Control\DeviceClasses\"# + braces + "\\##?#\(munged)#\(braces)"
        #expect(text(run, key, "DeviceInstance") == instance)
        #expect(text(run, key + "\\#probe", "SymbolicLink") == run.string(name))
        let list = run.scratch(4)
        #expect(run.invoke("IoGetDeviceInterfaces", guid, 0, 0, list) == 0 && strings(run, run.read(list)).isEmpty)
        #expect(run.invoke("IoGetDeviceInterfaces", guid, 0, 1, list) == 0 && strings(run, run.read(list)) == [run.string(name)])
        // The link is the interface's, without the reference string: what follows it in a name is for the device.
        let link = "\\??\\\(munged)#\(braces)"
        #expect(run.invoke("IoSetDeviceInterfaceState", name, 1) == 0)
        #expect(run.invoke("IoSetDeviceInterfaceState", name, 1) == 0x4000_0000)
        let handle = run.scratch(4)
        func isLinked() -> Bool {
            let status = run.invoke("NtOpenSymbolicLinkObject", handle, 1, run.attributes(link))
            if status == 0 { run.invoke("NtClose", run.read(handle)) }
            return status == 0
        }
        #expect(isLinked())
        // A second one of the same class shares the link, which stays until both are disabled.
        let plain = run.scratch(8)
        #expect(run.invoke("IoRegisterDeviceInterface", device, guid, 0, plain) == 0 && run.string(plain) == link)
        #expect(run.invoke("IoSetDeviceInterfaceState", plain, 1) == 0)
        #expect(run.invoke("IoGetDeviceInterfaces", guid, device, 0, list) == 0)
        #expect(Set(strings(run, run.read(list))) == [link, run.string(name)])
        #expect(run.invoke("IoGetDeviceInterfaces", guid, run.variable("ProbeDevice"), 0, list) == 0)
        #expect(strings(run, run.read(list)).isEmpty)
        #expect(run.invoke("IoOpenDeviceInterfaceRegistryKey", name, 0xF003F, handle) == 0)
        #expect(run.invoke("IoSetDeviceInterfaceState", name, 0) == 0 && isLinked())
        #expect(run.invoke("IoGetDeviceInterfaces", guid, 0, 0, list) == 0 && strings(run, run.read(list)) == [link])
        #expect(run.invoke("IoSetDeviceInterfaceState", plain, 0) == 0 && !isLinked())
        #expect(run.invoke("IoSetDeviceInterfaceState", name, 0) == 0xC000_0034)
        #expect(run.invoke("IoSetDeviceInterfaceState", run.unicode(#"\??\nonsense"#), 1) == 0xC000_000D)
        #expect(run.invoke("IoRegisterDeviceInterface", device, guid, run.unicode(#"a\b"#), plain) == 0xC000_0010)
    }

    /// A class with more interfaces than a page has room for.
    @Test func manyInterfaces() throws {
        let run = KernelRun.probe()
        let device = disk(run)
        let guid = run.scratch(16)
        run.write(guid, 0x1234_5678)
        let name = run.scratch(8)
        for number in 0..<60 {
            #expect(run.invoke("IoRegisterDeviceInterface", device, guid, run.unicode("reference number \(number)"), name) == 0)
        }
        let list = run.scratch(4)
        let pool = run.poolUse("Io  ").bytes
        #expect(run.invoke("IoGetDeviceInterfaces", guid, device, 1, list) == 0)
        let found = strings(run, run.read(list))
        #expect(found.count == 60 && Set(found).count == 60 && found.allSatisfy { $0.contains("reference number") })
        run.invoke("ExFreePoolWithTag", run.read(list), 0)
        #expect(run.poolUse("Io  ").bytes == pool)
    }

    /// The same device and reference string in another class; nothing else counts.
    @Test func aliases() throws {
        let run = KernelRun.probe()
        let device = disk(run)
        let first = run.scratch(16)
        let second = run.scratch(16)
        run.write(first, 0x1111_1111)
        run.write(second, 0x2222_2222)
        let name = run.scratch(8)
        let other = run.scratch(8)
        let alias = run.scratch(8)
        #expect(run.invoke("IoRegisterDeviceInterface", device, first, run.unicode("a"), name) == 0)
        #expect(run.invoke("IoRegisterDeviceInterface", device, second, run.unicode("b"), other) == 0)
        #expect(run.invoke("IoGetDeviceInterfaceAlias", name, second, alias) == 0xC000_0034)
        #expect(run.invoke("IoRegisterDeviceInterface", device, second, run.unicode("a"), other) == 0)
        #expect(run.invoke("IoGetDeviceInterfaceAlias", name, second, alias) == 0 && run.string(alias) == run.string(other))
        #expect(run.invoke("IoGetDeviceInterfaceAlias", other, first, alias) == 0 && run.string(alias) == run.string(name))
        #expect(run.invoke("IoGetDeviceInterfaceAlias", run.unicode(#"\??\x"#), first, alias) == 0xC000_000D)
    }

    /// The physical device object of the only disk.
    private func disk(_ run: KernelRun) -> UInt32 { run.read(run.node { $0.hasPrefix(#"IDE\"#) } + 0x98) }

    /// What set-up looks for, written when the loader's own partition is found (1.9 #18).
    @Test func systemPartitionIsStored() {
        let run = KernelRun()
        run.run(to: "IopCreateArcNames", limit: 60_000_000)
        let key = #"\REGISTRY\MACHINE\SYSTEM\Setup"#
        #expect(text(run, key, "SystemPartition") == nil)
        run.run(to: "IopMarkBootPartition", limit: 60_000_000)
        #expect(text(run, key, "SystemPartition") == #"\Device\Harddisk0\Partition1"#)
        #expect(text(run, key, "OsLoaderPath") == #"\"#)
    }

    /// Instance paths of the whole tree, and what the registry says of a device.
    @Test func devicesHaveNamesOfTheirOwn() {
        let run = KernelRun.probe()
        var paths: [String] = []
        _ = run.node {
            paths.append($0)
            return false
        }
        let disk = paths.first { $0.hasPrefix("IDE") } ?? ""
        #expect(paths.first == #"HTREE\ROOT\0"#)
        for start in [
            #"Root\ACPI_HAL\0000"#, #"ACPI_HAL\PNP0C08\0"#, #"ACPI\PNP0A03\0"#, #"PCI\CC_0101\3&"#, #"IDE\DiskKDBG_SIMULATED_DISK\4&"#,
            #"STORAGE\Volume\5&"#,
        ] { #expect(paths.contains { $0.hasPrefix(start) }, "\(start): \(paths)") }
        #expect(disk.hasSuffix("&0.0.0") && Set(paths.filter { !$0.isEmpty }).count == paths.filter { !$0.isEmpty }.count)
        let key = #"\Registry\Machine\System\CurrentControlSet\Enum\"# + disk
        #expect(text(run, key, "Service") == "Disk" && text(run, key, "HardwareID") == "GenDisk")
        #expect(text(run, key, "ClassGUID") == "{4D36E967-E325-11CE-BFC1-08002BE10318}")
    }

    @Test func hardwareIsDescribed() {
        let run = KernelRun.probe()
        let routine = run.address("ProbeCallout")
        run.write(run.address("ProbeAnswer"), 0)
        // All buses.
        let status = run.invoke("IoQueryDeviceDescription", 0, 0, 0, 0, 0, 0, routine, 0)
        let notes = run.notes()
        #expect(status == 0 && !notes.isEmpty && notes.count % 3 == 0)
        // DiskController (13), and its peripherals (25).
        let types = run.scratch(8)
        run.write(types, 13)
        run.write(types + 4, 25)
        #expect(run.invoke("IoQueryDeviceDescription", 0, 0, types, 0, types + 4, 0, routine, 0) == 0)
        let disks = run.notes()
        #expect(disks.count == 3 && disks[1] == 0x000D_1900)
        // A type that does not exist, and a bus that is not there.
        run.write(types, 99)
        #expect(run.invoke("IoQueryDeviceDescription", 0, 0, types, 0, 0, 0, routine, 0) == 0xC000_000D)
        run.write(types, 77)
        #expect(run.invoke("IoQueryDeviceDescription", types, 0, 0, 0, 0, 0, routine, 0) == 0xC000_0034)
        // The routine's error ends the walk.
        run.write(run.address("ProbeAnswer"), 0xC000_0001)
        #expect(run.invoke("IoQueryDeviceDescription", 0, 0, 0, 0, 0, 0, routine, 0) == 0xC000_0001)
        #expect(run.notes().count == 3)
    }

    /// Ports 0x300 to 0x307 and interrupt vector 0x35, exclusively.
    private func resources(_ run: KernelRun, port: UInt32, vector: UInt32, share: UInt32 = 1) -> UInt32 {
        let list = run.scratch(0x34)
        for (offset, value) in [
            (0, 1), (4, 1), (8, 0), (0x0C, 0x1_0001), (0x10, 2), (0x14, 1 | share << 8), (0x18, port), (0x1C, 0), (0x20, 8),
            (0x24, 2 | share << 8), (0x28, 5), (0x2C, vector), (0x30, ~0),
        ] as [(UInt32, UInt32)] { run.write(list + offset, value) }
        return list
    }

    @Test func resourcesOfTwoDriversConflict() {
        let run = KernelRun.probe()
        let driver = run.object(#"\Driver\probe"#)
        let other = run.object(#"\FileSystem\RAW"#)
        let conflict = run.scratch(4)
        let first = resources(run, port: 0x300, vector: 0x35)
        let used = run.poolUse("CmRs").bytes
        #expect(run.invoke("IoReportResourceUsage", 0, driver, first, 0x34, 0, 0, 0, 0, conflict) == 0 && run.byte(conflict) == 0)
        // The first is the HAL's, which has no driver.
        #expect(run.list(run.address("IopResourceReportListHead")).map { run.read($0 + 8) } == [0, driver])
        let handle = run.scratch(4)
        #expect(
            run.invoke("ZwOpenKey", handle, 0x20019, run.attributes(#"\Registry\Machine\Hardware\ResourceMap\OtherDrivers\probe"#)) == 0)
        for (port, vector, share, expected) in [
            (0x307, 0x36, 1, 1), (0x308, 0x36, 1, 0), (0x310, 0x35, 1, 1), (0x310, 0x35, 3, 1),
        ] as [(UInt32, UInt32, UInt32, UInt32)] {
            let list = resources(run, port: port, vector: vector, share: share)
            let status = run.invoke("IoReportResourceForDetection", other, list, 0x34, 0, 0, 0, conflict)
            #expect(status == (expected == 1 ? 0xC000_0018 : 0) && run.byte(conflict) == expected)
            run.invoke("IoReportResourceForDetection", other, 0, 0, 0, 0, 0, conflict)
        }
        // Overridden; and withdrawn.
        #expect(run.invoke("IoReportResourceUsage", 0, other, first, 0x34, 0, 0, 0, 1, conflict) == 0 && run.byte(conflict) == 1)
        run.invoke("IoReportResourceUsage", 0, other, 0, 0, 0, 0, 0, 0, conflict)
        run.invoke("IoReportResourceUsage", 0, driver, 0, 0, 0, 0, 0, 0, conflict)
        #expect(run.list(run.address("IopResourceReportListHead")).count == 1 && run.poolUse("CmRs").bytes == used)
    }

    /// Eight ports at a multiple of eight from 0x300 on, of which the first are taken; alternatively at 0x2F8.
    @Test func resourcesAreAssigned() {
        let run = KernelRun.probe()
        let driver = run.object(#"\Driver\probe"#)
        let conflict = run.scratch(4)
        run.invoke(
            "IoReportResourceUsage", 0, run.object(#"\FileSystem\RAW"#), resources(run, port: 0x300, vector: 0x35), 0x34, 0, 0, 0, 0,
            conflict)
        let request = run.scratch(0x28 + 0x40)
        for (offset, value) in [
            (0, 0x68), (4, 1), (0x1C, 1), (0x20, 0x1_0001), (0x24, 2), (0x28, 0x0001_0100), (0x30, 8), (0x34, 8), (0x38, 0x300),
            (0x40, 0x30F), (0x48, 0x0001_0108), (0x50, 8), (0x54, 8), (0x58, 0x2F8), (0x60, 0x2FF),
        ] as [(UInt32, UInt32)] { run.write(request + offset, value) }
        let cell = run.scratch(4)
        #expect(run.invoke("IoAssignResources", 0, 0, driver, 0, request, cell) == 0)
        #expect([run.read(run.read(cell) + 0x10), run.byte(run.read(cell) + 0x14), run.read(run.read(cell) + 0x18)] == [1, 1, 0x308])
        // The first alternative has no room any more.
        run.write(request + 0x40, 0x307)
        run.invoke("IoAssignResources", 0, 0, driver, 0, 0, 0)
        #expect(run.invoke("IoAssignResources", 0, 0, driver, 0, request, cell) == 0)
        #expect(run.read(run.read(cell) + 0x18) == 0x2F8)
        run.write(request + 0x24, 1)
        #expect(run.invoke("IoAssignResources", 0, 0, driver, 0, request, cell) == 0xC000_0182)
    }

    @Test func bootLogIsDormant() {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 BOOTLOG")
        run.run(to: "MmZeroPageThread", limit: 400_000_000)
        #expect(run.byte(run.address("IopBootLogCreate")) == 0 && run.guest.bootVolumeFile(#"ReactOS\rosboot.log"#) == nil)
    }

    @Test func bootLogTellsTheDrivers() throws {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 BOOTLOG=1")
        run.run(to: "IopInitializeSystemDrivers", limit: 100_000_000)
        let key = #"\Registry\Machine\System\CurrentControlSet\Control\BootLog"#
        #expect(text(run, key, "0") == "ReactOS 5.2 3790")
        #expect(text(run, key, "1")?.hasPrefix("Loaded driver ") == true)
        run.run(to: "PspInitPhase1", limit: 400_000_000)
        let file = try #require(run.guest.bootVolumeFile(#"ReactOS\rosboot.log"#))
        let units = stride(from: 0, to: file.count - 1, by: 2).map { UInt16(file[$0]) | UInt16(file[$0 + 1]) << 8 }
        let lines = String(decoding: units.dropFirst(), as: UTF16.self).split(separator: "\r\n")
        #expect(units[0] == 0xFEFF && lines[0] == "ReactOS 5.2 3790" && lines.count > 10)
        #expect(lines.contains { $0.lowercased() == "loaded driver disk.sys" })
        #expect(run.byte(run.address("IopBootLogFile")) == 1)
    }

    /// The root of the device tree has a key of its own (spec/boot.md 1.9 #8).
    @Test func rootDeviceHasItsKey() {
        let run = KernelRun()
        run.run(to: "WmiInitialize", limit: 3_000_000_000)
        let key = #"\Registry\Machine\System\CurrentControlSet\Enum\Root\HTREE\ROOT\0"#
        #expect(run.invoke("ZwOpenKey", run.scratch(4), 0x2_0019, run.attributes(key)) == 0)
    }

    /// The loader's name of the boot device outlives the loader's memory (spec/boot.md 1.8 #34 and section 6, arcname.c).
    @Test func bootDeviceNameStays() {
        let run = KernelRun()
        run.run(to: "ExpLoadInitialProcess", limit: 3_000_000_000)
        let name = run.variable("IoLoaderArcBootDeviceName")
        let bytes = (0..<64).map { UInt8(truncatingIfNeeded: run.byte(name + $0)) }
        #expect(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) == "multi(0)disk(0)rdisk(0)partition(1)")
        #expect(run.variable("KeLoaderBlock") == 0)
    }
}
