// SPDX-License-Identifier: GPL-3.0-or-later

/// How a memory operand is addressed: the index costs a few instructions, so forms without one come apart. Only 32-bit addresses in flat segments.
protocol Addressing {
    static func address(_ cpu: UnsafeMutableRawPointer, _ op: Op) -> UInt32
}

/// [base + displacement]; without a base that of the zero register.
enum Based: Addressing {
    @inline(__always) static func address(_ cpu: UnsafeMutableRawPointer, _ op: Op) -> UInt32 {
        cpu.get(op.pointee.base, UInt32.self) &+ op.pointee.disp
    }
}

/// [base + index * scale + displacement].
enum Indexed: Addressing {
    @inline(__always) static func address(_ cpu: UnsafeMutableRawPointer, _ op: Op) -> UInt32 {
        cpu.get(op.pointee.base, UInt32.self) &+ (cpu.get(op.pointee.index, UInt32.self) &<< UInt32(op.pointee.scale)) &+ op.pointee.disp
    }
}

/// Whether anybody can see the flags an instruction leaves.
protocol FlagUse {
    static var isLive: Bool { get }
}
enum Live: FlagUse {
    @inline(__always) static var isLive: Bool { true }
}
/// They are overwritten before anything reads them or can fault.
enum Dead: FlagUse {
    @inline(__always) static var isLive: Bool { false }
}

/// Registers by byte offset, and operations in the shapes of `ArithmeticOperations`, each going on with the next record.
extension UnsafeMutableRawPointer {
    @inline(__always) func get<T: Width>(_ offset: UInt8, _: T.Type) -> T {
        loadUnaligned(fromByteOffset: Int(offset) - CPU.registerBytes, as: T.self)
    }
    @inline(__always) func set<T: Width>(_ offset: UInt8, _ value: T) {
        storeBytes(of: value, toByteOffset: Int(offset) - CPU.registerBytes, as: T.self)
    }
    var esp: UInt32 {
        @inline(__always) get { get(16, UInt32.self) }
        @inline(__always) nonmutating set { set(16, newValue) }
    }
    var ebp: UInt32 {
        @inline(__always) get { get(20, UInt32.self) }
        @inline(__always) nonmutating set { set(20, newValue) }
    }

    @inline(__always) private func apply<O: BinaryOperation, T: Width, L: FlagUse>(_: O.Type, _: L.Type, _ a: T, _ b: T) -> T {
        if L.isLive { return O.apply(&cpu.flags, a, b) }
        var flags = cpu.flags
        return O.apply(&flags, a, b)
    }

    /// Register, register.
    @inline(__always) func fastRR<O: BinaryOperation, T: Width, L: FlagUse>(_: O.Type, _: T.Type, _: L.Type, _ op: Op) {
        let r = apply(O.self, L.self, get(op.pointee.a, T.self), get(op.pointee.b, T.self))
        if O.writes { set(op.pointee.a, r) }
        proceed(op)
    }

    /// Register, immediate.
    @inline(__always) func fastRI<O: BinaryOperation, T: Width, L: FlagUse>(_: O.Type, _: T.Type, _: L.Type, _ op: Op) {
        let r = apply(O.self, L.self, get(op.pointee.a, T.self), T(truncatingIfNeeded: op.pointee.imm))
        if O.writes { set(op.pointee.a, r) }
        proceed(op)
    }

    /// Register, memory.
    @inline(__always) func fastRM<O: BinaryOperation, T: Width, A: Addressing, L: FlagUse>(
        _: O.Type, _: T.Type, _: A.Type, _: L.Type, _ op: Op
    ) {
        let (isOpen, host) = cpu.readable(A.address(self, op))
        guard isOpen else { return Dispatch.general(self, op) }
        let r = apply(O.self, L.self, get(op.pointee.a, T.self), host.loadUnaligned(as: T.self))
        if O.writes { set(op.pointee.a, r) }
        proceed(op)
    }

    /// Memory, register.
    @inline(__always) func fastMR<O: BinaryOperation, T: Width, A: Addressing>(_: O.Type, _: T.Type, _: A.Type, _ op: Op) {
        fastM(O.self, A.self, op, get(op.pointee.a, T.self))
    }

    /// Memory, immediate.
    @inline(__always) func fastMI<O: BinaryOperation, T: Width, A: Addressing>(_: O.Type, _: T.Type, _: A.Type, _ op: Op) {
        fastM(O.self, A.self, op, T(truncatingIfNeeded: op.pointee.imm))
    }

    @inline(__always) private func fastM<O: BinaryOperation, T: Width, A: Addressing>(_: O.Type, _: A.Type, _ op: Op, _ b: T) {
        let linear = A.address(self, op)
        let (isOpen, host) = O.writes ? cpu.writable(linear) : cpu.readable(linear)
        guard isOpen else { return Dispatch.general(self, op) }
        let r = O.apply(&cpu.flags, host.loadUnaligned(as: T.self), b)
        if O.writes { host.storeBytes(of: r, as: T.self) }
        proceed(op)
    }
}

/// One of four forms: indexed and dead, indexed, dead, neither.
@inline(__always) func choose(
    _ indexed: Bool, _ dead: Bool, _ first: @escaping Handler, _ second: @escaping Handler, _ third: @escaping Handler,
    _ fourth: @escaping Handler
) -> Handler {
    indexed ? (dead ? first : second) : (dead ? third : fourth)
}
