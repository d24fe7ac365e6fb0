// SPDX-License-Identifier: GPL-3.0-or-later

/// What is in a folder.
enum FATEnumeration {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_FCB = FATDriver.FAT_FCB
    private typealias FAT_CCB = FATDriver.FAT_CCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT

    /// IRP_MJ_DIRECTORY_CONTROL, minor function 1: the next files that match the pattern of the first query, as many as there is room for (flag 2: one). Flag 1 begins
    /// again. Classes 1 (directory), 2 (full), 3 (both names), 12 (names). 0xC000000F: there is none; 0x80000006: there are no more; 0x80000005: the first does not fit.
    static let directoryControl: Routine = .init(
        "FatDirectoryControl", ["Vcb", "Irp", "StackLocation"], module: module, section: .page
    ) { f in
        let vcb = f.argument(0, FAT_VCB.self)
        let irp = f.argument(1, IRP.self)
        let stack = f.argument(2, IO_STACK_LOCATION.self)
        let fcb = f.local(stack.FileObject.FsContext.as(FAT_FCB.self))
        let ccb = f.local(stack.FileObject.FsContext2.as(FAT_CCB.self))
        let slot = f.structure(FAT_SLOT.self)
        f.if(stack.MinorFunction != 1 || ccb.isNull) { f.return(Status.invalidDeviceRequest) }
        let header = f.local(f.call(headerSize, stack.Argument3))
        f.if(header == 0) { f.return(Status.invalidInfoClass) }
        let isFirst = f.local(ccb.HasBegun == 0)
        f.if(isFirst != 0 && stack.Argument2 != 0) {
            f.if(stack.Argument2.as(UNICODE_STRING.self).Length != 0) {
                let copied = f.call(Rtl.duplicateUnicodeString, ccb.Pattern, stack.Argument2, Value.tag("FatN"))
                f.if(copied.isError) { f.return(copied) }
            }
        }
        f.set(ccb.HasBegun, 1)
        f.if((stack.Flags & 1) != 0) { f.set(ccb.Index, 0) }
        let out = f.local(irp.UserBuffer)
        let end = f.local(out + stack.Argument1)
        let last = f.local(0)
        let status = f.local(Status.success)
        f.call(FATDirectory.begin, vcb, slot, fcb.FirstCluster)
        f.set(slot.Index, ccb.Index)
        f.loop {
            f.set(status, f.call(FATDirectory.next, vcb, slot))
            f.if(status.isError) { f.break() }
            let matches = f.local(1)
            f.if(ccb.Pattern.Length != 0) { f.set(matches, f.call(matchesPattern, ccb.Pattern, slot.Name)) }
            f.if(matches != 0) {
                f.if(out + header + slot.Name.Length > end || out + header < out) {
                    f.if(last == 0) { f.set(status, FATStatus.bufferOverflow) }
                    f.break()
                }
                f.if(last != 0) { f.set(last.dword(), out - last) }
                f.call(describe, vcb, slot, out, stack.Argument3, header)
                f.set(last, out)
                f.set(irp.IoStatus.Information, out + header + slot.Name.Length - irp.UserBuffer)
                f.set(out, (out + header + slot.Name.Length + 7) & ~Value(7))
                f.set(ccb.Index, slot.Index)
                f.if((stack.Flags & 2) != 0) { f.break() }
            }
        }
        f.if(last != 0) { f.return(Status.success) }
        f.if(status == FATStatus.noMoreFiles && isFirst != 0) { f.return(FATStatus.noSuchFile) }
        f.return(status)
    }

    /// `FatHeaderSize(Class) -> bytes`: what comes before the name; 0 for classes that are not known.
    private static let headerSize: Routine = .init("FatHeaderSize", ["Class"], module: module, section: .page) { f in
        f.if(f.argument(0) == 1) { f.return(0x40) }
        f.if(f.argument(0) == 2) { f.return(0x44) }
        f.if(f.argument(0) == 3) { f.return(0x5E) }
        f.if(f.argument(0) == 12) { f.return(0x0C) }
        f.return(0)
    }

    /// `FatDescribe(Vcb*, Slot*, Out, Class, Header)`: one file.
    private static let describe: Routine = .init("FatDescribe", ["Vcb", "Slot", "Out", "Class", "Header"], module: module, section: .page) {
        f in
        let vcb = f.argument(0, FAT_VCB.self)
        let slot = f.argument(1, FAT_SLOT.self)
        let out = f.argument(2)
        let kind = f.argument(3)
        f.zero(out, f.argument(4))
        f.set(out.dword(4), slot.LastEntry)
        f.copy(to: out + f.argument(4), from: slot.Name.Buffer, slot.Name.Length)
        f.if(kind == 12) {
            f.set(out.dword(8), slot.Name.Length)
            f.return()
        }
        for offset in [8, 16, 24, 32] as [Int32] { FATInformation.setTime(f, out, offset) }
        let size = f.local(slot.Entry.dword(0x1C))
        f.set(out.dword(0x28), size)
        f.set(out.dword(0x30), FATInformation.allocated(vcb, size))
        f.set(out.dword(0x38), slot.Entry.byte(11) & 0x37)
        f.if(out.dword(0x38) == 0) { f.set(out.dword(0x38), 0x80) }
        f.set(out.dword(0x3C), slot.Name.Length)
        f.if(kind == 3 && slot.FirstEntry != slot.LastEntry) {
            f.set(out.byte(0x44), f.call(FATNames.shortText, slot.Entry, out + 0x46))
        }
        f.return()
    }

    /// `FatMatchesPattern(Pattern*, Name*) -> BOOLEAN`: `*` (and `<`) for any characters, `?` (and `>`) for one, `"` for a dot; `*.*` is everything.
    static let matchesPattern: Routine = .init("FatMatchesPattern", ["Pattern", "Name"], module: module, section: .page) { f in
        let pattern = f.argument(0, UNICODE_STRING.self)
        let name = f.argument(1, UNICODE_STRING.self)
        let at = f.local(0)
        let position = f.local(0)
        // Where to go on when what follows the last star does not fit: the place behind the star, and one character further in the name.
        let star = f.local(0xFFFF_FFFF as Value)
        let retry = f.local(0)
        f.if(pattern.Length == 6 && pattern.Buffer.dword() == 0x002E_002A && pattern.Buffer.word(4) == 0x2A) { f.return(1) }
        f.loop {
            let character = f.local(0)
            f.if(at < pattern.Length) { f.set(character, f.call(Rtl.upcaseUnicodeChar, (pattern.Buffer + at).word())) }
            f.if(character == 0x22) { f.set(character, 0x2E) }
            let fits = f.local(0)
            f.if(character == 0x2A || character == 0x3C) {
                f.add(at, 2)
                f.set(star, at)
                f.set(retry, position)
                f.set(fits, 1)
            } else: {
                f.if(position >= name.Length) { f.return(at >= pattern.Length) }
                f.if(at < pattern.Length) {
                    f.if(
                        character == 0x3F || character == 0x3E
                            || f.call(Rtl.upcaseUnicodeChar, (name.Buffer + position).word()) == character
                    ) {
                        f.add(at, 2)
                        f.add(position, 2)
                        f.set(fits, 1)
                    }
                }
            }
            f.if(fits == 0) {
                f.if(star == 0xFFFF_FFFF) { f.return(0) }
                f.add(retry, 2)
                f.set(position, retry)
                f.set(at, star)
            }
        }
        f.return(0)
    }
}
