// SPDX-License-Identifier: GPL-3.0-or-later

/// System, string, I/O and flag instructions (SDM volume 2).
extension Assembler {
    package mutating func cli() { byte(0xFA) }
    package mutating func sti() { byte(0xFB) }
    package mutating func cld() { byte(0xFC) }
    package mutating func hlt() { byte(0xF4) }
    package mutating func pause() {
        byte(0xF3)
        byte(0x90)
    }
    package mutating func int3() { byte(0xCC) }
    package mutating func int(_ vector: UInt8) {
        byte(0xCD)
        byte(vector)
    }
    package mutating func iretd() { byte(0xCF) }
    package mutating func pushad() { byte(0x60) }
    package mutating func popad() { byte(0x61) }
    package mutating func pushfd() { byte(0x9C) }
    package mutating func popfd() { byte(0x9D) }

    package mutating func cpuid() {
        byte(0x0F)
        byte(0xA2)
    }

    package mutating func rdtsc() {
        byte(0x0F)
        byte(0x31)
    }

    package mutating func rdmsr() {
        byte(0x0F)
        byte(0x32)
    }

    package mutating func wrmsr() {
        byte(0x0F)
        byte(0x30)
    }

    package mutating func sysenter() {
        byte(0x0F)
        byte(0x34)
    }

    /// To ring 3, at EDX with ECX as stack.
    package mutating func sysexit() {
        byte(0x0F)
        byte(0x35)
    }

    /// Leaves the guest for a Swift service (design rule 2); at CPL 0 only.
    package mutating func vmcall() {
        byte(0x0F)
        byte(0x01)
        byte(0xC1)
    }

    package mutating func push(_ segment: SegmentRegister) {
        switch segment {
        case .es: byte(0x06)
        case .cs: byte(0x0E)
        case .ss: byte(0x16)
        case .ds: byte(0x1E)
        case .fs: word(0xA00F)
        case .gs: word(0xA80F)
        }
    }

    /// CS cannot be popped.
    package mutating func pop(_ segment: SegmentRegister) {
        switch segment {
        case .es: byte(0x07)
        case .cs: preconditionFailure("POP CS does not exist")
        case .ss: byte(0x17)
        case .ds: byte(0x1F)
        case .fs: word(0xA10F)
        case .gs: word(0xA90F)
        }
    }

    package mutating func mov(_ to: SegmentRegister, _ from: Register) {
        byte(0x8E)
        modRM(to.rawValue, from)
    }

    package mutating func mov(_ to: Register, _ from: SegmentRegister) {
        byte(0x8C)
        modRM(from.rawValue, to)
    }

    /// MOV CRn, register.
    package mutating func movToControl(_ number: UInt8, _ from: Register) {
        byte(0x0F)
        byte(0x22)
        modRM(number, from)
    }

    /// MOV register, CRn.
    package mutating func movFromControl(_ to: Register, _ number: UInt8) {
        byte(0x0F)
        byte(0x20)
        modRM(number, to)
    }

    /// MOV DRn, register.
    package mutating func movToDebug(_ number: UInt8, _ from: Register) {
        byte(0x0F)
        byte(0x23)
        modRM(number, from)
    }

    /// MOV register, DRn.
    package mutating func movFromDebug(_ to: Register, _ number: UInt8) {
        byte(0x0F)
        byte(0x21)
        modRM(number, to)
    }

    package mutating func invlpg(_ memory: Memory) {
        byte(0x0F)
        byte(0x01)
        modRM(7, memory)
    }

    package mutating func lgdt(_ memory: Memory) {
        byte(0x0F)
        byte(0x01)
        modRM(2, memory)
    }

    package mutating func lidt(_ memory: Memory) {
        byte(0x0F)
        byte(0x01)
        modRM(3, memory)
    }

    package mutating func sgdt(_ memory: Memory) {
        byte(0x0F)
        byte(0x01)
        modRM(0, memory)
    }

    package mutating func sidt(_ memory: Memory) {
        byte(0x0F)
        byte(0x01)
        modRM(1, memory)
    }

    package mutating func ltr(_ register: Register) {
        byte(0x0F)
        byte(0x00)
        modRM(3, register)
    }

    package mutating func str(_ register: Register) {
        byte(0x0F)
        byte(0x00)
        modRM(1, register)
    }

    /// JMP ptr16:32 to a symbol.
    package mutating func jmpFar(selector: UInt16, to symbol: String) {
        byte(0xEA)
        address(of: symbol)
        word(selector)
    }

    // MARK: Ports

    /// IN AL/AX/EAX, DX.
    package mutating func inDX(width: Width) {
        if width == .word { byte(0x66) }
        byte(width == .byte ? 0xEC : 0xED)
    }

    /// OUT DX, AL/AX/EAX.
    package mutating func outDX(width: Width) {
        if width == .word { byte(0x66) }
        byte(width == .byte ? 0xEE : 0xEF)
    }

    // MARK: Strings, forward or as DF says

    /// REP MOVSB/W/D.
    package mutating func repMovs(width: Width) { rep(0xA4, width) }
    /// REP STOSB/W/D.
    package mutating func repStos(width: Width) { rep(0xAA, width) }
    /// REP INSB/W/D.
    package mutating func repIns(width: Width) { rep(0x6C, width) }
    /// REP OUTSB/W/D.
    package mutating func repOuts(width: Width) { rep(0x6E, width) }
    /// REPE CMPSB/W/D.
    package mutating func repeCmps(width: Width) { rep(0xA6, width) }

    private mutating func rep(_ opcode: UInt8, _ width: Width) {
        byte(0xF3)
        if width == .word { byte(0x66) }
        byte(width == .byte ? opcode : opcode + 1)
    }
}
