// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Register operand at a byte offset of the register file.
    @inline(__always) func register<T: Width>(_ offset: Int, _: T.Type) -> T { regs.load(fromByteOffset: offset, as: T.self) }

    /// Writes a register operand at a byte offset of the register file.
    @inline(__always) mutating func setRegister<T: Width>(_ offset: Int, _ value: T) {
        regs.storeBytes(of: value, toByteOffset: offset, as: T.self)
    }

    /// General register by Intel's number, 0...7.
    @inline(__always) func gpr(_ number: Int) -> UInt32 { regs.load(fromByteOffset: number * 4, as: UInt32.self) }
    /// Writes a general register by Intel's number.
    @inline(__always) mutating func setGPR(_ number: Int, _ value: UInt32) {
        regs.storeBytes(of: value, toByteOffset: number * 4, as: UInt32.self)
    }
    var eax: UInt32 {
        @inline(__always) get { gpr(0) }
        @inline(__always) set { setGPR(0, newValue) }
    }
    var ecx: UInt32 {
        @inline(__always) get { gpr(1) }
        @inline(__always) set { setGPR(1, newValue) }
    }
    var edx: UInt32 {
        @inline(__always) get { gpr(2) }
        @inline(__always) set { setGPR(2, newValue) }
    }
    var ebx: UInt32 {
        @inline(__always) get { gpr(3) }
        @inline(__always) set { setGPR(3, newValue) }
    }
    var esp: UInt32 {
        @inline(__always) get { gpr(4) }
        @inline(__always) set { setGPR(4, newValue) }
    }
    var ebp: UInt32 {
        @inline(__always) get { gpr(5) }
        @inline(__always) set { setGPR(5, newValue) }
    }

    /// Offset of the memory operand in its segment.
    @inline(__always) func ea(_ i: Op) -> UInt32 {
        let base = regs.load(fromByteOffset: Int(i.pointee.base), as: UInt32.self)
        let index = regs.load(fromByteOffset: Int(i.pointee.index), as: UInt32.self)
        return (base &+ (index &<< UInt32(i.pointee.scale)) &+ i.pointee.disp) & i.pointee.mask
    }

    /// Linear address of an access to a segment, or nil after raising #GP or #SS.
    @inline(__always) mutating func linear(_ segment: Int, _ offset: UInt32, size: Int, write: Bool) -> UInt32? {
        let cache = segments + segment
        let end = UInt64(offset) &+ UInt64(size)
        if _fastPath(end <= (write ? cache.pointee.writeLimit : cache.pointee.readLimit)) { return cache.pointee.segment.base &+ offset }
        return linearSlow(segment, offset, size: size, write: write)
    }

    /// Limit and type checks that the fast path leaves out (SDM vol. 3, 5.3 and 5.5).
    @inline(never) mutating func linearSlow(_ number: Int, _ offset: UInt32, size: Int, write: Bool) -> UInt32? {
        let segment = segments[number].segment
        let last = UInt64(offset) + UInt64(size) - 1
        var allowed = segment.isPresent
        if segment.isCode {
            allowed = allowed && !write && segment.attributes & 2 != 0
        } else {
            allowed = allowed && (!write || segment.attributes & 2 != 0)
        }
        if isVirtual8086 || !isProtected { allowed = true }
        if segment.attributes & 0x1C == 0x14 {
            allowed = allowed && offset > segment.limit && last <= (segment.isBig ? 0xFFFF_FFFF : 0xFFFF)
        } else {
            allowed = allowed && last <= UInt64(segment.limit)
        }
        if allowed { return segment.base &+ offset }
        raise(number == SegmentNumber.ss ? .stack(0) : .protection(0))
        return nil
    }

    /// Reads an offset of a segment. Nil after raising #GP, #SS or #PF.
    @inline(__always) mutating func read<T: Width>(_ segment: Int, _ offset: UInt32, _: T.Type) -> T? {
        guard let address = linear(segment, offset, size: MemoryLayout<T>.size, write: false) else { return nil }
        return load(address, T.self)
    }

    /// Writes an offset of a segment. False after raising #GP, #SS or #PF.
    @inline(__always) mutating func write<T: Width>(_ segment: Int, _ offset: UInt32, _ value: T) -> Bool {
        guard let address = linear(segment, offset, size: MemoryLayout<T>.size, write: true) else { return false }
        return store(address, value)
    }

    /// Reads the memory operand.
    @inline(__always) mutating func readMemory<T: Width>(_ i: Op, _: T.Type) -> T? { read(i.segment, ea(i), T.self) }

    /// Writes the memory operand.
    @inline(__always) mutating func writeMemory<T: Width>(_ i: Op, _ value: T) -> Bool { write(i.segment, ea(i), value) }

    /// Reads `a` or the memory operand, whichever ModRM names.
    @inline(__always) mutating func readRM<T: Width>(_ i: Op, _: T.Type) -> T? {
        i.isMemory ? readMemory(i, T.self) : register(i.a, T.self)
    }

    /// Writes `a` or the memory operand, whichever ModRM names.
    @inline(__always) mutating func writeRM<T: Width>(_ i: Op, _ value: T) -> Bool {
        if i.isMemory { return writeMemory(i, value) }
        setRegister(i.a, value)
        return true
    }

    /// Read-modify-write of the memory operand; `body` computes the new value and sets flags, and runs only when the store cannot fault.
    @inline(__always) mutating func modify<T: Width>(_ i: Op, _: T.Type, _ body: (inout CPU, T) -> T) {
        modify(i, offset: ea(i), T.self, body)
    }

    /// Read-modify-write at an offset in the operand's segment.
    @inline(__always) mutating func modify<T: Width>(_ i: Op, offset: UInt32, _: T.Type, _ body: (inout CPU, T) -> T) {
        guard let address = linear(i.segment, offset, size: MemoryLayout<T>.size, write: true) else { return }
        let (isOpen, host) = writable(address)
        let old: T
        if isOpen {
            old = host.loadUnaligned(as: T.self)
        } else {
            guard let value = loadForWrite(address, T.self) else { return }
            old = value
        }
        let new = body(&self, old)
        if isOpen {
            host.storeBytes(of: new, as: T.self)
        } else {
            _ = storeSlow(address, new, user: cpl == 3)
        }
    }

    /// Read-modify-write of register `a` or the memory operand.
    @inline(__always) mutating func modifyRM<T: Width>(_ i: Op, _: T.Type, _ body: (inout CPU, T) -> T) {
        if i.isMemory {
            modify(i, T.self, body)
        } else {
            let new = body(&self, register(i.a, T.self))
            setRegister(i.a, new)
        }
    }

    /// Pushes; ESP moves only when the store succeeded.
    @inline(__always) mutating func push<T: Width>(_ value: T) -> Bool {
        let pointer = (esp &- UInt32(MemoryLayout<T>.size)) & stackMask
        guard write(SegmentNumber.ss, pointer, value) else { return false }
        setStackPointer(pointer)
        return true
    }

    /// Pops; ESP moves only when the load succeeded.
    @inline(__always) mutating func pop<T: Width>(_: T.Type) -> T? {
        let pointer = esp & stackMask
        guard let value = read(SegmentNumber.ss, pointer, T.self) else { return nil }
        setStackPointer(pointer &+ UInt32(MemoryLayout<T>.size))
        return value
    }

    /// The value `depth` bytes above the stack pointer, which stays.
    @inline(__always) mutating func peek<T: Width>(_ depth: UInt32, _: T.Type) -> T? {
        read(SegmentNumber.ss, (esp &+ depth) & stackMask, T.self)
    }

    /// Loads SP or ESP by the stack segment's size.
    @inline(__always) mutating func setStackPointer(_ value: UInt32) {
        esp = stackMask == ~0 ? value : esp & 0xFFFF_0000 | value & 0xFFFF
    }

    /// Near transfer within CS. False after raising #GP for a target beyond the limit.
    @inline(__always) mutating func jump(_ target: UInt32) -> Bool {
        if _slowPath(target > segments[SegmentNumber.cs].segment.limit) {
            raise(.protection(0))
            return false
        }
        eip = target
        return true
    }
}
