// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

@testable import KdbgCore

/// `dt` and the catalogue behind it, symbols, memory and writing, on a target made by hand.
struct ExtensionTypeTests {
    private let target = FakeTarget.kernel()
    private let debugger: KernelDebugger

    init() {
        debugger = KernelDebugger(target: target)
    }

    private func output(_ line: String) -> String { debugger.execute(line).output }

    /// Every file of Kernel/Structures declares the type it is named after, and the catalogue has them all.
    @Test func catalogueHasEveryFile() throws {
        let folder = #filePath.replacing("Tests/KdbgCoreTests/ExtensionTypeTests.swift", with: "Sources/KdbgCore/Kernel/Structures")
        let stream = try #require(opendir(folder))
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(".swift"), name != "Catalog.swift" { names.append(String(name.dropLast(6))) }
        }
        #expect(StructureCatalog.types.map(StructureCatalog.name) == names.sorted())
    }

    /// Nothing reaches behind its structure, and what a structure contains has a layout of its own with that size.
    @Test func layoutsAreConsistent() {
        for type in StructureCatalog.types {
            for (name, field) in type.fields {
                #expect(field.offset + field.size <= type.size, "\(type).\(name)")
                if case .structure(let inner) = field.kind { #expect(StructureCatalog.type(named: inner)?.size == field.size, "\(inner)") }
            }
        }
    }

    @Test func structures() {
        target.write32(0x8040_3100, 0x8040_3100)
        target.write32(0x8040_3104, 0x8040_1000)
        #expect(
            output("dt list_entry") == "LIST_ENTRY, 0x8 bytes\n  00000000+0: Flink ?? LIST_ENTRY*\n  00000004+4: Blink ?? LIST_ENTRY*\n")
        #expect(
            output("dt nt!_LIST_ENTRY HalDispatchTable") == """
                LIST_ENTRY, 0x8 bytes
                  80403100+0: Flink 80403100 LIST_ENTRY* ntoskrnl!HalDispatchTable
                  80403104+4: Blink 80401000 LIST_ENTRY* ntoskrnl!IoInitSystem

                """)
        #expect(output("dt ntoskrnl LIST_ENTRY 0x80403100") == output("dt LIST_ENTRY 0x80403100"))
        #expect(output("dt UNICODE_STRIN").hasSuffix("Did you mean 'UNICODE_STRING'?\n"))
        #expect(output("dt LIST_*").hasPrefix("  LIST_ENTRY "))
        #expect(debugger.execute("dt LIST_ENTRY 0").failed)
        #expect(debugger.execute("dt").failed && debugger.execute("dt X*Y").failed && debugger.execute("dt ntoskrnl NOTHING").failed)
    }

    /// Every structure, everywhere, opened to the bottom.
    @Test(arguments: ["0", "0x80400FFC", "0xFFFFFFFC", "0x80403000"])
    func everyStructureAtBadAddresses(address: String) {
        for type in StructureCatalog.types {
            let text = output("dt -r \(type) \(address)")
            #expect(text.hasPrefix("\(type), 0x"))
            #expect(text.utf8.count < 400_000)
        }
    }

    @Test func wildcards() {
        #expect(Wildcard("Kdp*Init").matches("kdpScreenInit"))
        #expect(!Wildcard("Kdp*Init").matches("KdpScreenInit2"))
        #expect(Wildcard("***a?c***").matches("xxabcyy"))
        #expect(!Wildcard(String(repeating: "*a", count: 200)).matches(String(repeating: "b", count: 5000)))
    }

    @Test func symbols() {
        #expect(
            output("ln IoInitSystem+3").hasPrefix("(80401003)   ntoskrnl!IoInitSystem+0x3  Io/Init.swift:21\n(80402000)   ntoskrnl!Phase1"))
        #expect(output("ln 0").hasPrefix("(80401000)   ntoskrnl!IoInitSystem(LoaderBlock)"))
        #expect(output("ln *init*").split(separator: "\n").count == 3)
        #expect(output("ln 0xFFFFFFFF") == "(FFFFFFFF)   hal!HalInitPnpDriver+0x7f9ffeff (behind its end)\n")
        #expect(output("u IoInitSystem L1") == "ntoskrnl!IoInitSystem(LoaderBlock):\n 80401000 55               push   %ebp\n")
        #expect(output("uf eip").hasPrefix("ntoskrnl!IoInitSystem(LoaderBlock):\n"))
        #expect(output("uf 0") == "uf: No routine holds 0x00000000.\n'u' shows any memory as instructions.\n")
        #expect(debugger.execute("u 0").failed)
    }

    @Test func memory() {
        target.writeBytes(0x8040_3100, Array("Hi\u{1B}!".utf8))
        #expect(output("db HalDispatchTable L 4") == "80403100  48 69 1b 21                                      Hi.!\n")
        #expect(output("dw HalDispatchTable L 2") == "80403100  6948 211b\n")
        #expect(output("dd 0x80403FFC L 2") == "80403FFC  00000000 ????????\n")
        #expect(output("db 0xFFFFFFFF L 2").hasPrefix("FFFFFFFF  ?? ??"))
        #expect(output("da HalDispatchTable") == "80403100  \"Hi.!\"\n")
        #expect(output("du HalDispatchTable").hasPrefix("80403100  \"H."))
        #expect(output("da 0") == "Couldn't access memory at 0x00000000\n")
        #expect(debugger.execute("db 0").failed && debugger.execute("db").failed)
    }

    @Test func writing() {
        #expect(output("ed HalDispatchTable 1 0xFFFFFFFF") == "")
        #expect(target.read32(0x8040_3104) == 0xFFFF_FFFF)
        #expect(output("eb HalDispatchTable -1") == "")
        #expect(target.read32(0x8040_3100) == 0xFF)
        #expect(output("eb HalDispatchTable 256").hasSuffix("^ Value 0x100 does not fit into 1 bytes.\n"))
        #expect(output("ew HalDispatchTable 0xFFFF -32769").contains("does not fit"))
        #expect(target.read32(0x8040_3100) == 0xFF)
        #expect(output("ed 0x80403FFC 1 2") == "Couldn't access memory at 0x80403FFC\n")
        #expect(target.read32(0x8040_3FFC) == 0)
        #expect(output("r eax=eax+1") == "")
        #expect(output("r EAX") == "0x00001235        4661\n")
        #expect(output("r eax = 5") == "" && target.registers.eax == 5)
        #expect(output("r xax=5").hasPrefix("        ^ There is no register 'xax'."))
        #expect(output("r eax=1+").hasPrefix("              ^ Operand expected"))
        #expect(output("r dr7=1") == "r: dr7 is read only.\n")
        #expect(debugger.journal.map(\.mark.input) == [0, 1, 2, 3])
        #expect(debugger.journal.last?.change == .register(.eax, 5))
    }
}
