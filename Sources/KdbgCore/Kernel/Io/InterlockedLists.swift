// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Lists that are changed with interrupts disabled.
extension Io {
    /// `ExInterlockedInsertTailList(ListHead*, ListEntry*, Lock*) -> entry that was last or NULL`. On a head of zeros the second store goes to address 0
    /// with interrupts off, which is BC 0x0A (spec/boot.md section 3.1 #8).
    package static let interlockedInsertTailList: Routine = .init("ExInterlockedInsertTailList", ["ListHead", "ListEntry", "Lock"]) { f in
        f.asm(savesRegisters: true) { a in
            a.mov(.eax, .at(.ebp, 8))
            a.mov(.edx, .at(.ebp, 12))
            a.pushfd()
            a.cli()
            a.mov(.ecx, .at(.eax, 4))
            a.mov(.at(.edx, 0), .eax)
            a.mov(.at(.edx, 4), .ecx)
            a.mov(.at(.ecx, 0), .edx)
            a.mov(.at(.eax, 4), .edx)
            a.popfd()
            a.alu(.xor, .ecx, .eax)
            let notEmpty = a.newLabel()
            let end = a.newLabel()
            a.jcc(.notEqual, notEmpty)
            a.alu(.xor, .eax, .eax)
            a.jmp(end)
            a.bind(notEmpty)
            a.alu(.xor, .eax, .ecx)
            a.bind(end)
        }
        f.return()
    }

    /// `ExInterlockedRemoveHeadList(ListHead*, Lock*) -> entry or NULL`. A checked kernel poisons both links of the entry with 0xBADDD0FF.
    package static let interlockedRemoveHeadList: Routine = .init("ExInterlockedRemoveHeadList", ["ListHead", "Lock"]) { f in
        f.asm(savesRegisters: true) { a in
            let end = a.newLabel()
            let empty = a.newLabel()
            a.mov(.ecx, .at(.ebp, 8))
            a.pushfd()
            a.cli()
            a.mov(.eax, .at(.ecx, 0))
            a.alu(.cmp, .eax, .ecx)
            a.jcc(.equal, empty)
            a.mov(.edx, .at(.eax, 0))
            a.mov(.at(.ecx, 0), .edx)
            a.mov(.at(.edx, 4), .ecx)
            a.mov(.at(.eax, 0), 0xBADD_D0FF)
            a.mov(.at(.eax, 4), 0xBADD_D0FF)
            a.jmp(end)
            a.bind(empty)
            a.alu(.xor, .eax, .eax)
            a.bind(end)
            a.popfd()
        }
        f.return()
    }
}
