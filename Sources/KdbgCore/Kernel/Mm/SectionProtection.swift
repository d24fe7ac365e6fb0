// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What sections of images may be used for: writing (spec/boot.md section 1.8 #16), and at all, once start-up is over (#39).
extension Mm {
    private static let writable: Value = 0x8000_0000

    /// `MiWriteProtectSystemImage(ImageBase)`: headers and sections that are not writable become read-only. An image without a PE header, or with sections
    /// that share pages, stays as it is. It has effect once CR0.WP is set.
    package static let writeProtectSystemImage: Routine = .init("MiWriteProtectSystemImage", ["ImageBase"]) { f in
        forEachSection(f, of: f.argument(0)) { f, _, start, pages, flags in
            f.if((flags & writable) == 0) { f.call(setReadOnly, start, pages) }
        } headers: { f, pages in
            f.call(setReadOnly, f.argument(0), pages)
        }
        f.flushTranslations()
        f.return()
    }

    /// `MiSetSystemCodeProtection(Address, PageCount)`.
    private static let setReadOnly: Routine = .init("MiSetSystemCodeProtection", ["Address", "PageCount"]) { f in
        let entry = f.local(pte(of: f.argument(0)))
        let left = f.local(f.argument(1))
        f.while(left != 0) {
            f.set(entry.dword(), entry.dword() & ~Value(2))
            f.add(entry, 4)
            f.set(left, left - 1)
        }
        f.return()
    }

    /// `MmFreeInitSections(ImageBase) -> pages`: sections whose names begin with INIT are unmapped; nobody calls what is in them any more.
    private static let freeInitSections: Routine = .init("MiFreeInitSections", ["ImageBase"]) { f in
        let freed = f.local(0)
        forEachSection(f, of: f.argument(0)) { f, section, start, pages, _ in
            f.if(section.dword() == Value.tag("INIT")) {
                f.call(freeInitializationCode, start, start + (pages << 12), f.address(of: freed))
            }
        } headers: { _, _ in
        }
        f.return(freed)
    }

    /// `MiFreeInitializationCode(InitStart, InitEnd, ValidPages*)`.
    static let freeInitializationCode: Routine = .init("MiFreeInitializationCode", ["InitStart", "InitEnd", "ValidPages"]) { f in
        let pages = f.local((f.argument(1) - f.argument(0)) >> 12)
        let freed = f.call(deleteSystemPageableVm, pte(of: f.argument(0)), pages, 0, 0)
        f.set(f.argument(2).dword(), f.argument(2).dword() + freed)
        f.return()
    }

    /// `MmFreeDriverInitialization(LdrEntry*)`: a driver has been initialised.
    package static let freeDriverInitialization: Routine = .init("MmFreeDriverInitialization", ["LdrEntry"]) { f in
        f.call(freeInitSections, f.argument(0, LDR_DATA_TABLE_ENTRY.self).DllBase)
        f.return()
    }

    /// `MiFreeBootInitialization() -> pages`: the INIT sections of kernel and HAL, when the last of their code has run.
    static let freeBootInitialization: Routine = .init("MiFreeBootInitialization") { f in
        let freed = f.local(0)
        let count = f.local(0)
        f.forEach(in: loadedModuleList.value) { entry in
            f.add(count, 1)
            // The first four are kernel, HAL, KDCOM and BOOTVID; drivers have been rid of theirs one by one.
            f.if(count <= 4) { f.set(freed, freed + f.call(freeInitSections, entry.as(LDR_DATA_TABLE_ENTRY.self).DllBase)) }
        }
        f.return(freed)
    }

    /// Visits the section headers of an image: the header's address, the section's, its pages, its characteristics.
    private static func forEachSection(
        _ f: Function, of base: Value, _ body: (Function, _ section: Value, _ start: Value, _ pages: Value, _ flags: Value) -> Void,
        headers: (Function, _ pages: Value) -> Void
    ) {
        let header = f.local(base + base.dword(0x3C))
        f.if(base.word() != 0x5A4D || header.dword() != 0x4550 || header.dword(0x38) < 0x1000) { f.return(0) }
        headers(f, (header.dword(0x54) + 0xFFF) >> 12)
        let section = f.local(header + 24 + header.word(20))
        let left = f.local(header.word(6))
        f.while(left != 0) {
            let start = f.local(base + section.dword(12))
            let pages = f.local((section.dword(8) + 0xFFF) >> 12)
            body(f, section, start, pages, section.dword(36))
            f.add(section, 40)
            f.set(left, left - 1)
        }
    }
}
