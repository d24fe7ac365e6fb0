// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing
import X86

@testable import KdbgCore

/// The images as files, and what is in guest memory of them.
@Suite struct ImageTests {
    private static let hasObjdump: Bool = {
        let found = system("command -v objdump >/dev/null 2>&1") == 0
        if !found { print("ImageTests: skipped, binutils are not installed") }
        return found
    }()

    /// What objdump prints of a file.
    private func objdump(_ bytes: [UInt8]) -> String {
        let path = "/tmp/kdbg-image-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let file = fopen(path, "w")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        defer { unlink(path) }
        return Shell.run("objdump -d -w \(path)").output
    }

    /// Instructions as objdump has found them: virtual address and bytes.
    private func instructions(of bytes: [UInt8]) -> [(address: UInt32, bytes: [UInt8])] {
        objdump(bytes).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count >= 2, let colon = fields[0].firstIndex(of: ":"),
                let address = UInt32(fields[0][..<colon].drop { $0 == " " }, radix: 16)
            else { return nil }
            return (address, fields[1].split(separator: " ").compactMap { UInt8($0, radix: 16) })
        }
    }

    @Test(
        "what objdump disassembles is what the guest executes, at first and after the drivers have moved, modulo relocations",
        .enabled(if: hasObjdump), arguments: ["ntoskrnl.exe", "hal.dll", "bootvid.dll", "disk.sys", "fastfat.sys"])
    func disassembly(name: String) throws {
        let file = try #require(SystemImages.files().first { $0.name == name })
        let listing = instructions(of: file.bytes)
        #expect(listing.count > 50)
        let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1")
        let index = try #require(guest.images.firstIndex { $0.module.name == name })
        let image = guest.images[index]
        let relocated = Set(image.relocations.flatMap { $0..<$0 + 4 })
        func compare() throws {
            let base = try #require(guest.placedImages[index].base)
            var differences: [UInt32] = []
            for (address, bytes) in listing {
                let rva = address - image.module.linkBase
                let memory = guest.machine.readBytes(linear: base + rva, count: bytes.count) ?? []
                let isEqual =
                    memory.count == bytes.count
                    && bytes.indices.allSatisfy { memory[$0] == bytes[$0] || relocated.contains(rva + UInt32($0)) }
                if !isEqual { differences.append(address) }
            }
            #expect(differences == [])
        }
        try compare()
        // Each routine begins with an instruction.
        let starts = Set(listing.map(\.address))
        for symbol in image.symbols where symbol.kind == .code {
            #expect(starts.contains(image.module.linkBase + symbol.address), "\(symbol.name)")
        }
        let runner = Runner(guest)
        while true {
            if case .stopped(let stop, _) = runner.run(.bootStep(StepNumber("1.6 #14")!), budget: 100_000_000) {
                #expect(stop == .bootStep(StepNumber("1.6 #14")!))
                break
            }
        }
        try compare()
    }

    @Test("two links give the same bytes, and every image has its checksum, time and entry point")
    func deterministic() throws {
        let files = SystemImages.files()
        #expect(files.map(\.bytes) == SystemImages.files().map(\.bytes))
        for (name, bytes) in files {
            let file = PELoader(file: bytes)
            #expect(file.checkSum != 0)
            #expect(file.entryPoint != 0, "\(name)")
            #expect(file.sizeOfImage & 0xFFF == 0)
            #expect(file.exports.values.allSatisfy { $0 < file.sizeOfImage })
            // The time is the commit's day.
            #expect(bytes[0x88..<0x8C].elementsEqual([0x80, 0xC4, 0x0B, 0x64]))
        }
    }

    /// Spec/boot.md section 5.21, and what HAL and drivers must find; nothing that NT's components keep to themselves.
    @Test("export tables hold what NT exports, and nothing private")
    func exportTables() throws {
        let images = SystemImages.link(drivers: DriverImage.all).images.map(\.image)
        let kernel = try #require(images.first { $0.module == .kernel })
        let names = Set(kernel.exports.map(\.name))
        let wanted = [
            "KeLoaderBlock", "PsInitialSystemProcess", "IoDriverObjectType", "IoDeviceObjectType", "IoFileObjectType", "HalDispatchTable",
            "HalPrivateDispatchTable",
            "KdDebuggerEnabled", "KdDebuggerNotPresent", "KdEnteredDebugger", "NtGlobalFlag", "NtBuildNumber", "InitSafeBootMode",
        ]
        #expect(Set(wanted).subtracting(names) == [])
        #expect(!names.contains("PsLoadedModuleList"))
        let components = ["Cmp", "Exp", "Halp", "Iop", "Kdp", "Ki", "Mi", "Obp", "Pi", "Psp", "Rtlp", "Sep"]
        // The HAL's, with these names in NT too.
        let known: Set = ["KiDeliverApc", "KiDispatchInterrupt"]
        for image in images {
            let exposed = image.exports.map(\.name).filter { name in
                components.contains { name.hasPrefix($0) && name.dropFirst($0.count).first?.isUppercase == true }
            }
            #expect(Set(exposed).subtracting(known) == [], "\(image.module.name)")
        }
    }

    /// A WDM driver is one that joins the stacks of devices that plug and play has found.
    @Test("the WDM bit is that of plug-and-play drivers")
    func wdmDrivers() {
        let libraries = ["cdrom.sys", "classpnp.sys", "usbport.sys", "usbd.sys"]
        for file in SystemImages.link(drivers: DriverImage.all).images {
            let name = file.image.module.name
            let joins = file.image.imports.contains { $0.names.contains { $0.name == "IoAttachDeviceToDeviceStack" } }
            let expected = name.hasSuffix(".sys") && (joins || libraries.contains(name))
            // DllCharacteristics of the optional header.
            let header = Int(file.file[0x3C]) | Int(file.file[0x3D]) << 8
            let bits = UInt16(file.file[header + 0x5E]) | UInt16(file.file[header + 0x5F]) << 8
            #expect(bits == (expected ? 0x2000 : 0), "\(name)")
        }
    }

    @Test("the DOS program says what it is and ends with exit code 1")
    func dosProgram() throws {
        let bytes = try #require(SystemImages.files().first).bytes
        let header = 16 * (Int(bytes[8]) | Int(bytes[9]) << 8)
        let machine = Machine(memoryBytes: 1 << 20)
        // Where DOS would put it, with INT 21h leading to HLT.
        machine.writePhysical(0x1_0000, Array(bytes[header..<Int(bytes[0x3C])]))
        machine.writePhysical(0x500, [0xF4, 0xCF])
        machine.writePhysical32(4 * 0x21, 0x0000_0500)
        var registers = Registers.reset
        registers.cs = Segment(selector: 0x1000, base: 0x1_0000, limit: 0xFFFF, attributes: 0x9B)
        registers.ss = Segment(selector: 0x1000, base: 0x1_0000, limit: 0xFFFF, attributes: 0x93)
        registers.esp = UInt32(bytes[0x10])
        registers.eip = 0
        registers.eflags = 2
        machine.registers = registers
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .halted)
        #expect(machine.registers.eax >> 8 & 0xFF == 9)
        #expect(machine.registers.ds.selector == 0x1000)
        let text = machine.readBytes(linear: 0x1_0000 + machine.registers.edx & 0xFFFF, count: 100) ?? []
        #expect(String(decoding: text.prefix { $0 != UInt8(ascii: "$") }, as: UTF8.self) == "Part of an NT kernel, nothing for DOS.\r\r\n")
        // Whoever moves EIP ends HLT.
        machine.registers.eip -= 1
        machine.registers.eip += 1
        #expect(machine.run(until: 1000, passingStopAtStart: false) == .halted)
        #expect(machine.registers.eax & 0xFFFF == 0x4C01)
    }
}
