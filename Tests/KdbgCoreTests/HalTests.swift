// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// The HAL: its tables, buses, ACPI, time, and what it claims; boot video.
struct HalTests {
    private static let table = HAL_PRIVATE_DISPATCH.layout

    private func cell(_ run: KernelRun, _ field: KeyPath<HAL_PRIVATE_DISPATCH, Field>) -> String {
        let address = run.read(run.address("HalPrivateDispatchTable") + Self.table[keyPath: field].offset)
        return run.guest.symbols.symbol(containing: address).map { $0.address == address ? $0.name : "" } ?? ""
    }

    /// The private table's cells at each stage of spec/boot.md section 5.19.
    @Test func privateTableIsFilledInStages() {
        let run = KernelRun()
        run.run(to: "HalInitializeProcessor")
        #expect(run.variable("HalPrivateDispatchTable") == 2)
        #expect(
            cell(run, \.KdSetupPciDeviceForDebugging) == "xKdSetupPciDeviceForDebugging" && cell(run, \.HalHaltSystem) == "xHalHaltSystem")
        #expect(run.variable("HalpDefaultInterruptAffinity") == 0)
        run.run(to: "KdInitSystem")
        #expect(cell(run, \.KdSetupPciDeviceForDebugging) == "HalpSetupPciDeviceForDebugging")
        #expect(cell(run, \.KdReleasePciDeviceforDebugging) == "HalpReleasePciDeviceForDebugging")
        #expect(cell(run, \.KdGetAcpiTablePhase0) == "HalAcpiGetTable" && cell(run, \.KdMapPhysicalMemory64) == "HalpMapPhysicalMemory64")
        #expect(run.variable("HalpDefaultInterruptAffinity") == 1 && cell(run, \.HalResetDisplay) == "xHalResetDisplay")
        #expect(run.invoke("xHalResetDisplay") == 0)
        run.run(to: "MmArmInitSystem")
        #expect(cell(run, \.HalResetDisplay) == "HalpBiosDisplayReset" && cell(run, \.HalHaltSystem) == "HaliHaltSystem")
        #expect(cell(run, \.HalHandlerForBus) == "xHalHandlerForBus")
        run.run(to: "PoInitSystem")
        #expect(cell(run, \.HalHandlerForBus) == "HaliHandlerForBus" && cell(run, \.HalRegisterBusHandler) == "HaliRegisterBusHandler")
    }

    /// Every routine of the kernel's in the tables leaves the stack as its cell's callers expect: as many arguments as the name stands for.
    @Test func stubsTakeTheirArguments() {
        let run = KernelRun()
        run.run(to: "PoInitSystem")
        for (name, count, answer) in [
            ("xHalQuerySystemInformation", 4, 0xC000_0148), ("xHalSetSystemInformation", 3, 0xC000_0148),
            ("xHalQueryBusSlots", 4, 0xC000_00BB),
            ("xHalHandlerForBus", 2, 0), ("xHalReferenceBusHandler", 1, 0), ("xHalInitPnpDriver", 0, 0xC000_00BB),
            ("xHalInitPowerManagement", 2, 0xC000_00BB), ("xHalGetInterruptTranslator", 7, 0xC000_00BB),
            ("xHalEndMirroring", 1, 0xC000_00BB),
            ("xHalMirrorPhysicalMemory", 4, 0xC000_00BB), ("xHalRegisterBusHandler", 8, 0xC000_00BB), ("xHalTranslateBusAddress", 6, 0),
            ("xHalAssignSlotResources", 8, 0xC000_00BB), ("xHalSetWakeAlarm", 3, 0), ("xKdGetAcpiTablePhase0", 2, 0),
        ] as [(String, Int, UInt32)] {
            // A routine that takes another number of arguments comes back with another stack pointer, which `invoke` does not take for the end.
            #expect(run.invoke(address: run.address(name), [UInt32](repeating: 0, count: count)) == answer, "\(name)")
        }
    }

    /// Phase 0 before the memory manager: tables, and a window that is given back.
    @Test func acpiTables() throws {
        let run = KernelRun()
        run.run(to: "MmArmInitSystem")
        #expect(
            run.serial.contains(
                "(hal/halx86/acpi/halacpi.c:782) ACPI Timer at: 408h (EXT: 0)\r\n(hal/halx86/acpi/halacpi.c:891) ACPI 2.0 Detected. Tables: [RSDT] [FACP] \r\n"
            ))
        let table = try #require(run.invoke("HalAcpiGetTable", 0, poolTag("FACP")))
        #expect(
            run.read(table) == poolTag("FACP") && run.read(table + 4) == FADT.size && run.invoke("HalAcpiGetTable", 0, poolTag("SRAT")) == 0
        )
        let window = try #require(run.invoke("HalpMapPhysicalMemory64", 0xE_0040, 0, 2))
        #expect(window & 0xFFF == 0x40 && run.read(window) == poolTag("RSDT"))
        run.invoke("HalpUnmapVirtualAddress", window, 2)
        #expect(run.machine.read32(linear: window) == nil)
        #expect(run.invoke("HalpMapPhysicalMemory64", 0xE_0040, 0, 2) == window)
        #expect(run.invoke("HalpMapPhysicalMemory64", 0, 0, 0x1000) == 0 && run.invoke("HalpMapPhysicalMemory64", 0, 1, 1) == 0)
    }

    /// A stall lasts as long as it says, or a little longer.
    @Test func stallIsCalibrated() {
        let run = KernelRun()
        run.run(to: "HalpInitPhase0")
        #expect(run.read(0xFFDF_F04C) == 100)
        run.run(to: "MmArmInitSystem")
        #expect((50...52).contains(run.read(0xFFDF_F04C)))
        let before = run.machine.instructionCount
        run.invoke("KeStallExecutionProcessor", 500)
        #expect((50_000...53_000).contains(run.machine.instructionCount - before))
    }

    @Test func optionPciLock() {
        for (options, expected) in [("DEBUG DEBUGPORT=COM1 PCILOCK", 1), ("DEBUG DEBUGPORT=COM1", 0)] as [(String, UInt32)] {
            let run = KernelRun(options: options)
            run.run(to: "MmArmInitSystem")
            #expect(run.variable("HalpPciLockSettings") == expected)
        }
    }

    /// CMOS, ISA and the system's bus, through the handlers.
    @Test func buses() {
        let run = KernelRun()
        run.run(to: "PoInitSystem")
        #expect(run.list(run.address("HalpAllBusHandlers")).count == 3)
        let buffer = run.scratch(16)
        // CMOS registers 10h and 14h: no diskette, equipment.
        #expect(run.invoke("HalGetBusData", 0, 0, 0x14, buffer, 1) == 1 && run.byte(buffer) == 6)
        _ = run.machine.write8(linear: buffer, 0x5A)
        #expect(run.invoke("HalSetBusData", 0, 0, 0x50, buffer, 1) == 1)
        #expect(run.invoke("HalGetBusDataByOffset", 0, 0, 0x50, buffer + 4, 0, 100) == 48 && run.byte(buffer + 4) == 0x5A)
        // No PCI, no second CMOS.
        #expect(run.invoke("HalGetBusData", 4, 0, 0, buffer, 4) == 0 && run.invoke("HalGetBusData", 0, 1, 0, buffer, 1) == 0)
        let space = run.scratch(16)
        func translate(_ bus: UInt32, _ address: UInt32, _ kind: UInt32) -> UInt32? {
            run.write(space, kind)
            guard run.invoke("HalTranslateBusAddress", bus, 0, address, 0, space, space + 8) == 1 else { return nil }
            return run.read(space + 8)
        }
        #expect(translate(1, 0xA_0000, 0) == 0xA_0000 && translate(1, 0x100_0000, 0) == nil && translate(0, 0x100_0000, 0) == 0x100_0000)
        #expect(translate(1, 0x3F8, 1) == 0x3F8 && translate(1, 0x1_0000, 1) == nil && translate(5, 0x3F8, 1) == nil)
        let irql = run.scratch(8)
        #expect(run.invoke("HalGetInterruptVector", 1, 0, 14, 14, irql, irql + 4) == 0x3E && run.read(irql + 4) == 1)
        #expect(run.invoke("HalGetInterruptVector", 5, 0, 14, 14, irql, irql + 4) == 0)
        #expect(run.invoke("HalAssignSlotResources", 0, 0, 0, 0, 1, 0, 0, irql) == 0xC000_00BB)
        #expect(run.invoke("HalAssignSlotResources", 0, 0, 0, 0, 5, 0, 0, irql) == 0xC000_000E)
        // A bus of a driver's own, below ISA, that answers for itself.
        let handler = run.scratch(4)
        #expect(run.invoke("HaliRegisterBusHandler", 8, 0xFFFF_FFFF, 3, 1, 0, 16, 0, handler) == 0)
        #expect(run.invoke("HaliHandlerForBus", 8, 3) == run.read(handler) && run.invoke("HaliHandlerForBus", 8, 0) == 0)
        #expect(run.read(run.read(handler) + 0x14) == run.invoke("HaliHandlerForBus", 1, 0))
    }

    /// What the HAL and KD use is in the registry and not to be had.
    @Test(arguments: [("DEBUG DEBUGPORT=COM1", true), ("NODEBUG", false)])
    func resourcesAreClaimed(options: String, claimsPort: Bool) {
        let run = KernelRun(options: options)
        run.run(to: "KdDebuggerInitialize1")
        let handle = run.scratch(4)
        let path = #"\Registry\Machine\Hardware\ResourceMap\Hardware Abstraction Layer\ACPI Compatible Eisa/Isa HAL"#
        #expect(run.invoke("ZwOpenKey", handle, 0x20019, run.attributes(path)) == 0)
        let buffer = run.scratch(1024)
        let key = run.read(handle)
        func descriptors(_ value: String) -> [[UInt32]] {
            guard run.invoke("ZwQueryValueKey", key, run.unicode(value), 2, buffer, 1024, handle) == 0 else { return [] }
            return (0..<run.read(buffer + 12 + 16)).map { index in
                let place = buffer + 12 + 20 + 16 * index
                return [run.byte(place), run.read(place + 4), run.read(place + 8), run.read(place + 12)]
            }
        }
        let raw = descriptors(".Raw")
        #expect(raw.contains([1, 0x20, 0, 2]) && raw.contains([1, 0x408, 0, 4]) && raw.contains([2, 8, 8, 1]))
        #expect(raw.contains([1, 0x3F8, 0, 8]) == claimsPort)
    }

    @Test func driverIsToldOfConflictWithDebugger() {
        let run = KernelRun.probe()
        let list = run.scratch(0x24)
        for (offset, value) in [(0, 1), (4, 1), (0x0C, 0x1_0001), (0x10, 1), (0x14, 0x101), (0x18, 0x3F8), (0x20, 8)] as [(UInt32, UInt32)]
        {
            run.write(list + offset, value)
        }
        let conflict = run.scratch(4)
        let driver = run.object(#"\Driver\probe"#)
        #expect(run.invoke("IoReportResourceUsage", 0, driver, list, 0x24, 0, 0, 0, 0, conflict) == 0xC000_0018 && run.byte(conflict) == 1)
        run.write(list + 0x18, 0x2F8)
        #expect(run.invoke("IoReportResourceUsage", 0, driver, list, 0x24, 0, 0, 0, 0, conflict) == 0 && run.byte(conflict) == 0)
        let configuration = run.invoke("IoGetConfigurationInformation") ?? 0
        #expect(run.read(configuration + 0x10) == 1 && run.byte(configuration + 0x1C) == 1 && run.byte(configuration + 0x1D) == 0)
    }

    /// The kernel's routines on partition tables, on the boot disk.
    @Test func partitionTables() throws {
        let run = KernelRun.probe()
        let file = run.scratch(8)
        #expect(run.invoke("IoGetDeviceObjectPointer", run.unicode(#"\Device\Harddisk0\Partition0"#), 0x80, file, file + 4) == 0)
        let disk = run.read(file + 4)
        let out = run.scratch(4)
        #expect(run.invoke("xHalIoReadPartitionTable", disk, 512, 1, out) == 0)
        let layout = run.read(out)
        #expect(run.read(layout) == 1 && run.read(layout + 8) == 63 * 512 && run.read(layout + 8 + 20) == 1)
        let type = run.byte(layout + 8 + 24)
        run.invoke("xHalExamineMBR", disk, 512, type, out)
        let record = run.read(out)
        #expect(record != 0 && run.word(record + 0x1FE) == 0xAA55)
        run.invoke("xHalExamineMBR", disk, 512, type ^ 0xFF, out)
        #expect(run.read(out) == 0)
        #expect(run.invoke("xHalIoSetPartitionInformation", disk, 512, 1, 0x42) == 0)
        #expect(run.invoke("xHalIoSetPartitionInformation", disk, 512, 2, 0x42) == 0xC000_000D)
        #expect(run.invoke("xHalIoReadPartitionTable", disk, 512, 1, out) == 0 && run.byte(run.read(out) + 8 + 24) == 0x42)
        // Written back as it was, the record is the same but for what this code counts itself.
        #expect(run.invoke("xHalIoWritePartitionTable", disk, 512, 63, 16, layout) == 0)
        run.invoke("xHalExamineMBR", disk, 512, type, out)
        let again = run.read(out)
        // Whoever made the disk may have counted cylinders, heads and sectors otherwise.
        let isCounted = { (at: UInt32) in (0x1BE..<0x1FE).contains(at) && [1, 2, 3, 5, 6, 7].contains((at - 0x1BE) & 15) }
        #expect(again != 0)
        #expect((0..<512).allSatisfy { isCounted($0) || run.byte(again + $0) == run.byte(record + $0) })
        // Sector 63 of 63 by 16: cylinder 0, head 1, sector 1.
        #expect([run.byte(again + 0x1BF), run.byte(again + 0x1C0), run.byte(again + 0x1C1)] == [1, 1, 0])
        run.write(layout, 5)
        #expect(run.invoke("xHalIoWritePartitionTable", disk, 512, 63, 16, layout) == 0xC000_00BB)
    }

    /// The idle loop halts through the PRCB.
    @Test func idleGoesThroughThePowerState() {
        let run = KernelRun()
        #expect(run.run(to: "PopIdle0", limit: 60_000_000) == "PopIdle0")
        #expect(run.machine.registers.eflags & 0x200 == 0)
        // The thread that slept goes on: its wake-up was not lost.
        #expect(run.run(to: "IoInitSystem", limit: 200_000_000) == "IoInitSystem")
    }

    /// Boot video is nobody's before 1.8 #4, and then what the options say.
    @Test(arguments: [("SOS", 0, 1, 0), ("", 0, 0, 1), ("NOGUIBOOT", 2, 0, 0)] as [(String, UInt32, UInt32, UInt32)])
    func bootVideo(option: String, state: UInt32, strings: UInt32, bar: UInt32) {
        let run = KernelRun(options: "DEBUG DEBUGPORT=COM1 " + option)
        run.run(to: "ExpInitializeBootVideo")
        #expect(run.byte(run.address("InbvBootDriverInstalled")) == 0 && run.variable("InbvDisplayState") == 1)
        run.run(to: "ExpDisplayBanner")
        #expect(run.byte(run.address("InbvBootDriverInstalled")) == 1 && run.variable("InbvDisplayState") == state)
        #expect(run.byte(run.address("InbvDisplayDebugStrings")) == strings && run.variable("ShowProgressBar") == bar)
        run.run(to: "ObInitSystem", limit: 60_000_000)
        func shows(_ text: String) -> Bool { run.machine.textScreenLines().contains { $0.contains(text) } }
        #expect(shows("1 System Processor [") == (strings == 1) && shows("ReactOS") == (state == 0))
    }

    /// The bar never goes back, and moves while drivers start.
    @Test func progressBar() {
        let run = KernelRun()
        var seen: [UInt32] = []
        while run.run(to: "InbvUpdateProgressBar", "FinalizeBootLogo", limit: 100_000_000) == "InbvUpdateProgressBar" {
            seen.append(run.variable("InbvProgress"))
        }
        seen.append(run.variable("InbvProgress"))
        #expect(seen == seen.sorted() && seen.last == 100 && seen.contains(25) && seen.contains { $0 > 30 && $0 < 75 })
        #expect(seen.allSatisfy { $0 <= 75 || $0 >= 80 })
        let row = run.machine.textScreenCells()[15 * 160..<16 * 160]
        #expect(stride(from: row.startIndex + 1, to: row.endIndex, by: 2).filter { row[$0] >> 4 == 7 }.count == 40)
    }
}
