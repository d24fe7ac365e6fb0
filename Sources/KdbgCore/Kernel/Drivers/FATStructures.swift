// SPDX-License-Identifier: GPL-3.0-or-later

/// What fastfat.sys keeps in memory. Sectors have 512 bytes and count from the start of the volume.
extension FATDriver {
    /// One sector in memory; sector 0xFFFFFFFF stands for none.
    struct FAT_BUFFER: Structure {
        static let size: UInt32 = 0x0C
        let Address = Field.pointer(0x00)
        let Sector = Field.u32(0x04)
        /// What it holds is not on the disk yet.
        let IsDirty = Field.u32(0x08)

        static let layout = Self()
    }

    /// A mounted volume: the device extension of its device.
    struct FAT_VCB: Structure {
        static let size: UInt32 = 0xA0
        let TargetDevice = PointerTo<DEVICE_OBJECT>(0x00)
        /// 12, 16 or 32.
        let FatBits = Field.u32(0x04)
        let SectorsPerCluster = Field.u32(0x08)
        let FatStart = Field.u32(0x0C)
        let FatSectors = Field.u32(0x10)
        let FatCount = Field.u32(0x14)
        /// The root of FAT12 and FAT16.
        let RootStart = Field.u32(0x18)
        let RootSectors = Field.u32(0x1C)
        /// The root of FAT32; 0 for the others.
        let RootCluster = Field.u32(0x20)
        let DataStart = Field.u32(0x24)
        /// Number of the last cluster plus one.
        let ClusterEnd = Field.u32(0x28)
        let ClusterBytes = Field.u32(0x2C)
        /// The first number that ends a chain: 0xFF8, 0xFFF8, 0x0FFFFFF8.
        let EndMark = Field.u32(0x30)
        /// The sector of FSInfo; 0 when there is none.
        let InfoSector = Field.u32(0x34)
        /// 0xFFFFFFFF: nobody has counted them yet.
        let FreeClusters = Field.u32(0x38)
        let NextFree = Field.u32(0x3C)
        let Vpb = PointerTo<VPB>(0x40)
        /// Sectors of the table: `tableBuffers` of them, found by their number.
        let Table = Field.pointer(0x44)
        /// The disk says that the volume is in use, and who has said so: 1 we, 2 somebody before us, which stays.
        let IsDirty = Field.u32(0x48)
        /// FSInfo has to be written.
        let InfoChanged = Field.u32(0x4C)
        /// Why the table could not be read.
        let TableStatus = Field.u32(0x50)
        let DirectoryBuffer = Embedded<FAT_BUFFER>(0x54)
        let DataBuffer = Embedded<FAT_BUFFER>(0x60)
        let FcbList = Embedded<LIST_ENTRY>(0x6C)
        let Lock = Embedded<KEVENT>(0x74)
        let SerialNumber = Field.u32(0x84)

        static let layout = Self()
    }

    /// An open file, shared by its file objects (FsContext).
    struct FAT_FCB: Structure {
        static let size: UInt32 = 0x70
        let Link = Embedded<LIST_ENTRY>(0x00)
        let References = Field.u32(0x08)
        /// Handles that are open.
        let Handles = Field.u32(0x0C)
        let FirstCluster = Field.u32(0x10)
        let FileSize = Field.u32(0x14)
        /// Where the directory entry is; sector 0 for the root and the volume.
        let EntrySector = Field.u32(0x18)
        let EntryOffset = Field.u32(0x1C)
        /// The directory, the number of its first entry (long names come first), and of the one at the place above.
        let Directory = Field.u32(0x20)
        let FirstEntry = Field.u32(0x24)
        let LastEntry = Field.u32(0x28)
        let Attributes = Field.u32(0x2C)
        /// A place in the chain that was found before.
        let CachedIndex = Field.u32(0x30)
        let CachedCluster = Field.u32(0x34)
        let DeletePending = Field.u32(0x38)
        /// What was written is still in the disk's cache.
        let IsDirty = Field.u32(0x3C)
        /// The last component of the name it was opened with.
        let Name = Embedded<UNICODE_STRING>(0x40)
        /// What the open handles do, and let others do.
        let ShareAccess = Embedded<SHARE_ACCESS>(0x48)
        /// What the file is mapped as.
        let SectionObjectPointers = Embedded<SECTION_OBJECT_POINTERS>(0x64)

        static let layout = Self()
    }

    /// What belongs to one opening of a directory (FsContext2).
    struct FAT_CCB: Structure {
        static let size: UInt32 = 0x10
        /// The number of the entry that comes next.
        let Index = Field.u32(0x00)
        /// What the first query asked for; empty for all.
        let Pattern = Embedded<UNICODE_STRING>(0x04)
        let HasBegun = Field.u32(0x0C)

        static let layout = Self()
    }

    /// A walk through a directory, and what it has come to.
    struct FAT_SLOT: Structure {
        static let size: UInt32 = 0x25C
        /// First cluster of the directory; 0 is the root of FAT12 and FAT16.
        let Directory = Field.u32(0x00)
        /// The number of the entry that comes next.
        let Index = Field.u32(0x04)
        /// The cluster in which the walk is, and which one of the directory's it is.
        let Cluster = Field.u32(0x08)
        let ClusterIndex = Field.u32(0x0C)
        /// The place of the entry.
        let Sector = Field.u32(0x10)
        let Offset = Field.u32(0x14)
        /// Numbers of the first entry of the file (of its long name, if it has one), and of the last.
        let FirstEntry = Field.u32(0x18)
        let LastEntry = Field.u32(0x1C)
        let Entry = ArrayField(0x20, count: 32, stride: 1, of: "UCHAR")
        /// The name: the long one, or else the short one; its characters are below.
        let Name = Embedded<UNICODE_STRING>(0x40)
        /// The checksum of the short name that the long one belongs to; more than a byte: there is no long name.
        let Checksum = Field.u32(0x48)
        /// The number of the part of the long name that comes next; 0 when it is whole.
        let Expected = Field.u32(0x258)
        let Characters = ArrayField(0x4C, count: 262, stride: 2, of: "WCHAR")

        static let layout = Self()
    }
}

/// NTSTATUS values of file systems.
enum FATStatus {
    static let noMoreFiles: Value = 0x8000_0006
    static let bufferOverflow: Value = 0x8000_0005
    static let fileCorrupt: Value = 0xC000_0102
    static let noSuchFile: Value = 0xC000_000F
    static let directoryNotEmpty: Value = 0xC000_0101
    static let cannotDelete: Value = 0xC000_0121
    static let deletePending: Value = 0xC000_0056
    static let notSameDevice: Value = 0xC000_00D4
}
