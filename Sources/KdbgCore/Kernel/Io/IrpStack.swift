// SPDX-License-Identifier: GPL-3.0-or-later

/// The inline routines by which drivers handle stack locations (spec/boot.md section 5.6).
extension Io {
    /// `IoGetNextIrpStackLocation`: the location of the driver below.
    static func nextLocation(_ irp: Pointer<IRP>) -> Pointer<IO_STACK_LOCATION> {
        (irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value).as(IO_STACK_LOCATION.self)
    }

    /// `IoSkipCurrentIrpStackLocation`: the driver below gets this driver's own location.
    static func skipLocation(_ f: Function, _ irp: Pointer<IRP>) {
        f.set(irp.CurrentLocation, irp.CurrentLocation + 1)
        f.set(irp.address(of: \.CurrentStackLocation).dword(), irp.CurrentStackLocation.value + IO_STACK_LOCATION.size.value)
    }

    /// `IoSetNextIrpStackLocation`: takes a location for oneself, to have a place to work with before the packet is sent.
    static func setNextLocation(_ f: Function, _ irp: Pointer<IRP>) {
        f.set(irp.CurrentLocation, irp.CurrentLocation - 1)
        f.set(irp.address(of: \.CurrentStackLocation).dword(), irp.CurrentStackLocation.value - IO_STACK_LOCATION.size.value)
    }

    /// `IoCopyCurrentIrpStackLocationToNext`: all but completion routine, context and control.
    static func copyLocationToNext(_ f: Function, _ irp: Pointer<IRP>) {
        let from = f.local(irp.CurrentStackLocation.value)
        let to = f.local(from - IO_STACK_LOCATION.size.value)
        f.copy(to: to, from: from, 0x1C)
        f.set(to.as(IO_STACK_LOCATION.self).Control, 0)
    }

    /// `IoSetCompletionRoutine` for success, error and cancellation: in the location of the driver below.
    static func setCompletionRoutine(_ f: Function, _ irp: Pointer<IRP>, _ routine: Routine, _ context: some Operand) {
        let next = f.local(nextLocation(irp))
        f.set(next.CompletionRoutine, routine)
        f.set(next.Context, context)
        f.set(next.Control, StackControl.invokeOnSuccess | StackControl.invokeOnError | StackControl.invokeOnCancel)
    }

    /// `IoMarkIrpPending`: the dispatch routine is about to answer STATUS_PENDING.
    static func markPending(_ f: Function, _ irp: Pointer<IRP>) {
        let stack = f.local(irp.CurrentStackLocation)
        f.set(stack.Control, stack.Control | Value(StackControl.pendingReturned))
    }

    /// `IofCallDriver(DeviceObject*, Irp*) -> status`: takes the next stack location and enters the driver's dispatch routine. No location left: BC
    /// 0x35(Irp).
    package static let callDriver: Routine = .init("IofCallDriver", ["DeviceObject", "Irp"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        f.set(irp.CurrentLocation, irp.CurrentLocation - 1)
        f.if(irp.CurrentLocation == 0 || irp.CurrentLocation > 0x7F) { f.call(Ke.bugCheckEx, 0x35, irp, 0, 0, 0) }
        let stack = f.local(nextLocation(irp))
        f.set(irp.address(of: \.CurrentStackLocation).dword(), stack)
        f.set(stack.address(of: \.DeviceObject).dword(), device)
        f.return(f.callIndirect((device.DriverObject.MajorFunction + (stack.MajorFunction << 2)).dword(), device, irp))
    }
}

/// Bits of IO_STACK_LOCATION.Control.
enum StackControl {
    static let pendingReturned: UInt32 = 0x01
    static let errorReturned: UInt32 = 0x02
    static let invokeOnCancel: UInt32 = 0x20
    static let invokeOnSuccess: UInt32 = 0x40
    static let invokeOnError: UInt32 = 0x80
}

/// Bits of IRP.Flags.
package enum IrpFlag {
    package static let noCache: UInt32 = 0x01
    package static let pagingIo: UInt32 = 0x02
    package static let mountCompletion: UInt32 = 0x02
    package static let synchronousApi: UInt32 = 0x04
    package static let associated: UInt32 = 0x08
    package static let bufferedIo: UInt32 = 0x10
    package static let deallocateBuffer: UInt32 = 0x20
    package static let inputOperation: UInt32 = 0x40
    package static let synchronousPagingIo: UInt32 = 0x40
    package static let createOperation: UInt32 = 0x80
    package static let readOperation: UInt32 = 0x100
    package static let writeOperation: UInt32 = 0x200
    package static let closeOperation: UInt32 = 0x400
    package static let deferCompletion: UInt32 = 0x800
}
