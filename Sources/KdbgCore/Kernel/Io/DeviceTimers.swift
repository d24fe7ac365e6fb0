// SPDX-License-Identifier: GPL-3.0-or-later

/// iotimer.c: once a second the routine of every device timer that is enabled is called (spec/boot.md sections 1.9 #5, 5.20).
extension Io {
    /// `IopTimer`: the kernel timer behind all device timers. Its name is also its use: periodic, one second.
    package static let timer: GlobalStructure<KTIMER> = .init("IopTimer")
    static let timerDpc: GlobalStructure<KDPC> = .init("IopTimerDpc")
    /// `IopTimerCount`: how many device timers are enabled.
    package static let timerCount: Global = .init("IopTimerCount")
    static let timerLock: Global = .init("IopTimerLock")

    /// `IopInitializeTimers()`: the queue of device timers, and a synchronisation timer, due in a second and then every second.
    static let initializeTimers: Routine = .init(
        "IopInitializeTimers", section: .initialization,
        step: .init(
            "1.9 #5", "Device timers",
            """
            A periodic timer starts: due in a second, then every 1000 ms. Its DPC is IopTimerDispatch, which walks IopTimerQueueHead at DISPATCH_LEVEL \
            while IopTimerCount is not zero and calls the routine of each device timer that is enabled. No device has one yet.
            """)
    ) { f in
        f.call(Ke.initializeDpc, timerDpc, timerDispatch, 0)
        f.call(Ke.initializeTimerEx, timer, 1)
        f.call(Ke.setTimerEx, timer, (0 as UInt32) &- 10_000_000, 0xFFFF_FFFF as Value, 1000, timerDpc)
        f.return()
    }

    /// `IopTimerDispatch(Dpc*, Context, Argument1, Argument2)`, at DISPATCH_LEVEL. It looks at as many enabled timers as there were when it began:
    /// a routine that stops its timer is not called again, and one that starts another does not make the walk longer.
    static let timerDispatch: Routine = .init("IopTimerDispatch", ["Dpc", "DeferredContext", "SystemArgument1", "SystemArgument2"]) { f in
        let left = f.local(timerCount.dword)
        f.if(left == 0) { f.return() }
        let irql = f.call(Hal.acquireSpinLock, timerLock)
        let entry = f.local(timerQueue.value.dword())
        f.while(entry != timerQueue.value && left != 0) {
            let device = f.local(Pointer<IO_TIMER>.containing(entry, as: \.TimerList))
            f.if(device.TimerEnabled != 0) {
                f.set(left, left - 1)
                f.callIndirect(device.TimerRoutine, device.DeviceObject, device.Context)
            }
            f.set(entry, entry.dword())
        }
        f.call(Hal.releaseSpinLock, timerLock, irql)
        f.return()
    }

    /// `IoInitializeTimer(DeviceObject*, TimerRoutine, Context) -> status`: gives a device its timer, which is stopped. A second call only changes routine
    /// and context.
    package static let initializeTimer: Routine = .init("IoInitializeTimer", ["DeviceObject", "TimerRoutine", "Context"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let own = f.local(device.Timer)
        f.if(own.isNull) {
            f.set(own.value, f.call(Ex.allocatePoolWithTag, 0, IO_TIMER.size, Value.tag("IoTm")))
            f.if(own.isNull) { f.return(Status.insufficientResources) }
            f.zero(own, IO_TIMER.size)
            f.set(own.Type, IoType.timer)
            f.set(own.address(of: \.DeviceObject).dword(), device)
            f.set(device.address(of: \.Timer).dword(), own)
            f.set(own.TimerRoutine, f.argument(1))
            f.set(own.Context, f.argument(2))
            f.call(interlockedInsertTailList, timerQueue, own.address(of: \.TimerList), timerLock)
            f.return(Status.success)
        }
        f.set(own.TimerRoutine, f.argument(1))
        f.set(own.Context, f.argument(2))
        f.return(Status.success)
    }

    /// `IoStartTimer(DeviceObject*)`: nothing happens when it runs already, or when the device is about to go away.
    package static let startTimer: Routine = .init("IoStartTimer", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        // Unload, delete, remove pending, remove processed.
        f.if((device.DeviceObjectExtension.ExtensionFlags & 0x0F) != 0) { f.return() }
        let irql = f.call(Hal.acquireSpinLock, timerLock)
        f.if(device.Timer.TimerEnabled == 0) {
            f.set(device.Timer.TimerEnabled, 1)
            f.add(timerCount.dword, 1)
        }
        f.call(Hal.releaseSpinLock, timerLock, irql)
        f.return()
    }

    /// `IoStopTimer(DeviceObject*)`.
    package static let stopTimer: Routine = .init("IoStopTimer", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irql = f.call(Hal.acquireSpinLock, timerLock)
        f.if(device.Timer.TimerEnabled != 0) {
            f.set(device.Timer.TimerEnabled, 0)
            f.add(timerCount.dword, 0xFFFF_FFFF as UInt32)
        }
        f.call(Hal.releaseSpinLock, timerLock, irql)
        f.return()
    }

    /// `IopRemoveTimerFromTimerList(Timer*)`: the device is being deleted.
    static let removeTimerFromTimerList: Routine = .init("IopRemoveTimerFromTimerList", ["Timer"]) { f in
        let own = f.argument(0, IO_TIMER.self)
        let irql = f.call(Hal.acquireSpinLock, timerLock)
        f.removeEntryList(own.address(of: \.TimerList))
        f.if(own.TimerEnabled != 0) { f.add(timerCount.dword, 0xFFFF_FFFF as UInt32) }
        f.call(Hal.releaseSpinLock, timerLock, irql)
        f.return()
    }
}
