// SPDX-License-Identifier: GPL-3.0-or-later

/// Services 1 and 2: prints and prompts (spec/boot.md section 4.10).
extension Kd {
    /// `KdpPrint(ComponentId, Level, String*, Length, PreviousMode, TrapFrame, ExceptionFrame, Handled*) -> status`.
    ///
    /// Mask, circular log, and then into the debugger for the providers. 0xC000009D when there is no debugger, STATUS_BREAKPOINT when a break-in is
    /// pending.
    static let print: Routine = .init(
        "KdpPrint",
        ["ComponentId", "Level", "String", "Length", "PreviousMode", "TrapFrame", "ExceptionFrame", "Handled"]
    ) { f in
        f.set(f.argument(7).dword(), 1)
        f.if(f.call(queryDebugFilterState, f.argument(0), f.argument(1)) == 0) { f.return(Status.success) }
        let text = f.structure(STRING.self)
        fillText(f, text, f.argument(2), f.argument(3))
        f.call(logDbgPrint, text)
        f.if(debuggerNotPresent.byte != 0) { f.return(deviceNotConnected) }
        let enable = f.call(enterDebugger, f.argument(5), f.argument(6))
        let isBreak = f.call(printString, text)
        f.call(exitDebugger, enable)
        f.if(isBreak != 0) { f.return(Status.breakpoint) }
        f.return(Status.success)
    }

    /// `KdpPrompt(Prompt*, PromptLength, Response*, MaximumResponseLength, PreviousMode, TrapFrame, ExceptionFrame) -> characters`.
    static let prompt: Routine = .init(
        "KdpPrompt",
        ["Prompt", "PromptLength", "Response", "MaximumResponseLength", "PreviousMode", "TrapFrame", "ExceptionFrame"]
    ) { f in
        let text = f.structure(STRING.self)
        let answer = f.structure(STRING.self)
        fillText(f, text, f.argument(0), f.argument(1))
        fillText(f, answer, f.argument(2), f.argument(3))
        f.call(logDbgPrint, text)
        f.if(debuggerNotPresent.byte != 0) { f.return(0) }
        let enable = f.call(enterDebugger, f.argument(5), f.argument(6))
        let message = f.structure(DBGKD_DEBUG_IO.self)
        let header = f.structure(STRING.self)
        fillHeader(f, header, message, KdPacket.getString)
        f.set(message.LengthOfString, text.Length)
        f.set(message.LengthOfPromptString, answer.MaximumLength)
        f.call(sendPacket, KdPacket.debugIo, header, text, Kd.context)
        let length = f.local(0)
        f.call(receivePacket, KdPacket.debugIo, header, answer, f.address(of: length), context)
        f.call(exitDebugger, enable)
        f.return(length)
    }

    /// `KdpPrintString(Output*) -> a break-in is pending`: a STRING as a debug I/O packet.
    static let printString: Routine = Routine("KdpPrintString", ["Output"]) { f in
        let output = f.argument(0, STRING.self)
        let message = f.structure(DBGKD_DEBUG_IO.self)
        let header = f.structure(STRING.self)
        let data = f.structure(STRING.self)
        fillHeader(f, header, message, KdPacket.printString)
        let length = f.local(output.Length)
        let most = messageBufferSize - DBGKD_DEBUG_IO.size
        f.if(length > Value(most)) { f.set(length, most) }
        f.copy(to: messageBuffer, from: output.Buffer, length)
        f.set(message.LengthOfString, length)
        f.set(data.Length, length)
        f.set(data.MaximumLength, length)
        f.set(data.Buffer, messageBuffer)
        f.call(sendPacket, KdPacket.debugIo, header, data, context)
        f.return(f.call(pollBreakIn))
    }

    private static func fillHeader(_ f: Function, _ header: Pointer<STRING>, _ message: Pointer<DBGKD_DEBUG_IO>, _ number: Value) {
        f.zero(message, DBGKD_DEBUG_IO.size)
        f.set(message.ApiNumber, number)
        f.set(header.Length, DBGKD_DEBUG_IO.size)
        f.set(header.MaximumLength, DBGKD_DEBUG_IO.size)
        f.set(header.Buffer, message)
    }

    /// A STRING of at most 512 bytes.
    private static func fillText(_ f: Function, _ text: Pointer<STRING>, _ address: Value, _ length: Value) {
        let clipped = f.local(length)
        f.if(clipped > Value(Rtl.longestDebugText)) { f.set(clipped, Rtl.longestDebugText) }
        f.set(text.Length, clipped)
        f.set(text.MaximumLength, clipped)
        f.set(text.Buffer, address)
    }
}

/// The circular log of prints and prompts, for debuggers on a wire.
extension Kd {
    /// Bytes, on a checked build.
    static let printBufferSize: UInt32 = 0x8000
    static let printDefaultCircularBuffer: Global = .init("KdPrintDefaultCircularBuffer", size: printBufferSize)
    /// The buffer in use.
    package static let printCircularBuffer: Global = .init("KdPrintCircularBuffer") { [.address(printDefaultCircularBuffer)] }
    static let printBufferSizeCell: Global = .init("KdPrintBufferSize") { [.dword(printBufferSize)] }
    /// Address of the next byte to write.
    static let printWritePointer: Global = .init("KdPrintWritePointer") { [.address(printDefaultCircularBuffer)] }
    /// How often it began again; never 0 once it has.
    static let printRolloverCount: Global = .init("KdPrintRolloverCount")
    static let printSpinLock: Global = .init("KdpPrintSpinLock")

    /// `KdLogDbgPrint(String*)`.
    package static let logDbgPrint: Routine = .init("KdLogDbgPrint", ["String"]) { f in
        let string = f.argument(0, STRING.self)
        let old = f.call(acquireLock, printSpinLock)
        let begin = f.local(printWritePointer.dword - printCircularBuffer.dword)
        let length = f.local(string.Length)
        f.call(copyToRing, printCircularBuffer.dword, printBufferSize, begin, string.Buffer, length)
        f.set(printWritePointer.dword, printCircularBuffer.dword + (begin + length) % Value(printBufferSize))
        f.if(begin + length >= Value(printBufferSize)) {
            f.add(printRolloverCount.dword, 1)
            f.if(printRolloverCount.dword == 0) { f.add(printRolloverCount.dword, 1) }
        }
        f.call(releaseLock, printSpinLock, old)
        f.return()
    }
}
