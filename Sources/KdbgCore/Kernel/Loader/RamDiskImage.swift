// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension BootLoader {
    /// Puts a copy of the boot volume at the end of memory, as FreeLoader does for `ramdisk(0)` (spec/boot.md section 6, ramdisk.c). The memory must have room for
    /// it and for a system (`ramDiskMemoryMiB`).
    mutating func placeRamDisk() {
        let start = BootVolume.partitionStart * BootVolume.sectorSize
        let size = BootVolume.diskSize - start
        let top = UInt32(machine.memorySize) >> 12
        ramDisk = top - UInt32((size + 0xFFF) >> 12)..<top
        let chunk = 0x1_0000
        for offset in stride(from: 0, to: size, by: chunk) {
            let bytes = machine.disk.read(offset: start + offset, count: min(chunk, size - offset))
            // Memory is zero already.
            if bytes.contains(where: { $0 != 0 }) { machine.writePhysical(ramDisk.lowerBound << 12 + UInt32(offset), bytes) }
        }
    }

    /// The least RAM, in MiB, to boot from a RAM disk with.
    package static var ramDiskMemoryMiB: Int { BootVolume.diskSize >> 20 + 33 }
}
