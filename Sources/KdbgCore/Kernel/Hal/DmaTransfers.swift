// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// DMA transfers: where memory descriptor lists lie in physical memory, and what the 8237A is told.
extension Hal {
    /// `HalpPhysicalAddress(VirtualAddress) -> physical address`, by the page tables' own mapping; the address must be mapped.
    private static let physicalAddress: Routine = .init("HalpPhysicalAddress", ["VirtualAddress"], module: .hal) { f in
        let address = f.argument(0)
        let directory = f.local(((address >> 22) << 2).dword(Int32(bitPattern: 0xC030_0000)))
        f.if((directory & 0x80) != 0) { f.return((directory & 0xFFC0_0000) | (address & 0x003F_FFFF)) }
        f.return((((address >> 12) << 2).dword(Int32(bitPattern: 0xC000_0000)) & 0xFFFF_F000) | (address & 0xFFF))
    }

    /// `HalAllocateCommonBuffer(AdapterObject*, Length, LogicalAddress*, CacheEnabled) -> address or NULL`: nonpaged memory without a gap in physical memory, whose
    /// address there is returned in 64 bits.
    package static let allocateCommonBuffer: Routine = .init(
        "HalAllocateCommonBuffer", ["AdapterObject", "Length", "LogicalAddress", "CacheEnabled"], module: .hal
    ) { f in
        let length = f.local((f.argument(1) + 0xFFF) & ~Value(0xFFF))
        let buffer = f.local(f.call(Ex.allocatePoolWithTag, 0, length, Value.tag("HalD")))
        f.if(buffer == 0) { f.return(0) }
        let physical = f.local(f.call(physicalAddress, buffer))
        let offset = f.local(0x1000)
        f.while(offset < length) {
            f.if(f.call(physicalAddress, buffer + offset) != physical + offset) {
                f.call(Ex.freePoolWithTag, buffer, Value.tag("HalD"))
                f.return(0)
            }
            f.add(offset, 0x1000)
        }
        f.set(f.argument(2).dword(), physical)
        f.set(f.argument(2).dword(4), 0)
        f.return(buffer)
    }

    /// `HalFreeCommonBuffer(AdapterObject*, Length, LogicalAddressLow, LogicalAddressHigh, VirtualAddress, CacheEnabled)`.
    package static let freeCommonBuffer: Routine = .init(
        "HalFreeCommonBuffer",
        ["AdapterObject", "Length", "LogicalAddressLow", "LogicalAddressHigh", "VirtualAddress", "CacheEnabled"], module: .hal
    ) { f in
        f.call(Ex.freePoolWithTag, f.argument(4), Value.tag("HalD"))
        f.return()
    }

    /// `HalpMdlRun(Mdl*, CurrentVa, Length*) -> physical address`: of a place in a memory descriptor list; the length is cut to what follows it in
    /// physical memory. An MDL (0x1C bytes) holds its start page's address at 0x10; the page numbers are behind it.
    private static let mdlRun: Routine = .init("HalpMdlRun", ["Mdl", "CurrentVa", "Length"], module: .hal) { f in
        let pages = f.local(f.argument(0) + 0x1C)
        let wanted = f.local(f.argument(2).dword())
        let offset = f.local(f.argument(1) - f.argument(0).dword(0x10))
        let page = f.local(pages + ((offset >> 12) << 2))
        let inPage = f.local(offset & 0xFFF)
        let physical = f.local((page.dword() << 12) + inPage)
        let run = f.local(Value(0x1000) - inPage)
        f.while(run < wanted && page.dword(4) == page.dword() + 1) {
            f.add(run, 0x1000)
            f.add(page, 4)
        }
        f.if(run < wanted) { f.set(f.argument(2).dword(), run) }
        f.return(physical)
    }

    /// `IoMapTransfer(AdapterObject*, Mdl*, MapRegisterBase, CurrentVa, Length*, WriteToDevice) -> physical address`, in EDX:EAX: what one transfer can
    /// reach from there on. For a channel of the 8237A the controller is programmed.
    package static let mapTransfer: Routine = .init(
        "IoMapTransfer", ["AdapterObject", "Mdl", "MapRegisterBase", "CurrentVa", "Length", "WriteToDevice"], module: .hal
    ) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        let physical = f.local(f.call(mdlRun, f.argument(1), f.argument(3), f.argument(4)))
        f.if(adapter.isNotNull) {
            f.set(adapter.LastAddress, physical)
            f.set(adapter.LastLength, f.argument(4).dword())
            f.if(adapter.MasterDevice == 0) { f.call(programChannel, adapter, physical, f.argument(4), f.argument(5) & 0xFF) }
        }
        f.load(physical)
        f.asm { a in a.alu(.xor, .edx, .edx) }
        f.return()
    }

    /// `HalpProgramChannel(AdapterObject*, PhysicalAddress, Length*, WriteToDevice)`: masks the channel, writes mode, address, page and count, unmasks it. A transfer
    /// does not cross 64 KiB (128 KiB on a 16-bit channel): the length is cut.
    private static let programChannel: Routine = .init(
        "HalpProgramChannel", ["AdapterObject", "PhysicalAddress", "Length", "WriteToDevice"], module: .hal
    ) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        let channel = f.local(adapter.ChannelNumber)
        let mode = f.local(adapter.AdapterMode | channel | 4)
        f.if(f.argument(3) != 0) { f.set(mode, adapter.AdapterMode | channel | 8) }
        let wide = f.local(adapter.Width16Bits)
        // The second controller's registers are two ports apart; it counts words.
        let base = f.local(0)
        f.if(wide != 0) { f.set(base, 0xC0) }
        let limit = f.local((Value(0x1_0000) << wide) - (f.argument(1) & ((Value(0x1_0000) << wide) - 1)))
        f.if(f.argument(2).dword() > limit) { f.set(f.argument(2).dword(), limit) }
        let address = f.local(f.argument(1) >> wide)
        f.if(wide != 0) { f.set(address, address & 0xFFFF) }
        let count = f.local((f.argument(2).dword() >> wide) - 1)
        f.output(base + (Value(0x0A) << wide), channel | 4)
        f.output(base + (Value(0x0C) << wide), 0)
        f.output(base + (Value(0x0B) << wide), mode)
        let port = f.local(base + ((channel << 1) << wide))
        f.output(port, address & 0xFF)
        f.output(port, (address >> 8) & 0xFF)
        f.output(adapter.PagePort, (f.argument(1) >> 16) & 0xFF)
        f.set(port, port + (Value(1) << wide))
        f.output(port, count & 0xFF)
        f.output(port, (count >> 8) & 0xFF)
        f.output(base + (Value(0x0A) << wide), channel)
        f.return()
    }

    /// `IoFlushAdapterBuffers(AdapterObject*, Mdl*, MapRegisterBase, CurrentVa, Length, WriteToDevice) -> BOOLEAN`: after a transfer; masks the channel.
    package static let flushAdapterBuffers: Routine = .init(
        "IoFlushAdapterBuffers", ["AdapterObject", "Mdl", "MapRegisterBase", "CurrentVa", "Length", "WriteToDevice"], module: .hal
    ) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        f.if(adapter.isNotNull && adapter.MasterDevice == 0) {
            f.if(adapter.Width16Bits != 0) {
                f.output(0xD4, adapter.ChannelNumber | 4)
            } else: {
                f.output(0x0A, adapter.ChannelNumber | 4)
            }
        }
        f.return(1)
    }

    /// `HalReadDmaCounter(AdapterObject*) -> bytes` that a channel has still to transfer.
    package static let readDmaCounter: Routine = .init("HalReadDmaCounter", ["AdapterObject"], module: .hal) { f in
        let adapter = f.argument(0, ADAPTER_OBJECT.self)
        f.if(adapter.MasterDevice != 0) { f.return(0) }
        let wide = f.local(adapter.Width16Bits)
        let base = f.local(0)
        f.if(wide != 0) { f.set(base, 0xC0) }
        f.output(base + (Value(0x0C) << wide), 0)
        let port = f.local(base + (((adapter.ChannelNumber << 1) + 1) << wide))
        let low = f.input(port)
        let high = f.input(port)
        f.return((((high << 8) | low) + 1) << wide)
    }

    /// `HalGetScatterGatherList(AdapterObject*, DeviceObject*, Mdl*, CurrentVa, Length, ExecutionRoutine, Context, WriteToDevice) -> status`: calls
    /// `ExecutionRoutine(DeviceObject, CurrentIrp, ScatterGatherList, Context)` with the runs of physical memory that a buffer consists of.
    package static let getScatterGatherList: Routine = .init(
        "HalGetScatterGatherList",
        ["AdapterObject", "DeviceObject", "Mdl", "CurrentVa", "Length", "ExecutionRoutine", "Context", "WriteToDevice"], module: .hal
    ) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        let left = f.local(f.argument(4))
        let place = f.local(f.argument(3))
        let most = f.local(((left + 0xFFF) >> 12) + 1)
        // NumberOfElements, Reserved; then elements of address (8 bytes), length, reserved.
        let list = f.local(f.call(Ex.allocatePoolWithTag, 0, (most << 4) + 8, Value.tag("HalS")))
        f.if(list == 0) { f.return(Status.insufficientResources) }
        f.zero(list, (most << 4) + 8)
        f.while(left != 0) {
            let length = f.local(left)
            let physical = f.local(f.call(mdlRun, f.argument(2), place, f.address(of: length)))
            let element = f.local(list + 8 + (list.dword() << 4))
            f.set(element.dword(), physical)
            f.set(element.dword(8), length)
            f.set(list.dword(), list.dword() + 1)
            f.set(left, left - length)
            f.set(place, place + length)
        }
        f.callIndirect(f.argument(5), device, device.CurrentIrp, list, f.argument(6))
        f.return(Status.success)
    }

    /// `HalPutScatterGatherList(AdapterObject*, ScatterGatherList*, WriteToDevice)`.
    package static let putScatterGatherList: Routine = .init(
        "HalPutScatterGatherList", ["AdapterObject", "ScatterGather", "WriteToDevice"], module: .hal
    ) { f in
        f.call(Ex.freePoolWithTag, f.argument(1), Value.tag("HalS"))
        f.return()
    }
}
