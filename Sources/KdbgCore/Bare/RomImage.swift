// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A ROM of somebody's own, such as a BIOS: it ends at FFFFFh and at FFFFFFFFh, and the processor's first instruction is 16 bytes before its end.
enum RomImage {
    /// Room for the first instruction.
    private static let smallest = 16

    /// Installs the image; the processor stays as RESET leaves it.
    /// - Throws: when the size cannot be that of a ROM.
    static func load(_ file: BareConfiguration.File, into machine: Machine) throws(LoadError) {
        guard !file.bytes.isEmpty else { throw LoadError(file, "the file is empty") }
        guard file.bytes.count >= smallest else {
            throw LoadError(file, "a ROM of \(file.bytes.count) bytes has no first instruction, which is \(smallest) bytes before the end")
        }
        guard file.bytes.count <= Machine.largestROM else {
            throw LoadError(file, "\(file.bytes.count) bytes are too large for a ROM below 1 MiB: \(Machine.largestROM) are the most")
        }
        machine.installROM(file.bytes)
    }
}
