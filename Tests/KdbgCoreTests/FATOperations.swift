// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KdbgCore

/// A driver that does to files what a list says, which the test writes into guest memory before the driver gets there.
enum FATOperations {
    static let module = Module("fatops.sys")
    /// Records of 512 bytes: what to do, its numbers, two names as UNICODE_STRING, the answer.
    static let records: Global = .init("FatOpsRecords", size: 512 * 256, module: module)
    static let count: Global = .init("FatOpsCount", module: module)

    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module) { f in
        f.call(Io.registerDriverReinitialization, f.argument(0), run, 0)
        f.return(Status.success)
    }

    /// Operations, with offset, length and seed where they have a meaning.
    enum Kind: UInt32, CaseIterable {
        case write = 1
        case append = 2
        case delete = 3
        case resize = 4
        case makeFolder = 5
        case rename = 6
        case read = 7
        case list = 8
    }

    static let run: Routine = .init("FatOpsRun", ["DriverObject", "Context", "Count"], module: module) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 1, 0x1_0000, Value.tag("Test"))
        let record = f.local(records.value)
        let left = f.local(count.dword)
        f.while(left != 0) {
            f.set(record.dword(0x20), f.call(perform, record, buffer))
            f.add(record, 512)
            f.set(left, left - 1)
        }
        f.call(done)
        f.return()
    }

    /// Where the test finds everything done.
    static let done: Routine = .init("FatOpsDone", [], module: module) { f in f.return() }

    /// `FatOpsPerform(Record*, Buffer) -> status`.
    private static let perform: Routine = .init("FatOpsPerform", ["Record", "Buffer"], module: module) { f in
        let record = f.argument(0)
        let buffer = f.argument(1)
        let kind = record.dword()
        let handle = f.local(0)
        let result = f.structure(IO_STATUS_BLOCK.self)
        let offset = f.structure(LARGE_INTEGER.self)
        let options = f.local(0x62)
        let disposition = f.local(1)
        let access = f.local(0x11_0107)
        f.if(kind == 1 || kind == 2) { f.set(disposition, 3) }
        // Plain writes are without write-through.
        f.if(kind == 1) { f.set(options, 0x60) }
        f.if(kind == 2) { f.set(access, 0x10_0004) }
        f.if(kind == 3 || kind == 6 || kind == 8) { f.set(options, 0x20) }
        f.if(kind == 5) {
            f.set(disposition, 2)
            f.set(options, 0x21)
        }
        let attributes = f.objectAttributes(record + 0x10, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let status = f.local(
            f.call(Io.ntCreateFile, f.address(of: handle), access, attributes, result, 0, 0x80, 7, disposition, options, 0, 0))
        f.if(status.isError) { f.return(status) }
        f.set(offset.LowPart, record.dword(4))
        f.set(offset.HighPart, 0)
        f.if(kind == 1 || kind == 2) {
            let index = f.local(0)
            f.while(index < record.dword(8)) {
                f.set((buffer + index).byte(), index * 7 + record.dword(12))
                f.add(index, 1)
            }
            f.set(status, f.call(Io.ntWriteFile, handle, 0, 0, 0, result, buffer, record.dword(8), offset, 0))
        }
        f.if(kind == 3) {
            f.set(buffer.byte(), 1)
            f.set(status, f.call(Io.ntSetInformationFile, handle, result, buffer, 1, 13))
        }
        f.if(kind == 4) { f.set(status, f.call(Io.ntSetInformationFile, handle, result, offset, 8, 20)) }
        f.if(kind == 6) {
            f.set(buffer.dword(), 0)
            f.set(buffer.dword(4), 0)
            f.set(buffer.dword(8), record.word(0x18))
            f.copy(to: buffer + 12, from: record.dword(0x1C), record.word(0x18))
            f.set(status, f.call(Io.ntSetInformationFile, handle, result, buffer, record.word(0x18) + 12, 10))
        }
        f.if(kind == 7) {
            f.set(status, f.call(Io.ntReadFile, handle, 0, 0, 0, result, buffer, record.dword(8), offset, 0))
            let sum = f.local(0)
            let index = f.local(0)
            f.while(index < result.Information && status.isSuccess) {
                f.set(sum, sum * 3 + (buffer + index).byte())
                f.add(index, 1)
            }
            f.set(record.dword(0x24), sum)
        }
        f.call(Ob.ntClose, handle)
        f.return(status)
    }
}
