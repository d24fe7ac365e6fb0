// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Puts /dev/null where the caller has closed a standard descriptor, before any other file can take the number and be written to by mistake.
///
/// Standard output is opened for reading only, so that writing to it fails as it should.
func fillStandardDescriptors() {
    for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) == -1 {
        _ = open("/dev/null", mode)
    }
}
