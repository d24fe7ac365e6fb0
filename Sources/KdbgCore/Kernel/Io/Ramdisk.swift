// SPDX-License-Identifier: GPL-3.0-or-later

/// The boot volume in memory (spec/boot.md sections 1.9 #16 and 6, ramdisk.c).
extension Io {
    /// BC 0xF8's first parameter: what could not be done.
    private enum Failure {
        static let noDescriptor: UInt32 = 1
        static let noDriver: UInt32 = 2
        static let control: UInt32 = 3
        static let guid: UInt32 = 4
        static let link: UInt32 = 5
        static let systemRoot: UInt32 = 6
    }

    /// MemoryType of the descriptor that holds the image.
    private static let xipRom: UInt32 = 0x19

    /// The number of the boot disk, which everybody knows: {D9B257FC-684E-4DCB-AB79-03CFA2F6B750}.
    static let bootDiskGuid: Global = .init("IopRamdiskBootDiskGuid", size: 16, section: .constants) {
        [.bytes([0xFC, 0x57, 0xB2, 0xD9, 0x4E, 0x68, 0xCB, 0x4D, 0xAB, 0x79, 0x03, 0xCF, 0xA2, 0xF6, 0xB7, 0x50])]
    }

    /// `IopStartRamdiskIfBootDevice(LoaderBlock*)`.
    static let startRamdiskIfBootDevice: Routine = .init(
        "IopStartRamdiskIfBootDevice", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.9 #16", "RAM disk",
            """
            Only when the boot device is ramdisk(0): IopStartRamdisk gives the image in the loader's XIPRom memory to ramdisk.sys, and \
            \\ArcName\\ramdisk(0) is there before the other ARC names. Every failure is BC 0xF8.
            """)
    ) { f in
        let device = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).ArcBootDeviceName)
        let word = f.local(f.text("ramdisk(0)"))
        f.while(word.byte() != 0) {
            let same = f.local((device.byte() | 0x20) == word.byte() || device.byte() == word.byte())
            f.if(same == 0) { f.return() }
            f.add(device, 1)
            f.add(word, 1)
        }
        f.call(startRamdisk, f.argument(0))
        f.return()
    }

    /// `IopStartRamdisk(LoaderBlock*)`: BC 0xF8(1…6, status) when it cannot be done.
    private static let startRamdisk: Routine = .init("IopStartRamdisk", ["LoaderBlock"], section: .initialization) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        let image = f.local(Pointer<MEMORY_ALLOCATION_DESCRIPTOR>(Value(0)))
        f.forEach(in: loader.address(of: \.MemoryDescriptorListHead)) { entry in
            f.if(entry.as(MEMORY_ALLOCATION_DESCRIPTOR.self).MemoryType == Value(xipRom)) { f.set(image.value, entry) }
        }
        f.if(image.isNull) { f.call(Ke.bugCheckEx, 0xF8, Failure.noDescriptor, Status.invalidParameter, 0, 0) }
        let create = f.structure(RamDisk.RAMDISK_CREATE_INPUT.self)
        f.zero(create, RamDisk.RAMDISK_CREATE_INPUT.size)
        f.set(create.Version, RamDisk.RAMDISK_CREATE_INPUT.size)
        f.copy(to: create.DiskGuid, from: bootDiskGuid, 16)
        f.set(create.DiskType, RamDisk.bootDisk)
        f.set(create.BasePage, image.BasePage)
        f.set(create.DriveLetter, 0x43)
        f.set(create.DiskLength.LowPart, image.PageCount << 12)
        f.set(create.DiskLength.HighPart, image.PageCount >> 20)
        f.call(readImageOptions, loader.LoadOptions, create)
        let file = f.local(0)
        let device = f.local(0)
        let status = f.local(
            f.call(getDeviceObjectPointer, f.unicode(RamDisk.deviceName), 0x3, f.address(of: file), f.address(of: device)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xF8, Failure.noDriver, status, 0, 0) }
        f.set(
            status,
            f.call(synchronousControl, RamDisk.createRamDisk, device, create, RamDisk.RAMDISK_CREATE_INPUT.size, 0, 0))
        f.call(Ob.dereferenceObject, file)
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xF8, Failure.control, status, 0, 0) }
        let name = f.stringBuffer(96)
        f.call(Rtl.appendUnicodeToString, name, f.wide(RamDisk.deviceName))
        f.set(status, f.call(Rtl.appendGuid, name, bootDiskGuid))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xF8, Failure.guid, status, 0, 0) }
        f.set(status, f.call(Ob.createSymbolicLink, f.unicode(#"\ArcName\ramdisk(0)"#), name))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xF8, Failure.link, status, 0, 0) }
        // The device is there when the bus has been enumerated.
        f.call(Ke.waitForSingleObject, enumerationFinished, 0, 0, 0, 0)
        f.set(status, f.call(getDeviceObjectPointer, name, 0x80, f.address(of: file), f.address(of: device)))
        f.if(status.isError) { f.call(Ke.bugCheckEx, 0xF8, Failure.systemRoot, status, 0, 0) }
        f.call(Ob.dereferenceObject, file)
        f.return()
    }

    /// `IopReadImageOptions(LoadOptions, CreateInput*)`: RDIMAGEOFFSET=n, where in the image the disk begins, and RDIMAGELENGTH=n, how long it is, in bytes.
    private static let readImageOptions: Routine = .init(
        "IopReadImageOptions", ["LoadOptions", "CreateInput"], section: .initialization
    ) { f in
        let create = f.argument(1, RamDisk.RAMDISK_CREATE_INPUT.self)
        f.if(f.argument(0) == 0) { f.return() }
        let offset = f.call(Rtl.strstr, f.argument(0), f.text("RDIMAGEOFFSET="))
        let length = f.call(Rtl.strstr, f.argument(0), f.text("RDIMAGELENGTH="))
        f.if(offset != 0) {
            f.set(create.DiskOffset, f.call(decimal, offset + 14))
            f.set(create.DiskLength.LowPart, create.DiskLength.LowPart - create.DiskOffset)
        }
        f.if(length != 0) {
            f.set(create.DiskLength.LowPart, f.call(decimal, length + 14))
            f.set(create.DiskLength.HighPart, 0)
        }
        f.return()
    }

    /// `IopDecimal(Text) -> number`: up to the first character that is no digit.
    private static let decimal: Routine = .init("IopDecimal", ["Text"], section: .initialization) { f in
        let text = f.local(f.argument(0))
        let number = f.local(0)
        f.while(text.byte() >= 0x30 && text.byte() <= 0x39) {
            f.set(number, number * 10 + text.byte() - 0x30)
            f.add(text, 1)
        }
        f.return(number)
    }
}
