// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Waiting, scheduling and APCs (spec/boot.md sections 3.3, 4.7, 5.12), by drivers whose DriverEntry is the phase-1 thread at priority 31.
struct KeWaitTests {
    private static let driver = LogDriver("waittest")
    private static let first: GlobalStructure<KEVENT> = .init("TestEvent1", module: driver.module)
    private static let second: GlobalStructure<KEVENT> = .init("TestEvent2", module: driver.module)
    private static let mutant: GlobalStructure<KMUTANT> = .init("TestMutant", module: driver.module)
    private static let queue: GlobalStructure<KQUEUE> = .init("TestQueue", module: driver.module)
    private static let entries: GlobalStructure<LIST_ENTRY> = .init("TestEntries", count: 4, module: driver.module)
    private static let apc: GlobalStructure<KAPC> = .init("TestApc", module: driver.module)
    private static let objects: Global = .init("TestObjects", size: 8, module: driver.module) { [.address(first), .address(second)] }

    private static func time(_ f: Function, milliseconds: Int) -> Pointer<LARGE_INTEGER> {
        let time = f.structure(LARGE_INTEGER.self)
        f.set(time.LowPart, UInt32(truncatingIfNeeded: -10_000 * milliseconds))
        f.set(time.HighPart, 0xFFFF_FFFF as Value)
        return time
    }

    /// Starts a thread; the phase-1 thread goes on before it.
    private static func start(_ f: Function, _ routine: Routine, _ context: Value = 0) {
        let handle = f.local(0)
        f.call(Ps.createSystemThread, f.address(of: handle), 0x1F_03FF, 0, 0, 0, routine, context)
        f.call(Ob.ntClose, handle)
    }

    private static func log(_ image: DriverImage) -> (values: [UInt32], run: KernelRun) {
        let run = KernelRun(extra: [image])
        run.run(to: "IopReinitializeBootDrivers", limit: 1_000_000_000)
        return (LogDriver.values(run), run)
    }

    // MARK: Several objects

    private static let setter: Routine = .init("TestSetter", ["Context"], module: driver.module) { f in
        driver.note(f, 0xA0)
        f.call(Ke.setEvent, second, 0, 0)
        f.call(Ke.delayExecutionThread, 0, 0, time(f, milliseconds: 30))
        driver.note(f, 0xA1)
        f.call(Ke.setEvent, first, 0, 0)
        f.call(Ke.delayExecutionThread, 0, 0, time(f, milliseconds: 30))
        f.call(Ke.setEvent, second, 0, 0)
        f.return()
    }

    @Test func waitsForOneOrAll() {
        let (values, _) = Self.log(
            Self.driver.image { f in
                f.call(Ke.initializeEvent, Self.first, 1, 0)
                f.call(Ke.initializeEvent, Self.second, 1, 0)
                let zero = Self.time(f, milliseconds: 0)
                f.set(zero.HighPart, 0)
                Self.driver.note(f, f.call(Ke.waitForMultipleObjects, 2, Self.objects, 1, 0, 0, 0, zero, 0))
                Self.start(f, Self.setter)
                // Any: the second; all: only when both are set at once, and both are taken then.
                Self.driver.note(f, f.call(Ke.waitForMultipleObjects, 2, Self.objects, 1, 0, 0, 0, 0, 0))
                Self.driver.note(f, f.call(Ke.waitForMultipleObjects, 2, Self.objects, 0, 0, 0, 0, 0, 0))
                Self.driver.note(f, Self.first.Header.SignalState | Self.second.Header.SignalState)
                Self.driver.note(f, f.call(Ke.waitForMultipleObjects, 2, Self.objects, 0, 0, 0, 0, Self.time(f, milliseconds: 20), 0))
                Self.driver.note(f, f.call(Ke.waitForSingleObject, Self.first, 0, 0, 0, Self.time(f, milliseconds: 20)))
                Self.driver.note(f, Ke.prcb.CurrentThread.Timer.Header.Inserted)
            })
        #expect(values == [0x102, 0xA0, 1, 0xA1, 0, 0, 0x102, 0x102, 0])
    }

    // MARK: Mutants

    private static let owner: Routine = .init("TestOwner", ["Context"], module: driver.module) { f in
        f.call(Ke.waitForSingleObject, mutant, 0, 0, 0, 0)
        driver.note(f, 0xB0)
        // It ends without giving it back.
        f.return()
    }

    @Test func mutantsAreOwnedAndAbandoned() {
        let (values, run) = Self.log(
            Self.driver.image { f in
                f.call(Ke.initializeMutant, Self.mutant, 1)
                f.call(Ke.waitForSingleObject, Self.mutant, 0, 0, 0, 0)
                Self.driver.note(f, Self.mutant.Header.SignalState)
                Self.start(f, Self.owner)
                Self.driver.note(f, f.call(Ke.releaseMutant, Self.mutant, 0, 0, 0))
                Self.driver.note(f, f.call(Ke.releaseMutant, Self.mutant, 0, 0, 0))
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 20))
                Self.driver.note(f, f.call(Ke.waitForSingleObject, Self.mutant, 0, 0, 0, 0))
                Self.driver.note(f, Self.mutant.OwnerThread.value == Ke.prcb.CurrentThread.value)
            })
        // Down to -1 by two takes more; 0x80: the last owner has ended.
        #expect(values == [0xFFFF_FFFF, 0xFFFF_FFFF, 0, 0xB0, 0x80, 1])
        #expect(run.list(run.variable("PsInitialSystemProcess") + 0x180).count > 3)
    }

    // MARK: Queues

    private static let taker: Routine = .init("TestTaker", ["Context"], module: driver.module) { f in
        f.loop {
            let entry = f.call(Ke.removeQueue, queue, 0, 0)
            f.if(entry == Status.abandoned) { f.break() }
            driver.note(f, 0xC00 | f.argument(0) << 4 | ((entry - entries.value) >> 3))
            // Another thread of the queue may be busy while this one sleeps.
            f.call(Ke.delayExecutionThread, 0, 0, time(f, milliseconds: 30))
        }
        driver.note(f, 0xCF0 | f.argument(0))
        f.return()
    }

    @Test func queuesKeepOneThreadBusy() {
        let (values, _) = Self.log(
            Self.driver.image { f in
                f.call(Ke.initializeQueue, Self.queue, 1)
                Self.start(f, Self.taker, 1)
                Self.start(f, Self.taker, 2)
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 20))
                for index in 0..<3 { f.call(Ke.insertQueue, Self.queue, Self.entries.value + Value(8 * index)) }
                f.call(Ke.insertHeadQueue, Self.queue, Self.entries.value + 24)
                Self.driver.note(f, f.call(Ke.readStateQueue, Self.queue))
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 200))
                Self.driver.note(f, f.call(Ke.readStateQueue, Self.queue))
                Self.driver.note(f, f.call(Ke.rundownQueue, Self.queue))
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 20))
            })
        // The first entry goes to the thread that waited last; the head insertion comes before the other two.
        #expect(values.first == 3)
        #expect(values[1..<5].map { $0 & 0xF } == [0, 3, 1, 2])
        #expect(Set(values[1..<3].map { $0 & 0xF0 }) == [0x10, 0x20])
        #expect(Array(values[5..<7]) == [0, 0])
        #expect(Set(values[7...]) == [0xCF1, 0xCF2])
    }

    // MARK: APCs

    private static let kernelRoutine: Routine = .init(
        "TestKernelRoutine", ["Apc", "Normal", "Context", "First", "Second"], module: driver.module
    ) { f in
        driver.note(f, f.call(Hal.getCurrentIrql) | 0xD00)
        f.return()
    }
    private static let normalRoutine: Routine = .init("TestNormalRoutine", ["Context", "First", "Second"], module: driver.module) { f in
        driver.note(f, f.call(Hal.getCurrentIrql) | 0xE00)
        driver.note(f, f.argument(0) << 8 | f.argument(1) << 4 | f.argument(2))
        f.return()
    }

    private static let sleeper: Routine = .init("TestSleeper", ["Context"], module: driver.module) { f in
        driver.note(f, f.call(Ke.delayExecutionThread, 0, 0, time(f, milliseconds: 50)))
        f.return()
    }

    @Test func kernelApcsComeWhenTheyMay() {
        let (values, _) = Self.log(
            Self.driver.image { f in
                let thread = Ke.prcb.CurrentThread
                // Special: at once. Normal: after the critical region.
                f.call(Ke.initializeApc, Self.apc, thread, 0, Self.kernelRoutine, 0, 0, 0, 0)
                Self.driver.note(f, f.call(Ke.insertQueueApc, Self.apc, 0, 0, 0))
                f.call(Ke.initializeApc, Self.apc, thread, 0, Self.kernelRoutine, 0, Self.normalRoutine, 0, 5)
                f.call(Ke.enterCriticalRegion)
                f.call(Ke.insertQueueApc, Self.apc, 6, 7, 0)
                Self.driver.note(f, f.call(Ke.insertQueueApc, Self.apc, 6, 7, 0))
                f.call(Ke.leaveCriticalRegion)
                Self.driver.note(f, 0xF00)
                // A thread that waits does its APC and waits on.
                Self.start(f, Self.sleeper)
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 20))
                let other = f.local(
                    Pointer<ETHREAD>.containing(
                        Ps.initialSystemProcess.dword.as(EPROCESS.self).ThreadListHead.value.dword(4), as: \.ThreadListEntry))
                f.call(Ke.initializeApc, Self.apc, other, 0, Self.kernelRoutine, 0, Self.normalRoutine, 0, 1)
                f.call(Ke.insertQueueApc, Self.apc, 2, 3, 0)
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 10))
                Self.driver.note(f, 0xF01)
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 60))
                Self.driver.note(f, Ke.prcb.CurrentThread.KernelApcDisable)
            })
        #expect(values == [0xD01, 1, 0, 0xD01, 0xE00, 0x567, 0xF00, 0xD01, 0xE00, 0x123, 0xF01, 0, 0])
    }

    // MARK: Quantum and boosts

    private static let spinner: Routine = .init("TestSpinner", ["Context"], module: driver.module) { f in
        f.call(Ke.setBasePriorityThread, Ke.prcb.CurrentThread, 0)
        let ticks = f.local(Ke.tickCount.dword + 20)
        let seen = f.local(0)
        f.while((ticks - Ke.tickCount.dword).isGreaterSigned(0)) {
            f.if(seen == 0 || Ke.prcb.CurrentThread.ContextSwitches != seen) {
                f.set(seen, Ke.prcb.CurrentThread.ContextSwitches)
                driver.note(f, f.argument(0))
            }
        }
        f.return()
    }

    @Test func threadsOfOnePriorityTakeTurns() {
        let (values, _) = Self.log(
            Self.driver.image { f in
                Self.start(f, Self.spinner, 1)
                Self.start(f, Self.spinner, 2)
                f.call(Ke.delayExecutionThread, 0, 0, Self.time(f, milliseconds: 500))
            })
        // A quantum of 6 is two ticks, so in twenty ticks each has several turns, in alternation; who was preempted by another thread in between goes on first.
        #expect(values.count >= 8)
        #expect(zip(values, values.dropFirst()).filter { $0 == $1 }.count <= 1, "\(values)")
    }

    @Test func endOfWaitLiftsThePriority() {
        let run = KernelRun()
        run.run(to: "KiAdjustUnwait")
        while run.argument(1) == 0 { run.run(to: "KiAdjustUnwait") }
        let thread = run.argument(0)
        let base = run.byte(thread + 0x121)
        let increment = run.argument(1)
        _ = run.runToReturn()
        #expect(run.byte(thread + 0x5B) == (base >= 16 ? base : min(base + increment, 15)))
    }
}
