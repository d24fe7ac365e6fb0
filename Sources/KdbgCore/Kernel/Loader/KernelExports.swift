// SPDX-License-Identifier: GPL-3.0-or-later

/// What ntoskrnl.exe and hal.dll offer to drivers although no driver of this system imports it: linked and exported all the same.
///
/// Each component lists its own, by topic; the order here is that of the export table behind the imported names.
package enum KernelExports {
    private static let all: [any Item] =
        Io.exports + Io.requestExports + Cm.exports + Ke.exports + Ob.exports + Mm.exports + Se.exports + FsRtl.exports + Hal.exports
        + Kd.exports + variables

    /// Variables that drivers read (spec/boot.md section 5.21, and others that NT has for them).
    private static let variables: [any Item] = [
        Ke.loaderBlock, Ps.initialSystemProcess, Io.driverObjectType, Io.deviceObjectType, Io.fileObjectType, Hal.dispatchTable,
        Kd.debuggerEnabled, Kd.debuggerNotPresent, Kd.enteredDebugger, Ke.ntGlobalFlag, Kd.buildNumber, Ex.safeBootMode, Ke.tickCount,
        Ke.numberProcessors, Ps.processType, Ps.threadType, Mm.highestUserAddress, Mm.systemRangeStart, Mm.userProbeAddress,
    ]

    /// What is in the export tables.
    package static let exported = all.filter { !isPrivate($0.name) }
    /// What is linked for those who look, and for routines that a boot option or a laboratory brings in, but NT keeps to itself.
    package static let linked = all.filter { isPrivate($0.name) }

    /// Prefixes of what a component keeps to itself.
    private static let privatePrefixes = ["Cmp", "Exp", "Halp", "Iop", "Kdp", "Ki", "Mi", "Obp", "Pi", "Psp", "Rtlp", "Sep"]
    private static let privateNames = ["IoCancelThreadIo", "IoShutdownSystem", "MmDbgCopyMemory", "MmPhysicalMemorySection"]

    private static func isPrivate(_ name: String) -> Bool {
        privateNames.contains(name)
            || privatePrefixes.contains { name.hasPrefix($0) && name.dropFirst($0.count).first?.isUppercase == true }
    }
}

extension Kd {
    static let exports: [any Item] = [enableDebugger, disableDebugger, pollBreakIn, powerTransition]
}
