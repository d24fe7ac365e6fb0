// SPDX-License-Identifier: GPL-3.0-or-later

/// controller.c: a controller that can serve one of its devices at a time; the others wait in its device queue.
extension Io {
    /// What an execution routine answers (IO_ALLOCATION_ACTION).
    package enum AllocationAction {
        package static let keepObject: Value = 1
        package static let deallocateObject: Value = 2
        package static let deallocateObjectKeepRegisters: Value = 3
    }

    /// `IoCreateController(Size) -> CONTROLLER_OBJECT* or NULL`: a nameless object of the type Controller with `Size` bytes behind it for the driver.
    package static let createController: Routine = .init("IoCreateController", ["Size"]) { f in
        let object = f.local(0)
        let handle = f.local(0)
        let attributes = f.objectAttributes(0, ObjectAttribute.kernelHandle)
        let total = f.local(f.argument(0) + CONTROLLER_OBJECT.size.value)
        let status = f.local(
            f.call(Ob.createObject, 0, controllerObjectType.dword, attributes, 0, 0, total, 0, 0, f.address(of: object)))
        f.if(status.isError) { f.return(0) }
        f.zero(object, total)
        f.set(status, f.call(Ob.insertObject, object, 0, 3, 1, 0, f.address(of: handle)))
        f.if(status.isError) { f.return(0) }
        f.call(Ob.zwClose, handle)
        let controller = object.as(CONTROLLER_OBJECT.self)
        f.set(controller.Type, IoType.controller)
        f.set(controller.Size, total)
        f.set(controller.ControllerExtension, controller.value + CONTROLLER_OBJECT.size.value)
        f.call(Ke.initializeDeviceQueue, controller.address(of: \.DeviceWaitQueue))
        f.return(controller)
    }

    /// `IoDeleteController(ControllerObject*)`: drops the creator's reference.
    package static let deleteController: Routine = .init("IoDeleteController", ["ControllerObject"]) { f in
        f.call(Ob.dereferenceObject, f.argument(0))
        f.return()
    }

    /// `IoAllocateController(ControllerObject*, DeviceObject*, ExecutionRoutine, Context)`, at DISPATCH_LEVEL: calls the routine now when the controller is
    /// idle, else when its turn comes. `ExecutionRoutine(DeviceObject, CurrentIrp, NULL, Context)` says whether the controller is free again.
    package static let allocateController: Routine = .init(
        "IoAllocateController", ["ControllerObject", "DeviceObject", "ExecutionRoutine", "Context"]
    ) { f in
        let controller = f.argument(0, CONTROLLER_OBJECT.self)
        let device = f.argument(1, DEVICE_OBJECT.self)
        f.assert(f.call(Hal.getCurrentIrql) == Irql.dispatch, "KeGetCurrentIrql() == DISPATCH_LEVEL")
        f.set(device.Wcb.DeviceContext, f.argument(3))
        f.set(device.Wcb.DeviceRoutine, f.argument(2))
        let queued = f.call(Ke.insertDeviceQueue, controller.address(of: \.DeviceWaitQueue), device.Wcb.address(of: \.WaitQueueEntry))
        f.if(queued == 0) {
            let action = f.callIndirect(f.argument(2), device, device.CurrentIrp, 0, f.argument(3))
            f.if(action == AllocationAction.deallocateObject) { f.call(freeController, controller) }
        }
        f.return()
    }

    /// `IoFreeController(ControllerObject*)`: the next device that waits gets it, and the next after that if its routine is done with it at once.
    package static let freeController: Routine = .init("IoFreeController", ["ControllerObject"]) { f in
        let controller = f.argument(0, CONTROLLER_OBJECT.self)
        f.loop {
            let entry = f.call(Ke.removeDeviceQueue, controller.address(of: \.DeviceWaitQueue))
            f.if(entry == 0) { f.break() }
            let device = f.local(Pointer<DEVICE_OBJECT>.containing(entry, as: \.Wcb))
            let action = f.callIndirect(device.Wcb.DeviceRoutine, device, device.CurrentIrp, 0, device.Wcb.DeviceContext)
            f.if(action != AllocationAction.deallocateObject) { f.break() }
        }
        f.return()
    }
}
