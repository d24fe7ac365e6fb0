// SPDX-License-Identifier: GPL-3.0-or-later

/// Letters for volumes (spec/boot.md section 1.9 #25).
extension Io {
    /// `IoAssignDriveLetters(LoaderBlock*, NtDeviceName*, NtSystemPath, NtSystemPathString*)`: through the HAL's dispatch table, where the kernel's own routine stands.
    static let assignDriveLetters: Routine = .init(
        "IoAssignDriveLetters", ["LoaderBlock", "NtDeviceName", "NtSystemPath", "NtSystemPathString"], section: .initialization,
        step: .init(
            "1.9 #25", "Drive letters",
            "Through the cell HalIoAssignDriveLetters, which holds the kernel's own routine, the mount manager is asked for letters: \\GLOBAL??\\C: becomes a link to the boot volume. NtSystemRoot has said C:\\ReactOS all along."
        )
    ) { f in
        f.callIndirect(Hal.dispatchTable.HalIoAssignDriveLetters, f.argument(0), f.argument(1), f.argument(2), f.argument(3))
        f.return()
    }

    /// `IopAssignVolumeLetters()`: asks the mount manager for the next letter for each partition of each disk. Without a mount manager the boot partition is `C:`.
    static let assignVolumeLetters: Routine = .init("IopAssignVolumeLetters", section: .page) { f in
        let file = f.local(0)
        let manager = f.local(0)
        let status = f.local(
            f.call(getDeviceObjectPointer, f.unicode(MountManager.deviceName), 0x80, f.address(of: file), f.address(of: manager)))
        f.if(status.isError) {
            f.call(Ob.createSymbolicLink, f.unicode(#"\GLOBAL??\C:"#), arcBootDeviceName)
            f.return()
        }
        f.call(assignDriveLetter, manager, arcBootDeviceName)
        let configuration = f.call(getConfigurationInformation)
        let disk = f.local(0)
        f.while(disk < configuration.dword()) {
            let partition = f.local(1)
            f.loop {
                let name = f.stringBuffer(64)
                f.call(Rtl.appendUnicodeToString, name, f.wide(#"\Device\Harddisk"#))
                f.call(Rtl.appendNumberToString, name, disk, 10, 1)
                f.call(Rtl.appendUnicodeToString, name, f.wide(#"\Partition"#))
                f.call(Rtl.appendNumberToString, name, partition, 10, 1)
                f.if(f.call(assignDriveLetter, manager, name).isError) { f.break() }
                f.add(partition, 1)
            }
            f.add(disk, 1)
        }
        f.call(Ob.dereferenceObject, file)
        f.return()
    }

    /// `IopAssignDriveLetter(MountManager*, DeviceName*) -> status`: the device tells its own name, and the mount manager the letter.
    private static let assignDriveLetter: Routine = .init("IopAssignDriveLetter", ["MountManager", "DeviceName"], section: .page) { f in
        let file = f.local(0)
        let device = f.local(0)
        let status = f.local(f.call(getDeviceObjectPointer, f.argument(1), 0x80, f.address(of: file), f.address(of: device)))
        f.if(status.isError) { f.return(status) }
        let target = f.buffer(128)
        f.set(status, f.call(synchronousControl, MountManager.queryDeviceName, device, 0, 0, target, 128))
        f.call(Ob.dereferenceObject, file)
        f.if(status.isError) { f.return(status) }
        let letter = f.buffer(4)
        f.return(
            f.call(synchronousControl, MountManager.nextDriveLetter, f.argument(0), target, target.word() + 2, letter, 2))
    }
}
