// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// How user mode gets services of the kernel (spec/boot.md sections 1.5 #6, 4.3, 4.5): INT 2E with EAX the number and EDX the arguments, or SYSENTER by way of
/// the code in shared user data.
extension Ke {
    /// `KiServiceTable`: routines by number.
    static let serviceTable: Global = .init("KiServiceTable", size: 296 * 4, section: .constants) {
        serviceNames.map { .address(services[$0] ?? invalidSystemService) }
    }

    /// `KiArgumentTable`: bytes of arguments by number.
    static let argumentTable: Global = .init("KiArgumentTable", size: 296, section: .constants) {
        [.bytes(serviceNames.map { UInt8(4 * (services[$0]?.parameters.count ?? 0)) })]
    }

    /// The services that this kernel has.
    static let services: [String: Routine] = Dictionary(
        uniqueKeysWithValues: [
            Ob.ntClose, Ob.ntCreateDirectoryObject, Ob.ntOpenDirectoryObject, Ob.ntCreateSymbolicLinkObject, Ob.ntOpenSymbolicLinkObject,
            Ob.ntQuerySymbolicLinkObject, Ob.ntDuplicateObject, Ob.ntQueryObject, Ob.ntMakePermanentObject, Ob.ntMakeTemporaryObject,
            Ex.ntCreateEvent, Ex.ntSetEvent, Ex.ntResetEvent, Io.ntCreateFile, Io.ntOpenFile, Io.ntReadFile, Io.ntWriteFile, yieldExecution,
            Ps.ntDelayExecution, Ps.ntWaitForSingleObject, Ps.ntDisplayString, Ps.ntContinue, Ps.ntTestAlert, Ps.ntTerminateProcess,
            Ps.ntTerminateThread, Ps.ntQuerySystemTime, Io.ntQueryInformationFile, Io.ntSetInformationFile, Io.ntLoadDriver, Cm.ntOpenKey,
            Cm.ntCreateKey, Cm.ntQueryKey, Cm.ntQueryValueKey, Cm.ntEnumerateKey, Cm.ntEnumerateValueKey, Cm.ntSetValueKey,
            Mm.ntCreateSection, Mm.ntOpenSection, Mm.ntMapViewOfSection, Mm.ntUnmapViewOfSection, Mm.ntQuerySection, Ps.ntSuspendThread,
            Ps.ntResumeThread, ntRaiseException, Io.ntQueryDirectoryFile, Io.ntDeviceIoControlFile, Io.ntFsControlFile,
            Io.ntFlushBuffersFile,
            Io.ntCancelIoFile, Io.ntQueryVolumeInformationFile, Io.ntSetVolumeInformationFile, Io.ntCreateIoCompletion,
            Io.ntOpenIoCompletion, Io.ntQueryIoCompletion, Io.ntSetIoCompletion, Io.ntRemoveIoCompletion, Io.ntUnloadDriver,
            Cm.ntDeleteKey,
            Se.ntOpenProcessToken, Se.ntOpenProcessTokenEx, Se.ntDuplicateToken, Se.ntQueryInformationToken,
            Se.ntAdjustPrivilegesToken, Ex.ntAllocateLocallyUniqueId,
        ].map { ($0.name, $0) })

    /// Stands in the table for services that do not exist here.
    private static let invalidSystemService: Routine = .init("KiInvalidSystemService") { f in
        f.return(Status.invalidSystemService)
    }

    /// `KiSystemService`, the gate of INT 2E.
    static let systemService: Routine = .naked("KiSystemService") { f in
        f.asm { a in
            a.push(0 as UInt32)
            pushTrapFrame(&a)
            a.push(.esp)
            a.call(f.symbol(systemServiceHandler))
            a.jmp(f.symbol(exceptionExit))
        }
    }

    /// Where the SYSENTER in shared user data goes on.
    static let systemCallReturn: UInt32 = 0x7FFE_0304

    /// `KiFastCallEntry`, where SYSENTER arrives: no stack worth the name, EDX the user's. The frame becomes what INT 2E would have made of it.
    static let fastCallEntry: Routine = .naked("KiFastCallEntry") { f in
        f.asm { a in
            a.mov(.ecx, 0x30)
            a.mov(.fs, .ecx)
            a.mov(.ecx, .fs(Int32(offset(of: \KPCR.TSS))))
            a.mov(.esp, .at(.ecx, Int32(offset(of: \KTSS.Esp0))))
            a.push(0x23 as UInt32)
            a.push(.edx)
            a.pushfd()
            a.alu(.or, .at(.esp), 0x200)
            a.push(0x1B as UInt32)
            a.push(systemCallReturn)
            a.push(0 as UInt32)
            pushTrapFrame(&a)
            a.mov(.at(.esp, 0x50), 0x3B)
            // Behind two return addresses: the stub's and its caller's.
            a.alu(.add, .at(.esp, 0x3C), 8)
            a.push(.esp)
            a.call(f.symbol(systemServiceHandler))
            a.jmp(f.symbol(serviceExitFast))
        }
    }

    /// `KiSystemServiceHandler(TrapFrame*)`: the thread's previous mode and trap frame are those of this call as long as it lasts.
    private static let systemServiceHandler: Routine = .init("KiSystemServiceHandler", ["TrapFrame"]) { f in
        let frame = f.argument(0, KTRAP_FRAME.self)
        let thread = f.local(prcb.CurrentThread)
        let arguments = f.local(frame.Edx)
        f.set(frame.PreviousPreviousMode, thread.PreviousMode)
        f.set(thread.PreviousMode, frame.SegCs & 1)
        f.set(frame.TempEsp, thread.TrapFrame)
        f.set(thread.address(of: \.TrapFrame).dword(), frame)
        f.asm { a in a.sti() }
        f.add(prcb.KeSystemCalls, 1)
        f.set(frame.Eax, f.call(systemCall, frame.Eax, arguments, thread.PreviousMode))
        f.set(thread.address(of: \.TrapFrame).dword(), frame.TempEsp)
        f.set(thread.PreviousMode, frame.PreviousPreviousMode)
        f.return()
    }

    /// `KiSystemCall(Number, Arguments*, PreviousMode) -> result`. 0xC000001C: no such service; 0xC0000005: the arguments cannot be read.
    private static let systemCall: Routine = .init("KiSystemCall", ["Number", "Arguments", "PreviousMode"]) { f in
        let number = f.local(f.argument(0))
        let table = f.local(prcb.CurrentThread.ServiceTable)
        f.if(number >= table.dword(8)) { f.return(Status.invalidSystemService) }
        let bytes = f.local((table.dword(12) + number).byte())
        f.if((f.argument(2) & 1) != 0 && bytes != 0) {
            f.if(f.call(probeForRead, f.argument(1), bytes) == 0) { f.return(Status.accessViolation) }
        }
        let count = f.local(table.dword(4) + (number << 2))
        f.exchangeAdd(count.dword(), 1)
        let routine = f.local((table.dword() + (number << 2)).dword())
        f.load(bytes)
        f.asm(savesRegisters: true) { a in
            a.mov(.ecx, .eax)
            a.alu(.sub, .esp, .ecx)
            a.mov(.edi, .esp)
            a.mov(.esi, .at(.ebp, 12))
            a.shift(.shr, .ecx, by: 2)
            a.repMovs(width: .dword)
        }
        f.load(routine)
        f.asm { a in a.call(.eax) }
        f.return(f.saveEAX())
    }

    /// `KiInitializeSystemCalls()`: SYSENTER's registers, and the code by which user mode gets there.
    static let initializeSystemCalls: Routine = .init("KiInitializeSystemCalls", section: .initialization) { f in
        for (register, value) in [(0x174, Value(0x08)), (0x175, prcb.DpcStack), (0x176, Value.address(of: fastCallEntry))]
            as [(UInt32, Value)]
        {
            f.load(value)
            f.asm { a in
                a.mov(.ecx, register)
                a.alu(.xor, .edx, .edx)
                a.wrmsr()
            }
        }
        // MOV EDX, ESP; SYSENTER; RET.
        f.set(sharedUserData.value.dword(0x300), 0x340F_D48B as UInt32)
        f.set(sharedUserData.value.byte(0x304), 0xC3)
        f.return()
    }
}

extension Status {
    package static let invalidSystemService: Value = 0xC000_001C
}
