// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Exceptions in user mode: the kernel brings them to `KiUserExceptionDispatcher`, which asks the handlers registered at FS:0.
extension NtDll {
    /// `KiUserExceptionDispatcher`: on the stack the addresses of an EXCEPTION_RECORD and of the CONTEXT where it happened, which lie above them. A handler that has mended it lets the
    /// program go on; else it is the kernel's turn again, for the second chance.
    package static let exceptionDispatcher: Routine = .naked("KiUserExceptionDispatcher", module: module) { f in
        f.asm { a in
            let unhandled = a.newLabel()
            a.cld()
            a.mov(.ecx, .at(.esp, 4))
            a.mov(.ebx, .at(.esp))
            a.push(.ecx)
            a.push(.ebx)
            a.call(f.symbol(dispatchException))
            a.pop(.ebx)
            a.pop(.ecx)
            a.test(.eax, .eax)
            a.jcc(.equal, unhandled)
            a.push(0 as UInt32)
            a.push(.ecx)
            a.call(f.symbol(service("NtContinue")))
            a.push(.eax)
            a.call(f.symbol(raiseStatus))
            a.bind(unhandled)
            a.push(0 as UInt32)
            a.push(.ecx)
            a.push(.ebx)
            a.call(f.symbol(service("NtRaiseException")))
            a.int3()
        }
    }

    /// `RtlDispatchException(Record*, Context*) -> BOOLEAN`: asks the handlers from the innermost outwards, as long as their registrations lie on the thread's stack one above the other. TRUE: one of them
    /// says that the program can go on.
    package static let dispatchException: Routine = .init("RtlDispatchException", ["ExceptionRecord", "Context"], module: module) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        let dispatcher = f.buffer(8)
        // NT_TIB.StackBase and StackLimit.
        let top = f.local(Value.fs(4))
        let lowest = f.local(Value.fs(8))
        let frame = f.local(Value.fs(0)).as(EXCEPTION_REGISTRATION_RECORD.self)
        f.while(frame.value != 0xFFFF_FFFF) {
            f.if(frame.value < lowest || frame.value + 8 > top || (frame.value & 3) != 0) {
                // EXCEPTION_STACK_INVALID.
                f.set(record.ExceptionFlags, record.ExceptionFlags | 8)
                f.return(0)
            }
            let disposition = f.callIndirect(frame.Handler, record, frame, f.argument(1), dispatcher, convention: .cdecl)
            // ExceptionContinueExecution, which EXCEPTION_NONCONTINUABLE forbids.
            f.if(disposition == 0) { f.return((record.ExceptionFlags & 1) == 0) }
            f.if(disposition != 1) { f.return(0) }
            f.set(lowest, frame.value + 8)
            f.set(frame.value, frame.Next)
        }
        f.return(0)
    }

    /// `RtlRaiseException(Record*)`: as if it had happened where this was called.
    package static let raiseException: Routine = .init("RtlRaiseException", ["ExceptionRecord"], module: module) { f in
        let context = f.structure(CONTEXT.self)
        let registers: [(Assembler.Register, KeyPath<CONTEXT, Field>)] = [(.ebx, \.Ebx), (.esi, \.Esi), (.edi, \.Edi)]
        for (register, field) in registers {
            f.asm { a in a.mov(.eax, register) }
            f.set(context[dynamicMember: field], f.saveEAX())
        }
        f.asm { a in a.mov(.eax, .at(.ebp)) }
        f.set(context.Ebp, f.saveEAX())
        f.asm { a in a.mov(.eax, .at(.ebp, 4)) }
        f.set(context.Eip, f.saveEAX())
        f.asm { a in a.lea(.eax, .at(.ebp, 12)) }
        f.set(context.Esp, f.saveEAX())
        f.set(context.Eax, 0)
        f.set(context.Ecx, 0)
        f.set(context.Edx, 0)
        f.set(context.EFlags, 0x202)
        f.set(context.SegCs, 0x1B)
        for field in [\.SegSs, \.SegDs, \.SegEs] as [KeyPath<CONTEXT, Field>] { f.set(context[dynamicMember: field], 0x23) }
        f.set(context.SegFs, 0x3B)
        f.set(context.SegGs, 0)
        // CONTEXT_FULL.
        f.set(context.ContextFlags, 0x1_0007)
        let record = f.argument(0, EXCEPTION_RECORD.self)
        f.set(record.ExceptionAddress, context.Eip)
        f.call(raiseStatus, f.call(service("NtRaiseException"), record, context, 1))
        f.return()
    }

    /// `RtlRaiseStatus(Status)`: an exception that cannot be continued.
    package static let raiseStatus: Routine = .init("RtlRaiseStatus", ["Status"], module: module) { f in
        let record = f.structure(EXCEPTION_RECORD.self)
        f.set(record.ExceptionCode, f.argument(0))
        f.set(record.ExceptionFlags, 1)
        f.set(record.NestedRecord, 0)
        f.set(record.NumberParameters, 0)
        f.call(raiseException, record)
        f.return()
    }

    /// `KiRaiseUserExceptionDispatcher`: a service wants its caller to have an exception; TEB.ExceptionCode says which.
    static let raiseUserExceptionDispatcher: Routine = .init("KiRaiseUserExceptionDispatcher", module: module) { f in
        let record = f.structure(EXCEPTION_RECORD.self)
        f.set(record.ExceptionCode, Value.fs(0x18).dword(0x1A4))
        f.set(record.ExceptionFlags, 0)
        f.set(record.NestedRecord, 0)
        f.set(record.NumberParameters, 0)
        f.call(raiseException, record)
        f.return(record.ExceptionCode)
    }
}
