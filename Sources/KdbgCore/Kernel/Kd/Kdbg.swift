// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBG's part in the guest: the way from KD to the debugger in the host and back (spec/kdbg.md sections 4.4 to 4.6).
extension Kd {
    /// `KdbpQueryEntry(ExceptionRecord*, PreviousMode, Context*, FirstChance) -> 0 not entered and not handled, 1 not entered and handled,
    /// 2 enter`: the debugger's conditions.
    package static let queryEntry: Routine = .host("KdbpQueryEntry", ["ExceptionRecord", "PreviousMode", "Context", "FirstChance"])
    /// `KdbpCliMainLoop(ExceptionRecord*, Context*, FirstChance) -> handled, or 2`: the prompt. 2: a line is for the drivers' callbacks, and the
    /// prompt comes back behind them.
    package static let cliMainLoop: Routine = .host("KdbpCliMainLoop", ["ExceptionRecord", "Context", "FirstChance"])
    /// `KdbpReadLine(Buffer*, Size) -> characters`: a line for `DbgPrompt`, without its end; 0 at the end of the input.
    package static let readLine: Routine = .host("KdbpReadLine", ["Buffer", "Size"])

    /// Set by the debugger's `bugcheck`: the system crashes when the debugger is left.
    static let bugCheckRequested: Global = .init("KdbBugCheckRequested")

    /// How deep in the debugger; a fault inside is not for the debugger.
    static let kdbEntryCount: Global = .init("KdbEntryCount")
    /// The debugger's own stack.
    static let kdbStackSize: UInt32 = 0x3000
    static let kdbStack: Global = .init("KdbStack", size: kdbStackSize, alignment: 16)

    /// `KdbEnterDebuggerException(ExceptionRecord*, PreviousMode, Context*, FirstChance) -> continue status`: success when the exception is
    /// consumed.
    ///
    /// A breakpoint with a KDBinit file waiting executes the file, whatever the conditions say. After a breakpoint EIP is moved past the INT3, unless
    /// somebody has moved it.
    package static let enterDebuggerException: Routine = .init(
        "KdbEnterDebuggerException", ["ExceptionRecord", "PreviousMode", "Context", "FirstChance"]
    ) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        let context = f.argument(2, CONTEXT.self)
        f.if(kdbEntryCount.dword != 0) { f.return(Status.unsuccessful) }
        let isBreakpoint = f.local(record.ExceptionCode == Status.breakpoint)
        f.if(record.ExceptionCode == Status.assertionFailure) {
            // INT 2C is two bytes.
            f.if(context.Eip.word() == 0x2CCD) { f.set(context.Eip, context.Eip + 2) }
        }
        let work = f.local(runInitFile)
        f.if(isBreakpoint == 0 || initFileBuffer.dword == 0) {
            f.set(work, runMainLoop)
            let entry = f.call(queryEntry, record, f.argument(1), context, f.argument(3))
            f.if(entry == 0) { f.return(Status.unsuccessful) }
            f.if(entry == 1) {
                f.call(stepOverBreakpoint, record, context)
                f.return(Status.success)
            }
        }
        f.set(kdbEntryCount.dword, 1)
        let level = f.call(Hal.getCurrentIrql)
        f.if(level > Irql.dispatch) { f.call(Hal.lowerIrql, Irql.dispatch) }
        let thread = f.local(currentThread.as(KTHREAD.self))
        let stack = f.local(thread.InitialStack)
        let limit = f.local(thread.StackLimit)
        f.set(thread.InitialStack, kdbStack.value + Value(kdbStackSize))
        f.set(thread.StackLimit, kdbStack)
        let handled = f.call(callOnStack, work, f.addressOfArgument(0), kdbStack.value + Value(kdbStackSize))
        f.set(thread.InitialStack, stack)
        f.set(thread.StackLimit, limit)
        f.if(level > Irql.dispatch) { f.call(Hal.raiseIrql, level) }
        f.set(kdbEntryCount.dword, 0)
        f.call(stepOverBreakpoint, record, context)
        f.if(f.exchange(bugCheckRequested.dword, with: 0) != 0) { f.call(Ke.bugCheck, 0xE2) }
        f.if(handled != 0) { f.return(Status.success) }
        f.return(Status.unsuccessful)
    }

    /// `KdbpStepOverBreakpoint(ExceptionRecord*, Context*)`: moves EIP past an INT3 that is still there.
    static let stepOverBreakpoint: Routine = .init("KdbpStepOverBreakpoint", ["ExceptionRecord", "Context"]) { f in
        let record = f.argument(0, EXCEPTION_RECORD.self)
        let context = f.argument(1, CONTEXT.self)
        f.if(record.ExceptionCode == Status.breakpoint && context.Eip == record.ExceptionAddress) { f.add(context.Eip, 1) }
        f.return()
    }

    /// `KdbpRunMainLoop(Arguments*) -> handled`: the arguments of `KdbEnterDebuggerException`, on the debugger's stack.
    static let runMainLoop: Routine = .init("KdbpRunMainLoop", ["Arguments"]) { f in
        let arguments = f.argument(0)
        f.loop {
            let result = f.call(cliMainLoop, arguments.dword(0), arguments.dword(8), arguments.dword(12))
            f.if(result != 2) { f.return(result) }
            f.call(invokeCliCallbacks)
        }
        f.return(0)
    }

    /// `KdbpRunInitFile(Arguments*) -> TRUE`.
    static let runInitFile: Routine = .init("KdbpRunInitFile", ["Arguments"]) { f in
        let arguments = f.argument(0)
        f.call(interpretInitFile, arguments.dword(0), arguments.dword(8), arguments.dword(12))
        f.return(1)
    }

    /// `KdbpCallOnStack(Routine, Argument, StackTop) -> EAX of the routine`. Frames below it stay linked through EBP.
    static let callOnStack: Routine = .naked("KdbpCallOnStack", ["Routine", "Argument", "StackTop"]) { f in
        f.asm { a in
            a.push(.ebp)
            a.mov(.ebp, .esp)
            a.mov(.eax, .at(.ebp, 8))
            a.mov(.ecx, .at(.ebp, 12))
            a.mov(.esp, .at(.ebp, 16))
            a.push(.ecx)
            a.call(.eax)
            a.leave()
            a.ret(12)
        }
    }

    /// `KdbpPrint(String*, Length)`: the debugger's text to the providers, in pieces of at most 512 bytes.
    static let kdbpPrint: Routine = .init("KdbpPrint", ["String", "Length"]) { f in
        let text = f.local(f.argument(0))
        let left = f.local(f.argument(1))
        let piece = f.structure(STRING.self)
        f.while(left != 0) {
            let length = f.local(left)
            f.if(length > Value(Rtl.longestDebugText)) { f.set(length, Rtl.longestDebugText) }
            f.set(piece.Length, length)
            f.set(piece.MaximumLength, length)
            f.set(piece.Buffer, text)
            f.call(printString, piece)
            f.set(text, text + length)
            f.set(left, left - length)
        }
        f.return()
    }
}
