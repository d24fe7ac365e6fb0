// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Leaving traps, interrupts and services: user APCs first, then the frame's registers.
extension Ke {
    /// While the frame at ESP leads to user mode and the thread has a user APC pending, delivers it. Interrupts are off before and after.
    private static func deliverUserApcs(_ f: Function, _ a: inout Assembler) {
        let again = a.newLabel()
        let done = a.newLabel()
        a.cli()
        a.bind(again)
        a.mov(.eax, .at(.esp, Int32(offset(of: \KTRAP_FRAME.SegCs))))
        a.test(.eax, 1)
        a.jcc(.equal, done)
        a.mov(.eax, .fs(0x124))
        a.movExtended(
            .eax, .at(.eax, Int32(offset(of: \KTHREAD.ApcState) + offset(of: \KAPC_STATE.UserApcPending))), width: .byte, signed: false)
        a.test(.eax, .eax)
        a.jcc(.equal, done)
        a.push(.esp)
        a.call(f.symbol(userApcExit))
        a.jmp(again)
        a.bind(done)
    }

    /// `KiUserApcExit(TrapFrame*)`: one user APC, at APC_LEVEL; interrupts are off afterwards.
    private static let userApcExit: Routine = .init("KiUserApcExit", ["TrapFrame"]) { f in
        let irql = f.call(Hal.raiseIrql, Irql.apc)
        f.asm { a in a.sti() }
        f.call(deliverApc, 1, 0, f.argument(0))
        f.call(Hal.lowerIrql, irql)
        f.asm { a in a.cli() }
        f.return()
    }

    /// From a frame at ESP to the general registers, with ESP at the error code; EAX, ECX and EDX only when all are wanted.
    private static func popTrapFrame(_ a: inout Assembler, volatile: Bool) {
        a.mov(.eax, .at(.esp, 0x4C))
        a.mov(.fs(0), .eax)
        if volatile {
            a.mov(.eax, .at(.esp, 0x30))
            a.mov(.gs, .eax)
            a.mov(.eax, .at(.esp, 0x34))
            a.mov(.es, .eax)
            a.mov(.eax, .at(.esp, 0x38))
            a.mov(.ds, .eax)
            a.mov(.edx, .at(.esp, 0x3C))
            a.mov(.ecx, .at(.esp, 0x40))
        }
        a.mov(.eax, .at(.esp, 0x44))
        a.alu(.add, .esp, 0x50)
        a.pop(.fs)
        a.pop(.edi)
        a.pop(.esi)
        a.pop(.ebx)
        a.pop(.ebp)
    }

    /// `Kei386EoiHelper`, which the HAL's interrupts end with; ESP is the trap frame.
    static let eoiHelper: Routine = .naked("Kei386EoiHelper") { f in
        f.asm { a in a.jmp(f.symbol(exceptionExit)) }
    }

    /// Restores what a KTRAP_FRAME at ESP holds and returns to the interrupted code.
    static let exceptionExit: Routine = .naked("KiExceptionExit") { f in
        f.asm { a in
            deliverUserApcs(f, &a)
            popTrapFrame(&a, volatile: true)
            a.alu(.add, .esp, 4)
            a.iretd()
        }
    }

    /// `KiServiceExit`: back from a service that SYSENTER asked for, by SYSEXIT; by IRET when an APC or NtContinue has made a different frame of it.
    static let serviceExitFast: Routine = .naked("KiServiceExit") { f in
        f.asm { a in
            deliverUserApcs(f, &a)
            a.alu(.cmp, .at(.esp, Int32(offset(of: \KTRAP_FRAME.Eip))), systemCallReturn)
            let fast = a.newLabel()
            a.jcc(.equal, fast)
            a.jmp(f.symbol(exceptionExit))
            a.bind(fast)
            popTrapFrame(&a, volatile: false)
            a.mov(.edx, .at(.esp, 0x04))
            a.mov(.ecx, .at(.esp, 0x10))
            a.alu(.and, .at(.esp, 0x0C), ~0x200)
            a.push(.at(.esp, 0x0C))
            a.popfd()
            a.sti()
            a.sysexit()
        }
    }
}
