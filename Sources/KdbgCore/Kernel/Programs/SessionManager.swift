// SPDX-License-Identifier: GPL-3.0-or-later

/// `smss.exe`: the first program in user mode (spec/boot.md section 1.8 #36). It says that it is there and then sleeps, second after second, alertably. Its way into the kernel are the stubs of
/// `ntdll.dll`.
package enum SessionManager {
    package static let module = Module("smss.exe", linkBase: 0x4858_0000)

    /// `NtProcessStartup(Peb*)`, the entry point.
    package static let entry: Routine = .init("NtProcessStartup", ["Peb"], module: module) { f in
        let second = f.structure(LARGE_INTEGER.self)
        f.call(NtDll.service("NtDisplayString"), f.unicode("Session Manager\r\n"))
        f.set(second.LowPart, (0 as UInt32) &- 10_000_000)
        f.set(second.HighPart, 0xFFFF_FFFF as Value)
        f.loop {
            let status = f.call(NtDll.service("NtDelayExecution"), 1, second)
            f.if(status.isError) { f.call(NtDll.service("NtTerminateProcess"), 0xFFFF_FFFF as Value, status) }
            f.add(wakeUps.dword, 1)
        }
    }

    /// How often it has woken up.
    static let wakeUps: Global = .init("SmpWakeUps", module: module)

    /// An APC routine that counts, for whoever wants to see one come: `SmpCountApc(Context, Argument1, Argument2)`.
    package static let countApc: Routine = .init("SmpCountApc", ["ApcContext", "SystemArgument1", "SystemArgument2"], module: module) { f in
        f.add(apcCount.dword, f.argument(0))
        f.return()
    }

    static let apcCount: Global = .init("SmpApcCount", module: module)

    /// What a debugger's user looks for by name.
    package static let exports: [any Item] = [countApc, wakeUps, apcCount]

    /// The image as it stands on the boot volume.
    static var image: LoadableImage { UserPrograms.sessionManager }
}
