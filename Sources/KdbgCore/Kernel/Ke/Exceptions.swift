// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// From trap frame to handler (spec/boot.md section 4.8).
extension Ke {
    /// `KiDispatchExceptionFromTrapFrame(Code, Address, ParameterCount, P1, P2, P3, TrapFrame)`: builds the record and dispatches, first chance.
    static let dispatchExceptionFromTrapFrame: Routine = .init(
        "KiDispatchExceptionFromTrapFrame",
        ["Code", "Address", "ParameterCount", "Parameter1", "Parameter2", "Parameter3", "TrapFrame"]
    ) { f in
        let record = f.structure(EXCEPTION_RECORD.self)
        f.set(record.ExceptionCode, f.argument(0))
        f.set(record.ExceptionFlags, 0)
        f.set(record.NestedRecord, 0)
        f.set(record.ExceptionAddress, f.argument(1))
        f.set(record.NumberParameters, f.argument(2))
        let information = record.address(of: \.ExceptionInformation)
        f.set(information.dword(0), f.argument(3))
        f.set(information.dword(4), f.argument(4))
        f.set(information.dword(8), f.argument(5))
        f.call(dispatchException, record, 0, f.argument(6), f.argument(6, KTRAP_FRAME.self).SegCs & 1, 1)
        f.return()
    }

    /// `KiDispatchException(Record*, ExceptionFrame*, TrapFrame*, PreviousMode, FirstChance)`: debugger, frame handlers, debugger, BC 0x1E.
    /// In user mode the handlers are asked by its own dispatcher, where the frame leads then; what nobody wants, or what has no stack to be put on, ends the process with the
    /// exception's code.
    package static let dispatchException: Routine = .init(
        "KiDispatchException", ["ExceptionRecord", "ExceptionFrame", "TrapFrame", "PreviousMode", "FirstChance"]
    ) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        let context = f.structure(CONTEXT.self)
        let isHandled = f.local(0)
        f.add(prcb.KeExceptionDispatchCount, 1)
        f.set(context.ContextFlags, 0x1_0017)
        f.call(trapFrameToContext, f.argument(2), f.argument(1), context)
        f.if(record.ExceptionCode == Status.breakpoint) { f.set(context.Eip, context.Eip - 1) }
        f.if(f.argument(4) != 0) {
            f.set(
                isHandled,
                f.callIndirect(debugRoutine.dword, f.argument(2), f.argument(1), record, context, f.argument(3), 0) & 0xFF)
            f.if(isHandled == 0 && f.argument(3) != 0) {
                f.if(f.call(dispatchUserException, record, context, f.argument(2)) != 0) { f.return() }
            }
            f.if(isHandled == 0 && f.argument(3) == 0) { f.set(isHandled, f.call(Rtl.dispatchException, record, context)) }
        }
        f.if(isHandled == 0) {
            f.set(
                isHandled,
                f.callIndirect(debugRoutine.dword, f.argument(2), f.argument(1), record, context, f.argument(3), 1) & 0xFF)
        }
        f.if(isHandled == 0 && f.argument(3) != 0) {
            f.asm { a in a.sti() }
            f.call(Ps.terminateCurrentProcess, record.ExceptionCode)
        }
        f.if(isHandled == 0) {
            f.call(bugCheckWithTf, 0x1E, record.ExceptionCode, record.ExceptionAddress, f.argument(2), 0, f.argument(2))
        }
        f.call(contextToTrapFrame, context, f.argument(1), f.argument(2))
        f.return()
    }

    /// The registers that trap frame and CONTEXT share.
    private static var shared: [(KeyPath<KTRAP_FRAME, Field>, KeyPath<CONTEXT, Field>)] {
        [
            (\.SegGs, \.SegGs), (\.SegFs, \.SegFs), (\.SegEs, \.SegEs), (\.SegDs, \.SegDs), (\.Edi, \.Edi), (\.Esi, \.Esi), (\.Ebx, \.Ebx),
            (\.Edx, \.Edx), (\.Ecx, \.Ecx), (\.Eax, \.Eax), (\.Ebp, \.Ebp), (\.Eip, \.Eip), (\.SegCs, \.SegCs), (\.EFlags, \.EFlags),
        ]
    }

    /// `KeTrapFrameToContext(TrapFrame*, ExceptionFrame*, Context*)`. The stack pointer of kernel code is what lies above the frame.
    static let trapFrameToContext: Routine = .init("KeTrapFrameToContext", ["TrapFrame", "ExceptionFrame", "Context"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        let context = f.argument(2, CONTEXT.self)
        for (from, to) in shared { f.set(context[dynamicMember: to], frame[dynamicMember: from]) }
        f.if((frame.SegCs & 1) != 0) {
            f.set(context.Esp, frame.HardwareEsp)
            f.set(context.SegSs, frame.HardwareSegSs)
        } else: {
            f.set(context.Esp, frame.address(of: \.HardwareEsp))
            f.set(context.SegSs, 0x10)
        }
        for (number, field) in debugRegisters {
            f.asm { a in a.movFromDebug(.eax, number) }
            f.set(context[dynamicMember: field], f.saveEAX())
        }
        f.return()
    }

    private static var debugRegisters: [(UInt8, KeyPath<CONTEXT, Field>)] {
        [(0, \.Dr0), (1, \.Dr1), (2, \.Dr2), (3, \.Dr3), (6, \.Dr6), (7, \.Dr7)]
    }

    /// `KeContextToTrapFrame(Context*, ExceptionFrame*, TrapFrame*)`: what a handler changed takes effect when the trap is left.
    static let contextToTrapFrame: Routine = .init("KeContextToTrapFrame", ["Context", "ExceptionFrame", "TrapFrame"]) { f in
        let context = f.argument(0, CONTEXT.self)
        let frame = f.argument(2, KTRAP_FRAME.self)
        for (to, from) in shared { f.set(frame[dynamicMember: to], context[dynamicMember: from]) }
        f.if((frame.SegCs & 1) != 0) {
            f.set(frame.HardwareEsp, context.Esp)
            f.set(frame.HardwareSegSs, context.SegSs)
        }
        f.return()
    }
}

extension Rtl {
    /// `RtlDispatchException(Record*, Context*) -> BOOLEAN`: asks the handlers registered at FS:0, innermost first.
    static let dispatchException: Routine = .init("RtlDispatchException", ["ExceptionRecord", "Context"]) { f in
        let frame = f.local(Value.fs(0)).as(EXCEPTION_REGISTRATION_RECORD.self)
        let dispatcher = f.buffer(8)
        f.while(frame.value != 0xFFFF_FFFF) {
            let disposition = f.callIndirect(
                frame.Handler, f.argument(0), frame, f.argument(1), dispatcher, convention: .cdecl)
            f.if(disposition == 0) { f.return(1) }
            f.set(frame, frame.Next)
        }
        f.return(0)
    }
}
