// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Objects of a booted guest, read at the offsets that spec/boot.md section 5 gives, as numbers and not through the layouts the kernel was made with.
struct LayoutTests {
    private let run = KernelRun(options: "DEBUG DEBUGPORT=COM1")

    private func handler(_ address: UInt32) -> String? { run.guest.symbols.symbol(containing: address)?.name }

    @Test func driverObject() {
        run.run(to: "IopReinitializeBootDrivers")
        let driver = run.object(#"\Driver\KdDriver"#)
        #expect(run.word(driver) == 4 && run.word(driver + 2) == 0xA8)
        #expect(run.read(driver + 0x04) == 0)
        #expect(run.read(driver + 0x08) == 0x34)
        #expect(run.read(driver + 0x0C) == 0 && run.read(driver + 0x10) == 0 && run.read(driver + 0x14) == 0)
        #expect(run.read(driver + 0x18) == driver + 0xA8)
        #expect(run.string(driver + 0x1C) == #"\Driver\KdDriver"#)
        #expect(handler(run.read(driver + 0x2C)) == "KdpDriverEntry")
        #expect(run.read(driver + 0x34) == 0)
        for major in 0..<28 as Range<UInt32> { #expect(handler(run.read(driver + 0x38 + 4 * major)) == "IopInvalidDeviceRequest") }
        // DRIVER_EXTENSION.
        #expect(run.read(driver + 0xA8) == driver)
        #expect(run.read(driver + 0xB0) == 0)
        #expect(run.string(driver + 0xB4) == #"\Driver\KdDriver"#)
        // OBJECT_HEADER and its name.
        let header = driver - 0x18
        #expect(run.read(header) == 2 && run.read(header + 4) == 0)
        #expect(run.read(header + 8) == run.variable("IoDriverObjectType"))
        #expect(run.byte(header + 0x0C) == 0x18 && run.byte(header + 0x0D) == 0 && run.byte(header + 0x0F) & 0x10 == 0x10)
        #expect(run.read(header - 0x18) == run.object(#"\Driver"#))
        #expect(run.string(header - 0x14) == "KdDriver")
        // POOL_HEADER: the type's key is the tag.
        #expect(run.read(header - 0x18 - 4) == poolTag("Driv"))
        // DRIVER_REINIT_ITEM.
        let item = run.list(run.address("DriverBootReinitListHead"))[0]
        #expect(run.read(item + 8) == driver && handler(run.read(item + 0x0C)) == "KdpDriverReinit" && run.read(item + 0x10) == 0)
        #expect(run.read(item - 4) == poolTag("IoRi"))
    }

    @Test(
        arguments: [
            ("IoAdapterObjectType", "Adap", 0x1F01FF), ("IoControllerObjectType", "Cont", 0x1F01FF),
            ("IoDeviceObjectType", "Devi", 0x1F01FF),
            ("IoDriverObjectType", "Driv", 0x1F01FF), ("IoCompletionType", "IoCo", 0x1F0003), ("IoFileObjectType", "File", 0x1F01FF),
        ] as [(String, String, UInt32)])
    func objectTypes(name: String, key: String, access: UInt32) {
        run.run(to: "IopCreateRootDirectories")
        let type = run.variable(name)
        #expect(run.read(type + 0xAC) == key.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) })
        #expect(run.word(type + 0x60) == 0x4C)
        // SYNCHRONIZE is added to types with a default object.
        #expect(run.read(type + 0x78) & access == access)
        #expect(run.string(type + 0x40).hasPrefix(key))
        switch name {
        case "IoDeviceObjectType":
            #expect(handler(run.read(type + 0x98)) == "IopDeleteDevice" && handler(run.read(type + 0x9C)) == "IopParseDevice")
        case "IoDriverObjectType": #expect(handler(run.read(type + 0x98)) == "IopDeleteDriver" && run.read(type + 0x9C) == 0)
        case "IoFileObjectType":
            #expect(handler(run.read(type + 0x94)) == "IopCloseFile" && handler(run.read(type + 0x98)) == "IopDeleteFile")
        default: break
        }
    }

    @Test func devicesAndVolume() {
        run.run(to: "IopReassignSystemRoot")
        let partition = run.object(#"\Device\HarddiskVolume1"#)
        #expect(partition != 0 && run.word(partition) == 3)
        #expect(run.read(partition + 0x1C) & 0x180 == 0x100)
        #expect(run.word(run.read(partition + 8)) == 4)
        let vpb = run.read(partition + 0x24)
        #expect(run.word(vpb) == 0x0A && run.word(vpb + 2) == 0x58)
        #expect(run.read(vpb + 0x0C) == partition)
        #expect(run.word(run.read(vpb + 8)) == 3)
        let kernelExtension = run.read(partition + 0xB0)
        #expect(run.word(kernelExtension) == 0x0D && run.word(kernelExtension + 2) == 0 && run.read(kernelExtension + 4) == partition)
    }

    @Test func processorAndThreads() {
        run.run(to: "IoInitSystem")
        let pcr: UInt32 = 0xFFDF_F000
        #expect(run.read(pcr + 0x1C) == pcr && run.read(pcr + 0x20) == pcr + 0x120)
        #expect(run.word(pcr + 0x120) == 1 && run.word(pcr + 0x132) == 3)
        #expect(run.read(pcr + 0x34) == run.address("KdVersionBlock"))
        #expect(run.variable("KiProcessorBlock") == pcr + 0x120)
        let thread = run.read(pcr + 0x124)
        #expect(thread != run.address("KiInitialThread") && run.read(pcr + 0x12C) == run.address("KiInitialThread"))
        // Dispatcher object 6, priority 31, running.
        #expect(run.byte(thread) == 6 && run.byte(thread + 0x5B) == 31 && run.byte(thread + 0x4C) == 2)
        let process = run.read(thread + 0x38)
        #expect(process == run.variable("PsInitialSystemProcess") && run.byte(process) == 3 && run.byte(process + 2) == 0x1E)
        #expect(run.read(run.address("PsActiveProcessHead")) == process + 0x98)
        #expect([run.read(process + 0x94), run.read(thread + 0x1E8)] == [4, 8])
        #expect(String(decoding: run.machine.readBytes(linear: process + 0x164, count: 6)!, as: UTF8.self) == "System")
        #expect(run.list(process + 0x180).map { $0 - 0x224 }.contains(thread))
    }

    @Test func descriptorTables() {
        run.run(to: "IoInitSystem")
        let gdt = run.machine.registers.gdtr
        #expect(gdt.limit == 0x3FF)
        func descriptor(_ selector: UInt32) -> [UInt32] { [run.read(gdt.base + selector), run.read(gdt.base + selector + 4)] }
        #expect(descriptor(0x08) == [0x0000_FFFF, 0x00CF_9A00] || descriptor(0x08) == [0x0000_FFFF, 0x00CF_9B00])
        #expect(descriptor(0x20)[0] == 0x0000_FFFF && descriptor(0x20)[1] & ~0x100 == 0x00CF_F200)
        #expect(descriptor(0x30)[0] == 0xF000_0001 && descriptor(0x30)[1] & ~0x100 == 0xFFC0_92DF)
        #expect(descriptor(0x28)[0] & 0xFFFF == 0x20AB && descriptor(0x28)[1] & 0xFF00 == 0x8B00)
        for (selector, tss) in [(0x50, "KiDoubleFaultTSS"), (0x58, "KiNMITSS")] as [(UInt32, String)] {
            let base = run.address(tss)
            #expect(descriptor(selector) == [base << 16 | 0x68, base >> 16 & 0xFF | 0x8900 | base & 0xFF00_0000])
        }
        let idt = run.machine.registers.idtr
        #expect(idt.base == gdt.base + 0x400 && idt.limit == 0x7FF)
        for vector in 0..<256 as Range<UInt32> {
            let access = run.read(idt.base + 8 * vector + 4) & 0xFFFF
            let selector = run.read(idt.base + 8 * vector) >> 16
            switch vector {
            case 2: #expect(access == 0x8500 && selector == 0x58)
            case 8: #expect(access == 0x8500 && selector == 0x50)
            case 3, 4, 0x29...0x2E: #expect(access == 0xEE00 && selector == 8, "vector \(vector)")
            default: #expect(access == 0x8E00 && selector == 8, "vector \(vector)")
            }
        }
    }

    @Test func modulesOfBothLists() {
        run.run(to: "IopInitializeBootDrivers")
        let loader = run.list(run.variable("KeLoaderBlock"))
        let kernel = run.list(run.address("PsLoadedModuleList"))
        #expect(loader.count == kernel.count && Set(loader).isDisjoint(with: kernel))
        for (theirs, own) in zip(loader, kernel) {
            #expect(run.read(theirs + 0x18) == run.read(own + 0x18) && run.read(theirs + 0x20) == run.read(own + 0x20))
            #expect(run.string(theirs + 0x2C) == run.string(own + 0x2C) && run.string(theirs + 0x24) == run.string(own + 0x24))
            #expect(run.read(theirs + 0x28) != run.read(own + 0x28))
            #expect(run.word(run.read(own + 0x18)) == 0x5A4D)
        }
        #expect(kernel.prefix(4).map { run.string($0 + 0x2C) } == ["ntoskrnl.exe", "hal.dll", "kdcom.dll", "bootvid.dll"])
    }
}
