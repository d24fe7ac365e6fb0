// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// Calling guest routines from a test, in the thread that has just been stopped.
extension KernelRun {
    /// Calls a stdcall routine in between, at the first instruction of the routine that is about to run; yields EAX, nil when the call does not come back.
    /// Other threads run when the call waits.
    @discardableResult
    func invoke(_ name: String, _ arguments: UInt32..., limit: UInt64 = 30_000_000) -> UInt32? {
        invoke(address: address(name), arguments, limit: limit)
    }

    /// The same for the code at an address.
    func invoke(address: UInt32, _ arguments: [UInt32], limit: UInt64 = 30_000_000) -> UInt32? {
        let saved = machine.registers
        var registers = saved
        // The routine about to run has its return address and arguments on the stack.
        registers.esp = (saved.esp - 0x80 - 4 * UInt32(arguments.count + 1)) & ~3
        for (index, value) in ([saved.eip] + arguments).enumerated() {
            _ = machine.write32(linear: registers.esp + 4 * UInt32(index), value)
        }
        let back = registers.esp + 4 * UInt32(arguments.count + 1)
        registers.eip = address
        machine.registers = registers
        machine.insertCodeStop(at: saved.eip)
        defer { machine.removeCodeStop(at: saved.eip) }
        let end = machine.instructionCount + limit
        var passing = true
        while machine.instructionCount < end {
            let reason = machine.run(until: end, passingStopAtStart: passing)
            passing = false
            switch reason {
            case .vmcall: guest.serve()?.finish(0)
            case .codeStop:
                guard machine.registers.eip == saved.eip, machine.registers.esp == back else {
                    passing = true
                    continue
                }
                let result = machine.registers.eax
                machine.registers = saved
                return result
            default: return nil
            }
        }
        return nil
    }

    /// Scratch memory of the guest for what a test passes by address: nonpaged pool, zeroed, never freed.
    func scratch(_ size: UInt32) -> UInt32 {
        let address = invoke("ExAllocatePoolWithTag", 0, size, poolTag("Test")) ?? 0
        for offset in stride(from: 0, to: size, by: 4) { write(address + offset, 0) }
        return address
    }

    func write(_ address: UInt32, _ value: UInt32) { _ = machine.write32(linear: address, value) }

    /// A UNICODE_STRING in scratch memory.
    func unicode(_ text: String) -> UInt32 {
        let units = Array(text.utf16)
        let string = scratch(12 + UInt32(2 * units.count) + 4)
        write(string, UInt32(2 * units.count) | UInt32(2 * units.count + 2) << 16)
        write(string + 4, string + 8)
        for (index, unit) in units.enumerated() { _ = machine.write16(linear: string + 8 + 2 * UInt32(index), unit) }
        return string
    }

    /// OBJECT_ATTRIBUTES in scratch memory: case-insensitive, a kernel handle.
    func attributes(_ name: String) -> UInt32 {
        let block = scratch(24)
        for (index, value) in [24, 0, unicode(name), 0x240, 0, 0].enumerated() { write(block + 4 * UInt32(index), value) }
        return block
    }

    /// Allocations and frees of a pool tag, and the bytes in use, in nonpaged and paged pool together.
    func poolUse(_ tag: StaticString) -> (allocations: UInt32, frees: UInt32, bytes: UInt32) {
        var entry = address("PoolTrackTable")
        for _ in 0..<512 {
            if read(entry) == poolTag(tag) {
                return (read(entry + 4) + read(entry + 16), read(entry + 8) + read(entry + 20), read(entry + 12) + read(entry + 24))
            }
            entry += 28
        }
        return (0, 0, 0)
    }
}

/// A boot driver of a test's own, `\Driver\probe`, with one device and room for notes.
enum Probe {
    static let module = Module("probe.sys")
    static let log: Global = .init("ProbeLog", size: 512, module: module)
    static let position: Global = .init("ProbePosition", module: module)
    static let device: Global = .init("ProbeDevice", module: module)
    /// What the routines below answer.
    static let answer: Global = .init("ProbeAnswer", module: module)

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
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        // Referred to, so that they are linked.
        for routine in [timer, execution, work] { f.set(answer.dword, routine) }
        f.set(answer.dword, 0)
        f.set(position.dword, 0)
        note(f, log)
        f.set(position.dword, 0)
        f.return(f.call(Io.createDevice, f.argument(0), 16, f.unicode(#"\Device\Probe"#), 0x22, 0, 0, device))
    }

    static let image = BootDriverImage(service: "probe", group: "", entry: entry)
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
}
