// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Guest {
    /// Links the kernel, the HAL and the drivers, loads them and their boot volume into a new machine, and stands at the first instruction.
    ///
    /// - Parameters:
    ///   - options: the kernel command line.
    ///   - script: bytes of KDBinit on the boot volume; nil leaves it out.
    ///   - memoryMiB: RAM in MiB.
    package static func boot(options: String, script: [UInt8]? = nil, memoryMiB: Int = 128) -> Guest {
        let machine = Machine(memoryBytes: memoryMiB << 20)
        var linker = Linker()
        let images = linker.link(entries: [Ke.systemStartup])
        var loader = BootLoader(machine: machine)
        let loaded = loader.load(images, bootDrivers: [], options: options)
        return Guest(
            machine: machine, symbols: loaded.symbols, bootSteps: loaded.steps, images: loaded.images, services: linker.services)
    }
}
