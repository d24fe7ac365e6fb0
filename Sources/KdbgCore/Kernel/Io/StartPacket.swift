// SPDX-License-Identifier: GPL-3.0-or-later

/// StartIo: one packet at a time for a device, the others in its queue (spec/boot.md section 6, device.c).
extension Io {
    /// Bits of DEVOBJ_EXTENSION.StartIoFlags.
    private enum StartIoFlag {
        static let noCancel: UInt32 = 0x20
        static let deferred: UInt32 = 0x40
        static let byKey: UInt32 = 0x80
        static let started: UInt32 = 0x100
    }

    /// `IoStartPacket(DeviceObject*, Irp*, Key*, CancelFunction)`: an idle device starts the packet at once, a busy one queues it: at the end, or by a key. A
    /// packet with a cancel function that has been called off meanwhile is taken out again. IRQL <= DISPATCH.
    package static let startPacket: Routine = .init("IoStartPacket", ["DeviceObject", "Irp", "Key", "CancelFunction"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let old = f.call(Hal.raiseIrqlToDpcLevel)
        let cancel = f.local(0)
        f.if(f.argument(3) != 0) {
            f.call(acquireCancelSpinLock, f.address(of: cancel))
            f.set(irp.CancelRoutine, f.argument(3))
        }
        let isQueued = f.local(0)
        let queue = device.address(of: \.DeviceQueue)
        let entry = irp.address(of: \.DeviceQueueEntry)
        f.if(f.argument(2) != 0) {
            f.set(isQueued, f.call(Ke.insertByKeyDeviceQueue, queue, entry, f.argument(2).dword()))
        } else: {
            f.set(isQueued, f.call(Ke.insertDeviceQueue, queue, entry))
        }
        f.if(isQueued == 0) {
            f.set(device.address(of: \.CurrentIrp).dword(), irp)
            f.if(f.argument(3) != 0) {
                let flags = f.local(device.DeviceObjectExtension.StartIoFlags)
                f.if((flags & Value(StartIoFlag.noCancel)) != 0) { f.set(irp.CancelRoutine, 0) }
                f.call(releaseCancelSpinLock, cancel)
            }
            f.call(callStartIo, device, irp)
        } else: {
            f.if(f.argument(3) != 0) {
                // Called off between the caller's look and the queue: out of it again.
                let routine = f.local(0)
                f.if(irp.Cancel != 0) { f.set(routine, f.exchange(irp.CancelRoutine, with: 0)) }
                f.if(routine != 0) {
                    f.set(irp.CancelIrql, cancel)
                    f.callIndirect(routine, device, irp)
                } else: {
                    f.call(releaseCancelSpinLock, cancel)
                }
            }
        }
        f.call(Hal.lowerIrql, old)
        f.return()
    }

    /// `IopCallStartIo(DeviceObject*, Irp*)`: DRIVER_OBJECT.DriverStartIo, at DISPATCH_LEVEL.
    private static let callStartIo: Routine = .init("IopCallStartIo", ["DeviceObject", "Irp"]) { f in
        f.callIndirect(f.argument(0, DEVICE_OBJECT.self).DriverObject.DriverStartIo, f.argument(0), f.argument(1))
        f.return()
    }

    private static let startNextParameters = ["DeviceObject", "Cancelable"]

    /// `IoStartNextPacket(DeviceObject*, Cancelable)`: the device is done with its packet; the next one, if there is one, becomes its current one. IRQL =
    /// DISPATCH. A driver that asked for it gets its StartIo called from a loop, not from inside itself.
    package static let startNextPacket: Routine = .init("IoStartNextPacket", startNextParameters) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let more = f.local(device.DeviceObjectExtension)
        f.if((more.StartIoFlags & Value(StartIoFlag.deferred)) != 0) {
            f.call(deferStartNext, device, f.argument(1), 0, 0)
        } else: {
            f.call(startNext, device, f.argument(1))
        }
        f.return()
    }

    /// `IoStartNextPacketByKey(DeviceObject*, Cancelable, Key)`: the one whose key follows.
    package static let startNextPacketByKey: Routine = .init("IoStartNextPacketByKey", startNextParameters + ["Key"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let more = f.local(device.DeviceObjectExtension)
        f.if((more.StartIoFlags & Value(StartIoFlag.deferred)) != 0) {
            f.call(deferStartNext, device, f.argument(1), 1, f.argument(2))
        } else: {
            f.call(startNextByKey, device, f.argument(1), f.argument(2))
        }
        f.return()
    }

    /// `IopDeferStartNextPacket(DeviceObject*, Cancelable, IsByKey, Key)`: whoever comes first does the work of all who come meanwhile.
    private static let deferStartNext: Routine = .init("IopDeferStartNextPacket", startNextParameters + ["IsByKey", "Key"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let more = f.local(device.DeviceObjectExtension)
        f.set(more.StartIoKey, f.argument(3))
        let flags = f.local(more.StartIoFlags & ~Value(StartIoFlag.byKey))
        f.if(f.argument(2) != 0) { f.set(flags, flags | Value(StartIoFlag.byKey)) }
        f.set(more.StartIoFlags, flags)
        let others = f.exchangeAdd(more.StartIoCount, 1)
        f.if(others != 0) { f.return() }
        f.loop {
            f.if((more.StartIoFlags & Value(StartIoFlag.byKey)) != 0) {
                f.call(startNextByKey, device, f.argument(1), more.StartIoKey)
            } else: {
                f.call(startNext, device, f.argument(1))
            }
            let left = f.exchangeAdd(more.StartIoCount, 0xFFFF_FFFF as Value)
            f.if(left == 1) { f.break() }
        }
        f.return()
    }

    /// `IopStartNextPacket(DeviceObject*, Cancelable)`.
    private static let startNext: Routine = .init("IopStartNextPacket", startNextParameters) { f in
        f.call(startEntry, f.argument(0), f.argument(1), 0, 0)
        f.return()
    }

    /// `IopStartNextPacketByKey(DeviceObject*, Cancelable, Key)`.
    private static let startNextByKey: Routine = .init("IopStartNextPacketByKey", startNextParameters + ["Key"]) { f in
        f.call(startEntry, f.argument(0), f.argument(1), 1, f.argument(2))
        f.return()
    }

    /// `IopStartQueueEntry(DeviceObject*, Cancelable, IsByKey, Key)`: under the cancel lock when packets can be called off.
    private static let startEntry: Routine = .init("IopStartQueueEntry", startNextParameters + ["IsByKey", "Key"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let cancel = f.local(0)
        let isCancelable = f.local(f.argument(1) & 0xFF)
        let entry = f.local(0)
        f.set(device.address(of: \.CurrentIrp).dword(), 0)
        f.if(isCancelable != 0) { f.call(acquireCancelSpinLock, f.address(of: cancel)) }
        f.if(f.argument(2) != 0) {
            f.set(entry, f.call(Ke.removeByKeyDeviceQueue, device.address(of: \.DeviceQueue), f.argument(3)))
        } else: {
            f.set(entry, f.call(Ke.removeDeviceQueue, device.address(of: \.DeviceQueue)))
        }
        f.if(entry == 0) {
            f.if(isCancelable != 0) { f.call(releaseCancelSpinLock, cancel) }
            f.return()
        }
        let irp = f.local(Pointer<IRP>.containing(entry, as: \.DeviceQueueEntry))
        f.set(device.address(of: \.CurrentIrp).dword(), irp)
        f.if(isCancelable != 0) {
            f.if((device.DeviceObjectExtension.StartIoFlags & Value(StartIoFlag.noCancel)) != 0) { f.set(irp.CancelRoutine, 0) }
            f.call(releaseCancelSpinLock, cancel)
        }
        f.call(callStartIo, device, irp)
        f.return()
    }

    /// `IoSetStartIoAttributes(DeviceObject*, DeferredStartIo, NonCancelable)`.
    package static let setStartIoAttributes: Routine = .init(
        "IoSetStartIoAttributes", ["DeviceObject", "DeferredStartIo", "NonCancelable"]
    ) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceObjectExtension)
        f.if((f.argument(1) & 0xFF) != 0) { f.set(more.StartIoFlags, more.StartIoFlags | Value(StartIoFlag.deferred)) }
        f.if((f.argument(2) & 0xFF) != 0) { f.set(more.StartIoFlags, more.StartIoFlags | Value(StartIoFlag.noCancel)) }
        f.return()
    }

    /// `IoInitializeDpcRequest(DeviceObject*, DpcRoutine)`, which the DDK has in line: the device's own DPC, with the device as its context.
    package static func initializeDpcRequest(_ f: Function, _ device: Pointer<DEVICE_OBJECT>, _ routine: Routine) {
        f.call(Ke.initializeDpc, device.address(of: \.Dpc), routine, device)
    }

    /// `IoRequestDpc(DeviceObject*, Irp*, Context)`, from an interrupt service routine.
    @discardableResult
    package static func requestDpc(_ f: Function, _ device: Pointer<DEVICE_OBJECT>, _ irp: some Operand, _ context: some Operand) -> Value {
        f.call(Ke.insertQueueDpc, device.address(of: \.Dpc), irp, context)
    }
}
