// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Start of the HAL (spec/boot.md sections 1.2 #16, 1.6 #6, 1.6.1, 1.8 #3).
extension Hal {
    /// `HalInitializeProcessor(Number, LoaderBlock)`.
    static let initializeProcessor: Routine = .init(
        "HalInitializeProcessor", ["ProcessorNumber", "LoaderBlock"], module: .hal,
        step: .init(
            "1.2 #16", "HAL: this processor",
            "The interrupt mask PCR.IDR lets only the cascade through and the stall factor gets a default. There is no PCI bus for the debugger to be helped with."
        )
    ) { f in
        f.set(Ke.pcr.IDR, ~Value(4))
        f.set(Ke.pcr.StallScaleFactor, 50)
        f.set(activeProcessors.dword, activeProcessors.dword | (Value(1) << f.argument(0)))
        f.return()
    }

    static let activeProcessors: Global = .init("HalpActiveProcessors", module: .hal)
    static let busType: Global = .init("HalpBusType", module: .hal)
    static let cmosLock: Global = .init("HalpSystemHardwareLock", module: .hal)

    /// `HalInitSystem(BootPhase, LoaderBlock) -> BOOLEAN`.
    static let initSystem: Routine = .init("HalInitSystem", ["BootPhase", "LoaderBlock"], module: .hal) { f in
        f.if(f.argument(0) == 0) {
            f.call(initSystemPhase0, f.argument(1))
        } else: {
            f.call(initSystemPhase1, f.argument(1))
        }
        f.return(1)
    }

    static let initSystemPhase0: Routine = .init(
        "HalpInitPhase0", ["LoaderBlock"], module: .hal,
        step: .init(
            "1.6 #6", "HAL, phase 0",
            "The interrupt controllers are re-based to vectors 0x30 and 0x38 and interrupts enabled; the HAL writes its routines into the kernel's dispatch table. HalInitPnpDriver, the cell that KD hooks later, changes from the kernel's stub to HaliInitPnpDriver here."
        )
    ) { f in
        let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
        f.set(busType.dword, 1)
        f.if(options != 0) {
            f.if(f.call(Rtl.strstr, options, f.text("BREAK")) != 0) { f.call(Rtl.dbgBreakPoint) }
        }
        f.if(Ke.prcb.MajorVersion != 1) { f.call(Ke.bugCheckEx, 0x79, 1, Ke.prcb.MajorVersion, 1, 0) }
        f.if(Ke.prcb.BuildType != 3) { f.call(Ke.bugCheckEx, 0x79, 2, Ke.prcb.BuildType, 3, 0) }
        f.call(initializePics, 1)
        f.call(fillDispatchTable)
        f.call(initializeClock)
        f.return()
    }

    static let fillDispatchTable: Routine = .init(
        "HalpFillDispatchTable", module: .hal,
        step: .init(
            "1.6.1", "HAL dispatch table",
            "Of the table's 0x60 bytes the HAL replaces five entries; the one at +0x34, HalInitPnpDriver, is what IoInitSystem calls at its step 11."
        )
    ) { f in
        let table = dispatchTable.pointer
        f.set(table.HalQuerySystemInformation, querySystemInformation)
        f.set(table.HalSetSystemInformation, setSystemInformation)
        f.set(table.HalInitPnpDriver, initPnpDriver)
        f.set(table.HalGetDmaAdapter, getDmaAdapter)
        f.set(table.HalGetInterruptTranslator, 0)
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
            "The clock interrupt is connected to vector 0x30 and starts to tick, the RTC's, which nobody has asked for yet, to 0x38; from here on threads can wait for time. HalInitPnpDriver is not touched."
        )
    ) { f in
        f.call(enableInterruptHandler, 0x30, Irql.clock, clockInterrupt)
        f.call(enableInterruptHandler, 0x38, Irql.profile, profileInterrupt)
        f.return()
    }

    /// `HalAllProcessorsStarted() -> BOOLEAN`: with this HAL always.
    static let allProcessorsStarted: Routine = .init(
        "HalAllProcessorsStarted", module: .hal,
        step: .init("1.8 #8", "All processors started?", "The PIC HAL knows only one processor and says yes.")
    ) { f in
        f.return(1)
    }

    /// `HalReportResourceUsage()`.
    static let reportResourceUsage: Routine = .init(
        "HalReportResourceUsage", module: .hal,
        step: .init(
            "1.8 #22", "HAL reports its resources",
            "The HAL prints its name. Nobody arbitrates resources here, so the debugger's COM port is not claimed."
        )
    ) { f in
        f.print("ACPI Compatible Eisa/Isa HAL Detected\n")
        f.return()
    }
}
