// SPDX-License-Identifier: GPL-3.0-or-later

/// A PE image that no file holds (spec/boot.md section 2.8): headers, an export directory, and a few instructions that lead to a routine of the
/// kernel's. KD copies it to a page of pool and has it called.
enum MadeUpImage {
    /// Bytes of the image in memory: a page.
    static let size: UInt32 = 0x1000
    /// Where the instructions are, from the image's base: its entry point, and its export.
    static let code: UInt32 = 0x300
    private static let headers: UInt32 = 0x200
    private static let exports: UInt32 = 0x200
    private static let templateSize: UInt32 = 0x310

    /// What the page is filled with.
    /// - Parameters:
    ///   - name: the image's file name, less than 20 characters.
    ///   - routine: what its entry point and its export lead to; stdcall, so the arguments are already where it looks for them.
    private static func template(_ name: String, exporting export: String, _ routine: Routine) -> Global {
        Global("KdpMadeUpImage", size: templateSize, section: .constants) {
            let file = file(name, exporting: export)
            // MOV EAX, routine; JMP EAX.
            return [.bytes(file + [0xB8]), .address(routine), .bytes([0xFF, 0xE0])]
        }
    }

    private static func file(_ name: String, exporting export: String) -> [UInt8] {
        var file = ByteWriter()
        file.word(0x5A4D)
        file.zeros(0x3A)
        file.dword(0x40)
        // COFF header: i386, one section, an optional header of 224 bytes, a 32-bit executable without relocations.
        file.dword(0x0000_4550)
        for word in [0x014C, 1] as [UInt16] { file.word(word) }
        for value in [0, 0, 0] as [UInt32] { file.dword(value) }
        for word in [224, 0x0103] as [UInt16] { file.word(word) }
        // Optional header; the image base is written when there is one.
        file.word(0x010B)
        file.word(0)
        for value in [size - headers, 0, 0, code, headers, 0, 0, 0x200, 0x200] as [UInt32] { file.dword(value) }
        for version in [5, 2, 5, 2, 5, 2] as [UInt16] { file.word(version) }
        for value in [0, size, headers, 0] as [UInt32] { file.dword(value) }
        for word in [1, 0x2000] as [UInt16] { file.word(word) }
        for value in [0x40000, 0x1000, 0x100000, 0x1000, 0, 16] as [UInt32] { file.dword(value) }
        file.dword(exports)
        file.dword(code - exports)
        file.zeros(15 * 8)
        // Its section: all that is behind the headers.
        file.bytes += Array(".text\0\0\0".utf8)
        for value in [size - headers, headers, 0, 0, 0, 0, 0, 0x6800_0020] as [UInt32] { file.dword(value) }
        file.zeros(Int(exports) - file.bytes.count)
        // Export directory (PE specification 6.3): one name. Behind it the address, the name's address, the ordinal, and the names.
        let tables = exports + 40
        let names = tables + 12
        for value in [0, 0, 0, names, 1, 1, 1, tables, tables + 4, tables + 8] as [UInt32] { file.dword(value) }
        for value in [code, names + 24, 0] as [UInt32] { file.dword(value) }
        file.bytes += Array(name.utf8)
        file.zeros(Int(names) + 24 - file.bytes.count)
        file.bytes += Array(export.utf8)
        file.zeros(Int(code) - file.bytes.count)
        return file.bytes
    }

    /// What of it is in pool: the page, and the LDR_DATA_TABLE_ENTRY that describes it.
    static let image: Global = .init("KdpMadeUpImageBase")
    static let entry: Global = .init("KdpMadeUpEntry")

    /// States how KD makes the image and its entry; the entry is in no list yet.
    /// - Returns: the entry; NULL when there is no pool.
    static func make(
        _ f: Function, name: String, exporting export: String, leadingTo routine: Routine, flags: UInt32
    ) -> Pointer<LDR_DATA_TABLE_ENTRY> {
        let module = f.local(LDR_DATA_TABLE_ENTRY.self)
        f.set(image.dword, f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("KDBG")))
        f.set(entry.dword, f.call(Ex.allocatePoolWithTag, 0, LDR_DATA_TABLE_ENTRY.size, Value.tag("KDBG")))
        f.set(module.value, 0)
        f.if(image.dword != 0 && entry.dword != 0) {
            f.set(module.value, entry.dword)
            f.zero(image.dword, size)
            f.copy(to: image.dword, from: template(name, exporting: export, routine), templateSize)
            f.set((image.dword + 0x74).dword(), image.dword)
            f.zero(module, LDR_DATA_TABLE_ENTRY.size)
            f.set(module.DllBase, image.dword)
            f.set(module.EntryPoint, image.dword + Value(code))
            f.set(module.SizeOfImage, size)
            f.set(module.Flags, flags)
            f.set(module.LoadCount, 1)
            f.call(Rtl.initUnicodeString, module.address(of: \.BaseDllName), f.wide(name))
            f.call(Rtl.initUnicodeString, module.address(of: \.FullDllName), f.wide(#"\SystemRoot\System32\drivers\"# + name))
        }
        return module
    }

    /// States how KD gives both back, once no list has the entry.
    static func free(_ f: Function) {
        f.if(entry.dword != 0) { f.call(Ex.freePoolWithTag, entry.dword, Value.tag("KDBG")) }
        f.if(image.dword != 0) { f.call(Ex.freePoolWithTag, image.dword, Value.tag("KDBG")) }
        f.set(entry.dword, 0)
        f.set(image.dword, 0)
    }
}
