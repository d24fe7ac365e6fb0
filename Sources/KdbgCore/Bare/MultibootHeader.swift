// SPDX-License-Identifier: GPL-3.0-or-later

/// The header by which a kernel says that it wants to be loaded as the Multiboot specification 0.6.96 describes, and how (section 3.1).
struct MultibootHeader: Equatable {
    /// Where it is in the file.
    var offset: Int
    var flags: UInt32
    /// The address fields, with which a file that is no ELF file says where it goes; nil when flag 16 is clear.
    var addresses: Addresses?

    /// Physical addresses (section 3.1.3).
    struct Addresses: Equatable {
        /// Where the header goes.
        var header: UInt32
        /// Where the first loaded byte goes.
        var loadStart: UInt32
        /// The end of what is loaded from the file; 0 for all of it.
        var loadEnd: UInt32
        /// The end of what is cleared behind that; 0 for nothing.
        var bssEnd: UInt32
        var entry: UInt32
    }

    private static let magic: UInt32 = 0x1BAD_B002
    /// The header must lie in this many first bytes of the file.
    private static let searched = 8192
    private static let hasAddresses: UInt32 = 1 << 16
    /// Of the features that must be understood: modules on page boundaries, memory information, and a video mode, which is a wish only.
    private static let understood: UInt32 = 0x7

    /// Finds the header.
    /// - Throws: when there is none, or it asks for something that is not there.
    init(_ file: BareConfiguration.File) throws(LoadError) {
        let data = LittleEndian(file.bytes)
        var damaged: Int?
        for offset in stride(from: 0, to: min(Self.searched, file.bytes.count), by: 4) {
            guard data.dword(offset) == Self.magic, let flags = data.dword(offset + 4), let checksum = data.dword(offset + 8) else {
                continue
            }
            guard Self.magic &+ flags &+ checksum == 0 else {
                damaged = damaged ?? offset
                continue
            }
            guard flags & 0xFFFF & ~Self.understood == 0 else {
                let unknown = flags & 0xFFFF & ~Self.understood
                throw LoadError(file, "its multiboot header asks for what is unknown here (flags \(hexadecimal(unknown)))")
            }
            self.offset = offset
            self.flags = flags
            addresses = try Self.addresses(flags, offset, file, data)
            return
        }
        if let damaged {
            throw LoadError(
                file, "the checksum of its multiboot header (at byte \(damaged)) is wrong: magic, flags and checksum must add up to 0")
        }
        throw LoadError(file, "no multiboot header in its first \(Self.searched) bytes")
    }

    private static func addresses(
        _ flags: UInt32, _ offset: Int, _ file: BareConfiguration.File, _ data: LittleEndian
    ) throws(LoadError) -> Addresses? {
        guard flags & hasAddresses != 0 else { return nil }
        guard let header = data.dword(offset + 12), let loadStart = data.dword(offset + 16), let loadEnd = data.dword(offset + 20),
            let bssEnd = data.dword(offset + 24), let entry = data.dword(offset + 28)
        else { throw LoadError(file, "truncated: the address fields of its multiboot header are not whole") }
        return Addresses(header: header, loadStart: loadStart, loadEnd: loadEnd, bssEnd: bssEnd, entry: entry)
    }

    /// The segment that the address fields describe.
    /// - Throws: when they contradict each other or the file.
    static func segment(_ addresses: Addresses, headerAt offset: Int, _ file: BareConfiguration.File) throws(LoadError) -> ELFImage.Segment
    {
        guard addresses.loadStart <= addresses.header else {
            throw LoadError(
                file,
                "its multiboot load address \(hexadecimal(addresses.loadStart)) lies above its header's \(hexadecimal(addresses.header))")
        }
        let start = offset - Int(addresses.header - addresses.loadStart)
        guard start >= 0 else {
            throw LoadError(
                file, "its multiboot load address \(hexadecimal(addresses.loadStart)) lies \(-start) bytes before the file's begin")
        }
        let available = file.bytes.count - start
        var size = available
        if addresses.loadEnd != 0 {
            guard addresses.loadEnd > addresses.header else {
                throw LoadError(file, "its multiboot load end \(hexadecimal(addresses.loadEnd)) lies below its header")
            }
            size = Int(addresses.loadEnd - addresses.loadStart)
            guard size <= available else {
                throw LoadError(file, "truncated: its multiboot header wants \(size) bytes to be loaded, and there are \(available)")
            }
        }
        let loadEnd = Int(addresses.loadStart) + size
        guard addresses.bssEnd == 0 || Int(addresses.bssEnd) >= loadEnd else {
            throw LoadError(file, "its multiboot bss end \(hexadecimal(addresses.bssEnd)) lies below its load end \(hexadecimal(loadEnd))")
        }
        let end = max(loadEnd, Int(addresses.bssEnd))
        guard end <= 1 << 32 else { throw LoadError(file, "its multiboot addresses wrap around the end of the address space") }
        guard addresses.entry >= addresses.loadStart, Int(addresses.entry) < end else {
            throw LoadError(file, "the entry point \(hexadecimal(addresses.entry)) lies outside what is loaded")
        }
        return ELFImage.Segment(
            fileOffset: start, fileSize: size, physical: addresses.loadStart, virtual: addresses.loadStart,
            memorySize: UInt32(end - Int(addresses.loadStart)))
    }
}
