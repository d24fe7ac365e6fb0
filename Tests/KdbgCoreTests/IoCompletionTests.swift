// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// iocomp.c and iofunc.c: completion ports, control codes, and the three ways in which somebody hears of the end of an asynchronous request.
struct IoCompletionTests {
    /// The probe's device, opened; option 0x20 makes the file synchronous.
    private func open(_ run: KernelRun, options: UInt32 = 0) throws -> UInt32 {
        let handle = run.scratch(4)
        let result = run.scratch(8)
        let status = run.invoke("NtOpenFile", handle, 0x10_0003, run.attributes(#"\Device\Probe"#), result, 0, options)
        #expect(status == 0)
        return run.read(handle)
    }

    /// Completes the request that the probe has kept, as a driver would.
    private func completeKept(_ run: KernelRun, status: UInt32 = 0, information: UInt32) {
        let irp = run.variable("ProbeIrp")
        run.write(irp + 0x38, 0)
        run.write(irp + 0x18, status)
        run.write(irp + 0x1C, information)
        run.invoke("IofCompleteRequest", irp, 0)
    }

    private func makePort(_ run: KernelRun) -> UInt32 {
        let handle = run.scratch(4)
        #expect(run.invoke("NtCreateIoCompletion", handle, 0x1F_0003, 0, 2) == 0)
        return run.read(handle)
    }

    /// Key, context, status and information of the next packet; nil when there is none.
    private func next(_ run: KernelRun, _ port: UInt32) -> [UInt32]? {
        let cells = run.scratch(16)
        let now = run.scratch(8)
        let status = run.invoke("NtRemoveIoCompletion", port, cells, cells + 4, cells + 8, now)
        return status == 0 ? (0..<4).map { run.read(cells + 4 * $0) } : nil
    }

    @Test func portsDeliverInOrder() throws {
        let run = KernelRun.probe()
        let port = makePort(run)
        let cell = run.scratch(4)
        #expect(run.invoke("NtSetIoCompletion", port, 1, 2, 3, 4) == 0)
        #expect(run.invoke("NtSetIoCompletion", port, 5, 6, 0xC000_0001, 8) == 0)
        #expect(run.invoke("NtQueryIoCompletion", port, 0, cell, 4, 0) == 0 && run.read(cell) == 2)
        #expect(run.invoke("NtQueryIoCompletion", port, 0, cell, 8, 0) == 0xC000_0004)
        #expect(run.invoke("NtQueryIoCompletion", port, 1, cell, 4, 0) == 0xC000_0003)
        #expect(next(run, port) == [1, 2, 3, 4])
        #expect(next(run, port) == [5, 6, 0xC000_0001, 8])
        // Time-out zero: none waits.
        let now = run.scratch(8)
        #expect(run.invoke("NtRemoveIoCompletion", port, cell, cell, now, now) == 0x102)
        // A second of waiting.
        run.write(now, 0 &- 10_000_000)
        run.write(now + 4, ~0)
        let before = run.variable("KeTickCount")
        #expect(run.invoke("NtRemoveIoCompletion", port, cell, cell, run.scratch(8), now, limit: 400_000_000) == 0x102)
        #expect((99...102).contains(run.variable("KeTickCount") - before))
        #expect(run.invoke("NtSetIoCompletion", run.variable("ProbeDevice"), 0, 0, 0, 0) == 0xC000_0008)
    }

    /// What nobody has fetched is freed with the port.
    @Test func portGoesWithItsPackets() {
        let run = KernelRun.probe()
        let type = run.variable("IoCompletionType")
        let port = makePort(run)
        #expect(run.read(type + 0x50) == 1)
        for index in 0..<9 { run.invoke("NtSetIoCompletion", port, UInt32(index), 0, 0, 0) }
        #expect(run.poolUse("Icp ").bytes >= 9 * 0x28)
        run.invoke("NtClose", port)
        #expect(run.read(type + 0x50) == 0)
        // Eight are kept by the two lookaside lists.
        #expect(run.poolUse("Icp ").frees == 1)
    }

    @Test func controlCodeIsBuffered() throws {
        let run = KernelRun.probe()
        let handle = try open(run, options: 0x20)
        let input = run.scratch(4)
        let output = run.scratch(8)
        let result = run.scratch(8)
        run.write(input, 21)
        let other = run.variable("IoOtherOperationCount")
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0, result, 0x222000, input, 4, output, 8) == 0)
        #expect([run.read(output), run.read(output + 4), run.read(result + 4)] == [42, 0, 4])
        #expect(run.notes() == [0x222000] && run.read(input) == 21)
        #expect(run.variable("IoOtherOperationCount") == other + 1)
        // The probe takes no file-system requests.
        #expect(run.invoke("NtFsControlFile", handle, 0, 0, 0, result, 0x90000, 0, 0, 0, 0) == 0xC000_0010)
        #expect(run.invoke("NtClose", handle) == 0)
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0, result, 0x222000, input, 4, output, 8) == 0xC000_0008)
    }

    @Test func eventTellsTheEnd() throws {
        let run = KernelRun.probe()
        let handle = try open(run)
        let event = run.scratch(4)
        let object = try #require(run.invoke("IoCreateNotificationEvent", run.unicode(#"\KernelObjects\ProbeEvent"#), event))
        let result = run.scratch(8)
        let buffer = run.scratch(8)
        #expect(run.invoke("NtDeviceIoControlFile", handle, run.read(event), 0, 0, result, 0x222004, buffer, 4, buffer, 8) == 0x103)
        #expect(run.read(object + 4) == 0 && run.notes() == [0x222004])
        completeKept(run, information: 6)
        #expect([run.read(object + 4), run.read(result), run.read(result + 4)] == [1, 0, 6])
        #expect(run.counts(object) == [2, 1])
    }

    @Test func apcTellsTheEnd() throws {
        let run = KernelRun.probe()
        let handle = try open(run)
        let result = run.scratch(8)
        let buffer = run.scratch(8)
        let irps = run.poolUse("Irps").allocations + run.poolUse("Irpl").allocations
        let routine = run.address("ProbeApc")
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, routine, 0x77, result, 0x222004, buffer, 4, buffer, 8) == 0x103)
        #expect(run.notes() == [0x222004])
        completeKept(run, information: 5)
        #expect(run.notes() == [0x77, 5])
        #expect([run.read(result), run.read(result + 4)] == [0, 5])
        // Ten more: packets come back.
        for _ in 0..<10 {
            run.invoke("NtDeviceIoControlFile", handle, 0, routine, 1, result, 0x222004, buffer, 4, buffer, 8)
            completeKept(run, information: 1)
        }
        #expect(run.poolUse("Irps").allocations + run.poolUse("Irpl").allocations <= irps + 1)
    }

    @Test func portTellsTheEnd() throws {
        let run = KernelRun.probe()
        let handle = try open(run)
        let port = makePort(run)
        let result = run.scratch(8)
        let buffer = run.scratch(8)
        let information = run.scratch(8)
        run.write(information, port)
        run.write(information + 4, 0xEE)
        #expect(run.invoke("NtSetInformationFile", handle, result, information, 8, 30) == 0)
        #expect(run.invoke("NtSetInformationFile", handle, result, information, 8, 30) == 0xC000_000D)
        let synchronous = try open(run, options: 0x20)
        #expect(run.invoke("NtSetInformationFile", synchronous, result, information, 8, 30) == 0xC000_000D)
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0x55, result, 0x222004, buffer, 4, buffer, 8) == 0x103)
        #expect(next(run, port) == nil)
        completeKept(run, information: 7)
        #expect(next(run, port) == [0xEE, 0x55, 0, 7])
        // Without a context nothing is queued; with an APC routine the request is refused.
        run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0, result, 0x222004, buffer, 4, buffer, 8)
        completeKept(run, information: 1)
        #expect(next(run, port) == nil)
        let routine = run.address("ProbeApc")
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, routine, 0, result, 0x222004, buffer, 4, buffer, 8) == 0xC000_000D)
        run.invoke("NtClose", handle)
        #expect(run.poolUse("IoCc").bytes == 0)
    }

    @Test func requestsAreCalledOff() throws {
        let run = KernelRun.probe()
        let handle = try open(run)
        let other = try open(run)
        let result = run.scratch(8)
        let buffer = run.scratch(8)
        let thread = run.read(0xFFDF_F124)
        #expect(run.invoke("NtDeviceIoControlFile", handle, 0, 0, 0, result, 0x222004, buffer, 4, buffer, 8) == 0x103)
        #expect(run.list(thread + 0x208) == [run.variable("ProbeIrp") + 0x10])
        // Another file of the same device has nothing under way.
        #expect(run.invoke("NtCancelIoFile", other, run.scratch(8)) == 0)
        #expect(run.notes() == [0x222004])
        #expect(run.invoke("NtCancelIoFile", handle, run.scratch(8), limit: 100_000_000) == 0)
        #expect(run.notes() == [0xCA] && run.list(thread + 0x208).isEmpty)
        #expect(run.read(result) == 0xC000_0120)
    }

    @Test func volumesAndCounters() throws {
        let run = KernelRun.probe()
        let handle = run.scratch(4)
        let result = run.scratch(8)
        let buffer = run.scratch(16)
        let name = run.attributes(#"\SystemRoot\probe.txt"#)
        // Create, overwrite-if, synchronous.
        #expect(run.invoke("NtCreateFile", handle, 0x10_0003, name, result, 0, 0x80, 0, 5, 0x60, 0, 0) == 0)
        let writes = run.variable("IoWriteOperationCount")
        let bytes = run.variable("IoWriteTransferCount")
        run.write(buffer, 0x6F6C_6C65)
        #expect(run.invoke("NtWriteFile", run.read(handle), 0, 0, 0, result, buffer, 4, 0, 0) == 0)
        #expect(run.variable("IoWriteOperationCount") == writes + 1 && run.variable("IoWriteTransferCount") == bytes + 4)
        // A disk (7), mounted.
        #expect(run.invoke("NtQueryVolumeInformationFile", run.read(handle), result, buffer, 8, 4) == 0)
        #expect([run.read(buffer), run.read(buffer + 4) & 0x20, run.read(result + 4)] == [7, 0x20, 8])
        #expect(run.invoke("NtQueryVolumeInformationFile", run.read(handle), result, buffer, 4, 4) == 0xC000_0004)
        let reader = run.scratch(4)
        // Who made the file does not share it.
        #expect(run.invoke("NtOpenFile", reader, 0x10_0001, name, result, 3, 0x20) == 0xC000_0043)
        run.invoke("NtClose", run.read(handle))
        #expect(run.invoke("NtOpenFile", reader, 0x10_0001, name, result, 3, 0x20) == 0)
        #expect(run.invoke("NtFlushBuffersFile", run.read(reader), result) == 0xC000_0022)
    }
}
