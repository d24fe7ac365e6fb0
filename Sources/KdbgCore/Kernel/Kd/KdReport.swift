// SPDX-License-Identifier: GPL-3.0-or-later

/// State changes: telling the debugger and doing what it asks until it says continue (spec/boot.md section 4.10).
extension Kd {
    /// Bytes of a message's data.
    static let messageBufferSize: UInt32 = 4000
    static let messageBuffer: Global = .init("KdpMessageBuffer", size: messageBufferSize, alignment: 8)

    /// `KdpReportExceptionStateChange(ExceptionRecord*, ContextRecord*, SecondChance) -> handled`.
    static let reportExceptionStateChange: Routine = .init(
        "KdpReportExceptionStateChange", ["ExceptionRecord", "ContextRecord", "SecondChanceException"]
    ) { f in
        let context = f.argument(1, CONTEXT.self)
        let change = f.structure(DBGKD_ANY_WAIT_STATE_CHANGE.self)
        setCommonState(f, change, KdPacket.exceptionStateChange, context)
        f.copy(to: change.ExceptionRecord, from: f.argument(0), EXCEPTION_RECORD.size)
        f.set(change.value.dword(firstChanceOffset), f.argument(2) == 0)
        f.return(f.call(sendWaitContinue, change, context))
    }

    /// `KdpReportLoadSymbolsStateChange(PathName*, SymbolInfo*, Unload, ContextRecord*)`.
    static let reportLoadSymbolsStateChange: Routine = .init(
        "KdpReportLoadSymbolsStateChange", ["PathName", "SymbolInfo", "Unload", "ContextRecord"]
    ) { f in
        let change = f.structure(DBGKD_ANY_WAIT_STATE_CHANGE.self)
        setCommonState(f, change, KdPacket.loadSymbolsStateChange, f.argument(3, CONTEXT.self))
        // Path length, base, process id, checksum, size, unload flag behind the common part.
        let details = change.value + 0x20
        f.if(f.argument(0) != 0) { f.set(details.dword(), f.argument(0, STRING.self).Length) }
        let info = f.argument(1, KD_SYMBOLS_INFO.self)
        f.set(details.dword(0x08), info.BaseOfDll)
        f.set(details.dword(0x10), info.ProcessId)
        f.set(details.dword(0x18), info.CheckSum)
        f.set(details.dword(0x1C), info.SizeOfImage)
        f.set(details.dword(0x20), f.argument(2))
        f.return(f.call(sendWaitContinue, change, f.argument(3)))
    }

    /// The part that all state changes have in common.
    private static func setCommonState(
        _ f: Function, _ change: Pointer<DBGKD_ANY_WAIT_STATE_CHANGE>, _ state: Value, _ context: Pointer<CONTEXT>
    ) {
        f.zero(change, DBGKD_ANY_WAIT_STATE_CHANGE.size)
        f.set(change.NewState, state)
        f.set(change.NumberProcessors, Ke.numberProcessors.byte)
        f.set(change.Thread, currentThread)
        f.set(change.ProgramCounter, context.Eip)
    }

    /// `KdpSendWaitContinue(StateChange*, ContextRecord*) -> continued with success`.
    static let sendWaitContinue: Routine = .init("KdpSendWaitContinue", ["StateChange", "ContextRecord"]) { f in
        let header = f.structure(STRING.self)
        f.set(header.Length, DBGKD_ANY_WAIT_STATE_CHANGE.size)
        f.set(header.MaximumLength, DBGKD_ANY_WAIT_STATE_CHANGE.size)
        f.set(header.Buffer, f.argument(0))
        f.call(sendPacket, KdPacket.stateChange, header, 0, context)

        let message = f.structure(DBGKD_MANIPULATE_STATE64.self)
        let data = f.structure(STRING.self)
        let length = f.local(0)
        f.loop {
            f.set(header.Length, DBGKD_MANIPULATE_STATE64.size)
            f.set(header.MaximumLength, DBGKD_MANIPULATE_STATE64.size)
            f.set(header.Buffer, message)
            f.set(data.Length, 0)
            f.set(data.MaximumLength, messageBufferSize)
            f.set(data.Buffer, messageBuffer)
            let result = f.call(receivePacket, KdPacket.stateManipulate, header, data, f.address(of: length), context)
            f.if(result != KdPacket.received) { f.return(0) }
            f.if(message.ApiNumber == KdPacket.continue) { f.return(message.u.dword().isSuccess) }
            f.set(message.ReturnStatus, Status.success)
            f.if(message.ApiNumber == KdPacket.getContext) {
                f.copy(to: messageBuffer, from: f.argument(1), CONTEXT.size)
                f.set(data.Length, CONTEXT.size)
                f.call(sendPacket, KdPacket.stateManipulate, header, data, context)
            } else: {
                f.if(message.ApiNumber == KdPacket.setContext) {
                    f.copy(to: f.argument(1), from: messageBuffer, CONTEXT.size)
                } else: {
                    f.set(message.ReturnStatus, Status.unsuccessful)
                }
                f.call(sendPacket, KdPacket.stateManipulate, header, 0, context)
            }
        }
        f.return(0)
    }

    /// `KdpSymbol(DllPath*, SymbolInfo*, Unload, PreviousMode, ContextRecord*, TrapFrame, ExceptionFrame)`: services 3 and 4, for the kernel's
    /// own images.
    static let symbol: Routine = .init(
        "KdpSymbol", ["DllPath", "SymbolInfo", "Unload", "PreviousMode", "ContextRecord", "TrapFrame", "ExceptionFrame"]
    ) { f in
        f.if((f.argument(3) & 0xFF) != 0 || debuggerNotPresent.byte != 0) { f.return() }
        let enable = f.call(enterDebugger, f.argument(5), f.argument(6))
        f.call(reportLoadSymbolsStateChange, f.argument(0), f.argument(1), f.argument(2), f.argument(4))
        f.call(exitDebugger, enable)
        f.return()
    }
}
