// SPDX-License-Identifier: GPL-3.0-or-later

/// `!filecache` and `!defwrites` (spec/kdbg.md section 1.9): what the cache manager holds and whether writers have to wait.
enum CacheCommands {
    static let rows: [Command] = [
        Command(
            "!filecache", group: .others, usage: "!filecache", summary: "Display cached files.",
            help: "Sizes are in KiB. The file system of this machine keeps no cache, so the list is empty unless somebody fills it.",
            example: "!filecache", winDbg: "!filecache", gdb: nil, needs: .kernel, run: showFiles),
        Command(
            "!defwrites", group: .others, usage: "!defwrites", summary: "Display what deferred writes depend on, and whether writers wait.",
            help: "Counters of the cache and memory managers, in pages.", example: "!defwrites", winDbg: "!defwrites", gdb: nil,
            needs: .kernel,
            run: showWrites),
    ]

    private static func showFiles(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        guard let head = target.symbols.symbol(named: "CcDirtySharedCacheMapList")?.address else {
            throw CommandError("!filecache: This kernel has no cache manager.")
        }
        output.line("Usage Summary (in KiB)")
        output.line("Shared\t\tMapped\tDirty\tName")
        let list = GuestList(target, head: head)
        for entry in list.entries {
            let map = Record<SHARED_CACHE_MAP>(target, at: entry &- SHARED_CACHE_MAP.layout.SharedCacheMapLinks.offset)
            output.line(
                "\(map.address.pointer)\t\((map.MappedPages ?? 0) &* 4)\t\((map.DirtyPages ?? 0) &* 4)\t\(name(map.FileObject, target))")
        }
        if let defect = list.defect { output.failure(defect) }
        return .stay
    }

    /// The file's name. FastFAT's own streams have none; what they stand for is known by their context only.
    private static func name(_ file: Record<FILE_OBJECT>?, _ target: any Target) -> String {
        guard let file, let name = file.FileName.text, !name.isEmpty else { return "No name for this file" }
        let driver = file.DeviceObject?.Vpb?.DeviceObject?.DriverObject?.DriverName.text ?? ""
        return name + (file.FsContext2 == 0 && driver.lowercased().hasSuffix("fastfat") ? " (FastFAT)" : "")
    }

    private static func showWrites(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let names = [
            ("CcTotalDirtyPages", "CcTotalDirtyPages"), ("CcDirtyPageThreshold", "CcDirtyPageThreshold"),
            ("MmAvailablePages", "MmAvailablePages"),
            ("MmThrottleTop", "MmThrottleTop"), ("MmThrottleBottom", "MmThrottleBottom"),
            ("MmModifiedPageListHead.Total", "MmModifiedPageListHead"),
        ]
        var values: [UInt64] = []
        for (label, symbol) in names {
            guard let value = debugger.target.global(symbol) else { throw CommandError("!defwrites: This kernel has no \(symbol).") }
            values.append(UInt64(value))
            output.line("\(label):".padded(right: 31) + "\(value) (\(UInt64(value) * 4) Kb)")
        }
        if values[0] >= values[1] {
            output.line("CcTotalDirtyPages is at or above the threshold: writes are throttled.")
        } else if values[0] + 64 >= values[1] {
            output.line("CcTotalDirtyPages is within 64 pages of the threshold: writes may be throttled.")
        } else {
            output.line("CcTotalDirtyPages is below the threshold: writes are not throttled.")
        }
        return .stay
    }
}
