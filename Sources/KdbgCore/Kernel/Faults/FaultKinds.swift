// SPDX-License-Identifier: GPL-3.0-or-later

import X86

// The kinds of faults: a new one is a row here, its place in `FaultKind.all` and, when nobody can bring it about yet, a case of `FaultEffect`.
extension FaultKind {
    /// Which of several calls is meant; the same for the kinds that count.
    private static let counting = """
        COUNT says which of the calls that count: N the n-th (from 1), N+ that and all later ones, N-M a range, * each; without it the first. \
        With @CALLER only calls made by that routine count.
        """

    static let pool = FaultKind(
        name: "pool", usage: "pool:TAG[@CALLER][:COUNT]", summary: "Pool is exhausted: an allocation with a tag gets NULL.",
        help: """
            ExAllocatePoolWithTag returns NULL to the call, whatever pool it asked for. TAG has up to four characters; blanks at its end need not \
            be written. \(counting)
            """,
        example: "pool:KDBG:1"
    ) { reader throws(FaultError) in
        let (tag, caller) = try reader.name("a pool tag")
        let bytes = Array(tag.name.utf8)
        guard bytes.count <= 4, bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            throw FaultError(reader.fault, column: tag.column, "a pool tag has at most four characters")
        }
        let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32($1 < bytes.count ? bytes[$1] : 0x20) << (8 * UInt32($1)) }
        let routine = FaultEffect.Place(name: "ExAllocatePoolWithTag", column: tag.column)
        return .returns(RoutineCalls(routine: routine, caller: caller, tag: value, numbers: try reader.numbers()), 0)
    }

    static let status = FaultKind(
        name: "status", usage: "status:ROUTINE[@CALLER]:STATUS[:COUNT]",
        summary: "A routine does nothing and returns a status.",
        help: """
            ROUTINE is any routine with a symbol, MODULE!ROUTINE one of several with that name; a driver that is loaded later is waited for. \
            'Zw…' is taken for 'Nt…' where only that is there. At its first instruction the host lets it return, arguments off the stack and STATUS in EAX, so whatever it would have done is not done. STATUS is a number or a name such as \
            STATUS_ACCESS_DENIED; it need not be an error. \(counting)
            """,
        example: "status:NtCreateFile@KdpOpenLogFile:STATUS_ACCESS_DENIED"
    ) { reader throws(FaultError) in
        let (routine, caller) = try reader.name("a routine's name")
        let value = try reader.status()
        return .returns(RoutineCalls(routine: routine, caller: caller, numbers: try reader.numbers()), value)
    }

    static let missing = FaultKind(
        name: "missing", usage: "missing:PATH", summary: "A file or folder is not on the boot volume.",
        help: """
            The volume is built without it. PATH begins at the volume's root or with \\SystemRoot; upper and lower case are the same. A boot driver \
            whose file is missing is not loaded either: the boot loader leaves it out of its lists.
            """,
        example: #"missing:\SystemRoot\System32\drivers\etc\KDBinit"#
    ) { reader throws(FaultError) in
        let field = try reader.field("a path")
        var parts = field.text.split(whereSeparator: { $0 == "\\" || $0 == "/" }).map(String.init)
        if parts.first?.lowercased() == "systemroot" { parts[0] = "ReactOS" }
        guard let first = parts.first else { throw FaultError(reader.fault, column: field.column, "a path is missing") }
        if first.hasSuffix(":") {
            throw FaultError(reader.fault, column: field.column, "a path begins at the volume's root, without a drive letter")
        }
        let needed = ["ntoskrnl.exe", "hal.dll"]
        if let last = parts.last?.lowercased(), needed.contains(last) || parts.count <= 2 && ["reactos", "system32"].contains(last) {
            throw FaultError(reader.fault, column: field.column, "without \(parts.joined(separator: "\\")) nothing can be booted")
        }
        return .missing(parts)
    }

    static let disk = FaultKind(
        name: "disk", usage: "disk:SECTOR[:read|write]", summary: "The disk cannot read or write a sector.",
        help: """
            SECTOR is a sector's number from the disk's beginning (LBA), which is bad every time, or #N: the n-th sector that the disk transfers, \
            once. The ATA device ends the command with ERR in its status, UNC (read) or IDNF (write) in its error register, and the sector in its \
            address registers. Without read or write both are meant.
            """,
        example: "disk:63:read"
    ) { reader throws(FaultError) in
        let field = try reader.field("a sector's number")
        let isCount = field.text.hasPrefix("#")
        let number = try reader.number(
            isCount ? String(field.text.dropFirst()) : field.text, column: field.column, in: (isCount ? 1 : 0)...0xFFFF_FFFF_FFFF,
            "a sector's number")
        var access = DiskFaults.Access.both
        if let word = reader.optional() {
            switch word.text {
            case "read": access = .read
            case "write": access = .write
            default:
                throw FaultError(
                    reader.fault, column: word.column, "'\(word.text)' is neither read nor write", word: word.text,
                    candidates: ["read", "write"])
            }
        }
        return .disk(isCount ? .transfer(number, access) : .sector(number, access))
    }

    static let noUART = FaultKind(
        name: "no-uart", usage: "no-uart:COM1|COM2", summary: "A serial port is not in the PC.",
        help:
            "Nothing answers at the port's addresses: they read as ones. KD's Serial provider then does not register, and its mode bit goes.",
        example: "no-uart:COM1"
    ) { reader throws(FaultError) in
        let field = try reader.field("COM1 or COM2")
        guard let index = ["COM1", "COM2"].firstIndex(of: field.text.uppercased()) else {
            throw FaultError(reader.fault, column: field.column, "'\(field.text)' is not in this PC anyway; it has COM1 and COM2")
        }
        return .noSerialPort(index)
    }

    static let fullVolume = FaultKind(
        name: "full-volume", usage: "full-volume[:BYTES]", summary: "The boot volume is full.",
        help: "A file \\FULL.BIN takes what is free, but for BYTES (none when not given), which are rounded down to whole clusters.",
        example: "full-volume:4096"
    ) { reader throws(FaultError) in
        guard let field = reader.optional() else { return .fullVolume(0) }
        return .fullVolume(try reader.number(field.text, column: field.column, in: 0...Int(UInt32.max), "a number of bytes"))
    }

    static let danglingArc = FaultKind(
        name: "dangling-arc", usage: "dangling-arc[:NAME]", summary: "The boot device has an ARC name that leads nowhere.",
        help: """
            The loader block names another boot device than the one that is there: NAME, or multi(0)disk(0)rdisk(0)partition(2). \\SystemRoot keeps \
            dangling, and IopMarkBootPartition cannot open it.
            """,
        example: "dangling-arc"
    ) { reader throws(FaultError) in
        guard let field = reader.optional() else { return .bootDevice("multi(0)disk(0)rdisk(0)partition(2)") }
        guard !field.text.isEmpty, field.text.utf8.count <= 64, field.text.utf8.allSatisfy({ 0x21..<0x7F ~= $0 && $0 != 0x5C }) else {
            throw FaultError(reader.fault, column: field.column, "an ARC name has 1 to 64 characters, none of them a blank or backslash")
        }
        return .bootDevice(field.text)
    }

    static let early = FaultKind(
        name: "early", usage: "early:CALL[@ROUTINE][:IRQL]", summary: "Guest code calls something before its time.",
        help: """
            KdDebuggerInitialize1 makes the call, or, with @ROUTINE, that routine of the kernel, first thing when it is entered; once. What the call \
            returns is printed. CALL is one of the early calls below. With an IRQL (0 to 31) it is made there, and what may be called there is another \
            question: early:KeSetEvent:3.
            """,
        example: "early:IoCreateDriver"
    ) { reader throws(FaultError) in
        let (call, place) = try reader.name("a call")
        guard EarlyCall.all.contains(where: { $0.name == call.name }) else {
            throw FaultError(
                reader.fault, column: call.column, "there is no early call '\(call.name)'", word: call.name,
                candidates: EarlyCall.all.map(\.name), otherwise: "'kdbg faults' lists them.")
        }
        let irql = try reader.optional().map { (field) throws(FaultError) in
            UInt32(try reader.number(field.text, column: field.column, in: 0...31, "an IRQL"))
        }
        return .earlyCall(call.name, at: place, irql: irql)
    }

    static let defect = FaultKind(
        name: "defect", usage: "defect:NAME", summary: "A defect of ReactOS that is mended here is back.",
        help: "The kernel is linked with the routine as it was. NAME is one of the defects below.",
        example: "defect:register-twice"
    ) { reader throws(FaultError) in
        let field = try reader.field("a defect's name")
        guard Defect.all.contains(where: { $0.name == field.text }) else {
            throw FaultError(
                reader.fault, column: field.column, "there is no defect '\(field.text)'", word: field.text,
                candidates: Defect.all.map(\.name), otherwise: "'kdbg faults' lists them.")
        }
        return .defect(field.text)
    }
}
