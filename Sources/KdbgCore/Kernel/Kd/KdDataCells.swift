// SPDX-License-Identifier: GPL-3.0-or-later

/// What `KdDebuggerDataBlock` holds from the start (spec/boot.md sections 5.18 and 5.21): addresses of the kernel's variables, and offsets in its structures.
/// Cells of what this kernel does not have are 0; docs/fidelity.md names them.
extension Kd {
    /// Cells that hold an address: of an item, or of so many bytes behind it.
    private static var addressCells: [(cell: KeyPath<KDDEBUGGER_DATA64, Field>, item: any Item, addend: Int32)] {
        let items: [(KeyPath<KDDEBUGGER_DATA64, Field>, any Item)] = [
            (\.BreakpointWithStatus, Rtl.dbgBreakPointWithStatus), (\.PsLoadedModuleList, Mm.loadedModuleList),
            (\.PsActiveProcessHead, Ps.activeProcessHead), (\.PspCidTable, Ps.cidTable), (\.ExpSystemResourcesList, Ex.resourceList),
            (\.ExpPagedPoolDescriptor, Ex.pagedPoolDescriptor), (\.KeTimeIncrement, Ke.currentIncrement),
            (\.KeBugCheckCallbackListHead, Ke.bugCheckCallbackList),
            (\.KiBugcheckData, Ke.bugCheckData), (\.KeUserCallbackDispatcher, Ke.userCallbackDispatcher),
            (\.IopErrorLogListHead, Io.errorLogList),
            (\.ObpRootDirectoryObject, Ob.rootDirectoryObject), (\.ObpTypeObjectType, Ob.typeObjectType),
            (\.MmSystemCacheStart, Mm.systemCacheStart), (\.MmSystemCacheEnd, Mm.systemCacheEnd), (\.MmPfnDatabase, Mm.pfnDatabase),
            (\.MmSystemPtesStart, Mm.systemPtesStart), (\.MmSystemPtesEnd, Mm.systemPtesEnd),
            (\.MmLowestPhysicalPage, Mm.lowestPhysicalPage), (\.MmHighestPhysicalPage, Mm.highestPhysicalPage),
            (\.MmNumberOfPhysicalPages, Mm.numberOfPhysicalPages), (\.MmMaximumNonPagedPoolInBytes, Mm.maximumNonPagedPool),
            (\.MmNonPagedSystemStart, Mm.nonPagedSystemStart), (\.MmNonPagedPoolStart, Mm.nonPagedPoolStart),
            (\.MmNonPagedPoolEnd, Mm.nonPagedPoolEnd), (\.MmPagedPoolStart, Mm.pagedPoolStart), (\.MmPagedPoolEnd, Mm.pagedPoolEnd),
            (\.MmPagedPoolInformation, Mm.pagedPoolInfo), (\.MmSizeOfPagedPoolInBytes, Mm.sizeOfPagedPool),
            (\.MmZeroedPageListHead, Mm.zeroedPageList), (\.MmFreePageListHead, Mm.freePageList),
            (\.MmStandbyPageListHead, Mm.standbyPageList), (\.MmModifiedPageListHead, Mm.modifiedPageList),
            (\.MmModifiedNoWritePageListHead, Mm.modifiedNoWritePageList), (\.MmAvailablePages, Mm.availablePages),
            (\.MmResidentAvailablePages, Mm.residentAvailablePages), (\.PoolTrackTable, Ex.poolTrackTable),
            (\.NonPagedPoolDescriptor, Ex.nonPagedPoolDescriptor), (\.MmHighestUserAddress, Mm.highestUserAddress),
            (\.MmSystemRangeStart, Mm.systemRangeStart), (\.MmUserProbeAddress, Mm.userProbeAddress),
            // The buffer itself, then two variables; the pointer to it and its size come further down.
            (\.KdPrintCircularBuffer, printDefaultCircularBuffer), (\.KdPrintWritePointer, printWritePointer),
            (\.KdPrintRolloverCount, printRolloverCount), (\.MmLoadedUserImageList, Mm.loadedUserImageList),
            (\.KiProcessorBlock, Ke.processorBlock), (\.MmAllocatedNonPagedPool, Mm.allocatedNonPagedPool),
            (\.CmNtCSDVersion, Cm.csdVersion), (\.MmPhysicalMemoryBlock, Mm.physicalMemoryBlock), (\.MmSessionBase, Mm.sessionBase),
            (\.MmSessionSize, Mm.sessionSize), (\.KdPrintCircularBufferPtr, printCircularBuffer),
            (\.KdPrintBufferSize, printBufferSizeCell), (\.KeLoaderBlock, Ke.loaderBlock),
            (\.IopNumTriageDumpDataBlocks, triageDumpDataBlockCount), (\.IopTriageDumpDataBlocks, triageDumpDataBlocks),
        ]
        return items.map { ($0.0, $0.1, 0) }
            + [(\.KdPrintCircularBufferEnd, printDefaultCircularBuffer, Int32(printBufferSize))]
    }

    /// Cells that hold a number: where a debugger finds things in threads, processes and processor blocks, and the selectors of the GDT.
    private static var numberCells: [(cell: KeyPath<KDDEBUGGER_DATA64, Field>, number: UInt32)] {
        let state = offset(of: \KPRCB.ProcessorState)
        return [
            (\.ThCallbackStack, offset(of: \KTHREAD.CallbackStack)), (\.MmPageSize, 0x1000),
            (\.OffsetKThreadNextProcessor, offset(of: \KTHREAD.NextProcessor)), (\.OffsetKThreadTeb, offset(of: \KTHREAD.Teb)),
            (\.OffsetKThreadKernelStack, offset(of: \KTHREAD.KernelStack)),
            (\.OffsetKThreadInitialStack, offset(of: \KTHREAD.InitialStack)),
            (\.OffsetKThreadApcProcess, offset(of: \KTHREAD.ApcState) + offset(of: \KAPC_STATE.Process)),
            (\.OffsetKThreadState, offset(of: \KTHREAD.State)), (\.SizeEProcess, EPROCESS.size),
            (\.OffsetEprocessPeb, offset(of: \EPROCESS.Peb)),
            (\.OffsetEprocessParentCID, offset(of: \EPROCESS.InheritedFromUniqueProcessId)),
            (\.OffsetEprocessDirectoryTableBase, offset(of: \KPROCESS.DirectoryTableBase)), (\.SizePrcb, KPRCB.size),
            (\.OffsetPrcbDpcRoutine, offset(of: \KPRCB.DpcRoutineActive)), (\.OffsetPrcbCurrentThread, offset(of: \KPRCB.CurrentThread)),
            (\.OffsetPrcbMhz, offset(of: \KPRCB.MHz)), (\.OffsetPrcbCpuType, offset(of: \KPRCB.CpuType)),
            (\.OffsetPrcbVendorString, offset(of: \KPRCB.VendorString)),
            (\.OffsetPrcbProcStateContext, state + offset(of: \KPROCESSOR_STATE.ContextFrame)),
            (\.OffsetPrcbNumber, offset(of: \KPRCB.Number)), (\.SizeEThread, ETHREAD.size), (\.SizePcr, KPCR.size),
            (\.OffsetPcrSelfPcr, offset(of: \KPCR.SelfPcr)), (\.OffsetPcrCurrentPrcb, offset(of: \KPCR.Prcb)),
            (\.OffsetPcrContainedPrcb, offset(of: \KPCR.PrcbData)),
            (\.OffsetPrcbProcStateSpecialReg, state + offset(of: \KPROCESSOR_STATE.SpecialRegisters)), (\.GdtR0Code, 0x08),
            (\.GdtR0Data, 0x10), (\.GdtR0Pcr, 0x30), (\.GdtR3Code, 0x18), (\.GdtR3Data, 0x20), (\.GdtR3Teb, 0x38), (\.GdtLdt, 0x48),
            (\.GdtTss, 0x28),
        ]
    }

    /// The block as it stands in the kernel's image. The high half of an address is its sign.
    static func dataCells() -> [Global.DataItem] {
        var bytes = [UInt8](repeating: 0, count: Int(KDDEBUGGER_DATA64.size))
        for (cell, number) in numberCells {
            let place = Int(offset(of: cell))
            bytes[place] = UInt8(truncatingIfNeeded: number)
            bytes[place + 1] = UInt8(truncatingIfNeeded: number >> 8)
        }
        var items: [Global.DataItem] = []
        var position = 0
        for (cell, item, addend) in addressCells.sorted(by: { offset(of: $0.cell) < offset(of: $1.cell) }) {
            let place = Int(offset(of: cell))
            items += [.bytes(Array(bytes[position..<place])), .address(item, addend), .dword(0xFFFF_FFFF)]
            position = place + 8
        }
        return items + [.bytes(Array(bytes[position...]))]
    }

    /// Pieces of memory that drivers want to see in a small crash dump. None here: nobody writes dumps.
    private static let triageDumpDataBlockCount: Global = .init("IopNumTriageDumpDataBlocks")
    /// Room for 64 of them: start and end of each.
    private static let triageDumpDataBlocks: Global = .init("IopTriageDumpDataBlocks", size: 64 * 8)
}
