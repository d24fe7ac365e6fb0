// SPDX-License-Identifier: GPL-3.0-or-later

/// Encodes i386 instructions for 32-bit protected mode, one after the other (SDM volume 2, chapter 2).
///
/// Code is position-independent until it is linked: what depends on where things end up is recorded as a `Relocation` against a symbol name.
package struct Assembler: Sendable {
    /// The bytes so far. Fields that await a relocation hold the addend.
    package private(set) var bytes: [UInt8] = []
    /// What the linker still has to fill in.
    package private(set) var relocations: [Relocation] = []
    private var labels: [Int?] = []
    private var fixups: [(at: Int, label: Int)] = []

    package init() {}

    /// Offset of the next instruction from the start of this piece of code.
    package var position: Int { bytes.count }

    /// A 32-bit general register, with the number the encoding uses.
    package enum Register: UInt8, Sendable {
        case eax, ecx, edx, ebx, esp, ebp, esi, edi
    }

    /// A segment register, with the number the encoding uses.
    package enum SegmentRegister: UInt8, Sendable {
        case es, cs, ss, ds, fs, gs
    }

    /// A condition of Jcc and SETcc, with the number the encoding uses.
    package enum Condition: UInt8, Sendable {
        case overflow, notOverflow, below, aboveOrEqual, equal, notEqual, belowOrEqual, above
        case sign, notSign, parity, notParity, less, greaterOrEqual, lessOrEqual, greater

        /// The condition that holds exactly when this one does not.
        package var negated: Condition { Condition(rawValue: rawValue ^ 1)! }
    }

    /// Operand size of a memory access.
    package enum Width: UInt8, Sendable {
        case byte = 1
        case word = 2
        case dword = 4
    }

    /// A memory operand: `segment:[base + index * scale + displacement]`, the displacement optionally relative to a symbol.
    package struct Memory: Sendable {
        package var base: Register?
        package var index: Register?
        /// 1, 2, 4 or 8.
        package var scale: UInt8
        package var displacement: Int32
        package var symbol: String?
        /// Accesses go through FS, where the kernel keeps the PCR.
        package var usesFS: Bool

        package init(
            base: Register? = nil, index: Register? = nil, scale: UInt8 = 1, displacement: Int32 = 0, symbol: String? = nil,
            usesFS: Bool = false
        ) {
            self.base = base
            self.index = index
            self.scale = scale
            self.displacement = displacement
            self.symbol = symbol
            self.usesFS = usesFS
        }

        package static func at(_ base: Register, _ displacement: Int32 = 0) -> Memory { Memory(base: base, displacement: displacement) }
        package static func symbol(_ name: String, _ displacement: Int32 = 0) -> Memory { Memory(displacement: displacement, symbol: name) }
        package static func fs(_ offset: Int32) -> Memory { Memory(displacement: offset, usesFS: true) }
    }

    /// A 32-bit field that depends on the final address of a symbol.
    package struct Relocation: Sendable {
        package enum Kind: Sendable {
            /// The symbol's virtual address is added.
            case absolute
            /// The distance from the end of the field to the symbol is added.
            case relative
        }

        /// Where the field is in `bytes`.
        package var offset: Int
        package var symbol: String
        package var kind: Kind
    }

    /// A place in the code that jumps can name before it is reached.
    package struct Label: Sendable {
        fileprivate let index: Int
    }

    /// A label that is not bound to a place yet.
    package mutating func newLabel() -> Label {
        labels.append(nil)
        return Label(index: labels.count - 1)
    }

    /// Makes `label` stand for the current position.
    package mutating func bind(_ label: Label) {
        precondition(labels[label.index] == nil, "label bound twice")
        labels[label.index] = position
    }

    /// Fills in the jumps; every label that is used must be bound.
    package mutating func resolveLabels() {
        for fixup in fixups {
            guard let target = labels[fixup.label] else { preconditionFailure("a jump to a label that was never bound") }
            patch32(UInt32(bitPattern: Int32(target - fixup.at - 4)), at: fixup.at)
        }
        fixups.removeAll()
    }

    // MARK: Encoding

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    package mutating func word(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    package mutating func dword(_ value: UInt32) {
        word(UInt16(truncatingIfNeeded: value))
        word(UInt16(truncatingIfNeeded: value >> 16))
    }

    /// A 32-bit field that the linker fills with the address of `symbol` plus `addend`.
    package mutating func address(of symbol: String, addend: Int32 = 0) {
        relocations.append(Relocation(offset: position, symbol: symbol, kind: .absolute))
        dword(UInt32(bitPattern: addend))
    }

    mutating func relative(to symbol: String) {
        relocations.append(Relocation(offset: position, symbol: symbol, kind: .relative))
        dword(0)
    }

    mutating func relative(to label: Label) {
        fixups.append((position, label.index))
        dword(0)
    }

    private mutating func patch32(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    }

    /// The short backward distance to a bound label for an instruction of two bytes, when it fits.
    func shortDistance(to label: Label) -> UInt8? {
        guard let target = labels[label.index] else { return nil }
        let distance = target - (position + 2)
        return distance >= -128 ? UInt8(bitPattern: Int8(distance)) : nil
    }

    /// ModRM with a register operand.
    mutating func modRM(_ reg: UInt8, _ rm: Register) { byte(0xC0 | reg << 3 | rm.rawValue) }

    /// Segment override, when the operand needs one; comes before the opcode.
    mutating func prefix(_ memory: Memory) {
        if memory.usesFS { byte(0x64) }
    }

    /// ModRM, SIB and displacement of a memory operand (SDM volume 2, 2.1.5).
    mutating func modRM(_ reg: UInt8, _ memory: Memory) {
        let needsFullDisplacement = memory.symbol != nil
        guard memory.base != nil || memory.index != nil else {
            byte(reg << 3 | 5)
            displacement(memory)
            return
        }
        let short = Int8(exactly: memory.displacement)
        let mod: UInt8
        if memory.base == nil {
            mod = 0
        } else if needsFullDisplacement || short == nil {
            mod = 2
        } else {
            mod = short == 0 && memory.base != .ebp ? 0 : 1
        }
        if memory.index != nil || memory.base == .esp || memory.base == nil {
            byte(mod << 6 | reg << 3 | 4)
            let scaleBits = UInt8(memory.scale.trailingZeroBitCount)
            byte(scaleBits << 6 | (memory.index ?? .esp).rawValue << 3 | (memory.base?.rawValue ?? 5))
        } else {
            byte(mod << 6 | reg << 3 | memory.base!.rawValue)
        }
        if mod == 1 {
            byte(UInt8(bitPattern: short!))
        } else if mod == 2 || memory.base == nil {
            displacement(memory)
        }
    }

    private mutating func displacement(_ memory: Memory) {
        if let symbol = memory.symbol {
            address(of: symbol, addend: memory.displacement)
        } else {
            dword(UInt32(bitPattern: memory.displacement))
        }
    }
}
