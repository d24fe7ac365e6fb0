// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The HAL's private dispatch table (spec/boot.md section 5.19): for the kernel and for drivers that know the HAL well. It lies in the kernel, too.
extension Hal {
    /// `HalPrivateDispatchTable`, version 2.
    package static let privateDispatchTable: GlobalStructure<HAL_PRIVATE_DISPATCH> = .init("HalPrivateDispatchTable") {
        [
            .dword(2), .address(xHandlerForBus), .address(xHandlerForBus), .address(xLocateHiberRanges), .address(xRegisterBusHandler),
            .address(xSetWakeEnable), .address(xSetWakeAlarm), .address(xTranslateBusAddress), .address(xAssignSlotResources),
            .address(xHaltSystem), .address(xFindBusAddressTranslation), .address(xResetDisplay), .address(xAllocateMapRegisters),
            .address(xKdSetupPciDeviceForDebugging), .address(xKdReleasePciDeviceForDebugging), .address(xKdGetAcpiTablePhase0),
            .address(xKdCheckPowerButton), .address(xVectorToIDTEntry), .address(xKdMapPhysicalMemory64), .address(xKdUnmapVirtualAddress),
        ]
    }

    /// `HalpRegisterKdSupportFunctions()`: what a debugger may ask of a HAL that has not been initialised.
    static let registerKdSupportFunctions: Routine = .init("HalpRegisterKdSupportFunctions", module: .hal) { f in
        let table = privateDispatchTable.pointer
        f.set(table.KdSetupPciDeviceForDebugging, setupPciDeviceForDebugging)
        f.set(table.KdReleasePciDeviceforDebugging, releasePciDeviceForDebugging)
        f.set(table.KdGetAcpiTablePhase0, acpiGetTable)
        f.set(table.KdCheckPowerButton, checkPowerButton)
        f.set(table.KdMapPhysicalMemory64, mapPhysicalMemory64)
        f.set(table.KdUnmapVirtualAddress, unmapVirtualAddress)
        f.return()
    }

    /// `HalpSetupPciDeviceForDebugging(LoaderBlock*, PciDevice*) -> STATUS_NO_MORE_ENTRIES`: there is no PCI bus, so no device on it.
    static let setupPciDeviceForDebugging: Routine = .init(
        "HalpSetupPciDeviceForDebugging", ["LoaderBlock", "PciDevice"], module: .hal
    ) { f in f.return(0x8000_001A as UInt32) }

    /// `HalpReleasePciDeviceForDebugging(PciDevice*) -> STATUS_NO_MORE_ENTRIES`.
    static let releasePciDeviceForDebugging: Routine = .init("HalpReleasePciDeviceForDebugging", ["PciDevice"], module: .hal) { f in
        f.return(0x8000_001A as UInt32)
    }

    /// `HalpCheckPowerButton()`: the status bit of the power button, port PM1a, is cleared when it is set; nobody acts on it.
    static let checkPowerButton: Routine = .init("HalpCheckPowerButton", module: .hal) { f in
        let port = f.local(fixedAcpiTable.Pm1aEventBlock)
        f.if(port != 0) {
            f.if((f.input(port, width: .word) & 0x100) != 0) { f.output(port, 0x100, width: .word) }
        }
        f.return()
    }

    /// `HalpBiosDisplayReset() -> BOOLEAN`: what HalResetDisplay holds. Does to the text screen what setting mode 3 does: an empty page from the start of its
    /// memory, cursor of two lines in the upper left corner.
    static let biosDisplayReset: Routine = .init("HalpBiosDisplayReset", module: .hal) { f in
        f.asm { a in
            a.pushfd()
            a.cli()
        }
        for (register, value) in [(0x0A, 0x0D), (0x0B, 0x0E), (0x0C, 0), (0x0D, 0), (0x0E, 0), (0x0F, 0)] {
            f.output(0x3D4, register)
            f.output(0x3D5, value)
        }
        let cell = f.local(Vid.TextScreen.memory)
        f.while(cell < Value(Vid.TextScreen.memory + Vid.TextScreen.rows * Vid.TextScreen.columns * 2)) {
            f.set(cell.dword(), 0x0720_0720)
            f.add(cell, 4)
        }
        f.asm { a in a.popfd() }
        f.return(1)
    }

    /// `HaliHaltSystem()`: what HalHaltSystem holds.
    static let haltSystem: Routine = .init("HaliHaltSystem", module: .hal) { f in
        f.loop { f.asm { a in a.hlt() } }
    }

    /// What drivers and debuggers use by name although nobody here imports it.
    package static let exports: [any Item] = [
        privateDispatchTable, getBusData, getBusDataByOffset, setBusData, setBusDataByOffset, halTranslateBusAddress,
        halAssignSlotResources,
        adjustResourceList, stallExecutionProcessor, stopProfileInterrupt, Rtl.initializeRangeList, Rtl.freeRangeList, Rtl.addRange,
        Rtl.deleteRange, Rtl.deleteOwnersRanges, Rtl.isRangeAvailable, Rtl.findRange, Rtl.findMessage, Misc.inbvIndicateProgress,
        Misc.inbvSetProgressBarSubset, Misc.inbvNotifyDisplayOwnershipLost, Misc.inbvEnableBootDriver,
    ]
}
