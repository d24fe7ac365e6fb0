// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Every row of the table of name space snapshots (spec/boot.md section 1.10), read off guest memory at its moment.
struct ObSnapshotTests {
    @Test func everyRowHoldsAtItsMoment() {
        let run = KernelRun()
        // Phase 0: types, no names.
        run.run(to: "SepInitializationPhase0")
        #expect(run.variable("ObpRootDirectoryObject") == 0 && run.variable("ObpTypeObjectType") != 0)
        #expect(run.read(run.variable("ObpTypeObjectType") + 0x50) == 3)

        // Ob phase 1.
        run.run(to: "ExpInitSystemPhase1")
        #expect(run.names(#"\"#) == ["DosDevices", "GLOBAL??", "KernelObjects", "ObjectTypes"])
        let early = ["DebugObject", "Directory", "Job", "Process", "SymbolicLink", "Thread", "Token", "Type"]
        #expect(Set(run.names(#"\ObjectTypes"#)).isSuperset(of: early))
        #expect([run.target(#"\GLOBAL??\GLOBALROOT"#), run.target(#"\GLOBAL??\Global"#)] == ["", #"\GLOBAL??"#])
        #expect(run.target(#"\DosDevices"#) == #"\??"#)

        // Ex phase 1.
        run.run(to: "KeInitSystem")
        #expect(run.names(#"\Callback"#) == ["PowerState", "SetSystemState", "SetSystemTime"])
        #expect(run.read(run.object(#"\Callback\PowerState"#)) == poolTag("Call"))
        let executive = ["Callback", "Event", "EventPair", "KeyedEvent", "Mutant", "Profile", "Semaphore", "Timer"]
        #expect(Set(run.names(#"\ObjectTypes"#)).isSuperset(of: executive))
        #expect(run.object(#"\Security"#) == 0)

        // 1.8 #14.
        run.run(to: "ExpCreateSystemRootLink")
        #expect(run.names(#"\Security"#) == ["LSA_AUTHENTICATION_INITIALIZED"])
        #expect(run.object(#"\Device"#) == 0 && run.object(#"\ArcName"#) == 0)

        // 1.8 #15.
        run.run(to: "MmInitSystem")
        #expect(run.names(#"\ArcName"#).isEmpty && run.names(#"\Device"#).isEmpty && run.object(#"\Device"#) != 0)
        #expect(run.target(#"\SystemRoot"#) == #"\ArcName\multi(0)disk(0)rdisk(0)partition(1)\ReactOS"#)

        // 1.9 #7.
        run.run(to: "IopInitializePlugPlayServices")
        #expect(run.names(#"\Driver"#).isEmpty && run.names(#"\FileSystem"#) == ["Filters"])
        #expect(run.names(#"\FileSystem\Filters"#).isEmpty && run.object(#"\REGISTRY"#) != 0)
        #expect(Set(run.names(#"\ObjectTypes"#)).isSuperset(of: ["Adapter", "Controller", "Device", "Driver", "IoCompletion", "File"]))

        // 1.9 #8 to #10.
        run.run(to: "IopInitializeHalPnpDriver")
        #expect(run.names(#"\Driver"#) == ["PnpManager", "WMIxWDM"])

        // 1.9 #11.
        run.run(to: "IopEnumerateRootDevices")
        #expect(run.names(#"\Driver"#) == ["ACPI_HAL", "KdDriver", "PnpManager", "WMIxWDM"])

        // 1.9 #14.
        run.run(to: "IopReinitializeBootDrivers")
        #expect(Set(run.names(#"\FileSystem"#)).isSuperset(of: ["RAW", "fastfat"]))
        #expect(Set(run.names(#"\Device"#)).isSuperset(of: ["RawCdRom", "RawDisk", "RawTape"]))

        // 1.9 #18 and #24.
        run.run(to: "IopMarkBootPartition", limit: 100_000_000)
        #expect(run.target(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#) == #"\Device\Harddisk0\Partition1"#)
        run.run(to: "PsLocateSystemDll", limit: 100_000_000)
        #expect(run.target(#"\SystemRoot"#) == #"\Device\Harddisk0\Partition1\ReactOS"#)
    }

    @Test func headersAndPrefixesAreInOrder() {
        let run = KernelRun()
        run.run(to: "MmInitSystem")
        // A type: name and creator; the creator's list is the type type's.
        let type = run.object(#"\ObjectTypes\Process"#)
        let header = type - 0x18
        #expect(run.byte(header + 0x0C) == 0x18 + 0x10 && run.byte(header + 0x0D) == 0 && run.byte(header + 0x0E) == 0)
        // Kernel mode, creator info, permanent.
        #expect(run.byte(header + 0x0F) & 0x17 == 0x16)
        let list = run.list(run.variable("ObpTypeObjectType") + 0x38)
        #expect(list.contains(header - 0x10))
        #expect(list.count == Int(run.read(run.variable("ObpTypeObjectType") + 0x50)))
        // Every object below the root: in the bucket of its name's hash, with a type, a directory and a security descriptor.
        for path in [#"\Callback\PowerState"#, #"\GLOBAL??\Global"#, #"\Security\LSA_AUTHENTICATION_INITIALIZED"#] {
            let object = run.object(path)
            let parent = run.object(String(path[..<path.lastIndex(of: "\\")!]))
            #expect(run.read(object - 0x18 - run.byte(object - 0x0C)) == parent, "\(path)")
            // Permanent, with a descriptor, which is the cache's: self-relative, of Administrators.
            let descriptor = run.read(object - 4)
            #expect(run.byte(object - 0x18 + 0x0F) & 0x30 == 0x30 && run.read(descriptor) == 0x8004_0001, "\(path)")
            #expect(run.read(descriptor + run.read(descriptor + 4) + 12) == 544 && run.read(descriptor - 8) >= 1)
            #expect(run.counts(object)[1] == 0)
        }
    }
}
