// SPDX-License-Identifier: GPL-3.0-or-later

/// The six arithmetic flags, computed only when somebody asks.
///
/// `result` is the last result sign-extended to 32 bits. `aux` holds the carries: bit 31 carry out of the top bit (CF), bit 30 carry into
/// it (OF is their difference), bit 3 carry out of the low nibble (AF); bit 0 inverts SF and bits 8-15 are added (xor) to the byte whose parity
/// is PF, so that any combination can be represented. Bit 1 of `aux` says that the carries are still to be worked out, from `operand`, the first one of an
/// addition (bit 2) or subtraction: then bits 16-20 say how far both have to be moved up to fill 32 bits, and nothing else is set.
struct LazyFlags {
    var result: UInt32 = 1
    var aux: UInt32 = 0
    var operand: UInt32 = 0

    private static var isLazy: UInt32 { 2 }
    private static var isAddition: UInt32 { 4 }

    @inline(__always) var cf: Bool { carries >> 31 != 0 }
    @inline(__always) var of: Bool {
        let c = carries
        return (c ^ (c << 1)) >> 31 != 0
    }
    @inline(__always) var af: Bool { carries & 8 != 0 }
    @inline(__always) var zf: Bool { result == 0 }
    @inline(__always) var sf: Bool { (result >> 31 ^ aux) & 1 != 0 }
    @inline(__always) var pf: Bool { ((result ^ (aux >> 8)) & 0xFF).nonzeroBitCount & 1 == 0 }
    @inline(__always) var carry: UInt32 { carries >> 31 }

    /// `aux` with the carries worked out.
    @inline(__always) private var carries: UInt32 { aux & Self.isLazy == 0 ? aux : lateCarries }

    private var lateCarries: UInt32 {
        @inline(__always) get {
            let shift = aux >> 16 & 31
            let a = operand << shift
            let r = result << shift
            let b: UInt32
            let c: UInt32
            if aux & Self.isAddition != 0 {
                b = r &- a
                c = (a & b) | ((a | b) & ~r)
            } else {
                b = a &- r
                c = (~a & b) | (~(a ^ b) & r)
            }
            return c & 0xC000_0000 | c >> shift & 8
        }
    }

    /// Flags of a logical result: CF, OF and AF clear.
    @inline(__always) mutating func setLogic<T: Width>(_ r: T) {
        result = r.signExtended
        aux = 0
    }

    /// Flags of `r = a + b`.
    @inline(__always) mutating func setAdd<T: Width>(_ a: T, _ r: T) {
        result = r.signExtended
        operand = UInt32(truncatingIfNeeded: a)
        aux = Self.isLazy | Self.isAddition | UInt32(32 - T.bitWidth) << 16
    }

    /// Flags of `r = a - b`.
    @inline(__always) mutating func setSub<T: Width>(_ a: T, _ r: T) {
        result = r.signExtended
        operand = UInt32(truncatingIfNeeded: a)
        aux = Self.isLazy | UInt32(32 - T.bitWidth) << 16
    }

    /// Flags of `r = a + b + carry`.
    @inline(__always) mutating func setAddCarry<T: Width>(_ a: T, _ b: T, _ r: T) {
        result = r.signExtended
        setCarries((a & b) | ((a | b) & ~r))
    }

    /// Flags of `r = a - b - borrow`.
    @inline(__always) mutating func setSubBorrow<T: Width>(_ a: T, _ b: T, _ r: T) {
        result = r.signExtended
        setCarries((~a & b) | (~(a ^ b) & r))
    }

    /// Keeps the three interesting bits of a carry vector.
    @inline(__always) mutating func setCarries<T: Width>(_ c: T) {
        let wide = UInt32(truncatingIfNeeded: c)
        aux = (wide << UInt32(32 - T.bitWidth)) & 0xC000_0000 | wide & 8
    }

    /// Result flags with explicit CF and OF; AF clear.
    @inline(__always) mutating func setShift<T: Width>(_ r: T, cf: Bool, of: Bool) {
        result = r.signExtended
        aux = 0
        setCarry(cf, overflow: of)
    }

    /// Replaces CF and OF, keeps the others.
    @inline(__always) mutating func setCarry(_ c: Bool, overflow: Bool) {
        aux = carries & 0x3FFF_FFFF | (c ? 0x8000_0000 : 0) | (c != overflow ? 0x4000_0000 : 0)
    }

    /// Replaces CF alone.
    @inline(__always) mutating func setCarry(_ c: Bool) { setCarry(c, overflow: of) }

    /// The six flags as EFLAGS bits.
    var bits: UInt32 {
        (cf ? EFlags.cf : 0) | (pf ? EFlags.pf : 0) | (af ? EFlags.af : 0) | (zf ? EFlags.zf : 0) | (sf ? EFlags.sf : 0)
            | (of ? EFlags.of : 0)
    }

    /// Sets the six flags from EFLAGS bits.
    mutating func set(bits: UInt32) {
        let c = bits & EFlags.cf
        let o = bits >> 11 & 1
        result = bits & EFlags.zf != 0 ? 0 : 1
        let parityByte = result ^ (bits & EFlags.pf != 0 ? 0 : 1)
        aux = c << 31 | (c ^ o) << 30 | (bits & EFlags.af) >> 1 | bits >> 7 & 1 | parityByte << 8
    }
}

/// Operand widths: UInt8, UInt16 and UInt32.
protocol Width: FixedWidthInteger & UnsignedInteger {
    var signExtended: UInt32 { get }
}
extension UInt8: Width {
    @inline(__always) var signExtended: UInt32 { UInt32(bitPattern: Int32(Int8(bitPattern: self))) }
}
extension UInt16: Width {
    @inline(__always) var signExtended: UInt32 { UInt32(bitPattern: Int32(Int16(bitPattern: self))) }
}
extension UInt32: Width {
    @inline(__always) var signExtended: UInt32 { self }
}

extension CPU {
    /// EFLAGS as PUSHFD sees them.
    var eflags: UInt32 { systemFlags & ~EFlags.arithmetic | flags.bits | 2 }

    /// Loads EFLAGS without any privilege check.
    mutating func setEFLAGS(_ value: UInt32) {
        flags.set(bits: value)
        systemFlags = value & EFlags.all & ~EFlags.arithmetic | 2
        selectTLB()
        wakeLoop()
    }

    /// Condition `code` of Jcc, SETcc and CMOVcc (SDM vol. 1, appendix B).
    @inline(__always) func condition(_ code: Int) -> Bool {
        let base =
            switch code >> 1 {
            case 0: flags.of
            case 1: flags.cf
            case 2: flags.zf
            case 3: flags.cf || flags.zf
            case 4: flags.sf
            case 5: flags.pf
            case 6: flags.sf != flags.of
            default: flags.zf || flags.sf != flags.of
            }
        return base != (code & 1 != 0)
    }
}
