// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Page faults (spec/boot.md sections 3.1 and 3.3). Nothing is paged out, so a fault is a mistake, and the question is only whose and how it ends.
extension Mm {
    /// The areas of the kernel's address space that belong to this memory manager: first address and the one behind, per area. None until
    /// `MmInitSystem(1)`.
    static let systemAreas: Global = .init("MiSystemMemoryAreas", size: 8 * 16)
    static let systemAreaCount: Global = .init("MiSystemMemoryAreaCount")

    /// `MiAddSystemMemoryArea(Start, End)`.
    static let addSystemArea: Routine = .init("MiAddSystemMemoryArea", ["Start", "End"], section: .initialization) { f in
        let area = f.local(systemAreas.value + (systemAreaCount.dword << 3))
        f.set(area.dword(), f.argument(0))
        f.set(area.dword(4), f.argument(1))
        f.add(systemAreaCount.dword, 1)
        f.return()
    }

    /// `MiIsSystemAddress(Address) -> BOOLEAN`: whether an address is in an area. As long as there are no areas, every address is.
    static let isInSystemArea: Routine = .init("MiIsInSystemMemoryArea", ["Address"]) { f in
        let index = f.local(0)
        f.while(index < systemAreaCount.dword) {
            let area = f.local(systemAreas.value + (index << 3))
            f.if(f.argument(0) >= area.dword() && f.argument(0) < area.dword(4)) { f.return(1) }
            f.add(index, 1)
        }
        f.return(systemAreaCount.dword == 0)
    }

    /// `MmAccessFault(ErrorCode, Address, Mode, TrapFrame) -> status`: a write may make a copy (`MiCopyOnWrite`); where there is no area a missing page is an access violation below
    /// DISPATCH_LEVEL and STATUS_UNSUCCESSFUL from there on.
    package static let accessFault: Routine = .init("MmAccessFault", ["FaultCode", "Address", "Mode", "TrapInformation"]) { f in
        // A write to a page that is there, whoever makes it: the kernel writes to user memory too.
        f.if((f.argument(0) & 3) == 3 && Value.fs(Hal.irqlOffset, width: .byte) <= Irql.apc) {
            f.if(f.call(isCopyOnWrite, f.argument(1)) != 0) { f.return(f.call(copyOnWrite, f.argument(1))) }
        }
        f.if(f.call(isInSystemArea, f.argument(1)) != 0) {
            f.return(f.call(armAccessFault, f.argument(0), f.argument(1), f.argument(2), f.argument(3)))
        }
        f.if(Value.fs(Hal.irqlOffset, width: .byte) >= Irql.dispatch) {
            f.print("PAGE FAULT AT IRQL > 1: address %p\n", f.argument(1))
            f.return(Status.unsuccessful)
        }
        f.return(Status.accessViolation)
    }

    /// `MmArmAccessFault(ErrorCode, Address, Mode, TrapFrame) -> status`. For kernel addresses:
    ///
    /// - above APC_LEVEL a dump of the registers and 0xD0000006, which the trap handler makes STATUS_IN_PAGE_ERROR;
    /// - no page table or no page: BC 0x50(address, error code, trap frame, 2 or 0);
    /// - a write to a page that is there and read-only: BC 0xBE(address, its entry, trap frame, 10).
    static let armAccessFault: Routine = .init("MmArmAccessFault", ["FaultCode", "Address", "Mode", "TrapInformation"]) { f in
        let address = f.argument(1)
        let frame = f.argument(3, KTRAP_FRAME.self)
        let irql = f.local(Value.fs(Hal.irqlOffset, width: .byte))
        f.if(irql > Irql.apc) {
            f.print("MM:***PAGE FAULT AT IRQL > 1  Va %p, IRQL %lx\n", address, irql)
            f.if(frame.isNotNull) {
                f.print("MM:***EIP %p, EFL %p\n", frame.Eip, frame.EFlags)
                f.print("MM:***EAX %p, ECX %p EDX %p\n", frame.Eax, frame.Ecx, frame.Edx)
                f.print("MM:***EBX %p, ESI %p EDI %p\n", frame.Ebx, frame.Esi, frame.Edi)
            }
            f.return(0xD000_0006 as Value)
        }
        f.if(address < systemRangeStart.dword || f.argument(2) != 0 || systemRangeStart.dword == 0) { f.return(Status.accessViolation) }
        f.if((pde(of: address).dword() & 1) == 0) { f.call(Ke.bugCheckWithTf, 0x50, address, f.argument(0), frame, 2, frame) }
        let entry = f.local(pte(of: address).dword())
        f.if((entry & 1) == 0) { f.call(Ke.bugCheckWithTf, 0x50, address, f.argument(0), frame, 0, frame) }
        f.if((f.argument(0) & 2) != 0 && (entry & 2) == 0) { f.call(Ke.bugCheckWithTf, 0xBE, address, entry, frame, 10, frame) }
        // The entry allows it by now.
        f.flushTranslation(of: address)
        f.return(Status.success)
    }
}
