// SPDX-License-Identifier: GPL-3.0-or-later

import CNcurses
import Glibc
import Synchronization

/// Keeps what libraries and the Swift runtime say on standard error off the screen, and shows it when the screen is gone: a trap's message
/// would otherwise vanish with the alternate screen it was printed on.
///
/// The two descriptors are the only state a crash handler needs, and a crash handler sees nothing but globals; hence they live here.
enum StandardErrorCapture {
    private static let original = Atomic<Int32>(-1)
    private static let captured = Atomic<Int32>(-1)

    /// From now on standard error goes to memory. Does nothing when it is not a terminal.
    static func start() {
        guard isatty(STDERR_FILENO) != 0, original.load(ordering: .relaxed) < 0 else { return }
        let memory = kdbg_open_memory("kdbg-stderr")
        guard memory >= 0 else { return }
        let saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard saved >= 0, dup2(memory, STDERR_FILENO) >= 0 else { return }
        original.store(saved, ordering: .relaxed)
        captured.store(memory, ordering: .relaxed)
    }

    /// Standard error is the terminal again and shows what was said meanwhile. Only calls that a signal handler may make.
    static func replay() {
        let saved = original.exchange(-1, ordering: .relaxed)
        let memory = captured.exchange(-1, ordering: .relaxed)
        guard saved >= 0, memory >= 0 else { return }
        dup2(saved, STDERR_FILENO)
        close(saved)
        lseek(memory, 0, SEEK_SET)
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while true {
                let count = read(memory, buffer.baseAddress, buffer.count)
                if count <= 0 { break }
                write(STDERR_FILENO, buffer.baseAddress, count)
            }
        }
        close(memory)
    }
}
