// SPDX-License-Identifier: GPL-3.0-or-later

/// iomgr.c: the I/O manager's lookaside lists and counters (spec/boot.md section 1.9 #1).
extension Io {
    /// A kind of block that the I/O manager keeps: the list for all processors, and what `Prcb.PPLookasideList` holds at its index.
    struct LookasideKind {
        let list: GlobalStructure<NPAGED_LOOKASIDE_LIST>
        /// Bytes of a block.
        let size: UInt32
        let tag: StaticString
        /// The tag of the GENERAL_LOOKASIDE that each processor gets.
        let processorTag: StaticString
        let maximumDepth: UInt32
        let index: UInt32
    }

    static let smallIrpSize = IRP.size + IO_STACK_LOCATION.size
    static let largeIrpSize = IRP.size + 8 * IO_STACK_LOCATION.size
    /// An MDL with 23 page numbers: 88 KiB at any offset.
    static let mdlBlockSize: UInt32 = 0x1C + 23 * 4

    /// In the order in which they are made.
    static let lookasideKinds = [
        LookasideKind(
            list: .init("IoCompletionPacketLookaside"), size: IO_MINI_COMPLETION_PACKET.size, tag: "Icp ", processorTag: "IcP ",
            maximumDepth: 32, index: Ex.PerProcessorLookaside.completion),
        LookasideKind(
            list: .init("IoLargeIrpLookaside"), size: largeIrpSize, tag: "Irpl", processorTag: "IrpL", maximumDepth: 64,
            index: Ex.PerProcessorLookaside.largeIrp),
        LookasideKind(
            list: .init("IoSmallIrpLookaside"), size: smallIrpSize, tag: "Irps", processorTag: "IrpS", maximumDepth: 32,
            index: Ex.PerProcessorLookaside.smallIrp),
        LookasideKind(
            list: .init("IopMdlLookasideList"), size: mdlBlockSize, tag: "Mdl ", processorTag: "MdlP", maximumDepth: 128,
            index: Ex.PerProcessorLookaside.mdl),
    ]

    /// `IopInitLookasideLists()`.
    static let initLookasideLists: Routine = .init(
        "IopInitLookasideLists", section: .initialization,
        step: .init(
            "1.9 #1", "Lookaside lists",
            """
            Makes the lists for completion packets, large requests (0x190 bytes: a packet and eight stack locations), small requests (0x94: one \
            location) and memory descriptors, one for all processors and one for each. From here on Prcb.PPLookasideList says where IoAllocateIrp \
            looks first, and IoFreeIrp keeps blocks instead of giving them back to the pool. LookasideIrpFloat is how many packets a processor may have \
            under way before quota is charged.
            """)
    ) { f in
        for kind in lookasideKinds {
            f.call(Ex.initializeNPagedLookasideList, kind.list, 0, 0, 0, kind.size, Value.tag(kind.tag), kind.maximumDepth)
            f.set(kind.list.L.MaximumDepth, kind.maximumDepth)
        }
        let processor = f.local(0)
        f.while(processor < Ke.numberProcessors.dword) {
            f.call(initializeProcessorLookasides, (Ke.processorBlock.value + (processor << 2)).dword())
            f.add(processor, 1)
        }
        f.return()
    }

    /// `IopInitializeProcessorLookasides(Prcb*)`: without memory for a processor's own list the common one stands in for it.
    private static let initializeProcessorLookasides: Routine = .init(
        "IopInitializeProcessorLookasides", ["Prcb"], section: .initialization
    ) { f in
        let prcb = f.argument(0, KPRCB.self)
        f.set(prcb.LookasideIrpFloat, Value(512) / Ke.numberProcessors.dword)
        for kind in lookasideKinds {
            let pair = prcb.PPLookasideList + (8 * kind.index).value
            let own = f.local(f.call(Ex.allocatePoolWithTag, 0, GENERAL_LOOKASIDE.size, Value.tag(kind.processorTag)))
            f.if(own == 0) {
                f.set(own, kind.list)
            } else: {
                f.call(
                    Ex.initializeSystemLookasideList, own, 0, kind.size, Value.tag(kind.tag), kind.maximumDepth, Ex.systemLookasideList)
            }
            f.set(pair.dword(0), own)
            f.set(pair.dword(4), kind.list)
        }
        f.return()
    }

    /// What the system has transferred, whoever asked: numbers of requests, and 64-bit numbers of bytes.
    package static let readOperationCount: Global = .init("IoReadOperationCount")
    package static let writeOperationCount: Global = .init("IoWriteOperationCount")
    package static let otherOperationCount: Global = .init("IoOtherOperationCount")
    package static let readTransferCount: Global = .init("IoReadTransferCount", size: 8, alignment: 8)
    package static let writeTransferCount: Global = .init("IoWriteTransferCount", size: 8, alignment: 8)
    package static let otherTransferCount: Global = .init("IoOtherTransferCount", size: 8, alignment: 8)

    /// Kinds of transfers, as `IopUpdateOperationCount` numbers them.
    enum TransferType {
        static let read: UInt32 = 0
        static let write: UInt32 = 1
        static let other: UInt32 = 2
    }

    /// `IopUpdateOperationCount(Type)`: one request more. Type 0 read, 1 write, 2 other.
    package static let updateOperationCount: Routine = .init("IopUpdateOperationCount", ["Type"]) { f in
        let cell = f.local(otherOperationCount.value)
        f.if(f.argument(0) == TransferType.read.value) { f.set(cell, readOperationCount) }
        f.if(f.argument(0) == TransferType.write.value) { f.set(cell, writeOperationCount) }
        f.exchangeAdd(cell.dword(), 1)
        f.return()
    }

    /// `IopUpdateTransferCount(Type, Bytes)`: called when a request has succeeded.
    package static let updateTransferCount: Routine = .init("IopUpdateTransferCount", ["Type", "Bytes"]) { f in
        let cell = f.local(otherTransferCount.value)
        f.if(f.argument(0) == TransferType.read.value) { f.set(cell, readTransferCount) }
        f.if(f.argument(0) == TransferType.write.value) { f.set(cell, writeTransferCount) }
        // ExInterlockedAddLargeStatistic: the low half carries by hand.
        let old = f.exchangeAdd(cell.dword(), f.argument(1))
        f.if(old + f.argument(1) < old) { f.exchangeAdd(cell.dword(4), 1) }
        f.return()
    }

    /// `IopCountOperation(MajorFunction)`: a request for a file is sent.
    static let countOperation: Routine = .init("IopCountOperation", ["MajorFunction"]) { f in
        let type = f.local(TransferType.other)
        f.if(f.argument(0) == Major.read.value) { f.set(type, TransferType.read) }
        f.if(f.argument(0) == Major.write.value) { f.set(type, TransferType.write) }
        f.call(updateOperationCount, type)
        f.return()
    }

    /// `IopCountTransfer(Irp*)`: a request is done; what it has transferred counts when it has succeeded.
    static let countTransfer: Routine = .init("IopCountTransfer", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        let type = f.local(TransferType.other)
        f.if(irp.IoStatus.Status.isError || irp.OriginalFileObject.isNull) { f.return() }
        f.if((irp.Flags & IrpFlag.readOperation.value) != 0) { f.set(type, TransferType.read) }
        f.if((irp.Flags & IrpFlag.writeOperation.value) != 0) { f.set(type, TransferType.write) }
        f.call(updateTransferCount, type, irp.IoStatus.Information)
        f.return()
    }
}
