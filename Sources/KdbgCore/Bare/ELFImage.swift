// SPDX-License-Identifier: GPL-3.0-or-later

/// A 32-bit little-endian ELF executable for the i386 (System V ABI, chapters 4 and 5), as far as loading and debugging need it.
struct ELFImage {
    /// Bytes of the file for a place in memory, and zeros behind them.
    struct Segment: Equatable {
        var fileOffset: Int
        var fileSize: Int
        /// Physical address.
        var physical: UInt32
        var virtual: UInt32
        var memorySize: UInt32
    }

    let file: BareConfiguration.File
    /// Virtual address of the first instruction.
    let entry: UInt32
    /// What is to be loaded, in the file's order; never empty, and every one lies in the file and below 4 GiB.
    let segments: [Segment]
    let data: LittleEndian

    /// Whether the bytes say that they are an ELF file, of whatever kind.
    static func isELF(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) }

    /// Reads the headers.
    /// - Throws: when the file is not such an executable, or its headers contradict it.
    init(_ file: BareConfiguration.File) throws(LoadError) {
        self.file = file
        data = LittleEndian(file.bytes)
        try Self.checkIdentity(file, data)
        guard let entry = data.dword(24), let table = data.dword(28), let size = data.word(42), let count = data.word(44) else {
            throw LoadError(file, "truncated: the ELF header is not whole")
        }
        guard count > 0 else { throw LoadError(file, "an ELF file without program headers; is it an object file that was not linked?") }
        guard size >= 32 else { throw LoadError(file, "ELF program headers of \(size) bytes; 32 are needed") }
        self.entry = entry
        var segments: [Segment] = []
        for index in 0..<Int(count) {
            if let segment = try Self.segment(index, at: Int(table) + index * Int(size), file, data) { segments.append(segment) }
        }
        guard !segments.isEmpty else { throw LoadError(file, "nothing to load: no program header of type LOAD with memory") }
        self.segments = segments
    }

    /// Class, byte order, type and machine.
    private static func checkIdentity(_ file: BareConfiguration.File, _ data: LittleEndian) throws(LoadError) {
        guard file.bytes.count >= 52 else { throw LoadError(file, "truncated: the ELF header is not whole") }
        guard file.bytes[4] == 1 else {
            throw LoadError(file, file.bytes[4] == 2 ? "a 64-bit ELF file; this is a 32-bit machine" : "an ELF file of unknown class")
        }
        guard file.bytes[5] == 1 else { throw LoadError(file, "a big-endian ELF file; the i386 is little-endian") }
        let machine = data.word(18) ?? 0
        guard machine == 3 || machine == 6 else { throw LoadError(file, "an ELF file for \(name(ofMachine: machine)), not for the i386") }
        let type = data.word(16) ?? 0
        guard type == 2 else {
            let kind =
                switch type {
                case 1: "a relocatable object; link it first"
                case 3: "a shared object or position-independent executable; link it for fixed addresses (-no-pie)"
                case 4: "a core dump"
                default: "of type \(type)"
                }
            throw LoadError(file, "an ELF file, but \(kind)")
        }
    }

    /// What people call the machines they are most likely to have built for by mistake.
    private static func name(ofMachine machine: UInt16) -> String {
        switch machine {
        case 2: "SPARC"
        case 8: "MIPS"
        case 20: "PowerPC"
        case 40: "ARM"
        case 62: "x86-64"
        case 183: "AArch64"
        case 243: "RISC-V"
        default: "machine \(machine)"
        }
    }

    /// The program header at an offset; nil when it asks for no memory.
    private static func segment(
        _ index: Int, at offset: Int, _ file: BareConfiguration.File, _ data: LittleEndian
    ) throws(LoadError) -> Segment? {
        guard let type = data.dword(offset), let start = data.dword(offset + 4), let virtual = data.dword(offset + 8),
            let physical = data.dword(offset + 12), let fileSize = data.dword(offset + 16), let memorySize = data.dword(offset + 20)
        else { throw LoadError(file, "truncated: program header \(index) lies behind the end of the file") }
        guard type == 1, memorySize > 0 else { return nil }
        guard fileSize <= memorySize else {
            throw LoadError(file, "segment \(index) has more bytes in the file (\(fileSize)) than in memory (\(memorySize))")
        }
        guard Int(start) + Int(fileSize) <= file.bytes.count else {
            throw LoadError(file, "truncated: segment \(index) ends at byte \(Int(start) + Int(fileSize)) of a file of \(file.bytes.count)")
        }
        guard UInt64(physical) + UInt64(memorySize) <= 1 << 32, UInt64(virtual) + UInt64(memorySize) <= 1 << 32 else {
            throw LoadError(file, "segment \(index) at \(hexadecimal(physical)) wraps around the end of the address space")
        }
        return Segment(fileOffset: Int(start), fileSize: Int(fileSize), physical: physical, virtual: virtual, memorySize: memorySize)
    }

    /// The physical address of the entry point: a loader runs before paging, while the header holds the address the kernel was linked for.
    /// - Throws: when the entry lies in no segment.
    func physicalEntry() throws(LoadError) -> UInt32 {
        for segment in segments where entry >= segment.virtual && entry - segment.virtual < segment.memorySize {
            return segment.physical + (entry - segment.virtual)
        }
        guard segments.contains(where: { entry >= $0.physical && entry - $0.physical < $0.memorySize }) else {
            throw LoadError(file, "the entry point \(hexadecimal(entry)) lies in no loaded segment")
        }
        return entry
    }
}
