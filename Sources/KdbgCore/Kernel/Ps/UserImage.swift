// SPDX-License-Identifier: GPL-3.0-or-later

/// Program files: read whole, checked, and laid out in a process's address space at the base they are linked for.
extension Ps {
    /// `PspReadImageFile(FileName*, Buffer**, Length*) -> status`: the file in paged pool, tag 'Imag'; the caller frees it.
    static let readImageFile: Routine = .init("PspReadImageFile", ["FileName", "Buffer", "Length"]) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let information = f.buffer(0x18)
        let file = f.local(0)
        f.set(f.argument(1).dword(), 0)
        // FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE; shared for reading; SYNCHRONOUS_IO_NONALERT | NON_DIRECTORY_FILE.
        let status = f.local(
            f.call(Io.ntCreateFile, f.address(of: file), 0x0010_0021, attributes, result, 0, 0x80, 1, 1, 0x60, 0, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Io.ntQueryInformationFile, file, result, information, 0x18, 5))
        f.if(status.isSuccess) {
            let size = f.local(information.dword(8))
            f.set(f.argument(2).dword(), size)
            f.set(status, Status.invalidImageFormat)
            f.if(information.dword(12) == 0 && size > 0x1FF && size < 0x100_0000) {
                f.set(status, Status.insufficientResources)
                f.set(f.argument(1).dword(), f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("Imag")))
                f.if(f.argument(1).dword() != 0) {
                    f.set(status, f.call(Io.ntReadFile, file, 0, 0, 0, result, f.argument(1).dword(), size, 0, 0))
                    f.if(status.isError) {
                        f.call(Ex.freePoolWithTag, f.argument(1).dword(), Value.tag("Imag"))
                        f.set(f.argument(1).dword(), 0)
                    }
                }
            }
        }
        f.call(Ob.closeHandle, file, 0)
        f.return(status)
    }

    /// `PspCheckImage(Buffer*, Length) -> IMAGE_NT_HEADERS*`, or a status: 0xC000012F without MZ, 0xC000007B for anything that does not fit.
    private static let checkImage: Routine = .init("PspCheckImage", ["Buffer", "Length"]) { f in
        let buffer = f.argument(0)
        let length = f.argument(1)
        f.if(buffer.word() != 0x5A4D) { f.return(Status.invalidImageNotMz) }
        let offset = f.local(buffer.dword(0x3C))
        f.if(offset >= length - 0xF8) { f.return(Status.invalidImageFormat) }
        let headers = f.local(buffer + offset)
        f.if(headers.dword() != 0x4550 || headers.word(4) != 0x14C || headers.word(24) != 0x10B) { f.return(Status.invalidImageFormat) }
        let base = f.local(headers.dword(52))
        let size = f.local(headers.dword(80))
        f.if((base & 0xFFFF) != 0 || base == 0 || base >= Value(Mm.userSharedData)) { f.return(Status.invalidImageFormat) }
        f.if(size == 0 || size >= Value(Mm.userSharedData) - base) { f.return(Status.invalidImageFormat) }
        f.if(headers.dword(84) > length || headers.dword(84) > size || headers.dword(40) >= size) { f.return(Status.invalidImageFormat) }
        f.return(headers)
    }

    /// `PspMapImage(Buffer*, Length, Entry*) -> base`, or a status: the current process gets the image's pages, what its sections do not want written being
    /// read-only.
    static let mapImage: Routine = .init("PspMapImage", ["Buffer", "Length", "Entry"]) { f in
        let buffer = f.argument(0)
        let headers = f.local(f.call(checkImage, buffer, f.argument(1)))
        f.if(headers.isError && headers >= 0xC000_0000 && headers < 0xC001_0000) { f.return(headers) }
        let base = f.local(headers.dword(52))
        let size = f.local(headers.dword(80))
        f.if(f.call(Mm.mapUserPages, base, (size + 0xFFF) >> 12) == 0) { f.return(Status.insufficientResources) }
        // MM_EXECUTE_READWRITE: what may be written is decided section by section.
        f.call(Mm.reservePrivateMemory, base, (size + 0xFFF) >> 12, 6)
        f.copy(to: base, from: buffer, headers.dword(84))
        f.call(Mm.protectUserPages, base, (headers.dword(84) + 0xFFF) >> 12)
        let count = f.local(headers.word(6))
        let section = f.local(headers + 24 + headers.word(20))
        f.while(count != 0) {
            f.if(section + 40 > buffer + f.argument(1)) { f.return(Status.invalidImageFormat) }
            let address = f.local(section.dword(12))
            let virtual = f.local(section.dword(8))
            let bytes = f.local(section.dword(16))
            f.if(bytes > virtual && virtual != 0) { f.set(bytes, virtual) }
            f.if(virtual < bytes) { f.set(virtual, bytes) }
            f.if(address >= size || virtual > size - address || (address & 0xFFF) != 0) { f.return(Status.invalidImageFormat) }
            f.if(bytes != 0) {
                f.if(section.dword(20) >= f.argument(1) || bytes > f.argument(1) - section.dword(20)) {
                    f.return(Status.invalidImageFormat)
                }
                f.copy(to: base + address, from: buffer + section.dword(20), bytes)
            }
            f.if((section.dword(36) & 0x8000_0000) == 0) { f.call(Mm.protectUserPages, base + address, (virtual + 0xFFF) >> 12) }
            f.add(section, 40)
            f.set(count, count - 1)
        }
        f.set(f.argument(2).dword(), base + headers.dword(40))
        f.return(base)
    }

    /// `PspFindExport(Base, Name*) -> address or 0`: in an image of the current process.
    static let findExport: Routine = .init("PspFindExport", ["Base", "Name"]) { f in
        let base = f.argument(0)
        let headers = f.local(base + base.dword(0x3C))
        let size = f.local(headers.dword(80))
        let rva = f.local(headers.dword(120))
        f.if(rva == 0 || rva >= size - 40) { f.return(0) }
        let table = f.local(base + rva)
        let index = f.local(0)
        f.while(index < table.dword(24)) {
            f.if(table.dword(32) >= size || (index << 2) >= size - table.dword(32)) { f.return(0) }
            let name = f.local((base + table.dword(32) + (index << 2)).dword())
            f.if(name < size) {
                f.if(f.call(sameText, base + name, f.argument(1)) != 0) {
                    let ordinal = f.local((base + table.dword(36) + (index << 1)).word())
                    f.return(base + (base + table.dword(28) + (ordinal << 2)).dword())
                }
            }
            f.add(index, 1)
        }
        f.return(0)
    }

    /// `PspSameText(A*, B*) -> BOOLEAN`: zero-terminated strings.
    private static let sameText: Routine = .init("PspSameText", ["A", "B"]) { f in
        let index = f.local(0)
        f.loop {
            let character = f.local((f.argument(0) + index).byte())
            f.if(character != (f.argument(1) + index).byte()) { f.return(0) }
            f.if(character == 0) { f.return(1) }
            f.add(index, 1)
        }
    }
}
