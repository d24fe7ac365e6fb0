// SPDX-License-Identifier: GPL-3.0-or-later

/// `!irp`: an I/O request packet (extension), and what `!irpfind` shares with it.
enum RequestCommands {
    static let rows: [Command] = [
        Command(
            "!irp", group: .extensions, usage: "!irp address", summary: "Show an I/O request packet and its stack locations.",
            help: "The current location is marked with >.",
            example: "!irp [ebp+0xc]", winDbg: "!irp", gdb: nil, needs: .kernel,
            completion: .expression, run: show)
    ]

    private static func show(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        guard !line.arguments.isEmpty else { throw CommandError("!irp: Address required.") }
        let target = debugger.target
        let address = try debugger.address(line.arguments, of: line, command: "!irp", output: &output)
        let irp = Record<IRP>(target, at: address)
        guard irp.Type == IoType.irp, let count = irp.StackCount, let current = irp.CurrentLocation else {
            throw CommandError("!irp: There is no IRP at 0x\(address.pointer).")
        }
        let state = current > count ? "is not in a driver" : "is in a driver"
        output.line(
            "Irp at 0x\(address.pointer) with \(count) stack locations, current \(current), \(state).")
        output.line(
            "Flags \(ObjectCommands.hex(irp.Flags))  Thread \((irp.Thread?.address ?? 0).pointer)  "
                + "Status \(target.read32(irp.IoStatus.address).map(StatusNames.name) ?? "?")  "
                + "UserEvent \((irp.UserEvent?.address ?? 0).pointer)  UserIosb \((irp.UserIosb?.address ?? 0).pointer)")
        if (irp.Flags ?? 0) & IrpFlag.associated != 0 { output.line("Part of Irp \((irp.MasterIrp?.address ?? 0).pointer)") }
        if let mdl = irp.MdlAddress {
            let start = (mdl.StartVa ?? 0) &+ (mdl.ByteOffset ?? 0)
            output.line("Mdl \(mdl.address.pointer) describes \(ObjectCommands.hex(mdl.ByteCount)) bytes at \(start.pointer)")
        } else if let buffer = irp.SystemBuffer, (irp.Flags ?? 0) & IrpFlag.bufferedIo != 0 {
            output.line("System buffer \(buffer.pointer)")
        } else if let buffer = irp.UserBuffer, buffer != 0 {
            output.line("User buffer \(buffer.pointer)")
        }
        if let file = irp.OriginalFileObject { output.line("File \(file.address.pointer) \(file.FileName.text ?? "")") }
        output.line("     cmd  flg ctl Device   File     Completion-Context")
        for index in stride(from: count, to: 0, by: -1) {
            let place = address &+ IRP.size &+ (index - 1) * IO_STACK_LOCATION.size
            let location = Record<IO_STACK_LOCATION>(target, at: place)
            guard let major = location.MajorFunction, let minor = location.MinorFunction else {
                output.failure("Couldn't access memory at 0x\(place.pointer)")
                break
            }
            output.line(
                "\(index == current ? ">" : " ")[\(major.hex(2)),\(minor.hex(2))] \((location.Flags ?? 0).hex(2))  \((location.Control ?? 0).hex(2))  "
                    + "\((location.DeviceObject?.address ?? 0).pointer) \((location.FileObject?.address ?? 0).pointer) "
                    + "\((location.CompletionRoutine ?? 0).pointer)-\((location.Context ?? 0).pointer)")
            output.line("         \(MajorFunctionName.name(major)) \(location.DeviceObject?.DriverObject?.DriverName.text ?? "")")
        }
        return .stay
    }
}
