// SPDX-License-Identifier: GPL-3.0-or-later

import CNcurses
import Glibc

/// SIGINT, SIGTERM, SIGHUP and SIGCONT as something to poll instead of something that happens in the middle of anything: no handler, no shared state.
///
/// The signals stay blocked as long as the process lives; whoever runs long must look here now and then.
package final class Signals {
    private let descriptor: Int32
    private var hasContinued = false

    package init() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGCONT] { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = kdbg_open_signals(&set)
        // A reader that went away shows as EPIPE where we write.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        close(descriptor)
    }

    /// The signal that has arrived; nil when there is none.
    package func next() -> Int32? {
        let signal = kdbg_next_signal(descriptor)
        if signal == SIGCONT {
            hasContinued = true
            return next()
        }
        return signal == 0 ? nil : signal
    }

    /// Whether the process has been stopped (Ctrl-Z) and continued since the last call; the shell may have changed the terminal's modes meanwhile.
    package func takeContinued() -> Bool {
        defer { hasContinued = false }
        return hasContinued
    }

    /// What ended a wait.
    package enum Event: Equatable, Sendable {
        /// The descriptor is ready.
        case ready
        /// Its other end is gone.
        case hungUp
        /// The time is over, or something harmless interrupted it.
        case nothing
        case signal(Int32)
    }

    /// Waits until `other` can be read (or written), a signal arrives, or the time is over; -1 waits for ever. When both are the case, a
    /// reader learns of the signal first, and a writer may finish first what it has to say.
    package func wait(for other: Int32, toWrite: Bool = false, milliseconds: Int32 = -1) -> Event {
        let wanted = Int16(toWrite ? POLLOUT : POLLIN)
        var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: wanted, revents: 0)]
        guard poll(&polled, 2, milliseconds) > 0 else { return .nothing }
        if toWrite, polled[1].revents & wanted != 0 { return .ready }
        if polled[0].revents != 0, let signal = next() { return .signal(signal) }
        if polled[1].revents & wanted != 0 { return .ready }
        return polled[1].revents != 0 ? .hungUp : .nothing
    }
}

/// Gives the terminal back when the process crashes, then lets it crash: a person keeps a usable terminal and the exit status tells the truth.
///
/// `endwin` is not meant for signal handlers; ncurses itself calls it from its own ones, and the alternative is no terminal at all.
func restoreTerminalOnCrash() {
    // A stack overflow needs a stack to be reported on. It is never freed: a crash may come at any time.
    let size = 64 * 1024
    var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
    sigaltstack(&stack, nil)
    for crash in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            endwin()
            StandardErrorCapture.replay()
            Glibc.signal(signal, SIG_DFL)
            raise(signal)
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_ONSTACK) | UInt32(SA_RESETHAND) | UInt32(SA_NODEFER))
        sigaction(crash, &action, nil)
    }
}
