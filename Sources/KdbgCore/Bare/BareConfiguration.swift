// SPDX-License-Identifier: GPL-3.0-or-later

/// The inputs of a run of somebody else's program (design rule 3): all that decides what a bare machine will do, but for what arrives from outside.
package struct BareConfiguration: Equatable, Sendable {
    /// A file that has been read, and the name that messages call it by.
    package struct File: Equatable, Sendable {
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// A boot module: a file, and the text that the kernel is given with it (Multiboot specification 0.6.96, 3.3).
    package struct Module: Equatable, Sendable {
        package var file: File
        /// The file's name, and what the user wrote behind it.
        package var string: String

        package init(file: File, string: String) {
            self.file = file
            self.string = string
        }
    }

    /// Bytes for a place in memory.
    package struct Piece: Equatable, Sendable {
        package var file: File
        /// Physical.
        package var address: UInt32

        package init(file: File, address: UInt32) {
            self.file = file
            self.address = address
        }
    }

    /// Where the first instruction comes from.
    package enum Program: Equatable, Sendable {
        /// A ROM that ends at FFFFFh and, seen again, at FFFFFFFFh; the processor begins as RESET leaves it.
        case rom(File)
        /// A kernel for boot loaders that follow the Multiboot specification, version 1.
        case kernel(File, commandLine: String, modules: [Module])
        /// Memory as it is. The processor begins at the physical address `entry`: in real mode, or in flat 32-bit protected mode.
        case raw([Piece], entry: UInt32, isProtected: Bool)
        /// The first sector of the disk, by our own firmware.
        case bootSector
    }

    package var program: Program
    /// What the ATA disk holds; nil for no disk. The guest writes to a copy, the file stays as it is.
    package var disk: File?
    /// RAM in MiB; see `memorySizes`.
    package var memoryMiB: Int
    /// The port that POST codes are written to.
    package var postPort: UInt16
    /// Instructions after which the run ends; nil for no limit.
    package var instructionLimit: UInt64?

    /// What `memoryMiB` may be: what lies above is for devices and the ROM.
    package static let memorySizes = 1...3072

    package init(program: Program, disk: File? = nil, memoryMiB: Int = 128, postPort: UInt16 = 0x80, instructionLimit: UInt64? = nil) {
        self.program = program
        self.disk = disk
        self.memoryMiB = memoryMiB
        self.postPort = postPort
        self.instructionLimit = instructionLimit
    }
}

/// An input that is not what it should be.
package struct LoadError: Error, Equatable, Sendable {
    /// Name of the file.
    package var file: String
    /// What is wrong with it: a clause that follows the name and a colon.
    package var reason: String

    package init(_ file: BareConfiguration.File, _ reason: String) {
        self.file = file.name
        self.reason = reason
    }
}
