// SPDX-License-Identifier: GPL-3.0-or-later

/// adapter.c: DMA adapters. The objects and everything that touches the DMA controllers belong to the HAL.
extension Io {
    /// `IoDeviceHandlerObjectType`, `IoDeviceHandlerObjectSize`: for drivers that make objects of their own; nobody sets them.
    package static let deviceHandlerObjectType: Global = .init("IoDeviceHandlerObjectType")
    package static let deviceHandlerObjectSize: Global = .init("IoDeviceHandlerObjectSize")

    /// `IoAllocateAdapterChannel(AdapterObject*, DeviceObject*, NumberOfMapRegisters, ExecutionRoutine, Context) -> status`, at DISPATCH_LEVEL: fills in the
    /// device's wait block and lets the HAL call the routine when the adapter is free.
    package static let allocateAdapterChannel: Routine = .init(
        "IoAllocateAdapterChannel", ["AdapterObject", "DeviceObject", "NumberOfMapRegisters", "ExecutionRoutine", "Context"]
    ) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        f.set(device.Wcb.DeviceObject, device)
        f.set(device.Wcb.DeviceContext, f.argument(4))
        f.set(device.Wcb.CurrentIrp, device.CurrentIrp)
        f.return(f.call(Hal.allocateAdapterChannel, f.argument(0), device.address(of: \.Wcb), f.argument(2), f.argument(3)))
    }

    /// `IoGetDmaAdapter(PhysicalDeviceObject*, DeviceDescription*, NumberOfMapRegisters*) -> DMA_ADAPTER* or NULL`: through the cell that the HAL fills in
    /// at 1.6.1. No bus driver of this system offers an adapter of its own.
    package static let getDmaAdapter: Routine = .init(
        "IoGetDmaAdapter", ["PhysicalDeviceObject", "DeviceDescription", "NumberOfMapRegisters"]
    ) { f in
        f.if(Hal.dispatchTable.HalGetDmaAdapter == 0) { f.return(0) }
        f.return(f.callIndirect(Hal.dispatchTable.HalGetDmaAdapter, f.argument(0), f.argument(1), f.argument(2)))
    }
}
