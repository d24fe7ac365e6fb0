// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// A driver of a test's own that writes numbers into a log in its image.
struct LogDriver {
    let module: Module
    private let log: Global
    private let position: Global

    init(_ stem: String) {
        module = Module(stem + ".sys")
        log = Global("TestLog", size: 512, module: module)
        position = Global("TestLogPosition", module: module)
    }

    func note(_ f: Function, _ value: some Operand) {
        f.set((log.value + (position.dword << 2)).dword(), value)
        f.add(position.dword, 1)
    }

    /// DriverEntry: runs in the context of the phase-1 thread at PASSIVE_LEVEL.
    func image(_ body: @escaping @Sendable (Function) -> Void) -> DriverImage {
        DriverImage(
            service: module.stem, group: "",
            entry: Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
                body(f)
                f.return(Status.success)
            })
    }

    /// What it has written so far.
    static func values(_ run: KernelRun) -> [UInt32] {
        (0..<run.variable("TestLogPosition")).map { run.read(run.address("TestLog") + 4 * $0) }
    }
}

/// IRQLs with lazy masking, interrupt objects, DPCs (spec/boot.md section 4.9).
struct KeInterruptTests {
    private static let driver = LogDriver("irqtest")
    private static let interrupt: GlobalStructure<KINTERRUPT> = .init("TestInterrupt", module: driver.module)
    private static let second: GlobalStructure<KINTERRUPT> = .init("TestInterrupt2", module: driver.module)
    private static let dpc: GlobalStructure<KDPC> = .init("TestDpc", module: driver.module)

    private static func irql(_ f: Function) -> Value { f.call(Hal.getCurrentIrql) }

    /// Reading IIR says whether it was this one and tells the UART that its empty transmitter has been noticed.
    private static let service: Routine = .init("TestService", ["Interrupt", "Context"], module: driver.module) { f in
        let identification = f.input(0x2FA)
        f.if((identification & 1) != 0) { f.return(0) }
        driver.note(f, irql(f) | 0x1000)
        driver.note(f, f.argument(1))
        f.call(Ke.insertQueueDpc, dpc, 0x11, 0x22)
        f.return(1)
    }
    private static let deferred: Routine = .init("TestDeferred", ["Dpc", "Context", "First", "Second"], module: driver.module) { f in
        driver.note(f, irql(f) | 0x2000)
        driver.note(f, f.argument(1) << 16 | f.argument(2) << 8 | f.argument(3))
        f.load(0)
        f.asm { a in a.mov(.eax, .esp) }
        driver.note(f, Ke.prcb.DpcStack - f.saveEAX() < 0x3000)
        f.return()
    }
    private static let synchronized: Routine = .init("TestSynchronized", ["Context"], module: driver.module) { f in
        driver.note(f, irql(f) | 0x6000)
        f.return(f.argument(0))
    }

    private static let image = driver.image { f in
        let level = f.local(0)
        let affinity = f.local(0)
        let vector = f.call(Hal.getInterruptVector, 1, 0, 3, 3, f.address(of: level), f.address(of: affinity))
        driver.note(f, vector)
        driver.note(f, level)
        f.call(Ke.initializeDpc, dpc, deferred, 0x44)
        f.call(Ke.initializeInterrupt, interrupt, service, 0x77, 0, vector, level, level, 1, 1, 0, 0)
        driver.note(f, f.call(Ke.connectInterrupt, interrupt))
        driver.note(f, f.call(Ke.connectInterrupt, interrupt))
        let old = f.call(Hal.raiseIrql, Irql.high)
        f.output(0x2FC, 8)
        f.output(0x2F9, 2)
        driver.note(f, Ke.pcr.IRR & 0xFFF0)
        driver.note(f, f.input(0x21))
        f.call(Hal.lowerIrql, Irql.dispatch)
        driver.note(f, 0x4000)
        driver.note(f, f.input(0x21))
        f.call(Hal.lowerIrql, old)
        driver.note(f, 0x5000)
        driver.note(f, f.call(Ke.synchronizeExecution, interrupt, synchronized, 1))
        // Two on one vector.
        f.call(Ke.initializeInterrupt, second, service, 0x88, 0, vector, level, level, 1, 1, 0, 0)
        driver.note(f, f.call(Ke.connectInterrupt, second))
        f.output(0x2F9, 0)
        f.output(0x2F9, 2)
        driver.note(f, f.call(Ke.disconnectInterrupt, interrupt))
        driver.note(f, f.call(Ke.disconnectInterrupt, second))
        driver.note(f, f.call(Ke.disconnectInterrupt, second))
        f.output(0x2F9, 0)
    }

    @Test func interruptsAreReplayedWhenTheLevelDrops() {
        let run = KernelRun(extra: [Self.image])
        run.run(to: "IopReinitializeBootDrivers")
        let log = LogDriver.values(run)
        #expect(Array(log[0..<4]) == [0x33, 24, 1, 0])
        // Noted in the IRR, everything masked; the service routine comes when the level drops below 24, the DPC below DISPATCH_LEVEL.
        #expect(Array(log[4..<8]) == [0x80, 0xFB, 0x1018, 0x77])
        #expect(log[8] == 0x4000 && log[9] & 0x08 == 0)
        #expect(Array(log[10..<13]) == [0x2002, 0x0044_1122, 1])
        #expect(Array(log[13..<16]) == [0x5000, 0x6018, 1])
        // Two share the vector; the first has taken the interrupt before the second is asked.
        #expect(Array(log[16...]) == [1, 0x1018, 0x77, 0x2002, 0x0044_1122, 1, 1, 1, 0])
    }

    @Test func gateLeadsIntoTheInterruptObject() {
        let run = KernelRun(extra: [Self.image])
        run.run(to: "KiInterruptDispatch")
        let object = run.argument(1)
        #expect(object == run.address("TestInterrupt"))
        #expect(run.word(object) == 0x16 && run.word(object + 2) == 0x1E4)
        let gate = run.read(0xFFDF_F038) + 8 * 0x33
        #expect(run.word(gate) | run.word(gate + 6) << 16 == object + 0x3C)
        #expect(run.read(object + 0x20) == run.address("KiInterruptDispatch"))
        // The trap frame is above, with the mark debuggers look for.
        #expect(run.read(run.argument(0) + 8) == 0xBADB_0D00)
    }

    @Test func checkedHalCatchesWrongDirections() {
        let raise = KernelRun()
        raise.run(to: "IoInitSystem")
        _ = raise.run(to: "KeRaiseIrqlToDpcLevel")
        _ = raise.runToReturn()
        raise.call("KfRaiseIrql", 1)
        raise.run(to: "KeBugCheckWithTf")
        #expect((0..<5).map { raise.argument($0) } == [9, 0, 0, 0, 0])
        let lower = KernelRun()
        lower.run(to: "IoInitSystem")
        lower.call("KfLowerIrql", 5)
        lower.run(to: "KeBugCheckWithTf")
        #expect((0..<5).map { lower.argument($0) } == [0x0A, 0, 0, 0, 0])
    }
}
