// SPDX-License-Identifier: GPL-3.0-or-later

extension EarlyCall {
    /// All of them, in the order of spec/boot.md section 3.6. A new one is a row here.
    package static let all: [EarlyCall] =
        [
            EarlyCall(name: "HalDisplayString", number: "3.6 #1", outcome: "fine, the text is on the screen.") { f in
                f.call(Hal.displayString, f.text("\r\n   Early text\r\n"))
                return nil
            },
            EarlyCall(name: "DbgPrint", number: "3.6 #2", outcome: "fine, the line goes to every provider.") { f in
                f.print("(lab) a line of text\n")
                return nil
            },
            EarlyCall(name: "ExAllocatePoolWithTag", number: "3.6 #3", outcome: "fine, both pools give memory.") { f in
                let paged = f.call(Ex.allocatePoolWithTag, 1, 64, Value.tag("Lab "))
                let nonPaged = f.call(Ex.allocatePoolWithTag, 0, 64, Value.tag("Lab "))
                f.print("(lab) paged pool 0x%p, nonpaged pool 0x%p\n", paged, nonPaged)
                f.if(paged != 0) { f.call(Ex.freePoolWithTag, paged, Value.tag("Lab ")) }
                f.if(nonPaged != 0) { f.call(Ex.freePoolWithTag, nonPaged, Value.tag("Lab ")) }
                return nonPaged
            },
            EarlyCall(
                name: "PsCreateSystemThread", number: "3.6 #4",
                outcome: "fine; the thread runs when the phase-1 thread, at priority 31, waits for the first time."
            ) { f in
                let handle = f.local(0)
                let status = f.local(f.call(Ps.createSystemThread, f.address(of: handle), 0x001F_03FF, 0, 0, 0, thread, 0))
                f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
                return status
            },
            EarlyCall(
                name: "ZwCreateKey", number: "3.6 #5", outcome: "fine, the registry is there: a volatile key is made and has a value."
            ) { f in
                let path = f.unicode(#"\Registry\Machine\System\CurrentControlSet\Services\Early"#)
                let attributes = f.objectAttributes(path, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
                let handle = f.local(0)
                let value = f.local(1)
                let status = f.local(f.call(Cm.zwCreateKey, f.address(of: handle), 0xF003F, attributes, 0, 0, 1, 0))
                f.if(status.isSuccess) {
                    f.set(status, f.call(Cm.zwSetValueKey, handle, f.unicode("Type"), 0, ValueType.number, f.address(of: value), 4))
                    f.call(Ob.ntClose, handle)
                }
                return status
            },
        ] + ioCalls + debuggerCalls + dispatcherCalls

    /// `KdpEarlyThread(Context)`: says that it runs.
    private static let thread: Routine = Routine("KdpEarlyThread", ["Context"]) { f in
        f.print("(lab) the early thread runs\n")
        f.call(Ps.terminateSystemThread, 0)
        f.return()
    }

    /// What the I/O manager is asked for.
    private static let ioCalls: [EarlyCall] = [
        EarlyCall(
            name: "IoCreateDriver", number: "3.6 #6",
            outcome: "a read of address 0x64 through the NULL driver type, bugcheck 0x7E(0xC0000005, …)."
        ) { f in
            f.local(f.call(Io.createDriver, f.unicode(#"\Driver\Early"#), driverEntry))
        },
        EarlyCall(
            name: "IoCreateDevice", number: "3.6 #7",
            outcome: "a read of address 0x64 through the NULL device type, bugcheck 0x7E(0xC0000005, …)."
        ) { f in
            let device = f.local(0)
            return f.local(f.call(Io.createDevice, makeDriver(f), 0, 0, 0x22, 0, 0, f.address(of: device)))
        },
        EarlyCall(
            name: "IoRegisterBootDriverReinitialization", number: "3.6 #8",
            outcome: "a write through the NULL link of the list's head with interrupts off, bugcheck 0x0A(0, 0xFFFFFFFF, 2, …)."
        ) { f in
            f.call(Io.registerBootDriverReinitialization, makeDriver(f), reinitialize, 0)
            return nil
        },
        EarlyCall(
            name: "IoRegisterDriverReinitialization", number: "3.6 #9",
            outcome: "a write through the NULL link of the list's head with interrupts off, bugcheck 0x0A(0, 0xFFFFFFFF, 2, …)."
        ) { f in
            f.call(Io.registerDriverReinitialization, makeDriver(f), reinitialize, 0)
            return nil
        },
        EarlyCall(
            name: "IoRegisterFileSystem", number: "3.6 #10",
            outcome: "a write through the NULL link of the queue's head, bugcheck 0x7E(0xC0000005, …)."
        ) { f in
            f.set(device.`Type`, 3)
            f.set(device.Size, DEVICE_OBJECT.size)
            f.set(device.DeviceType, 8)
            f.call(Io.registerFileSystem, device)
            return nil
        },
        EarlyCall(name: "IoGetDeviceObjectPointer", number: "3.6 #11", outcome: "0xC000003A, the path is not found.") { f in
            let file = f.local(0)
            let found = f.local(0)
            let path = f.unicode(#"\Device\Harddisk0\Partition1"#)
            return f.local(f.call(Io.getDeviceObjectPointer, path, 1, f.address(of: file), f.address(of: found)))
        },
        EarlyCall(
            name: "ZwCreateFile", number: "3.6 #12",
            outcome: "0xC000003A for most names, and no crash; the five names of section 3.2 are tried."
        ) { f in
            let status = f.local(0)
            let paths = [
                #"\Device\Harddisk0\Partition1\debug.log"#, #"\Device\Harddisk0"#, #"\??\C:\debug.log"#, "debug.log",
                #"\SystemRoot\debug.log"#,
            ]
            for path in paths {
                let handle = f.local(0)
                let result = f.structure(IO_STATUS_BLOCK.self)
                let attributes = f.structure(OBJECT_ATTRIBUTES.self)
                Kd.initializeAttributes(f, attributes, f.unicode(path))
                f.set(
                    status,
                    f.call(Io.ntCreateFile, f.address(of: handle), 0x0010_0004, attributes, result, 0, 0x80, 1, 3, 0x0000_0066, 0, 0))
                f.print("(lab) %s: 0x%08lx\n", f.text(path), status)
                f.if(status.isSuccess) { f.call(Ob.ntClose, handle) }
            }
            return status
        },
        EarlyCall(name: "HalDispatchTable", number: "3.6 #13", outcome: "fine: the cell is patched and put back.") { f in
            let old = f.exchange(Kd.initPnpDriverCell, with: Kd.initDriver)
            f.exchange(Kd.initPnpDriverCell, with: old)
            return nil
        },
    ]

    /// A driver object that nobody has made, for calls that only want to have one (section 3.1 #8).
    private static let driver: GlobalStructure<DRIVER_OBJECT> = .init("KdpEarlyDriver")
    private static let driverExtension: GlobalStructure<EXTENDED_DRIVER_EXTENSION> = .init("KdpEarlyDriverExtension")
    private static let device: GlobalStructure<DEVICE_OBJECT> = .init("KdpEarlyDevice")

    private static func makeDriver(_ f: Function) -> Value {
        f.set(driver.`Type`, 4)
        f.set(driver.Size, DRIVER_OBJECT.size)
        f.set(driver.pointer.address(of: \.DriverExtension).dword(), driverExtension)
        return driver.value
    }

    /// DriverEntry(DriverObject*, RegistryPath*) -> status.
    private static let driverEntry: Routine = .init("KdpEarlyDriverEntry", ["DriverObject", "RegistryPath"]) { f in
        f.print("(lab) DriverEntry of the early driver\n")
        f.return(Status.success)
    }

    /// (DriverObject*, Context, Count).
    private static let reinitialize: Routine = .init("KdpEarlyReinitialize", ["DriverObject", "Context", "Count"]) { f in
        f.print("(lab) the early reinitialization routine is called, count %lu\n", f.argument(2))
        f.return()
    }

    private static let event: GlobalStructure<KEVENT> = .init("KdpEarlyEvent")
    private static let workItem: GlobalStructure<WORK_QUEUE_ITEM> = .init("KdpEarlyWorkItem")

    /// `KdpEarlyWorker(Parameter)`: says that it runs.
    private static let worker: Routine = .init("KdpEarlyWorker", ["Parameter"]) { f in
        f.print("(lab) the early work item is worked off\n")
        f.return()
    }

    /// What has an IRQL of its own (section 3.3).
    private static let dispatcherCalls: [EarlyCall] = [
        EarlyCall(name: "KeSetEvent", number: "3.6 #16", outcome: "fine; an assertion above DISPATCH_LEVEL, which is 2.") { f in
            f.call(Ke.initializeEvent, event, 1, 0)
            return f.local(f.call(Ke.setEvent, event, 0, 0))
        },
        EarlyCall(
            name: "KeWaitForSingleObject", number: "3.6 #17",
            outcome: "fine, it waits its 10 ms: 0x102, STATUS_TIMEOUT; an assertion at DISPATCH_LEVEL and above."
        ) { f in
            let time = f.structure(LARGE_INTEGER.self)
            f.set(time.LowPart, (0 as UInt32) &- 100_000)
            f.set(time.HighPart, 0xFFFF_FFFF as Value)
            f.call(Ke.initializeEvent, event, 1, 0)
            return f.local(f.call(Ke.waitForSingleObject, event, 0, 0, 0, time))
        },
        EarlyCall(
            name: "ExQueueWorkItem", number: "3.6 #18",
            outcome: "fine: a worker thread takes it when the phase-1 thread waits. Before 1.8 #11 there are no queues."
        ) { f in
            f.set(workItem.WorkerRoutine, worker)
            f.set(workItem.pointer.address(of: \.List).dword(), 0)
            f.call(Ex.queueWorkItem, workItem, 1)
            return nil
        },
    ]

    /// What concerns the debugger itself.
    private static let debuggerCalls: [EarlyCall] = [
        EarlyCall(
            name: "DbgBreakPoint", number: "3.6 #14",
            outcome:
                "an unexpected break: the prompt when KD is on; with DEBUG=AUTOENABLE KdpStub enables KD first, by KdInitSystem(0, NULL)."
        ) { f in
            f.call(Rtl.dbgBreakPoint)
            return nil
        },
        EarlyCall(
            name: "KdEnableDebugger", number: "3.6 #15",
            outcome: "KD is disabled and enabled again, by KdInitSystem(0, NULL): phase 0 of all providers once more."
        ) { f in
            f.call(Kd.disableDebugger)
            return f.local(f.call(Kd.enableDebugger))
        },
        EarlyCall(
            name: "SeInitSystem", number: "3.6 #19",
            outcome: "phase 1 once more: \\Security is there already, FALSE. In phase 2 it is bugcheck 0x33(0, 2, 0, 0)."
        ) { f in f.local(f.call(Se.initSystem)) },
        EarlyCall(
            name: "PsInitSystem", number: "3.6 #20",
            outcome: "phase 1 too early. In phase 2 it is bugcheck 0x33(1, 2, 0, 0)."
        ) { f in f.local(f.call(Ps.initSystem, Ke.loaderBlock.dword)) },
    ]
}
