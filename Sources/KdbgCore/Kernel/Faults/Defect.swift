// SPDX-License-Identifier: GPL-3.0-or-later

/// A defect of ReactOS that this kernel has mended (docs/fidelity.md, "Mended"): routines as they were, for who wants to see what came of it.
package struct Defect: Sendable {
    /// The name behind `defect:`.
    package let name: String
    /// One sentence: what goes wrong.
    package let summary: String
    /// The routines as they were.
    let routines: [Routine]

    /// All of them. A new one is a row here.
    package static let all: [Defect] = [.registerTwice, .bannerReadsLoader, .keepsRing, .freesRingFirst, .scriptWhileDisabled]

    static let registerTwice = Defect(
        name: "register-twice",
        summary: "KdpRegisterProvider links a provider that is linked already: with one provider KdProviders runs in a circle for ever.",
        routines: [
            Routine("KdpRegisterProvider", ["DispatchTable", "PrintRoutine", "InitRoutine"]) { f in
                let table = f.argument(0, KD_DISPATCH_TABLE.self)
                f.set(table.KdpPrintRoutine, f.argument(1))
                f.set(table.KdpInitRoutine, f.argument(2))
                f.insertTailList(Kd.providerList.value, table.KdProvidersList.value)
                f.return()
            }
        ])

    static let bannerReadsLoader = Defect(
        name: "banner-loader",
        summary: "KdpPrintBanner reads the loader block also when there is none any more: a fault when KD is enabled after the boot.",
        routines: [
            Routine("KdpPrintBanner", section: .initialization, step: Kd.printBanner.step) { f in
                let loader = f.local(Ke.loader)
                let size = f.call(Kd.memorySize, loader)
                f.print("(ntoskrnl/kd64/kdinit.c:74) -----------------------------------------------------\n")
                f.print("(ntoskrnl/kd64/kdinit.c:75) ReactOS \(Kd.versionText)\n")
                f.print("(ntoskrnl/kd64/kdinit.c:76) %lu System Processor [%lu MB Memory]\n", Ke.numberProcessors.byte, size)
                f.print("(ntoskrnl/kd64/kdinit.c:80) Command Line: %s\n", loader.LoadOptions)
                f.print(
                    "(ntoskrnl/kd64/kdinit.c:81) ARC Paths: %s %s %s %s\n",
                    loader.ArcBootDeviceName, loader.NtHalPathName, loader.ArcHalDeviceName, loader.NtBootPathName)
                f.return()
            }
        ])

    static let keepsRing = Defect(
        name: "keep-ring",
        summary: "The File provider whose log cannot be found in phase 5 either keeps its 512 KiB, its place in the list and its mode bit.",
        routines: [Kd.debugLogInit(givesUp: false)])

    static let freesRingFirst = Defect(
        name: "free-first",
        summary:
            "Giving up the log frees the ring before the provider is unlinked, and without its lock: a print in between writes to freed pool.",
        routines: [
            Routine("KdpReleaseLog", ["DispatchTable"]) { f in
                f.set(Kd.freeBytes.dword, 0)
                f.call(Ex.freePoolWithTag, Kd.debugBuffer.dword, Value.tag("KDBG"))
                f.set(Kd.debugBuffer.dword, 0)
                f.call(Kd.unregisterProvider, f.argument(0), Value(KdProvider.file.modeBit))
                f.return()
            }
        ])

    static let scriptWhileDisabled = Defect(
        name: "kdbinit-disabled",
        summary: "KDBinit is executed while KD is disabled (DEBUG=DISABLE): nobody takes its breakpoint, and the system stops with it.",
        routines: [Kd.kdbpCliInit(whileDisabled: true)])
}
