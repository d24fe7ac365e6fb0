// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A disk from which the system boots: its contents, which are an input of the run, and what the boot loader tells the kernel about it.
package struct BootDisk: Equatable, Sendable {
    package var image: DiskImage
    /// The volume with `\ReactOS`.
    let geometry: VolumeGeometry
    /// The number of its partition, from 1.
    let partition: Int

    /// Takes somebody's disk, after a look at whether its volume is sound.
    ///
    /// - Parameters:
    ///   - image: FAT16 or FAT32 with `\ReactOS`, with or without partition table.
    ///   - script: bytes of KDBinit, which are put on the volume like a copied file; nil leaves what is there.
    /// - Throws: where the disk is damaged or not of that kind.
    package init(_ image: DiskImage, script: [UInt8]? = nil) throws(VolumeError) {
        guard image.size > 0 else { throw VolumeError("", "the image is empty") }
        let found = try VolumeFinder(image)
        geometry = found.geometry
        partition = found.partition
        // LBA with 28 bits.
        guard geometry.start + geometry.sectors * VolumeGeometry.sectorSize <= 128 << 30 else {
            throw VolumeError("", "the volume ends beyond 128 GiB, which kdbg's disk driver cannot reach")
        }
        try VolumeCheck.run(image, geometry)
        self.image = image
        guard let script else { return }
        if VolumeReader(image, geometry).file(at: BootFiles.initFile) == script { return }
        var editor = VolumeEditor(image, geometry)
        try editor.add(BootFiles.initFile, script)
        self.image = editor.finish()
    }

    /// The disk we make, whose volume holds these files.
    /// - Parameter free: bytes that are to be free; a file takes the others. Nil: no such file.
    init(holding files: BootFiles, free: Int? = nil) {
        image = DiskImage(DiskSource(BootVolume.disk(holding: files.nodes, free: free)), size: BootVolume.diskSize)
        do throws(VolumeError) {
            let start = BootVolume.partitionStart * BootVolume.sectorSize
            geometry = try VolumeGeometry(boot: image.read(offset: start, count: 512), start: start, room: image.size - start)
        } catch {
            preconditionFailure("our volume is no volume: \(error.message)")
        }
        partition = 1
    }

    /// The signature in the master boot record, or what stands there.
    var signature: UInt32 { UInt32(image.read(offset: 0x1B8, count: 4).dword(at: 0)) }

    /// What makes the sum of the first sector's 128 dwords zero (spec/boot.md section 6, arcname.c).
    var checksum: UInt32 {
        let sector = image.read(offset: 0, count: 512)
        return stride(from: 0, to: 512, by: 4).reduce(0 as UInt32) { $0 &- UInt32(sector.dword(at: $1)) }
    }
}
