// SPDX-License-Identifier: GPL-3.0-or-later

/// `!pte`, `!pfn`, `!vm` and `!sysptes`, with WinDbg's names: physical pages and who uses them, as the guest's PFN database has it (spec/boot.md section 4.1).
enum PageCommands {
    static let rows: [Command] = [
        Command(
            "!pte", group: .extensions, usage: "!pte Address", summary: "Display the page-table entries of an address.",
            help: """
                What the page directory and the page table hold, through the self-map. Flags from bit 10 down: prototype, copy on write,
                global, large, dirty, accessed, not cached (N), write-through (T), user or kernel, writable or read-only, valid.
                """,
            example: "!pte MmPfnDatabase", winDbg: "!pte", gdb: nil, needs: .kernel, completion: .expression, run: showEntries),
        Command(
            "!pfn", group: .extensions, usage: "!pfn Number", summary: "Display what the kernel knows of a physical page.",
            help: """
                The number is hexadecimal: a physical address without its last three digits, as !pte shows it.
                A page in use has shares (entries that map it; for a page table, entries in it too) and
                references; a free one has neighbours on its list.
                """,
            example: "!pfn 400", winDbg: "!pfn", gdb: nil, needs: .kernel, completion: .expression, run: showPage),
        Command(
            "!vm", group: .extensions, usage: "!vm", summary: "Display how much memory there is and what it is used for.",
            help: """
                Numbers are pages of 4 KiB. The lists are walked, so what is shown is what is there; a Total that
                says otherwise is told.
                """,
            example: "!vm", winDbg: "!vm", gdb: nil, needs: .kernel, run: showUsage),
        Command(
            "!sysptes", group: .extensions, usage: "!sysptes", summary: "Display the free system PTEs.",
            help: "Clusters of free entries in system PTE space and in the expansion of nonpaged pool, how many of each size.",
            example: "!sysptes", winDbg: "!sysptes", gdb: nil, needs: .kernel, run: showClusters),
    ]

    private static let pteBase: UInt32 = 0xC000_0000
    private static let pdeBase: UInt32 = 0xC030_0000

    /// Pages of 4 GiB.
    private static let mostPages: UInt32 = 0x10_0000

    // MARK: Entries

    private static func showEntries(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let word = line.arguments.first else { throw CommandError("!pte: An address is needed.") }
        let address = try HexNumber.address(word, debugger, line, "!pte")
        let pde = pdeBase + address >> 22 * 4
        let pte = pteBase + address >> 12 * 4
        output.line("VA \(address.pointer)".padded(left: 32))
        guard let directory = debugger.target.read32(pde) else { throw CommandError("!pte: There is no page directory at \(pde.pointer).") }
        output.line("PDE at \(pde.pointer)         PTE at \(pte.pointer)")
        let isLarge = directory & 0x81 == 0x81
        let entry = directory & 1 != 0 && !isLarge ? debugger.target.read32(pte) : nil
        output.line("contains \(directory.pointer)       " + (entry.map { "contains \($0.pointer)" } ?? "contains nothing"))
        output.line(text(of: directory).padded(right: 26) + (entry.map(text(of:)) ?? (isLarge ? "large page" : "no page table")))
        return .stay
    }

    /// `pfn 401   ---DA--KWEV`.
    private static func text(of entry: UInt32) -> String {
        guard entry & 1 != 0 else { return entry == 0 ? "not valid" : "not valid, \(entry.pointer)" }
        let letters: [(bit: UInt32, set: Character, clear: Character)] = [
            (9, "C", "-"), (8, "G", "-"), (7, "L", "-"), (6, "D", "-"), (5, "A", "-"), (4, "N", "-"), (3, "T", "-"), (2, "U", "K"),
            (1, "W", "R"),
        ]
        return "pfn \((entry >> 12).hex()) ".padded(right: 10) + String(letters.map { entry >> $0.bit & 1 != 0 ? $0.set : $0.clear }) + "EV"
    }

    // MARK: Pages

    private static let locations = ["Zeroed", "Free", "Standby", "Modified", "ModNoWrite", "Bad", "Active", "Transition"]

    private static func database(_ debugger: KernelDebugger, _ command: String) throws(CommandError) -> (start: UInt32, highest: UInt32) {
        guard let start = debugger.target.global("MmPfnDatabase"), let highest = debugger.target.global("MmHighestPhysicalPage"),
            highest != 0,
            debugger.target.read32(start) != nil
        else { throw CommandError("\(command): There is no PFN database yet.") }
        return (start, highest)
    }

    private static func showPage(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard let word = line.arguments.first else { throw CommandError("!pfn: A page frame number is needed.") }
        let page = try HexNumber.address(word, debugger, line, "!pfn")
        let (start, highest) = try database(debugger, "!pfn")
        guard page <= highest else { throw CommandError("!pfn: The highest page frame number is \(highest.hex()).") }
        let entry = Record<MMPFN>(debugger.target, at: start &+ page &* MMPFN.size)
        guard let flags = entry.e1, let references = entry.ReferenceCount, let link = entry.u1, let shares = entry.u2,
            let pte = entry.PteAddress,
            let original = entry.OriginalPte, let frame = entry.u4
        else { throw CommandError("!pfn: The entry at \(entry.address.pointer) is not accessible.") }
        let location = Int(flags >> 8 & 7)
        output.line("    PFN \(page.hex(8).uppercased()) at address \(entry.address.pointer)")
        output.line("    flink       \(link.pointer)  blink / share count \(shares.pointer)  pteaddress \(pte.pointer)")
        let caching = ["NonCached", "Cached", "WriteComb", "NotMapped"][Int(flags >> 12 & 3)]
        output.line("    reference count \(references.hex(4).uppercased())    \(caching)     color \(page & 63)")
        let marks =
            (flags & PfnEntry.startOfAllocation != 0 ? "S" : "-") + (flags & PfnEntry.endOfAllocation != 0 ? "E" : "-")
            + (flags & PfnEntry.modified != 0 ? "M" : "-") + (flags & PfnEntry.rom != 0 ? "R" : "-")
        output.line(
            "    restore pte \(original.pointer)  containing page \((frame & 0x1FF_FFFF).hex(6).uppercased())  \(locations[location])  \(marks)"
        )
        if location == 6, pte & ~1 >= pteBase, pte < 0xC040_0000 { output.line("    mapped at \((pte << 10).pointer)") }
        return .stay
    }

    // MARK: Usage

    private static func showUsage(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        let (start, highest) = try database(debugger, "!vm")
        func global(_ name: String) -> UInt32 { target.global(name) ?? 0 }
        func row(_ label: String, _ pages: UInt32, note: String = "") {
            output.line(
                "    \((label + ":").padded(right: 24))\(String(pages).padded(left: 9)) (\(String(UInt64(pages) * 4).padded(left: 9)) Kb)\(note)"
            )
        }
        row("Physical Memory", global("MmNumberOfPhysicalPages"))
        row("Available Pages", global("MmAvailablePages"))
        row("ResAvail Pages", global("MmResidentAvailablePages"))
        let lists = [
            ("Zeroed Pages", "MmZeroedPageListHead"), ("Free Pages", "MmFreePageListHead"), ("Standby Pages", "MmStandbyPageListHead"),
            ("Modified Pages", "MmModifiedPageListHead"), ("Bad Pages", "MmBadPageListHead"),
        ]
        for (label, symbol) in lists {
            guard let head = target.symbols.symbol(named: symbol)?.address, let total = target.read32(head) else { continue }
            let found = length(of: head, target, start, highest)
            row(label, found, note: found == total ? "" : "  Total says \(total)")
        }
        row("NonPagedPool Usage", global("MmAllocatedNonPagedPool"))
        row("NonPagedPool Initial", global("MmSizeOfNonPagedPoolInBytes") >> 12)
        row("NonPagedPool Max", global("MmMaximumNonPagedPoolInBytes") >> 12)
        let paged = target.symbols.symbol(named: "MmPagedPoolInfo").flatMap {
            target.read32($0.address &+ MM_PAGED_POOL_INFO.layout.AllocatedPagedPool.offset)
        }
        row("PagedPool Usage", paged ?? 0)
        row("PagedPool Maximum", global("MmSizeOfPagedPoolInBytes") >> 12)
        row("Free System PTEs", global("MmTotalFreeSystemPtes"))
        return .stay
    }

    /// Pages on a list, at most as many as there are.
    private static func length(of head: UInt32, _ target: any Target, _ database: UInt32, _ highest: UInt32) -> UInt32 {
        var page = target.read32(head &+ MMPFNLIST.layout.Flink.offset) ?? ~0
        var count: UInt32 = 0
        while page <= highest, count <= min(highest, mostPages) {
            count += 1
            page = target.read32(database &+ page &* MMPFN.size) ?? ~0
        }
        return count
    }

    // MARK: System PTEs

    private static func showClusters(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        guard let heads = target.symbols.symbol(named: "MmFirstFreeSystemPte")?.address, let base = target.global("MmSystemPteBase"),
            let totals = target.symbols.symbol(named: "MmTotalFreeSystemPtes")?.address,
            let starts = target.symbols.symbol(named: "MmSystemPtesStart")?.address, let first = target.read32(starts), first != 0
        else { throw CommandError("!sysptes: There are no system PTEs yet.") }
        for (index, name) in ["System PTE space", "Expansion of nonpaged pool"].enumerated() {
            let offset = 4 * UInt32(index)
            var sizes: [UInt32: Int] = [:]
            var link = target.read32(heads &+ offset) ?? ~0
            var left = 50_000
            while link >> 12 != 0xF_FFFF, left > 0 {
                left -= 1
                let entry = base &+ link >> 12 &* 4
                guard let word = target.read32(entry) else { break }
                sizes[word & 2 != 0 ? 1 : (target.read32(entry &+ 4) ?? 0) >> 12, default: 0] += 1
                link = word
            }
            output.line("\(name), first entry at \((target.read32(starts &+ offset) ?? 0).pointer)")
            for (size, count) in sizes.sorted(by: { $0.key < $1.key }) {
                output.line("    \(String(count).padded(left: 6)) cluster\(count == 1 ? " " : "s") of \(size)")
            }
            output.line("    free entries: \(target.read32(totals &+ offset) ?? 0)")
        }
        return .stay
    }
}
