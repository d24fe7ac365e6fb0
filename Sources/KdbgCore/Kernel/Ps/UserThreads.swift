// SPDX-License-Identifier: GPL-3.0-or-later

/// Threads that go on in user mode (spec/boot.md section 4.7): a trap frame lies above the start frame.
extension Ps {
    /// `PspCreateUserThread(Process*, StartAddress, InitialEsp, Teb*, ThreadHandle*) -> status`: suspended once, as its creator wants to start it. It begins in the system DLL's
    /// `RtlUserThreadStart` with the address in EAX and the PEB in EBX, or where there is none of that at the address itself.
    static let createUserThread: Routine = .init(
        "PspCreateUserThread", ["Process", "StartAddress", "InitialEsp", "Teb", "ThreadHandle"]
    ) { f in
        let thread = f.local(ETHREAD.self)
        let cell = f.local(0)
        let status = f.local(f.call(createThread, f.argument(0), userThreadStartup, f.argument(1), 0, f.address(of: cell)))
        f.if(status.isError) { f.return(status) }
        f.set(thread.value, cell)
        f.set(thread.Tcb.Teb, f.argument(3))
        f.set(thread.Win32StartAddress, f.argument(1))
        let stack = f.local(thread.Tcb.InitialStack)
        let frame = f.local(stack - Value(0x210 + KTRAP_FRAME.size)).as(KTRAP_FRAME.self)
        let start = f.local(frame.value - 0x10)
        f.zero(frame, KTRAP_FRAME.size)
        f.set(frame.DbgArgMark, 0xBADB_0D00 as UInt32)
        f.set(frame.PreviousPreviousMode, 1)
        f.set(frame.ExceptionList, 0xFFFF_FFFF as UInt32)
        f.set(frame.SegCs, 0x1B)
        f.set(frame.HardwareSegSs, 0x23)
        f.set(frame.SegDs, 0x23)
        f.set(frame.SegEs, 0x23)
        f.set(frame.SegFs, 0x3B)
        f.set(frame.EFlags, 0x202)
        f.set(frame.Eip, f.argument(1))
        f.if(userThreadStart.dword != 0) { f.set(frame.Eip, userThreadStart.dword) }
        f.set(frame.Eax, f.argument(1))
        f.set(frame.Ebx, f.argument(0, EPROCESS.self).Peb)
        f.set(frame.HardwareEsp, f.argument(2))
        f.set(start.dword(0), userThreadStartup)
        f.set(start.dword(4), f.argument(1))
        f.set(start.dword(8), 0)
        f.set(start.dword(12), 1)
        f.set((start - 12).dword(0), 0xFFFF_FFFF as UInt32)
        f.set((start - 12).dword(4), 1)
        f.set((start - 12).dword(8), Ke.threadStartup)
        f.set(thread.Tcb.KernelStack, start - 12)
        f.set(thread.Tcb.PreviousMode, 1)
        f.call(Ke.suspendThread, thread)
        f.call(Ob.referenceObject, thread)
        f.set(status, f.call(Ob.insertObject, thread, 0, 0x1F_03FF, 0, 0, f.argument(4)))
        f.call(Ke.startThread, thread)
        f.return(status)
    }

    /// `PspUserThreadStartup(StartRoutine, StartContext)`: the kernel's part of its life; what lies above on the stack takes it to user mode, by way of the system DLL's `LdrInitializeThunk`, in the
    /// manner of a user APC.
    static let userThreadStartup: Routine = .init("PspUserThreadStartup", ["StartRoutine", "StartContext"]) { f in
        f.call(Hal.lowerIrql, Irql.passive)
        f.if(currentThread.Tcb.ApcState.KernelApcPending != 0) { f.call(Hal.requestSoftwareInterrupt, Irql.apc) }
        f.if(systemDllEntryPoint.dword != 0) {
            let frame = f.local(currentThread.Tcb.InitialStack - Value(0x210 + KTRAP_FRAME.size))
            let irql = f.call(Hal.raiseIrql, Irql.apc)
            f.call(Ke.initializeUserApc, 0, frame, systemDllEntryPoint.dword, 0, systemDllBase.dword, 0)
            f.call(Hal.lowerIrql, irql)
        }
        f.return()
    }
}
