// SPDX-License-Identifier: GPL-3.0-or-later

/// A thread the user looks at instead of the one that entered the debugger (spec/kdbg.md section 1.5).
package struct AttachedThread: Equatable, Sendable {
    /// Virtual address of its ETHREAD.
    package var thread: UInt32
    /// What its saved kernel stack tells; everything else is 0.
    package var registers: RegisterView
    /// Its process's page directory; nil when that cannot be read.
    package var directory: UInt32?

    /// Reads the thread's saved stack; it must be off the processor. `KiSwapContext` leaves ExceptionList, a flag and a return address (the
    /// KSWITCHFRAME, spec/boot.md section 4.7), then EBP, EDI, ESI, EBX and its own return address; a thread that never ran has its first code there.
    init(thread: UInt32, in target: any Target) {
        self.thread = thread
        registers = RegisterView()
        // The kernel's selectors (spec/boot.md section 4.2).
        registers.cs = 0x08
        registers.ds = 0x23
        registers.es = 0x23
        registers.fs = 0x30
        registers.ss = 0x10
        let process = target.read32(thread &+ KTHREAD.layout.ApcState.offset &+ KAPC_STATE.layout.Process.offset)
        directory = process.flatMap { $0 == 0 ? nil : target.read32($0 &+ KPROCESS.layout.DirectoryTableBase.offset) }.flatMap {
            $0 == 0 ? nil : $0
        }
        guard let stack = Record<KTHREAD>(target, at: thread).KernelStack, stack != 0 else { return }
        func word(_ index: UInt32) -> UInt32 { target.read32(stack &+ 4 * index) ?? 0 }
        if word(2) != 0, word(2) == target.symbols.symbol(named: "KiThreadStartup")?.address {
            registers.eip = word(2)
            registers.esp = stack &+ 12
            return
        }
        registers.ebp = word(3)
        registers.edi = word(4)
        registers.esi = word(5)
        registers.ebx = word(6)
        registers.eip = word(7)
        registers.esp = stack &+ 32
    }
}
