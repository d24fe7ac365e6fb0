// SPDX-License-Identifier: GPL-3.0-or-later

import CCapstone

/// One decoded i386 instruction.
package struct DecodedInstruction: Equatable, Sendable {
    package var address: UInt32
    package var bytes: [UInt8]
    /// In the syntax asked for, a branch target written as an address tag.
    package var text: String
}

/// i386 instructions as text, by Capstone, in the flavour of the GNU disassembler that KDBG contains (spec/kdbg.md section 1.3).
package final class Disassembler {
    package enum Syntax: String, Sendable, CaseIterable {
        case att = "at&t"
        case intel
    }

    /// The longest instruction, in bytes.
    private static let maximumLength = 15

    /// For 32-bit and for 16-bit code; 0 until there is some. Many debuggers never see any: each line of a file being checked has two.
    private var handles: (csh, csh) = (0, 0)

    package init() {}

    private static func open(_ mode: cs_mode) -> csh {
        var handle: csh = 0
        let status = cs_open(CS_ARCH_X86, mode, &handle)
        precondition(status == CS_ERR_OK, "Capstone without i386 support")
        cs_option(handle, CS_OPT_DETAIL, Int(CS_OPT_ON.rawValue))
        return handle
    }

    deinit {
        if handles.0 != 0 { cs_close(&handles.0) }
        if handles.1 != 0 { cs_close(&handles.1) }
    }

    private func handle(is16Bit: Bool) -> csh {
        if is16Bit {
            if handles.1 == 0 { handles.1 = Self.open(CS_MODE_16) }
            return handles.1
        }
        if handles.0 == 0 { handles.0 = Self.open(CS_MODE_32) }
        return handles.0
    }

    /// Decodes the instruction at a linear address.
    /// - Parameters:
    ///   - segment: linear address of the code segment, in which branches stay.
    ///   - is16Bit: whether it is 16-bit code.
    ///   - label: how to write the target of a branch, a linear address.
    /// - Returns: nil when memory is not readable or holds no instruction.
    package func decode(
        at address: UInt32, in target: any Target, syntax: Syntax, segment: UInt32 = 0, is16Bit: Bool = false, label: (UInt32) -> String
    ) -> DecodedInstruction? {
        let bytes = target.readPrefix(address, count: Self.maximumLength)
        let handle = handle(is16Bit: is16Bit)
        cs_option(handle, CS_OPT_SYNTAX, Int((syntax == .att ? CS_OPT_SYNTAX_ATT : CS_OPT_SYNTAX_INTEL).rawValue))
        var list: UnsafeMutablePointer<cs_insn>?
        guard cs_disasm(handle, bytes, bytes.count, UInt64(address &- segment), 1, &list) == 1, let list else { return nil }
        defer { cs_free(list, 1) }
        let instruction = list.pointee
        let mnemonic = withUnsafeBytes(of: instruction.mnemonic) { Self.text($0) }
        var operands = withUnsafeBytes(of: instruction.op_str) { Self.text($0) }
        let base = String(cString: cs_insn_name(handle, instruction.id))
        let length = Int(instruction.size)
        let parts: (mnemonic: String, operands: String)
        if let destination = branchTarget(list, handle) {
            operands = label(segment &+ (is16Bit ? destination & 0xFFFF : destination))
            parts = (GNUSyntax.branch(mnemonic), operands)
        } else if syntax == .att {
            parts = GNUSyntax.att(mnemonic: mnemonic, operands: operands, base: base, is16Bit: is16Bit)
        } else {
            parts = (mnemonic, GNUSyntax.intelOperands(operands))
        }
        let text = parts.operands.isEmpty ? parts.mnemonic : parts.mnemonic.padded(right: 6) + " " + parts.operands
        return DecodedInstruction(address: address, bytes: Array(bytes.prefix(length)), text: text)
    }

    /// The target of a direct near call or jump.
    private func branchTarget(_ list: UnsafeMutablePointer<cs_insn>, _ handle: csh) -> UInt32? {
        let isBranch =
            cs_insn_group(handle, list, UInt32(CS_GRP_JUMP.rawValue)) || cs_insn_group(handle, list, UInt32(CS_GRP_CALL.rawValue))
            || cs_insn_group(handle, list, UInt32(CS_GRP_BRANCH_RELATIVE.rawValue))
        guard isBranch, let detail = list.pointee.detail, detail.pointee.x86.op_count == 1 else { return nil }
        let operand = detail.pointee.x86.operands.0
        guard operand.type == X86_OP_IMM else { return nil }
        return UInt32(truncatingIfNeeded: operand.imm)
    }

    private static func text(_ buffer: UnsafeRawBufferPointer) -> String {
        String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
}
