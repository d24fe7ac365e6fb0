// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Snapshots of the name space (spec/boot.md section 1.10), reference counts (8.8), layouts (5.2, 5.3).
struct ObNameSpaceTests {
    @Test func nameSpaceGrowsAsSpecified() {
        let run = KernelRun()
        run.run(to: "ObpInitPhase1")
        #expect(run.variable("ObpRootDirectoryObject") == 0)
        #expect(run.variable("IoDriverObjectType") == 0)
        #expect(run.runToReturn() == 1)
        #expect(run.names(#"\"#) == ["DosDevices", "GLOBAL??", "KernelObjects", "ObjectTypes"])
        #expect(run.target(#"\DosDevices"#) == #"\??"#)
        #expect(run.names(#"\GLOBAL??"#) == ["GLOBALROOT", "Global"])
        #expect(run.target(#"\GLOBAL??\GLOBALROOT"#) == "")
        #expect(run.target(#"\GLOBAL??\Global"#) == #"\GLOBAL??"#)
        #expect(Set(run.names(#"\ObjectTypes"#)).isSuperset(of: ["Type", "Directory", "SymbolicLink", "Process", "Thread"]))

        run.run(to: "MmInitSystem")
        #expect(run.names(#"\ArcName"#).isEmpty && run.names(#"\Device"#).isEmpty)
        #expect(run.target(#"\SystemRoot"#) == #"\ArcName\multi(0)disk(0)rdisk(0)partition(1)\ReactOS"#)

        run.run(to: "IopInitializePlugPlayServices")
        #expect(run.names(#"\Driver"#).isEmpty)
        #expect(run.names(#"\FileSystem"#) == ["Filters"])
        #expect(Set(run.names(#"\ObjectTypes"#)).isSuperset(of: ["Adapter", "Controller", "Device", "Driver", "IoCompletion", "File"]))

        run.run(to: "IopInitializeHalPnpDriver")
        #expect(run.names(#"\Driver"#) == ["PnpManager", "WMIxWDM"])
        run.run(to: "IopEnumerateRootDevices")
        #expect(run.names(#"\Driver"#) == ["ACPI_HAL", "KdDriver", "PnpManager", "WMIxWDM"])

        run.run(to: "IopReinitializeBootDrivers")
        #expect(run.names(#"\FileSystem"#) == ["Filters", "Mup", "RAW", "fastfat"])
        #expect(Set(run.names(#"\Device"#)).isSuperset(of: ["RawCdRom", "RawDisk", "RawTape"]))
        #expect(run.object(#"\Device\Harddisk0"#) == 0)
        run.run(to: "IopMarkBootPartition")
        #expect(run.names(#"\ArcName"#) == ["multi(0)disk(0)rdisk(0)", "multi(0)disk(0)rdisk(0)partition(1)"])
        #expect(run.target(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#) == #"\Device\Harddisk0\Partition1"#)
        #expect(run.run(to: "PsLocateSystemDll") == "PsLocateSystemDll")
        #expect(run.target(#"\SystemRoot"#) == #"\Device\Harddisk0\Partition1\ReactOS"#)
        #expect(!run.names(#"\Driver"#).contains("KdDriver"))
        #expect(run.serial.contains("BOOT DRIVERS LOADED"))
    }

    @Test func kdDriverIsCountedAsSpecified() {
        let run = KernelRun()
        run.run(to: "KdpInitDriver")
        run.run(to: "ObInsertObject")
        let object = run.argument(0)
        #expect(run.counts(object) == [1, 0])
        // Name information, header, body: one block with the tag of the type.
        #expect(run.byte(object - 0x18 + 0x0C) == 0x18)
        #expect(run.byte(object - 0x18 + 0x0F) == 0x13)
        #expect(run.read(object - 0x30 - 4) == poolTag("Driv"))
        run.run(to: "ObpCreateHandle")
        #expect(run.counts(object) == [2, 0])
        _ = run.runToReturn()
        #expect(run.counts(object) == [3, 1])
        run.run(to: "ObReferenceObjectByHandle")
        #expect(run.counts(object) == [2, 1])
        _ = run.runToReturn()
        #expect(run.counts(object) == [3, 1])
        run.run(to: "KdpDriverEntry")
        #expect(run.counts(object) == [2, 0])
        #expect(run.name(object) == "KdDriver")
        #expect(run.read(object + 8) == 4)
        #expect(run.word(object) == 4 && run.word(object + 2) == 0xA8)
        #expect(run.read(object + 0x18) == object + 0xA8)
        #expect((0..<28).allSatisfy { run.read(object + 0x38 + 4 * $0) == run.address("IopInvalidDeviceRequest") })
        run.run(to: "ObMakeTemporaryObject")
        #expect(run.argument(0) == object)
        _ = run.runToReturn()
        #expect(run.counts(object) == [1, 0])
        #expect(run.run(to: "IopDeleteDriver") == "IopDeleteDriver")
        #expect(run.counts(object) == [0, 0])
        run.run(to: "IopReassignSystemRoot")
        #expect(run.serial.contains(#"(ntoskrnl/io/iomgr/driver.c:83) Deleting driver object '\Driver\KdDriver'"#))
    }

    @Test func typesHoldWhatTheirTablesSay() {
        let run = KernelRun()
        run.run(to: "IopCreateRootDirectories")
        let expected: [(name: String, index: String, charge: UInt32, access: UInt32, key: StaticString)] = [
            ("Adapter", "IoAdapterObjectType", 0x38, 0x1F01FF, "Adap"), ("Controller", "IoControllerObjectType", 0x60, 0x1F01FF, "Cont"),
            ("Device", "IoDeviceObjectType", 0xF0, 0x1F01FF, "Devi"), ("Driver", "IoDriverObjectType", 0xE0, 0x1F01FF, "Driv"),
            ("IoCompletion", "IoCompletionType", 0x60, 0x1F0003, "IoCo"), ("File", "IoFileObjectType", 0xC0, 0x1F01FF, "File"),
        ]
        for type in expected {
            let address = run.variable(type.index)
            #expect(run.string(address + 0x40) == type.name)
            #expect(run.read(address + 0x60 + 0x28) == type.charge, "\(type.name)")
            #expect(run.read(address + 0x60 + 0x18) == type.access)
            #expect(run.read(address + 0xAC) == poolTag(type.key))
        }
        #expect(run.read(run.variable("IoFileObjectType") + 0x48) == 0x5C)
        #expect(run.read(run.variable("ObpTypeObjectType") + 0x50) == UInt32(run.names(#"\ObjectTypes"#).count))
    }
}
