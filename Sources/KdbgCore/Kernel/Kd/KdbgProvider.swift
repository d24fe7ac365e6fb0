// SPDX-License-Identifier: GPL-3.0-or-later

extension KdProvider {
    /// The debugger itself, which keeps what is printed for `dmesg`. Always there.
    package static let kdbg: KdProvider = KdProvider(name: "KDBG", modeBit: 0, portWord: nil, readPort: nil, initialize: Kd.kdbInitialize)
}

/// The KDBG provider (spec/kdbg.md sections 7.5 and 7.7).
extension Kd {
    /// Bytes of the dmesg ring; the buffer has one more.
    package static let dmesgSize: UInt32 = 0x2_0000
    /// The ring; NULL when there is none.
    package static let dmesgBuffer: Global = .init("KdpDmesgBuffer")
    /// Offset of the next byte to write.
    package static let dmesgCurrentPosition: Global = .init("KdpDmesgCurrentPosition")
    /// Always the whole ring: old text is overwritten.
    package static let dmesgFreeBytes: Global = .init("KdpDmesgFreeBytes")
    /// Bytes ever written.
    package static let dmesgTotalWritten: Global = .init("KdbDmesgTotalWritten")
    /// Set while dmesg shows the ring.
    package static let isInDmesgMode: Global = .init("KdbpIsInDmesgMode")
    static let dmesgSpinLock: Global = .init("KdpDmesgLogSpinLock")

    /// `KdbInitialize(DispatchTable*, BootPhase) -> success, always`.
    package static let kdbInitialize: Routine = Routine(
        "KdbInitialize", ["DispatchTable", "BootPhase"],
        step: .init(
            "2.4 #4", "KDBG provider",
            """
            Phase 1: the ring that dmesg shows and, with 96 MB of memory or more, a thread that looks for symbols in the files of images. Phase 2 and later: \\SystemRoot\\System32\\drivers\\etc\\KDBinit is read and executed; as long as the path \
            is not found it asks for the next phase. KDBG always asks for phase 2, which is why KD always becomes a driver.
            """)
    ) { f in
        let table = f.argument(0, KD_DISPATCH_TABLE.self)
        let phase = f.argument(1)
        f.if(phase == 0) {
            f.call(registerProvider, table, kdbDebugPrint, kdbInitialize)
            f.call(kdbSymInit, 0)
            f.return(Status.success)
        }
        f.if(phase == 1) {
            f.set(table.KdpInitRoutine, kdbInitialize)
            f.call(allocateDmesg)
            f.call(kdbSymInit, 1)
            f.return(Status.success)
        }
        let status = f.call(kdbpCliInit)
        f.if(status == Status.objectNameNotFound || status == Status.objectPathNotFound) {
            f.set(table.KdpInitRoutine, kdbInitialize)
        }
        f.return(Status.success)
    }

    /// `KdpAllocateDmesg()`: phase 1; without pool there is no ring.
    static let allocateDmesg: Routine = .init("KdpAllocateDmesg") { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 0, dmesgSize + 1, Value.tag("KDBG"))
        f.if(buffer != 0) {
            f.zero(buffer, dmesgSize)
            f.set((buffer + Value(dmesgSize)).byte(), 0)
        }
        f.set(dmesgSpinLock.dword, 0)
        f.set(dmesgCurrentPosition.dword, 0)
        f.set(dmesgFreeBytes.dword, dmesgSize)
        f.set(dmesgTotalWritten.dword, 0)
        f.set(dmesgBuffer.dword, buffer)
        f.return()
    }

    /// `KdbDebugPrint(String*, Length)`: appends to the dmesg ring.
    package static let kdbDebugPrint: Routine = .init("KdbDebugPrint", ["String", "Length"]) { f in
        f.if(isInDmesgMode.byte != 0 || dmesgBuffer.dword == 0) { f.return() }
        let old = f.call(acquireLock, dmesgSpinLock)
        let count = f.local(f.argument(1))
        f.if(count > dmesgFreeBytes.dword) { f.set(count, dmesgFreeBytes.dword) }
        f.if(count != 0) {
            let begin = f.local(dmesgCurrentPosition.dword)
            f.set(dmesgCurrentPosition.dword, (begin + count) % Value(dmesgSize))
            f.add(dmesgTotalWritten.dword, count)
            f.call(copyToRing, dmesgBuffer.dword, dmesgSize, begin, f.argument(0), count)
        }
        f.call(releaseLock, dmesgSpinLock, old)
        f.return()
    }
}
