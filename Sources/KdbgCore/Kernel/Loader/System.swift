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
    ///   - fromRamDisk: the boot volume is in memory as well, and what the system boots from.
    package static func boot(
        options: String, script: [UInt8]? = nil, memoryMiB: Int = 128, processors: Int = 1, fromRamDisk: Bool = false
    ) -> Guest {
        let drivers = DriverImage.all
        let hive = SystemHive(drivers: drivers)
        return boot(
            options: options, memoryMiB: memoryMiB, processors: processors, drivers: drivers, hive: hive, fromRamDisk: fromRamDisk
        ) {
            BootFiles.standard(images: $0, hive: hive.image, script: script).nodes
        }
    }

    /// The same with what a laboratory changes.
    /// - Throws: when a fault is about a file that is not there.
    package static func boot(
        options: String, script: [UInt8]?, memoryMiB: Int, processors: Int = 1, fromRamDisk: Bool = false,
        laboratory: Laboratory
    ) throws(FaultError) -> Guest {
        // The volume can refuse, and the machine is built around it.
        var refused: FaultError?
        // What is missing are files; the registry names them all.
        let drivers = laboratory.drivers(DriverImage.all)
        let hive = SystemHive(drivers: DriverImage.all)
        let guest = boot(
            options: options, memoryMiB: memoryMiB, processors: processors, drivers: drivers, hive: hive, fromRamDisk: fromRamDisk,
            laboratory: laboratory
        ) { images in
            let files = BootFiles.standard(images: images, hive: hive.image, script: script).nodes
            do throws(FaultError) {
                return try laboratory.volume(files)
            } catch {
                refused = error
                return files
            }
        }
        if let refused { throw refused }
        return guest
    }

    /// The same with other drivers, another registry or another volume.
    ///
    /// - Parameters:
    ///   - drivers: all drivers there are; their keys under `Services` are made from this.
    ///   - hive: the SYSTEM hive; nil for one with these drivers.
    ///   - volume: what the volume's root holds, given the images.
    static func boot(
        options: String, memoryMiB: Int, processors: Int = 1, drivers: [DriverImage], hive: SystemHive? = nil, fromRamDisk: Bool = false,
        laboratory: Laboratory = Laboratory(),
        volume: ([LoadableImage]) -> [BootVolume.Node]
    ) -> Guest {
        let machine = Machine(memoryBytes: memoryMiB << 20, processorCount: processors)
        let linked = SystemImages.link(drivers: drivers, variant: laboratory.variant)
        let hive = hive ?? SystemHive(drivers: drivers)
        let started = BootDriverOrder(hive: hive).services.compactMap { service in
            drivers.first { $0.service.lowercased() == service.lowercased() }
        }
        let files = linked.loadOrder(started.map(\.module))
        var loader = BootLoader(machine: machine)
        if let name = laboratory.bootDevice { loader.bootDevice = name }
        machine.disk.attach(
            bytes: BootVolume.disk(holding: volume(linked.images), free: laboratory.freeBytes), size: BootVolume.diskSize)
        if fromRamDisk { loader.placeRamDisk() }
        let loaded = loader.load(
            files, bootDrivers: started.map { BootLoader.BootDriver(module: $0.module, service: $0.service) }, hive: hive.image,
            options: options)
        laboratory.prepare(machine)
        return Guest(
            machine: machine, symbols: loaded.symbols, bootSteps: loaded.steps, images: files.map(\.image), services: linked.services,
            ramDisk: fromRamDisk ? loader.ramDisk.lowerBound << 12 : nil)
    }

    /// A file of the boot volume as the guest has left it; the path is relative to the volume's root.
    package func bootVolumeFile(_ path: String) -> [UInt8]? {
        guard let ramDisk else { return VolumeReader { [machine] in machine.disk.read(offset: $0, count: $1) }?.file(at: path) }
        // The partition's contents are in memory, what is in front of it only on the disk.
        let start = BootVolume.partitionStart * BootVolume.sectorSize
        return VolumeReader { [machine] offset, count in
            guard offset >= start else { return machine.disk.read(offset: offset, count: count) }
            return machine.readPhysical(ramDisk + UInt32(offset - start), count: count)
        }?.file(at: path)
    }
}
