// SPDX-License-Identifier: GPL-3.0-or-later

/// Executes decoded code: the CPU first, then the record.
///
/// As `Instruction.handler` it does the one instruction, all of it, with EIP already behind it. As `Instruction.run` it does the instruction and goes on with
/// the records behind it (see `Dispatch`).
///
/// A thin function is one word, without a context and without the thunk that the C convention puts in front of a closure.
typealias Handler = @convention(thin) (UnsafeMutableRawPointer, UnsafeRawPointer) -> Void

/// A decoded instruction, 48 bytes, one after the other in a block.
struct Instruction {
    /// What the block executes: a fast form, or `Dispatch.general`, which calls `handler`.
    var run: Handler
    /// What executes the instruction by itself.
    var handler: Handler
    /// Linear address of the first byte.
    var linear: UInt32
    /// Displacement or absolute offset of the memory operand; the linear target of a fast relative branch.
    var disp: UInt32
    /// Immediate operand, sign-extended where the form says so.
    var imm: UInt32
    /// Address mask, FFFF with 16-bit addressing.
    var mask: UInt32
    /// Bytes, 1...15.
    var length: UInt8
    /// First register operand: byte offset into the register file.
    var a: UInt8
    /// Second register operand, likewise; or a raw register number, segment number or /digit where the form says so.
    var b: UInt8
    /// Byte offsets of base and index (32 reads as zero) and the index' shift.
    var base: UInt8
    var index: UInt8
    var scale: UInt8
    /// Segment number of the memory operand after overrides: ES, CS, SS, DS, FS, GS.
    var segment: UInt8
    /// Prefixes and shape.
    var flags: InstructionFlags
    /// Second immediate: far selector, nesting level.
    var imm2: UInt16
    /// Opcode byte, plus 100h in the 0F map.
    var opcode: UInt16
    /// Instructions behind this one in its block.
    var remaining: UInt8

    /// Bytes from one record to the next.
    static var stride: Int { 48 }

    static var empty: Instruction {
        Instruction(
            run: Dispatch.general, handler: { cpu, _ in cpu.cpu.raise(.invalidOpcode) }, linear: 0, disp: 0, imm: 0, mask: ~0, length: 0,
            a: 0, b: 0, base: 32, index: 32, scale: 0, segment: 3, flags: [], imm2: 0, opcode: 0, remaining: 0)
    }
}

/// Prefixes and operand shape of a decoded instruction.
struct InstructionFlags: OptionSet {
    let rawValue: UInt8
    static var lock: Self { .init(rawValue: 1) }
    /// F3.
    static var rep: Self { .init(rawValue: 2) }
    /// F2.
    static var repne: Self { .init(rawValue: 4) }
    static var word: Self { .init(rawValue: 8) }
    static var address16: Self { .init(rawValue: 16) }
    /// ModRM names memory.
    static var memory: Self { .init(rawValue: 32) }
    /// The host stops before it.
    static var stop: Self { .init(rawValue: 64) }
    /// A `LinkPair` lies between this record and the next.
    static var links: Self { .init(rawValue: 128) }
}

typealias Op = UnsafePointer<Instruction>

extension UnsafePointer where Pointee == Instruction {
    @inline(__always) var a: Int { Int(pointee.a) }
    @inline(__always) var b: Int { Int(pointee.b) }
    @inline(__always) var imm: UInt32 { pointee.imm }
    @inline(__always) var segment: Int { Int(pointee.segment) }
    @inline(__always) var isMemory: Bool { pointee.flags.contains(.memory) }
    @inline(__always) var isWord: Bool { pointee.flags.contains(.word) }
    @inline(__always) var opcode: Int { Int(pointee.opcode) }
}

extension UnsafeRawPointer {
    /// The record behind a handler's second argument.
    @inline(__always) var op: Op { assumingMemoryBound(to: Instruction.self) }
}

extension UnsafeMutableRawPointer {
    /// The CPU behind a handler's first argument.
    @inline(__always) var cpu: CPU {
        unsafeAddress { UnsafePointer(assumingMemoryBound(to: CPU.self)) }
        nonmutating unsafeMutableAddress { assumingMemoryBound(to: CPU.self) }
    }
}
