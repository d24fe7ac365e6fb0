// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What INT 15h tells of memory.
extension Firmware {
    /// `SMAP`, the password of function E820h.
    private static let signature: UInt32 = 0x534D_4150
    private static let entrySize: UInt32 = 20
    /// KiB between 1 MiB and the end of what 16 bits can say of 64 KiB blocks: 15 MiB.
    private static let lowExtendedKiB: UInt32 = 15 << 10

    mutating func writeMemoryServices() {
        // EBX counts the entries; ECX is the size of the buffer at ES:DI.
        code.label("system.map")
        code.alu(.cmp, caller(Frame.dx), Self.signature, .dword)
        code.jcc(.notEqual, "system.unsupported")
        code.alu(.cmp, caller(Frame.cx), Self.entrySize, .dword)
        code.jcc(.below, "system.unsupported")
        code.mov(.ebx, caller(Frame.bx))
        code.alu(.cmp, .ebx, UInt32(map.ranges.count))
        code.jcc(.aboveOrEqual, "system.unsupported")
        code.mov(.eax, .ebx)
        code.mov(.ecx, Self.entrySize)
        code.imul(.eax, .ecx)
        code.mov(.esi, 0, withOffsetOf: "memoryMap")
        code.alu(.add, .esi, .eax)
        code.movzxWord(.edi, caller(Frame.di))
        for part in stride(from: Int32(0), to: Int32(Self.entrySize), by: 4) {
            code.override(.cs)
            code.mov(.eax, .at(.esi, part))
            code.override(.es)
            code.mov(.at(.edi, part), .eax)
        }
        code.inc(.ebx)
        code.alu(.cmp, .ebx, UInt32(map.ranges.count))
        code.jcc(.below, "system.map.more")
        code.alu(.xor, .ebx, .ebx)
        code.label("system.map.more")
        code.mov(caller(Frame.bx), .ebx)
        code.store(Self.signature, .dword, to: caller(Frame.ax))
        code.store(Self.entrySize, .dword, to: caller(Frame.cx))
        leave(carry: false)

        code.label("memoryMap")
        for range in map.ranges {
            for value in [range.start, range.length] {
                code.dword(UInt32(truncatingIfNeeded: value))
                code.dword(UInt32(truncatingIfNeeded: value >> 32))
            }
            code.dword(range.type)
        }

        // KiB up to 16 MiB in AX and CX, 64 KiB blocks above in BX and DX.
        code.label("system.e801")
        let low = min(map.extendedKiB, Self.lowExtendedKiB)
        let blocks = (map.extendedKiB - low) >> 6
        for (low16, register) in [(low, Frame.ax), (low, Frame.cx), (blocks, Frame.bx), (blocks, Frame.dx)] {
            code.store(low16, .word, to: caller(register))
        }
        leave(carry: false)

        // As many KiB as old programs can bear: less than 64 MiB.
        code.label("system.extended")
        code.store(min(map.extendedKiB, 0xFC00), .word, to: caller(Frame.ax))
        leave(carry: false)
    }
}
