// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Commands of the host.
enum Shell {
    /// What a command prints, errors too, and its status as `pclose` gives it: 0 is success, and an exit status is its upper byte.
    static func run(_ command: String) -> (output: String, status: Int32) {
        guard let pipe = popen("{ \(command); } 2>&1", "r") else { return ("no pipe", -1) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
        return (String(decoding: output, as: UTF8.self), pclose(pipe))
    }
}
