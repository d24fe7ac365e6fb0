// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// remlock.c, error.c, symlink.c, util.c, ioevent.c and the way of a driver out of driver.c, called as a driver calls them.
struct IoServiceTests {
    @Test func removeLockWaitsForItsHolders() throws {
        let run = KernelRun.probe()
        let lock = run.scratch(0x58)
        run.invoke("IoInitializeRemoveLockEx", lock, poolTag("RmTs"), 1, 10, 0x58)
        #expect([run.byte(lock), run.read(lock + 4), run.read(lock + 0x18)] == [0, 1, poolTag("RLOC")])
        #expect(run.invoke("IoAcquireRemoveLockEx", lock, 0xA, run.address("ProbeLog"), 17, 0x58) == 0)
        #expect(run.invoke("IoAcquireRemoveLockEx", lock, 0xB, run.address("ProbeLog"), 18, 0x58) == 0)
        // The newest holder is first: tag and line.
        let block = run.read(lock + 0x50)
        #expect([run.read(lock + 4), run.read(block + 4), run.read(block + 0x14), run.read(run.read(block) + 4)] == [3, 0xB, 18, 0xA])
        let item = try #require(run.invoke("IoAllocateWorkItem", run.variable("ProbeDevice")))
        run.invoke("IoQueueWorkItem", item, run.address("ProbeRelease"), 1, lock)
        #expect(run.notes().isEmpty)
        // Blocks until the worker thread has released tag 0xB, which saw the count without the waiter's two.
        #expect(run.invoke("IoReleaseRemoveLockAndWaitEx", lock, 0xA, 0x58) != nil)
        #expect(run.notes() == [1])
        #expect([run.byte(lock), run.read(lock + 4), run.read(lock + 0x50)] == [1, 0, 0])
        #expect(run.invoke("IoAcquireRemoveLockEx", lock, 0xC, 0, 0, 0x58) == 0xC000_0056)
        #expect(run.poolUse("RmTs").bytes == 0)
        // A driver that was compiled without the record.
        let small = run.scratch(0x58)
        run.invoke("IoInitializeRemoveLockEx", small, 0, 0, 0, 0x18)
        run.invoke("IoAcquireRemoveLockEx", small, 1, 0, 0, 0x18)
        #expect([run.read(small + 4), run.read(small + 0x18)] == [2, 0])
    }

    @Test func releaseWithAStrangersTagIsReported() {
        let run = KernelRun.probe()
        let lock = run.scratch(0x58)
        run.invoke("IoInitializeRemoveLockEx", lock, poolTag("RmTs"), 0, 0, 0x58)
        run.invoke("IoAcquireRemoveLockEx", lock, 0xA, 0, 0, 0x58)
        run.invoke("IoReleaseRemoveLockEx", lock, 0xD, 0x58)
        run.run(to: "IopAssignDriveLetters", "IoAssignDriveLetters")
        #expect(run.serial.contains("released with tag 0000000D, which does not hold it"))
        #expect(run.read(lock + 4) == 1 && run.read(run.read(lock + 0x50) + 4) == 0xA)
    }

    @Test func errorLogEntriesWaitForTheirPort() throws {
        let run = KernelRun.probe()
        let device = run.variable("ProbeDevice")
        let driver = run.read(device + 8)
        let before = [run.counts(device)[0], run.counts(driver)[0]]
        #expect(run.invoke("IoAllocateErrorLogEntry", device, 0x2F) == 0)
        #expect(run.invoke("IoAllocateErrorLogEntry", device, 0x99) == 0)
        #expect(run.invoke("IoAllocateErrorLogEntry", run.scratch(8), 0x30) == 0)
        let packet = try #require(run.invoke("IoAllocateErrorLogEntry", device, 0x38))
        #expect(packet != 0)
        let entry = packet - 0x20
        #expect([run.word(entry), run.word(entry + 2), run.read(entry + 0x0C), run.read(entry + 0x10)] == [0x0B, 0x58, device, driver])
        #expect([run.counts(device)[0], run.counts(driver)[0]] == [before[0] + 1, before[1] + 1])
        #expect(run.variable("IopTotalLogSize") == 0x58)
        run.invoke("IoWriteErrorLogEntry", packet)
        #expect(run.list(run.address("IopErrorLogListHead")) == [entry + 4])
        #expect(run.read(entry + 0x1C) != 0)
        run.pause(milliseconds: 50)
        // Nobody listens: the worker has been there and has set its timer.
        #expect(run.list(run.address("IopErrorLogListHead")) == [entry + 4])
        #expect(run.byte(run.address("IopLogWorkerRunning")) == 1 && run.byte(run.address("IopLogTimer") + 3) == 1)
        let handle = run.scratch(4)
        #expect(run.invoke("IoCreateNotificationEvent", run.unicode(#"\ErrorLogPort"#), handle) != 0)
        run.invoke("IopLogWorker", 0)
        #expect(run.list(run.address("IopErrorLogListHead")).isEmpty && run.variable("IopTotalLogSize") == 0)
        #expect([run.counts(device)[0], run.counts(driver)[0]] == before)
        // A page is all there may be.
        let size: UInt32 = 0x98 + 0x20
        let entries = (0..<30).map { _ in run.invoke("IoAllocateErrorLogEntry", device, 0x98) ?? 0 }
        #expect(entries.filter { $0 != 0 }.count == Int(0x1000 / size))
        for entry in entries where entry != 0 { run.invoke("IoFreeErrorLogEntry", entry) }
        #expect(run.variable("IopTotalLogSize") == 0)
    }

    @Test func hardErrorsCompleteTheRequest() throws {
        let run = KernelRun.probe()
        #expect(run.invoke("IoSetThreadHardErrorMode", 0) == 1)
        #expect(run.invoke("IoSetThreadHardErrorMode", 1) == 0)
        #expect(run.invoke("IoSetThreadHardErrorMode", 1) == 1)
        #expect(run.invoke("IoRaiseInformationalHardError", 0xC000_0013, 0, 0) == 0)
    }

    /// The person who should answer is asked in the thread that issued the request, by a kernel APC; nobody is there, so the request ends.
    @Test(arguments: [true, false]) func hardErrorsAreRaisedInTheRequestorsThread(enabled: Bool) throws {
        let run = KernelRun.probe()
        let cell = run.scratch(4)
        let result = run.scratch(8)
        #expect(run.invoke("NtOpenFile", cell, 0x10_0003, run.attributes(#"\Device\Probe"#), result, 0, 0) == 0)
        let handle = run.read(cell)
        run.write(result, 0)
        let buffer = run.scratch(16)
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0, result, 0x222004, buffer, 4, buffer, 8) == 0x103)
        let irp = run.variable("ProbeIrp")
        // As a driver does that gives it up: not to be cancelled any more.
        run.write(irp + 0x38, 0)
        run.write(irp + 0x18, 0xC000_0013)
        run.write(irp + 0x1C, 8)
        #expect(run.invoke("IoSetThreadHardErrorMode", enabled ? 1 : 0) == 1)
        let irql = try #require(run.invoke("KfRaiseIrql", 1))
        run.invoke("IoRaiseHardError", irp, 0, run.variable("ProbeDevice"))
        let thread = run.read(0xFFDF_F124)
        if enabled {
            // An APC waits in the thread's kernel list, and the request with it.
            #expect(run.list(thread + 0x28).count == 1 && run.byte(thread + 0x3D) == 1)
            let apc = try #require(run.list(thread + 0x28).first) - 0x0C
            #expect(run.read(apc + 0x1C) == run.address("IopRaiseHardError") && run.read(apc + 0x20) == irp)
            #expect(run.poolUse("IoHE").bytes != 0 && run.read(result) == 0)
        }
        run.invoke("KfLowerIrql", irql)
        // Its status is the driver's, and it has brought nothing.
        #expect(run.read(result) == 0xC000_0013 && run.read(result + 4) == 0)
        #expect(run.list(thread + 0x28).isEmpty && run.poolUse("IoHE").bytes == 0)
        run.invoke("NtClose", handle)
    }

    @Test func symbolicLinks() {
        let run = KernelRun.probe()
        let name = run.unicode(#"\Device\ProbeLink"#)
        let target = run.unicode(#"\Device\Probe"#)
        #expect(run.invoke("IoCreateSymbolicLink", name, target) == 0)
        #expect(run.target(#"\Device\ProbeLink"#) == #"\Device\Probe"#)
        #expect(run.counts(run.object(#"\Device\ProbeLink"#)) == [1, 0])
        #expect(run.invoke("IoCreateUnprotectedSymbolicLink", name, target) == 0xC000_0035)
        #expect(run.invoke("IoDeleteSymbolicLink", name) == 0)
        #expect(run.object(#"\Device\ProbeLink"#) == 0)
        #expect(run.invoke("IoDeleteSymbolicLink", name) == 0xC000_0034)
        #expect(run.invoke("IoCreateUnprotectedSymbolicLink", name, target) == 0)
        // A link cannot be deleted through the device it points to.
        #expect(run.invoke("IoDeleteSymbolicLink", target) == 0xC000_0024)
    }

    @Test func smallQuestions() throws {
        let run = KernelRun.probe()
        let low = run.scratch(4)
        let high = run.scratch(4)
        run.invoke("IoGetStackLimits", low, high)
        let stack = run.machine.registers.esp
        #expect(run.read(low) < stack && stack < run.read(high) && run.read(high) - run.read(low) == 0x3000)
        #expect(run.invoke("IoGetInitialStack") == run.read(high))
        let left = try #require(run.invoke("IoGetRemainingStackSize"))
        #expect(left < stack - run.read(low) && left > 0x400)
        #expect(run.invoke("IoGetCurrentProcess") == run.variable("PsInitialSystemProcess"))
        let thread = run.read(0xFFDF_F124)
        #expect(run.invoke("IoIsSystemThread", thread) == 1 && run.invoke("IoIsSystemThread", run.address("KiInitialThread")) == 0)
        #expect(run.invoke("IoThreadToProcess", thread) == run.variable("PsInitialSystemProcess"))
        #expect(
            ([(1, 0), (1, 0x10), (1, 0x30), (1, 0x31), (2, 0)] as [(UInt32, UInt32)]).map {
                run.invoke("IoIsWdmVersionAvailable", $0.0, $0.1)
            } == [1, 1, 1, 0, 0])
        // GENERIC_READ of a file; a handle that may only read attributes is not enough.
        let access = run.scratch(4)
        run.write(access, 0x8000_0000)
        #expect(run.invoke("IoCheckDesiredAccess", access, 0x12_0089) == 0 && run.read(access) == 0x12_0089)
        #expect(run.invoke("IoCheckDesiredAccess", access, 0x80) == 0xC000_0022)
        let noArgument = run.scratch(4)
        #expect(run.invoke("IoCheckFunctionAccess", 1, 3, 0, 0, noArgument, 0) == 0)
        #expect(run.invoke("IoCheckFunctionAccess", 1, 4, 0, 0, noArgument, 0) == 0xC000_0022)
        // A control code that wants to read and write (bits 14 and 15).
        #expect(run.invoke("IoCheckFunctionAccess", 1, 0x0E, 0, 0x22C000, noArgument, 0) == 0xC000_0022)
        #expect(run.invoke("IoCheckFunctionAccess", 3, 0x0E, 0, 0x22C000, noArgument, 0) == 0)
        #expect(run.invoke("IoCheckFunctionAccess", 3, 0x16, 0, 0, noArgument, 0) == 0xC000_0010)
        // FileDispositionInformation needs DELETE.
        run.write(noArgument, 13)
        #expect(run.invoke("IoCheckFunctionAccess", 0x1FF, 6, 0, 0, noArgument, 0) == 0xC000_0022)
    }

    /// Two attributes, the second of which claims a value behind the buffer.
    @Test func extendedAttributes() {
        let run = KernelRun.probe()
        let buffer = run.scratch(40)
        let offset = run.scratch(4)
        // Next at 16: name "AB", value of three bytes.
        run.write(buffer, 16)
        run.write(buffer + 4, 0x0003_0200)
        run.write(buffer + 8, 0x0000_4241)
        run.write(buffer + 16, 0)
        run.write(buffer + 20, 0x0001_0100)
        run.write(buffer + 24, 0x0000_0043)
        #expect(run.invoke("IoCheckEaBufferValidity", buffer, 27, offset) == 0)
        run.write(buffer + 20, 0x0009_0100)
        #expect(run.invoke("IoCheckEaBufferValidity", buffer, 27, offset) == 0x8000_0014 && run.read(offset) == 16)
        run.write(buffer, 20)
        #expect(run.invoke("IoCheckEaBufferValidity", buffer, 27, offset) == 0x8000_0014 && run.read(offset) == 0)
        #expect(run.invoke("IoCheckEaBufferValidity", buffer, 4, offset) == 0x8000_0014)
    }

    @Test func namedEvents() throws {
        let run = KernelRun.probe()
        let handle = run.scratch(4)
        let name = run.unicode(#"\KernelObjects\ProbeEvent"#)
        let event = try #require(run.invoke("IoCreateSynchronizationEvent", name, handle))
        #expect(run.object(#"\KernelObjects\ProbeEvent"#) == event)
        // Type 1, signalled; two references: directory and handle.
        #expect([run.byte(event), run.read(event + 4)] == [1, 1] && run.counts(event) == [2, 1])
        // The same again opens it.
        let second = run.scratch(4)
        #expect(run.invoke("IoCreateNotificationEvent", name, second) == event)
        #expect(run.byte(event) == 1 && run.counts(event) == [3, 2])
        run.invoke("NtClose", run.read(handle))
        run.invoke("NtClose", run.read(second))
        #expect(run.object(#"\KernelObjects\ProbeEvent"#) == 0)
        #expect(run.invoke("IoCreateNotificationEvent", run.unicode(#"\BaseNamedObjects\Missing\Event"#), handle) == 0)
    }

    @Test func driverIsUnloadedWhenItsDeviceIsLetGo() throws {
        let run = KernelRun.probe()
        let device = run.variable("ProbeDevice")
        let driver = run.read(device + 8)
        let service = run.unicode(#"\Registry\Machine\System\CurrentControlSet\Services\probe"#)
        #expect(
            run.invoke("IopUnloadDriver", run.unicode(#"\Registry\Machine\System\CurrentControlSet\Services\absent"#), 0) == 0xC000_0034)
        // Somebody has it open: it is only marked.
        let handle = run.scratch(4)
        let name = run.attributes(#"\Device\Probe"#)
        #expect(run.invoke("NtOpenFile", handle, 0x10_0001, name, run.scratch(8), 0, 0) == 0)
        #expect(run.invoke("IopUnloadDriver", service, 0) == 0)
        #expect(run.notes().isEmpty && run.read(run.read(device + 0xB0) + 0x10) == 1 && run.object(#"\Driver\probe"#) == driver)
        // Nobody else may open it, and when it is closed, the driver goes.
        #expect(run.invoke("NtOpenFile", run.scratch(4), 0x10_0001, name, run.scratch(8), 0, 0) == 0xC000_000E)
        #expect(run.invoke("NtClose", run.read(handle)) == 0)
        run.pause(milliseconds: 20)
        #expect(run.object(#"\Driver\probe"#) == 0 && run.object(#"\Device\Probe"#) == 0)
        // RAW has no unload routine.
        #expect(run.invoke("IopUnloadDriver", run.unicode(#"\Registry\Machine\System\CurrentControlSet\Services\RAW"#), 0) == 0xC000_0010)
    }

    @Test func clientExtensions() throws {
        let run = KernelRun.probe()
        let driver = run.read(run.variable("ProbeDevice") + 8)
        let cell = run.scratch(4)
        #expect(run.invoke("IoAllocateDriverObjectExtension", driver, 0x1234, 24, cell) == 0)
        let memory = run.read(cell)
        #expect(run.invoke("IoGetDriverObjectExtension", driver, 0x1234) == memory)
        #expect(run.invoke("IoAllocateDriverObjectExtension", driver, 0x1234, 8, cell) == 0xC000_0035 && run.read(cell) == 0)
        #expect(run.invoke("IoGetDriverObjectExtension", driver, 0x99) == 0)
        #expect(run.read(driver + 0xA8 + 0x14) == memory - 8)
    }

    /// A NULL name becomes eight digits; what is taken is passed over, a hundred times at most.
    @Test func driverWithoutAName() throws {
        let run = KernelRun.probe()
        let before = Set(run.names(#"\Driver"#))
        #expect(run.invoke("IoCreateDriver", 0, run.address("KdpDriverEntry")) == 0)
        let made = Set(run.names(#"\Driver"#)).subtracting(before)
        #expect(made.count == 1 && made.first?.count == 8 && UInt32(made.first ?? "") != nil)
        #expect(run.invoke("IoCreateDriver", 0, run.address("KdpDriverEntry")) == 0)
        #expect(run.names(#"\Driver"#).count == before.count + 2)
    }
}
