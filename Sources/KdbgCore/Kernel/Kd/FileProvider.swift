// SPDX-License-Identifier: GPL-3.0-or-later

extension KdProvider {
    /// Debug output in a file: `DEBUGPORT=FILE` or `DEBUGPORT=FILE:path`.
    package static let file: KdProvider = KdProvider(
        name: "File", modeBit: 4, portWord: "FILE", readPort: Kd.readLogFileName, initialize: Kd.debugLogInit)
}

/// The File provider: a ring that prints fill, and a thread that writes it to a file once there are files (spec/kdbg.md section 7.5, spec/boot.md
/// section 2.6). The ring is in `LogRing.swift`, the thread in `LogThread.swift`.
extension Kd {
    /// Path of the file; with `FILE:path` it points into the option buffer.
    package static let logFileName: GlobalStructure<STRING> = .init("KdpLogFileName") {
        let path = #"\SystemRoot\debug.log"#
        return [.word(UInt16(path.utf8.count)), .word(UInt16(path.utf8.count + 1)), .address(defaultLogFileName)]
    }
    private static let defaultLogFileName: Global = .init("KdpDefaultLogFileName", size: 24, section: .constants) {
        [.bytes(Array(#"\SystemRoot\debug.log"#.utf8) + [0])]
    }
    /// Handle of the open file; 0 before.
    package static let logFileHandle: Global = .init("KdpLogFileHandle")

    /// `KdpReadLogFileName(Text*) -> TRUE`: what follows `FILE`: nothing, or a colon and a path up to a blank.
    static let readLogFileName: Routine = .init("KdpReadLogFileName", ["Text"]) { f in
        f.if(f.argument(0).byte() == 0x3A) {
            let start = f.local(f.argument(0) + 1)
            let end = f.local(start)
            f.while(end.byte() != 0 && end.byte() != 0x20) { f.add(end, 1) }
            f.if(end != start) {
                f.set(logFileName.Buffer, start)
                f.set(logFileName.Length, end - start)
                f.set(logFileName.MaximumLength, end - start)
            }
        }
        f.return(1)
    }

    /// `KdpDebugLogInit(DispatchTable*, BootPhase) -> status`.
    package static let debugLogInit: Routine = debugLogInit(givesUp: true)

    /// - Parameter givesUp: everything is given back when the path is not there in the last phase either.
    static func debugLogInit(givesUp: Bool) -> Routine {
        Routine(
            "KdpDebugLogInit", ["DispatchTable", "BootPhase"],
            step: .init(
                "2.4 #3", "File provider",
                """
                Phase 1: a ring of 512 KiB from nonpaged pool; what is printed from now on waits in it. Phase 2 and later: the log file is opened. In phases \
                2 and 3 the path cannot be found, because \\SystemRoot leads through an ARC name that does not exist yet, so it asks again. Once the \
                file is open a thread writes the ring to it. Any other failure gives everything back.
                """)
        ) { f in
            let table = f.argument(0, KD_DISPATCH_TABLE.self)
            let phase = f.argument(1)
            f.if((debugMode.dword & Value(KdProvider.file.modeBit)) == 0) { f.return(Status.portDisconnected) }
            f.if(phase == 0) {
                f.call(registerProvider, table, debugLogPrint, debugLogInit)
                f.return(Status.success)
            }
            f.if(phase == 1) { f.return(f.call(allocateLogRing, table)) }
            f.if(logFileHandle.dword != 0) { f.return(Status.success) }

            let status = f.call(openLogFile)
            let isNotThere = status == Status.objectNameNotFound || status == Status.objectPathNotFound
            f.if(givesUp ? isNotThere && phase < lastBootPhase : isNotThere) {
                f.set(table.KdpInitRoutine, debugLogInit)
                f.return(status)
            }
            f.if(status.isSuccess) { f.set(status, f.call(startLogger)) }
            f.if(status.isError) { f.call(releaseLog, table) }
            f.return(status)
        }
    }

    /// `KdpAllocateLogRing(DispatchTable*) -> status`: phase 1.
    static let allocateLogRing: Routine = .init("KdpAllocateLogRing", ["DispatchTable"]) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 0, logRingSize, Value.tag("KDBG"))
        f.if(buffer == 0) {
            f.call(unregisterProvider, f.argument(0), Value(KdProvider.file.modeBit))
            f.return(Status.noMemory)
        }
        f.zero(buffer, logRingSize)
        f.set(logSpinLock.dword, 0)
        f.set(currentPosition.dword, 0)
        f.set(debugBuffer.dword, buffer)
        f.set(freeBytes.dword, logRingSize)
        f.set(f.argument(0, KD_DISPATCH_TABLE.self).KdpInitRoutine, debugLogInit)
        f.call(Hal.displayString, f.text("\r\n   File log debugging enabled\r\n\r\n"))
        f.return(Status.success)
    }

    /// `KdpOpenLogFile() -> status`: opens or makes the file and goes to its end. The seek is explicit because appending alone was not enough
    /// on every file system (CORE-18789).
    static let openLogFile: Routine = .init("KdpOpenLogFile") { f in
        let path = f.structure(UNICODE_STRING.self)
        let converted = f.call(Rtl.ansiStringToUnicodeString, path, logFileName, 1)
        f.if(converted.isError) { f.return(converted) }
        let attributes = f.structure(OBJECT_ATTRIBUTES.self)
        let result = f.structure(IO_STATUS_BLOCK.self)
        initializeAttributes(f, attributes, path)
        // FILE_APPEND_DATA | SYNCHRONIZE; FILE_ATTRIBUTE_NORMAL; share read; FILE_OPEN_IF; NON_DIRECTORY_FILE | SYNCHRONOUS_IO_NONALERT |
        // SEQUENTIAL_ONLY | WRITE_THROUGH.
        let status = f.call(
            Io.ntCreateFile, logFileHandle, 0x0010_0004, attributes, result, 0, 0x80, 1, 3, 0x0000_0066, 0, 0)
        f.call(Rtl.freeUnicodeString, path)
        f.if(status.isError) {
            f.set(logFileHandle.dword, 0)
            f.print("(ntoskrnl/kd/kdio.c:276) Failed to open log file: 0x%08lx\n", status)
            f.return(status)
        }
        // FILE_STANDARD_INFORMATION, class 5; EndOfFile is at 8. FILE_POSITION_INFORMATION, class 14.
        let information = f.buffer(0x18)
        let queried = f.call(Io.ntQueryInformationFile, logFileHandle.dword, result, information, 0x18, 5)
        f.if(queried.isSuccess) { f.call(Io.ntSetInformationFile, logFileHandle.dword, result, information + 8, 8, 14) }
        f.return(Status.success)
    }

    /// `KdpReleaseLog(DispatchTable*)`: what a failure after phase 1 leaves behind: no node, no mode bit, no ring. The node goes first, and the
    /// ring is empty and full at once before it is given back, so that no print touches freed memory.
    static let releaseLog: Routine = .init("KdpReleaseLog", ["DispatchTable"]) { f in
        f.call(unregisterProvider, f.argument(0), Value(KdProvider.file.modeBit))
        let old = f.call(acquireLock, logSpinLock)
        let buffer = f.local(debugBuffer.dword)
        f.set(freeBytes.dword, 0)
        f.set(debugBuffer.dword, 0)
        f.call(releaseLock, logSpinLock, old)
        f.if(buffer != 0) { f.call(Ex.freePoolWithTag, buffer, Value.tag("KDBG")) }
        f.return()
    }

    /// OBJECT_ATTRIBUTES of a path that the kernel opens for itself: OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE.
    static func initializeAttributes(_ f: Function, _ attributes: Pointer<OBJECT_ATTRIBUTES>, _ path: some Operand) {
        f.zero(attributes, OBJECT_ATTRIBUTES.size)
        f.set(attributes.Length, OBJECT_ATTRIBUTES.size)
        f.set(attributes.value.dword(Int32(offset(of: \OBJECT_ATTRIBUTES.ObjectName))), path)
        f.set(attributes.Attributes, 0x240)
    }
}
