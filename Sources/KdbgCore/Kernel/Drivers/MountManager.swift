// SPDX-License-Identifier: GPL-3.0-or-later

/// mountmgr.sys: names for volumes (Windows DDK, mountmgr.h).
///
/// A volume that arrives gets a link `\??\Volume{…}`; a drive letter only when somebody asks for one, as the I/O manager does at the end of its start.
enum MountManager {
    static let module = Module("mountmgr.sys")
    static let deviceName = #"\Device\MountPointManager"#

    // Requests to the mount manager.
    static let queryPoints: UInt32 = 0x6D_0008
    static let nextDriveLetter: UInt32 = 0x6D_C010
    static let volumeArrival: UInt32 = 0x6D_402C
    // Requests of the mount manager to volumes.
    static let queryUniqueId: UInt32 = 0x4D_0000
    static let queryDeviceName: UInt32 = 0x4D_0008

    /// A volume that the mount manager knows.
    struct MOUNTED_DEVICE: Structure {
        static let size: UInt32 = 0x2C
        let Link = Embedded<LIST_ENTRY>(0x00)
        let DeviceName = Embedded<UNICODE_STRING>(0x08)
        /// Length and bytes of what tells it from all others.
        let UniqueIdLength = Field.u16(0x10)
        let UniqueId = ArrayField(0x12, count: 24, stride: 1, of: "UCHAR")
        /// 0: none.
        let DriveLetter = Field.u8(0x2A)

        static let layout = Self()
    }

    static let devices: GlobalStructure<LIST_ENTRY> = .init("MountmgrDeviceList", module: module)
    static let tag = Value.tag("MntA")

    /// DriverEntry: `\Device\MountPointManager` and its link for the others.
    static let entry: Routine = .init("DriverEntry", ["DriverObject", "RegistryPath"], module: module, section: .initialization) { f in
        let driver = f.argument(0, DRIVER_OBJECT.self)
        f.initializeListHead(devices.value)
        for major in [Major.create, Major.close, Major.cleanup] {
            f.set(driver.MajorFunction.dword(4 * Int32(major)), createClose)
        }
        f.set(driver.MajorFunction.dword(4 * Int32(Major.deviceControl)), deviceControl)
        let device = f.local(0)
        // FILE_DEVICE_NETWORK, as the header has it.
        let status = f.call(Io.createDevice, driver, 0, f.unicode(deviceName), 0x12, 0x100, 0, f.address(of: device))
        f.if(status.isError) { f.return(status) }
        f.return(f.call(Ob.createSymbolicLink, f.unicode(#"\DosDevices\MountPointManager"#), f.unicode(deviceName)))
    }

    /// IRP_MJ_CREATE, CLEANUP, CLOSE: nothing to do.
    static let createClose: Routine = .init("MountmgrCreateClose", ["DeviceObject", "Irp"], module: module) { f in
        f.return(f.call(Io.finishRequest, f.argument(1), Status.success, 1))
    }

    /// IRP_MJ_DEVICE_CONTROL(DeviceObject*, Irp*) -> status.
    static let deviceControl: Routine = .init("MountmgrDeviceControl", ["DeviceObject", "Irp"], module: module, section: .page) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        let code = f.local(stack.Argument3)
        let input = f.local(irp.SystemBuffer)
        let status = f.local(Status.invalidDeviceRequest)
        f.if(code == Value(volumeArrival) || code == Value(nextDriveLetter)) {
            // MOUNTMGR_TARGET_NAME.
            f.set(status, Status.invalidParameter)
            f.if(stack.Argument2 > 2) { f.if(input.word() + 2 <= stack.Argument2) { f.set(status, Status.success) } }
            f.if(status.isError) { f.return(f.call(Io.finishRequest, irp, status, 0)) }
            let name = f.structure(UNICODE_STRING.self)
            f.setString(name, input + 2, input.word())
            f.if(code == Value(volumeArrival)) { f.return(f.call(Io.finishRequest, irp, f.call(arrival, name), 0)) }
            f.if(stack.Argument1 < 2) { f.return(f.call(Io.finishRequest, irp, Status.bufferTooSmall, 0)) }
            // MOUNTMGR_DRIVE_LETTER_INFORMATION: assigned or not, letter.
            let letter = f.local(0)
            f.set(status, f.call(assignLetter, name, f.address(of: letter)))
            f.set(input.byte(), letter != 0)
            f.set(input.byte(1), letter)
            f.return(f.call(Io.finishRequest, irp, status, 2))
        }
        f.return(f.call(Io.finishRequest, irp, status, 0))
    }

    /// `MountmgrArrival(DeviceName*) -> status`: asks the volume for its name and identity, and makes its `\??\Volume{…}` link.
    private static let arrival: Routine = .init("MountmgrArrival", ["DeviceName"], module: module, section: .page) { f in
        let file = f.local(0)
        let target = f.local(0)
        let status = f.local(f.call(Io.getDeviceObjectPointer, f.argument(0), 0x80, f.address(of: file), f.address(of: target)))
        f.if(status.isError) { f.return(status) }
        let buffer = f.call(Ex.allocatePoolWithTag, 1, 128, tag)
        let device = f.local(f.call(Ex.allocatePoolWithTag, 1, MOUNTED_DEVICE.size, tag).as(MOUNTED_DEVICE.self))
        f.set(status, Status.insufficientResources)
        f.if(buffer != 0 && device.isNotNull) {
            f.zero(device, MOUNTED_DEVICE.size)
            f.set(status, f.call(Io.synchronousControl, queryUniqueId, target, 0, 0, buffer, 26))
            f.if(status.isSuccess && buffer.word() > 24) { f.set(status, Status.invalidParameter) }
            f.if(status.isSuccess) {
                f.set(device.UniqueIdLength, buffer.word())
                f.copy(to: device.UniqueId, from: buffer + 2, buffer.word())
                f.set(status, f.call(Io.synchronousControl, queryDeviceName, target, 0, 0, buffer, 128))
            }
            f.if(status.isSuccess) {
                let name = f.structure(UNICODE_STRING.self)
                f.setString(name, buffer + 2, buffer.word())
                f.set(status, f.call(Rtl.duplicateUnicodeString, device.address(of: \.DeviceName), name, tag))
            }
        }
        f.if(buffer != 0) { f.call(Ex.freePoolWithTag, buffer, tag) }
        f.call(Ob.dereferenceObject, file)
        f.if(status.isError) {
            f.if(device.isNotNull) { f.call(Ex.freePoolWithTag, device, tag) }
            f.return(status)
        }
        f.insertTailList(devices.value, device.value)
        f.return(f.call(createVolumeName, device))
    }

    /// `MountmgrCreateVolumeName(Device*) -> status`: `\??\Volume{…}`. NT draws the number by lot; here it comes from signature and offset, so that a run can be
    /// repeated.
    private static let createVolumeName: Routine = .init("MountmgrCreateVolumeName", ["Device"], module: module, section: .page) { f in
        let device = f.argument(0, MOUNTED_DEVICE.self)
        let id = device.UniqueId
        let name = f.stringBuffer(64)
        f.call(Rtl.appendUnicodeToString, name, f.wide(#"\??\Volume{"#))
        f.call(Rtl.appendNumberToString, name, id.dword(), 16, 8)
        f.call(Rtl.appendUnicodeToString, name, f.wide("-"))
        f.call(Rtl.appendNumberToString, name, id.dword(4) >> 16, 16, 4)
        f.call(Rtl.appendUnicodeToString, name, f.wide("-"))
        f.call(Rtl.appendNumberToString, name, id.dword(4) & 0xFFFF, 16, 4)
        f.call(Rtl.appendUnicodeToString, name, f.wide("-"))
        f.call(Rtl.appendNumberToString, name, id.dword(8) & 0xFFFF, 16, 4)
        f.call(Rtl.appendUnicodeToString, name, f.wide("-806d6172696f}"))
        f.return(f.call(Ob.createSymbolicLink, name, device.address(of: \.DeviceName)))
    }

    /// `MountmgrAssignLetter(DeviceName*, Letter*) -> status`: the one the volume has, or the first free one from C on. 0xC0000034: nobody knows the volume. No
    /// letter is left: 0.
    private static let assignLetter: Routine = .init("MountmgrAssignLetter", ["DeviceName", "Letter"], module: module, section: .page) {
        f in
        let device = f.local(Pointer<MOUNTED_DEVICE>(Value(0)))
        f.forEach(in: devices.value) { entry in
            let same = f.call(Rtl.equalUnicodeString, f.argument(0), entry.as(MOUNTED_DEVICE.self).address(of: \.DeviceName), 1)
            f.if(same != 0) { f.set(device.value, entry) }
        }
        f.if(device.isNull) { f.return(Status.objectNameNotFound) }
        f.set(f.argument(1).dword(), device.DriveLetter)
        f.if(device.DriveLetter != 0) { f.return(Status.success) }
        let letter = f.local(0x43)
        f.while(letter <= 0x5A) {
            let name = f.stringBuffer(32)
            f.call(Rtl.appendUnicodeToString, name, f.wide(#"\DosDevices\C:"#))
            f.set((name.Buffer + name.Length - 4).word(), letter)
            let status = f.call(Ob.createSymbolicLink, name, device.address(of: \.DeviceName))
            f.if(status.isSuccess) {
                f.set(device.DriveLetter, letter)
                f.set(f.argument(1).dword(), letter)
                f.return(Status.success)
            }
            f.if(status != Status.objectNameCollision) { f.return(status) }
            f.add(letter, 1)
        }
        f.return(Status.success)
    }
}
