// SPDX-License-Identifier: GPL-3.0-or-later

/// Image files: reading them, and deciding whether they can be loaded.
extension Mm {
    /// Larger files, and images, are refused.
    private static let largestImage: UInt32 = 0x100_0000

    /// `MiReadImageFile(FileName*, Buffer*, Size*) -> status`: opens a file and reads all of it, which is not nothing, into paged pool, tag 'MmIf'.
    static let readImageFile: Routine = .init("MiReadImageFile", ["FileName", "Buffer", "Size"], section: .page) { f in
        let file = f.local(0)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        // FILE_READ_DATA | FILE_EXECUTE | SYNCHRONIZE; shared for reading and deleting; NON_DIRECTORY_FILE | SYNCHRONOUS_IO_NONALERT.
        let status = f.local(f.call(Io.ntOpenFile, f.address(of: file), 0x0010_0021, attributes, result, 5, 0x60))
        f.if(status.isError) { f.return(status) }
        // FILE_STANDARD_INFORMATION, class 5; EndOfFile is at 8.
        let information = f.buffer(0x18)
        f.set(status, f.call(Io.ntQueryInformationFile, file, result, information, 0x18, 5))
        let size = f.local(information.dword(8))
        f.if(status.isSuccess) {
            f.if(information.dword(12) != 0 || size == 0 || size > largestImage.value) { f.set(status, Status.invalidImageFormat) }
        }
        let buffer = f.local(0)
        f.if(status.isSuccess) {
            f.set(buffer, f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("MmIf")))
            f.if(buffer == 0) { f.set(status, Status.insufficientResources) }
        }
        f.if(status.isSuccess) {
            f.set(result.Information, 0)
            f.set(status, f.call(Io.ntReadFile, file, 0, 0, 0, result, buffer, size, 0, 0))
            // A file that has become shorter meanwhile.
            f.if(status.isSuccess && result.Information != size) { f.set(status, Status.endOfFile) }
        }
        f.call(Ob.zwClose, file)
        f.if(status.isError) {
            f.if(buffer != 0) { f.call(Ex.freePoolWithTag, buffer, Value.tag("MmIf")) }
            f.return(status)
        }
        f.set(f.argument(1).dword(), buffer)
        f.set(f.argument(2).dword(), size)
        f.return(Status.success)
    }

    /// `MiCheckImageFile(File, FileSize) -> status`: whether a file in memory is an image for this machine whose sections lie in file and image as
    /// they should. STATUS_INVALID_IMAGE_NOT_MZ, STATUS_INVALID_IMAGE_PROTECT (for DOS, or another processor), STATUS_INVALID_IMAGE_FORMAT,
    /// STATUS_IMAGE_CHECKSUM_MISMATCH.
    static let checkImageFile: Routine = .init("MiCheckImageFile", ["File", "FileSize"], section: .page) { f in
        let size = f.argument(1)
        let dos = f.argument(0, IMAGE_DOS_HEADER.self)
        f.if(size < 2 || dos.e_magic != 0x5A4D) { f.return(Status.invalidImageNotMz) }
        f.if(size < 0x40) { f.return(Status.invalidImageFormat) }
        let place = f.local(dos.e_lfanew)
        f.if(size < 0x40 + IMAGE_NT_HEADERS.size.value) { f.return(Status.invalidImageProtect) }
        f.if((place & 3) != 0 || place > size - IMAGE_NT_HEADERS.size.value || place > 0x1000 - IMAGE_NT_HEADERS.size.value) {
            f.return(Status.invalidImageProtect)
        }
        let headers = f.local(dos.value + place).as(IMAGE_NT_HEADERS.self)
        let optional = headers.OptionalHeader
        f.if(headers.Signature != 0x4550 || headers.FileHeader.Machine != 0x14C || optional.Magic != 0x10B) {
            f.return(Status.invalidImageProtect)
        }
        // IMAGE_FILE_EXECUTABLE_IMAGE: the linker found nothing missing.
        f.if((headers.FileHeader.Characteristics & 2) == 0) { f.return(Status.invalidImageFormat) }
        f.if(headers.FileHeader.SizeOfOptionalHeader < IMAGE_OPTIONAL_HEADER.size.value) { f.return(Status.invalidImageFormat) }
        f.if(optional.SectionAlignment == 0 || (optional.SectionAlignment & 0xFFF) != 0) { f.return(Status.invalidImageFormat) }
        f.if(optional.SizeOfImage == 0 || optional.SizeOfImage > largestImage.value) { f.return(Status.invalidImageFormat) }
        let count = f.local(headers.FileHeader.NumberOfSections)
        f.if(count == 0 || count > 96) { f.return(Status.invalidImageFormat) }
        // The headers take the image's first page, no more.
        let used = f.local(place + 0x18 + headers.FileHeader.SizeOfOptionalHeader + count * IMAGE_SECTION_HEADER.size.value)
        f.if(used > optional.SizeOfHeaders || optional.SizeOfHeaders > size || optional.SizeOfHeaders > 0x1000) {
            f.return(Status.invalidImageFormat)
        }
        f.if(optional.AddressOfEntryPoint >= optional.SizeOfImage) { f.return(Status.invalidImageFormat) }
        let section = f.local(headers.value + 0x18 + headers.FileHeader.SizeOfOptionalHeader).as(IMAGE_SECTION_HEADER.self)
        let next = f.local(0x1000)
        f.while(count != 0) {
            f.set(next, f.call(checkSection, section, next, f.local((optional.SizeOfImage + 0xFFF) & ~Value(0xFFF)), size))
            f.if(next == 0) { f.return(Status.invalidImageFormat) }
            f.set(section.value, section.value + IMAGE_SECTION_HEADER.size.value)
            f.set(count, count - 1)
        }
        f.if(f.call(Rtl.verifyImageChecksum, dos, size) == 0) { f.return(Status.imageChecksumMismatch) }
        f.return(Status.success)
    }

    /// `MiCheckSection(Section*, Lowest, SizeOfImage, FileSize) -> end of the section, or 0`: whether a section begins on a page that is free, ends in the image, and
    /// has its contents in the file. The end is a multiple of the page size.
    private static let checkSection: Routine = .init(
        "MiCheckSection", ["Section", "Lowest", "SizeOfImage", "FileSize"], section: .page
    ) { f in
        let section = f.argument(0, IMAGE_SECTION_HEADER.self)
        let start = f.local(section.VirtualAddress)
        let bytes = f.local(section.VirtualSize)
        f.if(bytes == 0) { f.set(bytes, section.SizeOfRawData) }
        f.if((start & 0xFFF) != 0 || start < f.argument(1) || start > f.argument(2)) { f.return(0) }
        f.if(bytes > f.argument(2) - start) { f.return(0) }
        f.if(section.SizeOfRawData != 0) {
            f.if(section.PointerToRawData > f.argument(3) || section.SizeOfRawData > f.argument(3) - section.PointerToRawData) {
                f.return(0)
            }
        }
        f.return((start + bytes + 0xFFF) & ~Value(0xFFF))
    }

    /// `MiMapImage(File, Base*) -> status`: puts a file that has been checked at fresh pages of system PTE space, headers and sections, with zeros where the file has
    /// nothing.
    static let mapImage: Routine = .init("MiMapImage", ["File", "Base"], section: .page) { f in
        let file = f.argument(0)
        let headers = f.local(file + file.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let pages = f.local((headers.OptionalHeader.SizeOfImage + 0xFFF) >> 12)
        let entry = f.call(reserveSystemPtes, pages, PteSpace.system)
        f.if(entry == 0) { f.return(Status.insufficientResources) }
        let base = f.local(entry << 10)
        f.if(f.call(mapPages, base, pages) == 0) {
            f.call(freeImagePages, base, pages)
            f.return(Status.insufficientResources)
        }
        f.zero(base, pages << 12)
        f.copy(to: base, from: file, headers.OptionalHeader.SizeOfHeaders)
        let section = f.local(headers.value + 0x18 + headers.FileHeader.SizeOfOptionalHeader).as(IMAGE_SECTION_HEADER.self)
        let count = f.local(headers.FileHeader.NumberOfSections)
        f.while(count != 0) {
            let bytes = f.local(section.SizeOfRawData)
            f.if(section.VirtualSize != 0 && section.VirtualSize < bytes) { f.set(bytes, section.VirtualSize) }
            f.copy(to: base + section.VirtualAddress, from: file + section.PointerToRawData, bytes)
            f.set(section.value, section.value + IMAGE_SECTION_HEADER.size.value)
            f.set(count, count - 1)
        }
        f.set(f.argument(1).dword(), base)
        f.return(Status.success)
    }

    /// `MiFreeImagePages(Base, PageCount)`: an image's pages, as far as there are any, and its system PTEs.
    static let freeImagePages: Routine = .init("MiFreeImagePages", ["Base", "PageCount"], section: .page) { f in
        f.call(unmapPages, f.argument(0), f.argument(1))
        f.call(releaseSystemPtes, pte(of: f.argument(0)), f.argument(1), PteSpace.system)
        f.return()
    }
}
