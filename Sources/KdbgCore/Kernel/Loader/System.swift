// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Guest {
    /// Links the kernel, the HAL and the drivers, loads them and their boot volume into a new machine, and stands at the first instruction.
    ///
    /// - Parameters:
    ///   - options: the kernel command line.
    ///   - script: bytes of KDBinit on the boot volume; nil leaves it out.
    ///   - memoryMiB: RAM in MiB.
    ///   - processors: how many there are.
    package static func boot(options: String, script: [UInt8]? = nil, memoryMiB: Int = 128, processors: Int = 1) -> Guest {
        boot(options: options, memoryMiB: memoryMiB, processors: processors, drivers: BootDriverImage.all) {
            BootFiles.standard(images: $0, script: script).nodes
        }
    }

    /// The same with other drivers or another volume.
    ///
    /// - Parameter volume: what the volume's root holds, given the images.
    static func boot(
        options: String, memoryMiB: Int, processors: Int = 1, drivers: [BootDriverImage], volume: ([LoadableImage]) -> [BootVolume.Node]
    ) -> Guest {
        let machine = Machine(memoryBytes: memoryMiB << 20, processorCount: processors)
        let linked = SystemImages.link(drivers: drivers)
        let files = linked.images
        var loader = BootLoader(machine: machine)
        let loaded = loader.load(
            files, bootDrivers: drivers.map { BootLoader.BootDriver(module: $0.module, service: $0.service) }, options: options)
        machine.disk.attach(bytes: BootVolume.disk(holding: volume(files)), size: BootVolume.diskSize)
        return Guest(
            machine: machine, symbols: loaded.symbols, bootSteps: loaded.steps, images: files.map(\.image), services: linked.services)
    }

    /// A file of the boot volume as the guest has left it; the path is relative to the volume's root.
    package func bootVolumeFile(_ path: String) -> [UInt8]? {
        VolumeReader { [machine] in machine.disk.read(offset: $0, count: $1) }?.file(at: path)
    }
}
