// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// What system services allow user mode: handles are good for what they were opened for, kernel handles and kernel addresses for nothing, whatever the service.
struct ServiceRightsTests {
    private static let accessViolation: UInt32 = 0xC000_0005
    private static let invalidHandle: UInt32 = 0xC000_0008
    private static let accessDenied: UInt32 = 0xC000_0022
    private static let typeMismatch: UInt32 = 0xC000_0024

    private let user = UserCaller()
    private var run: KernelRun { user.run }

    /// Those that do not come back, and those that have nothing to refuse.
    private static let others: Set = [
        "NtTerminateThread", "NtTerminateProcess", "NtContinue", "NtRaiseException", "NtYieldExecution", "NtTestAlert",
    ]

    /// Every service with the same value for all arguments: addresses and handles of the kernel's, nothing, and what is nowhere.
    @Test func noServiceTouchesTheKernel() {
        let canary = run.scratch(0x1000)
        _ = run.machine.writeBytes(linear: canary, [UInt8](repeating: 0x5A, count: 0x1000))
        let nowhere = user.memory + 0x10_0000
        for (name, routine) in Ke.services.sorted(by: { $0.key < $1.key }) where !Self.others.contains(name) {
            for value in [canary + 0x800, 0x8000_0004, 0, 4, 0x7777, nowhere, 0x7FFE_FFFC, 0x7FFF_FFFF, ~0] as [UInt32] {
                let status = user.call(name, [UInt32](repeating: value, count: routine.parameters.count))
                guard let status else {
                    Issue.record("\(name) \(String(value, radix: 16)) does not come back")
                    return
                }
                if value == canary + 0x800 || value == nowhere || value == 0x7777 {
                    #expect(status >= 0xC000_0000, "\(name) \(String(value, radix: 16)): \(String(status, radix: 16))")
                }
            }
            #expect(run.machine.readBytes(linear: canary, count: 0x1000)?.allSatisfy { $0 == 0x5A } == true, "\(name)")
        }
    }

    /// Every argument in its turn is an address of the kernel's, the others are memory of user mode.
    @Test func noArgumentTouchesTheKernel() {
        let canary = run.scratch(0x1000)
        _ = run.machine.writeBytes(linear: canary, [UInt8](repeating: 0x5A, count: 0x1000))
        let memory = user.space(0x1000)
        let file = user.handle("NtOpenFile", 0x10_0003, user.attributes(#"\SystemRoot\System32\smss.exe"#), user.space(8), 7, 0x20)
        let key = user.handle("NtOpenKey", 0xF_003F, user.attributes(#"\Registry\Machine\SYSTEM"#))
        #expect(file.status == 0 && key.status == 0)
        for (name, routine) in Ke.services.sorted(by: { $0.key < $1.key }) where !Self.others.contains(name) {
            for first in [memory, file.handle, key.handle] {
                for index in routine.parameters.indices where index > 0 || first == memory {
                    // Closing the handles would leave the others without them.
                    guard name != "NtClose" else { continue }
                    var arguments = [UInt32](repeating: memory, count: routine.parameters.count)
                    arguments[0] = first
                    arguments[index] = canary + 0x800
                    if user.call(name, arguments) == nil {
                        Issue.record("\(name), argument \(index), does not come back")
                        return
                    }
                }
            }
            #expect(run.machine.readBytes(linear: canary, count: 0x1000)?.allSatisfy { $0 == 0x5A } == true, "\(name)")
        }
    }

    @Test func handlesOfTheKernelAreItsOwn() {
        let cell = run.scratch(4)
        #expect(run.invoke("NtCreateEvent", cell, 0x1F_0003, run.attributes(#"\BaseEvent"#), 0, 0) == 0)
        let handle = run.read(cell)
        #expect(handle >> 31 == 1)
        for name in ["NtSetEvent", "NtResetEvent"] {
            #expect(user.call(name, handle, 0) == Self.invalidHandle && run.invoke(name, handle, 0) == 0)
        }
        #expect(user.call("NtClose", handle) == Self.invalidHandle)
        #expect(user.call("NtMakeTemporaryObject", handle) == Self.invalidHandle)
        #expect(user.call("NtReadFile", handle, 0, 0, 0, user.space(8), user.space(4), 4, 0, 0) == Self.invalidHandle)
        // And user mode does not get one by asking for it.
        for (name, arguments) in [
            ("NtCreateEvent", [0x1F_0003, user.attributes(nil, 0x200), 0, 0]),
            ("NtOpenDirectoryObject", [1, user.attributes(#"\Device"#, 0x240)]),
            ("NtOpenKey", [1, user.attributes(#"\Registry\Machine"#, 0x240)]),
        ] as [(String, [UInt32])] {
            let cell = user.space(4)
            #expect(user.call(name, [cell] + arguments) == 0, "\(name)")
            #expect(run.read(cell) != 0 && run.read(cell) >> 31 == 0, "\(name)")
        }
        let mine = user.handle("NtCreateEvent", 0x1F_0003, 0, 0, 0).handle
        let copy = user.space(4)
        #expect(user.call("NtDuplicateObject", ~0, mine, ~0, copy, 0, 0x200, 2) == 0 && run.read(copy) >> 31 == 0)
    }

    @Test func eventsAndPorts() {
        let event = user.handle("NtCreateEvent", 0x1F_0003, 0, 0, 0)
        #expect(event.status == 0)
        let weak = user.duplicate(event.handle, access: 0x10_0000)
        for name in ["NtSetEvent", "NtResetEvent"] {
            #expect(user.call(name, weak, 0) == Self.accessDenied && user.call(name, event.handle, user.space(4)) == 0)
            #expect(user.call(name, event.handle, run.scratch(4)) == Self.accessViolation)
        }
        let blind = user.duplicate(event.handle, access: 2)
        #expect(user.call("NtWaitForSingleObject", blind, 0, user.space(8)) == Self.accessDenied)
        let port = user.handle("NtCreateIoCompletion", 0x1F_0003, 0, 0)
        #expect(port.status == 0)
        #expect(user.call("NtSetIoCompletion", event.handle, 1, 2, 3, 4) == Self.typeMismatch)
        let reader = user.duplicate(port.handle, access: 1)
        #expect(user.call("NtSetIoCompletion", reader, 1, 2, 3, 4) == Self.accessDenied)
        #expect(user.call("NtSetIoCompletion", port.handle, 1, 2, 3, 4) == 0)
        let depth = user.space(4)
        #expect(user.call("NtQueryIoCompletion", reader, 0, depth, 4, 0) == 0 && run.read(depth) == 1)
        let (key, context, result) = (user.space(4), user.space(4), user.space(8))
        #expect(user.call("NtRemoveIoCompletion", reader, key, context, result, 0) == Self.accessDenied)
        #expect(user.call("NtRemoveIoCompletion", port.handle, run.scratch(4), context, result, 0) == Self.accessViolation)
        #expect(user.call("NtRemoveIoCompletion", port.handle, key, context, result, 0) == 0)
        #expect([key, context, result, result + 4].map(run.read) == [1, 2, 3, 4])
    }

    @Test func namesAndLinks() {
        let directory = user.handle("NtCreateDirectoryObject", 0xF_000F, user.attributes(#"\Mine"#))
        #expect(directory.status == 0)
        let relative = user.attributes("link")
        run.write(relative + 4, directory.handle)
        let link = user.handle("NtCreateSymbolicLinkObject", 0xF_0001, relative, user.unicode(#"\Device"#))
        #expect(link.status == 0 && run.target(#"\Mine\link"#) == #"\Device"#)
        // A root directory of the kernel's is none for user mode.
        let cell = run.scratch(4)
        run.invoke("NtOpenDirectoryObject", cell, 3, run.attributes(#"\Mine"#))
        run.write(relative + 4, run.read(cell))
        #expect(user.handle("NtOpenSymbolicLinkObject", 1, relative).status == Self.invalidHandle)
        #expect(user.handle("NtCreateSymbolicLinkObject", 1, relative, user.unicode("x")).status == Self.invalidHandle)
        let text = user.space(8)
        run.write(text, 0x20_0000)
        run.write(text + 4, user.space(0x20))
        let deleter = user.duplicate(link.handle, access: 0x1_0000)
        #expect(user.call("NtQuerySymbolicLinkObject", deleter, text, 0) == Self.accessDenied)
        #expect(user.call("NtQuerySymbolicLinkObject", link.handle, text, user.space(4)) == 0 && run.string(text) == #"\Device"#)
        run.write(text + 4, run.scratch(0x20))
        #expect(user.call("NtQuerySymbolicLinkObject", link.handle, text, 0) == Self.accessViolation)
        let reader = user.duplicate(link.handle, access: 1)
        #expect(user.call("NtMakeTemporaryObject", reader) == Self.accessDenied)
        #expect(user.call("NtMakeTemporaryObject", deleter) == 0)
        // Attributes or a name that lie in the kernel.
        #expect(user.handle("NtOpenDirectoryObject", 1, run.attributes(#"\Device"#)).status == Self.accessViolation)
        let mixed = user.attributes(nil)
        run.write(mixed + 8, run.unicode(#"\Device"#))
        #expect(user.handle("NtOpenDirectoryObject", 1, mixed).status == Self.accessViolation)
        #expect(user.handle("NtCreateEvent", 1, mixed, 0, 0).status == Self.accessViolation)
        let half = user.space(8)
        run.write(half, 0xE_000E)
        run.write(half + 4, 0x8000_0000 - 4)
        run.write(mixed + 8, half)
        #expect(user.handle("NtOpenDirectoryObject", 1, mixed).status == Self.accessViolation)
    }

    @Test func keys() {
        let key = user.handle("NtCreateKey", 0xF_003F, user.attributes(#"\Registry\Machine\SYSTEM\Mine"#), 0, 0, 0, user.space(4))
        #expect(key.status == 0)
        let name = user.unicode("Number")
        let data = user.space(8)
        run.write(data, 0x1234_5678)
        let used = run.poolUse("KeCp").bytes
        #expect(user.call("NtSetValueKey", user.duplicate(key.handle, access: 9), name, 0, 4, data, 4) == Self.accessDenied)
        #expect(user.call("NtSetValueKey", key.handle, name, 0, 4, data, 4) == 0)
        #expect(user.call("NtSetValueKey", key.handle, run.unicode("Number"), 0, 4, data, 4) == Self.accessViolation)
        #expect(user.call("NtSetValueKey", key.handle, name, 0, 4, run.scratch(8), 4) == Self.accessViolation)
        let (result, length) = (user.space(64), user.space(4))
        let writer = user.duplicate(key.handle, access: 2)
        #expect(user.call("NtQueryValueKey", writer, name, 2, result, 64, length) == Self.accessDenied)
        #expect(user.call("NtQueryValueKey", key.handle, name, 2, result, 64, length) == 0 && run.read(result + 12) == 0x1234_5678)
        #expect(user.call("NtQueryValueKey", key.handle, name, 2, run.scratch(64), 64, length) == Self.accessViolation)
        #expect(user.call("NtQueryValueKey", key.handle, name, 2, result, 64, run.scratch(4)) == Self.accessViolation)
        #expect(user.call("NtEnumerateValueKey", writer, 0, 2, result, 64, length) == Self.accessDenied)
        #expect(user.call("NtEnumerateValueKey", key.handle, 0, 2, result, 64, length) == 0)
        #expect(user.call("NtEnumerateKey", user.duplicate(key.handle, access: 1), 0, 0, result, 64, length) == Self.accessDenied)
        #expect(user.call("NtEnumerateKey", key.handle, 0, 0, result, 64, length) == 0x8000_001A)
        #expect(user.call("NtQueryKey", writer, 2, result, 64, length) == Self.accessDenied)
        #expect(user.call("NtQueryKey", key.handle, 2, result, 64, length) == 0 && run.read(result + 0x20) == 1)
        #expect(user.call("NtDeleteKey", writer) == Self.accessDenied)
        // What was copied for the services is gone.
        #expect(run.poolUse("KeCp").bytes == used)
        #expect(user.call("NtDeleteKey", key.handle) == 0)
    }

    private func open(_ name: String, _ access: UInt32, options: UInt32 = 0x20, disposition: UInt32 = 1) -> UInt32 {
        let (handle, status) = user.handle(
            "NtCreateFile", access, user.attributes(#"\SystemRoot\"# + name), user.space(8), 0, 0x80, 7, disposition, options, 0, 0)
        #expect(status == 0, "\(name): \(String(status, radix: 16))")
        return handle
    }

    @Test func files() {
        let file = open("mine", 0x13_0183, disposition: 2)
        let (result, buffer) = (user.space(8), user.space(64))
        let reader = user.duplicate(file, access: 0x10_0001)
        let writer = user.duplicate(file, access: 0x10_0002)
        run.write(buffer, 0x4443_4241)
        #expect(user.call("NtWriteFile", reader, 0, 0, 0, result, buffer, 4, 0, 0) == Self.accessDenied)
        #expect(user.call("NtWriteFile", writer, 0, 0, 0, result, buffer, 4, 0, 0) == 0 && run.read(result + 4) == 4)
        #expect(user.call("NtWriteFile", writer, 0, 0, 0, result, run.scratch(4), 4, 0, 0) == Self.accessViolation)
        let start = user.space(8)
        #expect(user.call("NtReadFile", writer, 0, 0, 0, result, buffer + 8, 4, start, 0) == Self.accessDenied)
        #expect(user.call("NtReadFile", reader, 0, 0, 0, result, buffer + 8, 4, start, 0) == 0 && run.read(buffer + 8) == 0x4443_4241)
        let kernel = run.scratch(16)
        #expect(user.call("NtReadFile", reader, 0, 0, 0, result, kernel, 4, start, 0) == Self.accessViolation)
        #expect(user.call("NtReadFile", reader, 0, 0, 0, kernel, buffer, 4, start, 0) == Self.accessViolation)
        #expect(user.call("NtReadFile", reader, 0, 0, 0, result, buffer, 4, kernel, 0) == Self.accessViolation)
        #expect((0..<4).map { run.read(kernel + 4 * $0) } == [0, 0, 0, 0])
        #expect(
            user.call("NtFlushBuffersFile", reader, result) == Self.accessDenied && user.call("NtFlushBuffersFile", writer, result) == 0)
        let event = user.handle("NtCreateEvent", 0x1F_0003, 0, 0, 0).handle
        let waiter = user.duplicate(event, access: 0x10_0000)
        #expect(user.call("NtReadFile", reader, waiter, 0, 0, result, buffer, 4, start, 0) == Self.accessDenied)
        #expect(user.call("NtReadFile", event, 0, 0, 0, result, buffer, 4, start, 0) == Self.typeMismatch)
        #expect(user.call("NtReadFile", reader, event, 0, 0, result, buffer, 4, start, 0) == 0)
        // Information: times and attributes, another size, deletion.
        for (kind, length) in [(4, 0x28), (20, 8), (13, 1)] as [(UInt32, UInt32)] {
            #expect(user.call("NtSetInformationFile", reader, result, buffer + 16, length, kind) == Self.accessDenied, "\(kind)")
            #expect(user.call("NtSetInformationFile", file, result, kernel, length, kind) == Self.accessViolation, "\(kind)")
        }
        #expect(user.call("NtQueryInformationFile", reader, result, buffer, 0x28, 4) == Self.accessDenied)
        #expect(user.call("NtQueryInformationFile", file, result, buffer, 0x28, 4) == 0)
        #expect(user.call("NtQueryInformationFile", reader, result, buffer, 0x18, 5) == 0 && run.read(buffer + 8) == 4)
        #expect(user.call("NtQueryInformationFile", reader, result, kernel, 8, 14) == Self.accessViolation)
        #expect(user.call("NtSetInformationFile", writer, result, start, 8, 20) == 0)
        #expect(user.call("NtQueryVolumeInformationFile", reader, result, buffer, 64, 3) == 0)
        #expect(user.call("NtQueryVolumeInformationFile", reader, result, kernel, 8, 4) == Self.accessViolation)
        #expect(user.call("NtSetVolumeInformationFile", reader, result, buffer, 8, 2) == Self.accessDenied)
        // A cell for the handle, or the status, in the kernel.
        let name = user.attributes(#"\SystemRoot\mine"#)
        #expect(user.call("NtOpenFile", kernel, 0x10_0001, name, result, 7, 0x20) == Self.accessViolation)
        #expect(user.handle("NtOpenFile", 0x10_0001, name, kernel, 7, 0x20).status == Self.accessViolation)
        #expect((0..<4).map { run.read(kernel + 4 * $0) } == [0, 0, 0, 0])
    }

    @Test func folders() {
        let folder = open("System32", 0x10_0081, options: 0x21)
        let (result, buffer) = (user.space(8), user.space(0x400))
        func list(_ handle: UInt32, into target: UInt32, pattern: UInt32 = 0) -> UInt32? {
            user.call("NtQueryDirectoryFile", handle, 0, 0, 0, result, target, 0x400, 12, 0, pattern, 1)
        }
        #expect(list(user.duplicate(folder, access: 0x10_0080), into: buffer) == Self.accessDenied)
        #expect(list(folder, into: run.scratch(0x400)) == Self.accessViolation)
        #expect(list(folder, into: buffer, pattern: run.unicode("*")) == Self.accessViolation)
        #expect(list(folder, into: buffer, pattern: user.unicode("smss*")) == 0 && run.read(buffer + 8) == 16)
        #expect(Ke.services["NtQueryDirectoryFile"] != nil)
    }

    @Test func controlCodes() {
        let device = user.handle("NtOpenFile", 0x10_0001, user.attributes(#"\Device\Probe"#), user.space(8), 7, 0x20)
        #expect(device.status == 0)
        let (result, number) = (user.space(8), user.space(4))
        run.write(number, 21)
        func control(_ code: UInt32, input: UInt32, output: UInt32, result: UInt32) -> UInt32? {
            user.call("NtDeviceIoControlFile", device.handle, 0, 0, 0, result, code, input, 4, output, 4)
        }
        // Bits 14 and 15: reading is what the handle is for, writing is not.
        #expect(control(0x22_2000 | 0x4000, input: number, output: number, result: result) == 0 && run.read(number) == 42)
        #expect(control(0x22_2000 | 0x8000, input: number, output: number, result: result) == Self.accessDenied)
        let kernel = run.scratch(8)
        #expect(control(0x22_2000, input: kernel, output: number, result: result) == Self.accessViolation)
        #expect(control(0x22_2000, input: number, output: kernel, result: result) == Self.accessViolation)
        #expect(control(0x22_2000, input: number, output: number, result: kernel) == Self.accessViolation)
        #expect(control(0x22_2002, input: number, output: kernel, result: result) == Self.accessViolation)
        #expect(run.read(kernel) == 0 && run.read(number) == 42)
    }

    /// A driver's routine in the thread of a program: the services that it calls trust it, as Zw… does.
    @Test func driversInThreadsOfPrograms() {
        let path = user.attributes(#"\Device\Probe"#)
        let name = run.unicode(#"\??\ProbeLink"#)
        // IoCreateSymbolicLink has its attributes on the kernel's stack.
        #expect(user.call("IoCreateSymbolicLink", name, run.unicode(#"\Device\Probe"#)) == 0)
        #expect(user.call("IoDeleteSymbolicLink", name) == 0)
        let (file, device) = (run.scratch(4), run.scratch(4))
        #expect(user.call("IoGetDeviceObjectPointer", run.unicode(#"\Device\Probe"#), 0x80, file, device) == 0 && run.read(device) != 0)
        #expect(user.handle("NtOpenFile", 0x10_0001, path, user.space(8), 7, 0x20).status == 0)
        let key = run.scratch(4)
        #expect(user.call("ZwOpenKey", key, 0x2_0019, run.attributes(#"\Registry\Machine\SYSTEM"#)) == 0 && run.read(key) >> 31 == 1)
        #expect(user.call("ZwClose", run.read(key)) == 0)
    }
}
