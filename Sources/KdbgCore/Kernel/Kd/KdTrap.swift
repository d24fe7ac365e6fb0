// SPDX-License-Identifier: GPL-3.0-or-later

/// What `KiDispatchException` calls through `KiDebugRoutine` (spec/boot.md section 4.10). Both routines answer with a BOOLEAN: whether the
/// exception is consumed; both may change the CONTEXT.
extension Kd {
    private static let trapParameters = [
        "TrapFrame", "ExceptionFrame", "ExceptionRecord", "ContextRecord", "PreviousMode", "SecondChanceException",
    ]

    /// `KdpStub`: KD is off. Debug services that need no answer are stepped over; everything else is refused, unless KD is to be enabled by the
    /// first event that wants it.
    package static let stub: Routine = Routine("KdpStub", trapParameters) { f in
        let record = f.argument(2, EXCEPTION_RECORD.self)
        let context = f.argument(3, CONTEXT.self)
        let service = f.local(record.ExceptionInformation.dword())
        f.if(record.ExceptionCode == Status.breakpoint && record.NumberParameters != 0) {
            let isSteppedOver =
                service == Rtl.DebugServiceNumber.print || service == Rtl.DebugServiceNumber.loadSymbols
                || service == Rtl.DebugServiceNumber.unloadSymbols || service == Rtl.DebugServiceNumber.commandString
            f.if(isSteppedOver) {
                f.add(context.Eip, 1)
                f.return(1)
            }
        }
        f.if(previouslyEnabled.byte != 0 && debuggerEnabled.byte == 0 && autoEnableOnEvent.byte != 0) {
            f.if(f.call(enableDebugger) == 0) {
                f.return(
                    f.call(trap, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5)))
            }
        }
        f.return(0)
    }

    /// `KdpTrap`: KD is on. Debug services by their number; everything else may enter the debugger.
    ///
    /// The context's EIP is at the INT3 behind INT 2D; when nobody moved it, it goes one further.
    package static let trap: Routine = .init("KdpTrap", trapParameters) { f in
        let record = f.argument(2, EXCEPTION_RECORD.self)
        let context = f.argument(3, CONTEXT.self)
        let mode = f.argument(4)
        let information = record.ExceptionInformation
        f.if(record.ExceptionCode == Status.breakpoint && information.dword() != Rtl.DebugServiceNumber.breakIn) {
            let service = f.local(information.dword())
            let first = information.dword(4)
            let second = information.dword(8)
            let eip = f.local(context.Eip)
            let handled = f.local(0)
            f.if(service == Rtl.DebugServiceNumber.print) {
                let status = f.call(
                    print, context.Ebx, context.Edi, first, second & 0xFFFF, mode, f.argument(0), f.argument(1), f.address(of: handled))
                f.set(context.Eax, status)
            }
            f.if(service == Rtl.DebugServiceNumber.prompt) {
                let length = f.call(
                    prompt, first, second & 0xFFFF, context.Ebx, context.Edi & 0xFFFF, mode, f.argument(0), f.argument(1))
                f.set(context.Eax, length)
                f.set(handled, 1)
            }
            f.if(service == Rtl.DebugServiceNumber.loadSymbols || service == Rtl.DebugServiceNumber.unloadSymbols) {
                f.call(
                    symbol, first, second, service == Rtl.DebugServiceNumber.unloadSymbols, mode, context, f.argument(0), f.argument(1))
                f.set(handled, 1)
            }
            f.if(service == Rtl.DebugServiceNumber.commandString) { f.set(handled, 1) }
            f.if(context.Eip == eip) { f.set(context.Eip, eip + 1) }
            f.return(handled)
        }
        f.return(f.call(report, f.argument(0), f.argument(1), record, context, mode, f.argument(5)))
    }

    /// `KdpReport(TrapFrame, ExceptionFrame, ExceptionRecord, ContextRecord, PreviousMode, SecondChance) -> handled`: the first filter
    /// (spec/kdbg.md section 4.1). Breakpoints, single steps and assertions are always offered, and so is every last chance. Other first
    /// chances only with FLG_STOP_ON_EXCEPTION, which KD phase 1 sets, and only for errors and warnings.
    package static let report: Routine = .init("KdpReport", trapParameters) { f in
        let record = f.argument(2, EXCEPTION_RECORD.self)
        let context = f.argument(3, CONTEXT.self)
        let code = record.ExceptionCode
        let isSecondChance = (f.argument(5) & 0xFF) != 0
        let isAlwaysOffered = code == Status.breakpoint || code == Status.singleStep || code == Status.assertionFailure
        f.if(!isAlwaysOffered && !isSecondChance) {
            f.if((Ke.ntGlobalFlag.dword & 1) == 0) { f.return(0) }
            f.if(code.isSuccess || code == Status.portDisconnected) { f.return(0) }
        }
        f.if((f.argument(4) & 0xFF) != 0 && !isSecondChance) {
            let process = f.local(currentThread.Tcb.ApcState.Process.as(EPROCESS.self))
            f.if(process.DebugPort != 0 || ignoreUmExceptions.byte != 0) { f.return(0) }
        }
        let enable = f.call(enterDebugger, f.argument(0), f.argument(1))
        let saved = f.local(
            Value.fs(Int32(offset(of: \KPCR.Prcb))) + Value(offset(of: \KPRCB.ProcessorState)))
        f.copy(to: saved, from: context, CONTEXT.size)
        let handled = f.call(reportExceptionStateChange, record, saved, isSecondChance)
        f.copy(to: context, from: saved, CONTEXT.size)
        f.call(exitDebugger, enable)
        f.return(handled)
    }
}
