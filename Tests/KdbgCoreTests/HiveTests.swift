// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

@testable import KdbgCore

/// The SYSTEM hive as bytes: what its format asks for, what a reader that is not ours finds in it, and the loader's order of boot drivers.
struct HiveTests {
    private static let hive = SystemHive(drivers: DriverImage.all)
    private static let image = hive.image

    private func dword(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(Self.image[offset + $1]) << (8 * UInt32($1)) } }

    @Test func baseBlockAndBins() {
        #expect(Array(Self.image[0..<4]) == Array("regf".utf8))
        #expect(dword(4) == dword(8))
        #expect(Int(dword(0x28)) == Self.image.count - 0x1000)
        #expect((0..<127).reduce(0) { $0 ^ dword(4 * $1) } == dword(0x1FC))
        // Bins follow each other, cells fill them to the last byte.
        var bin = 0x1000
        while bin < Self.image.count {
            #expect(Array(Self.image[bin..<bin + 4]) == Array("hbin".utf8))
            #expect(Int(dword(bin + 4)) == bin - 0x1000)
            let end = bin + Int(dword(bin + 8))
            var cell = bin + 0x20
            while cell < end {
                let size = Int(Int32(bitPattern: dword(cell)).magnitude)
                #expect(size > 0 && size % 8 == 0)
                cell += max(size, 8)
            }
            #expect(cell == end)
            bin = end
        }
        #expect(bin == Self.image.count)
    }

    /// Every key and value as PyPI's python-registry and regipy read them, against the tree the image was made of.
    @Test(.enabled(if: python != nil, "python-registry and regipy are not there: tools/registry installs them"))
    func othersReadIt() throws {
        let hive = Self.write(Self.image, "hive")
        defer { unlink(hive) }
        var expected: [String] = []
        func list(_ key: HiveKey, _ path: String) {
            expected.append(path)
            for value in key.values {
                expected.append("\(path)\\\(value.name)=\(value.contents.type):\(value.contents.bytes.map { hex($0) }.joined())")
            }
            for child in key.keys { list(child, path + "\\" + child.name) }
        }
        list(Self.hive.root, "")
        for reader in ["python-registry", "regipy"] {
            let script = Self.write(Array(Self.script(reader).utf8), "\(reader).py")
            defer { unlink(script) }
            let (found, status) = Shell.run("\(Self.python ?? "") \(script) \(hive)")
            #expect(status == 0, "\(found)")
            let lines = found.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast().map { $0 }
            if reader == "regipy" {
                // It calls the root a backslash.
                #expect(lines.filter { $0 != "\\" }.sorted() == expected.filter { !$0.isEmpty && !$0.contains("=") }.sorted())
            } else {
                #expect(lines.sorted() == expected.sorted())
            }
        }
    }

    private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// A Python with both readers; nil without one.
    private static let python: String? = {
        let (path, status) = Shell.run("cd '\(root)' && tools/registry")
        if status != 0 { print("HiveTests: readers skipped, python-registry and regipy cannot be installed") }
        return status == 0 ? path.split(separator: "\n").last.map(String.init) : nil
    }()

    /// The repository.
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// A file below /tmp.
    private static func write(_ bytes: [UInt8], _ name: String) -> String {
        let path = "/tmp/kdbg-hive-\(getpid())-\(name)"
        let file = fopen(path, "w")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return path
    }

    /// Prints paths of keys, and with python-registry values, line by line.
    private static func script(_ reader: String) -> String {
        switch reader {
        case "regipy":
            """
            import sys
            from regipy.registry import RegistryHive
            for key in RegistryHive(sys.argv[1]).recurse_subkeys(as_json=True):
                print(key.path)
            """
        default:
            """
            import sys
            from Registry import Registry
            def walk(key, path):
                print(path)
                for value in key.values():
                    name = "" if value.name() == "(default)" else value.name()
                    print(f"{path}\\{name}={value.value_type()}:{value.raw_data().hex()}")
                for child in key.subkeys():
                    walk(child, path + "\\\\" + child.name())
            walk(Registry.Registry(sys.argv[1]).root(), "")
            """
        }
    }

    /// The order of spec/boot.md section 7.2.
    @Test func loaderOrder() {
        #expect(
            BootDriverOrder(hive: Self.hive).services == [
                "sacdrv", "acpi", "Pci", "isapnp", "partmgr", "usbccgp", "usbehci", "usbhub", "usbohci", "usbuhci", "MountMgr", "UniATA",
                "BusLogic", "usbstor", "Disk", "fastfat", "ksecdd", "NMIDebug", "Ndis", "Mup", "RamDisk", "swenum",
            ])
    }

    /// Groups come before tags, tags that the group's list does not name and missing ones after those it names, then names.
    @Test func loaderOrderByTags() {
        func driver(_ service: String, _ group: String, _ tag: UInt32?) -> DriverImage {
            DriverImage(service: service, group: group, tag: tag, entry: DiskDriver.entry)
        }
        let hive = SystemHive(drivers: [
            driver("z", "", nil), driver("d", "Base", 99), driver("c", "Base", nil), driver("b", "Base", 3), driver("a", "nowhere", 1),
            driver("e", "base", 2), driver("f", "Filter", nil), DriverImage(service: "s", group: "EMS", start: 1, entry: DiskDriver.entry),
        ])
        #expect(BootDriverOrder(hive: hive, fileSystem: "S").services == ["s", "f", "e", "b", "c", "d", "a", "z"])
    }
}
