// SPDX-License-Identifier: GPL-3.0-or-later

/// Commands that drivers add to the debugger (spec/kdbg.md sections 1.1 and 1.9). Where a line names no command, the registered routines are asked in the
/// order of their slots; the first that knows the line executes it.
extension Kd {
    static let cliCallbackSlots: UInt32 = 10
    /// Routines `(CommandLine*, Argc, Argv*) -> BOOLEAN handled`; NULL in a free slot.
    static let cliCallbacks: Global = .init("KdbCliCallbacks", size: 4 * cliCallbackSlots)
    /// The line, cut at its first blank as KDBG leaves it, its words, and how many they are: the debugger fills them in.
    static let cliCommandLine: Global = .init("KdbCliCommandLine", size: 1024)
    static let cliArguments: Global = .init("KdbCliArguments", size: 4 * 256)
    static let cliArgumentCount: Global = .init("KdbCliArgumentCount")
    /// Whether a routine has taken the last line.
    static let cliHandled: Global = .init("KdbCliHandled")

    /// `KdbRegisterCliCallback(Callback, Deregister) -> BOOLEAN`: false when no slot is free, or none holds the routine.
    package static let registerCliCallback: Routine = .init("KdbRegisterCliCallback", ["Callback", "Deregister"]) { f in
        let wanted = f.local(0)
        let value = f.local(f.argument(0))
        f.if((f.argument(1) & 0xFF) != 0) {
            f.set(wanted, f.argument(0))
            f.set(value, 0)
        }
        let slot = f.local(cliCallbacks.value)
        let left = f.local(Value(cliCallbackSlots))
        f.while(left != 0) {
            f.if(slot.dword() == wanted) {
                f.set(slot.dword(), value)
                f.return(1)
            }
            f.add(slot, 4)
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `KdSystemDebugControl(Command, InputBuffer, InputBufferLength, OutputBuffer, OutputBufferLength, ReturnLength, PreviousMode) -> status`: of all its
    /// commands only 'RbdK', which registers the routine given as the input buffer, or takes it back when the length is not 0.
    package static let systemDebugControl: Routine = .init(
        "KdSystemDebugControl",
        ["Command", "InputBuffer", "InputBufferLength", "OutputBuffer", "OutputBufferLength", "ReturnLength", "PreviousMode"]
    ) { f in
        f.if(f.argument(0) != 0x5262_644B) { f.return(Status.notImplemented) }
        f.if(f.call(registerCliCallback, f.argument(1), f.argument(2) != 0) == 0) { f.return(Status.unsuccessful) }
        f.return(Status.success)
    }

    /// `KdbpInvokeCliCallbacks()`: offers the line to the routines.
    static let invokeCliCallbacks: Routine = .init("KdbpInvokeCliCallbacks") { f in
        f.set(cliHandled.dword, 0)
        let slot = f.local(cliCallbacks.value)
        let left = f.local(Value(cliCallbackSlots))
        f.while(left != 0) {
            f.if(slot.dword() != 0) {
                f.if((f.callIndirect(slot.dword(), cliCommandLine, cliArgumentCount.dword, cliArguments) & 0xFF) != 0) {
                    f.set(cliHandled.dword, 1)
                    f.return()
                }
            }
            f.add(slot, 4)
            f.set(left, left - 1)
        }
        f.return()
    }
}
