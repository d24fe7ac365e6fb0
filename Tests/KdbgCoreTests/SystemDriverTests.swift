// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// System-start drivers (spec/boot.md section 1.9 #21): which are loaded from the boot volume, in which order, and how that fails.
struct SystemDriverTests {
    private static let services = #"\Registry\Machine\System\CurrentControlSet\Services\"#
    private static let order = [
        "floppy", "cdrom", "fs_rec", "beep", "null", "i8042prt", "mouclass", "kbdclass", "blue", "msfs", "npfs", "ndisuio", "afd",
    ]

    /// A run with the usual volume, changed by `change`.
    private func run(
        options: String = "DEBUG DEBUGPORT=COM1", extra: [DriverImage] = [], registry: (inout SystemHive) -> Void = { _ in },
        change: (inout BootFiles) -> Void = { _ in }
    ) -> KernelRun {
        let drivers = DriverImage.all + extra
        var hive = SystemHive(drivers: drivers)
        registry(&hive)
        return KernelRun(
            guest: .boot(options: options, memoryMiB: 64, drivers: drivers, hive: hive) { images in
                var files = BootFiles.standard(images: images, hive: hive.image, script: nil)
                change(&files)
                return BootDisk(holding: files)
            })
    }

    /// Base names of the modules that get a driver object from here to the end of the start of system drivers.
    private func started(_ run: KernelRun) -> [String] {
        run.run(to: "IopInitializeSystemDrivers", limit: 100_000_000)
        var names: [String] = []
        while run.run(to: "IopInitializeDriverModule", "IopSetPnpSystemInit", limit: 100_000_000) == "IopInitializeDriverModule" {
            names.append(String(run.string(run.argument(0) + 0x2C).prefix { $0 != "." }))
        }
        return names
    }

    @Test func theyStartByGroupAndTag() {
        let run = run()
        #expect(started(run) == Self.order)
        let drivers = run.names(#"\Driver"#) + run.names(#"\FileSystem"#)
        for name in ["Floppy", "cdrom", "Fs_Rec", "Beep", "Null", "i8042prt", "mouclass", "kbdclass", "Blue", "Msfs", "Npfs", "Afd"] {
            #expect(drivers.contains(name), "\(name)")
        }
        #expect(run.names(#"\FileSystem"#).contains("Npfs"))
        // cdrom.sys imports a library that no boot driver has brought along.
        #expect(run.list(run.address("PsLoadedModuleList")).contains { run.string($0 + 0x2C) == "classpnp.sys" })
        #expect(!run.serial.contains("load failed"))
    }

    @Test func tagsDecideInsideAGroup() {
        let run = run { hive in
            for (service, tag) in [("Beep", 5), ("Null", 2)] as [(String, UInt32)] {
                hive.root.change(["ControlSet001", "Services", service]) { $0.values.append(.init("Tag", .number(tag))) }
            }
            hive.root.change(["ControlSet001", "Services", "Floppy"]) { $0.values.removeAll { $0.name == "Group" } }
            hive.root.change(["ControlSet001", "Services", "Afd"]) { $0.values.append(.init("Tag", .number(7))) }
        }
        var expected = Self.order.filter { $0 != "floppy" } + ["floppy"]
        expected.swapAt(2, 3)
        #expect(started(run) == expected)
    }

    @Test func withoutAKeyThereIsNoDriver() {
        let run = run { hive in hive.root.change(["ControlSet001", "Services"]) { $0.keys.removeAll { $0.name == "Beep" } } }
        #expect(started(run) == Self.order.filter { $0 != "beep" })
        #expect(run.object(#"\Driver\Beep"#) == 0 && !run.serial.contains("beep.sys"))
    }

    @Test func missingAndBadFiles() {
        let run = run(change: { files in
            files.remove(BootFiles.drivers + #"\beep.sys"#)
            files.add(BootFiles.drivers + #"\null.sys"#, Array("This is not an image.".utf8))
            files.add(BootFiles.drivers + #"\msfs.sys"#, [])
            files.remove(BootFiles.drivers + #"\classpnp.sys"#)
        })
        #expect(started(run) == Self.order.filter { !["beep", "null", "msfs", "cdrom"].contains($0) })
        for (file, status) in [("beep", "c0000034"), ("null", "c000012f")] {
            #expect(
                run.serial.contains("(ntoskrnl/io/iomgr/driver.c:899) Driver '\(file).sys' load failed, status (\(status))\r\n"), "\(file)")
        }
        #expect(run.serial.contains("Driver 'msfs.sys' load failed") && run.serial.contains("Driver 'cdrom.sys' load failed"))
        #expect(run.object(#"\Driver\Beep"#) == 0)
    }

    @Test func aSafeBootStartsFewer() {
        let run = run(options: "DEBUG DEBUGPORT=COM1 SAFEBOOT:MINIMAL")
        #expect(started(run) == Self.order.filter { !["cdrom", "i8042prt", "ndisuio", "afd"].contains($0) })
        #expect(self.started(self.run(options: "DEBUG DEBUGPORT=COM1 SAFEBOOT:NETWORK")).suffix(2) == ["ndisuio", "afd"])
    }

    private static let module = Module("late.sys")
    private static let results: Global = .init("Results", size: 64, module: module)
    private static let position: Global = .init("Position", module: module)

    private static func note(_ f: Function, _ value: Value) {
        f.set((results.value + (position.dword << 2)).dword(), value)
        f.add(position.dword, 1)
    }

    private static func service(_ name: String, _ routine: Routine, _ f: Function) -> Value { f.call(routine, f.unicode(services + name)) }

    /// Called once all system drivers have started.
    private static let work: Routine = .init("Work", ["DriverObject", "Context", "Count"], module: module) { f in
        note(f, service("Beep", Io.zwUnloadDriver, f))
        note(f, service("Beep", Io.zwUnloadDriver, f))
        note(f, service("Beep", Io.zwLoadDriver, f))
        note(f, service("Beep", Io.zwLoadDriver, f))
        note(f, service("nothing", Io.zwLoadDriver, f))
        note(f, service("nothing", Io.zwUnloadDriver, f))
        note(f, service("demand", Io.zwLoadDriver, f))
        f.return()
    }

    @Test func loadingAndUnloading() {
        let late = DriverImage(
            service: "late", group: "",
            entry: Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: Self.module) { f in
                f.call(Io.registerDriverReinitialization, f.argument(0), Self.work, 0)
                f.return(Status.success)
            })
        let other = Module("demand.sys")
        let drained = Global("Drained", module: other)
        let again = Routine("Again", ["DriverObject", "Context", "Count"], module: other) { f in
            f.set(drained.dword, f.argument(2))
            f.return()
        }
        let demand = DriverImage(
            service: "demand", group: "", start: 3,
            entry: Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: other) { f in
                f.call(Io.registerDriverReinitialization, f.argument(0), again, 0)
                f.return(Status.success)
            })
        let run = run(extra: [late, demand])
        run.run(to: "IopReassignSystemRoot", limit: 200_000_000)
        #expect(
            (0..<run.variable("Position")).map { run.read(run.address("Results") + 4 * $0) } == [
                0, 0xC000_0034, 0, 0xC000_010E, 0xC000_0034, 0xC000_0034, 0,
            ])
        #expect(run.object(#"\Driver\Beep"#) != 0 && run.object(#"\Device\Beep"#) != 0)
        #expect(run.serial.contains("Deleting driver object '\\Driver\\Beep'"))
        #expect(run.list(run.address("PsLoadedModuleList")).filter { run.string($0 + 0x2C) == "beep.sys" }.count == 1)
        // Its reinitialization routine was called as soon as it had been loaded.
        let module = run.list(run.address("PsLoadedModuleList")).first { run.string($0 + 0x2C) == "demand.sys" }
        #expect(module != nil)
        #expect(run.list(run.address("DriverReinitListHead")).isEmpty)
    }
}
