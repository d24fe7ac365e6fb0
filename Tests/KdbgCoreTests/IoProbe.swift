// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KdbgCore

/// A boot driver of the tests' own, `\Driver\probe`, with the device `\Device\Probe` and room for notes.
enum Probe {
    static let module = Module("probe.sys")
    static let log: Global = .init("ProbeLog", size: 512, module: module)
    static let position: Global = .init("ProbePosition", module: module)
    static let device: Global = .init("ProbeDevice", module: module)
    /// What the routines below answer.
    static let answer: Global = .init("ProbeAnswer", module: module)
    /// The request that `ProbeControl` has kept.
    static let kept: Global = .init("ProbeIrp", module: module)

    static func note(_ f: Function, _ value: some Operand) {
        f.set((log.value + (position.dword << 2)).dword(), value)
        f.add(position.dword, 1)
    }

    /// `ProbeTimer(DeviceObject, Context)`: notes the context and the IRQL.
    static let timer: Routine = .init("ProbeTimer", ["DeviceObject", "Context"], module: module) { f in
        note(f, f.argument(1))
        note(f, f.call(Hal.getCurrentIrql))
        f.return()
    }
    /// `ProbeExecution(DeviceObject, Irp, MapRegisterBase, Context)`: notes the context, gives the answer.
    static let execution: Routine = .init("ProbeExecution", ["DeviceObject", "Irp", "MapRegisterBase", "Context"], module: module) { f in
        note(f, f.argument(3))
        f.return(answer.dword)
    }
    /// `ProbeWork(DeviceObject, Context)`: notes the context, and the device's PointerCount.
    static let work: Routine = .init("ProbeWork", ["DeviceObject", "Context"], module: module) { f in
        note(f, f.argument(1))
        note(f, (f.argument(0) - 0x18).dword())
        f.return()
    }
    /// `ProbeRelease(DeviceObject, Lock)`: lets go of a remove lock that is held with the tag 0xB.
    static let release: Routine = .init("ProbeRelease", ["DeviceObject", "Lock"], module: module) { f in
        note(f, f.argument(1, IO_REMOVE_LOCK.self).IoCount)
        f.call(Io.releaseRemoveLockEx, f.argument(1), 0xB, IO_REMOVE_LOCK.size)
        f.return()
    }
    /// `ProbeApc(ApcContext, IoStatusBlock, Reserved)`: notes the context and what the request brought.
    static let apc: Routine = .init("ProbeApc", ["ApcContext", "IoStatusBlock", "Reserved"], module: module) { f in
        note(f, f.argument(0))
        note(f, f.argument(1, IO_STATUS_BLOCK.self).Information)
        f.return()
    }
    /// `ProbeCallout(Context, Path, BusType, BusNumber, BusInformation, ControllerType, ControllerNumber, ControllerInformation, PeripheralType,
    /// PeripheralNumber, PeripheralInformation)`: notes bus and peripheral type, and whether there is an identifier.
    static let callout: Routine = .init(
        "ProbeCallout",
        [
            "Context", "Path", "BusType", "BusNumber", "BusInformation", "ControllerType", "ControllerNumber", "ControllerInformation",
            "PeripheralType", "PeripheralNumber", "PeripheralInformation",
        ], module: module
    ) { f in
        note(f, f.argument(2))
        note(f, f.argument(5) << 16 | f.argument(8) << 8 | f.argument(9))
        note(f, f.argument(4).dword() != 0)
        f.return(answer.dword)
    }
    /// `ProbeOpen(DeviceObject, Irp)`: CREATE, CLEANUP and CLOSE succeed.
    static let open: Routine = .init("ProbeOpen", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        f.set(irp.IoStatus.Status, 0)
        f.set(irp.IoStatus.Information, 0)
        f.call(Io.completeRequest, irp, 0)
        f.return(0)
    }
    /// `ProbeControl(DeviceObject, Irp)`: notes the code; function 0x800 answers twice the number it is given, 0x801 keeps the request.
    static let control: Routine = .init("ProbeControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        note(f, stack.Argument3)
        f.if((stack.Argument3 & 0x3FFC) == 0x2004) {
            f.set(stack.Control, stack.Control | 1)
            f.set(kept.dword, irp)
            f.call(Io.setCancelRoutine, irp, cancel)
            f.return(Status.pending)
        }
        f.set(irp.SystemBuffer.dword(), irp.SystemBuffer.dword() * 2)
        f.set(irp.IoStatus.Status, 0)
        f.set(irp.IoStatus.Information, 4)
        f.call(Io.completeRequest, irp, 0)
        f.return(0)
    }
    /// `ProbeCancel(DeviceObject, Irp)`: ends a kept request with STATUS_CANCELLED.
    static let cancel: Routine = .init("ProbeCancel", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        f.call(Io.releaseCancelSpinLock, irp.CancelIrql)
        note(f, 0xCA)
        f.set(irp.IoStatus.Status, 0xC000_0120 as UInt32)
        f.set(irp.IoStatus.Information, 0)
        f.call(Io.completeRequest, irp, 0)
        f.return()
    }
    /// `ProbeUnload(DriverObject)`: deletes the device.
    static let unload: Routine = .init("ProbeUnload", ["DriverObject"], module: module) { f in
        note(f, 0x0F)
        f.call(Io.deleteDevice, device.dword)
        f.return()
    }
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        // Referred to, so that they are linked.
        for routine in [timer, execution, work, release, apc, callout] { f.set(answer.dword, routine) }
        f.set(answer.dword, 0)
        f.set(kept.dword, 0)
        note(f, log)
        f.set(position.dword, 0)
        for major in [Major.create, Major.cleanup, Major.close] { f.set(driver.MajorFunction.dword(4 * Int32(major)), open) }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), control)
        f.set(driver.DriverUnload, unload)
        f.return(f.call(Io.createDevice, driver, 16, f.unicode(#"\Device\Probe"#), 0x22, 0, 0, device))
    }

    static let image = DriverImage(service: "probe", group: "", entry: entry)
}

extension KernelRun {
    /// A boot with the probe that stands where IoInitSystem is done with its drivers.
    static func probe(options: String = "DEBUG DEBUGPORT=COM1") -> KernelRun {
        let run = KernelRun(options: options, extra: [Probe.image])
        run.run(to: "IopReassignSystemRoot", limit: 60_000_000)
        return run
    }

    /// What the probe has noted since the last look.
    func notes() -> [UInt32] {
        let count = variable("ProbePosition")
        write(address("ProbePosition"), 0)
        return (0..<min(count, 128)).map { read(address("ProbeLog") + 4 * $0) }
    }

    /// Lets other threads run for some milliseconds.
    func pause(milliseconds: UInt32) {
        let interval = scratch(8)
        write(interval, 0 &- milliseconds * 10_000)
        write(interval + 4, ~0)
        invoke("KeDelayExecutionThread", 0, 0, interval, limit: UInt64(milliseconds + 100) * 200_000)
    }
}
