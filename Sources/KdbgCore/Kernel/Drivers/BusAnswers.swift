// SPDX-License-Identifier: GPL-3.0-or-later

/// How drivers of buses answer plug and play requests about what is on their bus: the same code in each, in the driver's own image.
struct BusAnswers {
    let f: Function
    let stack: Pointer<IO_STACK_LOCATION>
    /// Locals that hold the packet's status and information.
    let status: Value
    let information: Value
    /// Of what the plug and play manager is given; it frees that.
    let tag: Value

    /// - Parameter irp: the request, about a physical device object of the driver's.
    init(_ f: Function, _ irp: Pointer<IRP>, tag: Value) {
        self.f = f
        self.tag = tag
        stack = f.local(irp.CurrentStackLocation)
        status = f.local(irp.IoStatus.Status)
        information = f.local(irp.IoStatus.Information)
    }

    /// START_DEVICE has nothing to do.
    func start() { f.if(stack.MinorFunction == 0) { f.set(status, Status.success) } }

    /// QUERY_CAPABILITIES: bits of `Io.Capability`.
    func capabilities(_ bits: UInt32) {
        f.if(stack.MinorFunction == 9) {
            f.set(stack.Argument1.dword(4), stack.Argument1.dword(4) | Value(bits))
            f.set(status, Status.success)
        }
    }

    /// QUERY_ID of one kind: a copy of the text, with two zeros behind it.
    func identify(_ kind: UInt32, as text: String) {
        f.if(stack.MinorFunction == 0x13 && stack.Argument1 == Value(kind)) { answer(f.wide(text), UInt32(2 * text.utf16.count).value) }
    }

    /// The same with a text that is made when it is asked for.
    func identify(_ kind: UInt32, _ make: () -> Pointer<UNICODE_STRING>) {
        f.if(stack.MinorFunction == 0x13 && stack.Argument1 == Value(kind)) {
            let text = make()
            answer(text.Buffer, f.local(text.Length))
        }
    }

    private func answer(_ text: Value, _ length: Value) {
        let copy = f.call(Ex.allocatePoolWithTag, 1, length + 4, tag)
        f.if(copy != 0) {
            f.copy(to: copy, from: text, length)
            f.set((copy + length).dword(), 0)
            f.set(information, copy)
            f.set(status, Status.success)
        }
    }

    /// Ends the request and the routine.
    func finish(_ irp: Pointer<IRP>) { f.return(f.call(Io.finishRequest, irp, status, information)) }
}
