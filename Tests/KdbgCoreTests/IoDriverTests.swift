// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Driver start, the reinitialization queues (spec/boot.md 1.9.2), and calls that come too early (3.1, 3.2).
struct IoDriverTests {
    private static let module = Module("queue.sys")
    private static let log: Global = .init("QueueLog", size: 64, module: module)
    private static let position: Global = .init("QueuePosition", module: module)

    private static func note(_ f: Function, _ value: Value) {
        f.set((log.value + (position.dword << 2)).dword(), value)
        f.add(position.dword, 1)
    }

    /// First: queues the second routine from inside; second: queues itself for the other queue until Count is 4.
    private static let first: Routine = .init("QueueFirst", ["DriverObject", "Context", "Count"], module: module) { f in
        note(f, f.argument(1) << 8 | f.argument(2))
        f.call(Io.registerBootDriverReinitialization, f.argument(0), second, 0x30)
        f.return()
    }
    private static let second: Routine = .init("QueueSecond", ["DriverObject", "Context", "Count"], module: module) { f in
        note(f, f.argument(1) << 8 | f.argument(2))
        f.if(f.argument(2) < 5) { f.call(Io.registerDriverReinitialization, f.argument(0), second, f.argument(1) + 1) }
        f.return()
    }
    private static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        f.call(Io.registerBootDriverReinitialization, f.argument(0), first, 0x10)
        f.call(Io.registerBootDriverReinitialization, f.argument(0), first, 0x11)
        f.return(Status.success)
    }

    @Test func queuesAreDrainedInOrder() {
        let run = KernelRun(extra: [DriverImage(service: "queue", group: "", entry: Self.entry)])
        run.run(to: "IopReinitializeBootDrivers")
        let driver = run.object(#"\Driver\queue"#)
        // INITIALIZED and BOOTREINIT_REGISTERED; no device, so not LEGACY.
        #expect(run.read(driver + 8) == 0x30)
        let items = run.list(run.address("DriverBootReinitListHead"))
        #expect(items.map { run.name(run.read($0 + 8)) } == ["KdDriver", "queue", "queue"])
        #expect(run.read(items[0] - 4) == poolTag("IoRi"))
        run.run(to: "IopReinitializeDrivers")
        #expect((0..<4).map { run.read(run.address("QueueLog") + 4 * $0) } == [0x1001, 0x1102, 0x3003, 0x3004])
        #expect(run.read(driver + 8) == 0x18)
        #expect(run.list(run.address("DriverBootReinitListHead")).isEmpty)
        run.run(to: "IopReassignSystemRoot")
        #expect((4..<6).map { run.read(run.address("QueueLog") + 4 * $0) } == [0x3105, 0x3106])
        #expect(run.variable("QueuePosition") == 6)
        #expect(run.read(driver + 8) == 0x10)
    }

    @Test func removedItemIsPoisoned() {
        let run = KernelRun()
        run.run(to: "IopReinitializeBootDrivers")
        let item = run.list(run.address("DriverBootReinitListHead"))[0]
        run.run(to: "KdpDriverReinit")
        #expect(run.read(item) == 0xBADD_D0FF && run.read(item + 4) == 0xBADD_D0FF)
        #expect([run.argument(1), run.argument(2)] == [0, 1])
    }

    @Test func halCellHasFourValuesOverTime() {
        let run = KernelRun()
        let cell = run.address("HalDispatchTable") + 0x34
        #expect(run.read(cell) == run.address("xHalInitPnpDriver"))
        run.run(to: "ExpEnableInterrupts")
        #expect(run.read(cell) == run.address("HaliInitPnpDriver"))
        run.run(to: "IopInitializeHalPnpDriver")
        #expect(run.read(cell) == run.address("KdpInitDriver"))
        run.run(to: "IopEnumerateRootDevices")
        #expect(run.read(cell) == run.address("HaliInitPnpDriver"))
    }

    @Test func createDriverTooEarlyFaultsAtType() {
        let run = KernelRun()
        run.run(to: "KdDebuggerInitialize1")
        run.call("IoCreateDriver", 0, run.address("KdpDriverEntry"))
        #expect(run.run(to: "KiTrap0EHandler", "KiDispatchException") != nil)
        #expect(run.machine.registers.cr2 == 0x64)
        #expect(run.run() == "KeBugCheckWithTf")
        #expect(run.argument(0) == 0x7E && run.argument(1) == 0xC000_0005)
    }

    @Test func registrationTooEarlyStopsTheSystem() {
        let run = KernelRun()
        run.run(to: "KdDebuggerInitialize1")
        let driver = run.machine.registers.esp - 0x1000
        run.call("IoRegisterBootDriverReinitialization", driver, 0, 0)
        #expect(run.run() == "KeBugCheckWithTf")
        #expect((0..<4).map { run.argument($0) } == [0x0A, 0, 0xFFFF_FFFF, 2])
    }

    @Test func withoutDiskDriverTheBootDeviceIsInaccessible() {
        let run = KernelRun(without: ["Disk"])
        #expect(run.run() == "KeBugCheckWithTf")
        #expect(run.argument(0) == 0x7B && run.argument(2) == 0xC000_0034)
        #expect(run.string(run.argument(1)) == #"\ArcName\multi(0)disk(0)rdisk(0)partition(1)"#)
    }
}

extension KernelRun {
    /// Calls a stdcall routine instead of the one that is about to run, with the same return address.
    func call(_ name: String, _ arguments: UInt32...) {
        let back = read(machine.registers.esp)
        var registers = machine.registers
        registers.esp -= 4 * UInt32(arguments.count + 1)
        for (index, value) in ([back] + arguments).enumerated() { _ = machine.write32(linear: registers.esp + 4 * UInt32(index), value) }
        registers.eip = address(name)
        machine.registers = registers
    }
}
