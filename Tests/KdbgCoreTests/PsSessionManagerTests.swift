// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The session manager: a process of its own, a thread in ring 3, system services, and how it can fail (spec/boot.md 1.8 #36 to #39).
struct PsSessionManagerTests {
    private static let limit: UInt64 = 3_000_000_000

    /// Reads as that process would.
    private func userWord(_ run: KernelRun, _ process: UInt32, _ address: UInt32) -> UInt32 {
        let directory = run.read(process + 0x18)
        let entry = run.machine.readPhysical32(directory + (address >> 22) * 4)
        guard entry & 1 != 0 else { return 0xDEAD_DEAD }
        let page = run.machine.readPhysical32((entry & ~0xFFF) + (address >> 12 & 0x3FF) * 4)
        guard page & 1 != 0 else { return 0xDEAD_DEAD }
        return run.machine.readPhysical32((page & ~0xFFF) + (address & 0xFFF))
    }

    private func process(_ run: KernelRun, named name: String) -> UInt32? {
        run.list(run.address("PsActiveProcessHead")).map { $0 - 0x98 }.first { process in
            let bytes = run.machine.readBytes(linear: process + 0x164, count: 16) ?? []
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) == name
        }
    }

    @Test func sessionManagerLives() throws {
        let run = KernelRun()
        #expect(run.run(to: "MmZeroPageThread", limit: Self.limit) == "MmZeroPageThread")
        #expect(run.variable("ExpInitializationPhase") == 2)
        let smss = try #require(process(run, named: "smss.exe"))
        let system = run.variable("PsInitialSystemProcess")
        #expect(run.read(system + 0x94) == 4)
        // A child of System with its own directory, whose upper half leads to the same page tables.
        #expect(run.read(smss + 0x138) == 4)
        let (own, shared) = (run.read(smss + 0x18), run.read(system + 0x18))
        #expect(own != shared)
        #expect(run.machine.readPhysical32(own + 0x800) == run.machine.readPhysical32(shared + 0x800))
        #expect(run.machine.readPhysical32(own + 0xC00) & ~0xFFF == own)
        // Its handle table is its own and empty.
        let table = run.read(smss + 0xD4)
        #expect(table != run.read(system + 0xD4) && run.read(table + 0x3C) == 0)
        // PEB, TEB, image, the code that makes system calls.
        #expect(run.read(smss + 0x1A0) == 0x7FFD_F000)
        #expect(userWord(run, smss, 0x7FFD_F008) == SessionManager.module.linkBase)
        #expect(userWord(run, smss, 0x7FFD_E018) == 0x7FFD_E000 && userWord(run, smss, 0x7FFD_E020) == run.read(smss + 0x94))
        #expect(userWord(run, smss, SessionManager.module.linkBase) & 0xFFFF == 0x5A4D)
        #expect(userWord(run, smss, 0x7FFE_0300) == 0x340F_D48B)
        // Its ranges: image, environment, code pages, parameters, stack, TEB and PEB, shared data.
        var ranges: [ClosedRange<UInt32>] = []
        func visit(_ node: UInt32) {
            guard node != 0, ranges.count < 100 else { return }
            visit(run.read(node + 4))
            ranges.append(run.read(node + 12)...run.read(node + 16))
            visit(run.read(node + 8))
        }
        visit(run.read(smss + 0x258))
        let image = SessionManager.module.linkBase >> 12
        let dll = NtDll.module.linkBase >> 12
        #expect(ranges.contains { $0.lowerBound == dll })
        #expect(
            ranges.filter { $0.lowerBound != image && $0.lowerBound != dll } == [
                0x10...0x10, 0x20...0x20, 0x30...0x30, 0x3C...0x3F, 0x7FFDE...0x7FFDF, 0x7FFE0...0x7FFEF,
            ])
        #expect(ranges.contains { $0.lowerBound == image } && userWord(run, smss, 0x7FFD_F058) == 0x3_0000)
        #expect(run.read(smss + 0xC0) == ranges.reduce(0) { $0 + UInt32($1.count) << 12 })
        // Five seconds are over, and it has been awake a few times.
        let wakeUps = userWord(run, smss, run.address("SmpWakeUps"))
        #expect((3...5).contains(wakeUps), "\(wakeUps)")
        #expect(run.read(0xFFDF_F120 + 0x598) >= wakeUps + 2)
        #expect(run.read(run.address("KiServiceCallCounts") + 4 * 61) >= wakeUps)
    }

    @Test func itsThreadWaitsInTheKernelWithItsTrapFrame() throws {
        let run = KernelRun()
        run.run(to: "MmZeroPageThread", limit: Self.limit)
        let smss = try #require(process(run, named: "smss.exe"))
        let thread = try #require(run.list(smss + 0x180).first) - 0x224
        // It waits, or has just been woken.
        #expect([1, 5].contains(run.byte(thread + 0x4C)) && run.byte(thread + 0xD7) == 1)
        #expect(run.byte(thread + 0x4F) == 1 && run.byte(thread + 0x58) == 1)
        let frame = run.read(thread + 0x110)
        #expect(run.read(frame + 0x6C) == 0x1B && run.read(frame + 0x78) == 0x23)
        #expect(run.read(frame + 0x68) == 0x7FFE_0304)
        #expect(run.read(thread + 0x74) == 0x7FFD_E000)
        // Ids are handles of PspCidTable.
        let entries = run.read(run.variable("PspCidTable"))
        #expect(run.read(entries + 2 * run.read(smss + 0x94)) & ~7 == smss)
        #expect(run.read(entries + 2 * run.read(thread + 0x1E8)) & ~7 == thread)
        #expect(run.read(entries + 2 * 4) & ~7 == run.variable("PsInitialSystemProcess"))
    }

    @Test func userApcsComeOnTheWayBack() throws {
        let driver = LogDriver("apctest")
        let apc: GlobalStructure<KAPC> = .init("TestUserApc", module: driver.module)
        let kernel = Routine("TestUserKernel", ["Apc", "Normal", "Context", "First", "Second"], module: driver.module) { f in
            driver.note(f, f.call(Hal.getCurrentIrql))
            f.return()
        }
        let queue = Routine("TestQueueApc", ["Context"], module: driver.module) { f in
            let interval = f.structure(LARGE_INTEGER.self)
            let thread = f.local(0)
            f.set(interval.LowPart, UInt32(truncatingIfNeeded: -5_000_000))
            f.set(interval.HighPart, 0xFFFF_FFFF as Value)
            f.loop {
                f.call(Ke.delayExecutionThread, 0, 0, interval)
                f.if(Ex.initialProcess.dword != 0) { f.break() }
            }
            let first = Ex.initialProcess.dword.as(EPROCESS.self).ThreadListHead.value.dword()
            f.set(thread, Pointer<ETHREAD>.containing(first, as: \.ThreadListEntry))
            let base = SessionManager.module.linkBase
            let routine = SessionManager.image.image.symbols.first { $0.name == "SmpCountApc" }!.address
            f.call(Ke.initializeApc, apc, thread, 0, kernel, 0, base + routine, 1, 7)
            driver.note(f, f.call(Ke.insertQueueApc, apc, 1, 2, 0))
            f.return()
        }
        let image = driver.image { f in
            let handle = f.local(0)
            f.call(Ps.createSystemThread, f.address(of: handle), 0x1F_03FF, 0, 0, 0, queue, 0)
        }
        let run = KernelRun(extra: [image])
        #expect(run.run(to: "MmZeroPageThread", limit: Self.limit) == "MmZeroPageThread")
        #expect(LogDriver.values(run) == [1, 1])
        let smss = try #require(process(run, named: "smss.exe"))
        #expect(userWord(run, smss, run.address("SmpApcCount")) == 7)
        // It went on with its loop.
        #expect(userWord(run, smss, run.address("SmpWakeUps")) >= 3)
    }

    // MARK: Failures

    /// A program of a test's own.
    private func program(_ body: @escaping @Sendable (Function) -> Void) -> [BootVolume.Node] { [UserModeRun.folder(body)] }

    private func crash(_ files: [BootVolume.Node], options: String = "DEBUG DEBUGPORT=COM1") -> [UInt32] {
        let run = KernelRun(options: options, files: files)
        guard run.run(to: "MmZeroPageThread", limit: Self.limit) == "KeBugCheckWithTf" else { return [] }
        return (0..<5).map { run.argument($0) }
    }

    @Test func missingOrBrokenFileIsBugcheck6F() {
        #expect(crash([.folder("System32", [])]) == [0x6F, 0xC000_0034, 0, 0, 0])
        #expect(crash([.folder("System32", [.file("smss.exe", [UInt8](repeating: 0x41, count: 4096))])]) == [0x6F, 0xC000_012F, 0, 0, 0])
        let torn = Array(SessionManager.image.file.prefix(1000))
        #expect(crash([.folder("System32", [.file("smss.exe", torn)])]) == [0x6F, 0xC000_007B, 0, 0, 0])
    }

    @Test func endWithinFiveSecondsIsBugcheck71() {
        // The services by number: 266 is NtTerminateProcess, 295 does not exist here.
        let ends = program { f in
            f.asm { a in
                a.mov(.eax, 295)
                a.int(0x2E)
                a.push(.eax)
                a.push(0xFFFF_FFFF as UInt32)
                a.mov(.edx, .esp)
                a.mov(.eax, 266)
                a.int(0x2E)
            }
        }
        #expect(crash(ends, options: "NODEBUG") == [0x71, 0, 0, 0, 0])
    }

    @Test func faultEndsTheProcessNotTheSystem() {
        // Neither a wild write, nor a privileged instruction, nor a kernel address harms more than the program itself.
        let write = program { f in f.set(Value(0x10).dword(), 1) }
        let privileged = program { f in f.asm { a in a.cli() } }
        let kernel = program { f in f.set(Value(0x8000_0000 as UInt32).dword(), 1) }
        for files in [write, privileged, kernel] { #expect(crash(files, options: "NODEBUG") == [0x71, 0, 0, 0, 0]) }
    }
}
