// SPDX-License-Identifier: GPL-3.0-or-later

/// iowork.c: work items that hold a reference to their device while they are queued, so that the driver is not unloaded below its own code.
extension Io {
    /// `IoAllocateWorkItem(DeviceObject*) -> IO_WORKITEM* or NULL`.
    package static let allocateWorkItem: Routine = .init("IoAllocateWorkItem", ["DeviceObject"]) { f in
        let item = f.local(f.call(Ex.allocatePoolWithTag, 0, IO_WORKITEM.size, Value.tag("IoWI"))).as(IO_WORKITEM.self)
        f.if(item.isNull) { f.return(0) }
        f.zero(item, IO_WORKITEM.size)
        f.set(item.Item.WorkerRoutine, workItemCallback)
        f.set(item.Item.Parameter, item)
        f.set(item.DeviceObject, f.argument(0))
        f.return(item)
    }

    /// `IoQueueWorkItem(WorkItem*, WorkerRoutine, QueueType, Context)`: `WorkerRoutine(DeviceObject, Context)` runs in a system thread. IRQL <= DISPATCH.
    package static let queueWorkItem: Routine = .init("IoQueueWorkItem", ["IoWorkItem", "WorkerRoutine", "QueueType", "Context"]) { f in
        let item = f.argument(0, IO_WORKITEM.self)
        f.call(Ob.referenceObject, item.DeviceObject)
        f.set(item.WorkerRoutine, f.argument(1))
        f.set(item.Context, f.argument(3))
        f.call(Ex.queueWorkItem, item, f.argument(2))
        f.return()
    }

    /// `IopWorkItemCallback(WorkItem*)`: the routine may free or queue the item again, so nothing of it is looked at afterwards. A routine that comes back above
    /// PASSIVE_LEVEL: BC 0xE1(WorkerRoutine, IRQL, WorkItem, WorkItem).
    static let workItemCallback: Routine = .init("IopWorkItemCallback", ["Parameter"]) { f in
        let item = f.argument(0, IO_WORKITEM.self)
        let device = f.local(item.DeviceObject)
        let routine = f.local(item.WorkerRoutine)
        f.callIndirect(routine, device, item.Context)
        let irql = f.call(Hal.getCurrentIrql)
        f.if(irql != Irql.passive) { f.call(Ke.bugCheckEx, 0xE1, routine, irql, item, item) }
        f.call(Ob.dereferenceObject, device)
        f.return()
    }

    /// `IoFreeWorkItem(WorkItem*)`.
    package static let freeWorkItem: Routine = .init("IoFreeWorkItem", ["IoWorkItem"]) { f in
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("IoWI"))
        f.return()
    }
}
