// SPDX-License-Identifier: GPL-3.0-or-later

/// The thread that writes the ring to the log file (spec/boot.md section 2.6).
extension Kd {
    /// `KdpStartLogger() -> status`: the event, signalled at first so that what waits in the ring is written at once, and the thread. Without
    /// a thread the file is closed again.
    static let startLogger: Routine = startLogger(priority: 31)

    /// - Parameter priority: of the logger; 31 is the highest there is.
    static func startLogger(priority: UInt32) -> Routine {
        Routine("KdpStartLogger") { f in
            f.call(Ke.initializeEvent, loggerThreadEvent, 1, 1)
            let handle = f.local(0)
            let status = f.call(Ps.createSystemThread, f.address(of: handle), 0x001F_03FF, 0, 0, 0, loggerThread, 0)
            f.if(status.isError) {
                f.print("Failed to create log file thread: 0x%08lx\n", status)
                f.call(Ob.ntClose, logFileHandle.dword)
                f.set(logFileHandle.dword, 0)
                f.return(status)
            }
            let thread = f.local(0)
            let referenced = f.call(Ob.referenceObjectByHandle, handle, 0x001F_03FF, 0, 0, f.address(of: thread), 0)
            f.if(referenced.isSuccess) {
                f.call(Ke.setPriorityThread, thread, priority)
                f.call(Ob.dereferenceObject, thread)
            }
            f.call(Ob.ntClose, handle)
            f.return(Status.success)
        }
    }

    /// `KdpLoggerThread(Context)`: never returns.
    package static let loggerThread: Routine = .init("KdpLoggerThread", ["Context"]) { f in
        f.set(loggingEnabled.byte, 1)
        f.loop {
            f.call(Ke.waitForSingleObject, loggerThreadEvent, 0, 0, 0, 0)
            // Position and free count belong together, so they are read under the lock.
            let old = f.call(acquireLock, logSpinLock)
            let end = f.local(currentPosition.dword)
            let free = f.local(freeBytes.dword)
            f.call(releaseLock, logSpinLock, old)

            let begin = f.local((end + free) % Value(logRingSize))
            let count = f.local(Value(logRingSize) - free)
            f.if(count != 0) {
                f.if(end > begin) {
                    f.call(writeLog, begin, count)
                } else: {
                    f.call(writeLog, begin, Value(logRingSize) - begin)
                    f.call(writeLog, 0, end)
                }
                f.exchangeAdd(freeBytes.dword, count)
            }
        }
        f.return()
    }

    /// `KdpWriteLog(Begin, Count)`: a piece of the ring to the file. Nobody could be told of an error.
    static let writeLog: Routine = .init("KdpWriteLog", ["Begin", "Count"]) { f in
        f.if(f.argument(1) == 0) { f.return() }
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.call(
            Io.ntWriteFile, logFileHandle.dword, 0, 0, 0, result, debugBuffer.dword + f.argument(0), f.argument(1), 0, 0)
        f.return()
    }
}
