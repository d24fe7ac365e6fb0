// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// `ntdll.dll`: user mode's side of the kernel (spec/boot.md sections 1.8 #33 and #36, 1.9 #26). Every process has it, at the base it is linked for; the kernel knows a few of its entry points,
/// programs import the stubs of the system services from it.
package enum NtDll {
    package static let module = Module("ntdll.dll", linkBase: 0x7C90_0000)

    /// Where shared user data has MOV EDX, ESP; SYSENTER; RET.
    private static let systemCall: UInt32 = 0x7FFE_0300

    // MARK: System services

    /// The stub of a service that the kernel has, under its name with Nt.
    package static func service(_ name: String) -> Routine {
        guard let routine = Ke.services[name] else { preconditionFailure("\(name) is no system service that there is") }
        return .naked(name, routine.parameters, module: module) { f in
            f.asm { a in
                a.mov(.eax, UInt32(Ke.serviceNumber(name)))
                a.mov(.edx, systemCall)
                a.call(.edx)
                a.ret(UInt16(4 * routine.parameters.count))
            }
        }
    }

    /// Stubs in the order of their numbers.
    private static let services = Ke.serviceNames.filter { Ke.services[$0] != nil }.map(service)

    /// `KiFastSystemCall`: what the code in shared user data does.
    private static let fastSystemCall: Routine = .naked("KiFastSystemCall", module: module) { f in
        f.asm { a in
            a.mov(.edx, .esp)
            a.sysenter()
        }
    }

    /// `KiFastSystemCallRet`.
    private static let fastSystemCallReturn: Routine = .naked("KiFastSystemCallRet", module: module) { f in
        f.asm { a in a.ret() }
    }

    /// `KiIntSystemCall`: the same by INT 2E, for a stub that has called it.
    private static let intSystemCall: Routine = .naked("KiIntSystemCall", module: module) { f in
        f.asm { a in
            a.lea(.edx, .at(.esp, 8))
            a.int(0x2E)
            a.ret()
        }
    }

    // MARK: Where the kernel comes in

    /// `KiUserApcDispatcher`: the kernel comes back here with a routine, its three arguments and the interrupted CONTEXT on the stack.
    package static let apcDispatcher: Routine = .naked("KiUserApcDispatcher", module: module) { f in
        f.asm { a in
            a.lea(.edi, .at(.esp, 16))
            a.pop(.eax)
            a.call(.eax)
            a.push(1 as UInt32)
            a.push(.edi)
            a.call(f.symbol(service("NtContinue")))
            // The context was no good.
            a.push(.eax)
            a.call(f.symbol(raiseStatus))
            a.int3()
        }
    }

    /// `KiUserCallbackDispatcher`: the kernel calls a routine of PEB.KernelCallbackTable: on the stack a return address, the routine's number, its input and the
    /// bytes of that. INT 2B takes the result back.
    private static let callbackDispatcher: Routine = .naked("KiUserCallbackDispatcher", module: module) { f in
        f.asm { a in
            a.alu(.add, .esp, 4)
            a.pop(.edx)
            a.mov(.eax, .fs(0x30))
            a.mov(.eax, .at(.eax, 0x2C))
            a.shift(.shl, .edx, by: 2)
            a.alu(.add, .eax, .edx)
            a.call(.at(.eax))
            a.alu(.xor, .ecx, .ecx)
            a.alu(.xor, .edx, .edx)
            a.int(0x2B)
            a.int3()
        }
    }

    /// `RtlUserThreadStart`: where threads begin: EAX is the thread's routine, EBX its argument. A thread whose routine returns ends with what it returned.
    package static let userThreadStart: Routine = .naked("RtlUserThreadStart", module: module) { f in
        f.asm { a in
            a.alu(.xor, .ebp, .ebp)
            a.push(.ebx)
            a.call(.eax)
            a.push(.eax)
            a.call(f.symbol(exitUserThread))
            a.int3()
        }
    }

    /// `RtlExitUserThread(ExitStatus)`.
    package static let exitUserThread: Routine = .init("RtlExitUserThread", ["ExitStatus"], module: module) { f in
        f.call(service("NtTerminateThread"), 0xFFFF_FFFE as Value, f.argument(0))
        f.return()
    }

    /// `DbgBreakPoint()`.
    package static let debugBreakPoint: Routine = .naked("DbgBreakPoint", module: module) { f in
        f.asm { a in
            a.int3()
            a.ret()
        }
    }

    /// `DbgUserBreakPoint()`.
    private static let debugUserBreakPoint: Routine = .naked("DbgUserBreakPoint", module: module) { f in
        f.asm { a in
            a.int3()
            a.ret()
        }
    }

    // MARK: The image

    /// `DllMain(DllHandle, Reason, Reserved) -> BOOLEAN`: nobody calls the system DLL's.
    static let entry: Routine = .init("LdrpDllMain", ["DllHandle", "Reason", "Reserved"], module: module) { f in f.return(1) }

    /// What it exports.
    static let exports: [any Item] =
        services + [
            fastSystemCall, fastSystemCallReturn, intSystemCall, apcDispatcher, exceptionDispatcher, callbackDispatcher,
            raiseUserExceptionDispatcher, initializeThunk, userThreadStart, exitUserThread, debugBreakPoint, debugUserBreakPoint,
            dispatchException, raiseException, raiseStatus, getProcedureAddress,
        ]

    /// The services under their other name, which in user mode means the same.
    static let aliases: [(name: String, item: any Item)] = services.map { ("Zw" + $0.name.dropFirst(2), $0) }
}
