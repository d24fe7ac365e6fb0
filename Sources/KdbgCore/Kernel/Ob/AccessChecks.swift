// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether user mode may open an object.
extension Ob {
    /// `ObCheckObjectAccess(Object, DesiredAccess, AccessMode, GrantedAccess*) -> status`: by the object's descriptor and the token of the current process.
    /// Objects that keep no descriptor in their header (files, devices, those older than the first token) are not asked, nor those whose type has no generic rights. GrantedAccess has no generic rights.
    static let checkObjectAccess: Routine = .init(
        "ObCheckObjectAccess", ["Object", "DesiredAccess", "AccessMode", "GrantedAccess"]
    ) { f in
        let header = f.local(Pointer<OBJECT_HEADER>.of(f.argument(0)))
        f.set(f.argument(3).dword(), f.call(mapGenericMask, f.argument(1), header.Type))
        f.if((f.argument(2) & 0xFF) == 0 || (header.Flags & Value(ObjectFlag.security)) == 0) { f.return(Status.success) }
        // A type without generic rights has made nothing of the list's.
        f.if(header.Type.TypeInfo.GenericMapping.dword(12) == 0) { f.return(Status.success) }
        let subject = f.structure(SECURITY_SUBJECT_CONTEXT.self)
        let status = f.local(Status.success)
        f.call(Se.captureSubjectContext, subject)
        f.call(
            Se.accessCheck, header.SecurityDescriptor, subject, 0, f.argument(1), 0, 0, header.Type.TypeInfo.GenericMapping, f.argument(2),
            f.argument(3), f.address(of: status))
        f.call(Se.releaseSubjectContext, subject)
        f.return(status)
    }
}
