// SPDX-License-Identifier: GPL-3.0-or-later

/// Hives in memory: where a cell is, and whether an image can be trusted.
///
/// A cell index has the storage in bit 31 (0 stable, 1 volatile), the page in the bits below and the offset in the page in the last twelve.
extension Cm {
    /// No cell.
    static let noCell: Value = 0xFFFF_FFFF

    /// Flags of CM_KEY_NODE.
    enum KeyFlag {
        static let isVolatile: UInt32 = 0x01
        static let hiveExit: UInt32 = 0x02
        static let hiveEntry: UInt32 = 0x04
        static let noDelete: UInt32 = 0x08
        static let symbolicLink: UInt32 = 0x10
        static let compressedName: UInt32 = 0x20
    }

    /// Operations of `HvInitialize`.
    enum HiveOperation {
        /// An empty hive, all of it volatile.
        static let create: Int = 0
        /// From an image, which is copied to paged pool.
        static let memory: Int = 1
        /// From an image that is read where it lies.
        static let flat: Int = 3
    }

    /// Pages that a storage may grow by.
    private static let spareBlocks: UInt32 = 64

    /// `HvInitialize(Hive*, OperationType, HiveData, Length) -> status`. 0xC000014C: the image is damaged.
    static let hvInitialize: Routine = .init("HvInitialize", ["RegistryHive", "OperationType", "HiveData", "Length"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let image = f.argument(2, HBASE_BLOCK.self)
        f.zero(hive, HHIVE.size)
        f.set(hive.Signature, 0xBEE0_BEE0 as Value)
        f.set(hive.GetCellRoutine, getCell)
        f.set(hive.StorageTypeCount, 2)
        f.if(f.argument(1) == Value(HiveOperation.create)) {
            f.set(hive.HiveFlags, 1)
            f.return(f.call(initializeStorage, hive, 1, 0, 0))
        }
        let status = f.local(f.call(verifyImage, image, f.argument(3)))
        f.if(status.isError) { f.return(status) }
        f.set(hive.Version, image.Minor)
        f.set(hive.address(of: \.BaseBlock).dword(), image)
        f.set(hive.Storage.dword(), image.Length)
        f.if(f.argument(1) == Value(HiveOperation.flat)) {
            f.set(hive.Flat, 1)
            f.return(Status.success)
        }
        let copy = f.call(Ex.allocatePoolWithTag, 1, image.Length + 0x1000, Value.tag("CM16"))
        f.if(copy == 0) { f.return(Status.insufficientResources) }
        f.copy(to: copy, from: image, image.Length + 0x1000)
        f.set(hive.address(of: \.BaseBlock).dword(), copy)
        f.set(status, f.call(initializeStorage, hive, 0, copy + 0x1000, image.Length))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(initializeStorage, hive, 1, 0, 0))
    }

    /// `HvpInitializeStorage(Hive*, Storage, Bins, Length) -> status`: the list of pages, with those that there are already.
    private static let initializeStorage: Routine = .init("HvpInitializeStorage", ["RegistryHive", "Storage", "Bins", "Length"]) { f in
        let storage = f.local(Pointer<DUAL>(f.argument(0, HHIVE.self).Storage + f.argument(1) * DUAL.size.value))
        let blocks = f.local((f.argument(3) >> 12) + Value(spareBlocks))
        let list = f.call(Ex.allocatePoolWithTag, 1, blocks * HMAP_ENTRY.size.value, Value.tag("CM14"))
        f.if(list == 0) { f.return(Status.insufficientResources) }
        f.zero(list, blocks * HMAP_ENTRY.size.value)
        f.set(storage.Length, f.argument(3))
        f.set(storage.address(of: \.BlockList).dword(), list)
        f.set(storage.Guard, blocks)
        let offset = f.local(0)
        f.while(offset < f.argument(3)) {
            f.call(enlistBin, storage, offset, f.argument(2) + offset)
            f.set(offset, offset + (f.argument(2) + offset).as(HBIN.self).Size)
        }
        f.return(Status.success)
    }

    /// `HvpEnlistBin(Storage*, Offset, Bin*)`: the entries of a bin's pages.
    static let enlistBin: Routine = .init("HvpEnlistBin", ["Storage", "Offset", "Bin"]) { f in
        let list = f.local(f.argument(0, DUAL.self).BlockList)
        let bin = f.argument(2, HBIN.self)
        let page = f.local(0)
        f.while(page < bin.Size) {
            let entry = f.local(Pointer<HMAP_ENTRY>(list.value + (((f.argument(1) + page) >> 12) * HMAP_ENTRY.size.value)))
            f.set(entry.BlockAddress, bin.value + page)
            f.set(entry.address(of: \.BinAddress).dword(), bin)
            f.add(page, 0x1000)
        }
        f.return()
    }

    /// `HvpVerifyHiveImage(BaseBlock*, Length) -> status`: signatures, version, sizes, checksum, the chain of bins, and that the root cell is a key.
    private static let verifyImage: Routine = .init("HvpVerifyHiveImage", ["BaseBlock", "Length"]) { f in
        let image = f.argument(0, HBASE_BLOCK.self)
        let corrupt = RegistryStatus.registryCorrupt
        f.if(image.isNull || f.argument(1) < 0x2000) { f.return(corrupt) }
        f.if(image.Signature != Value.tag("regf") || image.Major != 1 || image.Minor < 3 || image.Format != 1) { f.return(corrupt) }
        f.if(image.Sequence1 != image.Sequence2 || image.Length > f.argument(1) - 0x1000) { f.return(corrupt) }
        f.if(f.call(checkSum, image) != image.CheckSum) { f.return(corrupt) }
        let offset = f.local(0)
        f.while(offset < image.Length) {
            let bin = f.local(Pointer<HBIN>(image.value + 0x1000 + offset))
            f.if(bin.Signature != Value.tag("hbin") || bin.FileOffset != offset) { f.return(corrupt) }
            f.if(bin.Size == 0 || (bin.Size & 0xFFF) != 0 || bin.Size > image.Length - offset) { f.return(corrupt) }
            f.set(offset, offset + bin.Size)
        }
        f.if(image.RootCell >= image.Length) { f.return(corrupt) }
        f.if((image.value + image.RootCell).word(0x1004) != 0x6B6E) { f.return(corrupt) }
        f.return(Status.success)
    }

    /// `HvpHiveHeaderChecksum(BaseBlock*) -> checksum`.
    private static let checkSum: Routine = .init("HvpHiveHeaderChecksum", ["HiveHeader"]) { f in
        let sum = f.local(0)
        let index = f.local(0)
        f.while(index < 0x1FC) {
            f.set(sum, sum ^ (f.argument(0) + index).dword())
            f.add(index, 4)
        }
        f.if(sum == 0) { f.return(1) }
        f.if(sum == 0xFFFF_FFFF) { f.return(0xFFFF_FFFE as Value) }
        f.return(sum)
    }

    /// `HvGetCell(Hive*, Cell) -> address of the cell's data`, or NULL for what is not in the hive.
    static let getCell: Routine = .init("HvGetCell", ["Hive", "Cell"]) { f in
        let hive = f.argument(0, HHIVE.self)
        let offset = f.local(f.argument(1) & 0x7FFF_FFFF)
        let storage = f.local(Pointer<DUAL>(hive.Storage + (f.argument(1) >> 31) * DUAL.size.value))
        f.if(offset >= storage.Length) { f.return(0) }
        f.if(hive.Flat != 0) { f.return(hive.BaseBlock.value + 0x1004 + offset) }
        f.return((storage.BlockList.value + ((offset >> 12) << 4)).as(HMAP_ENTRY.self).BlockAddress + (offset & 0xFFF) + 4)
    }
}

/// NTSTATUS values of the registry.
enum RegistryStatus {
    static let bufferOverflow: Value = 0x8000_0005
    static let noMoreEntries: Value = 0x8000_001A
    static let registryCorrupt: Value = 0xC000_014C
    static let childMustBeVolatile: Value = 0xC000_0181
    static let keyDeleted: Value = 0xC000_017C
    static let cannotDelete: Value = 0xC000_0121
}
