// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// A boot with a test's own program in the place of smss.exe, without a debugger: how the program ends is the exit status of its process.
struct UserModeRun {
    static let module = Module("smss.exe", linkBase: 0x0100_0000)
    /// What a program leaves for the test to read.
    static let results: Global = .init("TestResults", size: 64, module: module)

    let run: KernelRun
    private let image: Image

    static func link(
        module: Module = module, _ body: @escaping @Sendable (Function) -> Void
    ) -> LoadableImage {
        let entry = Routine("TestProgram", ["Peb"], module: module) { f in
            body(f)
            f.return(0)
        }
        return UserPrograms.link([module], entries: [entry])[1]
    }

    /// A System32 with a program.
    static func folder(_ body: @escaping @Sendable (Function) -> Void) -> BootVolume.Node {
        .folder("System32", [.file("smss.exe", link(body).file)])
    }

    /// Runs a program until it has ended, or until the boot is over.
    init(change: ([UInt8]) -> [UInt8] = { $0 }, _ body: @escaping @Sendable (Function) -> Void) {
        let program = Self.link(body)
        image = program.image
        run = KernelRun(options: "NODEBUG", files: [.folder("System32", [.file("smss.exe", change(program.file))])])
        run.run(to: "PspExitProcess", "MmZeroPageThread", limit: 3_000_000_000)
    }

    /// What the process ends with; nil for one that goes on, and after a crash.
    var exitStatus: UInt32? {
        guard run.guest.symbols.symbol(containing: run.machine.registers.eip)?.name == "PspExitProcess" else { return nil }
        return run.argument(1)
    }

    /// A result the program has left, from 0, while its process is the current one.
    func result(_ index: UInt32) -> UInt32 {
        let place = image.symbols.first { $0.name == "TestResults" }?.address ?? 0
        return run.read(Self.module.linkBase + place + 4 * index)
    }
}

extension Function {
    /// Leaves a result for the test.
    func leave(_ index: Int32, _ value: some Operand) { set(UserModeRun.results.value.dword(4 * index), value) }

    /// Registers an exception handler for the rest of the program.
    func handle(with handler: Routine) {
        let registration = structure(EXCEPTION_REGISTRATION_RECORD.self)
        set(registration.Next, Value.fs(0))
        set(registration.Handler, handler)
        set(Value.fs(0), registration)
    }
}
