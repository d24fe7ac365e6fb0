// SPDX-License-Identifier: GPL-3.0-or-later

/// A KD provider: something that debug output goes to (spec/boot.md section 2.4).
package struct KdProvider: Sendable {
    /// What the start-up screen and the providers pane call it.
    package let name: String
    /// Its bit in `KdpDebugMode`; 0 when no boot option chooses it.
    package let modeBit: UInt32
    /// The word behind `DEBUGPORT=` that chooses it, in upper case; nil when none does.
    package let portWord: String?
    /// `(Text*) -> BOOLEAN`: reads what follows the word and says whether the provider is chosen; nil when nothing follows.
    package let readPort: Routine?
    /// `(DispatchTable*, BootPhase) -> status`: the provider's part of each phase.
    package let initialize: Routine
}

/// The provider table.
extension Kd {
    /// Every provider, in the order in which they are linked and so print. A new one is a file of its own and a line here.
    package static let providers: [KdProvider] = [.screen, .serial, .file, .kdbg]

    /// The nodes of `KdProviders`, one per provider.
    package static let dispatchTable: GlobalStructure<KD_DISPATCH_TABLE> = .init("DispatchTable", count: UInt32(providers.count))

    /// The init routine of each provider.
    package static let initRoutines: Global = .init("InitRoutines", size: 4 * UInt32(providers.count)) {
        providers.map { .address($0.initialize) }
    }

    /// The node of a provider.
    package static func node(_ index: Int) -> Pointer<KD_DISPATCH_TABLE> {
        Pointer(dispatchTable.value + Value(KD_DISPATCH_TABLE.size * UInt32(index)))
    }

    /// `KdpRegisterProvider(DispatchTable*, PrintRoutine, InitRoutine)`: phase 0 of a provider that is there. It prints from now on and is
    /// called again in phase 1. Registering twice, when KD is enabled again, changes nothing: the provider has had its later phases, or waits for one.
    package static let registerProvider: Routine = .init("KdpRegisterProvider", ["DispatchTable", "PrintRoutine", "InitRoutine"]) { f in
        let table = f.argument(0, KD_DISPATCH_TABLE.self)
        f.if(table.KdProvidersList.Flink.isNotNull) { f.return() }
        f.set(table.KdpPrintRoutine, f.argument(1))
        f.set(table.KdpInitRoutine, f.argument(2))
        f.insertTailList(providerList.value, table.KdProvidersList.value)
        f.return()
    }

    /// `KdpUnregisterProvider(DispatchTable*, ModeBit)`: a provider that failed prints no more and is no longer chosen.
    package static let unregisterProvider: Routine = .init("KdpUnregisterProvider", ["DispatchTable", "ModeBit"]) { f in
        let table = f.argument(0, KD_DISPATCH_TABLE.self)
        f.set(debugMode.dword, debugMode.dword & ~f.argument(1))
        f.if(table.KdProvidersList.Flink.isNotNull) {
            f.removeEntryList(table.KdProvidersList.value)
            f.zero(table.KdProvidersList.value, LIST_ENTRY.size)
        }
        f.return()
    }

    /// `KdpCallInitRoutine(DispatchTable*, BootPhase) -> asks for another phase`: the field is cleared before the call, so what it holds
    /// afterwards is the provider's wish; the status is kept in the node (section 2.3, steps 2 and 8).
    static let callInitRoutine: Routine = .init("KdpCallInitRoutine", ["DispatchTable", "BootPhase"]) { f in
        let table = f.argument(0, KD_DISPATCH_TABLE.self)
        let routine = f.local(table.KdpInitRoutine)
        f.set(table.KdpInitRoutine, 0)
        f.set(table.InitStatus, f.callIndirect(routine, table, f.argument(1)))
        f.return(table.KdpInitRoutine != 0)
    }
}
