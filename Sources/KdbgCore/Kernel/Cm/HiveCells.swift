// SPDX-License-Identifier: GPL-3.0-or-later

/// Making and freeing cells. The size in front of a cell's data is negative when the cell is in use.
extension Cm {
    /// Bytes. What is larger NT keeps in several cells, which there are none of here.
    private static var largestCell: Value { 0x10_0000 }

    /// `HvAllocateCell(Hive*, Size, Storage) -> cell`, or -1 without memory or when it would be too large: the first free cell that is large enough, or one in a new bin. The data is zero.
    static let allocateCell: Routine = .init("HvAllocateCell", ["RegistryHive", "Size", "Storage"]) { f in
        let hive = f.argument(0, HHIVE.self)
        f.if(f.argument(1) > largestCell) { f.return(noCell) }
        let storage = f.local(Pointer<DUAL>(hive.Storage + f.argument(2) * DUAL.size.value))
        let size = f.local((f.argument(1) + 4 + 7) & ~Value(7))
        let found = f.local(f.call(findFreeCell, storage, size))
        f.if(found == noCell) {
            f.if(f.call(addBin, storage, size + HBIN.size.value) == 0) { f.return(noCell) }
            f.set(found, f.call(findFreeCell, storage, size))
        }
        let cell = f.local(f.call(getCell, hive, found | (f.argument(2) << 31)) - 4)
        let rest = f.local(cell.dword() - size)
        f.if(rest >= 8) {
            f.set((cell + size).dword(), rest)
        } else: {
            f.set(size, size + rest)
        }
        f.set(cell.dword(), 0 - size)
        f.zero(cell + 4, size - 4)
        f.return(found | (f.argument(2) << 31))
    }

    /// `HvpFindFree(Storage*, Size) -> offset or -1`.
    private static let findFreeCell: Routine = .init("HvpFindFree", ["Storage", "Size"]) { f in
        let storage = f.argument(0, DUAL.self)
        let offset = f.local(0)
        f.while(offset < storage.Length) {
            let bin = f.local(Pointer<HBIN>((storage.BlockList.value + ((offset >> 12) << 4)).as(HMAP_ENTRY.self).BinAddress.value))
            let cell = f.local(HBIN.size)
            f.while(cell < bin.Size) {
                let size = f.local((bin.value + cell).dword())
                f.if(size.isError) {
                    f.set(size, 0 - size)
                } else: {
                    f.if(size >= f.argument(1)) { f.return(offset + cell) }
                }
                f.if(size == 0) { f.break() }
                f.set(cell, cell + size)
            }
            f.set(offset, offset + bin.Size)
        }
        f.return(noCell)
    }

    /// `HvpAddBin(Storage*, Size) -> BOOLEAN`: a bin of whole pages at the end of the storage, with one free cell.
    private static let addBin: Routine = .init("HvpAddBin", ["Storage", "Size"]) { f in
        let storage = f.argument(0, DUAL.self)
        let size = f.local((f.argument(1) + 0xFFF) & ~Value(0xFFF))
        f.if(((storage.Length + size) >> 12) > storage.Guard) { f.return(0) }
        let block = f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("CM13"))
        f.if(block == 0) { f.return(0) }
        let bin = block.as(HBIN.self)
        f.zero(bin, size)
        f.set(bin.Signature, Value.tag("hbin"))
        f.set(bin.FileOffset, storage.Length)
        f.set(bin.Size, size)
        f.set((block + HBIN.size.value).dword(), size - HBIN.size.value)
        f.call(enlistBin, storage, storage.Length, bin)
        f.set(storage.Length, storage.Length + size)
        f.return(1)
    }

    /// `HvFreeCell(Hive*, Cell)`: and joins it with the free one behind it.
    static let freeCell: Routine = .init("HvFreeCell", ["RegistryHive", "Cell"]) { f in
        let hive = f.argument(0, HHIVE.self)
        f.if(f.argument(1) == noCell) { f.return() }
        let cell = f.local(f.call(getCell, hive, f.argument(1)) - 4)
        let storage = f.local(Pointer<DUAL>(hive.Storage + (f.argument(1) >> 31) * DUAL.size.value))
        let offset = f.local(f.argument(1) & 0x7FFF_FFFF)
        let bin = f.local(Pointer<HBIN>((storage.BlockList.value + ((offset >> 12) << 4)).as(HMAP_ENTRY.self).BinAddress.value))
        let size = f.local(0 - cell.dword())
        f.if(offset + size < bin.FileOffset + bin.Size) {
            f.if((cell + size).dword().isSuccess) { f.set(size, size + (cell + size).dword()) }
        }
        f.set(cell.dword(), size)
        f.return()
    }
}
