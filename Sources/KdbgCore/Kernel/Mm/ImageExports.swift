// SPDX-License-Identifier: GPL-3.0-or-later

/// Looking up exports (PE specification 6.3), by name or by number.
extension Mm {
    /// `MiImageData(Base, Rva, Length) -> address or NULL`: a range of an image that is mapped, or NULL when it is not all in it. The image's size is that of its
    /// headers, which have been checked.
    static let imageData: Routine = .init("MiImageData", ["Base", "Rva", "Length"]) { f in
        let headers = f.call(Rtl.imageNtHeader, f.argument(0)).as(IMAGE_NT_HEADERS.self)
        f.if(headers.isNull) { f.return(0) }
        let size = f.local(headers.OptionalHeader.SizeOfImage)
        f.if(f.argument(1) == 0 || f.argument(1) >= size || f.argument(2) > size - f.argument(1)) { f.return(0) }
        f.return(f.argument(0) + f.argument(1))
    }

    /// `MiImageText(Base, Rva) -> address or NULL`: a zero-terminated string in an image that is mapped, of 255 characters at most.
    static let imageText: Routine = .init("MiImageText", ["Base", "Rva"]) { f in
        let text = f.call(imageData, f.argument(0), f.argument(1), 1)
        f.if(text == 0) { f.return(0) }
        let headers = f.local(f.argument(0) + f.argument(0).as(IMAGE_DOS_HEADER.self).e_lfanew).as(IMAGE_NT_HEADERS.self)
        let end = f.local(f.argument(0) + headers.OptionalHeader.SizeOfImage)
        f.if(text + 256 < end) { f.set(end, text + 256) }
        let character = f.local(text)
        f.while(character < end) {
            f.if(character.byte() == 0) { f.return(text) }
            f.add(character, 1)
        }
        f.return(0)
    }

    /// `MiCompareText(A, B) -> A - B where they first differ, or 0`: zero-terminated strings of bytes.
    private static let compareText: Routine = .init("MiCompareText", ["A", "B"]) { f in
        let a = f.local(f.argument(0))
        let b = f.local(f.argument(1))
        f.while(a.byte() != 0 && a.byte() == b.byte()) {
            f.add(a, 1)
            f.add(b, 1)
        }
        f.return(a.byte() - b.byte())
    }

    /// `MiFindExport(Base, Name, Hint) -> address or NULL`: a name among an image's exports, at the hint's place first, then by halves, since names are sorted.
    static let findExport: Routine = .init("MiFindExport", ["Base", "Name", "Hint"]) { f in
        let base = f.argument(0)
        let size = f.local(0)
        let directory = f.local(f.call(Rtl.imageDirectory, base, 1, ImageDirectory.export, f.address(of: size)))
            .as(IMAGE_EXPORT_DIRECTORY.self)
        f.if(directory.isNull || size < IMAGE_EXPORT_DIRECTORY.size.value) { f.return(0) }
        let count = f.local(directory.NumberOfNames)
        f.if(count == 0 || count > 0x10000) { f.return(0) }
        let names = f.call(imageData, base, directory.AddressOfNames, count << 2)
        let ordinals = f.call(imageData, base, directory.AddressOfNameOrdinals, count << 1)
        f.if(names == 0 || ordinals == 0) { f.return(0) }
        let low = f.local(0)
        let high = f.local(count)
        let middle = f.local(f.argument(2))
        f.if(middle >= count) { f.set(middle, count >> 1) }
        f.while(low < high) {
            let name = f.call(imageText, base, (names + (middle << 2)).dword())
            f.if(name == 0) { f.return(0) }
            let order = f.call(compareText, f.argument(1), name)
            f.if(order == 0) { f.return(f.call(exportAddress, base, (ordinals + (middle << 1)).word())) }
            f.if(order.isLessSigned(0)) {
                f.set(high, middle)
            } else: {
                f.set(low, middle + 1)
            }
            f.set(middle, (low + high) >> 1)
        }
        f.return(0)
    }

    /// `MiExportAddress(Base, Index) -> address or NULL`: an entry of an image's export address table. One that leads into the directory names an export of a
    /// third image; there are none of these here.
    static let exportAddress: Routine = .init("MiExportAddress", ["Base", "Index"]) { f in
        let base = f.argument(0)
        let size = f.local(0)
        let directory = f.local(f.call(Rtl.imageDirectory, base, 1, ImageDirectory.export, f.address(of: size)))
            .as(IMAGE_EXPORT_DIRECTORY.self)
        f.if(directory.isNull || size < IMAGE_EXPORT_DIRECTORY.size.value) { f.return(0) }
        f.if(f.argument(1) >= directory.NumberOfFunctions || f.argument(1) >= 0x10000) { f.return(0) }
        let functions = f.call(imageData, base, directory.AddressOfFunctions, (f.argument(1) + 1) << 2)
        f.if(functions == 0) { f.return(0) }
        let address = f.call(imageData, base, (functions + (f.argument(1) << 2)).dword(), 1)
        f.if(address >= directory.value && address < directory.value + size) { f.return(0) }
        f.return(address)
    }

    /// `MiExportByOrdinal(Base, Ordinal) -> address or NULL`: numbers begin with the directory's Base.
    static let exportByOrdinal: Routine = .init("MiExportByOrdinal", ["Base", "Ordinal"]) { f in
        let size = f.local(0)
        let directory = f.local(f.call(Rtl.imageDirectory, f.argument(0), 1, ImageDirectory.export, f.address(of: size)))
            .as(IMAGE_EXPORT_DIRECTORY.self)
        f.if(directory.isNull || size < IMAGE_EXPORT_DIRECTORY.size.value) { f.return(0) }
        f.return(f.call(exportAddress, f.argument(0), f.argument(1) - directory.Base))
    }
}
