// SPDX-License-Identifier: GPL-3.0-or-later

/// Where an interrupt comes from; decides privilege checks, the EXT bit and RF.
enum InterruptSource {
    case external
    /// INT n, INT3, INTO: the gate's DPL counts.
    case software
    /// A fault: EIP is that of the instruction, RF is set in the pushed image.
    case fault
    /// A trap or INT1: EIP is that of the next instruction.
    case trap
}

extension CPU {
    /// Delivers an exception, with double and triple faults (SDM vol. 3, 6.15, interrupt 8). `isTrap`: EIP is already right.
    mutating func deliver(_ fault: Fault, isTrap: Bool = false) {
        if !isTrap { eip = currentEIP }
        var current = fault
        var source: InterruptSource = isTrap ? .trap : .fault
        while true {
            if current.vector == 14 { cr2 = current.cr2 }
            if current.vector == 1 { dr7 &= ~0x2000 }
            do {
                try interrupt(current.vector, source, errorCode: current.hasErrorCode ? current.errorCode : nil)
                return
            } catch {
                source = .fault
                if current.vector == 8 {
                    pendingStop = .shutdown
                    deadline = 0
                    return
                }
                if error.vector == 14 { cr2 = error.cr2 }
                let pair =
                    (current.isContributory && error.isContributory)
                    || (current.vector == 14 && (error.isContributory || error.vector == 14))
                current = pair ? .doubleFault : error
            }
        }
    }

    /// Delivers an interrupt from the controller. EIP is that of the next instruction.
    mutating func deliver(external vector: UInt8) {
        do { try interrupt(vector, .external, errorCode: nil) } catch { deliver(error) }
    }

    /// Transfers control through the IDT (SDM vol. 3, 6.12). On a throw nothing has changed, except after a task switch.
    mutating func interrupt(_ vector: UInt8, _ source: InterruptSource, errorCode: UInt32?) throws(Fault) {
        // The host takes it back and executes it in another way; see `Machine.runUndisturbed`.
        if refusesInterrupts { throw Fault(0xFF) }
        do { try transfer(vector, source, errorCode: errorCode) } catch {
            // EXT: the fault happened while delivering something that the program did not ask for.
            var fault = error
            if source != .software, (10...13).contains(fault.vector) { fault.errorCode |= 1 }
            throw fault
        }
    }

    private mutating func transfer(_ vector: UInt8, _ source: InterruptSource, errorCode: UInt32?) throws(Fault) {
        isHalted = false
        guard isProtected else { return try realInterrupt(vector) }
        let ext: UInt32 = source == .software ? 0 : 1
        let idtError = UInt32(vector) * 8 + 2 + ext
        guard UInt32(vector) * 8 + 7 <= UInt32(idtr.limit) else { throw .protection(idtError) }
        let address = idtr.base &+ UInt32(vector) * 8
        let low = try systemLoad(address, UInt32.self)
        let gate = Descriptor(low: low, high: try systemLoad(address &+ 4, UInt32.self))
        guard 0b1100_0000_1110_0000 >> gate.kind & 1 != 0, gate.kind < 16 else { throw .protection(idtError) }
        if source == .software, gate.dpl < cpl { throw .protection(idtError) }
        guard gate.isPresent else { throw Fault(11, code: idtError) }
        if gate.kind == 5 {
            if source == .fault { systemFlags |= EFlags.rf }
            return try taskGate(gate.gateSelector, errorCode: errorCode, ext: ext)
        }
        try interruptGate(gate, source, errorCode: errorCode, ext: ext)
    }

    private mutating func interruptGate(_ gate: Descriptor, _ source: InterruptSource, errorCode: UInt32?, ext: UInt32) throws(Fault) {
        let selector = gate.gateSelector
        let selectorError = UInt32(selector & 0xFFFC) + ext
        guard selector & 0xFFFC != 0 else { throw .protection(ext) }
        var code = try descriptor(selector, or: .protection(selectorError))
        guard code.isCode, code.dpl <= cpl else { throw .protection(selectorError) }
        guard code.isPresent else { throw Fault(11, code: selectorError) }
        let target = code.isConforming ? cpl : code.dpl
        let fromVirtual = isVirtual8086
        if fromVirtual, target != 0 { throw .protection(selectorError) }
        let wide = gate.kind >= 8
        let offset = wide ? gate.gateOffset32 : gate.gateOffset16
        let old = eflags
        let image = source == .fault ? old | EFlags.rf : old
        let oldSS = self.selector(SegmentNumber.ss)
        let oldCS = self.selector(SegmentNumber.cs)

        guard offset <= code.limit else { throw .protection(ext) }
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        let inner = target < cpl || fromVirtual
        if inner {
            let (ss, pointer) = try innerStack(target)
            let segment = try innerSegment(ss, target, ext: ext)
            stack = StackFrame(segment: segment, pointer: pointer, wide: wide, user: target == 3, overflowCode: UInt32(ss & 0xFFFC) + ext)
            if fromVirtual {
                for number in [SegmentNumber.gs, SegmentNumber.fs, SegmentNumber.ds, SegmentNumber.es] {
                    try push(&stack, UInt32(self.selector(number)))
                }
            }
            try push(&stack, UInt32(oldSS))
            try push(&stack, esp)
        }
        try push(&stack, image)
        try push(&stack, UInt32(oldCS))
        try push(&stack, eip)
        if let errorCode { try push(&stack, errorCode) }
        try markAccessed(selector, &code)

        // Nothing can fail from here on.
        if inner {
            setCPL(target)
            systemFlags &= ~EFlags.vm
            setSegment(SegmentNumber.ss, stack.segment)
            if fromVirtual {
                for number in [SegmentNumber.gs, SegmentNumber.fs, SegmentNumber.ds, SegmentNumber.es] {
                    setSegment(number, Segment(selector: 0, base: 0, limit: 0, attributes: 0))
                }
            }
        }
        setStackPointer(stack.pointer)
        setSegment(SegmentNumber.cs, code.segment(selector & 0xFFFC | UInt16(target)))
        eip = offset
        systemFlags &= ~(EFlags.tf | EFlags.nt | EFlags.rf | EFlags.vm)
        if gate.kind & 1 == 0 { systemFlags &= ~EFlags.intr }
        stepArmed = false
        deadline = 0
    }

    /// Interrupt vector table of real-address mode (SDM vol. 3, 20.1.4).
    private mutating func realInterrupt(_ vector: UInt8) throws(Fault) {
        guard UInt32(vector) * 4 + 3 <= UInt32(idtr.limit) else { throw .protection(0) }
        let entry = try systemLoad(idtr.base &+ UInt32(vector) * 4, UInt32.self)
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: false, user: false)
        try push(&stack, eflags)
        try push(&stack, UInt32(selector(SegmentNumber.cs)))
        try push(&stack, eip)
        setStackPointer(stack.pointer)
        setRealCS(UInt16(entry >> 16))
        eip = entry & 0xFFFF
        systemFlags &= ~(EFlags.intr | EFlags.tf | EFlags.ac | EFlags.rf)
        stepArmed = false
        deadline = 0
    }

    /// Loads CS in real-address or virtual-8086 mode.
    mutating func setRealCS(_ selector: UInt16) {
        var segment = segments[SegmentNumber.cs].segment
        segment.selector = selector
        segment.base = UInt32(selector) << 4
        if isVirtual8086 {
            segment.limit = 0xFFFF
            segment.attributes = 0xFB
        }
        setSegment(SegmentNumber.cs, segment)
    }

    /// The stack segment that an interrupt found in the TSS, checked. `ext` goes into the error codes.
    private mutating func innerSegment(_ selector: UInt16, _ level: UInt8, ext: UInt32) throws(Fault) -> Segment {
        do throws(Fault) {
            return try stackSegment(selector, cpl: level) { .invalidTSS($0) }
        } catch {
            guard error.vector != 14 else { throw error }
            throw Fault(error.vector, code: error.errorCode | ext)
        }
    }

    /// SS:ESP for an inner ring from the current TSS (SDM vol. 3, 7.2.1).
    mutating func innerStack(_ level: UInt8) throws(Fault) -> (UInt16, UInt32) {
        let task = segments[SegmentNumber.tr].segment
        let wide = task.attributes & 8 != 0
        let offset = UInt32(level) * (wide ? 8 : 4) + (wide ? 4 : 2)
        guard task.isPresent, offset + (wide ? 5 : 3) <= task.limit else { throw .invalidTSS(task.selector) }
        if wide {
            let pointer = try systemLoad(task.base &+ offset, UInt32.self)
            return (try systemLoad(task.base &+ offset &+ 4, UInt16.self), pointer)
        }
        let pointer = try systemLoad(task.base &+ offset, UInt16.self)
        return (try systemLoad(task.base &+ offset &+ 2, UInt16.self), UInt32(pointer))
    }
}

/// A stack that is being pushed on before anything is committed.
struct StackFrame {
    var segment: Segment
    var pointer: UInt32
    /// 32-bit pushes.
    var wide: Bool
    /// Page rights of the level that owns the stack.
    var user: Bool
    /// Error code of #SS when it does not suffice: the selector when it is an inner ring's stack (SDM vol. 3, 6.15, #SS).
    var overflowCode: UInt32 = 0

    var mask: UInt32 { segment.isBig ? ~0 : 0xFFFF }
}

extension CPU {
    /// Pushes on an uncommitted stack; #SS when it leaves the segment.
    mutating func push(_ stack: inout StackFrame, _ value: UInt32) throws(Fault) {
        let size: UInt32 = stack.wide ? 4 : 2
        let pointer = (stack.pointer &- size) & stack.mask
        let last = UInt64(pointer) + UInt64(size) - 1
        let expandDown = stack.segment.attributes & 0x1C == 0x14
        let inside = expandDown ? pointer > stack.segment.limit && last <= UInt64(stack.mask) : last <= UInt64(stack.segment.limit)
        guard inside else { throw Fault(12, code: stack.overflowCode) }
        let address = stack.segment.base &+ pointer
        if stack.wide {
            try check(storeSlow(address, value, user: stack.user))
        } else {
            try check(storeSlow(address, UInt16(truncatingIfNeeded: value), user: stack.user))
        }
        stack.pointer = stack.mask == ~0 ? pointer : stack.pointer & 0xFFFF_0000 | pointer
    }

    /// Pops likewise.
    mutating func pop(_ stack: inout StackFrame) throws(Fault) -> UInt32 {
        let size: UInt32 = stack.wide ? 4 : 2
        let pointer = stack.pointer & stack.mask
        guard let address = linear(SegmentNumber.ss, pointer, size: Int(size), write: false) else { throw takeFault() }
        let value: UInt32
        if stack.wide {
            value = try check(load(address, UInt32.self))
        } else {
            value = UInt32(try check(load(address, UInt16.self)))
        }
        let next = pointer &+ size
        stack.pointer = stack.mask == ~0 ? next : stack.pointer & 0xFFFF_0000 | next & 0xFFFF
        return value
    }
}
