// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// DMA adapters: objects of the I/O manager's type Adapter, which the HAL makes and keeps.
///
/// Physical memory ends below 4 GiB and every device reaches all of it, so there are no map registers: the base that execution routines get is NULL.
extension Hal {
    /// Ports of the page registers of the 8237A channels 0 to 7; channel 4 connects the two controllers.
    private static let pagePorts: [UInt32] = [0x87, 0x83, 0x81, 0x82, 0, 0x8B, 0x89, 0x8A]
    private static let systemAdapters: Global = .init("HalpEisaAdapter", size: 8 * 4, module: .hal)
    static let dmaOperations: GlobalStructure<DMA_OPERATIONS> = .init("HalpDmaOperations", module: .hal)

    /// `HalpGetDmaAdapter(Context, DeviceDescription*, NumberOfMapRegisters*) -> DMA_ADAPTER* or NULL`: what the cell HalGetDmaAdapter holds.
    static let getDmaAdapter: Routine = .init(
        "HalpGetDmaAdapter", ["Context", "DeviceDescription", "NumberOfMapRegisters"], module: .hal
    ) { f in f.return(f.call(getAdapter, f.argument(1), f.argument(2))) }

    /// `HalGetAdapter(DeviceDescription*, NumberOfMapRegisters*) -> ADAPTER_OBJECT* or NULL`: a bus master gets an adapter of its own; devices on a channel of the
    /// 8237A share the channel's. The number is how many pages one transfer may touch.
    package static let getAdapter: Routine = .init("HalGetAdapter", ["DeviceDescription", "NumberOfMapRegisters"], module: .hal) { f in
        let device = f.argument(0, DEVICE_DESCRIPTION.self)
        let adapter = f.local(ADAPTER_OBJECT.self)
        let channel = f.local(device.DmaChannel)
        f.if(device.Version > 2) { f.return(0) }
        f.if(device.Master != 0) {
            f.set(adapter.value, f.call(allocateAdapter))
            f.if(adapter.isNull) { f.return(0) }
            f.set(adapter.MasterDevice, 1)
        } else: {
            f.if(channel > 7 || channel == 4) { f.return(0) }
            let cell = f.local(systemAdapters.value + (channel << 2))
            f.if(cell.dword() == 0) { f.set(cell.dword(), f.call(allocateAdapter)) }
            f.set(adapter.value, cell.dword())
            f.if(adapter.isNull) { f.return(0) }
            f.call(setChannel, adapter, device)
        }
        f.set(adapter.ScatterGather, device.ScatterGather)
        f.set(adapter.MaximumLength, device.MaximumLength)
        f.set(adapter.NumberOfMapRegisters, ((device.MaximumLength + 0xFFF) >> 12) + 1)
        f.if(f.argument(1) != 0) { f.set(f.argument(1).dword(), adapter.NumberOfMapRegisters) }
        f.return(adapter)
    }

    /// `HalpSetDmaChannel(AdapterObject*, DeviceDescription*)`: mode byte and ports of a channel.
    private static let setChannel: Routine = .init("HalpSetDmaChannel", ["AdapterObject", "DeviceDescription"], module: .hal) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        let device = f.argument(1, DEVICE_DESCRIPTION.self)
        f.set(adapter.ChannelNumber, device.DmaChannel & 3)
        f.set(adapter.AdapterNumber, (device.DmaChannel >> 2) + 1)
        f.set(adapter.Width16Bits, device.DmaChannel >> 2)
        for (channel, port) in pagePorts.enumerated() where port != 0 {
            f.if(device.DmaChannel == Value(channel)) { f.set(adapter.PagePort, port) }
        }
        f.set(adapter.DmaPortAddress, device.DmaPort)
        // Single transfer, unless the device wants demand mode; bit 4: start again by itself.
        f.set(adapter.AdapterMode, 0x40)
        f.if(device.DemandMode != 0) { f.set(adapter.AdapterMode, 0) }
        f.if(device.AutoInitialize != 0) { f.set(adapter.AdapterMode, adapter.AdapterMode | 0x10) }
        f.return()
    }

    /// `HalpDmaAllocateAdapter() -> ADAPTER_OBJECT* or NULL`: a nameless object that its creator holds.
    private static let allocateAdapter: Routine = .init("HalpDmaAllocateAdapter", module: .hal) { f in
        let attributes = f.structure(OBJECT_ATTRIBUTES.self)
        let object = f.local(0)
        let handle = f.local(0)
        f.zero(attributes, OBJECT_ATTRIBUTES.size)
        f.set(attributes.Length, OBJECT_ATTRIBUTES.size)
        f.set(attributes.Attributes, ObjectAttribute.kernelHandle)
        let status = f.local(
            f.call(
                Ob.createObject, 0, Io.adapterObjectType.value.dword(), attributes, 0, 0, ADAPTER_OBJECT.size, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(0) }
        f.zero(object, ADAPTER_OBJECT.size)
        f.set(status, f.call(Ob.insertObject, object, 0, 3, 1, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(0) }
        f.call(Ob.zwClose, handle)
        let adapter = object.as(ADAPTER_OBJECT.self)
        f.set(adapter.DmaHeader.Version, 1)
        f.set(adapter.DmaHeader.Size, ADAPTER_OBJECT.size)
        f.set(adapter.DmaHeader.DmaOperations, dmaOperations)
        f.call(Ke.initializeDeviceQueue, adapter.address(of: \.ChannelWaitQueue))
        f.return(adapter)
    }

    /// `HalpInitDma()`: both controllers are reset, every channel masked, channel 4 connects them; the table of operations, which in version 1 ends with PutScatterGatherList.
    static let initDma: Routine = .init("HalpInitDma", module: .hal) { f in
        for (clear, mask) in [(0x0D, 0x0F), (0xDA, 0xDE)] {
            f.output(clear, 0)
            f.output(mask, 0x0F)
        }
        f.output(0xD6, 0xC0)
        f.output(0xD4, 0)
        let table = dmaOperations.pointer
        f.set(table.Size, 0x34)
        f.set(table.PutDmaAdapter, putDmaAdapter)
        f.set(table.AllocateCommonBuffer, allocateCommonBuffer)
        f.set(table.FreeCommonBuffer, freeCommonBuffer)
        f.set(table.AllocateAdapterChannel, Io.allocateAdapterChannel)
        f.set(table.FlushAdapterBuffers, flushAdapterBuffers)
        f.set(table.FreeAdapterChannel, freeAdapterChannel)
        f.set(table.FreeMapRegisters, freeMapRegisters)
        f.set(table.MapTransfer, mapTransfer)
        f.set(table.GetDmaAlignment, getDmaAlignment)
        f.set(table.ReadDmaCounter, readDmaCounter)
        f.set(table.GetScatterGatherList, getScatterGatherList)
        f.set(table.PutScatterGatherList, putScatterGatherList)
        f.return()
    }

    /// `HalPutDmaAdapter(AdapterObject*)`: the channels' adapters stay for ever.
    static let putDmaAdapter: Routine = .init("HalPutDmaAdapter", ["AdapterObject"], module: .hal) { f in
        f.if(f.argument(0, ADAPTER_OBJECT.self).MasterDevice != 0) { f.call(Ob.dereferenceObject, f.argument(0)) }
        f.return()
    }

    /// `HalAllocateAdapterChannel(AdapterObject*, WaitContextBlock*, NumberOfMapRegisters, ExecutionRoutine) -> status`: calls
    /// `ExecutionRoutine(DeviceObject, CurrentIrp, NULL, DeviceContext)` now, or when those in front are done. 0xC000009A: the transfer is too long.
    package static let allocateAdapterChannel: Routine = .init(
        "HalAllocateAdapterChannel", ["AdapterObject", "WaitContextBlock", "NumberOfMapRegisters", "ExecutionRoutine"], module: .hal
    ) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        let block = f.argument(1, WAIT_CONTEXT_BLOCK.self)
        f.set(block.DeviceRoutine, f.argument(3))
        f.set(block.NumberOfMapRegisters, f.argument(2))
        f.if(f.argument(2) > adapter.NumberOfMapRegisters) { f.return(Status.insufficientResources) }
        let queued = f.call(Ke.insertDeviceQueue, adapter.address(of: \.ChannelWaitQueue), block.address(of: \.WaitQueueEntry))
        f.if(queued == 0) { f.if(f.call(grantAdapter, adapter, block) != 0) { f.call(freeAdapterChannel, adapter) } }
        f.return(Status.success)
    }

    /// `HalpGrantAdapter(AdapterObject*, WaitContextBlock*) -> BOOLEAN`: calls the routine; TRUE when the adapter is free again.
    private static let grantAdapter: Routine = .init("HalpGrantAdapter", ["AdapterObject", "WaitContextBlock"], module: .hal) { f in
        let block = f.argument(1, WAIT_CONTEXT_BLOCK.self)
        f.set(f.argument(0, ADAPTER_OBJECT.self).CurrentWcb, block)
        let action = f.callIndirect(block.DeviceRoutine, block.DeviceObject, block.CurrentIrp, 0, block.DeviceContext)
        f.return(action != Io.AllocationAction.keepObject)
    }

    /// `IoFreeAdapterChannel(AdapterObject*)`: the next in the queue, and the next after that if its routine is done at once.
    package static let freeAdapterChannel: Routine = .init("IoFreeAdapterChannel", ["AdapterObject"], module: .hal) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        f.loop {
            let entry = f.call(Ke.removeDeviceQueue, adapter.address(of: \.ChannelWaitQueue))
            f.if(entry == 0) {
                f.set(adapter.CurrentWcb, 0)
                f.break()
            }
            f.if(f.call(grantAdapter, adapter, entry) == 0) { f.break() }
        }
        f.return()
    }

    /// `IoFreeMapRegisters(AdapterObject*, MapRegisterBase, NumberOfMapRegisters)`: there are none to give back.
    package static let freeMapRegisters: Routine = .init(
        "IoFreeMapRegisters", ["AdapterObject", "MapRegisterBase", "NumberOfMapRegisters"], module: .hal
    ) { f in f.return() }

    /// `HalGetDmaAlignment(AdapterObject*) -> 1`.
    private static let getDmaAlignment: Routine = .init("HalpDmaGetDmaAlignment", ["AdapterObject"], module: .hal) { f in f.return(1) }
}
