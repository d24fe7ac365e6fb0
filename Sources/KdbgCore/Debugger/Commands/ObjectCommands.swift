// SPDX-License-Identifier: GPL-3.0-or-later

/// Objects, drivers, devices and volumes. Extensions, in WinDbg's words.
enum ObjectCommands {
    static let rows: [Command] = [
        Command(
            "!object", group: .extensions, usage: "!object path|address", summary: "Show an object, or list a directory.",
            help: #"""
                A path begins with \ and is looked up as the kernel would, case-blind and through links.
                """#,
            example: #"!object \Driver"#, winDbg: #"!object"#, gdb: nil, needs: .kernel,
            completion: .objects(in: []), run: showObject),
        Command(
            "!drvobj", group: .extensions, usage: "!drvobj name|path|address", summary: "Show a driver object.",
            help: """
                A name without \\ is looked for in \\Driver and then in \\FileSystem.
                """,
            example: "!drvobj KdDriver", winDbg: "!drvobj NAME 7", gdb: nil, needs: .kernel,
            completion: .objects(in: ["\\Driver", "\\FileSystem"]), run: showDriver),
        Command(
            "!devobj", group: .extensions, usage: "!devobj name|path|address", summary: "Show a device object.",
            help: """
                A name without \\ is looked for in \\Device.
                """,
            example: "!devobj Harddisk0\\Partition1", winDbg: "!devobj", gdb: nil, needs: .kernel,
            completion: .objects(in: ["\\Device"]), run: showDevice),
        Command(
            "!devstack", group: .extensions, usage: "!devstack name|path|address",
            summary: "Show the stack a device belongs to, top first.",
            help:
                "The device that was asked for is marked with >.",
            example: "!devstack Harddisk0\\Partition1", winDbg: "!devstack", gdb: nil, needs: .kernel,
            completion: .objects(in: ["\\Device"]), run: showStack),
        Command(
            "!vpb", group: .extensions, usage: "!vpb name|path|address", summary: "Show a volume parameter block, or that of a device.",
            help: "The address of a VPB, or a device: its address, path, or name in \\Device.",
            example: "!vpb [[IopErrorLogObject]+0x24]", winDbg: "!vpb", gdb: nil, needs: .kernel, completion: .objects(in: []),
            run: showVolume),
    ]

    private static func showObject(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let registry = RegistryReader(target: debugger.target)
        let path = String(decoding: line.glued(line.arguments), as: UTF8.self)
        // Below \REGISTRY the object manager has nothing: the Key type's parse procedure goes on.
        if path.uppercased().hasPrefix(#"\REGISTRY\"#), registry.root != nil {
            try RegistryCommands.showKey(path, registry, &output)
            return .stay
        }
        let object = GuestObject(target: debugger.target, body: try debugger.object(line, output: &output))
        let header = object.header
        output.line("Object: \(object.body.pointer)  Type: (\((header.Type?.address ?? 0).pointer)) \(object.typeName ?? "?")")
        output.line(
            "    ObjectHeader: \(header.address.pointer)  HandleCount: \(shown(header.HandleCount))  PointerCount: \(shown(header.PointerCount))"
        )
        if !object.path.isEmpty {
            output.line("    Directory Object: \((object.directory?.body ?? 0).pointer)  Name: \(object.name)  Path: \(object.path)")
        }
        if let link = object.linkTarget { output.line("    Target String is '\(link)'") }
        if object.typeName == "Key", let block = Record<CM_KEY_BODY>(debugger.target, at: object.body).KeyControlBlock {
            output.line("    Kcb: \(block.address.pointer)  Key: \(registry.path(of: block))")
        }
        guard object.typeName == "Directory" else { return .stay }
        output.line("    Hash Address  Type            Name")
        for (bucket, entry) in object.entries {
            let type = entry.typeName ?? "?"
            let link = entry.linkTarget.map { " -> \($0)" } ?? ""
            output.line("     \(Int(bucket).decimal(2, with: "0"))  \(entry.body.pointer) \(type.padded(right: 15)) \(entry.name)\(link)")
        }
        return .stay
    }

    private static func showDriver(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        var folder = "\\Driver"
        let reader = ObjectReader(target: target)
        if let word = line.arguments.first?.text, !KernelDebugger.isArithmetic(word),
            (try? reader.object(at: "\\Driver\\" + word)) == nil,
            (try? reader.object(at: "\\FileSystem\\" + word)) != nil
        {
            folder = "\\FileSystem"
        }
        let driver = Record<DRIVER_OBJECT>(
            target, at: try debugger.object(line, type: "Driver", folder: folder, places: #"\Driver or \FileSystem"#, output: &output))
        output.line("Driver object (\(driver.address.pointer)) is for: \(driver.DriverName.text ?? "?")")
        output.line("Flags: \(driver.Flags.map { "0x\($0.hex(2))" } ?? "?")\(NameBits.text(driver.Flags, NameBits.driverFlags))")
        output.line("DriverStart: \(hex(driver.DriverStart))  DriverSize: \(hex(driver.DriverSize))")
        for (label, routine) in [
            ("DriverEntry", driver.DriverInit), ("DriverStartIo", driver.DriverStartIo), ("DriverUnload", driver.DriverUnload),
            ("AddDevice", driver.DriverExtension?.AddDevice),
        ] where routine != 0 {
            output.line("  \((label + ":").padded(right: 15)) \(routine.map { SymbolText.address($0, in: target) } ?? "?")")
        }
        output.line("Reinitialization count: \(shown(driver.DriverExtension?.Count))")
        output.line("Device objects:")
        let devices = DeviceReader(target: target).devices(of: driver)
        for device in devices { output.line("  \(DeviceReader(target: target).description(device))") }
        if devices.isEmpty { output.line("  none") }
        output.line("Dispatch routines:")
        for index in 0..<DRIVER_OBJECT.layout.MajorFunction.count {
            guard let routine = target.read32(driver.MajorFunction &+ 4 * index) else { continue }
            let name = SymbolText.name(of: routine, in: target) ?? ""
            if name.hasSuffix("!IopInvalidDeviceRequest") { continue }
            output.line("  [\(index.hex(2))] \(MajorFunctionName.name(index).padded(right: 30)) \(SymbolText.address(routine, in: target))")
        }
        return .stay
    }

    private static func showDevice(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        let device = Record<DEVICE_OBJECT>(target, at: try debugger.object(line, type: "Device", folder: "\\Device", output: &output))
        let reader = DeviceReader(target: target)
        output.line("Device object (\(device.address.pointer)) is for:")
        output.line(
            "  \(reader.name(device)) \(device.DriverObject?.DriverName.text ?? "?") DriverObject \((device.DriverObject?.address ?? 0).pointer)"
        )
        output.line(
            "Current Irp \((device.CurrentIrp?.address ?? 0).pointer)  RefCount \(shown(device.ReferenceCount))  Type \(hex(device.DeviceType))  "
                + "Flags \(hex(device.Flags))\(NameBits.text(device.Flags, NameBits.deviceFlags))")
        output.line(
            "Vpb \((device.Vpb?.address ?? 0).pointer)  DevExt \(hex(device.DeviceExtension))  StackSize \(shown(device.StackSize))")
        if let upper = device.AttachedDevice { output.line("AttachedDevice (upper) \(reader.description(upper))") }
        if let lower = device.DeviceObjectExtension?.AttachedTo { output.line("AttachedTo (lower) \(reader.description(lower))") }
        if let node = device.DeviceObjectExtension?.DeviceNode {
            output.line("DevNode \(node.address.pointer) \(node.InstancePath.text ?? "")")
        }
        showQueue(device, &output)
        return .stay
    }

    private static let mostQueued = 1000

    /// Packets that wait for a busy device. A file system's device has a list entry in that place, and no queue.
    private static func showQueue(_ device: Record<DEVICE_OBJECT>, _ output: inout CommandOutput) {
        let queue = device.DeviceQueue
        guard queue.Type == 0x14, queue.Busy != 0 else { return }
        let target = device.target
        let head = queue.DeviceListHead.address
        var irps: [UInt32] = []
        var entry = target.read32(head)
        while let current = entry, current != head, irps.count < mostQueued {
            irps.append(current &- IRP.layout.DeviceQueueEntry.offset)
            entry = target.read32(current)
        }
        output.line("Device queue is busy -- " + (irps.isEmpty ? "Queue empty" : "\(irps.count) waiting"))
        for irp in irps { output.line("    Irp \(irp.pointer)") }
    }

    private static func showStack(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        let address = try debugger.object(line, type: "Device", folder: "\\Device", output: &output)
        let reader = DeviceReader(target: target)
        output.line("  !DevObj   !DrvObj                    ObjectName")
        for device in reader.stack(of: Record(target, at: address)) {
            let driver = device.DriverObject?.DriverName.text ?? "?"
            output.line(
                "\(device.address == address ? ">" : " ") \(device.address.pointer)  \(driver.padded(right: 25)) \(reader.name(device))")
        }
        return .stay
    }

    private static func showVolume(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        guard !line.arguments.isEmpty else { throw CommandError("!vpb: Address required.") }
        var address: UInt32
        if line.arguments.first?.text.hasPrefix("\\") == true {
            address = try debugger.object(line, type: "Device", output: &output)
        } else if let word = line.arguments.first?.text, line.arguments.count == 1,
            let device = try? ObjectReader(target: target).object(at: #"\Device\"# + word, followsLast: true)
        {
            address = device.body
        } else {
            address = try debugger.address(line.arguments, of: line, command: "!vpb", output: &output)
        }
        if GuestObject(target: target, body: address).typeName == "Device" {
            guard let volume = Record<DEVICE_OBJECT>(target, at: address).Vpb else {
                throw CommandError("!vpb: The device at 0x\(address.pointer) has no volume parameter block.")
            }
            address = volume.address
        }
        let volume = Record<VPB>(target, at: address)
        guard volume.Type == IoType.vpb else { throw CommandError("!vpb: There is no VPB at 0x\(address.pointer).") }
        let reader = DeviceReader(target: target)
        output.line("Vpb at 0x\(address.pointer)")
        output.line("Flags: 0x\((volume.Flags ?? 0).hex())\(NameBits.text(volume.Flags, NameBits.volumeFlags))")
        output.line("DeviceObject: \(volume.DeviceObject.map(reader.description) ?? "none")")
        output.line("RealDevice: \(volume.RealDevice.map(reader.description) ?? "none")")
        output.line("RefCount: \(shown(volume.ReferenceCount))  SerialNumber: \(hex(volume.SerialNumber))")
        let length = min((volume.VolumeLabelLength ?? 0) / 2, VPB.layout.VolumeLabel.count)
        let label = target.terminatedText(at: volume.VolumeLabel, size: 2, limit: Int(length)) ?? ""
        output.line("Volume Label: \(label)")
        return .stay
    }

    static func shown(_ value: UInt32?) -> String { value.map(String.init) ?? "?" }
    static func hex(_ value: UInt32?) -> String { value.map { "0x\($0.hex(8))" } ?? "?" }
}
