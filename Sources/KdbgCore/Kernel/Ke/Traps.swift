// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What the processor's exceptions become (spec/boot.md sections 3.1, 4.3, 4.10).
extension Ke {
    static let trap00: Routine = trapEntry("KiTrap00", handler: raising("KiTrap00Handler", Status.integerDivideByZero))
    static let trap01: Routine = trapEntry("KiTrap01", handler: trap01Handler)
    static let trap03: Routine = trapEntry("KiTrap03", handler: trap03Handler)
    static let trap04: Routine = trapEntry("KiTrap04", handler: raising("KiTrap04Handler", Status.integerOverflow))
    static let trap05: Routine = trapEntry("KiTrap05", handler: raising("KiTrap05Handler", 0xC000_008C))
    static let trap06: Routine = trapEntry("KiTrap06", handler: raising("KiTrap06Handler", Status.illegalInstruction))
    static let trap07: Routine = trapEntry("KiTrap07", handler: trap07Handler)
    static let trap09: Routine = trapEntry("KiTrap09", handler: crashing("KiTrap09Handler", 9))
    static let trap0A: Routine = trapEntry("KiTrap0A", hasErrorCode: true, handler: crashing("KiTrap0AHandler", 10))
    static let trap0B: Routine = trapEntry("KiTrap0B", hasErrorCode: true, handler: crashing("KiTrap0BHandler", 11))
    static let trap0C: Routine = trapEntry("KiTrap0C", hasErrorCode: true, handler: crashing("KiTrap0CHandler", 12))
    static let trap0D: Routine = trapEntry("KiTrap0D", hasErrorCode: true, handler: trap0DHandler)
    static let trap0E: Routine = trapEntry("KiTrap0E", hasErrorCode: true, handler: trap0EHandler)
    static let trap0F: Routine = trapEntry("KiTrap0F", handler: crashing("KiTrap0FHandler", 15))
    static let trap10: Routine = trapEntry("KiTrap10", handler: raising("KiTrap10Handler", 0xC000_0090))
    static let trap11: Routine = trapEntry("KiTrap11", hasErrorCode: true, handler: raising("KiTrap11Handler", Status.datatypeMisalignment))
    static let trap29: Routine = trapEntry(
        "KiRaiseSecurityCheckFailure", handler: raising("KiRaiseSecurityCheckFailureHandler", 0xC000_0409))
    static let trap2C: Routine = trapEntry("KiRaiseAssertion", handler: trap2CHandler)
    static let trap2D: Routine = trapEntry("KiDebugService", handler: trap2DHandler)

    /// A handler that raises a status at the interrupted instruction.
    private static func raising(_ name: String, _ status: Value) -> Routine {
        Routine(name, ["TrapFrame"]) { f in
            f.asm { a in a.sti() }
            let frame = f.argument(0, KTRAP_FRAME.self)
            f.call(dispatchExceptionFromTrapFrame, status, frame.Eip, 0, 0, 0, 0, frame)
            f.return()
        }
    }

    /// A handler for what the kernel cannot go on from: BC 0x7F with the vector.
    private static func crashing(_ name: String, _ vector: UInt32) -> Routine {
        Routine(name, ["TrapFrame"]) { f in
            f.call(bugCheckWithTf, 0x7F, vector, f.argument(0, KTRAP_FRAME.self).ErrCode, 0, 0, f.argument(0))
            f.return()
        }
    }

    /// Single step and hardware breakpoints.
    static let trap01Handler: Routine = .init("KiTrap01Handler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.set(frame.EFlags, frame.EFlags & ~Value(0x100))
        f.call(dispatchExceptionFromTrapFrame, Status.singleStep, frame.Eip, 0, 0, 0, 0, frame)
        f.return()
    }

    /// INT3: the address is that of the INT3, information[0] = 0.
    static let trap03Handler: Routine = .init("KiTrap03Handler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.call(dispatchExceptionFromTrapFrame, Status.breakpoint, frame.Eip - 1, 3, 0, frame.Ecx, frame.Edx, frame)
        f.return()
    }

    /// The FPU is used while CR0.TS or EM is set: TS is cleared, with EM it is an exception.
    static let trap07Handler: Routine = .init("KiTrap07Handler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.asm { a in a.movFromControl(.eax, 0) }
        let cr0 = f.saveEAX()
        f.if((cr0 & 4) != 0) {
            f.call(dispatchExceptionFromTrapFrame, 0xC000_0090 as Value, frame.Eip, 0, 0, 0, 0, frame)
            f.return()
        }
        f.load(cr0 & ~Value(8))
        f.asm { a in a.movToControl(0, .eax) }
        f.return()
    }

    /// General protection arrives as an access violation at address 0xFFFFFFFF.
    static let trap0DHandler: Routine = .init("KiTrap0DHandler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.call(dispatchExceptionFromTrapFrame, Status.accessViolation, frame.Eip, 2, 0, 0xFFFF_FFFF as Value, 0, frame)
        f.return()
    }

    /// Page faults (spec/boot.md section 3.1): with interrupts off in the interrupted code it is BC 0x0A at once.
    static let trap0EHandler: Routine = .init("KiTrap0EHandler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.asm { a in a.movFromControl(.eax, 2) }
        let address = f.saveEAX()
        f.if((frame.ErrCode & 1) == 0) {
            f.if(f.call(Mm.synchronizeSystemPde, address) != 0) { f.return() }
        }
        f.if((frame.EFlags & 0x200) == 0) {
            f.call(bugCheckWithTf, 0x0A, address, 0xFFFF_FFFF as Value, frame.ErrCode, frame.Eip, frame)
        }
        f.asm { a in a.sti() }
        let status = f.call(Mm.accessFault, frame.ErrCode, address, frame.SegCs & 1, frame)
        f.if(status.isSuccess) { f.return() }
        let isWrite = f.local((frame.ErrCode >> 1) & 1)
        f.if(status == Status.accessViolation) {
            f.call(dispatchExceptionFromTrapFrame, Status.accessViolation, frame.Eip, 2, isWrite, address, 0, frame)
            f.return()
        }
        f.call(dispatchExceptionFromTrapFrame, Status.inPageError, frame.Eip, 3, isWrite, address, status, frame)
        f.return()
    }

    /// INT 2C, a failed assertion: the address is that of the INT.
    static let trap2CHandler: Routine = .init("KiRaiseAssertionHandler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.set(frame.Eip, frame.Eip - 2)
        f.call(dispatchExceptionFromTrapFrame, Status.assertionFailure, frame.Eip, 0, 0, 0, 0, frame)
        f.return()
    }

    /// INT 2D, a debug service: the one-byte INT3 behind it is skipped; EAX, ECX and EDX are the exception's information.
    static let trap2DHandler: Routine = .init("KiDebugServiceHandler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.set(frame.Eip, frame.Eip + 1)
        f.call(dispatchExceptionFromTrapFrame, Status.breakpoint, frame.Eip - 1, 3, frame.Eax, frame.Ecx, frame.Edx, frame)
        f.return()
    }

    /// INT 2A: the tick count in EAX.
    static let getTickCount: Routine = trapEntry(
        "KiGetTickCount",
        handler: Routine("KiGetTickCountHandler", ["TrapFrame"]) { f in
            f.set(f.argument(0, KTRAP_FRAME.self).Eax, tickCount.dword)
            f.return()
        })

    /// INT 2B outside a user-mode callback: STATUS_NO_CALLBACK_ACTIVE.
    static let callbackReturn: Routine = trapEntry("KiCallbackReturn", handler: answering("KiCallbackReturnHandler", 0xC000_0258))

    private static func answering(_ name: String, _ status: UInt32) -> Routine {
        Routine(name, ["TrapFrame"]) { f in
            f.set(f.argument(0, KTRAP_FRAME.self).Eax, status)
            f.return()
        }
    }

    /// Double fault, in a task of its own: BC 0x7F(8, …).
    static let trap08: Routine = .naked("KiTrap08") { f in
        f.asm { a in
            a.push(0 as UInt32)
            a.push(0 as UInt32)
            a.push(0 as UInt32)
            a.push(.symbol(f.symbol(bootTssAddress)))
            a.push(8 as UInt32)
            a.push(0x7F as UInt32)
            a.call(f.symbol(bugCheckWithTf))
            a.hlt()
        }
    }

    /// NMI, in a task of its own: BC 0x80.
    static let trap02: Routine = .naked("KiTrap02") { f in
        f.asm { a in
            for _ in 0..<5 { a.push(0 as UInt32) }
            a.push(0x80 as UInt32)
            a.call(f.symbol(bugCheckWithTf))
            a.hlt()
        }
    }
}
