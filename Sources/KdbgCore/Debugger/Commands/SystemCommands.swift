// SPDX-License-Identifier: GPL-3.0-or-later

/// The group "System info" (spec/kdbg.md section 1.6).
enum SystemCommands {
    static let rows: [Command] = [
        Command(
            "mod", group: .system, usage: "mod [address]", summary: "List all modules or the one containing address.",
            help: "In load order, from PsLoadedModuleList or, before that is built, from the loader's list.", example: "mod eip",
            winDbg: "lm", gdb: "info sharedlibrary", needs: .kernel,
            completion: .expression,
            run: listModules)
    ]

    private static func listModules(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        var address: UInt32?
        if !line.arguments.isEmpty { address = try debugger.address(line.arguments, of: line, command: "mod", output: &output) }
        var modules = ModuleList.modules(in: debugger.target)
        if !debugger.mends(.moduleFallback), !ModuleList.hasKernelList(in: debugger.target) {
            // KDBG takes the first byte of the image, an M, for its address (section 1.6).
            modules = [LoadedModule(name: "ntoskrnl.exe", base: 0x4D, size: 0)]
        }
        if let address {
            modules = modules.filter { $0.contains(address) }.prefix(1).map { $0 }
            guard !modules.isEmpty else { throw CommandError("No module containing address 0x\(address.pointer) found!") }
        }
        guard !modules.isEmpty else { throw CommandError("There is no module list yet.") }
        output.line("  Base      Size      Name")
        for module in modules {
            output.line("  \(module.base.pointer)  \(module.size.hex(8))  \(module.name)")
        }
        return .stay
    }
}
