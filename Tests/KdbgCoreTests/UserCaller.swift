// SPDX-License-Identifier: GPL-3.0-or-later

import X86

@testable import KdbgCore

/// System services as user mode calls them: the running thread's PreviousMode says so, and a page of its process is what they may point to.
final class UserCaller {
    let run = KernelRun.probe()
    /// Where pages of user mode begin that may be read and written, 64 KiB of them.
    let memory: UInt32
    private var used: UInt32 = 0

    private var thread: UInt32 { run.read(0xFFDF_F124) }

    init() {
        let section = run.scratch(4)
        let size = run.scratch(8)
        let base = run.scratch(4)
        run.write(size, 0x1_0000)
        let created = run.invoke("NtCreateSection", section, 0xF_001F, 0, size, 4, 0x800_0000, 0)
        let view = run.scratch(4)
        let mapped = run.invoke("NtMapViewOfSection", run.read(section), ~0, base, 0, 0, 0, view, 1, 0, 4)
        precondition(created == 0 && mapped == 0, "no memory for user mode")
        memory = run.read(base)
    }

    /// Calls a service as user mode does; nil when it does not come back, as after a bugcheck.
    @discardableResult
    func call(_ name: String, _ arguments: UInt32..., limit: UInt64 = 30_000_000) -> UInt32? { call(name, arguments, limit: limit) }

    func call(_ name: String, _ arguments: [UInt32], limit: UInt64 = 30_000_000) -> UInt32? {
        setPreviousMode(1)
        defer { setPreviousMode(0) }
        return run.invoke(address: run.address(name), arguments, limit: limit)
    }

    private func setPreviousMode(_ mode: UInt8) { _ = run.machine.write8(linear: thread + 0xD7, mode) }

    /// Zeroed memory that user mode may point to.
    func space(_ size: UInt32) -> UInt32 {
        let address = memory + used
        used += (size + 7) & ~7
        precondition(used <= 0x1_0000, "out of user memory")
        _ = run.machine.writeBytes(linear: address, [UInt8](repeating: 0, count: Int(size)))
        return address
    }

    /// A UNICODE_STRING with room for itself only.
    func unicode(_ text: String) -> UInt32 {
        let string = space(8)
        run.write(string, name: text, characters: space(UInt32(2 * text.utf16.count)))
        return string
    }

    /// OBJECT_ATTRIBUTES: case-insensitive.
    func attributes(_ name: String?, _ flags: UInt32 = 0x40) -> UInt32 {
        let block = space(24)
        run.write(block, 24)
        run.write(block + 8, name.map(unicode) ?? 0)
        run.write(block + 12, flags)
        return block
    }

    /// Calls a service whose first argument is a cell for a handle.
    func handle(_ name: String, _ arguments: UInt32...) -> (handle: UInt32, status: UInt32) {
        let cell = space(4)
        let status = call(name, [cell] + arguments)
        return (run.read(cell), status ?? ~0)
    }

    /// The same object with other rights.
    func duplicate(_ handle: UInt32, access: UInt32) -> UInt32 {
        let cell = space(4)
        guard call("NtDuplicateObject", ~0, handle, ~0, cell, access, 0, 0) == 0 else { return 0 }
        return run.read(cell)
    }
}
