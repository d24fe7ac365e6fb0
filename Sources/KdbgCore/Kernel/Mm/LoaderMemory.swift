// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What start-up needed and nobody needs any more.
extension Mm {
    static let freeLoaderBlock: Routine = .bootStep(
        "1.8 #34", "MmFreeLoaderBlock", [], "Loader memory is returned",
        "KeLoaderBlock becomes NULL, and the pages of the loader's heap, of the registry's image and of the code pages are unmapped and free: whoever needs the loader block later finds nothing."
    ) { f in
        let head = f.local(Ke.loader.MemoryDescriptorListHead.value)
        let count = f.local(0)
        f.forEach(in: head) { _ in f.add(count, 1) }
        // The descriptors are in what is about to be free.
        let runs = f.call(Ex.allocatePoolWithTag, 1, count << 3, Value.tag("lMmM"))
        f.if(runs == 0) { f.return() }
        f.set(count, 0)
        f.forEach(in: head) { entry in
            let descriptor = f.local(entry).as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            f.if(descriptor.MemoryType == 7 || descriptor.MemoryType == 0x13 || descriptor.MemoryType == 0x15) {
                let run = f.local(runs + (count << 3)).as(PHYSICAL_MEMORY_RUN.self)
                f.set(run.BasePage, descriptor.BasePage)
                f.set(run.PageCount, descriptor.PageCount)
                f.add(count, 1)
            }
        }
        f.set(Ke.loaderBlock.dword, 0)
        f.while(count != 0) {
            f.set(count, count - 1)
            let run = f.local(runs + (count << 3)).as(PHYSICAL_MEMORY_RUN.self)
            f.call(deleteSystemPageableVm, pte(of: (run.BasePage << 12) + kseg0.value), run.PageCount, 0, 0)
        }
        f.call(Ex.freePoolWithTag, runs, Value.tag("lMmM"))
        f.return()
    }
}
