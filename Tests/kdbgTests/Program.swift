// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Subprocess
import SystemPackage
import Testing

/// The real binary, as the build has put it next to the tests.
enum Program {
    static let path: FilePath = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = FilePath(String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let besides = tests.removingLastComponent().appending("kdbg")
        if access(besides.string, X_OK) == 0 { return besides }
        // A runner of the toolchain's own runs the tests as a library: then it is where `swift build` puts it.
        let package = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return package.appending(".build/debug/kdbg")
    }()

    /// What a run left behind.
    struct Outcome {
        var status: Int32
        var output: String
        var complaints: String
    }

    /// Runs kdbg with standard input from a string and waits for its end.
    static func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await run(.path(path), arguments, input: input)
    }

    /// Runs a shell command in which `$KDBG` is the binary; for what needs pipes and redirections.
    static func shell(_ command: String) async throws -> Outcome {
        try await run(.path("/bin/bash"), ["-c", command], input: "")
    }

    private static func run(_ executable: Executable, _ arguments: [String], input: String) async throws -> Outcome {
        // A program that ends before it has read its input is no reason for the tests to end.
        signal(SIGPIPE, SIG_IGN)
        // Without input there is no pipe whose end another child could hold open.
        if input.isEmpty { return try await run(executable, arguments, input: .none) }
        return try await run(executable, arguments, input: .string(input))
    }

    private static func run(_ executable: Executable, _ arguments: [String], input: some InputProtocol) async throws -> Outcome {
        let result = try await Subprocess.run(
            executable, arguments: Arguments(arguments),
            environment: .inherit.updating(["KDBG": path.string, "TERM": "dumb", "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": "/nonexistent"]),
            input: input, output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
        let status: Int32
        switch result.terminationStatus {
        case .exited(let code): status = code
        case .signaled(let signal): status = -signal
        }
        return Outcome(status: status, output: result.standardOutput, complaints: result.standardError)
    }
}

/// A directory of a test's own, gone with the test.
final class TemporaryDirectory {
    let path: FilePath

    init() {
        var template = Array("/tmp/kdbg-test-XXXXXX".utf8CString)
        path = FilePath(String(cString: mkdtemp(&template)))
    }

    deinit {
        for name in names { unlink(path.appending(name).string) }
        rmdir(path.string)
    }

    private var names: [String] = []

    /// Makes a file and gives its path.
    func file(_ name: String, _ contents: some Sequence<UInt8> = []) throws -> String {
        names.append(name)
        let file = path.appending(name)
        let descriptor = try FileDescriptor.open(file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        _ = try descriptor.closeAfter { try descriptor.writeAll(contents) }
        return file.string
    }
}
