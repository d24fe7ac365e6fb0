// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// System services with arguments that are wrong or unusual: relative names, handles of another type, sizes that wrap, names that no byte holds.
struct ServiceArgumentTests {
    private let run = KernelRun.probe()

    private func attributes(_ name: String, below root: UInt32 = 0) -> UInt32 {
        let block = run.attributes(name)
        run.write(block + 4, root)
        return block
    }

    private func open(
        _ name: String, below root: UInt32 = 0, access: UInt32 = 0x10_0001, options: UInt32 = 0x20, disposition: UInt32 = 1
    ) -> (handle: UInt32, status: UInt32) {
        let handle = run.scratch(4)
        let status = run.invoke(
            "NtCreateFile", handle, access, attributes(name, below: root), run.scratch(8), 0, 0x80, 7, disposition, options, 0, 0)
        return (run.read(handle), status ?? ~0)
    }

    @Test func namesRelativeToAFolder() {
        let folder = open(#"\SystemRoot\System32"#, options: 0x21)
        #expect(folder.status == 0)
        #expect(open("q", below: folder.handle).status == 0xC000_0034)
        #expect(open("smss.exe", below: folder.handle).status == 0)
        // The folder itself is no other folder, and stays what it is.
        let again = open("", below: folder.handle, options: 0x21)
        #expect(again.status == 0)
        #expect(open("smss.exe", below: again.handle).status == 0)
        let root = open(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)\"#, options: 0x21)
        #expect(root.status == 0)
        #expect(open("smss.exe", below: root.handle).status == 0xC000_0034)
        #expect(open("ReactOS", below: root.handle, options: 0x21).status == 0)
        #expect(open("z", below: folder.handle, access: 0x10_0003, disposition: 2).status == 0)
    }

    @Test func aFileIsNoFolder() {
        let file = open(#"\SystemRoot\System32\smss.exe"#)
        #expect(file.status == 0)
        #expect(open("x", below: file.handle).status == 0xC000_003A)
        let device = open(#"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#, access: 0x10_0080)
        #expect(device.status == 0)
        #expect(open("xx", below: device.handle, access: 0x10_0080).status == 0)
    }

    @Test func anEventIsAnEvent() {
        let file = open(#"\SystemRoot\System32\smss.exe"#)
        #expect(run.invoke("NtReadFile", file.handle, file.handle, 0, 0, run.scratch(8), run.scratch(16), 16, 0, 0) == 0xC000_0024)
        #expect(run.invoke("NtReadFile", file.handle, 0, 0, 0, run.scratch(8), run.scratch(16), 16, 0, 0) == 0)
    }

    private func key(_ name: String, create: Bool) -> (handle: UInt32, status: UInt32) {
        let handle = run.scratch(4)
        let block = attributes(#"\Registry\Machine\SYSTEM\"# + name)
        let status =
            create
            ? run.invoke("NtCreateKey", handle, 0xF003F, block, 0, 0, 0, 0) : run.invoke("NtOpenKey", handle, 0xF003F, block)
        return (run.read(handle), status ?? ~0)
    }

    @Test func namesInTheRegistry() {
        #expect(key("\u{141}ódź", create: true).status == 0)
        #expect(key("\u{141}ódź", create: false).status == 0)
        #expect(key("Aódź", create: false).status == 0xC000_0034)
        #expect(key(String(repeating: "a", count: 255), create: true).status == 0)
        #expect(key(String(repeating: "b", count: 256), create: true).status == 0xC000_000D)
        let (handle, status) = key("Values", create: true)
        #expect(status == 0)
        let data = run.scratch(8)
        run.write(data, 0x1234_5678)
        #expect(run.invoke("NtSetValueKey", handle, run.unicode("\u{142}"), 0, 4, data, 4) == 0)
        #expect(run.invoke("NtSetValueKey", handle, run.unicode("B"), 0, 4, data, 0xFFFF_FFF8) != 0)
        let result = run.scratch(64)
        #expect(run.invoke("NtQueryValueKey", handle, run.unicode("\u{142}"), 2, result, 64, run.scratch(4)) == 0)
        #expect(run.read(result + 12) == 0x1234_5678)
        #expect(run.invoke("NtQueryValueKey", handle, run.unicode("B"), 2, result, 64, run.scratch(4)) == 0xC000_0034)
    }
}
