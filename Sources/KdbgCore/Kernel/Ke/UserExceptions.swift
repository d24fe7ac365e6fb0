// SPDX-License-Identifier: GPL-3.0-or-later

/// Exceptions that user mode gets to see: the kernel puts what happened on its stack and lets it go on in its dispatcher.
extension Ke {
    /// `KeUserExceptionDispatcher`, `KeUserCallbackDispatcher`, `KeRaiseUserExceptionDispatcher`: entry points of the system DLL; 0 before phase 1 of Ps.
    package static let userExceptionDispatcher: Global = .init("KeUserExceptionDispatcher")
    package static let userCallbackDispatcher: Global = .init("KeUserCallbackDispatcher")
    package static let raiseUserExceptionDispatcher: Global = .init("KeRaiseUserExceptionDispatcher")

    /// `KiDispatchUserException(Record*, Context*, TrapFrame*) -> BOOLEAN`: copies record and context to the user's stack and has the trap frame lead to the dispatcher. FALSE: there is none yet, or
    /// no room on the stack, or no stack.
    static let dispatchUserException: Routine = .init(
        "KiDispatchUserException", ["ExceptionRecord", "Context", "TrapFrame"]
    ) { f in
        let context = f.argument(1, CONTEXT.self)
        let frame = f.argument(2, KTRAP_FRAME.self)
        let bytes = CONTEXT.size + EXCEPTION_RECORD.size + 8
        f.if(userExceptionDispatcher.dword == 0) { f.return(0) }
        let stack = f.local((context.Esp & ~Value(3)) - Value(bytes))
        f.if(f.call(probeForWrite, stack, bytes) == 0) { f.return(0) }
        f.set(stack.dword(), stack + Value(8 + CONTEXT.size))
        f.set(stack.dword(4), stack + 8)
        f.copy(to: stack + 8, from: context, CONTEXT.size)
        f.copy(to: stack + Value(8 + CONTEXT.size), from: f.argument(0), EXCEPTION_RECORD.size)
        f.set(frame.Eip, userExceptionDispatcher.dword)
        f.set(frame.HardwareEsp, stack)
        f.call(setUserSegments, frame)
        // Neither single steps nor string instructions that run backwards.
        f.set(frame.EFlags, frame.EFlags & ~Value(0x500))
        f.return(1)
    }

    /// `KiSetUserSegments(TrapFrame*)`: the selectors that user mode has.
    static let setUserSegments: Routine = .init("KiSetUserSegments", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        f.set(frame.SegCs, 0x1B)
        for field in [\.HardwareSegSs, \.SegDs, \.SegEs] as [KeyPath<KTRAP_FRAME, Field>] { f.set(frame[dynamicMember: field], 0x23) }
        f.set(frame.SegFs, 0x3B)
        f.set(frame.SegGs, 0)
        f.return()
    }

    /// `KiContinueUser(Context*, TrapFrame*)`: the frame leads to where a context of the user's says, with segments and flags made safe.
    static let continueUser: Routine = .init("KiContinueUser", ["Context", "TrapFrame"]) { f in
        let frame = f.argument(1, KTRAP_FRAME.self)
        f.call(contextToTrapFrame, f.argument(0), 0, frame)
        f.call(setUserSegments, frame)
        f.set(frame.EFlags, (f.argument(0, CONTEXT.self).EFlags & 0x1_0DD5) | 0x202)
        f.return()
    }

    /// `NtRaiseException(Record*, Context*, FirstChance) -> status`: an exception at the context; the caller goes on where its handling leads. Without a first chance only a debugger is asked, and the process
    /// ends.
    static let ntRaiseException: Routine = .init("NtRaiseException", ["ExceptionRecord", "ThreadContext", "FirstChance"]) { f in
        let record = f.structure(EXCEPTION_RECORD.self)
        let context = f.structure(CONTEXT.self)
        let frame = f.local(prcb.CurrentThread.TrapFrame)
        f.if(prcb.CurrentThread.PreviousMode == 0) { f.return(Status.invalidParameter) }
        f.if(f.call(probeForRead, f.argument(0), EXCEPTION_RECORD.size) == 0) { f.return(Status.accessViolation) }
        f.if(f.call(probeForRead, f.argument(1), CONTEXT.size) == 0) { f.return(Status.accessViolation) }
        f.copy(to: record, from: f.argument(0), EXCEPTION_RECORD.size)
        f.copy(to: context, from: f.argument(1), CONTEXT.size)
        f.if(record.NumberParameters > 15) { f.return(Status.invalidParameter) }
        f.call(continueUser, context, frame)
        f.call(dispatchException, record, 0, frame, 1, f.argument(2) & 0xFF)
        f.return(frame.Eax)
    }
}
