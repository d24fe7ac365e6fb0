// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Mutants: locks with an owner, who may take them again and again. SignalState is 1 when free and goes down with each time it is taken.
extension Ke {
    /// `KeInitializeMutant(Mutant*, InitialOwner)`.
    package static let initializeMutant: Routine = .init("KeInitializeMutant", ["Mutant", "InitialOwner"]) { f in
        let mutant = f.argument(0, KMUTANT.self)
        f.zero(mutant, KMUTANT.size)
        f.set(mutant.Header.Type, ObjectType.mutant)
        f.set(mutant.Header.Size, KMUTANT.size / 4)
        f.set(mutant.Header.SignalState, 1)
        f.initializeListHead(mutant.Header.WaitListHead.value)
        f.if((f.argument(1) & 0xFF) != 0) {
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            f.call(satisfyMutant, mutant, prcb.CurrentThread)
            f.call(Hal.lowerIrql, irql)
        }
        f.return()
    }

    /// `KeInitializeMutex(Mutex*, Level)`: a mutant whose owner gets no normal kernel APCs.
    package static let initializeMutex: Routine = .init("KeInitializeMutex", ["Mutex", "Level"]) { f in
        f.call(initializeMutant, f.argument(0), 0)
        f.set(f.argument(0, KMUTANT.self).ApcDisable, 1)
        f.return()
    }

    /// `KeReadStateMutant(Mutant*) -> SignalState`: positive when free.
    package static let readStateMutant: Routine = .init("KeReadStateMutant", ["Mutant"]) { f in
        f.return(f.argument(0, KMUTANT.self).Header.SignalState)
    }

    /// `KeReleaseMutant(Mutant*, Increment, Abandon, Wait) -> previous state`. Who is not the owner gets the exception 0xC0000046.
    package static let releaseMutant: Routine = .init("KeReleaseMutant", ["Mutant", "Increment", "Abandon", "Wait"]) { f in
        let mutant = f.argument(0, KMUTANT.self)
        let irql = f.call(Hal.raiseIrqlToDpcLevel)
        let old = f.local(mutant.Header.SignalState)
        f.if((f.argument(2) & 0xFF) == 0) {
            f.if(mutant.OwnerThread.value != prcb.CurrentThread.value) {
                f.call(Hal.lowerIrql, irql)
                f.call(Ex.raiseStatus, 0xC000_0046 as Value)
            }
            f.set(mutant.Header.SignalState, old + 1)
        } else: {
            f.set(mutant.Header.SignalState, 1)
            f.set(mutant.Abandoned, 1)
        }
        f.if(mutant.Header.SignalState == 1) {
            f.if(old.isLessSigned(1)) { f.removeEntryList(mutant.MutantListEntry.value) }
            let owner = f.local(mutant.OwnerThread)
            f.if(owner.isNotNull) { f.set(owner.KernelApcDisable, owner.KernelApcDisable + mutant.ApcDisable) }
            f.set(mutant.OwnerThread, 0)
            f.call(waitTest, mutant, f.argument(1))
        }
        f.call(releaseDispatcher, irql, f.argument(3))
        f.return(old)
    }

    /// `KeReleaseMutex(Mutex*, Wait) -> previous state`.
    package static let releaseMutex: Routine = .init("KeReleaseMutex", ["Mutex", "Wait"]) { f in
        f.return(f.call(releaseMutant, f.argument(0), 1, 0, f.argument(1)))
    }

    /// `KiSatisfyMutant(Mutant*, Thread*)`: the thread owns it, once more or for the first time; an abandoned one is reported in the thread's wait status.
    static let satisfyMutant: Routine = .init("KiSatisfyMutant", ["Mutant", "Thread"]) { f in
        let mutant = f.argument(0, KMUTANT.self)
        let thread = f.argument(1, KTHREAD.self)
        f.set(mutant.Header.SignalState, mutant.Header.SignalState - 1)
        f.if(mutant.Header.SignalState != 0) { f.return() }
        f.set(mutant.OwnerThread, thread)
        f.set(thread.KernelApcDisable, thread.KernelApcDisable - mutant.ApcDisable)
        f.if(mutant.Abandoned != 0) {
            f.set(mutant.Abandoned, 0)
            f.set(thread.WaitStatus, thread.WaitStatus | 0x80)
        }
        f.insertTailList(thread.MutantListHead.value, mutant.MutantListEntry.value)
        f.return()
    }
}
