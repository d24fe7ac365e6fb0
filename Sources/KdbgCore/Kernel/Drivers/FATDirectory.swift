// SPDX-License-Identifier: GPL-3.0-or-later

/// Directories: 32-byte entries (FAT specification, section 6).
enum FATDirectory {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT
    /// 11 March 2023, 12:00:00: there is no clock that a reproducible run could ask.
    private static let date: UInt32 = (2023 - 1980) << 9 | 3 << 5 | 11
    private static let time: UInt32 = 12 << 11

    /// `FatShortName(Component*, Name) -> BOOLEAN`: eleven upper-case characters padded with blanks; FALSE when the component is not of the form 8.3.
    static let shortName: Routine = .init("FatShortName", ["Component", "Name"], module: module, section: .page) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        let name = f.argument(1)
        f.set(name.dword(), 0x2020_2020)
        f.set(name.dword(4), 0x2020_2020)
        f.set(name.dword(8), 0x0020_2020)
        let index = f.local(0)
        let position = f.local(0)
        let end = f.local(8)
        f.while(index < component.Length) {
            let character = f.call(Rtl.upcaseUnicodeChar, (component.Buffer + index).word())
            f.if(character == 0x2E) {
                f.if(end == 11 || position == 0) { f.return(0) }
                f.set(position, 8)
                f.set(end, 11)
            } else: {
                f.if(position >= end || character <= 0x20 || character >= 0x7F) { f.return(0) }
                let forbidden = f.local(f.text("\"*+,/:;<=>?[\\]|"))
                f.while(forbidden.byte() != 0) {
                    f.if(forbidden.byte() == character) { f.return(0) }
                    f.add(forbidden, 1)
                }
                f.set((name + position).byte(), character)
                f.add(position, 1)
            }
            f.add(index, 2)
        }
        f.return(position != 0)
    }

    /// `FatFind(Vcb*, Directory, Name, Slot*) -> status`: `Directory` is its first cluster, 0 for the root. 0xC0000034 when the name is not there; then
    /// the slot has the first free place, if there is one, and the directory's last cluster.
    static let find: Routine = .init("FatFind", ["Vcb", "Directory", "Name", "Slot"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(f.argument(1))
        let sector = f.local(vcb.RootStart)
        let left = f.local(vcb.RootSectors)
        f.loop {
            f.if(cluster != 0) {
                f.set(sector, FATVolume.sector(vcb, cluster))
                f.set(left, vcb.SectorsPerCluster)
                f.set(f.argument(3, FAT_SLOT.self).LastCluster, cluster)
            }
            f.while(left != 0) {
                let status = f.call(findInSector, vcb, sector, f.argument(2), f.argument(3))
                f.if(status != Status.pending) { f.return(status) }
                f.add(sector, 1)
                f.set(left, left - 1)
            }
            f.if(cluster == 0) { f.break() }
            f.set(cluster, FATVolume.link(vcb, cluster))
            f.if(!FATVolume.isCluster(vcb, cluster)) { f.break() }
        }
        f.return(Status.objectNameNotFound)
    }

    /// `FatFindInSector(Vcb*, Sector, Name, Slot*) -> status`: STATUS_PENDING when the search has to go on in the next sector.
    private static let findInSector: Routine = .init(
        "FatFindInSector", ["Vcb", "Sector", "Name", "Slot"], module: module, section: .page
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let name = f.argument(2)
        let slot = f.argument(3, FAT_SLOT.self)
        let status = f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), f.argument(1))
        f.if(status.isError) { f.return(status) }
        let entry = f.local(vcb.DirectoryBuffer.Address)
        let end = f.local(entry + 512)
        f.while(entry < end) {
            f.if(entry.byte() == 0 || entry.byte() == 0xE5) {
                f.if(slot.FreeSector == 0) {
                    f.set(slot.FreeSector, f.argument(1))
                    f.set(slot.FreeOffset, entry - vcb.DirectoryBuffer.Address)
                }
                // Nothing has ever been behind this one.
                f.if(entry.byte() == 0) { f.return(Status.objectNameNotFound) }
            } else: {
                // Volume label and long names have attribute bit 3.
                f.if(
                    (entry.byte(11) & 8) == 0 && entry.dword() == name.dword() && entry.dword(4) == name.dword(4)
                        && entry.dword(7) == name.dword(7)
                ) {
                    f.set(slot.Sector, f.argument(1))
                    f.set(slot.Offset, entry - vcb.DirectoryBuffer.Address)
                    f.copy(to: slot.Entry, from: entry, 32)
                    f.return(Status.success)
                }
            }
            f.add(entry, 32)
        }
        f.return(Status.pending)
    }

    /// `FatAddEntry(Vcb*, Directory, Name, Slot*) -> status`: an empty file in the free place that `FatFind` saw, or in a new cluster of the directory.
    /// 0xC000007F: no room.
    static let addEntry: Routine = .init("FatAddEntry", ["Vcb", "Directory", "Name", "Slot"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(3, FAT_SLOT.self)
        let buffer = vcb.address(of: \.DirectoryBuffer)
        let status = f.local(Status.success)
        f.if(slot.FreeSector == 0) {
            f.if(f.argument(1) == 0) { f.return(Status.diskFull) }
            f.set(status, f.call(growDirectory, vcb, slot))
            f.if(status.isError) { f.return(status) }
        }
        f.set(status, f.call(FATVolume.load, vcb, buffer, slot.FreeSector))
        f.if(status.isError) { f.return(status) }
        f.zero(slot.Entry, 32)
        f.copy(to: slot.Entry, from: f.argument(2), 11)
        f.set(slot.Entry.byte(11), 0x20)
        f.set(slot.Entry.word(0x0E), time)
        f.set(slot.Entry.word(0x10), date)
        f.set(slot.Entry.word(0x12), date)
        f.set(slot.Entry.word(0x16), time)
        f.set(slot.Entry.word(0x18), date)
        f.copy(to: vcb.DirectoryBuffer.Address + slot.FreeOffset, from: slot.Entry, 32)
        f.set(slot.Sector, slot.FreeSector)
        f.set(slot.Offset, slot.FreeOffset)
        f.return(f.call(FATVolume.store, vcb, buffer))
    }

    /// `FatGrowDirectory(Vcb*, Slot*) -> status`: a cluster of zeros behind the directory's last one.
    private static let growDirectory: Routine = .init("FatGrowDirectory", ["Vcb", "Slot"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(1, FAT_SLOT.self)
        let cluster = f.call(FATVolume.allocate, vcb, slot.LastCluster)
        f.if(cluster == 0) { f.return(Status.diskFull) }
        let first = f.local(FATVolume.sector(vcb, cluster))
        let left = f.local(vcb.SectorsPerCluster)
        let status = f.local(Status.success)
        f.zero(vcb.DirectoryBuffer.Address, 512)
        f.while(left != 0 && status.isSuccess) {
            f.set(left, left - 1)
            f.set(vcb.DirectoryBuffer.Sector, first + left)
            f.set(status, f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
        }
        f.if(status.isError) { f.return(status) }
        f.set(slot.FreeSector, first)
        f.set(slot.FreeOffset, 0)
        f.return(f.call(FATVolume.flush, vcb))
    }

    /// `FatUpdateEntry(Vcb*, Fcb*) -> status`: size, first cluster and time of a file to its directory entry.
    static let updateEntry: Routine = .init("FatUpdateEntry", ["Vcb", "Fcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let status = f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), fcb.EntrySector)
        f.if(status.isError) { f.return(status) }
        let entry = f.local(vcb.DirectoryBuffer.Address + fcb.EntryOffset)
        f.set(entry.byte(11), entry.byte(11) | 0x20)
        f.set(entry.word(0x12), date)
        f.set(entry.word(0x16), time)
        f.set(entry.word(0x18), date)
        f.set(entry.word(0x1A), fcb.FirstCluster)
        f.set(entry.dword(0x1C), fcb.FileSize)
        f.return(f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
    }
}
