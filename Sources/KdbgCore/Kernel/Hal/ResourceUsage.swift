// SPDX-License-Identifier: GPL-3.0-or-later

/// What the HAL and the kernel debugger use themselves (spec/boot.md sections 1.6.1 and 1.8 #22), so that no driver is given it.
extension Hal {
    /// Ports of an ADDRESS_USAGE: 00 next, 04 resource type (1 port), 08 first port and count of each range, ended by a count of 0.
    private static func usage(_ name: String, _ ranges: [(UInt32, UInt32)]) -> Global {
        Global(name, size: UInt32(16 + 8 * ranges.count), module: .hal) {
            [.dword(0), .dword(1)] + ranges.flatMap { [.dword($0.0), .dword($0.1)] }
        }
    }

    /// `HalpAddressUsageList`.
    private static let addressUsageList: Global = .init("HalpAddressUsageList", module: .hal)
    /// DMA controllers with their page registers, interrupt controllers, timer, port 61h, CMOS, edge/level registers.
    private static let defaultIoSpace: Global = usage(
        "HalpDefaultIoSpace",
        [
            (0x00, 0x10), (0x20, 2), (0x40, 4), (0x61, 1), (0x70, 2), (0x80, 0x10), (0xA0, 2), (0xC0, 0x20), (0x4D0, 2),
        ])
    /// The fixed hardware of ACPI, where the FADT says it is.
    private static let acpiIoSpace: Global = usage("HalpAcpiIoSpace", [(0, 0), (0, 0), (0, 0)])
    /// The port of the kernel debugger.
    private static let comPortIoSpace: Global = usage("HalpComIoSpace", [(0, 8)])

    private static func insert(_ f: Function, _ usage: Global) {
        f.set(usage.value.dword(), addressUsageList.dword)
        f.set(addressUsageList.dword, usage)
    }

    /// `HalpRegisterIoSpace()`: the list of ports starts with what every PC has, and ACPI's.
    static let registerIoSpace: Routine = .init("HalpRegisterIoSpace", module: .hal) { f in
        insert(f, defaultIoSpace)
        f.if(fixedAcpiTable.Pm1aEventBlock != 0) {
            let ranges = acpiIoSpace.value
            f.set(ranges.dword(8), fixedAcpiTable.Pm1aEventBlock)
            f.set(ranges.dword(12), fixedAcpiTable.Pm1EventLength)
            f.set(ranges.dword(16), fixedAcpiTable.Pm1aControlBlock)
            f.set(ranges.dword(20), fixedAcpiTable.Pm1ControlLength)
            f.set(ranges.dword(24), fixedAcpiTable.PmTimerBlock)
            f.set(ranges.dword(28), fixedAcpiTable.PmTimerLength)
            insert(f, acpiIoSpace)
        }
        f.return()
    }

    /// `HalReportResourceUsage()`.
    static let reportResourceUsage: Routine = .init(
        "HalReportResourceUsage", module: .hal,
        step: .init(
            "1.8 #22", "HAL reports its resources",
            """
            The HAL prints its name and claims what it drives itself: its ports, IRQ 0 and 8, and, as KD uses a serial port, that one. From now on a driver that wants them is told of a conflict. \
            RESOURCEMAP in the registry shows the list.
            """)
    ) { f in
        f.print("ACPI Compatible Eisa/Isa HAL Detected\n")
        f.call(reportUsage, f.unicode("ACPI Compatible Eisa/Isa HAL"))
        f.return()
    }

    /// `HalpReportResourceUsage(HalName*)`: the usage list as a CM_RESOURCE_LIST; each interrupt by its line in the raw list, by its level and vector in the translated one.
    private static let reportUsage: Routine = .init("HalpReportResourceUsage", ["HalName"], module: .hal) { f in
        f.if(Kd.comPortInUse.dword != 0) {
            f.set(comPortIoSpace.value.dword(8), Kd.comPortInUse.dword)
            insert(f, comPortIoSpace)
        }
        let size: UInt32 = 0x14 + 16 * 32
        let raw = f.call(Ex.allocatePoolWithTag, 0, size * 2, Value.tag("Hal "))
        f.if(raw == 0) { f.return() }
        let translated = f.local(raw + Value(size))
        f.zero(raw, size * 2)
        f.set(raw.dword(), 1)
        f.set(raw.dword(4), InterfaceType.isa)
        f.set(raw.dword(12), 0x1_0001)
        let next = f.local(raw + 0x14)
        let usage = f.local(addressUsageList.dword)
        f.while(usage != 0) {
            let range = f.local(usage + 8)
            f.while(range.dword(4) != 0) {
                f.set(next.byte(), 1)
                f.set(next.byte(1), 1)
                f.set(next.word(2), 1)
                f.set(next.dword(4), range.dword())
                f.set(next.dword(12), range.dword(4))
                f.add(next, 16)
                f.add(range, 8)
            }
            f.set(usage, usage.dword())
        }
        let ports = f.local(next)
        for irq in [0, 8] as [UInt32] {
            f.set(next.byte(), 2)
            f.set(next.byte(1), 1)
            f.set(next.word(2), 1)
            f.set(next.dword(4), irq)
            f.set(next.dword(8), irq)
            f.set(next.dword(12), defaultInterruptAffinity.dword)
            f.add(next, 16)
        }
        f.set(raw.dword(16), (next - raw - 0x14) >> 4)
        let used = f.local(next - raw)
        f.copy(to: translated, from: raw, used)
        f.set(next, translated + (ports - raw))
        for (irq, level) in [(0, Irql.clock), (8, Irql.profile)] as [(UInt32, Value)] {
            f.set(next.dword(4), level)
            f.set(next.dword(8), irq + 0x30)
            f.add(next, 16)
        }
        f.call(Io.reportHalResourceUsage, f.argument(0), raw, translated, used)
        f.call(Ex.freePoolWithTag, raw, Value.tag("Hal "))
        f.return()
    }
}
