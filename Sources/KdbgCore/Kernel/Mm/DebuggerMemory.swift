// SPDX-License-Identifier: GPL-3.0-or-later

/// How a debugger inside the machine reaches memory without disturbing it (spec/boot.md section 4.1): virtual addresses only where a page is, physical ones through the page
/// at 0xFFBFF000.
extension Mm {
    /// Bits of MmDbgCopyMemory's flags.
    enum DebugCopy {
        static let write: Value = 1
        static let physical: Value = 2
        /// How the window caches the page: not at all.
        static let uncached: Value = 8
    }

    /// `MiDbgTranslatePhysicalAddress(PhysicalAddress, Flags) -> address or NULL`: the window shows that page from now on. Memory must be in the PFN database; a device's is shown when the
    /// flags say that it is not cached.
    private static let translatePhysical: Routine = .init("MiDbgTranslatePhysicalAddress", ["PhysicalAddress", "Flags"]) { f in
        f.if(debugPte.dword == 0) { f.return(0) }
        let page = f.local(f.argument(0) >> 12)
        let bits = f.local(validKernelPte)
        f.if((f.argument(1) & DebugCopy.uncached) != 0) { f.set(bits, validKernelPte | 0x18) }
        f.if(page > highestPhysicalPage.dword && (f.argument(1) & DebugCopy.uncached) == 0) { f.return(0) }
        f.set(debugPte.dword.dword(), (page << 12) | bits)
        f.flushTranslation(of: debugMapping.value)
        f.return(debugMapping.value + (f.argument(0) & 0xFFF))
    }

    /// `MiDbgUnTranslatePhysicalAddress()`: the window shows nothing.
    private static let untranslatePhysical: Routine = .init("MiDbgUnTranslatePhysicalAddress") { f in
        f.set(debugPte.dword.dword(), 0)
        f.flushTranslation(of: debugMapping.value)
        f.return()
    }

    /// `MmDbgCopyMemory(AddressLow, AddressHigh, Buffer*, Size, Flags) -> status`: 1, 2, 4 or 8 bytes at an address that is a multiple of that, from memory to the buffer or, with flag 1, back; flag
    /// 2 takes the address as a physical one. At any IRQL. 0xC0000005 where no page is, or a read-only one shall be written; 0xC00000F1 for other sizes.
    package static let dbgCopyMemory: Routine = .init("MmDbgCopyMemory", ["AddressLow", "AddressHigh", "Buffer", "Size", "Flags"]) { f in
        let address = f.local(f.argument(0))
        let size = f.argument(3)
        let flags = f.argument(4)
        f.if(size != 1 && size != 2 && size != 4 && size != 8) { f.return(Status.invalidParameter3) }
        f.if((address & (size - 1)) != 0) { f.return(Status.invalidParameter3) }
        f.if(f.argument(1) != 0 && f.argument(1) != 0xFFFF_FFFF) { f.return(Status.accessViolation) }
        f.if((flags & DebugCopy.physical) != 0) {
            f.set(address, f.call(translatePhysical, address, flags))
            f.if(address == 0) { f.return(Status.accessViolation) }
        } else: {
            // Large pages have no page table to look at.
            f.if((pde(of: address).dword() & 1) == 0) { f.return(Status.accessViolation) }
            f.if((pde(of: address).dword() & 0x80) == 0) {
                let entry = f.local(pte(of: address).dword())
                f.if((entry & 1) == 0) { f.return(Status.accessViolation) }
                f.if((flags & DebugCopy.write) != 0 && (entry & 2) == 0) { f.return(Status.accessViolation) }
            }
        }
        f.if((flags & DebugCopy.write) != 0) {
            f.copy(to: address, from: f.argument(2), size)
        } else: {
            f.copy(to: f.argument(2), from: address, size)
        }
        f.if((flags & DebugCopy.physical) != 0) { f.call(untranslatePhysical) }
        f.return(Status.success)
    }
}
