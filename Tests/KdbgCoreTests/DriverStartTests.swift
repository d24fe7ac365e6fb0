// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Which drivers start, when, and what becomes of those that cannot (spec/boot.md sections 1.9.1, 1.9 #21, 7.2).
struct DriverStartTests {
    static let bootOrder = [
        "sacdrv", "acpi", "Pci", "isapnp", "partmgr", "usbccgp", "usbehci", "usbhub", "usbohci", "usbuhci", "MountMgr", "UniATA",
        "BusLogic", "usbstor", "Disk", "fastfat", "ksecdd", "NMIDebug", "Ndis", "Mup", "RamDisk", "swenum",
    ]

    /// Names of the services whose DriverEntry is called until a routine is reached.
    private func started(_ run: KernelRun, until end: String = "IopFinishBootDrivers") -> [String] {
        var names: [String] = []
        while run.run(to: "IopInitializeDriverModule", end) == "IopInitializeDriverModule" {
            // The module's base name.
            names.append(run.string(run.argument(0) + 0x2C))
        }
        return names.map { String($0.prefix { $0 != "." }) }
    }

    @Test func bootDriversStartInTheOrderOfTheSpecification() {
        #expect(started(KernelRun()) == Self.bootOrder.map { $0.lowercased() })
    }

    @Test func everyBootDriverHasItsObject() {
        let run = KernelRun()
        run.run(to: "IopFinishBootDrivers")
        let fileSystems = ["fastfat", "Mup"]
        #expect(Set(run.names(#"\FileSystem"#)).isSuperset(of: fileSystems + ["RAW"]))
        let drivers = run.names(#"\Driver"#)
        for name in Self.bootOrder where !fileSystems.contains(name) { #expect(drivers.contains(name), "\(name)") }
        let disk = run.object(#"\Driver\Disk"#)
        #expect(run.string(disk + 0x1C) == #"\Driver\Disk"#)
        #expect(run.string(run.read(disk + 0x18) + 0x0C) == "Disk")
    }

    /// Flags: legacy drivers that have made a device keep DRVO_LEGACY (2); those of plug and play never had it, and who made no device loses it.
    @Test func legacyDriversAreMarked() {
        let run = KernelRun()
        run.run(to: "IopFinishBootDrivers", limit: 3_000_000_000)
        for (name, flags) in [("sacdrv", 0x12), ("ksecdd", 0x12), ("NMIDebug", 0x10), ("BusLogic", 0x10), ("Disk", 0x10), ("swenum", 0x10)]
        {
            #expect(run.read(run.object(#"\Driver\"# + name) + 8) == UInt32(flags), "\(name)")
        }
        #expect(run.read(run.object(#"\Driver\PnpManager"#) + 8) == 0x14)
    }

    /// Groups decide; a driver without a listed group comes last; the loader's order stays inside a group, whatever the tags say.
    @Test func groupsDecide() {
        let names = started(
            KernelRun { hive in
                hive.root.change(["ControlSet001", "Services", "swenum"]) { $0.values.append(.init("Group", .string("ems"))) }
                hive.root.change(["ControlSet001", "Services", "sacdrv"]) { $0.values.removeAll { $0.name == "Group" } }
            })
        #expect(names == ["swenum"] + Self.bootOrder.dropFirst().dropLast().map { $0.lowercased() } + ["sacdrv"])
    }

    /// Without the list of groups there is one group, and the loader's order is that of the names.
    @Test func noGroupsAtAll() {
        let run = KernelRun { hive in
            hive.root.change(["ControlSet001", "Control"]) { $0.keys.removeAll { $0.name == "ServiceGroupOrder" } }
        }
        #expect(started(run).sorted() == Self.bootOrder.map { $0.lowercased() }.sorted())
        #expect(run.variable("IopGroupIndex") == 1)
    }

    /// The loader has put the image there, but the key is gone when the kernel looks: the driver is left out, silently.
    @Test func withoutItsKeyADriverIsLeftOut() {
        let run = KernelRun()
        run.run(to: "IopSortBootDrivers")
        let entries = run.list(run.read(run.address("KeLoaderBlock")) + 0x10)
        for entry in entries where run.string(entry + 0x10).hasSuffix("swenum") {
            // swenum is now called swenux.
            _ = run.machine.write16(linear: run.read(entry + 0x14) + run.word(entry + 0x10) - 2, 0x78)
        }
        #expect(started(run) == Self.bootOrder.dropLast().map { $0.lowercased() })
        #expect(run.object(#"\Driver\swenum"#) == 0)
    }

    @Test func objectNameAndType() {
        let run = KernelRun { hive in
            hive.root.change(["ControlSet001", "Services", "Ndis"]) { $0.values.append(.init("ObjectName", .string(#"\Driver\Other"#))) }
            hive.root.change(["ControlSet001", "Services", "ksecdd"]) { key in
                key.values = key.values.map { $0.name == "Type" ? .init("Type", .number(2)) : $0 }
            }
        }
        run.run(to: "IopFinishBootDrivers")
        #expect(run.object(#"\Driver\Other"#) != 0 && run.object(#"\Driver\Ndis"#) == 0)
        #expect(run.object(#"\FileSystem\ksecdd"#) != 0 && run.object(#"\Driver\ksecdd"#) == 0)
    }

    private static let failing = DriverImage(
        service: "failing", group: "EMS",
        entry: Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: Module("failing.sys")) { f in
            let made = f.local(0)
            f.call(Io.createDevice, f.argument(0), 0, 0, 0x22, 0, 0, f.address(of: made))
            f.call(Io.deleteDevice, made)
            f.return(Status.noSuchDevice)
        })

    @Test func aDriverThatFailsIsALine() {
        let run = KernelRun(extra: [Self.failing])
        run.run(to: "IopFinishBootDrivers")
        #expect(
            run.serial.contains(
                "(ntoskrnl/io/iomgr/driver.c:634) '\\Driver\\failing' initialization failed, status (0xc000000e)\r\n"
                    + "(ntoskrnl/io/iomgr/driver.c:83) Deleting driver object '\\Driver\\failing'\r\n"
                    + "(ntoskrnl/io/iomgr/driver.c:899) Driver 'failing.sys' load failed, status (c0000365)\r\n"))
        #expect(run.object(#"\Driver\failing"#) == 0)
        #expect(run.object(#"\Driver\swenum"#) != 0)
    }

    /// Libraries that drivers import come behind the first that needs them, with their flag, and are called before any driver.
    @Test func librariesAreCalledFirst() {
        let run = KernelRun()
        run.run(to: "IopCallDllInitializers")
        let entries = run.list(run.read(run.address("KeLoaderBlock")))
        let names = entries.map { run.string($0 + 0x2C) }
        #expect(Array(names.prefix(4)) == ["ntoskrnl.exe", "hal.dll", "kdcom.dll", "bootvid.dll"])
        let libraries = entries.filter { run.read($0 + 0x34) & 0x0400_0000 != 0 }.map { run.string($0 + 0x2C) }
        // The kernel imports bootvid, which makes it one of them (spec/boot.md section 5.8).
        #expect(libraries == ["bootvid.dll", "usbd.sys", "usbport.sys", "scsiport.sys"])
        #expect(names.firstIndex(of: "usbd.sys") == names.firstIndex(of: "usbccgp.sys").map { $0 + 1 })
        // In the order of the loader's list, and all before the first driver is sorted.
        for library in ["usbd", "usbport", "scsiport"] {
            #expect(run.run(to: library + "!DllInitialize", "IopSortBootDrivers") == "DllInitialize", "\(library)")
            #expect(run.string(run.argument(0)) == #"\Registry\Machine\System\CurrentControlSet\Services\"# + library)
        }
        #expect(run.run(to: "IopSortBootDrivers") == "IopSortBootDrivers")
    }

    /// The service's key `Enum` names devices; one that is not in the device tree is a line.
    @Test func devicesOfTheKeyEnum() {
        let run = KernelRun { hive in
            hive.root.change(["ControlSet001", "Services", "acpi"]) {
                $0.keys.append(HiveKey("Enum", [.init("Count", .number(1)), .init("0", .string(#"Root\NOWHERE\0"#))]))
            }
        }
        run.run(to: "IopFinishBootDrivers")
        #expect(
            run.serial.contains("(ntoskrnl/io/iomgr/driver.c:978) No device node found matching instance path 'Root\\NOWHERE\\0'\r\n"))
        #expect(run.object(#"\Driver\acpi"#) != 0)
    }
}
