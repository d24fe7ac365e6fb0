// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// `smss.exe`: the first program in user mode (spec/boot.md section 1.8 #36). It says that it is there and then sleeps, second after second, alertably.
///
/// Its own stubs take it into the kernel: INT 2E for the string, SYSENTER for the rest. It is linked like a driver, but runs in ring 3 at its link base.
package enum SessionManager {
    package static let module = Module("smss.exe", linkBase: 0x4858_0000)

    /// `NtProcessStartup(Peb*)`, the entry point.
    package static let entry: Routine = .init("NtProcessStartup", ["Peb"], module: module) { f in
        let second = f.structure(LARGE_INTEGER.self)
        f.call(displayString, f.unicode("Session Manager\r\n"))
        f.set(second.LowPart, (0 as UInt32) &- 10_000_000)
        f.set(second.HighPart, 0xFFFF_FFFF as Value)
        f.loop {
            let status = f.call(delayExecution, 1, second)
            f.if(status.isError) { f.call(terminateProcess, 0xFFFF_FFFF as Value, status) }
            f.add(wakeUps.dword, 1)
        }
    }

    /// How often it has woken up.
    static let wakeUps: Global = .init("SmpWakeUps", module: module)

    /// INT 2E: EAX the number of the service, EDX its arguments.
    private static let displayString: Routine = .naked("ZwDisplayString", ["DisplayString"], module: module) { f in
        f.asm { a in
            a.mov(.eax, UInt32(Ke.serviceNumber("NtDisplayString")))
            a.lea(.edx, .at(.esp, 4))
            a.int(0x2E)
            a.ret(4)
        }
    }

    private static let delayExecution = stub("NtDelayExecution", ["Alertable", "DelayInterval"])
    private static let terminateProcess = stub("NtTerminateProcess", ["ProcessHandle", "ExitStatus"])
    private static let resume = stub("NtContinue", ["ThreadContext", "TestAlert"])

    /// A stub by way of the code in shared user data, which is MOV EDX, ESP; SYSENTER; RET. Its name begins
    /// with Zw, as ntdll has it too, so that Nt… is the kernel's routine for whoever asks.
    private static func stub(_ name: String, _ parameters: [String]) -> Routine {
        .naked("Zw" + name.dropFirst(2), parameters, module: module) { f in
            f.asm { a in
                a.mov(.eax, UInt32(Ke.serviceNumber(name)))
                a.mov(.edx, 0x7FFE_0300)
                a.call(.edx)
                a.ret(UInt16(4 * parameters.count))
            }
        }
    }

    /// `KiUserApcDispatcher`: the kernel comes back here with a routine, its three arguments and the interrupted CONTEXT on the stack.
    package static let apcDispatcher: Routine = .naked("KiUserApcDispatcher", module: module) { f in
        f.asm { a in
            a.lea(.edi, .at(.esp, 16))
            a.pop(.eax)
            a.call(.eax)
            a.push(1 as UInt32)
            a.push(.edi)
            a.call(f.symbol(resume))
            a.int3()
        }
    }

    /// An APC routine that counts, for whoever wants to see one come: `SmpCountApc(Context, Argument1, Argument2)`.
    package static let countApc: Routine = .init("SmpCountApc", ["ApcContext", "SystemArgument1", "SystemArgument2"], module: module) { f in
        f.add(apcCount.dword, f.argument(0))
        f.return()
    }

    static let apcCount: Global = .init("SmpApcCount", module: module)

    /// What the kernel, or a debugger's user, looks for by name.
    package static let exports: [any Item] = [apcDispatcher, countApc, wakeUps, apcCount]

    /// The image as it stands on the boot volume.
    static let image: LoadableImage = {
        var linker = Linker()
        let image = linker.link([module], entries: [entry], exports: exports)[0]
        return LoadableImage(image: image, file: image.file())
    }()
}
