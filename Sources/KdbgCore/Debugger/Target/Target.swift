// SPDX-License-Identifier: GPL-3.0-or-later

/// What the debugger's commands need of a machine with a kernel in it. The session gives them the simulated PC, tests a hand-made one.
///
/// All addresses are linear (the segments of NT are flat, so virtual ones are). Reading has no side effects and never faults.
package protocol Target: AnyObject {
    /// The processor's registers now.
    var registers: RegisterView { get }
    /// Control and descriptor-table registers now.
    var system: SystemRegisters { get }
    /// Symbols and source lines of the loaded images.
    var symbols: SymbolTable { get }

    /// Whether the system is our kernel, as opposed to somebody else's program.
    var hasKernel: Bool { get }

    /// The page directory, as in CR3, by which memory is read and written; nil for the processor's own.
    var directory: UInt32? { get set }
    /// Little-endian reads; nil when any byte is not mapped.
    func read8(_ address: UInt32) -> UInt8?
    func read16(_ address: UInt32) -> UInt16?
    func read32(_ address: UInt32) -> UInt32?
    /// All `count` bytes, or nil.
    func readBytes(_ address: UInt32, count: Int) -> [UInt8]?
    /// False when the cell is not mapped; then nothing is written.
    func write32(_ address: UInt32, _ value: UInt32) -> Bool
    func writeBytes(_ address: UInt32, _ bytes: [UInt8]) -> Bool
    /// Changes a general register, EIP or EFLAGS of the processor.
    func setRegister(_ register: Register, _ value: UInt32)

    /// How many processors there are, which of them is executing, and what each of them does.
    var processors: [ProcessorRow] { get }
    /// The processor that `registers`, `system` and `setRegister` are about; nil for the one that is executing.
    var selectedProcessor: Int? { get set }

    /// Asks for a stop before the instruction at the address. Counted: two insertions take two removals.
    func insertCodeStop(at address: UInt32)
    func removeCodeStop(at address: UInt32)
    /// Asks for a stop after an instruction that touched the range.
    /// - Returns: a number to remove it by.
    func insertDataStop(at address: UInt32, length: Int, onRead: Bool, onWrite: Bool) -> Int
    func removeDataStop(_ id: Int)
}

/// Control, descriptor-table and task registers.
package struct SystemRegisters: Equatable, Sendable {
    package var cr0: UInt32 = 0
    /// Linear address of the last page fault.
    package var cr2: UInt32 = 0
    package var cr3: UInt32 = 0
    package var cr4: UInt32 = 0
    package var gdt = Table()
    package var idt = Table()
    package var ldt = Table()
    package var task = Table()

    /// A descriptor table or task segment.
    package struct Table: Equatable, Sendable {
        /// 0 for GDT and IDT.
        package var selector: UInt16 = 0
        /// Linear address.
        package var base: UInt32 = 0
        /// Offset of the last byte.
        package var limit: UInt32 = 0

        package init(selector: UInt16 = 0, base: UInt32 = 0, limit: UInt32 = 0) {
            self.selector = selector
            self.base = base
            self.limit = limit
        }
    }

    package init() {}
}

/// A processor of the target.
package struct ProcessorRow: Equatable, Sendable {
    package enum Activity: Equatable, Sendable { case executing, waitingForItsTurn, halted, waitingForStartUp, shutDown }

    package var activity: Activity
    /// Linear address of its next instruction.
    package var programCounter: UInt32
}

extension Target {
    package var hasKernel: Bool { true }
    /// One processor, unless the target says otherwise.
    package var processors: [ProcessorRow] { [ProcessorRow(activity: .executing, programCounter: registers.programCounter)] }
    package var selectedProcessor: Int? {
        get { nil }
        set {}
    }
    /// One address space, unless the target says otherwise.
    package var directory: UInt32? {
        get { nil }
        set {}
    }

    /// A zero-terminated or counted text, high bytes dropped the way KDBG shows wide names; at most `limit` characters.
    /// - Parameter descriptor: virtual address of a UNICODE_STRING (spec/boot.md section 5.1).
    package func unicodeString(at descriptor: UInt32, limit: Int = 256) -> String? {
        guard let length = read16(descriptor), let buffer = read32(descriptor &+ 4) else { return nil }
        let count = min(Int(length) / 2, limit)
        guard let bytes = readBytes(buffer, count: count * 2) else { return nil }
        // A hostile guest has thousands of these; hence no characters before the end.
        var utf8: [UInt8] = []
        utf8.reserveCapacity(count * 2)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x20..<0x7F: utf8.append(byte)
            case 0xA0...: utf8 += [0xC0 | byte >> 6, 0x80 | byte & 0x3F]
            default: utf8.append(UInt8(ascii: "."))
            }
            index += 2
        }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// The dword in the global variable of that name; nil when there is no such symbol or it is not mapped.
    package func global(_ name: String) -> UInt32? {
        symbols.symbol(named: name).flatMap { read32($0.address) }
    }
}
