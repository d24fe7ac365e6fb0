// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Guest {
    /// A machine with somebody else's program in it, at its first instruction: no boot steps, no services, no kernel that the debugger knows.
    ///
    /// - Throws: when a file cannot be what it is used as.
    package static func bare(_ configuration: BareConfiguration) throws(LoadError) -> Guest {
        precondition(BareConfiguration.memorySizes.contains(configuration.memoryMiB), "front ends check the size")
        let machine = Machine(memoryBytes: configuration.memoryMiB << 20)
        machine.answersVMCALL = false
        machine.postPort = configuration.postPort
        machine.ordersOutput = true
        var symbols = SymbolTable()
        if let disk = configuration.disk { try DiskLoader.attach(disk, to: machine) }
        switch configuration.program {
        case .rom(let file):
            try RomImage.load(file, into: machine)
        case .bootSector:
            guard let disk = configuration.disk else { preconditionFailure("front ends see to it that there is a disk to boot from") }
            symbols = try DiskLoader.boot(disk, on: machine)
        case .kernel(let file, let commandLine, let modules):
            var loader = MultibootLoader(machine)
            symbols = try loader.load(file, commandLine: commandLine, modules: modules)
        case .raw(let pieces, let entry, let isProtected):
            try RawLoader.load(pieces, entry: entry, isProtected: isProtected, into: machine)
        }
        return Guest(bare: machine, symbols: symbols)
    }
}
