// SPDX-License-Identifier: GPL-3.0-or-later

/// Which disk is which of the loader's (spec/boot.md sections 1.9 #18 and 6, arcname.c).
extension Io {
    /// `IopCreateArcNames(LoaderBlock*) -> status`: an error ends the boot with BC 0x69. A boot device that finds no disk is an error of the next step.
    static let createArcNames: Routine = .init(
        "IopCreateArcNames", ["LoaderBlock"], section: .initialization,
        step: .init(
            "1.9 #18", "ARC names",
            """
            Finds out which disk is which of the loader's: the sum of the first sector's dwords and the checksum that the loader has noted must give 0, and \
            the signatures must be the same; a single disk is taken for the loader's single disk unseen. Then \\ArcName\\multi(0)disk(0)rdisk(0) becomes a \
            link to \\Device\\Harddisk0\\Partition0, its partition(n) names links to the partitions, and \\SystemRoot leads to the boot volume.
            """)
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        f.call(nameArcDevice, arcHalDeviceName, loader.ArcHalDeviceName)
        f.call(nameArcDevice, arcBootDeviceName, loader.ArcBootDeviceName)
        f.call(keepBootDeviceName, loader.ArcBootDeviceName)
        let information = loader.ArcDiskInformation
        f.if(information.isNull) { f.return(Status.success) }
        let head = f.local(information.address(of: \.DiskSignatureListHead))
        let disks = f.call(getConfigurationInformation).dword()
        let isSingle = f.local(disks == 1 && !isListEmpty(head) && head.dword().dword() == head)
        f.if(f.call(Rtl.strstr, loader.ArcBootDeviceName, f.text("cdrom(")) != 0) { f.call(createCdArcNames, loader) }
        // The interfaces that the disks have enabled; a difference to their number is reported.
        let interfaces = f.local(0)
        let found = f.local(0)
        let fetched = f.call(fetchConfigurationInformation, f.address(of: interfaces), diskInterfaceGuid, disks, f.address(of: found))
        f.if(fetched.isSuccess) { f.call(Ex.freePoolWithTag, interfaces, Value.tag("Io  ")) }
        let disk = f.local(0)
        f.while(disk < disks) {
            let status = f.call(createDiskArcNames, head, disk, isSingle)
            f.if(status.isError) { f.return(status) }
            f.add(disk, 1)
        }
        f.return(Status.success)
    }

    /// `IoArcHalDeviceName` and `IoArcBootDeviceName`: the loader's names below `\ArcName`.
    package static let arcHalDeviceName: GlobalStructure<UNICODE_STRING> = .init("IoArcHalDeviceName")
    package static let arcBootDeviceName: GlobalStructure<UNICODE_STRING> = .init("IoArcBootDeviceName")
    /// `IoLoaderArcBootDeviceName`: the loader's text, in pool, since the loader's memory is given back (1.8 #34).
    package static let loaderArcBootDeviceName: Global = .init("IoLoaderArcBootDeviceName")

    /// `IopKeepBootDeviceName(Name)`: a copy with its final zero; none when there is no pool.
    private static let keepBootDeviceName: Routine = .init("IopKeepBootDeviceName", ["Name"], section: .initialization) { f in
        let end = f.local(f.argument(0))
        f.while(end.byte() != 0) { f.add(end, 1) }
        let length = f.local(end - f.argument(0) + 1)
        f.set(loaderArcBootDeviceName.dword, f.call(Ex.allocatePoolWithTag, 1, length, Value.tag("Io  ")))
        f.if(loaderArcBootDeviceName.dword != 0) { f.copy(to: loaderArcBootDeviceName.dword, from: f.argument(0), length) }
        f.return()
    }

    /// `IopNameArcDevice(String*, Name) -> status`.
    private static let nameArcDevice: Routine = .init("IopNameArcDevice", ["String", "Name"], section: .initialization) { f in
        let name = f.stringBuffer(128)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\ArcName\"#))
        f.call(Rtl.appendAnsiToString, name, f.argument(1))
        f.return(f.call(Rtl.duplicateUnicodeString, f.argument(0), name, Value.tag("Io  ")))
    }

    /// `IopCreateDiskArcNames(SignatureListHead*, Disk, IsSingle) -> status`: the disk, and its partitions as the disk tells them. A disk that cannot be opened or
    /// read, and one that the loader has not seen, gets no name.
    private static let createDiskArcNames: Routine = .init(
        "IopCreateDiskArcNames", ["SignatureListHead", "Disk", "IsSingle"], section: .initialization
    ) { f in
        let device = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, device, f.wide(#"\Device\Harddisk"#))
        f.call(Rtl.appendNumberToString, device, f.argument(1), 10, 1)
        f.call(Rtl.appendUnicodeToString, device, f.wide(#"\Partition0"#))
        let file = f.local(0)
        let object = f.local(0)
        let status = f.local(f.call(getDeviceObjectPointer, device, 0x80, f.address(of: file), f.address(of: object)))
        f.if(status.isError) { f.return(Status.success) }
        let signature = f.local(0)
        let layout = f.local(f.call(Ex.allocatePoolWithTag, 1, DiskControl.layoutSize, Value.tag("Io  ")))
        let checkSum = f.local(0)
        f.set(status, Status.insufficientResources)
        f.if(layout != 0) {
            f.set(
                status, f.call(synchronousControl, DiskControl.getDriveLayout, object, 0, 0, layout, DiskControl.layoutSize))
            f.if(status.isSuccess) { f.set(status, f.call(sumSectors, object, 0, 512, f.address(of: checkSum))) }
            f.if(status.isSuccess) {
                f.set(signature, f.call(findSignature, f.argument(0), layout.dword(4), checkSum, f.argument(2)))
            }
            f.if(signature != 0) { f.set(status, f.call(linkArcNames, signature, f.argument(1), layout)) }
            f.call(Ex.freePoolWithTag, layout, Value.tag("Io  "))
        }
        f.call(Ob.dereferenceObject, file)
        f.if(signature == 0) { f.return(Status.success) }
        f.return(status)
    }

    /// `IopSumSectors(DeviceObject*, Offset, Bytes, CheckSum*) -> status`: reads the start of a medium and adds its dwords up.
    private static let sumSectors: Routine = .init(
        "IopSumSectors", ["DeviceObject", "Offset", "Bytes", "CheckSum"], section: .initialization
    ) { f in
        let buffer = f.call(Ex.allocatePoolWithTag, 0, f.argument(2), Value.tag("Io  "))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        let status = f.call(synchronousTransfer, Major.read, f.argument(0), buffer, f.argument(2), f.argument(1), 0)
        let at = f.local(0)
        let sum = f.local(0)
        f.while(at < f.argument(2)) {
            f.add(sum, (buffer + at).dword())
            f.add(at, 4)
        }
        f.set(f.argument(3).dword(), sum)
        f.call(Ex.freePoolWithTag, buffer, Value.tag("Io  "))
        f.return(status)
    }

    /// `IopFindArcSignature(ListHead*, Signature, CheckSum, IsSingle) -> ARC_DISK_SIGNATURE* or NULL`: signature and checksum agree, or there is nothing to
    /// choose.
    private static let findSignature: Routine = .init(
        "IopFindArcSignature", ["ListHead", "Signature", "CheckSum", "IsSingle"], section: .initialization
    ) { f in
        f.forEach(in: f.argument(0)) { entry in
            let known = entry.as(ARC_DISK_SIGNATURE.self)
            f.if(f.argument(3) != 0) { f.return(entry) }
            f.if(known.Signature == f.argument(1) && known.CheckSum + f.argument(2) == 0) { f.return(entry) }
        }
        f.return(0)
    }

    /// `IopLinkArcNames(ArcDiskSignature*, Disk, Layout*) -> status`: `\ArcName\<disk>` and `\ArcName\<disk>partition(n)`.
    private static let linkArcNames: Routine = .init(
        "IopLinkArcNames", ["ArcDiskSignature", "Disk", "Layout"], section: .initialization
    ) { f in
        let partition = f.local(0)
        let entry = f.local(f.argument(2) + 8)
        let left = f.local(f.argument(2).dword())
        let status = f.local(f.call(linkArcName, f.argument(0), f.argument(1), partition))
        f.while(left != 0 && status.isSuccess) {
            f.set(partition, entry.dword(20))
            f.if(partition != 0) { f.set(status, f.call(linkArcName, f.argument(0), f.argument(1), partition)) }
            f.add(entry, 32)
            f.set(left, left - 1)
        }
        f.return(status)
    }

    /// `IopLinkArcName(ArcDiskSignature*, Disk, Partition) -> status`: `IoAssignArcName` of one name; 0 is the whole disk.
    private static let linkArcName: Routine = .init(
        "IopLinkArcName", ["ArcDiskSignature", "Disk", "Partition"], section: .initialization
    ) { f in
        let device = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, device, f.wide(#"\Device\Harddisk"#))
        f.call(Rtl.appendNumberToString, device, f.argument(1), 10, 1)
        f.call(Rtl.appendUnicodeToString, device, f.wide(#"\Partition"#))
        f.call(Rtl.appendNumberToString, device, f.argument(2), 10, 1)
        let name = f.stringBuffer(128)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\ArcName\"#))
        f.call(Rtl.appendAnsiToString, name, f.argument(0, ARC_DISK_SIGNATURE.self).ArcName)
        f.if(f.argument(2) != 0) {
            f.call(Rtl.appendUnicodeToString, name, f.wide("partition("))
            f.call(Rtl.appendNumberToString, name, f.argument(2), 10, 1)
            f.call(Rtl.appendUnicodeToString, name, f.wide(")"))
        }
        let status = f.call(Ob.createSymbolicLink, name, device)
        let isSystem = f.call(Rtl.equalUnicodeString, name, arcHalDeviceName, 1)
        f.if(status.isSuccess && isSystem != 0) { f.call(storeSystemPartition, device) }
        f.return(status)
    }

    /// `IopStoreSystemPartition(DeviceName*) -> status`: the partition that the loader was started from has been found; set-up and boot.ini editors read about it in the
    /// registry. The names are there without it.
    private static let storeSystemPartition: Routine = .init("IopStoreSystemPartition", ["DeviceName"], section: .initialization) { f in
        let path = f.stringBuffer(128)
        f.call(Rtl.appendAnsiToString, path, Ke.loader.NtHalPathName)
        f.return(f.call(storeSystemPartitionInformation, f.argument(0), path))
    }

    /// `IopCreateCdArcNames(LoaderBlock*) -> status`: of a CD the 2048 bytes at 8000h are added up, and what fits gets the boot device's whole name.
    private static let createCdArcNames: Routine = .init("IopCreateCdArcNames", ["LoaderBlock"], section: .initialization) { f in
        let information = f.local(f.call(getConfigurationInformation))
        let head = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).ArcDiskInformation.address(of: \.DiskSignatureListHead))
        let number = f.local(0)
        // FloppyCount lies between the counts of disks and CDs.
        f.while(number < information.dword(8)) {
            let device = f.stringBuffer(48)
            f.call(Rtl.appendUnicodeToString, device, f.wide(#"\Device\CdRom"#))
            f.call(Rtl.appendNumberToString, device, number, 10, 1)
            let file = f.local(0)
            let object = f.local(0)
            let status = f.local(f.call(getDeviceObjectPointer, device, 0x80, f.address(of: file), f.address(of: object)))
            f.if(status.isSuccess) {
                let checkSum = f.local(0)
                f.set(status, f.call(sumSectors, object, 0x8000, 2048, f.address(of: checkSum)))
                f.call(Ob.dereferenceObject, file)
                f.forEach(in: head) { entry in
                    f.if(status.isSuccess && entry.as(ARC_DISK_SIGNATURE.self).CheckSum + checkSum == 0) {
                        f.return(f.call(Ob.createSymbolicLink, arcBootDeviceName, device))
                    }
                }
            }
            f.add(number, 1)
        }
        f.return(Status.noSuchDevice)
    }
}
