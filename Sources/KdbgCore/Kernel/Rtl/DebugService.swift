// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The way into the debugger: INT 2D with a service number in EAX, and INT3 (spec/boot.md section 4.10).
extension Rtl {
    /// Numbers of the INT 2D services.
    package enum DebugServiceNumber {
        package static let breakIn: Value = 0
        package static let print: Value = 1
        package static let prompt: Value = 2
        package static let loadSymbols: Value = 3
        package static let unloadSymbols: Value = 4
        package static let commandString: Value = 5
    }

    /// Longest text of a print or prompt.
    package static let longestDebugText: UInt32 = 512

    /// `DebugService(Service, Argument1, Argument2, Argument3, Argument4) -> EAX of the debugger`: EAX, ECX, EDX, EBX, EDI, then INT 2D.
    ///
    /// The byte behind INT 2D is an INT3 that the trap handler skips.
    package static let debugService: Routine = .init("DebugService", ["Service", "Argument1", "Argument2", "Argument3", "Argument4"]) { f in
        f.asm(savesRegisters: true) { a in
            a.mov(.ebx, .at(.ebp, 0x14))
            a.mov(.edi, .at(.ebp, 0x18))
            a.mov(.ecx, .at(.ebp, 0x0C))
            a.mov(.edx, .at(.ebp, 0x10))
            a.mov(.eax, .at(.ebp, 0x08))
            a.int(0x2D)
            a.int3()
        }
        f.return(f.saveEAX())
    }

    /// `DebugPrint(DebugString*, ComponentId, Level) -> status`: service 1.
    package static let debugPrint: Routine = .init("DebugPrint", ["DebugString", "ComponentId", "Level"]) { f in
        let string = f.argument(0, STRING.self)
        f.return(f.call(debugService, DebugServiceNumber.print, string.Buffer, string.Length, f.argument(1), f.argument(2)))
    }

    /// `DebugPrompt(Output*, Input*) -> characters typed`: service 2; both are STRINGs, the answer goes to the second one's buffer.
    package static let debugPrompt: Routine = .init("DebugPrompt", ["Output", "Input"]) { f in
        let output = f.argument(0, STRING.self)
        let input = f.argument(1, STRING.self)
        f.return(f.call(debugService, DebugServiceNumber.prompt, output.Buffer, output.Length, input.Buffer, input.MaximumLength))
    }

    /// `DbgPrompt(Prompt*, Response*, MaximumResponseLength) -> characters typed`.
    package static let dbgPrompt: Routine = .init("DbgPrompt", ["Prompt", "Response", "MaximumResponseLength"]) { f in
        let output = f.structure(STRING.self)
        let input = f.structure(STRING.self)
        f.call(initAnsiString, output, f.argument(0))
        f.set(input.Length, 0)
        f.set(input.MaximumLength, f.argument(2))
        f.set(input.Buffer, f.argument(1))
        f.return(f.call(debugPrompt, output, input))
    }

    /// `DbgLoadImageSymbols(Name*, Base, ProcessId)`: tells the debugger of an image; service 3.
    package static let dbgLoadImageSymbols: Routine = .init("DbgLoadImageSymbols", ["Name", "Base", "ProcessId"]) { f in
        let base = f.argument(1)
        let info = f.structure(KD_SYMBOLS_INFO.self)
        let header = f.local(base + base.dword(0x3C))
        f.set(info.BaseOfDll, base)
        f.set(info.ProcessId, f.argument(2))
        // OptionalHeader.CheckSum and SizeOfImage.
        f.set(info.CheckSum, header.dword(0x58))
        f.set(info.SizeOfImage, header.dword(0x50))
        f.call(debugService, DebugServiceNumber.loadSymbols, f.argument(0), info, 0, 0)
        f.return(Status.success)
    }

    /// `DbgUnLoadImageSymbols(Name*, Base, ProcessId)`: service 4.
    package static let dbgUnLoadImageSymbols: Routine = .init("DbgUnLoadImageSymbols", ["Name", "Base", "ProcessId"]) { f in
        let info = f.structure(KD_SYMBOLS_INFO.self)
        f.zero(info, KD_SYMBOLS_INFO.size)
        f.set(info.BaseOfDll, f.argument(1))
        f.set(info.ProcessId, f.argument(2))
        f.call(debugService, DebugServiceNumber.unloadSymbols, f.argument(0), info, 0, 0)
        f.return(Status.success)
    }

    /// `DbgBreakPoint()`.
    package static let dbgBreakPoint: Routine = .naked("DbgBreakPoint") { f in
        f.asm { a in
            a.int3()
            a.ret()
        }
    }

    /// `DbgBreakPointWithStatus(Status)`: the status is in EAX at the INT3; 1 Ctrl-C, 3 and 4 bugcheck, 5 fatal.
    package static let dbgBreakPointWithStatus: Routine = .naked("DbgBreakPointWithStatus", ["Status"]) { f in
        f.asm { a in
            a.mov(.eax, .at(.esp, 4))
            a.int3()
            a.ret(4)
        }
    }
}
