// SPDX-License-Identifier: GPL-3.0-or-later

extension CPU {
    /// Loads CS with a checked code segment at a privilege level and continues at `offset` there.
    private mutating func enter(_ code: Descriptor, _ selector: UInt16, level: UInt8, offset: UInt32) throws(Fault) {
        var code = code
        guard offset <= code.limit else { throw .protection(0) }
        try markAccessed(selector, &code)
        if level != cpl { setCPL(level) }
        setSegment(SegmentNumber.cs, code.segment(selector & 0xFFFC | UInt16(level)))
        eip = offset
    }

    /// Checks a code segment that JMP or CALL names directly (SDM vol. 3, 5.8.1).
    private func checkDirect(_ code: Descriptor, _ selector: UInt16) throws(Fault) {
        if code.isConforming {
            guard code.dpl <= cpl else { throw .protection(selector: selector) }
        } else {
            guard UInt8(selector & 3) <= cpl, code.dpl == cpl else { throw .protection(selector: selector) }
        }
        guard code.isPresent else { throw .notPresent(selector) }
    }

    /// JMP ptr16:32 and its indirect forms (SDM vol. 2, JMP).
    mutating func farJump(_ selector: UInt16, _ offset: UInt32) throws(Fault) {
        if !isProtected || isVirtual8086 {
            guard offset <= segments[SegmentNumber.cs].segment.limit else { throw .protection(0) }
            setRealCS(selector)
            eip = offset
            return
        }
        guard selector & 0xFFFC != 0 else { throw .protection(0) }
        let target = try descriptor(selector, or: .protection(selector: selector))
        if target.isCode {
            try checkDirect(target, selector)
            return try enter(target, selector, level: cpl, offset: offset)
        }
        guard target.dpl >= cpl, target.dpl >= UInt8(selector & 3) else { throw .protection(selector: selector) }
        switch target.kind {
        case 1, 9: try switchTask(selector, target, .jump)
        case 5:
            guard target.isPresent else { throw .notPresent(selector) }
            let task = try taskDescriptor(target.gateSelector, gate: true)
            try switchTask(target.gateSelector, task, .jump)
        case 4, 12:
            guard target.isPresent else { throw .notPresent(selector) }
            let code = try gateTarget(target)
            guard code.isConforming ? code.dpl <= cpl : code.dpl == cpl else { throw .protection(selector: target.gateSelector) }
            guard code.isPresent else { throw .notPresent(target.gateSelector) }
            try enter(code, target.gateSelector, level: cpl, offset: target.kind == 12 ? target.gateOffset32 : target.gateOffset16)
        default: throw .protection(selector: selector)
        }
    }

    private mutating func gateTarget(_ gate: Descriptor) throws(Fault) -> Descriptor {
        guard gate.gateSelector & 0xFFFC != 0 else { throw .protection(0) }
        let code = try descriptor(gate.gateSelector, or: .protection(selector: gate.gateSelector))
        guard code.isCode, code.dpl <= cpl else { throw .protection(selector: gate.gateSelector) }
        return code
    }

    /// CALL ptr16:32 and its indirect forms (SDM vol. 2, CALL). `wide`: 32-bit operand size.
    mutating func farCall(_ selector: UInt16, _ offset: UInt32, wide: Bool) throws(Fault) {
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        let oldCS = self.selector(SegmentNumber.cs)
        if !isProtected || isVirtual8086 {
            guard offset <= segments[SegmentNumber.cs].segment.limit else { throw .protection(0) }
            try push(&stack, UInt32(oldCS))
            try push(&stack, eip)
            setStackPointer(stack.pointer)
            setRealCS(selector)
            eip = offset
            return
        }
        guard selector & 0xFFFC != 0 else { throw .protection(0) }
        let target = try descriptor(selector, or: .protection(selector: selector))
        if target.isCode {
            try checkDirect(target, selector)
            try push(&stack, UInt32(oldCS))
            try push(&stack, eip)
            try enter(target, selector, level: cpl, offset: offset)
            setStackPointer(stack.pointer)
            return
        }
        guard target.dpl >= cpl, target.dpl >= UInt8(selector & 3) else { throw .protection(selector: selector) }
        switch target.kind {
        case 1, 9: try switchTask(selector, target, .call)
        case 5:
            guard target.isPresent else { throw .notPresent(selector) }
            let task = try taskDescriptor(target.gateSelector, gate: true)
            try switchTask(target.gateSelector, task, .call)
        case 4, 12:
            guard target.isPresent else { throw .notPresent(selector) }
            try callGate(target)
        default: throw .protection(selector: selector)
        }
    }

    /// CALL through a call gate, with stack switch and parameter copy (SDM vol. 3, 5.8.5).
    private mutating func callGate(_ gate: Descriptor) throws(Fault) {
        let wide = gate.kind == 12
        let code = try gateTarget(gate)
        guard code.isPresent else { throw .notPresent(gate.gateSelector) }
        let offset = wide ? gate.gateOffset32 : gate.gateOffset16
        let oldCS = UInt32(selector(SegmentNumber.cs))
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        guard !code.isConforming, code.dpl < cpl else {
            try push(&stack, oldCS)
            try push(&stack, eip)
            try enter(code, gate.gateSelector, level: cpl, offset: offset)
            return setStackPointer(stack.pointer)
        }
        let (ss, pointer) = try innerStack(code.dpl)
        let segment = try stackSegment(ss, cpl: code.dpl) { .invalidTSS($0) }
        let oldSS = UInt32(selector(SegmentNumber.ss))
        stack = StackFrame(segment: segment, pointer: pointer, wide: wide, user: false, overflowCode: UInt32(ss & 0xFFFC))
        try push(&stack, oldSS)
        try push(&stack, esp)
        var remaining = gate.high & 31
        while remaining > 0 {
            remaining -= 1
            if wide {
                try push(&stack, try check(peek(remaining * 4, UInt32.self)))
            } else {
                try push(&stack, UInt32(try check(peek(remaining * 2, UInt16.self))))
            }
        }
        try push(&stack, oldCS)
        try push(&stack, eip)
        try enter(code, gate.gateSelector, level: code.dpl, offset: offset)
        setSegment(SegmentNumber.ss, stack.segment)
        setStackPointer(stack.pointer)
    }

    /// RETF, RETF imm16 (SDM vol. 2, RET). `release`: bytes of parameters.
    mutating func farReturn(wide: Bool, release: UInt32) throws(Fault) {
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        let offset = try pop(&stack)
        let selector = UInt16(truncatingIfNeeded: try pop(&stack))
        if !isProtected || isVirtual8086 {
            guard offset <= segments[SegmentNumber.cs].segment.limit else { throw .protection(0) }
            setRealCS(selector)
            eip = offset
            return setStackPointer(stack.pointer &+ release)
        }
        let level = UInt8(selector & 3)
        let code = try returnTarget(selector)
        if level == cpl {
            try enter(code, selector, level: level, offset: offset)
            return setStackPointer(stack.pointer &+ release)
        }
        stack.pointer = stack.mask == ~0 ? stack.pointer &+ release : stack.pointer & 0xFFFF_0000 | (stack.pointer &+ release) & 0xFFFF
        let outerPointer = try pop(&stack)
        let outerSelector = UInt16(truncatingIfNeeded: try pop(&stack))
        let outer = try stackSegment(outerSelector, cpl: level, fault: Fault.protection(selector:))
        try enter(code, selector, level: level, offset: offset)
        setSegment(SegmentNumber.ss, outer)
        setOuterStack(outerPointer &+ release, wide: wide)
        dropInnerSegments()
    }

    private mutating func setOuterStack(_ pointer: UInt32, wide: Bool) {
        if stackMask == ~0, wide { esp = pointer } else { esp = esp & 0xFFFF_0000 | pointer & 0xFFFF }
    }

    /// Checks the CS image that RETF and IRET pop.
    private mutating func returnTarget(_ selector: UInt16) throws(Fault) -> Descriptor {
        guard selector & 0xFFFC != 0 else { throw .protection(0) }
        let code = try descriptor(selector, or: .protection(selector: selector))
        let level = UInt8(selector & 3)
        guard code.isCode, level >= cpl, code.isConforming ? code.dpl <= level : code.dpl == level else {
            throw .protection(selector: selector)
        }
        guard code.isPresent else { throw .notPresent(selector) }
        return code
    }

    /// Clears data segment registers that the outer ring may not use.
    private mutating func dropInnerSegments() {
        for number in 0..<6 where number != SegmentNumber.cs && number != SegmentNumber.ss {
            let segment = segments[number].segment
            let isConforming = segment.attributes & 0x1C == 0x1C
            if segment.attributes & 0x10 == 0 || (!isConforming && segment.dpl < cpl) {
                setSegment(number, Segment(selector: 0, base: 0, limit: 0, attributes: 0))
            }
        }
    }

    /// IRET and IRETD (SDM vol. 2, IRET).
    mutating func interruptReturn(wide: Bool) throws(Fault) {
        if isProtected, !isVirtual8086, systemFlags & EFlags.nt != 0 {
            let link = try systemLoad(segments[SegmentNumber.tr].segment.base, UInt16.self)
            let task = try taskDescriptor(link, gate: false)
            return try switchTask(link, task, .return)
        }
        if isVirtual8086, iopl < 3 { throw .protection(0) }
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        let offset = try pop(&stack)
        let selector = UInt16(truncatingIfNeeded: try pop(&stack))
        let image = try pop(&stack)
        if !isProtected || isVirtual8086 {
            guard offset <= segments[SegmentNumber.cs].segment.limit else { throw .protection(0) }
            setRealCS(selector)
            eip = offset
            setStackPointer(stack.pointer)
            let keep: UInt32 = isVirtual8086 ? EFlags.iopl | EFlags.vm | EFlags.vif | EFlags.vip : EFlags.vm | EFlags.vif | EFlags.vip
            return loadFlags(image, wide: wide, keep: keep)
        }
        if wide, image & EFlags.vm != 0, cpl == 0 { return try returnToVirtual8086(&stack, offset, selector, image) }
        let level = UInt8(selector & 3)
        let code = try returnTarget(selector)
        let keep = flagsKept
        if level == cpl {
            try enter(code, selector, level: level, offset: offset)
            setStackPointer(stack.pointer)
            return loadFlags(image, wide: wide, keep: keep)
        }
        let outerPointer = try pop(&stack)
        let outerSelector = UInt16(truncatingIfNeeded: try pop(&stack))
        let outer = try stackSegment(outerSelector, cpl: level, fault: Fault.protection(selector:))
        try enter(code, selector, level: level, offset: offset)
        setSegment(SegmentNumber.ss, outer)
        setOuterStack(outerPointer, wide: wide)
        loadFlags(image, wide: wide, keep: keep)
        dropInnerSegments()
    }

    /// EFLAGS bits that POPF and IRET may not change at the current privilege.
    var flagsKept: UInt32 {
        var keep = EFlags.vm
        if cpl > 0 { keep |= EFlags.iopl | EFlags.vif | EFlags.vip }
        if cpl > iopl { keep |= EFlags.intr }
        return keep
    }

    /// Loads EFLAGS from an image; bits in `keep` stay, with 16-bit operand size the upper half stays.
    mutating func loadFlags(_ image: UInt32, wide: Bool, keep: UInt32) {
        let kept = keep | (wide ? 0 : 0xFFFF_0000)
        setEFLAGS(eflags & kept | image & ~kept)
    }

    private mutating func returnToVirtual8086(_ stack: inout StackFrame, _ offset: UInt32, _ selector: UInt16, _ image: UInt32)
        throws(Fault)
    {
        let pointer = try pop(&stack)
        var selectors: [UInt16] = []
        for _ in 0..<5 { selectors.append(UInt16(truncatingIfNeeded: try pop(&stack))) }
        guard offset <= 0xFFFF else { throw .protection(0) }
        setEFLAGS(image)
        setCPL(3)
        setRealCS(selector)
        let order = [SegmentNumber.ss, SegmentNumber.es, SegmentNumber.ds, SegmentNumber.fs, SegmentNumber.gs]
        for (number, value) in zip(order, selectors) { setSegment(number, realSegment(value, number)) }
        esp = pointer
        eip = offset
    }
}
