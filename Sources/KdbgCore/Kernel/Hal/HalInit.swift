// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Start of the HAL (spec/boot.md sections 1.2 #16, 1.6 #6, 1.6.1, 1.8 #3).
extension Hal {
    /// `HalInitializeProcessor(Number, LoaderBlock)`.
    static let initializeProcessor: Routine = .init(
        "HalInitializeProcessor", ["ProcessorNumber", "LoaderBlock"], module: .hal,
        step: .init(
            "1.2 #16", "HAL: this processor",
            "The interrupt mask PCR.IDR lets only the cascade through, the stall factor gets a default, and interrupts may go to this processor. KD's six helpers in the private dispatch table become the HAL's: they map memory and find ACPI tables before anybody else can; on a PC without PCI those for its devices find none."
        )
    ) { f in
        f.set(Ke.pcr.IDR, ~Value(4))
        f.set(Ke.pcr.StallScaleFactor, initialStallCount)
        f.set(activeProcessors.dword, activeProcessors.dword | (Value(1) << f.argument(0)))
        f.set(defaultInterruptAffinity.dword, defaultInterruptAffinity.dword | (Value(1) << f.argument(0)))
        f.call(registerKdSupportFunctions)
        f.return()
    }

    static let activeProcessors: Global = .init("HalpActiveProcessors", module: .hal)
    /// Processors that interrupts may go to.
    static let defaultInterruptAffinity: Global = .init("HalpDefaultInterruptAffinity", module: .hal)
    /// MACHINE_TYPE: 0 ISA, 1 EISA, 2 MCA.
    static let busType: Global = .init("HalpBusType", module: .hal)
    /// The option PCILOCK was given: accesses to PCI configuration space are made under a lock.
    static let pciLock: Global = .init("HalpPciLockSettings", module: .hal)

    /// `HalInitSystem(BootPhase, LoaderBlock) -> BOOLEAN`.
    static let initSystem: Routine = .init("HalInitSystem", ["BootPhase", "LoaderBlock"], module: .hal) { f in
        f.if(f.argument(0) == 0) {
            f.call(initSystemPhase0, f.argument(1))
        } else: {
            f.return(f.call(initSystemPhase1, f.argument(1)))
        }
        f.return(1)
    }

    static let initSystemPhase0: Routine = .init(
        "HalpInitPhase0", ["LoaderBlock"], module: .hal,
        step: .init(
            "1.6 #6", "HAL, phase 0",
            """
            HAL and kernel must be of one version and build, else bugcheck 0x79. The ACPI tables are found and listed, without them bugcheck 0xA5. The interrupt controllers are re-based to \
            vectors 0x30 and 0x38 and interrupts enabled; the HAL writes its routines into the kernel's dispatch tables. HalInitPnpDriver, the cell that KD hooks later, changes \
            from the kernel's stub to HaliInitPnpDriver here. The stall factor is measured against the timer, the clock set to 10 ms, profiling stopped.
            """
        )
    ) { f in
        let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
        f.set(busType.dword, Ke.machineType.dword & 0xFF)
        f.if(options != 0) {
            f.set(pciLock.dword, f.call(Rtl.strstr, options, f.text("PCILOCK")) != 0)
            f.if(f.call(Rtl.strstr, options, f.text("BREAK")) != 0) { f.call(Rtl.dbgBreakPoint) }
        }
        f.if(Ke.prcb.MajorVersion != 1) { f.call(Ke.bugCheckEx, 0x79, 1, Ke.prcb.MajorVersion, 1, 0) }
        f.if(Ke.prcb.BuildType != 3) { f.call(Ke.bugCheckEx, 0x79, 2, Ke.prcb.BuildType, 3, 0) }
        let status = f.call(setupAcpiPhase0, f.argument(0))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xA5, status, 0, 0, 0) }
        f.call(initializePics, 1)
        f.call(initializeCmos)
        f.call(fillDispatchTable)
        f.call(registerIoSpace)
        f.call(calibrateStallExecution)
        f.call(initializeClock)
        f.call(stopProfileInterrupt, 0)
        f.return()
    }

    static let fillDispatchTable: Routine = .init(
        "HalpFillDispatchTable", module: .hal,
        step: .init(
            "1.6.1", "HAL dispatch table",
            "Of the public table's 0x60 bytes the HAL replaces six entries; the one at +0x34, HalInitPnpDriver, is what IoInitSystem calls at its step 11. Of the private table's it replaces two, HalResetDisplay and HalHaltSystem."
        )
    ) { f in
        let table = dispatchTable.pointer
        f.set(table.HalQuerySystemInformation, querySystemInformation)
        f.set(table.HalSetSystemInformation, setSystemInformation)
        f.set(table.HalInitPnpDriver, initPnpDriver)
        f.set(table.HalInitPowerManagement, initPowerManagement)
        f.set(table.HalGetDmaAdapter, getDmaAdapter)
        f.set(table.HalGetInterruptTranslator, 0)
        f.set(privateDispatchTable.pointer.HalResetDisplay, biosDisplayReset)
        f.set(privateDispatchTable.pointer.HalHaltSystem, haltSystem)
        f.return()
    }

    static let querySystemInformation: Routine = answering("HaliQuerySystemInformation", 4, 0xC000_0148)
    static let setSystemInformation: Routine = answering("HaliSetSystemInformation", 3, 0xC000_0148)

    private static func answering(_ name: String, _ count: Int, _ status: UInt32) -> Routine {
        Routine(name, (1...count).map { "Argument\($0)" }, module: .hal) { f in f.return(status) }
    }

    static let initSystemPhase1: Routine = .init(
        "HalpInitPhase1", ["LoaderBlock"], module: .hal,
        step: .init(
            "1.8 #3", "HAL, phase 1",
            "The buses get handlers: the system's own, the CMOS, ISA. The clock interrupt is connected to vector 0x30 and starts to tick, the RTC's, which nobody has asked for yet, to 0x38; from here on threads can wait for time. The DMA controllers are reset. HalInitPnpDriver is not touched."
        )
    ) { f in
        f.if(f.call(initBusHandlers).isError) { f.return(0) }
        f.call(enableInterruptHandler, 0x30, Irql.clock, clockInterrupt)
        f.call(enableInterruptHandler, 0x38, Irql.profile, profileInterrupt)
        f.call(initDma)
        f.return(1)
    }

    /// `HalAllProcessorsStarted() -> BOOLEAN`: with this HAL always.
    static let allProcessorsStarted: Routine = .init(
        "HalAllProcessorsStarted", module: .hal,
        step: .init("1.8 #8", "All processors started?", "The PIC HAL knows only one processor and says yes.")
    ) { f in
        f.return(1)
    }
}
