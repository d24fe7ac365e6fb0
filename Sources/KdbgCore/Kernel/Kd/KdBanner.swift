// SPDX-License-Identifier: GPL-3.0-or-later

/// The first lines of the debug output (spec/boot.md sections 1.3, action 10, and 7.3).
extension Kd {
    /// What the kernel calls itself: the version that the specification was read from.
    static let versionText = "0.4.15-x86-dev (Build 20230311-0.4.15-dev-g4ce819c) (Commit 4ce819ca5a7de11a1b77e05124d2d2f0d35871c4)"

    /// Memory types that are no RAM for the system: bad, firmware permanent, special, BBT, cached by the HAL.
    private static let unusableMemoryTypes: [UInt32] = [0x03, 0x06, 0x16, 0x17, 0x1A]

    /// `KdpPrintBanner()`: five lines; without a loader block only what is known without it.
    static let printBanner: Routine = .init(
        "KdpPrintBanner",
        step: .init(
            "1.3 #10", "Banner",
            """
            Five lines: a rule, version, processors and memory (the loader's descriptors added up, whole MiB), the command line and the ARC paths. \
            The ring of the log file and dmesg do not exist yet, so neither will ever show them.
            """)
    ) { f in
        let loader = f.local(Ke.loader)
        let count = f.local(Ke.numberProcessors.byte)
        f.if(count == 0) { f.set(count, 1) }
        let plural = f.local(f.text(""))
        f.if(count > 1) { f.set(plural, f.text("s")) }
        f.print("(ntoskrnl/kd64/kdinit.c:74) -----------------------------------------------------\n")
        f.print("(ntoskrnl/kd64/kdinit.c:75) ReactOS \(versionText)\n")
        f.if(loader.isNull) {
            f.print("(ntoskrnl/kd64/kdinit.c:76) %lu System Processor%s\n", count, plural)
            f.return()
        }
        f.print("(ntoskrnl/kd64/kdinit.c:76) %lu System Processor%s [%lu MB Memory]\n", count, plural, f.call(memorySize, loader))
        f.if(loader.LoadOptions != 0) { f.print("(ntoskrnl/kd64/kdinit.c:80) Command Line: %s\n", loader.LoadOptions) }
        f.print(
            "(ntoskrnl/kd64/kdinit.c:81) ARC Paths: %s %s %s %s\n",
            loader.ArcBootDeviceName, loader.NtHalPathName, loader.ArcHalDeviceName, loader.NtBootPathName)
        f.return()
    }

    /// `KdpMemorySize(LoaderBlock) -> MiB`, rounded up.
    static let memorySize: Routine = .init("KdpMemorySize", ["LoaderBlock"]) { f in
        let pages = f.local(0)
        let head = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).MemoryDescriptorListHead.value)
        f.forEach(in: head) { entry in
            let descriptor = entry.as(MEMORY_ALLOCATION_DESCRIPTOR.self)
            let isUsable = unusableMemoryTypes.map { descriptor.MemoryType != Value($0) }.reduce(1 as Value) { $0 && $1 }
            f.if(isUsable) { f.add(pages, descriptor.PageCount) }
        }
        f.return((pages + 255) >> 8)
    }
}
