// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Address spaces of processes: a page directory of their own, whose upper half is everybody's (spec/boot.md section 4.1).
extension Mm {
    /// Where user mode sees shared user data.
    static let userSharedData: UInt32 = 0x7FFE_0000

    /// Process and virtual address of its page directory, for each process with one of its own.
    private static let processDirectories: Global = .init("MiProcessDirectories", size: 16 * 8)
    private static let directoryBytes: Value = 16 * 8

    /// `MmCreateProcessAddressSpace(Process*) -> BOOLEAN`: an empty user half, the system's half as the current process knows it, and the self-map.
    static let createProcessAddressSpace: Routine = .init("MmCreateProcessAddressSpace", ["Process"]) { f in
        let process = f.argument(0, EPROCESS.self)
        let directory = f.call(Ex.allocatePoolWithTag, 0, 0x1000, Value.tag("MmPd"))
        f.if(directory == 0) { f.return(0) }
        f.zero(directory, 0x800)
        f.copy(to: directory + 0x800, from: 0xC030_0800 as UInt32, 0x800)
        let page = f.local(pte(of: directory).dword() & ~Value(0xFFF))
        f.set(directory.dword(0xC00), page | 0x63)
        f.set(process.Pcb.DirectoryTableBase.dword(), page)
        f.set(process.Pcb.DirectoryTableBase.dword(4), page)
        let slot = f.local(0)
        f.while(slot < directoryBytes) {
            let entry = f.local(processDirectories.value + slot)
            f.if(entry.dword() == 0) {
                f.set(entry.dword(), process)
                f.set(entry.dword(4), directory)
                f.return(1)
            }
            f.add(slot, 8)
        }
        f.call(Ex.freePoolWithTag, directory, Value.tag("MmPd"))
        f.return(0)
    }

    /// `MmDeleteProcessAddressSpace(Process*)`: the directory goes; the process runs no more and `MmCleanProcessAddressSpace` has emptied it.
    static let deleteProcessAddressSpace: Routine = .init("MmDeleteProcessAddressSpace", ["Process"]) { f in
        let slot = f.local(0)
        f.while(slot < directoryBytes) {
            let entry = f.local(processDirectories.value + slot)
            f.if(entry.dword() == f.argument(0)) {
                f.call(Ex.freePoolWithTag, entry.dword(4), Value.tag("MmPd"))
                f.set(entry.dword(), 0)
            }
            f.add(slot, 8)
        }
        f.return()
    }

    /// `MiSynchronizeSystemPde(Address) -> BOOLEAN`: a page table of the system's half that came into being in another process is entered here too. The address
    /// is that of a missing page, or of a missing page-table entry.
    static let synchronizeSystemPde: Routine = .init("MiSynchronizeSystemPde", ["Address"]) { f in
        let address = f.local(f.argument(0))
        f.if((address & 0xFFC0_0000) == 0xC000_0000) { f.set(address, (address - (0xC000_0000 as UInt32).value) << 10) }
        f.if(address.isGreaterSigned(0xFFFF_FFFF) || (address & 0xFFC0_0000) == 0xC000_0000) { f.return(0) }
        let own = f.local(pde(of: address))
        f.if((own.dword() & 1) != 0) { f.return(0) }
        let offset = f.local(own & 0xFFC)
        f.if(systemPagePtes.dword == 0) { f.return(0) }
        let shared = f.local(systemPagePtes.dword + offset)
        f.if((shared.dword() & 1) != 0) {
            f.set(own.dword(), shared.dword())
            f.return(1)
        }
        let slot = f.local(0)
        f.while(slot < directoryBytes) {
            let entry = f.local(processDirectories.value + slot)
            f.if(entry.dword() != 0) {
                let other = f.local((entry.dword(4) + offset).dword())
                f.if((other & 1) != 0) {
                    f.set(own.dword(), other)
                    f.return(1)
                }
            }
            f.add(slot, 8)
        }
        f.return(0)
    }

    /// `MiMapUserPages(Address, PageCount) -> BOOLEAN`: zeroed pages that user mode may read and write, in the current process.
    static let mapUserPages: Routine = .init("MiMapUserPages", ["Address", "PageCount"]) { f in
        f.if(f.call(mapPages, f.argument(0), f.argument(1)) == 0) { f.return(0) }
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        f.while(count != 0) {
            let directory = f.local(pde(of: address))
            let entry = f.local(pte(of: address))
            f.set(directory.dword(), directory.dword() | 4)
            f.set(entry.dword(), entry.dword() | 4)
            f.load(address)
            f.asm { a in a.invlpg(.at(.eax)) }
            f.add(address, 0x1000)
            f.set(count, count - 1)
        }
        f.zero(f.argument(0), f.argument(1) << 12)
        f.return(1)
    }

    /// `MiProtectUserPages(Address, PageCount)`: read-only from now on.
    static let protectUserPages: Routine = .init("MiProtectUserPages", ["Address", "PageCount"]) { f in
        let address = f.local(f.argument(0))
        let count = f.local(f.argument(1))
        f.while(count != 0) {
            let entry = f.local(pte(of: address))
            f.set(entry.dword(), entry.dword() & ~Value(2))
            f.load(address)
            f.asm { a in a.invlpg(.at(.eax)) }
            f.add(address, 0x1000)
            f.set(count, count - 1)
        }
        f.return()
    }

    /// `MiMapSharedUserData() -> BOOLEAN`: the page at 0x7FFE0000 of the current process, read-only.
    static let mapSharedUserData: Routine = .init("MiMapSharedUserData") { f in
        f.if(f.call(mapUserPages, userSharedData - 0x1000, 1) == 0) { f.return(0) }
        // The page below was only to make the page table.
        let entry = f.local(pte(of: userSharedData.value))
        f.set(entry.dword(), sharedUserDataPte.dword.dword())
        f.return(1)
    }

    /// `MmCleanProcessAddressSpace(Process*)`, in its own context: views of sections, then the user half's pages and page tables go back.
    static let cleanProcessAddressSpace: Routine = .init("MmCleanProcessAddressSpace", ["Process"]) { f in
        f.call(removeAllVads, f.argument(0))
        // Not the process's own page.
        f.if((pde(of: userSharedData.value).dword() & 1) != 0) { f.set(pte(of: userSharedData.value).dword(), 0) }
        let address = f.local(0)
        f.while(address < 0x8000_0000) {
            f.if((pde(of: address).dword() & 1) == 0) {
                f.add(address, 0x40_0000)
            } else: {
                f.if((pte(of: address).dword() & 1) != 0) { f.call(unmapPages, address, 1) }
                f.add(address, 0x1000)
                f.if((address & 0x3F_FFFF) == 0) { f.call(unmapPages, pte(of: address - 0x1000) & ~Value(0xFFF), 1) }
            }
        }
        f.return()
    }

    /// `MiIsUserRangeValid(Address, Length, Bits) -> BOOLEAN`: present user pages all the way; Bits 2 asks for writable ones, and copies those that are
    /// to be copied then.
    static let isUserRangeValid: Routine = .init("MiIsUserRangeValid", ["Address", "Length", "Bits"]) { f in
        let address = f.local(f.argument(0))
        let last = f.local(address + f.argument(1) - 1)
        f.if(f.argument(1) == 0) { f.return(1) }
        f.if(last < address || last >= userProbeAddress.dword) { f.return(0) }
        f.set(address, address & ~Value(0xFFF))
        let wanted = f.local(f.argument(2) | 5)
        f.while(address <= last) {
            f.if((pde(of: address).dword() & 1) == 0) { f.return(0) }
            f.if((f.argument(2) & 2) != 0) {
                f.if((pte(of: address).dword() & Value(copyOnWriteBit | 1)) == Value(copyOnWriteBit | 1)) {
                    f.if(f.call(copyOnWrite, address).isError) { f.return(0) }
                }
            }
            f.if((pte(of: address).dword() & wanted) != wanted) { f.return(0) }
            f.add(address, 0x1000)
        }
        f.return(1)
    }
}
