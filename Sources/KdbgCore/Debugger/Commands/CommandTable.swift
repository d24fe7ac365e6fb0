// SPDX-License-Identifier: GPL-3.0-or-later

/// The commands, family by family; within a group `help` keeps this order.
package enum CommandTable {
    package static let commands: [Command] =
        DataCommands.rows + TypeCommands.rows + FlowCommands.rows + BreakpointCommands.rows + ProcessCommands.rows + SystemCommands.rows
        + DescriptorCommands.rows + EndCommands.rows + SettingCommands.rows
        + MiscellaneousCommands.rows + PoolCommands.rows + PageCommands.rows + CacheCommands.rows + HandleCommands.rows
        + SymbolCommands.rows
        + MemoryCommands.rows + ObjectCommands.rows + RegistryCommands.rows + RequestCommands.rows
        + ProcessorCommands.rows + KernelStateCommands.rows + TokenCommands.rows
        + AnalyzeCommands.rows + FaultCommands.rows + GoalCommands.rows
        + ScriptingCommands.rows
        + PrintCommand.rows

    /// The command of that name; names are compared exactly (spec/kdbg.md section 1.1).
    package static func command(named name: String) -> Command? {
        byName[name]
    }

    private static let byName: [String: Command] = Dictionary(
        commands.flatMap { command in command.names.map { ($0, command) } }, uniquingKeysWith: { first, _ in first })
}
