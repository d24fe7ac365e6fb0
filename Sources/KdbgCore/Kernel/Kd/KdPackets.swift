// SPDX-License-Identifier: GPL-3.0-or-later

/// Packet types, states and API numbers of the KD protocol (spec/boot.md section 4.10).
enum KdPacket {
    static let stateManipulate: Value = 2
    static let debugIo: Value = 3
    static let stateChange: Value = 7
    static let pollBreakIn: Value = 8

    static let exceptionStateChange: Value = 0x3030
    static let loadSymbolsStateChange: Value = 0x3031
    static let getContext: Value = 0x3132
    static let setContext: Value = 0x3133
    static let `continue`: Value = 0x3136
    static let printString: Value = 0x3230
    static let getString: Value = 0x3231

    static let received: Value = 0
    static let timedOut: Value = 1
}

/// The send and receive pair: no wire, but direct calls (spec/kdbg.md section 0.2).
///
/// After an exception's state change the core is asked for its context; its answer is where KDBG runs; then the context goes back and the core is
/// told to continue.
extension Kd {
    /// The request that `KdReceivePacket` hands out next.
    static let nextApiNumber: Global = .init("KdbgNextApiNumber")
    /// How the exception is continued.
    static let continueStatus: Global = .init("KdbgContinueStatus")
    /// What KDBG works on.
    package static let exceptionRecord: GlobalStructure<EXCEPTION_RECORD> = .init("KdbgExceptionRecord")
    package static let currentContext: GlobalStructure<CONTEXT> = .init("KdbgContext")
    static let firstChance: Global = .init("KdbgFirstChanceException")
    /// Where FirstChance is in a state change.
    static let firstChanceOffset: Int32 = 0xB8

    /// `KdSendPacket(PacketType, MessageHeader*, MessageData*, KdContext*)`: header and data are STRINGs, data may be NULL.
    package static let sendPacket: Routine = .init("KdSendPacket", ["PacketType", "MessageHeader", "MessageData", "Context"]) { f in
        let type = f.argument(0)
        let header = f.local(f.argument(1, STRING.self).Buffer)
        let data = f.argument(2, STRING.self)
        f.if(type == KdPacket.debugIo) {
            f.call(sendDebugIo, header, data)
            f.return()
        }
        f.if(type == KdPacket.stateChange) {
            let change = header.as(DBGKD_ANY_WAIT_STATE_CHANGE.self)
            f.if(change.NewState == KdPacket.exceptionStateChange && kdbEntryCount.dword == 0) {
                f.copy(to: exceptionRecord, from: change.ExceptionRecord, EXCEPTION_RECORD.size)
                f.set(firstChance.dword, header.dword(firstChanceOffset))
                f.set(nextApiNumber.dword, KdPacket.getContext)
                f.return()
            }
            // An exception inside the debugger is not for the debugger.
            f.set(continueStatus.dword, Status.unsuccessful)
            f.if(change.NewState == KdPacket.loadSymbolsStateChange) {
                f.set(continueStatus.dword, Status.success)
                // DBGKD_LOAD_SYMBOLS64: BaseOfDll, UnloadSymbols.
                f.call(kdbSymNotify, header.dword(0x28), header.byte(0x40))
            }
            f.set(nextApiNumber.dword, KdPacket.continue)
            f.return()
        }
        f.if(type == KdPacket.stateManipulate) {
            let message = header.as(DBGKD_MANIPULATE_STATE64.self)
            f.if(message.ApiNumber == KdPacket.getContext && data.isNotNull) {
                f.copy(to: currentContext, from: data.Buffer, CONTEXT.size)
                let status = f.call(
                    enterDebuggerException, exceptionRecord, currentContext.SegCs & 1, currentContext, firstChance.dword)
                f.set(continueStatus.dword, status)
                f.set(nextApiNumber.dword, KdPacket.setContext)
            } else: {
                f.set(nextApiNumber.dword, KdPacket.continue)
            }
        }
        f.return()
    }

    /// `KdpSendDebugIo(DebugIo*, Data*)`: text to every provider, as long as the options chose one. A prompt is followed by KDBG's own.
    static let sendDebugIo: Routine = .init("KdpSendDebugIo", ["DebugIo", "Data"]) { f in
        let message = f.argument(0, DBGKD_DEBUG_IO.self)
        let data = f.argument(1, STRING.self)
        f.if(data.isNull) { f.return() }
        f.call(printToProviders, data.Buffer, data.Length)
        f.if(message.ApiNumber == KdPacket.getString) {
            f.copy(to: promptString, from: data, STRING.size)
            f.call(printToProviders, f.text("\nkdb:> "), 7)
        }
        f.return()
    }

    /// The question of the last `DbgPrompt`, for the debugger.
    static let promptString: GlobalStructure<STRING> = .init("KdbPromptString")

    /// `KdpPrintToProviders(String*, Length)`.
    static let printToProviders: Routine = .init("KdpPrintToProviders", ["String", "Length"]) { f in
        f.if(debugMode.dword == 0) { f.return() }
        f.forEach(in: providerList.value) { entry in
            let table = Pointer<KD_DISPATCH_TABLE>.containing(entry, as: \.KdProvidersList)
            f.callIndirect(table.KdpPrintRoutine, f.argument(0), f.argument(1))
        }
        f.return()
    }

    /// `KdReceivePacket(PacketType, MessageHeader*, MessageData*, DataLength*, KdContext*) -> 0 received, 1 timed out`.
    package static let receivePacket: Routine = .init(
        "KdReceivePacket", ["PacketType", "MessageHeader", "MessageData", "DataLength", "Context"]
    ) { f in
        let type = f.argument(0)
        let header = f.argument(1, STRING.self)
        let data = f.argument(2, STRING.self)
        f.if(type == KdPacket.debugIo) {
            let length = f.call(readLine, data.Buffer, data.MaximumLength)
            f.set(data.Length, length)
            f.set(f.argument(3).dword(), length)
            f.return(KdPacket.received)
        }
        f.if(type != KdPacket.stateManipulate) { f.return(KdPacket.timedOut) }
        let message = f.local(header.Buffer.as(DBGKD_MANIPULATE_STATE64.self))
        f.zero(message, DBGKD_MANIPULATE_STATE64.size)
        f.set(message.ApiNumber, nextApiNumber.dword)
        f.set(f.argument(3).dword(), 0)
        f.if(nextApiNumber.dword == KdPacket.setContext) {
            f.copy(to: data.Buffer, from: currentContext, CONTEXT.size)
            f.set(data.Length, CONTEXT.size)
            f.set(f.argument(3).dword(), CONTEXT.size)
        }
        f.if(nextApiNumber.dword == KdPacket.continue) { f.set(message.u.dword(), continueStatus.dword) }
        f.return(KdPacket.received)
    }
}
