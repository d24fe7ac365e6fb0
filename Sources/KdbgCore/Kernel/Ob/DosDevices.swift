// SPDX-License-Identifier: GPL-3.0-or-later

/// Links in a directory with a device map, such as `\GLOBAL??`: they remember what they lead to, and drive letters are booked in the map
/// (spec/boot.md section 5.2).
extension Ob {
    /// Values of DEVICE_MAP.DriveType.
    private enum DriveType {
        static let unknown: Value = 0
        static let removable: Value = 2
        static let fixed: Value = 3
        static let network: Value = 4
        static let cdRom: Value = 5
        static let ramDisk: Value = 6
    }

    /// `ObpCreateSymbolicLinkName(SymbolicLink*)`: called when a link has got its name.
    static let createSymbolicLinkName: Routine = .init("ObpCreateSymbolicLinkName", ["SymbolicLink"]) { f in
        let link = f.argument(0, OBJECT_SYMBOLIC_LINK.self)
        let info = f.local(Pointer<OBJECT_HEADER>.of(link).nameInfo)
        let map = f.local(info.Directory.DeviceMap).as(DEVICE_MAP.self)
        f.if(map.isNull || info.Name.Length != 4) { f.return() }
        f.if(info.Name.Buffer.word(2) != 0x3A) { f.return() }
        let letter = f.local(f.call(Rtl.upcaseUnicodeChar, info.Name.Buffer.word()) - 0x41)
        f.if(letter > 25) { f.return() }
        f.set(link.DosDeviceDriveIndex, letter + 1)
        let type = f.local(DriveType.unknown)
        let rest = f.structure(UNICODE_STRING.self)
        f.copy(to: rest, from: link.address(of: \.LinkTarget), UNICODE_STRING.size)
        let object = f.call(resolveLinkTarget, rest)
        f.if(object != 0) {
            f.call(referenceObject, object)
            f.set(link.LinkTargetObject, object)
            f.copy(to: link.address(of: \.LinkTargetRemaining), from: rest, UNICODE_STRING.size)
            f.if(Pointer<OBJECT_HEADER>.of(object).Type.value == Io.deviceObjectType.dword) {
                f.set(type, f.call(driveType, object))
            }
        }
        f.set(map.DriveMap, map.DriveMap | (Value(1) << letter))
        f.set((map.DriveType + letter).byte(), type)
        f.return()
    }

    /// `ObpResolveLinkTarget(Rest*) -> object or NULL`: through directories and links as far as they go; the rest is what is left behind it.
    private static let resolveLinkTarget: Routine = .init("ObpResolveLinkTarget", ["Rest"]) { f in
        let component = f.structure(UNICODE_STRING.self)
        let object = f.local(rootDirectoryObject.dword)
        f.loop {
            f.if(Pointer<OBJECT_HEADER>.of(object).Type.value != directoryObjectType.dword) {
                f.if(Pointer<OBJECT_HEADER>.of(object).Type.value == symbolicLinkObjectType.dword) {
                    f.set(object, object.as(OBJECT_SYMBOLIC_LINK.self).LinkTargetObject)
                }
                f.return(object)
            }
            f.if(f.argument(0, UNICODE_STRING.self).Length == 0) { f.return(object) }
            f.call(splitName, f.argument(0), component)
            f.set(object, f.call(lookupEntryDirectory, object, component))
            f.if(object == 0) { f.return(0) }
        }
        f.return(0)
    }

    /// `ObpDriveType(DeviceObject*) -> DriveType`: by its type and characteristics.
    private static let driveType: Routine = .init("ObpDriveType", ["DeviceObject"]) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        f.if(device.DeviceType == 2 || device.DeviceType == 3) { f.return(DriveType.cdRom) }
        f.if(device.DeviceType == 0x24) { f.return(DriveType.ramDisk) }
        f.if(device.DeviceType == 0x14) { f.return(DriveType.network) }
        f.if(device.DeviceType == 7 || device.DeviceType == 8) {
            f.if((device.Characteristics & 1) != 0) { f.return(DriveType.removable) }
            f.return(DriveType.fixed)
        }
        f.return(DriveType.unknown)
    }

    /// `ObpDeleteSymbolicLinkName(SymbolicLink*)`: called before a link loses its name.
    static let deleteSymbolicLinkName: Routine = .init("ObpDeleteSymbolicLinkName", ["SymbolicLink"]) { f in
        let link = f.argument(0, OBJECT_SYMBOLIC_LINK.self)
        f.if(link.DosDeviceDriveIndex != 0) {
            let map = f.local(Pointer<OBJECT_HEADER>.of(link).nameInfo.Directory.DeviceMap).as(DEVICE_MAP.self)
            f.if(map.isNotNull) {
                f.set(map.DriveMap, map.DriveMap & ~(Value(1) << (link.DosDeviceDriveIndex - 1)))
                f.set((map.DriveType + (link.DosDeviceDriveIndex - 1)).byte(), DriveType.unknown)
            }
            f.set(link.DosDeviceDriveIndex, 0)
        }
        f.if(link.LinkTargetObject != 0) {
            f.call(dereferenceObject, link.LinkTargetObject)
            f.set(link.LinkTargetObject, 0)
        }
        f.return()
    }
}
