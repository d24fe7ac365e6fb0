// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory descriptor lists (spec/boot.md section 6, iomdl.c).
extension Io {
    /// Pages that a list from the lookaside list has room for.
    private static let lookasidePages = (mdlBlockSize - MDL.size) / 4

    /// `IoAllocateMdl(VirtualAddress, Length, SecondaryBuffer, ChargeQuota, Irp*) -> MDL* or NULL`: for a range of addresses; the packet gets it as its
    /// only one, or as one more behind the others.
    package static let allocateMdl: Routine = .init(
        "IoAllocateMdl", ["VirtualAddress", "Length", "SecondaryBuffer", "ChargeQuota", "Irp"]
    ) { f in
        let address = f.argument(0)
        let length = f.argument(1)
        let irp = f.argument(4, IRP.self)
        f.if(length > 0x7FFF_FFFF) { f.return(0) }
        let pages = f.local(((address & 0xFFF) + length + 0xFFF) >> 12)
        let flags = f.local(MdlFlag.fixedSize)
        let mdl = f.local(Pointer<MDL>(Value(0)))
        f.if(pages <= Value(lookasidePages)) {
            f.set(pages, lookasidePages)
            f.set(mdl.value, f.call(Ex.allocateFromPPLookasideList, Ex.PerProcessorLookaside.mdl))
        } else: {
            f.set(flags, 0)
            f.set(mdl.value, f.call(Ex.allocatePoolWithTag, 0, MDL.size.value + (pages << 2), Value.tag("Mdl ")))
        }
        f.if(mdl.isNull) { f.return(0) }
        f.zero(mdl, MDL.size)
        f.set(mdl.Size, MDL.size.value + (pages << 2))
        f.set(mdl.MdlFlags, flags)
        f.set(mdl.StartVa, address & ~Value(0xFFF))
        f.set(mdl.ByteOffset, address & 0xFFF)
        f.set(mdl.ByteCount, length)
        f.if(irp.isNotNull) {
            f.if(f.argument(2) == 0 || irp.MdlAddress.isNull) {
                f.set(irp.address(of: \.MdlAddress).dword(), mdl)
            } else: {
                let last = f.local(irp.MdlAddress)
                f.while(last.Next.isNotNull) { f.set(last.value, last.Next) }
                f.set(last.address(of: \.Next).dword(), mdl)
            }
        }
        f.return(mdl)
    }

    /// `IoFreeMdl(Mdl*)`: takes down a mapping that a partial list has made.
    package static let freeMdl: Routine = .init("IoFreeMdl", ["Mdl"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.call(prepareMdlForReuse, mdl)
        f.if((mdl.MdlFlags & Value(MdlFlag.fixedSize)) == 0) {
            f.call(Ex.freePoolWithTag, mdl, Value.tag("Mdl "))
        } else: {
            f.call(Ex.freeToPPLookasideList, Ex.PerProcessorLookaside.mdl, mdl)
        }
        f.return()
    }

    /// `IoBuildPartialMdl(SourceMdl*, TargetMdl*, VirtualAddress, Length)`: a part of a described range; length 0 is all from the address to the end. A
    /// target without room for the pages: BC 0x12D.
    package static let buildPartialMdl: Routine = .init(
        "IoBuildPartialMdl", ["SourceMdl", "TargetMdl", "VirtualAddress", "Length"]
    ) { f in
        let source = f.argument(0, MDL.self)
        let target = f.argument(1, MDL.self)
        let address = f.argument(2)
        let skipped = f.local(address - source.StartVa - source.ByteOffset)
        let length = f.local(f.argument(3))
        f.if(length == 0) { f.set(length, source.ByteCount - skipped) }
        let pages = f.local(((address & 0xFFF) + length + 0xFFF) >> 12)
        f.if(pages > (target.Size - MDL.size.value) >> 2) { f.call(Ke.bugCheckEx, 0x12D, 0, 0, 0, 0) }
        f.set(target.StartVa, address & ~Value(0xFFF))
        f.set(target.ByteOffset, address & 0xFFF)
        f.set(target.ByteCount, length)
        f.set(target.address(of: \.Process).dword(), source.Process)
        f.set(
            target.MdlFlags,
            target.MdlFlags & Value(MdlFlag.fixedSize) | source.MdlFlags
                & Value(
                    MdlFlag.sourceIsNonPagedPool | MdlFlag.mappedToSystemVa | MdlFlag.ioPageRead) | Value(MdlFlag.partial))
        // The source's mapping, if there is one, maps the part as well.
        f.set(target.MappedSystemVa, source.MappedSystemVa + skipped)
        let first = f.local((address >> 12) - (source.StartVa >> 12))
        f.copy(to: target.value + MDL.size.value, from: source.value + MDL.size.value + (first << 2), pages << 2)
        f.return()
    }

    /// `MmGetSystemAddressForMdlSafe(Mdl*)`, which the DDK has in line: where the described memory can be reached at any IRQL; 0 when it cannot be mapped.
    static func systemAddress(_ f: Function, _ mdl: Pointer<MDL>) -> Value {
        let address = f.local(mdl.MappedSystemVa)
        f.if((mdl.MdlFlags & Value(MdlFlag.mappedToSystemVa | MdlFlag.sourceIsNonPagedPool)) == 0) {
            f.set(address, f.call(Mm.mapLockedPagesSpecifyCache, mdl, 0, 1, 0, 0, 16))
        }
        return address
    }

    /// `MmPrepareMdlForReuse(Mdl*)`, which the DDK has in line: a mapping of a partial list's own goes.
    private static let prepareMdlForReuse: Routine = .init("IopPrepareMdlForReuse", ["Mdl"]) { f in
        let mdl = f.argument(0, MDL.self)
        f.if((mdl.MdlFlags & Value(MdlFlag.partialHasBeenMapped)) != 0) { f.call(Mm.unmapLockedPages, mdl.MappedSystemVa, mdl) }
        f.return()
    }
}

/// Bits of MDL.MdlFlags.
enum MdlFlag {
    static let mappedToSystemVa: UInt32 = 0x01
    static let pagesLocked: UInt32 = 0x02
    static let sourceIsNonPagedPool: UInt32 = 0x04
    static let fixedSize: UInt32 = 0x08
    static let partial: UInt32 = 0x10
    static let partialHasBeenMapped: UInt32 = 0x20
    static let ioPageRead: UInt32 = 0x40
    static let writeOperation: UInt32 = 0x80
    static let parentMappedSystemVa: UInt32 = 0x100
    static let ioSpace: UInt32 = 0x800
    static let mappingCanFail: UInt32 = 0x2000
}
