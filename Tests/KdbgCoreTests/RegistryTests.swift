// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The registry in the guest: a driver of the test's own opens, reads, makes and enumerates keys through the kernel's services; damaged hives end as they should.
struct RegistryTests {
    private static let module = Module("regtest.sys")
    /// What the calls returned, in their order.
    private static let results: Global = .init("Results", size: 4 * 64, module: module)
    private static let position: Global = .init("Position", module: module)
    private static let buffer: Global = .init("Buffer", size: 512, module: module)

    /// A driver whose DriverEntry runs `body`, which notes numbers.
    private static func driver(_ body: @escaping @Sendable (Function, _ note: (Value) -> Void) -> Void) -> DriverImage {
        let entry = Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
            body(f) { value in
                f.set((results.value + (position.dword << 2)).dword(), value)
                f.add(position.dword, 1)
            }
            f.return(Status.success)
        }
        return DriverImage(service: "regtest", group: "", entry: entry)
    }

    private func run(_ image: DriverImage, registry: (inout SystemHive) -> Void = { _ in }) -> (run: KernelRun, results: [UInt32]) {
        let run = KernelRun(extra: [image], registry: registry)
        run.run(to: "IopFinishBootDrivers")
        let count = run.variable("Position")
        return (run, (0..<count).map { run.read(run.address("Results") + 4 * $0) })
    }

    private static func open(_ f: Function, _ path: String, root: Value = 0, options: UInt32 = 0) -> (handle: Value, status: Value) {
        let handle = f.local(0)
        let attributes = f.objectAttributes(
            f.unicode(path), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle | options, root: root)
        return (handle, f.call(Cm.zwOpenKey, f.address(of: handle), 0x20019, attributes))
    }

    @Test func keysAreOpenedAndRead() {
        let (kernel, results) = run(
            Self.driver { f, note in
                let length = f.local(0)
                let (services, status) = Self.open(f, #"\registry\MACHINE\system\CURRENTCONTROLSET\Services"#)
                note(status)
                let (disk, relative) = Self.open(f, "dISK", root: services)
                note(relative)
                note(f.call(Cm.zwQueryValueKey, disk, f.unicode("start"), 2, Self.buffer, 512, f.address(of: length)))
                note(length)
                note(Self.buffer.value.dword(4))
                note(Self.buffer.value.dword(0x0C))
                // No room for the data, no room at all, no such value, no such class.
                note(f.call(Cm.zwQueryValueKey, disk, f.unicode("ImagePath"), 2, Self.buffer, 0x20, f.address(of: length)))
                note(length)
                note(f.call(Cm.zwQueryValueKey, disk, f.unicode("ImagePath"), 2, Self.buffer, 8, f.address(of: length)))
                note(f.call(Cm.zwQueryValueKey, disk, f.unicode("nothing"), 2, Self.buffer, 512, f.address(of: length)))
                note(f.call(Cm.zwQueryValueKey, disk, f.unicode("Start"), 9, Self.buffer, 512, f.address(of: length)))
                note(Self.open(f, "nothing", root: services).status)
                note(Self.open(f, #"nothing\more"#, root: services).status)
                note(Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\"#).status)
                // As a file it is not to be had.
                let file = f.local(0)
                let result = f.structure(IO_STATUS_BLOCK.self)
                let attributes = f.objectAttributes(f.unicode(#"\REGISTRY\MACHINE\SYSTEM"#), ObjectAttribute.caseInsensitive)
                note(f.call(Io.ntOpenFile, f.address(of: file), 0x100001, attributes, result, 0, 0x20))
                note(f.call(Ob.ntClose, disk))
                note(f.call(Ob.ntClose, services))
            })
        #expect(
            results == [
                0, 0, 0, 0x10, 4, 0, 0x8000_0005, 0x0C + 2 * 26, 0xC000_0023, 0xC000_0034, 0xC000_000D, 0xC000_0034, 0xC000_0034, 0,
                0xC000_0024, 0, 0,
            ])
        // One Key object is for \REGISTRY; one handle above was left open.
        #expect(kernel.variable("CmpKeyObjectType") != 0)
    }

    /// Control blocks come with the first handle and go with the last, and so does the pool they are in.
    @Test func nothingLeaks() {
        let (kernel, results) = run(
            Self.driver { f, note in
                let type = f.local(Cm.keyObjectType.dword).as(OBJECT_TYPE.self)
                note(type.TotalNumberOfObjects)
                let count = f.local(0)
                f.while(count < 50) {
                    let (handle, _) = Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Executive"#)
                    let (other, _) = Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Control\Session Manager\Executive"#)
                    f.call(Ob.ntClose, handle)
                    f.call(Ob.ntClose, other)
                    f.add(count, 1)
                }
                note(type.TotalNumberOfObjects)
            })
        #expect(results[0] == results[1])
        let names = Self.openNames(kernel)
        #expect(!names.contains("Executive") && !names.contains("Session Manager") && names.contains("REGISTRY"))
    }

    /// Names of the keys that have control blocks.
    private static func openNames(_ run: KernelRun) -> [String] {
        let table = run.address("CmpCacheTable")
        return (0..<512 as Range<UInt32>).flatMap { bucket -> [String] in
            var names: [String] = []
            var link = run.read(table + 4 * bucket)
            while link != 0, names.count < 100 {
                let name = run.read(link - 8 + 0x1C)
                names.append(String(decoding: (0..<run.word(name + 0x0C)).map { UInt8(run.byte(name + 0x0E + $0)) }, as: UTF8.self))
                link = run.read(link + 4)
            }
            return names
        }
    }

    @Test func keysAreMadeAndEnumerated() {
        let (_, results) = run(
            Self.driver { f, note in
                let length = f.local(0)
                let disposition = f.local(0)
                let handle = f.local(0)
                let control = Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control\Windows"#).handle
                for (name, options) in [("Middle", 1), ("zebra", 1), ("Alpha", 1), ("MIDDLE", 1), ("Stable", 0)] {
                    let attributes = f.objectAttributes(f.unicode(name), ObjectAttribute.caseInsensitive, root: control)
                    note(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, options, f.address(of: disposition)))
                    note(disposition)
                }
                // Stable ones first, then volatile ones by name.
                for index in 0..<5 {
                    note(f.call(Cm.zwEnumerateKey, control, index, 0, Self.buffer, 512, f.address(of: length)))
                    note(Self.buffer.value.dword(0x10))
                }
                // A stable key below a volatile one.
                let attributes = f.objectAttributes(f.unicode(#"Alpha\Child"#), ObjectAttribute.caseInsensitive, root: control)
                note(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 0, 0))
                // A missing key on the way is not made.
                let deep = f.objectAttributes(f.unicode(#"None\Child"#), ObjectAttribute.caseInsensitive, root: control)
                note(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, deep, 0, 0, 1, 0))
            })
        let names = ["Stable", "Alpha", "Middle", "zebra"].map { name in
            let units = Array(name.utf16)
            return UInt32(units[0]) | UInt32(units[1]) << 16
        }
        #expect(Array(results[0..<10]) == [0, 1, 0, 1, 0, 1, 0, 2, 0, 1])
        #expect(
            Array(results[10..<18]) == [0, names[0], 0, names[1], 0, names[2], 0, names[3]])
        #expect(results[18] == 0x8000_001A)
        #expect(Array(results[20...]) == [0xC000_0181, 0xC000_0034])
    }

    @Test func keysAreDeleted() {
        let (_, results) = run(
            Self.driver { f, note in
                let length = f.local(0)
                let handle = f.local(0)
                let child = f.local(0)
                let parent = Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Control\Windows"#).handle
                let attributes = f.objectAttributes(f.unicode("Gone"), ObjectAttribute.caseInsensitive, root: parent)
                f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0)
                f.call(Cm.zwSetValueKey, handle, f.unicode("V"), 0, 3, Self.buffer, 40)
                let below = f.objectAttributes(f.unicode("Child"), ObjectAttribute.caseInsensitive, root: handle)
                f.call(Cm.zwCreateKey, f.address(of: child), 0xF003F, below, 0, 0, 1, 0)
                // It has a subkey; then it has none; then it is gone, whoever asks.
                note(f.call(Cm.zwDeleteKey, handle))
                note(f.call(Cm.zwDeleteKey, child))
                note(f.call(Cm.zwDeleteKey, handle))
                note(f.call(Cm.zwDeleteKey, handle))
                note(f.call(Cm.zwQueryValueKey, handle, f.unicode("V"), 2, Self.buffer, 512, f.address(of: length)))
                note(f.call(Cm.zwCreateKey, f.address(of: child), 0xF003F, below, 0, 0, 1, 0))
                note(Self.open(f, "Gone", root: parent).status)
                note(f.call(Cm.zwClose, handle))
                // A root of a hive stays.
                note(f.call(Cm.zwDeleteKey, Self.open(f, #"\REGISTRY\MACHINE\SYSTEM"#).handle))
                // The name is free again.
                note(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, f.address(of: length)))
                note(length)
            })
        #expect(
            results == [0xC000_0121, 0, 0, 0xC000_017C, 0xC000_017C, 0xC000_017C, 0xC000_0034, 0, 0xC000_0121, 0, 1])
    }

    @Test func valuesAreSetAndReplaced() {
        let (_, results) = run(
            Self.driver { f, note in
                let length = f.local(0)
                let handle = f.local(0)
                let attributes = f.objectAttributes(f.unicode(#"\REGISTRY\MACHINE\HARDWARE\Test"#), ObjectAttribute.caseInsensitive)
                note(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
                // Inline, then in cells that grow and shrink, then inline again; the cells in between are used again.
                for (index, size) in [3, 5, 400, 8, 4, 0].enumerated() {
                    f.set(Self.buffer.value.dword(), 0x0403_0201 + index)
                    note(f.call(Cm.zwSetValueKey, handle, f.unicode("V"), 0, 3, Self.buffer, size))
                    note(f.call(Cm.zwQueryValueKey, handle, f.unicode("v"), 2, Self.buffer, 512, f.address(of: length)))
                    note(Self.buffer.value.dword(8))
                    note(Self.buffer.value.dword(0x0C) & 0xFF)
                }
                note(f.call(Cm.zwSetValueKey, handle, f.unicode("W"), 0, 4, Self.buffer, 4))
                note(f.call(Cm.zwEnumerateValueKey, handle, 1, 1, Self.buffer, 512, f.address(of: length)))
                note(Self.buffer.value.word(0x14))
                note(f.call(Cm.zwEnumerateValueKey, handle, 2, 1, Self.buffer, 512, f.address(of: length)))
                note(f.call(Cm.zwQueryKey, handle, 2, Self.buffer, 512, f.address(of: length)))
                note(Self.buffer.value.dword(0x20))
            })
        #expect(results[0] == 0)
        let sets = (0..<6).map { Array(results[(1 + 4 * $0)..<(5 + 4 * $0)]) }
        #expect(sets.map { $0[2] } == [3, 5, 400, 8, 4, 0])
        #expect(sets.allSatisfy { $0[0] == 0 && $0[1] == 0 })
        #expect(sets.prefix(5).map { $0[3] } == [1, 2, 3, 4, 5])
        #expect(Array(results[25...]) == [0, 0, 0x57, 0x8000_001A, 0, 2])
    }

    /// Values of the hive reach variables in phase 0, and only those that are there.
    @Test func controlValues() {
        let kernel = KernelRun { hive in
            hive.root.change(["ControlSet001", "Control", "Session Manager", "Memory Management"]) {
                $0.values.append(HiveValue("PagedPoolSize", .number(0x180_0000)))
            }
            hive.root.change(["ControlSet001", "Control", "PriorityControl"]) {
                $0.values = [HiveValue("Win32PrioritySeparation", .number(0x26))]
            }
            hive.root.change(["ControlSet001", "Control", "Windows"]) { $0.values = [] }
        }
        #expect(kernel.run(to: "MmArmInitSystem") == "MmArmInitSystem")
        #expect(kernel.variable("MmSizeOfPagedPoolInBytes") == 0x180_0000)
        #expect(kernel.variable("PsRawPrioritySeparation") == 0x26)
        #expect(kernel.variable("CmNtCSDVersion") == 0)
        #expect(kernel.variable("CmDefaultLanguageIdLength") == 10 && kernel.variable("CmDefaultLanguageIdType") == 1)
        #expect(kernel.variable("CmSuiteBufferLength") == 12)
    }

    /// Another control set is current.
    @Test func selectDecides() {
        let (kernel, results) = run(
            Self.driver { f, note in
                note(Self.open(f, #"\REGISTRY\MACHINE\SYSTEM\CurrentControlSet\Marker"#).status)
            }
        ) { hive in
            var second = hive.root.keys[1]
            second.name = "ControlSet007"
            second.keys.append(HiveKey("Marker"))
            hive.root.keys.append(second)
            hive.root.change(["Select"]) { $0.values[0] = HiveValue("Current", .number(7)) }
        }
        #expect(results == [0])
        #expect(kernel.object(#"\Driver\Disk"#) != 0)
    }

    /// What BC 0x74 says of a hive that phase 0 cannot use: which part, and the status.
    @Test(
        arguments: [
            ("checksum", [0x74, 1, 1, 0xC000_014C]), ("bin", [0x74, 1, 1, 0xC000_014C]), ("half", [0x74, 1, 1, 0xC000_014C]),
            ("empty", [0x74, 1, 1, 0xC000_014C]), ("select", [0x74, 1, 2, 0]), ("control", [0x74, 1, 3, 0]),
        ] as [(String, [UInt32])])
    func unusableHives(damage: String, expected: [UInt32]) {
        let kernel = KernelRun { hive in
            switch damage {
            case "checksum":
                hive.damage = {
                    var bytes = $0; bytes[0x30] ^= 1; return bytes
                }
            case "bin":
                hive.damage = {
                    var bytes = $0; bytes[0x2008] = 0x10; return bytes
                }
            case "half": hive.damage = { Array($0.prefix(0x3000)) }
            case "empty": hive.damage = { _ in [] }
            case "select": hive.root.keys.remove(at: 0)
            default: hive.root.change(["ControlSet001"]) { $0.keys.removeAll { $0.name == "Control" } }
            }
        }
        #expect(kernel.run() == "KeBugCheckWithTf")
        #expect((0..<4).map { kernel.argument($0) } == expected)
    }

    /// Cells that lead nowhere are keys and values that are not there, not faults.
    @Test func wildCells() {
        for offset in stride(from: 0x1020, to: 0x1200, by: 0x1C) {
            let kernel = KernelRun { hive in
                hive.damage = { bytes in
                    var bytes = bytes
                    for byte in 0..<4 { bytes[offset + byte] = 0xF0 }
                    return bytes
                }
            }
            let end = kernel.run(to: "IopFinishBootDrivers", limit: 60_000_000)
            #expect(end != nil, "\(offset)")
            if end == "KeBugCheckWithTf" { #expect([0x67, 0x74, 0x7B].contains(kernel.argument(0)), "\(offset): \(kernel.argument(0))") }
        }
    }

    @Test func hardwareTree() {
        let (_, results) = run(
            Self.driver { f, note in
                let length = f.local(0)
                let system = #"\REGISTRY\MACHINE\HARDWARE\DESCRIPTION\System"#
                let adapter = Self.open(f, system + #"\MultifunctionAdapter\0"#)
                note(adapter.status)
                note(f.call(Cm.zwQueryValueKey, adapter.handle, f.unicode("Identifier"), 2, Self.buffer, 512, f.address(of: length)))
                note(Self.buffer.value.dword(0x0C))
                note(Self.open(f, #"SerialController\1"#, root: adapter.handle).status)
                note(Self.open(f, #"SerialController\2"#, root: adapter.handle).status)
                note(Self.open(f, #"DiskController\0\DiskPeripheral\0"#, root: adapter.handle).status)
                note(Self.open(f, system + #"\CentralProcessor\0"#).status)
            })
        #expect(results == [0, 0, 0x0053_0049, 0, 0xC000_0034, 0, 0])
    }
}

extension HiveKey {
    /// Changes the key at a path below this one.
    mutating func change(_ path: [String], _ body: (inout HiveKey) -> Void) {
        guard let name = path.first else { return body(&self) }
        guard let index = keys.firstIndex(where: { $0.name == name }) else { return }
        keys[index].change(Array(path.dropFirst()), body)
    }
}
