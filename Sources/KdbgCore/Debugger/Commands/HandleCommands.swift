// SPDX-License-Identifier: GPL-3.0-or-later

/// `!handle` and `!irpfind` (spec/kdbg.md section 1.9).
enum HandleCommands {
    static let rows: [Command] = [
        Command(
            "!irpfind", group: .others, usage: "!irpfind [Pool [startaddress [criteria data]]]",
            summary: "Find I/O request packets in a pool.",
            help: """
                Pool: 0 nonpaged, 1 paged. Criteria: device, fileobject, mdlprocess, thread, userevent or arg
                (any argument of the current stack location), each with a hexadecimal address behind it.
                """,
            example: "!irpfind 0 0 device 80a21cd8", winDbg: "!irpfind", gdb: nil, needs: .kernel,
            completion: .words([[], [], ["arg", "device", "fileobject", "mdlprocess", "thread", "userevent"]]), run: findRequests),
        Command(
            "!handle", group: .others, usage: "!handle [Handle]", summary: "Display the handles of a process.",
            help: "An argument of decimal digits is a process id, 0 all handle tables; otherwise it is the address of an EPROCESS.",
            example: "!handle 4", winDbg: "!handle", gdb: nil, needs: .kernel, completion: .expression, run: showHandles),
    ]

    private static let mostRows = 20_000

    // MARK: Requests

    /// What `!irpfind` compares, by the word for it.
    private static let criteria: [String: @Sendable (Record<IRP>, UInt32) -> Bool] = [
        "device": { irp, value in irp.CurrentStackLocation?.DeviceObject?.address == value },
        "fileobject": { irp, value in irp.OriginalFileObject?.address == value },
        "mdlprocess": { irp, value in irp.MdlAddress.map { $0.Process?.address ?? 0 } == value },
        "thread": { irp, value in irp.Thread?.address == value },
        "userevent": { irp, value in irp.UserEvent?.address == value },
        "arg": { irp, value in
            guard let location = irp.CurrentStackLocation else { return false }
            return [location.Argument1, location.Argument2, location.Argument3, location.Argument4].contains(value)
        },
    ]

    private static func findRequests(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let words = Array(line.arguments)
        let kind = try PoolCommands.pool(words.first, "!irpfind")
        let matches = try criterion(words.dropFirst(2))
        let reader = PoolReader(target: debugger.target)
        var start: UInt32?
        if words.count > 1 {
            start = HexNumber.value(words[1].text)
            // Reported and then ignored.
            if start == nil { output.line("!irpfind: Invalid parameter: '\(words[1].text.harmless())'") }
        }
        let tag = PoolTag("Irp?")
        try PoolCommands.announce(kind, tag, reader, "!irpfind", &output)
        var left = mostRows
        reader.forEachBlock(kind, from: start) { block in
            guard block.isAllocated, tag.matches(block.tag) else { return true }
            let irp = Record<IRP>(debugger.target, at: block.body)
            guard irp.Type == IoType.irp, matches(irp) else { return true }
            output.line(row(irp))
            left -= 1
            return left > 0
        }
        return .stay
    }

    /// What the words behind the start address ask for. KDBG ignores a criterion it does not know and lists everything (mended); without data, or with
    /// bad data, it lists everything too, and so does this.
    private static func criterion(_ words: ArraySlice<CommandLine.Word>) throws(CommandError) -> (Record<IRP>) -> Bool {
        guard let word = words.first else { return { _ in true } }
        guard let criterion = criteria[word.text] else {
            throw CommandError(
                "!irpfind: Unknown criterion '\(word.text.harmless())'.", place: .byte(word.offset),
                hint: "There are \(criteria.keys.sorted().joined(separator: ", ")).")
        }
        guard let value = words.dropFirst().first.flatMap({ HexNumber.value($0.text) }) else { return { _ in true } }
        return { criterion($0, value) }
    }

    private static func row(_ irp: Record<IRP>) -> String {
        let current = irp.CurrentLocation ?? 0
        let count = irp.StackCount ?? 0
        let head = "\(irp.address.pointer) Thread \((irp.Thread?.address ?? 0).pointer)"
        guard current <= count, let location = irp.CurrentStackLocation else {
            return "\(head) is complete (CurrentLocation \(current) > StackCount \(count))"
        }
        let driver = location.DeviceObject?.DriverObject?.DriverName.text ?? "?"
        return "\(head) current stack (\((location.MajorFunction ?? 0).hex()), \((location.MinorFunction ?? 0).hex())) belongs to \(driver)"
    }

    // MARK: Handles

    private static func showHandles(
        _ debugger: KernelDebugger, _ line: CommandLine, _ output: inout CommandOutput
    ) throws(CommandError) -> Command.Verdict {
        let target = debugger.target
        for table in try tables(debugger, line) {
            let entries = HandleEntries(target, table: table)
            output.line()
            output.line("Handle table at \(table.address.pointer) with \(ObjectCommands.shown(table.HandleCount)) entries in use")
            for (handle, entry) in entries.used { show(handle, entry, target, &output) }
            if let defect = entries.defect { output.failure(defect) }
        }
        return .stay
    }

    private static func tables(_ debugger: KernelDebugger, _ line: CommandLine) throws(CommandError) -> [Record<HANDLE_TABLE>] {
        let target = debugger.target
        let processes = ProcessList(target, attached: debugger.attached?.thread)
        guard let word = line.arguments.first else {
            guard let process = processes.current else { throw CommandError("!handle: There is no current process yet.") }
            return [try table(of: process.address, target)]
        }
        guard word.text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return [try table(of: try HexNumber.address(word, debugger, line, "!handle"), target)]
        }
        let id = UInt64(word.text).flatMap { UInt32(exactly: $0) }
        guard id == 0 else {
            guard let process = processes.processes.first(where: { $0.id == id }) else {
                throw CommandError("!handle: Invalid process id!")
            }
            return [try table(of: process.address, target)]
        }
        guard let head = target.symbols.symbol(named: "HandleTableListHead")?.address else {
            throw CommandError("!handle: This kernel has no HandleTableListHead.")
        }
        let list = GuestList(target, head: head)
        if let defect = list.defect { throw CommandError("!handle: \(defect)") }
        return list.entries.map { Record(target, at: $0 &- HANDLE_TABLE.layout.HandleTableList.offset) }
    }

    private static func table(of process: UInt32, _ target: any Target) throws(CommandError) -> Record<HANDLE_TABLE> {
        let record = Record<EPROCESS>(target, at: process)
        guard record.isReadable else { throw CommandError("Couldn't access memory at 0x\(process.pointer)") }
        guard let table = record.ObjectTable else {
            throw CommandError("!handle: The process at 0x\(process.pointer) has no handle table.")
        }
        return table
    }

    private static func show(_ handle: UInt32, _ entry: Record<HANDLE_TABLE_ENTRY>, _ target: any Target, _ output: inout CommandOutput) {
        let header = (entry.Object ?? 0) & ~7
        let object = GuestObject(target: target, body: header &+ OBJECT_HEADER.layout.Body.offset)
        let type = object.typeName ?? "?"
        output.line(
            "\(handle.hex(8)): Object: \(object.body.pointer) GrantedAccess: \((entry.GrantedAccess ?? 0).hex(8)) Entry: \(entry.address.pointer)"
        )
        output.line("Object: \(object.body.pointer) Type: (\((object.header.Type?.address ?? 0).pointer)) \(type)")
        output.line("\tObjectHeader: \(header.pointer)")
        output.line(
            "\t\tHandleCount: \(ObjectCommands.shown(object.header.HandleCount)) PointerCount: \(ObjectCommands.shown(object.header.PointerCount))"
        )
        let name = type == "File" ? Record<FILE_OBJECT>(target, at: object.body).FileName.text ?? "" : object.path
        let named: Set = ["File", "Directory", "WindowStation", "Desktop", "Section", "Key"]
        if named.contains(type), !name.isEmpty { output.line("\t\tName: \"\(name)\"") }
    }
}

/// The entries of a handle table, which has up to three levels of pages (spec/boot.md section 5.20).
struct HandleEntries {
    /// Handles and their entries, in the order of the handles.
    private(set) var used: [(handle: UInt32, entry: Record<HANDLE_TABLE_ENTRY>)] = []
    /// Why not all are there; nil when they are.
    private(set) var defect: String?

    private static let perPage: UInt32 = 512
    private static let limit: UInt32 = 1 << 16

    init(_ target: any Target, table: Record<HANDLE_TABLE>) {
        guard let code = table.TableCode, let end = table.NextHandleNeedingPool else {
            defect = "Couldn't access memory at 0x\(table.address.pointer)"
            return
        }
        let count: UInt32 = min(end / 4, Self.limit)
        for first in stride(from: UInt32(0), to: count, by: Int(Self.perPage)) {
            guard let page = Self.page(of: first / Self.perPage, code, target), target.read32(page) != nil else {
                defect = "The table is broken at handle 0x\((first * 4).hex())."
                return
            }
            let length: UInt32 = min(Self.perPage, count - first)
            for index in UInt32(0)..<length where first + index != 0 {
                let entry = Record<HANDLE_TABLE_ENTRY>(target, at: page &+ 8 &* index)
                if let object = entry.Object, object & ~7 != 0 { used.append((4 * (first + index), entry)) }
            }
        }
    }

    /// The page of entries with that number; the low two bits of the code say how many levels of tables lead there.
    private static func page(of number: UInt32, _ code: UInt32, _ target: any Target) -> UInt32? {
        let table = code & ~3
        switch code & 3 {
        case 0: return number == 0 ? table : nil
        case 1: return target.read32(table &+ 4 &* number)
        default: return target.read32(table &+ 4 &* (number / 1024)).flatMap { target.read32($0 &+ 4 &* (number % 1024)) }
        }
    }
}
