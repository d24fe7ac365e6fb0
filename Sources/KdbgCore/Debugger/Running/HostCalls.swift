// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What the guest's KDBG code asks the debugger for (spec/kdbg.md sections 4 and 6).
extension Runner {
    /// Answers a call, or stops for it. Nil: go on.
    func answer(_ call: HostCall) -> RunResult? {
        switch call.name {
        case "KdbpQueryEntry":
            call.finish(query(call.arguments))
            return nil
        case "KdbpCliInterpretLine":
            let result = interpreter.interpret(call.arguments, debugger)
            call.finish(result)
            if interpreter.takeReset() { return reset() }
            if result == 0, let goal = interpreter.takeStep() { arm(goal, context: call.arguments[5]) }
            return nil
        case "KdbpReadLine":
            reading = call
            return stopped(.debugger)
        case "KdbpCliMainLoop":
            return enter(DebuggerEntry(call, machine))
        default:
            // A routine the kernel has and the debugger does not know is a defect of ours.
            preconditionFailure("no answer to \(call.name)")
        }
    }

    /// `KdbpQueryEntry(ExceptionRecord*, PreviousMode, Context*, FirstChance)`: whether the exception enters the debugger (section 4.4).
    /// - Returns: 0 not entered and not handled, 1 not entered and handled, 2 enter.
    private func query(_ arguments: [UInt32]) -> UInt32 {
        guard arguments.count >= 4, let code = machine.read32(linear: arguments[0]) else { return 0 }
        let number = ExceptionConditions.number(of: code)
        let isUserMode = arguments[1] & 0xFF != 0
        if debugger.conditions.isMet(number: number, firstChance: arguments[3] & 0xFF != 0, userMode: isUserMode) { return 2 }
        // An assertion that is not entered continues (section 4.5).
        return number == ExceptionConditions.assertion ? 1 : 0
    }

    /// A `step` or `next` line of KDBinit: the step begins where the breakpoint that brought KDBinit in is left (spec/kdbg.md section 6.4).
    private func arm(_ goal: RunGoal, context: UInt32) {
        guard let eip = machine.read32(linear: context &+ RegisterView.contextEip),
            let esp = machine.read32(linear: context &+ RegisterView.contextEsp)
        else { return }
        let step = Plan(goal)
        plan?.remaining = step.remaining
        plan?.passesCalls = step.passesCalls
        if let place = Plan.destination(of: goal) { return setMode(.reaching(place, countsAsStep: true)) }
        setMode(.reaching(Plan.Place(address: eip &+ 1, stack: esp, isExact: true), countsAsStep: false))
    }

    /// Answers `KdbpReadLine(Buffer*, Size) -> characters`, with which `DbgPrompt` waits for the user (spec/kdbg.md section 3.6). The text is cut to the guest's buffer.
    /// - Returns: false when the guest does not wait for a line.
    func answer(line: String) -> Bool {
        guard let call = reading else { return false }
        reading = nil
        let bytes = Array(line.utf8.prefix(Int(min(call.arguments[1], 512))))
        call.finish(machine.writeBytes(linear: call.arguments[0], bytes) ? UInt32(bytes.count) : 0)
        return true
    }

    /// Answers a question of the guest's with a line from the prompt. A person who answers an assertion has to type a whole word: a letter that slipped in
    /// must not decide whether the system goes on.
    /// - Returns: nil when the guest has not asked.
    func reply(_ line: String, from origin: LineOrigin) -> CommandResult? {
        guard reading != nil else { return nil }
        var answer = line
        if origin == .typed, debugger.target.promptText.hasSuffix("(boipt)? ") {
            let word = line.lowercased().filter { !$0.isWhitespace }
            guard let letter = Self.assertionAnswers[word] else {
                return CommandResult(
                    output: "Type a whole word: 'break' (again and again), 'once', 'ignore', 'process' or 'thread' (to end it).\n",
                    failed: true)
            }
            answer = letter
        }
        _ = self.answer(line: answer)
        return CommandResult(resume: .go)
    }

    private static let assertionAnswers = ["break": "b", "once": "o", "ignore": "i", "process": "p", "thread": "t", "": ""]

    private func enter(_ entry: DebuggerEntry) -> RunResult {
        self.entry = entry
        debugger.context = RegisterView(context: entry.context, in: debugger.target)
        debugger.contextAddress = debugger.context == nil ? nil : entry.context
        debugger.exceptionRecord = entry.record
        if plan?.goal == .callbacks {
            let isHandled = debugger.target.global("KdbCliHandled") == 1
            if !isHandled { unclaimedLines += 1 }
            return stopped(.debugger, banner: isHandled ? "" : debugger.unknownLine)
        }
        // A `break` line has no banner (section 6.4).
        guard !interpreter.takeBreak() else { return stopped(.debugger) }
        let row = debugger.conditions.rows[ExceptionConditions.number(of: entry.code)]
        return stopped(
            .debugger,
            banner: Banner.exception(
                code: entry.code, firstChance: entry.isFirstChance, title: row.title, registers: debugger.registers,
                cr2: machine.registers.cr2))
    }
}

extension Target {
    /// The text of the question that `DbgPrompt` asked last; empty when there is none.
    fileprivate var promptText: String {
        guard let string = symbols.symbol(named: "KdbPromptString")?.address, let length = read16(string), let buffer = read32(string &+ 4),
            let bytes = readBytes(buffer, count: Int(min(length, 512)))
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
