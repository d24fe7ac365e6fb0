// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Sections: what may be written, and what is gone when start-up is over.
struct MmSectionTests {
    /// Code outside INIT that refers to something in INIT runs during start-up only; each pair is named here.
    private static let allowed: Set<String> = [
        "HalpFillDispatchTable -> HaliInitPnpDriver", "ObInitSystem -> ObpInitPhase0", "ObInitSystem -> ObpInitPhase1",
        "Phase1Initialization -> Phase1InitializationDiscard", "PsInitSystem -> PspInitPhase0", "PsInitSystem -> PspInitPhase1",
        "SeInitSystem -> SepInitializationPhase0", "SeInitSystem -> SepInitializationPhase1",
    ]

    /// Every routine that is linked, with what it refers to.
    private static let references: [(routine: Routine, targets: [AnyItem])] = {
        var result: [(routine: Routine, targets: [AnyItem])] = []
        var work = ([Ke.systemStartup, KdCom.debuggerInitialize0] + DriverImage.all.map(\.entry)).map { AnyItem($0) }
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

    // MARK: How faults end

    /// Arguments with which KeBugCheckWithTf is entered; zeros when it is not.
    private func crash(_ harness: KdHarness) -> [UInt32] {
        guard harness.run(to: "KeBugCheckWithTf") == .reached("KeBugCheckWithTf") else { return [0, 0, 0, 0, 0] }
        return (0..<5).map { harness.dword(harness.machine.registers.esp + 4 + 4 * $0) }
    }

    /// Stands at a routine that writes two dwords at `address`.
    private func write(_ harness: KdHarness, at address: UInt32) {
        harness.begin(harness.address(of: "RtlInitializeBitMap"), [address, 0, 0])
    }

    private func booted() -> KdHarness {
        let harness = KdHarness()
        #expect(harness.run(to: "IoInitSystem") == .reached("IoInitSystem"))
        return harness
    }

    @Test(arguments: ["ExAllocatePoolWithTag", "KfRaiseIrql", "P0BootStackData", "KiDoubleFaultStackData"])
    func codeAndGuardPagesAreReadOnly(name: String) {
        let harness = booted()
        let place = harness.address(of: name)
        write(harness, at: place)
        let result = crash(harness)
        #expect(result.first == 0xBE && result[1] & ~7 == place & ~7)
        #expect(result[2] & 3 == 1 && result[4] == 10)
    }

    /// No page (system PTE space, paged pool), no page table (system cache).
    @Test(arguments: [(0xF800_0000, 0), (0xE100_0000 + 0x3F_0000, 0), (0xC100_0000, 2)] as [(UInt32, UInt32)])
    func missingKernelMemoryIsABugcheck(address: UInt32, kind: UInt32) {
        let harness = booted()
        write(harness, at: address)
        let result = crash(harness)
        #expect(result.first == 0x50 && result[1] & ~7 == address && result[2] == 2 && result[4] == kind)
    }

    @Test func atDispatchLevelItIsAnInPageError() {
        let harness = booted()
        harness.call("KfRaiseIrql", 2)
        write(harness, at: 0xE13F_0000)
        let result = crash(harness)
        #expect(harness.serial.contains("MM:***PAGE FAULT AT IRQL > 1  Va E13F000"))
        #expect(harness.exceptions.first == 0xC000_0006)
        #expect([0x1E, 0x7E].contains(result.first ?? 0) && result[1] == 0xC000_0006)
    }

    @Test func lowAddressesAreAccessViolations() {
        let harness = booted()
        write(harness, at: 0x60)
        #expect(crash(harness).dropFirst().first == 0xC000_0005)
        #expect(harness.exceptions.first == 0xC000_0005)
    }

    /// With interrupts off there is no serving a fault; code that is no module's makes it a driver's.
    @Test func strangersGetTheDriverBugcheck() {
        let harness = booted()
        let code = harness.call("ExAllocatePoolWithTag", 0, 16, poolTag("Test"))
        _ = harness.machine.writeBytes(linear: code, [0xA1, 0x44, 0, 0, 0])
        harness.machine.registers.eflags &= ~0x200
        harness.begin(code, [])
        #expect(crash(harness).dropFirst() == [0x44, 0xFFFF_FFFF, 0, code])
        _ = harness.run(to: "KiHaltForever")
        #expect(harness.global("KiBugCheckData") == 0xD1)
    }

    /// A stack that runs into its guard page is a double fault.
    @Test func stackOverflowIsADoubleFault() {
        let harness = booted()
        let top = harness.call("MmCreateKernelStack", 0, 0)
        harness.machine.registers.esp = top - 0x3000 + 0x208
        write(harness, at: 0x60)
        let result = crash(harness)
        #expect(result.prefix(2) == [0x7F, 8])
    }

    // MARK: What is given back

    @Test func loaderMemoryComesBack() {
        let harness = KdHarness()
        harness.run(to: "MmFreeLoaderBlock")
        let block = harness.global("KeLoaderBlock")
        let head = block + LOADER_PARAMETER_BLOCK.layout.MemoryDescriptorListHead.offset
        var pages: UInt32 = 0
        var entry = harness.dword(head)
        while entry != head {
            if [7, 0x13, 0x15].contains(harness.dword(entry + 8)) { pages += harness.dword(entry + 16) }
            entry = harness.dword(entry)
        }
        let before = harness.global("MmAvailablePages")
        harness.finish()
        #expect(pages > 0 && harness.global("MmAvailablePages") == before + pages)
        #expect(harness.machine.read8(linear: block) == nil && harness.global("KeLoaderBlock") == 0)
    }

    @Test func initialisationCodeIsDiscarded() {
        let harness = KdHarness()
        harness.run(to: ["MiFreeBootInitialization"], limit: 3_000_000_000)
        let place = harness.address(of: "KiSystemStartup")
        #expect(harness.machine.read8(linear: place) != nil)
        let before = harness.global("MmAvailablePages")
        let freed = harness.finish()
        #expect(freed > 0 && harness.global("MmAvailablePages") == before + freed)
        #expect(harness.machine.read8(linear: place) == nil)
    }
}
