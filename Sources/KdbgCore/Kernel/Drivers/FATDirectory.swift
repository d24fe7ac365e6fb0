// SPDX-License-Identifier: GPL-3.0-or-later

/// Directories: 32-byte entries, by number from 0 (FAT specification, section 6).
enum FATDirectory {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT
    /// 11 March 2023, 12:00:00: there is no clock that a reproducible run could ask.
    static let date: UInt32 = (2023 - 1980) << 9 | 3 << 5 | 11
    static let time: UInt32 = 12 << 11
    /// Entries that a directory can have; one with more is a loop.
    private static let most: Value = 65536

    /// `FatBeginWalk(Vcb*, Slot*, Directory)`: stands before the first entry of a directory, of which 0 is the root.
    static let begin: Routine = .init("FatBeginWalk", ["Vcb", "Slot", "Directory"], module: module, section: .page) { f in
        let slot = f.argument(1, FAT_SLOT.self)
        f.zero(slot, 0x4C)
        f.set(slot.Directory, f.argument(2))
        f.if(slot.Directory == 0) { f.set(slot.Directory, f.argument(0, FAT_VCB.self).RootCluster) }
        f.set(slot.Name.Buffer, slot.Characters)
        f.return()
    }

    /// `FatEntryAt(Vcb*, Slot*, Index) -> status`: has an entry in the directory's buffer; Sector and Offset say where. 0x80000006: the directory ends before.
    static let entryAt: Routine = .init("FatEntryAt", ["Vcb", "Slot", "Index"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(1, FAT_SLOT.self)
        let index = f.argument(2)
        f.set(slot.Offset, (index & 15) << 5)
        f.if(index >= most) { f.return(FATStatus.fileCorrupt) }
        f.if(slot.Directory == 0) {
            f.if((index >> 4) >= vcb.RootSectors) { f.return(FATStatus.noMoreFiles) }
            f.set(slot.Sector, vcb.RootStart + (index >> 4))
            f.return(f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), slot.Sector))
        }
        let inCluster = f.local(vcb.ClusterBytes >> 5)
        let wanted = f.local(index / inCluster)
        f.if(slot.Cluster == 0 || wanted < slot.ClusterIndex) {
            f.set(slot.Cluster, slot.Directory)
            f.set(slot.ClusterIndex, 0)
            f.if(!FATTable.isCluster(vcb, slot.Cluster)) { f.return(FATStatus.fileCorrupt) }
        }
        f.while(slot.ClusterIndex < wanted) {
            let next = f.call(FATTable.link, vcb, slot.Cluster)
            f.if(next == FATTable.end) { f.return(FATStatus.noMoreFiles) }
            f.if(next == FATTable.broken) { f.return(vcb.TableStatus) }
            f.if(next == FATTable.free) { f.return(FATStatus.fileCorrupt) }
            f.set(slot.Cluster, next)
            f.set(slot.ClusterIndex, slot.ClusterIndex + 1)
        }
        f.set(slot.Sector, FATVolume.sector(vcb, slot.Cluster) + ((index % inCluster) >> 4))
        f.return(f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), slot.Sector))
    }

    /// `FatNextEntry(Vcb*, Slot*) -> status`: the next file or folder, with its name. 0x80000006: there is none.
    static let next: Routine = .init("FatNextEntry", ["Vcb", "Slot"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(1, FAT_SLOT.self)
        f.set(slot.Checksum, FATNames.noChecksum)
        f.set(slot.Expected, 0)
        f.loop {
            let index = f.local(slot.Index)
            let status = f.call(entryAt, vcb, slot, index)
            f.if(status.isError) { f.return(status) }
            let entry = f.local(vcb.DirectoryBuffer.Address + slot.Offset)
            // Nothing has ever been behind this one.
            f.if(entry.byte() == 0) { f.return(FATStatus.noMoreFiles) }
            f.set(slot.Index, index + 1)
            f.if(entry.byte() != 0xE5 && (entry.byte(11) & 0x3F) == 0x0F) {
                f.call(FATNames.takePart, slot, entry, index)
            } else: {
                // A label has attribute bit 3.
                f.if(entry.byte() == 0xE5 || (entry.byte(11) & 8) != 0) {
                    f.set(slot.Checksum, FATNames.noChecksum)
                } else: {
                    f.copy(to: slot.Entry, from: entry, 32)
                    f.set(slot.LastEntry, index)
                    let sum = f.call(FATNames.checksum, entry)
                    f.if(slot.Checksum != sum || slot.Expected != 0) {
                        f.set(slot.FirstEntry, index)
                        f.set(slot.Name.Length, f.call(FATNames.shortText, slot.Entry, slot.Characters))
                        f.set(slot.Name.MaximumLength, slot.Name.Length)
                    }
                    f.return(Status.success)
                }
            }
        }
        f.return(Status.success)
    }

    /// `FatFind(Vcb*, Directory, Component*, Slot*) -> status`: by long or short name. 0xC0000034: it is not there.
    static let find: Routine = .init("FatFind", ["Vcb", "Directory", "Component", "Slot"], module: module, section: .page) { f in
        let slot = f.argument(3, FAT_SLOT.self)
        let name = f.buffer(12)
        let isShort = f.call(FATNames.shortName, f.argument(2), name)
        f.call(begin, f.argument(0), slot, f.argument(1))
        f.loop {
            let status = f.call(next, f.argument(0), slot)
            f.if(status == FATStatus.noMoreFiles) { f.return(Status.objectNameNotFound) }
            f.if(status.isError) { f.return(status) }
            f.if(f.call(Rtl.equalUnicodeString, f.argument(2), slot.Name, 1) != 0) { f.return(Status.success) }
            f.if(isShort != 0) {
                let entry = slot.Entry
                f.if(entry.dword() == name.dword() && entry.dword(4) == name.dword(4) && entry.dword(7) == name.dword(7)) {
                    f.return(Status.success)
                }
            }
        }
        f.return(Status.success)
    }

    /// Numbers behind a tilde that are tried.
    private static let tails: UInt32 = 10_000

    /// `FatUniqueName(Vcb*, Directory, Component*, Name) -> status`: a short name for a long one that no other file of the directory has. One walk finds the numbers
    /// that are taken.
    private static let uniqueName: Routine = .init(
        "FatUniqueName", ["Vcb", "Directory", "Component", "Name"], module: module, section: .page
    ) { f in
        let name = f.argument(3)
        let slot = f.structure(FAT_SLOT.self)
        let taken = f.local(f.call(Ex.allocatePoolWithTag, 1, tails, FATDriver.tag))
        f.if(taken == 0) { f.return(Status.insufficientResources) }
        f.zero(taken, tails)
        f.call(begin, f.argument(0), slot, f.argument(1))
        let status = f.local(Status.success)
        f.while(status.isSuccess) {
            f.set(status, f.call(next, f.argument(0), slot))
            let number = f.local(0)
            f.if(status.isSuccess) { f.set(number, f.call(FATNames.tail, slot.Entry)) }
            f.if(number != 0) {
                let entry = slot.Entry
                f.call(FATNames.generate, f.argument(2), name, number)
                f.if(entry.dword() == name.dword() && entry.dword(4) == name.dword(4) && entry.dword(7) == name.dword(7)) {
                    f.set((taken + number).byte(), 1)
                }
            }
        }
        let free = f.local(1)
        f.while(free < Value(tails) && (taken + free).byte() != 0) { f.add(free, 1) }
        f.call(Ex.freePoolWithTag, taken, FATDriver.tag)
        f.if(status != FATStatus.noMoreFiles) { f.return(status) }
        f.if(free == Value(tails)) { f.return(Status.diskFull) }
        f.call(FATNames.generate, f.argument(2), name, free)
        f.return(Status.success)
    }

    // MARK: Changes

    /// `FatAddEntry(Vcb*, Directory, Component*, Attributes, Cluster, Slot*) -> status`: an empty file or a folder, with entries for a long name where 8.3 cannot say
    /// it. 0xC000007F: no room.
    static let addEntry: Routine = .init(
        "FatAddEntry", ["Vcb", "Directory", "Component", "Attributes", "Cluster", "Slot"], module: module, section: .page
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let component = f.argument(2, UNICODE_STRING.self)
        let slot = f.argument(5, FAT_SLOT.self)
        let buffer = f.local(vcb.address(of: \.DirectoryBuffer))
        let name = f.buffer(12)
        let parts = f.local(0)
        let status = f.local(Status.success)
        let bits = f.local(FATNames.mixed)
        f.if(component.Length > 510) { f.return(Status.objectNameInvalid) }
        f.if(f.call(FATNames.shortName, component, name) != 0) {
            f.set(bits, f.call(FATNames.caseBits, component))
        } else: {
            f.if(f.call(isValid, component) == 0) { f.return(Status.objectNameInvalid) }
            f.set(status, f.call(uniqueName, vcb, f.argument(1), component, name))
            f.if(status.isError) { f.return(status) }
        }
        f.if(bits == FATNames.mixed) {
            f.set(bits, 0)
            f.set(parts, (component.Length + 24) / 26)
        }
        f.set(status, f.call(findRoom, vcb, f.argument(1), parts + 1, slot))
        f.if(status.isError) { f.return(status) }
        f.set(slot.FirstEntry, slot.Index)
        f.set(slot.LastEntry, slot.Index + parts)
        let sum = f.call(FATNames.checksum, name)
        let number = f.local(parts)
        f.while(number != 0) {
            f.set(status, f.call(entryAt, vcb, slot, slot.LastEntry - number))
            f.if(status.isError) { f.return(status) }
            f.call(FATNames.makePart, vcb.DirectoryBuffer.Address + slot.Offset, component, number, number == parts, sum)
            f.set(status, f.call(FATVolume.store, vcb, buffer))
            f.if(status.isError) { f.return(status) }
            f.set(number, number - 1)
        }
        f.zero(slot.Entry, 32)
        f.copy(to: slot.Entry, from: name, 11)
        f.set(slot.Entry.byte(11), f.argument(3))
        f.set(slot.Entry.byte(12), bits)
        f.set(slot.Entry.word(0x0E), time)
        f.set(slot.Entry.word(0x10), date)
        f.set(slot.Entry.word(0x12), date)
        f.set(slot.Entry.word(0x14), f.argument(4) >> 16)
        f.set(slot.Entry.word(0x16), time)
        f.set(slot.Entry.word(0x18), date)
        f.set(slot.Entry.word(0x1A), f.argument(4))
        f.set(status, f.call(entryAt, vcb, slot, slot.LastEntry))
        f.if(status.isError) { f.return(status) }
        f.copy(to: vcb.DirectoryBuffer.Address + slot.Offset, from: slot.Entry, 32)
        f.return(f.call(FATVolume.store, vcb, buffer))
    }

    /// `FatIsValidName(Component*) -> BOOLEAN`: whether a long name can be that: no control characters, none of `"*/:<>?\|`, no dot or blank at the end.
    private static let isValid: Routine = .init("FatIsValidName", ["Component"], module: module, section: .page) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        let index = f.local(0)
        let character = f.local(0x2E)
        f.while(index < component.Length) {
            f.set(character, (component.Buffer + index).word())
            f.if(character < 0x20) { f.return(0) }
            let forbidden = f.local(f.text("\"*/:<>?\\|"))
            f.while(forbidden.byte() != 0) {
                f.if(forbidden.byte() == character) { f.return(0) }
                f.add(forbidden, 1)
            }
            f.add(index, 2)
        }
        f.return(character != 0x2E && character != 0x20)
    }

    /// `FatFindRoom(Vcb*, Directory, Count, Slot*) -> status`: free entries next to each other, of which the slot's Index is the first; the directory grows when there
    /// are none.
    private static let findRoom: Routine = .init("FatFindRoom", ["Vcb", "Directory", "Count", "Slot"], module: module, section: .page) {
        f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(3, FAT_SLOT.self)
        let index = f.local(0)
        let run = f.local(0)
        let hasEnded = f.local(0)
        f.call(begin, vcb, slot, f.argument(1))
        f.while(index < most) {
            let status = f.local(f.call(entryAt, vcb, slot, index))
            f.if(status == FATStatus.noMoreFiles) {
                f.if(slot.Directory == 0) { f.return(Status.diskFull) }
                f.set(status, f.call(grow, vcb, slot))
                f.if(status.isSuccess) { f.set(status, f.call(entryAt, vcb, slot, index)) }
            }
            f.if(status.isError) { f.return(status) }
            let first = f.local((vcb.DirectoryBuffer.Address + slot.Offset).byte())
            f.if(first == 0) { f.set(hasEnded, 1) }
            f.add(run, 1)
            f.if(hasEnded == 0 && first != 0xE5) { f.set(run, 0) }
            f.add(index, 1)
            f.if(run == f.argument(2)) {
                f.set(slot.Index, index - run)
                f.if(hasEnded == 0) { f.return(Status.success) }
                // The mark of the end moves behind it.
                f.set(status, f.call(entryAt, vcb, slot, index))
                f.if(status == FATStatus.noMoreFiles) { f.return(Status.success) }
                f.if(status.isError) { f.return(status) }
                let behind = f.local(vcb.DirectoryBuffer.Address + slot.Offset)
                f.if(behind.byte() == 0) { f.return(Status.success) }
                f.set(behind.byte(), 0)
                f.return(f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
            }
        }
        f.return(Status.diskFull)
    }

    /// `FatGrow(Vcb*, Slot*) -> status`: a cluster of zeros behind the directory's last one, in which the walk is.
    private static let grow: Routine = .init("FatGrow", ["Vcb", "Slot"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let cluster = f.local(0)
        let status = f.call(FATTable.allocate, vcb, f.argument(1, FAT_SLOT.self).Cluster, f.address(of: cluster))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(clearCluster, vcb, cluster))
    }

    /// `FatClearCluster(Vcb*, Cluster) -> status`: zeros; its first sector is in the directory's buffer then.
    static let clearCluster: Routine = .init("FatClearCluster", ["Vcb", "Cluster"], module: module, section: .page) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let first = f.local(FATVolume.sector(vcb, f.argument(1)))
        let left = f.local(vcb.SectorsPerCluster)
        let status = f.local(Status.success)
        f.zero(vcb.DirectoryBuffer.Address, 512)
        f.while(left != 0 && status.isSuccess) {
            f.set(left, left - 1)
            f.set(vcb.DirectoryBuffer.Sector, first + left)
            f.set(status, f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
        }
        f.return(status)
    }

    /// `FatRemoveEntries(Vcb*, Directory, First, Last) -> status`: marks entries as free.
    static let removeEntries: Routine = .init(
        "FatRemoveEntries", ["Vcb", "Directory", "First", "Last"], module: module, section: .page
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.structure(FAT_SLOT.self)
        let index = f.local(f.argument(2))
        f.call(begin, vcb, slot, f.argument(1))
        f.while(index <= f.argument(3)) {
            let status = f.local(f.call(entryAt, vcb, slot, index))
            f.if(status.isSuccess) {
                f.set((vcb.DirectoryBuffer.Address + slot.Offset).byte(), 0xE5)
                f.set(status, f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
            }
            f.if(status.isError) { f.return(status) }
            f.add(index, 1)
        }
        f.return(Status.success)
    }

    /// `FatUpdateEntry(Vcb*, Fcb*) -> status`: size, first cluster, attributes and time of a file to its directory entry.
    static let updateEntry: Routine = .init("FatUpdateEntry", ["Vcb", "Fcb"], module: module) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let fcb = f.argument(1, FAT_FCB.self)
        let status = f.call(FATVolume.load, vcb, vcb.address(of: \.DirectoryBuffer), fcb.EntrySector)
        f.if(status.isError) { f.return(status) }
        let entry = f.local(vcb.DirectoryBuffer.Address + fcb.EntryOffset)
        f.set(entry.byte(11), fcb.Attributes)
        f.set(entry.word(0x12), date)
        f.set(entry.word(0x14), fcb.FirstCluster >> 16)
        f.set(entry.word(0x16), time)
        f.set(entry.word(0x18), date)
        f.set(entry.word(0x1A), fcb.FirstCluster)
        f.set(entry.dword(0x1C), fcb.FileSize)
        f.return(f.call(FATVolume.store, vcb, vcb.address(of: \.DirectoryBuffer)))
    }
}
