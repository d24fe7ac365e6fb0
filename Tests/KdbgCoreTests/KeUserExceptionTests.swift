// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Exceptions of user mode: to the handlers on the thread's stack by way of ntdll, back to where they happened, or to the end of the process (spec/boot.md section 4.8).
struct KeUserExceptionTests {
    /// A handler: counts, leaves code and parameter, and mends by letting EAX, which was no address, be one.
    private static let mending = Routine(
        "TestHandler", ["Record", "Frame", "Context", "Dispatcher"], module: UserModeRun.module, convention: .cdecl
    ) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        f.leave(0, UserModeRun.results.dword + 1)
        f.leave(1, record.ExceptionCode)
        f.leave(2, record.ExceptionInformation.dword(4))
        f.leave(3, record.ExceptionAddress == f.argument(2, CONTEXT.self).Eip)
        f.set(f.argument(2, CONTEXT.self).Eax, UserModeRun.results.value + 16)
        f.return(0)
    }

    @Test func handlerMendsAndTheProgramGoesOn() {
        let run = UserModeRun { f in
            f.handle(with: Self.mending)
            f.asm { a in
                a.mov(.eax, 0x44)
                a.mov(.ecx, 0x600D)
                a.mov(.at(.eax), .ecx)
            }
            f.leave(5, 7)
            f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, 0x1234)
        }
        #expect(run.exitStatus == 0x1234)
        #expect((0..<6).map(run.result) == [1, 0xC000_0005, 0x44, 1, 0x600D, 7])
    }

    @Test func innermostHandlerIsAskedFirstAndTheOuterNext() {
        let searching = Routine(
            "TestSearching", ["Record", "Frame", "Context", "Dispatcher"], module: UserModeRun.module, convention: .cdecl
        ) { f in
            f.leave(6, UserModeRun.results.dword + 10)
            f.return(1)
        }
        let run = UserModeRun { f in
            f.handle(with: Self.mending)
            f.handle(with: searching)
            f.asm { a in
                a.alu(.xor, .eax, .eax)
                a.mov(.at(.eax), .eax)
            }
            f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, 1)
        }
        #expect(run.exitStatus == 1 && run.result(0) == 1 && run.result(6) == 10)
    }

    @Test func raisedExceptionsComeToTheHandlerToo() {
        let run = UserModeRun { f in
            f.handle(with: Self.mending)
            let record = f.structure(EXCEPTION_RECORD.self)
            f.zero(record, EXCEPTION_RECORD.size)
            f.set(record.ExceptionCode, 0xE000_0001 as Value)
            f.set(record.NumberParameters, 2)
            f.set(record.ExceptionInformation.dword(4), 99)
            f.call(NtDll.raiseException, record)
            f.leave(5, 1)
            // One that cannot be continued: the handler's wish is of no use.
            f.call(NtDll.raiseStatus, 0xC000_0123 as Value)
        }
        #expect(run.exitStatus == 0xC000_0123)
        #expect(run.result(0) == 2 && run.result(2) != 99 && run.result(5) == 1 && run.result(1) == 0xC000_0123)
    }

    @Test(arguments: [
        ("nobody handles it", 0xC000_0005 as UInt32), ("a breakpoint", 0x8000_0003), ("division", 0xC000_0094), ("UD2", 0xC000_001D),
        ("no stack", 0xC000_0005), ("a stack in the kernel", 0xC000_0005), ("a read-only stack", 0xC000_0005),
        ("a stack that wraps", 0xC000_0005), ("stack overflow", 0xC000_0005), ("a chain that leaves the stack", 0xC000_0005),
        ("no first chance", 0xE000_0002), ("a bad context", 0xC000_0005), ("a thread that returns", 0x77),
    ])
    func endOfTheProcess(what: String, status: UInt32) {
        let run = UserModeRun { f in
            let crash: (inout Assembler) -> Void = { a in
                a.alu(.xor, .eax, .eax)
                a.mov(.at(.eax), .eax)
            }
            switch what {
            case "a breakpoint": f.asm { a in a.int3() }
            case "division":
                f.asm { a in
                    a.alu(.xor, .ecx, .ecx)
                    a.div(.ecx)
                }
            case "UD2":
                f.asm { a in
                    a.byte(0x0F)
                    a.byte(0x0B)
                }
            case "no stack", "a stack in the kernel", "a read-only stack", "a stack that wraps":
                let stacks: [String: UInt32] = [
                    "no stack": 0, "a stack in the kernel": 0x8050_0000, "a read-only stack": 0x7FFE_0FFC, "a stack that wraps": 0x100,
                ]
                f.asm { a in
                    a.mov(.esp, stacks[what]!)
                    crash(&a)
                }
            case "stack overflow":
                f.asm { a in
                    let again = a.newLabel()
                    a.bind(again)
                    a.push(.eax)
                    a.jmp(again)
                }
            case "a chain that leaves the stack":
                f.set(Value.fs(0), UserModeRun.results.value)
                f.asm(crash)
            case "no first chance", "a bad context":
                let record = f.structure(EXCEPTION_RECORD.self)
                let context = f.structure(CONTEXT.self)
                f.zero(record, EXCEPTION_RECORD.size)
                f.zero(context, CONTEXT.size)
                f.set(record.ExceptionCode, 0xE000_0002 as Value)
                if what == "no first chance" {
                    f.call(NtDll.service("NtRaiseException"), record, context, 0)
                } else {
                    // Selectors and flags of the kernel's: they become the user's, and nothing is at 0.
                    f.set(context.SegCs, 8)
                    f.set(context.SegSs, 0x10)
                    f.set(context.SegFs, 0x30)
                    f.set(context.EFlags, 0x3000)
                    f.call(NtDll.service("NtContinue"), context, 0)
                }
            case "a thread that returns": f.return(0x77)
            default: f.asm(crash)
            }
        }
        #expect(run.exitStatus == status, "\(what)")
    }

    @Test func servicesRefuseWhatCannotBeRead() {
        let run = UserModeRun { f in
            f.leave(0, f.call(NtDll.service("NtRaiseException"), 0x8050_0000 as Value, 0x10, 1))
            f.leave(1, f.call(NtDll.service("NtContinue"), 0x10, 0))
            let record = f.structure(EXCEPTION_RECORD.self)
            let context = f.structure(CONTEXT.self)
            f.zero(context, CONTEXT.size)
            f.set(record.NumberParameters, 16)
            f.leave(2, f.call(NtDll.service("NtRaiseException"), record, context, 1))
            f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, 5)
        }
        #expect(run.exitStatus == 5)
        #expect((0..<3).map(run.result) == [0xC000_0005, 0xC000_0005, 0xC000_000D])
    }

    // MARK: The loader in ring 3

    @Test func loaderListsTheImagesAndConnectsTheImports() throws {
        let run = UserModeRun { f in
            let name = f.ansi("NtClose")
            let address = f.local(0)
            f.leave(0, f.call(NtDll.getProcedureAddress, Value(NtDll.module.linkBase), name, 0, f.address(of: address)))
            f.leave(1, address)
            f.leave(2, f.call(NtDll.getProcedureAddress, Value(NtDll.module.linkBase), f.ansi("NtNothing"), 0, f.address(of: address)))
            f.leave(3, f.call(NtDll.getProcedureAddress, Value(NtDll.module.linkBase), 0, 9999, f.address(of: address)))
            f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, 9)
        }
        #expect(run.exitStatus == 9)
        let guest = run.run
        let symbols = UserPrograms.systemDll.image.symbols
        let close = try #require(symbols.first { $0.name == "NtClose" }).address
        #expect((0..<4).map(run.result) == [0, NtDll.module.linkBase + close, 0xC000_0139, 0xC000_0138])
        // PEB.Ldr: program and DLL in the order of loading, the DLL alone in that of initialization.
        let loader = guest.read(0x7FFD_F00C)
        let entries = guest.list(loader + 0x0C)
        #expect(entries.map { guest.read($0 + 0x18) } == [UserModeRun.module.linkBase, NtDll.module.linkBase])
        #expect(entries.map { guest.string($0 + 0x2C) } == ["smss.exe", "ntdll.dll"])
        #expect(entries.map { guest.string($0 + 0x24) }.allSatisfy { $0.hasPrefix(#"\SystemRoot\System32\"#) })
        #expect(guest.list(loader + 0x1C) == [entries[1] + 0x10] && guest.list(loader + 0x14) == entries.map { $0 + 8 })
        #expect(guest.read(entries[1] + 0x20) == UserPrograms.systemDll.image.size)
    }

    @Test func importsThatAreNotThereEndTheProcess() {
        let program: @Sendable (Function) -> Void = { f in f.call(NtDll.service("NtYieldExecution")) }
        // Names in the file, of the same length.
        func replacing(_ old: String, _ new: String) -> ([UInt8]) -> [UInt8] {
            { file in
                var file = file
                let (from, to) = (Array(old.utf8), Array(new.utf8))
                for place in 0...file.count - from.count where Array(file[place..<place + from.count]) == from {
                    file.replaceSubrange(place..<place + from.count, with: to)
                }
                return Self.withoutChecksum(file)
            }
        }
        #expect(UserModeRun(change: replacing("ntdll.dll", "other.dll"), program).exitStatus == 0xC000_0135)
        #expect(UserModeRun(change: replacing("NtYieldExecution", "NtYieldProcessor"), program).exitStatus == 0xC000_0139)
        #expect(UserModeRun(change: replacing("ntdll.dll", "NTDLL.DLL"), program).exitStatus == 0)
    }

    /// Zero in the header matches any file.
    static func withoutChecksum(_ file: [UInt8]) -> [UInt8] {
        var file = file
        let place = Int(file[0x3C]) + 0x58
        file.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0])
        return file
    }
}
