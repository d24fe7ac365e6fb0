// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

/// The programs of Tests/Guests: built once per run, and run on kdbg and on QEMU.
enum Guests {
    /// The folder of their sources.
    static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Guests")
    /// Where the tests put the built files.
    private static let built = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending(".build/guests")

    /// The CPU tests, by name.
    static let cases: [String] = {
        guard let directory = opendir(folder.appending("cases").string) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".S") { names.append(String(name.dropLast(2))) }
        }
        return names.sorted()
    }()

    /// Whether a program can be found.
    static func has(_ tools: String...) -> Bool {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
        return tools.allSatisfy { tool in folders.contains { access("\($0)/\(tool)", X_OK) == 0 } }
    }

    private static let building = Task { try await Program.shell("exec make -s -C \(folder) OUT=\(built) 2>&1") }

    /// The file of a guest, after building all of them.
    static func file(_ name: String) async throws -> String {
        let outcome = try await building.value
        guard outcome.status == 0 else { throw BuildFailure(description: outcome.output) }
        return built.appending(name + ".elf").string
    }

    /// A guest's lines and exit status on kdbg.
    static func onKdbg(_ name: String, append: String = "") async throws -> (lines: [String], status: Int32) {
        let outcome = try await Program.run(["bare", "--kernel", file(name), "--append", append, "--limit", "4000000000"])
        return (outcome.output.split(separator: "\n").map(String.init), outcome.status)
    }

    /// The same on QEMU's translator.
    static func onQEMU(_ name: String, append: String = "") async throws -> (lines: [String], status: Int32) {
        let outcome = try await Program.shell(
            """
            exec timeout 120 qemu-system-i386 -accel tcg -m 128 -no-reboot -display none -monitor none -serial null -debugcon stdio \
            -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel \(file(name)) -append '\(append)'
            """)
        return (outcome.output.split(separator: "\n").map(String.init), outcome.status)
    }

    /// What the compiler said.
    struct BuildFailure: Error, CustomStringConvertible {
        var description: String
    }
}

/// A case of Tests/Guests/differences.txt.
struct GuestDifference {
    /// What QEMU prints and what the manual demands; up to the `…` if it ends in one.
    var qemu: String
    var manual: String

    /// The listed differences of a guest, in the file's order.
    static func all(of guest: String) throws -> [GuestDifference] {
        let file = try FileDescriptor.open(Guests.folder.appending("differences.txt"), .readOnly)
        let text = try file.closeAfter {
            try String(unsafeUninitializedCapacity: 1 << 20) { try file.read(into: UnsafeMutableRawBufferPointer($0)) }
        }
        var found: [GuestDifference] = []
        var current = ""
        var qemu: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("guest ") { current = String(line.dropFirst(6)) }
            if line.hasPrefix("- ") { qemu = String(line.dropFirst(2)) }
            if line.hasPrefix("+ "), let left = qemu.take(), current == guest {
                found.append(GuestDifference(qemu: left, manual: String(line.dropFirst(2))))
            }
        }
        return found
    }

    /// Whether a printed line is a listed one.
    static func matches(_ line: String, _ listed: String) -> Bool {
        listed.hasSuffix(" …") ? line.hasPrefix(listed.dropLast(2)) : line == listed
    }
}
