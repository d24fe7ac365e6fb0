// SPDX-License-Identifier: GPL-3.0-or-later

/// Stacks of devices: AttachedDevice points up, DEVOBJ_EXTENSION.AttachedTo down (spec/boot.md section 6, device.c).
extension Io {
    /// `IoGetAttachedDevice(DeviceObject*) -> DEVICE_OBJECT*`: the top of the stack.
    package static let getAttachedDevice: Routine = .init("IoGetAttachedDevice", ["DeviceObject"]) { f in
        let device = f.local(f.argument(0, DEVICE_OBJECT.self))
        f.while(device.AttachedDevice.isNotNull) { f.set(device.value, device.AttachedDevice) }
        f.return(device)
    }

    /// `IoGetAttachedDeviceReference(DeviceObject*) -> DEVICE_OBJECT*`: the same, with a reference for the caller.
    package static let getAttachedDeviceReference: Routine = .init("IoGetAttachedDeviceReference", ["DeviceObject"]) { f in
        let device = f.call(getAttachedDevice, f.argument(0))
        f.call(Ob.referenceObject, device)
        f.return(device)
    }

    /// `IopGetLowestDevice(DeviceObject*) -> DEVICE_OBJECT*`: the bottom of the stack.
    package static let getLowestDevice: Routine = .init("IopGetLowestDevice", ["DeviceObject"]) { f in
        let device = f.local(f.argument(0, DEVICE_OBJECT.self))
        f.while(device.DeviceObjectExtension.AttachedTo.isNotNull) { f.set(device.value, device.DeviceObjectExtension.AttachedTo) }
        f.return(device)
    }

    /// `IoGetDeviceAttachmentBaseRef(DeviceObject*) -> DEVICE_OBJECT*`: the bottom, with a reference.
    package static let getDeviceAttachmentBaseRef: Routine = .init("IoGetDeviceAttachmentBaseRef", ["DeviceObject"]) { f in
        let device = f.call(getLowestDevice, f.argument(0))
        f.call(Ob.referenceObject, device)
        f.return(device)
    }

    /// `IoGetLowerDeviceObject(DeviceObject*) -> DEVICE_OBJECT* or NULL`: the one below, with a reference, unless it is about to go.
    package static let getLowerDeviceObject: Routine = .init("IoGetLowerDeviceObject", ["DeviceObject"]) { f in
        let more = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceObjectExtension)
        f.if((more.ExtensionFlags & Value(DeviceExtensionFlag.anyPending)) != 0 || more.AttachedTo.isNull) { f.return(0) }
        let lower = f.local(more.AttachedTo)
        f.call(Ob.referenceObject, lower)
        f.return(lower)
    }

    /// `IoGetDiskDeviceObject(FileSystemDeviceObject*, DiskDeviceObject**) -> status`: what a volume's device is mounted on, with a reference. 0xC000000D: it is
    /// no volume; 0xC000014F: it is not mounted.
    package static let getDiskDeviceObject: Routine = .init(
        "IoGetDiskDeviceObject", ["FileSystemDeviceObject", "DiskDeviceObject"]
    ) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if(device.DriverObject.isNull || device.DeviceObjectExtension.isNull) { f.return(Status.invalidParameter) }
        let vpb = f.local(device.DeviceObjectExtension.Vpb)
        f.if(vpb.isNull) { f.return(Status.invalidParameter) }
        f.if((vpb.Flags & Value(VpbFlag.mounted)) == 0) { f.return(Status.unrecognizedVolume) }
        f.call(Ob.referenceObject, vpb.RealDevice)
        f.set(f.argument(1).dword(), vpb.RealDevice)
        f.return(Status.success)
    }

    /// `IoAttachDeviceToDeviceStackSafe(SourceDevice*, TargetDevice*, AttachedToDeviceObject**) -> status`: puts a device on top of a stack and stores what
    /// is below it before anybody can send it something. 0xC000000E: the top is about to go.
    package static let attachDeviceToDeviceStackSafe: Routine = .init(
        "IoAttachDeviceToDeviceStackSafe", ["SourceDevice", "TargetDevice", "AttachedToDeviceObject"]
    ) { f in
        let source = f.argument(0, DEVICE_OBJECT.self)
        let below = f.local(f.call(getAttachedDevice, f.argument(1)).as(DEVICE_OBJECT.self))
        let flags = f.local(below.DeviceObjectExtension.ExtensionFlags)
        f.if((flags & Value(DeviceExtensionFlag.anyPending)) != 0) {
            f.set(f.argument(2).dword(), 0)
            f.return(Status.noSuchDevice)
        }
        let more = f.local(source.DeviceObjectExtension)
        f.set(source.StackSize, below.StackSize + 1)
        f.set(source.AlignmentRequirement, below.AlignmentRequirement)
        f.set(source.SectorSize, below.SectorSize)
        f.if((flags & Value(DeviceExtensionFlag.startPending)) != 0) {
            f.set(more.ExtensionFlags, more.ExtensionFlags | Value(DeviceExtensionFlag.startPending))
        }
        f.set(more.address(of: \.AttachedTo).dword(), below)
        f.set(f.argument(2).dword(), below)
        f.set(below.address(of: \.AttachedDevice).dword(), source)
        f.return(Status.success)
    }

    /// `IoAttachDeviceToDeviceStack(SourceDevice*, TargetDevice*) -> DEVICE_OBJECT*`: the same; yields what is below it now, or NULL.
    package static let attachDeviceToDeviceStack: Routine = .init("IoAttachDeviceToDeviceStack", ["SourceDevice", "TargetDevice"]) { f in
        let below = f.local(0)
        f.call(attachDeviceToDeviceStackSafe, f.argument(0), f.argument(1), f.address(of: below))
        f.return(below)
    }

    /// `IoAttachDeviceByPointer(SourceDevice*, TargetDevice*) -> status`.
    package static let attachDeviceByPointer: Routine = .init("IoAttachDeviceByPointer", ["SourceDevice", "TargetDevice"]) { f in
        let below = f.local(0)
        f.return(f.call(attachDeviceToDeviceStackSafe, f.argument(0), f.argument(1), f.address(of: below)))
    }

    /// `IoAttachDevice(SourceDevice*, TargetDevice*, AttachedDevice**) -> status`: to a device with a name, which is opened for it but not mounted.
    package static let attachDevice: Routine = .init("IoAttachDevice", ["SourceDevice", "TargetDevice", "AttachedDevice"]) { f in
        let file = f.local(0)
        let target = f.local(0)
        let status = f.local(
            f.call(openDeviceObject, f.argument(1), 0x80, CreateOption.nonDirectory, f.address(of: file), f.address(of: target)))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(attachDeviceToDeviceStackSafe, f.argument(0), target, f.argument(2)))
        f.call(Ob.dereferenceObject, file)
        f.return(status)
    }

    /// `IoDetachDevice(TargetDevice*)`: takes the device above off a stack. A target that waits to be deleted may go now.
    package static let detachDevice: Routine = .init("IoDetachDevice", ["TargetDevice"]) { f in
        let target = f.argument(0, DEVICE_OBJECT.self)
        f.if(target.AttachedDevice.isNull) { f.return() }
        f.set(target.AttachedDevice.DeviceObjectExtension.address(of: \.AttachedTo).dword(), 0)
        f.set(target.address(of: \.AttachedDevice).dword(), 0)
        f.if(target.ReferenceCount == 0 && (target.DeviceObjectExtension.ExtensionFlags & Value(DeviceExtensionFlag.anyPending)) != 0) {
            f.call(unloadDevice, target)
        }
        f.return()
    }

    /// `IoEnumerateDeviceObjectList(DriverObject*, DeviceObjectList*, Size, Count*) -> status`: a driver's devices, each with a reference. 0xC0000023: there
    /// are more than the list, whose size is in bytes, has room for.
    package static let enumerateDeviceObjectList: Routine = .init(
        "IoEnumerateDeviceObjectList", ["DriverObject", "DeviceObjectList", "DeviceObjectListSize", "ActualNumberDeviceObjects"]
    ) { f in
        let device = f.local(f.argument(0, DRIVER_OBJECT.self).DeviceObject)
        let room = f.local(f.argument(2) >> 2)
        let count = f.local(0)
        let place = f.local(f.argument(1))
        f.while(device.isNotNull) {
            f.if(count < room) {
                f.call(Ob.referenceObject, device)
                f.set(place.dword(), device)
                f.add(place, 4)
            }
            f.add(count, 1)
            f.set(device.value, device.NextDevice)
        }
        f.set(f.argument(3).dword(), count)
        f.if(count > room) { f.return(Status.bufferTooSmall) }
        f.return(Status.success)
    }
}
