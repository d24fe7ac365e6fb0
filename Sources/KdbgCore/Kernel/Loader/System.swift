// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Guest {
    /// Links the kernel, the HAL and the drivers, loads them and their boot volume into a new machine, and stands at the first instruction.
    ///
    /// - Parameters:
    ///   - options: the kernel command line.
    ///   - script: bytes of KDBinit on the boot volume we make; nil leaves it out.
    ///   - disk: the disk to boot from; nil makes one.
    ///   - memoryMiB: RAM in MiB.
    ///   - processors: how many there are.
    ///   - fromRamDisk: the boot volume is in memory as well, and what the system boots from.
    package static func boot(
        options: String, script: [UInt8]? = nil, disk: BootDisk? = nil, memoryMiB: Int = 128, processors: Int = 1,
        fromRamDisk: Bool = false
    ) -> Guest {
        let drivers = DriverImage.all
        let hive = SystemHive(drivers: drivers)
        return boot(
            options: options, memoryMiB: memoryMiB, processors: processors, drivers: drivers, hive: hive, fromRamDisk: fromRamDisk
        ) { images in
            disk ?? BootDisk(holding: .standard(images: images, hive: hive.image, script: script))
        }
    }

    /// The same with what a laboratory changes.
    /// - Throws: when a fault is about a file that is not there.
    package static func boot(
        options: String, script: [UInt8]?, disk: BootDisk? = nil, memoryMiB: Int, processors: Int = 1, fromRamDisk: Bool = false,
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
            if let disk { return disk }
            let files = BootFiles.standard(images: images, hive: hive.image, script: script)
            do throws(FaultError) {
                return BootDisk(holding: BootFiles(nodes: try laboratory.volume(files.nodes)), free: laboratory.freeBytes)
            } catch {
                refused = error
                return BootDisk(holding: files)
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
    ///   - makeDisk: the boot disk, given the images.
    static func boot(
        options: String, memoryMiB: Int, processors: Int = 1, drivers: [DriverImage], hive: SystemHive? = nil, fromRamDisk: Bool = false,
        laboratory: Laboratory = Laboratory(), disk makeDisk: ([LoadableImage]) -> BootDisk
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
        let disk = makeDisk(linked.images)
        machine.disk.attach(disk.image)
        if fromRamDisk { loader.placeRamDisk() }
        let bases = loader.load(
            files, bootDrivers: started.map { BootLoader.BootDriver(module: $0.module, service: $0.service) }, hive: hive.image,
            options: options, disk: disk)
        laboratory.prepare(machine)
        let loaded = Set(files.map(\.image.module))
        var images = (files + linked.images.filter { !loaded.contains($0.image.module) }).map {
            PlacedImage(
                $0.image, checkSum: PELoader(file: $0.file).checkSum, base: bases[$0.image.module],
                home: $0.image.module == .kernel ? .fixed : .listed)
        }
        // A disk may have programs of its own by these names.
        let reader = VolumeReader(disk.image, disk.geometry)
        for program in UserPrograms.images
        where reader.file(at: BootFiles.system + #"\"# + program.image.module.name) == program.file {
            let home: PlacedImage.Home = program.image.module == NtDll.module ? .systemDll : .program
            images.append(PlacedImage(program.image, checkSum: PELoader(file: program.file).checkSum, base: nil, home: home))
        }
        return Guest(
            machine: machine, images: images, services: linked.services, ramDisk: fromRamDisk ? loader.ramDisk.lowerBound << 12 : nil)
    }

    /// A file of the boot volume as the guest has left it; the path is relative to the volume's root.
    package func bootVolumeFile(_ path: String) -> [UInt8]? {
        var disk = machine.disk.image
        if let ramDisk {
            // The partition alone, in memory.
            let size = BootVolume.diskSize - BootVolume.partitionStart * BootVolume.sectorSize
            disk = DiskImage(DiskSource(machine.readPhysical(ramDisk, count: size)))
        }
        guard let found = try? VolumeFinder(disk) else { return nil }
        return VolumeReader(disk, found.geometry).file(at: path)
    }
}
