// SPDX-License-Identifier: GPL-3.0-or-later

/// Constants in the image's read-only section; equal ones are one.
extension Function {
    /// The address of a zero-terminated string of bytes.
    package func text(_ string: String) -> Value {
        constant("\"" + string, Array(string.utf8) + [0])
    }

    /// The address of a zero-terminated string of 16-bit characters.
    package func wide(_ string: String) -> Value {
        constant("L\"" + string, Self.utf16(string) + [0, 0])
    }

    /// The address of a UNICODE_STRING.
    package func unicode(_ string: String) -> Value {
        counted("U\"" + string, Self.utf16(string), terminator: [0, 0])
    }

    /// The address of a STRING.
    package func ansi(_ string: String) -> Value {
        counted("S\"" + string, Array(string.utf8), terminator: [0])
    }

    private func constant(_ name: String, _ bytes: [UInt8]) -> Value {
        .address(
            of: Global(name, size: UInt32(bytes.count), module: routine.module, section: .constants, alignment: 2) { [.bytes(bytes)] })
    }

    private func counted(_ name: String, _ bytes: [UInt8], terminator: [UInt8]) -> Value {
        let module = routine.module
        let length = UInt16(bytes.count)
        return .address(
            of: Global(name, size: UInt32(8 + bytes.count + terminator.count), module: module, section: .constants) {
                [
                    .word(length), .word(length + UInt16(terminator.count)),
                    .itself(8), .bytes(bytes + terminator),
                ]
            })
    }

    private static func utf16(_ string: String) -> [UInt8] {
        string.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}
