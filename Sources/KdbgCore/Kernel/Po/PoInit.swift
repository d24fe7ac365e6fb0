// SPDX-License-Identifier: GPL-3.0-or-later

/// Power: idling, and what the machine has for buttons (spec/boot.md sections 1.5 #1, 1.8 #6 and #32).
extension Po {
    /// `PopIdle0()`, called by `KiIdleLoop` with interrupts off: STI takes effect after HLT has begun, so a wake-up that came in between is not lost.
    static let idleFunction: Routine = .init("PopIdle0") { f in
        f.asm { a in
            a.sti()
            a.hlt()
        }
        f.return()
    }

    static let initializePrcb: Routine = .bootStep(
        "1.5 #1", "PoInitializePrcb", ["Prcb"], "Idle routine", "The PRCB's power state gets the routine that halts the processor."
    ) { f in
        f.set(f.argument(0, KPRCB.self).address(of: \.PowerState).dword(), idleFunction)
        f.return()
    }

    /// `PoInitSystem(BootPhase) -> BOOLEAN`.
    package static let initSystem: Routine = .init("PoInitSystem", ["BootPhase"], section: .initialization) { f in
        f.if(f.argument(0) == 0) { f.return(f.call(initSystemPhase0)) }
        f.return(f.call(initSystemPhase1))
    }

    static let acpiPresent: Global = .init("PopAcpiPresent")

    static let initSystemPhase0: Routine = .bootStep(
        "1.8 #6", "PopInitSystemPhase0", [], "Power, phase 0", "PopAcpiPresent when the loader saw ACPI."
    ) { f in
        f.set(acpiPresent.dword, Ke.loader.Extension.AcpiTable != 0)
        f.return(1)
    }

    /// Interfaces of system buttons and of lids that have arrived and not gone.
    static let buttonCount: Global = .init("PopButtonCount")
    static let lidCount: Global = .init("PopLidCount")

    /// GUID_DEVICE_SYS_BUTTON, {4AFA3D53-74A7-11D0-BE5E-00A0C9062857}.
    static let buttonClass: Global = .init("GUID_DEVICE_SYS_BUTTON", size: 16, section: .constants) {
        [.dword(0x4AFA_3D53), .word(0x74A7), .word(0x11D0), .bytes([0xBE, 0x5E, 0x00, 0xA0, 0xC9, 0x06, 0x28, 0x57])]
    }
    /// GUID_DEVICE_LID, {4AFA3D52-74A7-11D0-BE5E-00A0C9062857}.
    static let lidClass: Global = .init("GUID_DEVICE_LID", size: 16, section: .constants) {
        [.dword(0x4AFA_3D52), .word(0x74A7), .word(0x11D0), .bytes([0xBE, 0x5E, 0x00, 0xA0, 0xC9, 0x06, 0x28, 0x57])]
    }

    static let initSystemPhase1: Routine = .bootStep(
        "1.8 #32", "PopInitSystemPhase1", [], "Power, phase 1",
        """
        Asks the plug and play manager, in the name of the root device's driver, to be told of interfaces of system buttons and lids, those that are there \
        already included; 90 %. If that fails it is bugcheck 0xA0.
        """
    ) { f in
        let root = f.local(Io.rootDeviceNode.dword.as(DEVICE_NODE.self).PhysicalDeviceObject.value)
        let driver = f.local(root.as(DEVICE_OBJECT.self).DriverObject.value)
        let entry = f.local(0)
        for (guid, count) in [(buttonClass, buttonCount), (lidClass, lidCount)] {
            let status = f.call(
                Io.registerPlugPlayNotification, Io.EventCategory.deviceInterfaceChange, Io.includeExistingInterfaces, guid, driver,
                addRemoveCallback, count, f.address(of: entry))
            f.if(status.isError) { f.return(0) }
        }
        f.call(Misc.inbvUpdateProgressBar, 90)
        f.return(1)
    }

    /// `PopAddRemoveSysCapsCallback(Notification*, Count*) -> status`: one more, or one less.
    private static let addRemoveCallback: Routine = .init("PopAddRemoveSysCapsCallback", ["NotificationStructure", "Context"]) { f in
        // The event's GUID begins with CB3A4004 for an arrival, CB3A4005 for a removal.
        f.if(f.argument(0).dword(4) == Io.interfaceArrival) { f.add(f.argument(1).dword(), 1) }
        f.if(f.argument(0).dword(4) == Io.interfaceRemoval) { f.add(f.argument(1).dword(), 0xFFFF_FFFF as Value) }
        f.return(Status.success)
    }
}
