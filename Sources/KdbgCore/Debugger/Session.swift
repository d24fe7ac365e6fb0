// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The one door between front ends and the machine (design rule 5): a booted PC, its kernel, and the debugger in front of it.
///
/// A session belongs to one thread; only `interrupt()` may be called from elsewhere, a signal handler included.
package final class Session {
    private var runner: Runner
    /// Makes the machine anew, as it was before its first instruction.
    private var bootAgain: (() -> Guest)?
    private let bootOptions: String
    private let keepsQuirks: Bool
    private let faults: [Fault]
    private let mechanism: Mechanism
    /// Where waiting lines have sent the machine, whatever the front end asks for; nil when nothing but the front end has.
    private var goalOfLines: RunGoal?
    private let disk = SessionDisk()
    /// What such lines have printed since the last `takeOutput()`.
    private var output = ""

    /// A session on a machine that is about to execute its first instruction.
    /// - Parameter bootOptions: the kernel command line, of which KDBG itself heeds FIRSTCHANCE.
    init(guest: Guest, bootOptions: String = "", keepsQuirks: Bool = false, faults: [Fault] = [], mechanism: Mechanism = .hook) {
        self.bootOptions = bootOptions
        self.keepsQuirks = keepsQuirks
        self.faults = faults
        self.mechanism = mechanism
        runner = Runner(guest, keepsQuirks: keepsQuirks, faults: faults)
        heedBootOptions()
    }

    /// A machine with the kernel loaded, paused at its first instruction. Faults must have been checked (`BootConfiguration.check`).
    package convenience init(_ configuration: BootConfiguration) {
        let boot = { (disk: BootDisk?) in
            var configuration = configuration
            configuration.disk = disk
            do throws(FaultError) {
                return try configuration.boot()
            } catch {
                preconditionFailure("unchecked fault: \(error)")
            }
        }
        self.init(
            guest: boot(configuration.disk), bootOptions: configuration.bootOptions, keepsQuirks: configuration.keepsQuirks,
            faults: configuration.faults, mechanism: configuration.mechanism)
        bootAgain = { [unowned self] in boot(disk.next(after: runner.machine) ?? configuration.disk) }
    }

    private func heedBootOptions() {
        runner.debugger.mechanism = mechanism
        // A blank must precede the word (spec/kdbg.md section 7.2).
        if bootOptions.uppercased().contains(" FIRSTCHANCE") { runner.debugger.conditions.setAll(firstChance: true, to: .always) }
    }

    /// The files of the host for `source` and `log`; without them both say that there are none.
    package var files: (any HostFiles)? {
        get { runner.debugger.files }
        set { runner.debugger.files = newValue }
    }

    /// Keeps the boot disk across runs; the session only borrows it. Without one the disk ends with the machine.
    package var diskKeeper: (any DiskKeeper)? {
        get { disk.keeper }
        set { disk.keeper = newValue }
    }

    /// The boot disk as the guest's last flush left it.
    package var bootDisk: DiskImage { runner.machine.disk.flushedImage }

    /// Has the disk kept as the guest's last flush left it, for the last time.
    /// - Returns: why that is not possible; nil when it is.
    package func keepDisk() -> String? {
        disk.keep(of: runner.machine, isLast: true)
        return disk.failure
    }

    /// What a person should hear now about keeping the disk.
    package func takeDiskNews() -> String? { disk.takeNews() }

    /// After a reset: a new machine boots from the same inputs (from the disk as it is, when that is kept) and stands at its first instruction. What belongs to the user stays, see
    /// `KernelDebugger.takeOver`. Does nothing at any other time.
    package func restart() {
        guard runner.stop == .reset, let bootAgain else { return }
        let (old, limit) = (runner.debugger, runner.instructionLimit)
        failedQueues += runner.unclaimedLines
        runner = Runner(bootAgain(), keepsQuirks: keepsQuirks, faults: faults)
        runner.instructionLimit = limit
        heedBootOptions()
        runner.debugger.takeOver(from: old)
    }

    /// From now on takes note of what KD does to get its first I/O; to be called before the first run.
    func observeMechanism() -> MechanismObserver {
        let observer = MechanismObserver(runner.guest)
        runner.mechanisms = observer
        return observer
    }

    /// For what is said about the machine in other files.
    var machine: Machine { runner.machine }
    var debugger: KernelDebugger { runner.debugger }

    /// A machine with somebody else's program, paused at its first instruction.
    /// - Throws: when a file cannot be what it is used as.
    package convenience init(bare configuration: BareConfiguration) throws(LoadError) {
        let guest = try Guest.bare(configuration)
        self.init(guest: guest)
        // What could be loaded once can be loaded again.
        bootAgain = { (try? Guest.bare(configuration)) ?? guest }
        if let limit = configuration.instructionLimit { runner.instructionLimit = limit }
    }

    /// Whether the system is our kernel, as opposed to somebody else's program.
    package var hasKernel: Bool { runner.guest.hasKernel }

    /// Where the machine stands.
    package var mark: Mark { Mark(instruction: runner.machine.instructionCount) }

    /// Why it stands still; `.start` before the first run.
    package var stop: Stop { runner.stop }

    /// Lets the machine run towards `goal` for at most `budget` instructions. Front ends call it in a loop, look at their keys in between, and show what
    /// `drainSerial()` and then `takeOutput()` have for them.
    package func run(_ goal: RunGoal, budget: UInt64) -> RunResult {
        restart()
        let result = runner.run(goalOfLines ?? goal, budget: budget)
        disk.keep(of: runner.machine)
        guard case .stopped(let stop, let banner) = result else { return .running }
        goalOfLines = nil
        // Steps by the million, see `showsSteps`: nothing to say, nothing that waits.
        if stop == .stepped, banner.isEmpty, runner.debugger.queue.isEmpty { return .stopped(stop, banner: "") }
        return settle(stop, banner)
    }

    /// Executes what waits for a stop: a breakpoint's commands, then the rest of sourced files. A line among them that lets the machine run makes the
    /// stop one that nobody sees.
    private func settle(_ stop: Stop, _ banner: String) -> RunResult {
        let debugger = runner.debugger
        var text = banner
        if case .breakpoint(let number) = stop, let commands = debugger.breakpoints.slots[number]?.commands, !commands.isEmpty {
            debugger.queue.push(commands: commands)
        }
        if debugger.queue.takeSilence() { text = "" }
        if stop.isFinal || stop == .reset { debugger.queue.clear() }
        if stop == .interrupted { debugger.queue.clear() }
        // A question of the guest's is not for lines that wait.
        guard runner.reading == nil else {
            return .stopped(stop, banner: text + record(text))
        }
        let result = debugger.executeQueue()
        if result.failed { failedQueues += 1 }
        text += result.output
        text += record(text)
        guard let goal = result.resume else { return .stopped(stop, banner: text) }
        goalOfLines = goal
        output += text
        return .running
    }

    /// What lines have printed that were executed while the machine was on its way; the next call has what comes later.
    package func takeOutput() -> String {
        defer { output = "" }
        return output
    }

    /// Copies text to the log.
    /// - Returns: what to tell the user about it.
    private func record(_ text: String) -> String { runner.debugger.log(text) }

    /// Failures of queues, and those of runs before the last `restart`.
    private var failedQueues = 0

    /// How often lines were not accepted whose `CommandResult` could not say so yet: those that waited for a stop, and those that no driver's callback took.
    package var failedLines: Int { failedQueues + runner.unclaimedLines }

    /// Whether the banner after a step shows the next instruction, as at KDBG's prompt. Its text costs more than the step; who makes millions of them and looks
    /// at registers turns it off.
    package var showsSteps: Bool {
        get { runner.showsSteps }
        set { runner.showsSteps = newValue }
    }

    /// Makes a run end with `.interrupted` at the next instruction.
    package func interrupt() {
        runner.machine.requestBreak()
    }

    /// Executes one command line as if typed at the `kdb:>` prompt, or gives it to the guest when that has asked a question.
    /// - Parameter origin: `.typed` for a person's lines: commands that end something then ask whether they are meant.
    package func execute(_ line: String, from origin: LineOrigin = .scripted) -> CommandResult {
        restart()
        let complaint = record("kdb:> \(line.harmless())\n")
        var result = runner.reply(line, from: origin) ?? runner.debugger.execute(line, from: origin)
        if result.resume == .reset, bootAgain == nil {
            result = CommandResult(output: "reboot: This machine cannot be reset.\n", failed: true)
        }
        if let name = CommandLine(line).words.first, let command = CommandTable.command(named: name.text) { result.paging = command.paging }
        result.output += complaint + record(result.output)
        return result
    }

    /// What could stand at `position` (a character offset) in `line`: the words that complete the one there.
    package func completions(of line: String, at position: Int) -> [String] {
        runner.debugger.completions(of: line, at: position)
    }

    /// Whether a file name of the host could stand at `position` in `line`.
    package func completesFileName(in line: String, at position: Int) -> Bool {
        runner.debugger.completesFileName(in: line, at: position)
    }

    /// Whether a word is the name of a command.
    package func isCommand(_ word: String) -> Bool {
        CommandTable.command(named: word) != nil || runner.debugger.aliases[word] != nil
    }

    /// Whether the next line is no command: the guest has asked a question (`DbgPrompt`), a command has, or a breakpoint's commands are being typed.
    package var isAsking: Bool { runner.reading != nil || runner.debugger.collecting != nil || runner.debugger.confirming != nil }

    /// Whether it is the guest that has asked, and shown its question.
    package var guestIsAsking: Bool { runner.reading != nil }

    /// What stands in front of the next line: KDBG's prompt (spec/kdbg.md section 3.1), or another while a breakpoint's commands are being typed.
    package var prompt: String { runner.debugger.collecting == nil ? "kdb:> " : "    > " }

    /// The boot timeline: what was observed, then what is still to come.
    package var timeline: [TimelineRow] { runner.faults.adding(to: runner.timeline.rows) }

    /// What has come of each fault that was asked for.
    package var faultReports: [FaultReport] { runner.faults.reports }

    /// The four providers, read from guest memory.
    package var providers: [ProviderRow] { ProviderReader.rows(in: runner.debugger.target, records: runner.providers.records) }

    /// Every line KD has logged so far.
    package var log: [LogLine] { runner.log.lines }

    /// Bytes the UARTs have sent since the last call; KD uses only one of them.
    package func drainSerial() -> [UInt8] {
        runner.machine.drainSerial(port: 0) + runner.machine.drainSerial(port: 1)
    }

    /// What a bare machine has sent by COM1 and the debug console (port E9h) since the last call, in the order in which it did.
    /// COM2 leads nowhere there.
    package func drainOutput() -> [(isConsole: Bool, bytes: [UInt8])] {
        _ = runner.machine.drainSerial(port: 1)
        return runner.machine.drainOutput()
    }

    /// POST codes written since the last call.
    package func drainPostCodes() -> [UInt8] { runner.machine.drainPostCodes() }

    /// How many bytes that have arrived at COM1 the guest has not read yet.
    package var serialBytesWaiting: Int { runner.machine.serial[0].waiting }

    /// Bytes that arrive at COM1 now; an input of the run. A machine that slept because nothing could wake it can run on.
    package func receive(serial bytes: [UInt8]) {
        runner.receive(serial: bytes)
    }

    /// KDBinit lines that failed so far.
    package var scriptErrors: [ScriptError] { runner.interpreter.errors }

    /// Whether the kernel has come to execute KDBinit.
    package var hasBegunScript: Bool { runner.interpreter.hasBegun }

    /// The instruction at the program counter with its address tag, as KDBG shows it after a step, without line end.
    package var currentInstruction: String { runner.debugger.currentInstruction }

    /// Bytes of the file on the boot volume that the File provider logs to, `\SystemRoot\debug.log` unless the boot options name another; nil when
    /// there is none.
    package func debugLog() -> [UInt8]? {
        let root = Array(#"\SYSTEMROOT\"#.utf8)
        guard let path = runner.providers.logPath,
            String(decoding: path.prefix(root.count), as: UTF8.self).uppercased().utf8.elementsEqual(root)
        else { return nil }
        return runner.guest.bootVolumeFile(#"ReactOS\"# + String(decoding: path.dropFirst(root.count), as: UTF8.self))
    }

    /// A hash of guest memory and registers, equal when the states are.
    package var stateHash: UInt64 { runner.machine.stateHash() }
}
