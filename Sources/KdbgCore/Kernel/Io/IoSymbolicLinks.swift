// SPDX-License-Identifier: GPL-3.0-or-later

/// symlink.c: symbolic links that drivers make for their devices. All are permanent; their handle is closed at once.
extension Io {
    /// `IoCreateSymbolicLink(SymbolicLinkName*, DeviceName*) -> status`: 0xC0000035 when the name is taken.
    package static let createSymbolicLink: Routine = .init("IoCreateSymbolicLink", ["SymbolicLinkName", "DeviceName"]) { f in
        makeLink(f, securityDescriptor: Se.publicDefault.descriptor.dword)
    }

    /// `IoCreateUnprotectedSymbolicLink(SymbolicLinkName*, DeviceName*) -> status`: a link that everybody may change (its security
    /// descriptor has no access control list).
    package static let createUnprotectedSymbolicLink: Routine = .init(
        "IoCreateUnprotectedSymbolicLink", ["SymbolicLinkName", "DeviceName"]
    ) { f in
        let descriptor = f.structure(SECURITY_DESCRIPTOR.self)
        f.call(Rtl.createSecurityDescriptor, descriptor, 1)
        f.call(Rtl.setDaclSecurityDescriptor, descriptor, 1, 0, 0)
        makeLink(f, securityDescriptor: descriptor.value)
    }

    private static func makeLink(_ f: Function, securityDescriptor: Value) {
        let attributes = f.objectAttributes(
            f.argument(0), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        f.set(attributes.SecurityDescriptor, securityDescriptor)
        let handle = f.local(0)
        let status = f.call(Ob.zwCreateSymbolicLinkObject, f.address(of: handle), 0xF0001, attributes, f.argument(1))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.zwClose, handle)
        f.return(status)
    }

    /// `IoDeleteSymbolicLink(SymbolicLinkName*) -> status`: opens the link with DELETE access and makes it temporary; closing the handle removes it.
    package static let deleteSymbolicLink: Routine = .init("IoDeleteSymbolicLink", ["SymbolicLinkName"]) { f in
        let attributes = f.objectAttributes(f.argument(0), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let status = f.local(f.call(Ob.zwOpenSymbolicLinkObject, f.address(of: handle), 0x10000, attributes))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Ob.zwMakeTemporaryObject, handle))
        f.call(Ob.zwClose, handle)
        f.return(status)
    }
}
