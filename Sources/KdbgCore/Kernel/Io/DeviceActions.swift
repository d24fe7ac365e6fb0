// SPDX-License-Identifier: GPL-3.0-or-later

/// What the plug and play manager is asked to do, and who does it (spec/boot.md sections 1.9 #8, #12, #14).
extension Io {
    package static let rootDeviceNode: Global = .init("IopRootDeviceNode")
    package static let rootDriverObject: Global = .init("IopRootDriverObject")
    /// `PiEnumerationFinished`: signalled while there is nothing left to enumerate.
    package static let enumerationFinished: GlobalStructure<KEVENT> = .init("PiEnumerationFinished")
    private static let actionList: GlobalStructure<LIST_ENTRY> = .init("IopDeviceActionRequestList")
    private static let actionLock: Global = .init("IopDeviceActionLock")
    private static let actionInProgress: Global = .init("IopDeviceActionInProgress")
    private static let actionWorkItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("IopDeviceActionWorkItem")

    /// Actions of `PiQueueDeviceAction`.
    package enum DeviceAction {
        package static let enumerateDeviceTree: UInt32 = 0
        package static let enumerateRootDevices: UInt32 = 1
    }

    /// A queued action: link, device, what to do, event to signal, where to put the status.
    struct DEVICE_ACTION_REQUEST: Structure {
        static let size: UInt32 = 0x18
        let RequestListEntry = Embedded<LIST_ENTRY>(0x00)
        let DeviceObject = PointerTo<DEVICE_OBJECT>(0x08)
        let Action = Field.u32(0x0C)
        let CompletionEvent = PointerTo<KEVENT>(0x10)
        let CompletionStatus = Field.pointer(0x14, to: "NTSTATUS")

        static let layout = Self()
    }

    /// `IopInitializeDeviceActions()`: the queue is empty and the enumeration finished.
    static let initializeDeviceActions: Routine = .init("IopInitializeDeviceActions", section: .initialization) { f in
        f.initializeListHead(actionList.value)
        f.call(Ke.initializeEvent, enumerationFinished, 0, 1)
        f.set(actionWorkItem.WorkerRoutine, deviceActionWorker)
        f.set(actionWorkItem.Parameter, 0)
        f.return()
    }

    /// `PiQueueDeviceAction(DeviceObject*, Action, CompletionEvent*, CompletionStatus*) -> status`: root devices are enumerated at once; the device tree by
    /// a worker thread, which on one processor runs when this thread waits.
    package static let queueDeviceAction: Routine = .init(
        "PiQueueDeviceAction", ["DeviceObject", "Action", "CompletionEvent", "CompletionStatus"]
    ) { f in
        let block = f.call(Ex.allocatePoolWithTag, 0, DEVICE_ACTION_REQUEST.size, Value.tag("DaEv"))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let request = block.as(DEVICE_ACTION_REQUEST.self)
        f.set(request.address(of: \.DeviceObject).dword(), f.argument(0))
        f.set(request.Action, f.argument(1))
        f.set(request.address(of: \.CompletionEvent).dword(), f.argument(2))
        f.set(request.CompletionStatus, f.argument(3))
        f.call(Ob.referenceObject, f.argument(0))
        f.call(interlockedInsertTailList, actionList, request, actionLock)
        f.if(f.argument(1) == Value(DeviceAction.enumerateRootDevices)) {
            f.call(deviceActionWorker, 0)
            f.return(Status.success)
        }
        let busy = f.exchange(actionInProgress.dword, with: 1)
        f.if(busy == 0) {
            f.call(Ke.clearEvent, enumerationFinished)
            f.call(Ex.queueWorkItem, actionWorkItem, 1)
        }
        f.return(Status.success)
    }

    /// `IoInvalidateDeviceRelations(DeviceObject*, Type)`: what is on a bus has changed (type 0, BusRelations); a worker asks it. Other relations are not kept.
    package static let invalidateDeviceRelations: Routine = .init("IoInvalidateDeviceRelations", ["DeviceObject", "Type"]) { f in
        f.if(f.argument(1) == 0) { f.call(queueDeviceAction, f.argument(0), Value(DeviceAction.enumerateDeviceTree), 0, 0) }
        f.return()
    }

    /// `PipDeviceActionWorker(Context)`: serves the queue until it is empty, then signals `PiEnumerationFinished`.
    static let deviceActionWorker: Routine = .init("PipDeviceActionWorker", ["Context"]) { f in
        f.loop {
            let entry = f.call(interlockedRemoveHeadList, actionList, actionLock)
            f.if(entry == 0) { f.break() }
            let request = f.local(entry.as(DEVICE_ACTION_REQUEST.self))
            f.if(request.Action == Value(DeviceAction.enumerateDeviceTree)) {
                f.call(processDeviceNode, request.DeviceObject.DeviceObjectExtension.DeviceNode, 1)
            } else: {
                f.call(processDeviceNode, request.DeviceObject.DeviceObjectExtension.DeviceNode, 0)
            }
            f.call(Ob.dereferenceObject, request.DeviceObject)
            f.if(request.CompletionStatus != 0) { f.set(request.CompletionStatus.dword(), Status.success) }
            f.if(request.CompletionEvent.isNotNull) { f.call(Ke.setEvent, request.CompletionEvent, 0, 0) }
            f.call(Ex.freePoolWithTag, request, Value.tag("DaEv"))
        }
        f.set(actionInProgress.dword, 0)
        f.call(Ke.setEvent, enumerationFinished, 0, 0)
        f.return()
    }
}
