// SPDX-License-Identifier: GPL-3.0-or-later

/// The inputs of a run (design rule 3): everything that decides what the machine will do.
package struct BootConfiguration: Equatable, Sendable {
    /// The kernel command line, as the boot loader passes it on (spec/kdbg.md section 7.2).
    package var bootOptions: String
    /// Bytes of `\SystemRoot\System32\drivers\etc\KDBinit` on the boot volume that is made; nil leaves the file out.
    package var script: [UInt8]?
    /// The disk to boot from, with the script on it; nil makes one of our own.
    package var disk: BootDisk?
    /// RAM in MiB, 32 to 1024.
    package var memoryMiB: Int
    /// Processors, 1 to 4.
    package var processors: Int
    /// Whether the boot volume is a RAM disk: `ramdisk(0)`.
    package var bootsFromRamDisk: Bool
    /// Whether KDBG's defects are to be there, as far as that is harmless (`Mend`). They change what KDBinit lines print, which is in guest memory.
    package var keepsQuirks: Bool
    /// What is to go wrong.
    package var faults: [Fault]
    /// How KD gets to be called again.
    package var mechanism: Mechanism

    /// The least RAM, in MiB, for a boot from a RAM disk.
    package static var ramDiskMemoryMiB: Int { BootLoader.ramDiskMemoryMiB }

    /// What `kdbg` boots with when nothing is said.
    package static let defaultBootOptions = #"DEBUG DEBUGPORT=SCREEN DEBUGPORT=COM1 DEBUGPORT=FILE:\SystemRoot\debug.log"#

    package init(
        bootOptions: String = Self.defaultBootOptions, script: [UInt8]? = nil, disk: BootDisk? = nil, memoryMiB: Int = 128,
        processors: Int = 1, keepsQuirks: Bool = false, bootsFromRamDisk: Bool = false, faults: [Fault] = [], mechanism: Mechanism = .hook
    ) {
        self.disk = disk
        self.processors = processors
        self.bootsFromRamDisk = bootsFromRamDisk
        self.mechanism = mechanism
        self.faults = faults
        self.keepsQuirks = keepsQuirks
        self.bootOptions = bootOptions
        self.script = script
        self.memoryMiB = memoryMiB
    }

    /// What changes kernel, loader and PC.
    var laboratory: Laboratory { Laboratory(faults: faults, mechanism: mechanism) }

    /// Why a mechanism makes no difference with these boot options; nil when it does (spec/kdbg.md section 7.2).
    package var mechanismProblem: String? {
        let options = bootOptions.uppercased()
        if options.contains("CRASHDEBUG") { return "CRASHDEBUG leaves KD off until a crash" }
        if options.contains("NODEBUG") { return "NODEBUG leaves KD off" }
        return options.contains("DEBUG") ? nil : "KD is off without DEBUG or DEBUGPORT"
    }

    /// Whether a session can be made of it: faults may name what is not there.
    package func check() throws(FaultError) {
        guard !faults.isEmpty else { return }
        _ = try FaultInjector(try boot(), faults)
    }

    /// A machine that stands at its first instruction.
    func boot() throws(FaultError) -> Guest {
        try Guest.boot(
            options: bootOptions, script: script, disk: disk, memoryMiB: memoryMiB, processors: processors, fromRamDisk: bootsFromRamDisk,
            laboratory: laboratory)
    }
}

/// How far a front end wants the machine to run.
package enum RunGoal: Equatable, Sendable {
    /// Until something stops it.
    case go
    /// Until the next boot step is entered.
    case nextBootStep
    /// Until this boot step is entered (again).
    case bootStep(StepNumber)
    /// That many instructions, entering calls.
    case step(UInt64)
    /// That many instructions, calls and repeated string instructions taken as one.
    case next(UInt64)
    /// Until the instruction at this virtual address comes next.
    case until(UInt32)
    /// Until an activation of a routine has returned.
    case finish(Activation)
    /// Until the drivers' callbacks have been offered the line that the debugger does not know; the prompt comes back by itself.
    case callbacks
    /// Not at all: the machine is to be reset.
    case reset
}

/// One call of a routine that has not returned yet.
package struct Activation: Equatable, Sendable {
    /// The routine's name; empty when it is not known.
    package var routine: String
    /// Virtual.
    package var returnAddress: UInt32
    /// ESP when it has returned, at least: the callee may take its arguments off the stack.
    package var stack: UInt32
}

/// Why the machine stands still.
package enum Stop: Equatable, Sendable {
    /// Nothing has run yet.
    case start
    /// A boot step was entered.
    case bootStep(StepNumber)
    /// One of the user's breakpoints.
    case breakpoint(Int)
    /// A `step` or `next` came to its end.
    case stepped
    /// The guest's KD entered KDBG: an embedded INT3, an exception, a `break` line in KDBinit.
    case debugger
    /// The user asked for it (Ctrl-C).
    case interrupted
    /// Phase 1 has ended in the zero-page loop.
    case bootComplete
    /// The machine was reset by `reboot`. The session still shows what it was like; the next command or run, or `restart()`, boots it again.
    case reset
    /// The kernel crashed and halted. The parameters of `KeBugCheckEx`.
    case bugcheck(code: UInt32, parameters: [UInt32])
    /// The machine has come to an end that nothing leads out of.
    case dead(Ending)

    /// Whether running on is pointless.
    package var isFinal: Bool {
        switch self {
        case .bugcheck, .dead: true
        default: false
        }
    }
}

/// How a machine can end.
package enum Ending: Equatable, Sendable {
    /// HLT with interrupts off.
    case halted
    /// HLT with interrupts on, and nothing is left that could interrupt.
    case asleep
    /// A triple fault, or a reset through the keyboard controller or port 92h.
    case shutdown
    /// The guest wrote this value to the debug-exit port, F4h.
    case debugExit(UInt32)
    /// The instructions that the run was limited to have been executed.
    case instructionLimit

    /// A few words that say so.
    package var reason: String {
        switch self {
        case .halted: "HLT with interrupts off"
        case .asleep: "HLT, and nothing is left that could wake it"
        case .shutdown: "triple fault"
        case .debugExit(let value): "debug exit \(value)"
        case .instructionLimit: "the limit of instructions is reached"
        }
    }
}

/// What came of letting the machine run for a while.
package enum RunResult: Equatable, Sendable {
    /// It stopped. `banner` is the text KDBG shows for that (spec/kdbg.md section 3.6), with line ends.
    case stopped(Stop, banner: String)
    /// The budget of instructions is used up and the goal is still ahead: call again.
    case running
}

/// What came of a command line.
package struct CommandResult: Equatable, Sendable {
    /// The text to show, with line ends; may hold the `ESC[7m`, `ESC[1m`, `ESC[0m` of spec/kdbg.md tabs where KDBG
    /// prints them, and no other control characters.
    package var output: String
    /// Set when the command leaves the debugger (`cont`, `step`, `next`): run with this goal.
    package var resume: RunGoal?
    /// The command was not accepted: unknown, wrong arguments, a bad expression, unreadable memory. `output` says why.
    package var failed: Bool
    /// How a front end pages the output.
    package var paging = Pager.Kind.output

    /// The part of the output that says why something was not accepted; nil when that is not known apart.
    package var reason: String?
    /// What went wrong, on one line of bearable length.
    package var complaint: String { ScriptInterpreter.summary(reason ?? output) }

    package init(output: String = "", resume: RunGoal? = nil, failed: Bool = false, reason: String? = nil) {
        self.reason = reason
        self.output = output
        self.resume = resume
        self.failed = failed
    }
}

/// A KD provider as found in guest memory (spec/kdbg.md section 7).
package struct ProviderRow: Equatable, Sendable {
    /// `Screen`, `Serial`, `File` or `KDBG`.
    package var name: String
    /// Virtual address of its KD_DISPATCH_TABLE.
    package var address: UInt32
    /// Whether it is linked into `KdProviders`.
    package var isRegistered: Bool
    /// The last BootPhase it was called with; nil before the first call.
    package var phase: UInt32?
    /// Whether its `KdpInitRoutine` field is set, that is whether it asks for another phase.
    package var isArmed: Bool
    /// `InitStatus`; nil before the first call.
    package var status: UInt32?
    /// The symbolic name of `status`, such as `STATUS_OBJECT_PATH_NOT_FOUND`.
    package var statusName: String
    /// Bytes its print routine was handed.
    package var bytesPrinted: UInt64
    /// Bytes waiting in its ring and the ring's size; nil when it has none (yet).
    package var ring: Ring?

    /// Fill of a provider's ring buffer, in bytes.
    package struct Ring: Equatable, Sendable {
        package var used: UInt32
        package var size: UInt32

        package init(used: UInt32, size: UInt32) {
            self.used = used
            self.size = size
        }
    }

    package init(
        name: String, address: UInt32, isRegistered: Bool = false, phase: UInt32? = nil, isArmed: Bool = false, status: UInt32? = nil,
        statusName: String = "", bytesPrinted: UInt64 = 0, ring: Ring? = nil
    ) {
        self.name = name
        self.address = address
        self.isRegistered = isRegistered
        self.phase = phase
        self.isArmed = isArmed
        self.status = status
        self.statusName = statusName
        self.bytesPrinted = bytesPrinted
        self.ring = ring
    }
}

/// A KDBinit line that KDBG did not accept.
package struct ScriptError: Equatable, Sendable {
    /// From 1.
    package var line: Int
    /// What KDBG printed about it, on one line.
    package var message: String

    package init(line: Int, message: String) {
        self.line = line
        self.message = message
    }
}
