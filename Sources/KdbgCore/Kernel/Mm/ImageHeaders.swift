// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Finding things in images in memory (PE specification). Nothing in a header or table is believed before it has been compared with the image's size.
extension Rtl {
    /// `RtlImageNtHeader(BaseAddress) -> IMAGE_NT_HEADERS*, or NULL` when there is no PE32 header in the image's first page.
    package static let imageNtHeader: Routine = .init("RtlImageNtHeader", ["BaseAddress"]) { f in
        let base = f.argument(0)
        f.if(base == 0 || base == 0xFFFF_FFFF) { f.return(0) }
        let dos = base.as(IMAGE_DOS_HEADER.self)
        f.if(dos.e_magic != 0x5A4D || dos.e_lfanew > Value(0x1000 - IMAGE_NT_HEADERS.size)) { f.return(0) }
        let headers = f.local(base + dos.e_lfanew)
        f.if(headers.dword() != 0x4550) { f.return(0) }
        f.return(headers)
    }

    /// `RtlImageDirectoryEntryToData(BaseAddress, MappedAsImage, Directory, Size*) -> address or NULL`: where a data directory lies, for images that are mapped as
    /// such, and its bytes. NULL when there is none, or when it is not all in the image.
    package static let imageDirectory: Routine = .init(
        "RtlImageDirectoryEntryToData", ["BaseAddress", "MappedAsImage", "Directory", "Size"]
    ) { f in
        f.set(f.argument(3).dword(), 0)
        let headers = f.call(imageNtHeader, f.argument(0)).as(IMAGE_NT_HEADERS.self)
        f.if(headers.isNull || f.argument(2) >= headers.OptionalHeader.NumberOfRvaAndSizes || f.argument(2) > 15) { f.return(0) }
        let directory = f.local(headers.OptionalHeader.DataDirectory + (f.argument(2) << 3)).as(IMAGE_DATA_DIRECTORY.self)
        let size = f.local(headers.OptionalHeader.SizeOfImage)
        f.if(directory.VirtualAddress == 0 || directory.Size == 0) { f.return(0) }
        f.if(directory.VirtualAddress >= size || directory.Size > size - directory.VirtualAddress) { f.return(0) }
        f.set(f.argument(3).dword(), directory.Size)
        f.return(f.argument(0) + directory.VirtualAddress)
    }

    /// `RtlFindExportedRoutineByName(ImageBase, Name) -> address or NULL` (PE specification 6.3).
    package static let findExportedRoutineByName: Routine = .init("RtlFindExportedRoutineByName", ["ImageBase", "RoutineName"]) { f in
        f.return(f.call(Mm.findExport, f.argument(0), f.argument(1), 0))
    }

    /// `LdrVerifyMappedImageMatchesChecksum(File*, FileLength) -> BOOLEAN`: whether a file in memory has the checksum that its header says: the sum of its
    /// 16-bit words, carries added in, plus its length. 0 in the header matches anything.
    static let verifyImageChecksum: Routine = .init(
        "LdrVerifyMappedImageMatchesChecksum", ["BaseAddress", "FileLength"], section: .page
    ) { f in
        let base = f.argument(0)
        let length = f.argument(1)
        let headers = f.local(base + base.as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let expected = f.local(headers.OptionalHeader.CheckSum)
        f.if(expected == 0) { f.return(1) }
        f.set(headers.OptionalHeader.CheckSum, 0)
        // Four bytes at a time: carries come round all the same.
        let sum = f.local(0)
        f.load(length >> 2)
        f.asm(savesRegisters: true) { a in
            let (again, end) = (a.newLabel(), a.newLabel())
            a.mov(.ecx, .eax)
            a.mov(.esi, .at(.ebp, 8))
            a.alu(.xor, .eax, .eax)
            a.test(.ecx, .ecx)
            a.jcc(.equal, end)
            a.bind(again)
            a.alu(.add, .eax, .at(.esi))
            a.alu(.adc, .eax, 0)
            a.alu(.add, .esi, 4)
            a.alu(.sub, .ecx, 1)
            a.jcc(.notEqual, again)
            a.bind(end)
        }
        f.set(sum, f.saveEAX())
        f.set(sum, (sum & 0xFFFF) + (sum >> 16))
        f.if((length & 2) != 0) { f.add(sum, (base + (length & ~Value(3))).word()) }
        f.if((length & 1) != 0) { f.add(sum, (base + length - 1).byte()) }
        f.while((sum >> 16) != 0) { f.set(sum, (sum & 0xFFFF) + (sum >> 16)) }
        f.set(headers.OptionalHeader.CheckSum, expected)
        f.return(sum + length == expected)
    }
}
