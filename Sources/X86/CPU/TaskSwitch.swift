// SPDX-License-Identifier: GPL-3.0-or-later

/// What caused a hardware task switch; decides busy bits, back link and NT.
enum TaskSwitchCause { case jump, call, `return` }

extension CPU {
    /// The TSS descriptor that a task gate or a back link names, checked (SDM vol. 3, 7.3).
    mutating func taskDescriptor(_ selector: UInt16, gate: Bool) throws(Fault) -> Descriptor {
        let fault = gate ? Fault.protection(selector: selector) : Fault.invalidTSS(selector)
        guard selector & 4 == 0, selector & 0xFFFC != 0 else { throw fault }
        let task = try descriptor(selector, or: fault)
        guard gate ? task.kind == 1 || task.kind == 9 : task.kind == 3 || task.kind == 11 else { throw fault }
        return task
    }

    /// An interrupt or exception through a task gate (SDM vol. 3, 6.14.2).
    mutating func taskGate(_ selector: UInt16, errorCode: UInt32?, ext: UInt32) throws(Fault) {
        let task = try taskDescriptor(selector, gate: true)
        try switchTask(selector, task, .call)
        guard let errorCode else { return }
        let wide = segments[SegmentNumber.tr].segment.attributes & 8 != 0
        var stack = StackFrame(segment: segments[SegmentNumber.ss].segment, pointer: esp, wide: wide, user: cpl == 3)
        try push(&stack, errorCode)
        setStackPointer(stack.pointer)
    }

    /// Saves the machine state in the current TSS and loads it from another (SDM vol. 3, 7.3). EIP is the value to save.
    mutating func switchTask(_ selector: UInt16, _ descriptor: Descriptor, _ cause: TaskSwitchCause) throws(Fault) {
        let wide = descriptor.kind & 8 != 0
        guard descriptor.isPresent else { throw .notPresent(selector) }
        guard descriptor.limit >= (wide ? 0x67 : 0x2B) else { throw .invalidTSS(selector) }
        let old = segments[SegmentNumber.tr].segment
        let new = TaskImage(wide: wide, base: descriptor.base)
        let state = try loadTask(new)

        // A page that is missing leaves the old task as it was.
        let oldImage = TaskImage(wide: old.attributes & 8 != 0, base: old.base)
        try touch(old.base &+ (oldImage.wide ? 0x20 : 0x0E), old.base &+ (oldImage.wide ? 0x5F : 0x29))
        if cause == .call { try touch(new.base, new.base &+ 1) }

        // Save.
        var image = eflags
        if cause == .return { image &= ~EFlags.nt }
        try saveTask(oldImage, eflags: image)
        if cause != .call { try setBusy(old.selector, false) }
        if cause != .return { try setBusy(selector, true) }
        if cause == .call { try systemStore(new.base, old.selector) }

        // Load. Faults from here on belong to the new task.
        isBetweenTasks = true
        var segment = descriptor.segment(selector)
        segment.attributes |= 2
        setSegment(SegmentNumber.tr, segment)
        cr0 |= 8
        if wide, cr0 & 0x8000_0000 != 0, state.cr3 != cr3 {
            cr3 = state.cr3
            flushTLB()
        }
        eip = state.eip
        currentEIP = state.eip
        setEFLAGS(cause == .call ? state.eflags | EFlags.nt : state.eflags)
        for i in 0..<8 { setGPR(i, state.registers[i]) }
        dr7 &= ~0x155
        refreshBreakpoints()
        try loadTaskSegments(state)
        isBetweenTasks = false
        if state.trap { pendingDebug |= 0x8000 }
        stepArmed = false
        deadline = 0
    }

    /// Makes sure that the processor can write between two linear addresses at most a page apart.
    private mutating func touch(_ first: UInt32, _ last: UInt32) throws(Fault) {
        _ = try check(translate(first, write: true, user: false))
        _ = try check(translate(last, write: true, user: false))
    }

    private mutating func setBusy(_ selector: UInt16, _ busy: Bool) throws(Fault) {
        guard let address = descriptorAddress(selector) else { return }
        let high = try systemLoad(address &+ 4, UInt32.self)
        try systemStore(address &+ 4, busy ? high | 0x200 : high & ~0x200)
    }

    private mutating func loadTaskSegments(_ state: TaskState) throws(Fault) {
        // A fault below finds all selectors of the new task in their registers (SDM vol. 3, 7.3).
        setSegment(SegmentNumber.ldtr, Segment(selector: state.ldt, base: 0, limit: 0, attributes: 0))
        if !isVirtual8086 {
            for number in 0..<6 {
                var segment = Segment(selector: 0, base: 0, limit: 0, attributes: 0)
                if number == SegmentNumber.cs || number == SegmentNumber.ss { segment = segments[number].segment }
                segment.selector = state.selectors[number]
                setSegment(number, segment)
            }
        }
        if state.ldt & 0xFFFC != 0 {
            guard state.ldt & 4 == 0 else { throw .invalidTSS(state.ldt) }
            let table = try descriptor(state.ldt, or: .invalidTSS(state.ldt))
            guard table.kind == 2, table.isPresent else { throw .invalidTSS(state.ldt) }
            setSegment(SegmentNumber.ldtr, table.segment(state.ldt))
        }
        let s = state.selectors
        if isVirtual8086 {
            setCPL(3)
            setRealCS(s[1])
            for number in [0, 2, 3, 4, 5] { setSegment(number, realSegment(s[number], number)) }
            return
        }
        let level = UInt8(s[1] & 3)
        setCPL(level)
        guard s[1] & 0xFFFC != 0 else { throw .invalidTSS(s[1]) }
        var code = try descriptor(s[1], or: .invalidTSS(s[1]))
        guard code.isCode, code.isConforming ? code.dpl <= level : code.dpl == level else { throw .invalidTSS(s[1]) }
        guard code.isPresent else { throw .notPresent(s[1]) }
        try markAccessed(s[1], &code)
        setSegment(SegmentNumber.cs, code.segment(s[1]))
        setSegment(SegmentNumber.ss, try stackSegment(s[2], cpl: level) { .invalidTSS($0) })
        for number in [0, 3, 4, 5] {
            do { try loadSegment(number, s[number]) } catch {
                throw error.vector == 13 ? Fault.invalidTSS(s[number]) : error
            }
        }
    }

    private mutating func saveTask(_ image: TaskImage, eflags: UInt32) throws(Fault) {
        if image.wide {
            try systemStore(image.base &+ 0x20, eip)
            try systemStore(image.base &+ 0x24, eflags)
            for i in 0..<8 { try systemStore(image.base &+ 0x28 &+ UInt32(i) * 4, gpr(i)) }
            for i in 0..<6 { try systemStore(image.base &+ 0x48 &+ UInt32(i) * 4, selector(i)) }
        } else {
            try systemStore(image.base &+ 0x0E, UInt16(truncatingIfNeeded: eip))
            try systemStore(image.base &+ 0x10, UInt16(truncatingIfNeeded: eflags))
            for i in 0..<8 { try systemStore(image.base &+ 0x12 &+ UInt32(i) * 2, UInt16(truncatingIfNeeded: gpr(i))) }
            for i in 0..<4 { try systemStore(image.base &+ 0x22 &+ UInt32(i) * 2, selector(i)) }
        }
    }

    private mutating func loadTask(_ image: TaskImage) throws(Fault) -> TaskState {
        var state = TaskState()
        let base = image.base
        if image.wide {
            state.cr3 = try systemLoad(base &+ 0x1C, UInt32.self)
            state.eip = try systemLoad(base &+ 0x20, UInt32.self)
            state.eflags = try systemLoad(base &+ 0x24, UInt32.self)
            for i in 0..<8 { state.registers[i] = try systemLoad(base &+ 0x28 &+ UInt32(i) * 4, UInt32.self) }
            for i in 0..<6 { state.selectors[i] = try systemLoad(base &+ 0x48 &+ UInt32(i) * 4, UInt16.self) }
            state.ldt = try systemLoad(base &+ 0x60, UInt16.self)
            state.trap = try systemLoad(base &+ 0x64, UInt16.self) & 1 != 0
        } else {
            state.eip = UInt32(try systemLoad(base &+ 0x0E, UInt16.self))
            state.eflags = UInt32(try systemLoad(base &+ 0x10, UInt16.self))
            for i in 0..<8 { state.registers[i] = UInt32(try systemLoad(base &+ 0x12 &+ UInt32(i) * 2, UInt16.self)) | 0xFFFF_0000 }
            for i in 0..<4 { state.selectors[i] = try systemLoad(base &+ 0x22 &+ UInt32(i) * 2, UInt16.self) }
            state.ldt = try systemLoad(base &+ 0x2A, UInt16.self)
        }
        return state
    }
}

/// Where a TSS lies and which layout it has (SDM vol. 3, 7.2.1 and 7.6).
private struct TaskImage {
    var wide: Bool
    var base: UInt32
}

/// The dynamic part of a TSS.
private struct TaskState {
    var cr3: UInt32 = 0
    var eip: UInt32 = 0
    var eflags: UInt32 = 0
    var registers: [UInt32] = Array(repeating: 0, count: 8)
    var selectors: [UInt16] = Array(repeating: 0, count: 6)
    var ldt: UInt16 = 0
    var trap = false
}
