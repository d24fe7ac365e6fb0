// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Sections: what may be written, and what is gone when start-up is over.
struct MmSectionTests {
    /// Code outside INIT that refers to something in INIT runs during start-up only; each pair is named here.
    private static let allowed: Set<String> = [
        "HalpFillDispatchTable -> HaliInitPnpDriver", "ObInitSystem -> ObpInitPhase0", "ObInitSystem -> ObpInitPhase1",
        "Phase1Initialization -> Phase1InitializationDiscard",
    ]

    /// Every routine that is linked, with what it refers to.
    private static let references: [(routine: Routine, targets: [AnyItem])] = {
        var result: [(routine: Routine, targets: [AnyItem])] = []
        var work = ([Ke.systemStartup, Kd.comEntry] + BootDriverImage.all.map(\.entry)).map { AnyItem($0) }
        var known = Set(work)
        var next = 0
        while next < work.count {
            let item = work[next]
            next += 1
            var targets: [AnyItem] = []
            switch item.item.content {
            case .routine(let routine):
                switch routine.body {
                case .framed(let body), .naked(let body):
                    let function = Function(routine)
                    body(function)
                    targets = function.references
                case .native, .host: targets = routine.uses.map { AnyItem($0) }
                }
                result.append((routine, targets))
            case .global(let global):
                for case .address(let target, _) in global.contents() { targets.append(AnyItem(target)) }
            }
            for target in targets where known.insert(target).inserted { work.append(target) }
        }
        return result
    }()

    @Test func residentCodeDoesNotNeedDiscardedCode() {
        var found: Set<String> = []
        for (routine, targets) in Self.references where routine.section != .initialization {
            for target in targets where target.item.section == .initialization && target.item.module == routine.module {
                found.insert("\(routine.name) -> \(target.item.name)")
            }
        }
        #expect(found.subtracting(Self.allowed).sorted() == [])
    }
}
