// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import KdbgCore

/// The options of `kdbg bare`, taken apart and found to go together.
struct BareInputs {
    private enum Program {
        case rom(String)
        case bootSector
        case kernel(String, commandLine: String, modules: [(file: String, string: String)])
        case raw([(file: String, address: UInt32)], entry: UInt32, isProtected: Bool)
    }

    private let program: Program
    private let disk: String?
    private let memoryMiB: Int
    private let postPort: UInt16
    private let limit: UInt64?

    /// - Throws: a `ValidationError` that says which options are wrong.
    init(_ command: BareCommand) throws {
        guard BareConfiguration.memorySizes.contains(command.memory) else {
            throw ValidationError("The value '\(command.memory)' is out of range for '--memory <mib>': 1 to 3072.")
        }
        memoryMiB = command.memory
        guard let port = Self.number(command.postPort), let port = UInt16(exactly: port) else {
            throw ValidationError("The value '\(command.postPort)' is invalid for '--post-port <port>': 0 to 0xFFFF.")
        }
        postPort = port
        limit = command.limit
        disk = command.disk
        program = try Self.program(command)
    }

    private static func program(_ command: BareCommand) throws -> Program {
        let programs = [("--rom", command.rom != nil), ("--kernel", command.kernel != nil), ("--raw", !command.raw.isEmpty)]
        let given = programs.filter { $0.1 }.map { $0.0 }
        guard given.count <= 1 else { throw ValidationError("\(given.joined(separator: " and ")) exclude each other.") }
        guard given.count == 1 || command.disk != nil else {
            throw ValidationError("Nothing to run: give one of --rom, --kernel, --raw and --disk.")
        }
        if command.kernel == nil, command.append != nil || !command.module.isEmpty {
            throw ValidationError("--append and --module are for --kernel.")
        }
        if command.raw.isEmpty, command.entry != nil || command.protected {
            throw ValidationError("--entry and --protected are for --raw.")
        }
        if let rom = command.rom { return .rom(rom) }
        if given.isEmpty { return .bootSector }
        if let kernel = command.kernel {
            let modules = command.module.map { text in (file: String(text.prefix { $0 != " " }), string: text) }
            let commandLine = command.append.map { "\(kernel) \($0)" } ?? kernel
            return .kernel(kernel, commandLine: commandLine, modules: modules)
        }
        guard let text = command.entry else { throw ValidationError("--raw needs --entry, the address of the first instruction.") }
        let entry = try address(text, of: "--entry <address>")
        let pieces = try command.raw.map { text in
            guard let at = text.lastIndex(of: "@"), at > text.startIndex else {
                throw ValidationError("The value '\(text)' is invalid for '--raw <file@address>': there is no '@' with an address.")
            }
            return (file: String(text[..<at]), address: try address(String(text[text.index(after: at)...]), of: "--raw <file@address>"))
        }
        return .raw(pieces, entry: entry, isProtected: command.protected)
    }

    private static func address(_ text: String, of option: String) throws -> UInt32 {
        guard let number = number(text), let address = UInt32(exactly: number) else {
            throw ValidationError("'\(text)' is no address, in '\(option)': 0 to 0xFFFFFFFF, decimal or hexadecimal with 0x.")
        }
        return address
    }

    /// A number in decimal, or in hexadecimal with 0x.
    private static func number(_ text: String) -> UInt64? {
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        guard digits.first?.isHexDigit == true else { return nil }
        return UInt64(digits, radix: isHexadecimal ? 16 : 10)
    }

    /// Reads the files.
    func configuration() throws(Abort) -> BareConfiguration {
        var configuration = BareConfiguration(program: try readProgram(), memoryMiB: memoryMiB, postPort: postPort, instructionLimit: limit)
        configuration.disk = try disk.map { name throws(Abort) in try file(name, largest: Self.largestDisk) }
        return configuration
    }

    private func readProgram() throws(Abort) -> BareConfiguration.Program {
        switch program {
        case .rom(let name): return .rom(try file(name))
        case .bootSector: return .bootSector
        case .kernel(let name, let commandLine, let modules):
            var read: [BareConfiguration.Module] = []
            for module in modules { read.append(.init(file: try file(module.file), string: module.string)) }
            return .kernel(try file(name), commandLine: commandLine, modules: read)
        case .raw(let pieces, let entry, let isProtected):
            var read: [BareConfiguration.Piece] = []
            for piece in pieces { read.append(.init(file: try file(piece.file), address: piece.address)) }
            return .raw(read, entry: entry, isProtected: isProtected)
        }
    }

    /// A disk is read into memory as a whole.
    private static let largestDisk: Int = 2 << 30

    /// - Parameter largest: bytes; as much as RAM when nothing is said.
    private func file(_ name: String, largest: Int? = nil) throws(Abort) -> BareConfiguration.File {
        // Opening a FIFO waits for somebody who writes, and that may be for ever.
        if InputFile.isNamedPipe(name) {
            throw .refused(name: name, reason: "a FIFO; a regular file is needed", status: ExitStatus.noInput)
        }
        return BareConfiguration.File(
            name: InputFile.displayName(name), bytes: try InputFile.read(name, largest: largest ?? (memoryMiB << 20)))
    }
}
