// SPDX-License-Identifier: GPL-3.0-or-later

/// What callers of system services point to. A thread's PreviousMode says who calls: user mode's pointers are probed and what lies behind them is captured
/// before anything is done with it; kernel mode is trusted. Nothing is paged out, so the page tables know what user mode may read and write.
extension Ke {
    /// `KeGetPreviousMode()`: 0 when the kernel called the service that runs, 1 when user mode did.
    static var previousMode: Value { prcb.CurrentThread.PreviousMode }

    /// `KiProbeForRead(Address, Length) -> BOOLEAN`: whether user mode may read all of it.
    package static let probeForRead: Routine = .init("KiProbeForRead", ["Address", "Length"]) { f in
        f.return(f.call(Mm.isUserRangeValid, f.argument(0), f.argument(1), 0))
    }

    /// `KiProbeForWrite(Address, Length) -> BOOLEAN`.
    package static let probeForWrite: Routine = .init("KiProbeForWrite", ["Address", "Length"]) { f in
        f.return(f.call(Mm.isUserRangeValid, f.argument(0), f.argument(1), 2))
    }

    /// `KiProbeCaller(Address, Length, Bits) -> BOOLEAN`: TRUE when the kernel asks, or when user mode may read, with Bits 2 write, all of it.
    static let probeCaller: Routine = .init("KiProbeCaller", ["Address", "Length", "Bits"]) { f in
        f.if(previousMode == 0) { f.return(1) }
        f.return(f.call(Mm.isUserRangeValid, f.argument(0), f.argument(1), f.argument(2)))
    }

    /// Returns STATUS_ACCESS_VIOLATION from the service when user mode asks and may not read, or write, what it points to.
    static func probe(_ f: Function, _ address: some Operand, _ bytes: some Operand, write: Bool) {
        f.if(f.call(probeCaller, address, bytes, write ? 2 : 0) == 0) { f.return(Status.accessViolation) }
    }

    /// The same for a pointer that may be NULL.
    static func probe(_ f: Function, optional address: Value, _ bytes: some Operand, write: Bool) {
        f.if(address != 0) { probe(f, address, bytes, write: write) }
    }

    /// `KiCaptureBuffer(Source, Length, Buffer*) -> status`: for the kernel the source itself; for user mode a copy in paged pool, NULL for no bytes, which
    /// `KiReleaseBuffer` frees. 0xC0000005: it cannot be read.
    static let captureBuffer: Routine = .init("KiCaptureBuffer", ["Source", "Length", "Buffer"]) { f in
        f.set(f.argument(2).dword(), f.argument(0))
        f.if(previousMode == 0) { f.return(Status.success) }
        f.set(f.argument(2).dword(), 0)
        f.if(f.argument(1) == 0) { f.return(Status.success) }
        f.if(f.call(probeForRead, f.argument(0), f.argument(1)) == 0) { f.return(Status.accessViolation) }
        let copy = f.call(Ex.allocatePoolWithTag, 1, f.argument(1), Value.tag("KeCp"))
        f.if(copy == 0) { f.return(Status.insufficientResources) }
        f.copy(to: copy, from: f.argument(0), f.argument(1))
        f.set(f.argument(2).dword(), copy)
        f.return(Status.success)
    }

    /// `KiReleaseBuffer(Buffer)`: what `KiCaptureBuffer` or `KiCaptureString` has brought, by the same caller.
    static let releaseBuffer: Routine = .init("KiReleaseBuffer", ["Buffer"]) { f in
        f.if(previousMode != 0 && f.argument(0) != 0) { f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("KeCp")) }
        f.return()
    }

    /// `KiCaptureString(Source*, UNICODE_STRING*) -> status`: a UNICODE_STRING and its characters, as `KiCaptureBuffer` does it.
    static let captureString: Routine = .init("KiCaptureString", ["Source", "String"]) { f in
        let source = f.argument(0)
        let string = f.argument(1, UNICODE_STRING.self)
        f.set(string.value.dword(), 0)
        f.set(string.Buffer, 0)
        probe(f, source, UNICODE_STRING.size, write: false)
        f.copy(to: string, from: source, UNICODE_STRING.size)
        f.if(previousMode != 0) { f.set(string.MaximumLength, string.Length) }
        let characters = f.local(string.Buffer)
        f.set(string.Buffer, 0)
        f.return(f.call(captureBuffer, characters, string.Length, string.address(of: \.Buffer)))
    }

    /// `KiCaptureObjectAttributes(Source*, AccessMode, OBJECT_ATTRIBUTES*, UNICODE_STRING*) -> status`: the record and the name's descriptor; the characters stay where
    /// they are, probed. User mode gets no kernel handles, whatever its attributes say. 0xC000000D: the record has another size.
    static let captureObjectAttributes: Routine = .init(
        "KiCaptureObjectAttributes", ["Source", "AccessMode", "Attributes", "Name"]
    ) { f in
        let attributes = f.argument(2, OBJECT_ATTRIBUTES.self)
        let name = f.argument(3, UNICODE_STRING.self)
        let isUser = f.local(f.argument(1) & 0xFF)
        f.zero(name, UNICODE_STRING.size)
        f.if(isUser != 0) {
            f.if(f.call(probeForRead, f.argument(0), OBJECT_ATTRIBUTES.size) == 0) { f.return(Status.accessViolation) }
        }
        f.copy(to: attributes, from: f.argument(0), OBJECT_ATTRIBUTES.size)
        f.if(attributes.Length != OBJECT_ATTRIBUTES.size.value) { f.return(Status.invalidParameter) }
        f.set(attributes.Attributes, attributes.Attributes & 0x7F2)
        f.if(isUser != 0) { f.set(attributes.Attributes, attributes.Attributes & ~Value(ObjectAttribute.kernelHandle)) }
        f.if(attributes.ObjectName.isNull) { f.return(Status.success) }
        f.if(isUser != 0) {
            f.if(f.call(probeForRead, attributes.ObjectName, UNICODE_STRING.size) == 0) { f.return(Status.accessViolation) }
        }
        f.copy(to: name, from: attributes.ObjectName, UNICODE_STRING.size)
        f.set(attributes.address(of: \.ObjectName).dword(), name)
        f.if(isUser != 0) {
            f.if(f.call(probeForRead, name.Buffer, name.Length) == 0) { f.return(Status.accessViolation) }
        }
        f.return(Status.success)
    }

    // MARK: The kernel as a caller

    /// A service as the kernel calls it: `Zw…` for `Nt…`. Whoever the thread works for, the service trusts its arguments.
    static func kernelService(_ routine: Routine) -> Routine {
        .init("Zw" + routine.name.dropFirst(2), routine.parameters) { f in
            let mode = f.local(previousMode)
            f.set(prcb.CurrentThread.PreviousMode, 0)
            for index in routine.parameters.indices.reversed() {
                f.load(f.argument(index))
                f.asm { a in a.push(.eax) }
            }
            f.asm { a in a.call(f.symbol(routine)) }
            let result = f.saveEAX()
            f.set(prcb.CurrentThread.PreviousMode, mode)
            f.return(result)
        }
    }
}
