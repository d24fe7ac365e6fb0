// SPDX-License-Identifier: GPL-3.0-or-later

/// Symbolic link objects.
extension Ob {
    /// `NtCreateSymbolicLinkObject(LinkHandle*, DesiredAccess, ObjectAttributes*, LinkTarget*) -> status`.
    package static let ntCreateSymbolicLinkObject: Routine = .init(
        "NtCreateSymbolicLinkObject", ["LinkHandle", "DesiredAccess", "ObjectAttributes", "LinkTarget"]
    ) { f in
        let target = f.structure(UNICODE_STRING.self)
        let given = f.structure(UNICODE_STRING.self)
        let object = f.local(0)
        let handle = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, f.argument(0), 4, write: true)
        let status = f.local(f.call(Ke.captureString, f.argument(3), given))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Rtl.duplicateUnicodeString, target, given, Value.tag("ObNm")))
        f.call(Ke.releaseBuffer, given.Buffer)
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(
                createObject, mode, symbolicLinkObjectType.dword, f.argument(2), mode, 0, OBJECT_SYMBOLIC_LINK.size, 0, 0,
                f.address(of: object)))
        f.if(status.isError) {
            f.call(Ex.freePoolWithTag, target.Buffer, Value.tag("ObNm"))
            f.return(status)
        }
        let link = object.as(OBJECT_SYMBOLIC_LINK.self)
        f.zero(link, OBJECT_SYMBOLIC_LINK.size)
        f.copy(to: link.address(of: \.LinkTarget), from: target, UNICODE_STRING.size)
        f.copy(to: link.CreationTime, from: Ke.sharedUserData.address(of: \.SystemTime), 8)
        f.set(status, f.call(insertObject, object, 0, f.argument(1), 0, 0, f.address(of: handle)))
        f.if(status.isSuccess) { f.set(f.argument(0).dword(), handle) }
        f.return(status)
    }

    /// `NtOpenSymbolicLinkObject(LinkHandle*, DesiredAccess, ObjectAttributes*) -> status`: opens the link, not what it points to.
    package static let ntOpenSymbolicLinkObject: Routine = .init(
        "NtOpenSymbolicLinkObject", ["LinkHandle", "DesiredAccess", "ObjectAttributes"]
    ) { f in
        openByName(f, symbolicLinkObjectType)
    }

    /// `NtQuerySymbolicLinkObject(LinkHandle, LinkTarget*, ResultLength*) -> status`: copies the target into the caller's string.
    package static let ntQuerySymbolicLinkObject: Routine = .init(
        "NtQuerySymbolicLinkObject", ["LinkHandle", "LinkTarget", "ResultLength"]
    ) { f in
        let given = f.argument(1, UNICODE_STRING.self)
        let result = f.structure(UNICODE_STRING.self)
        let object = f.local(0)
        let mode = f.local(currentThread.Tcb.PreviousMode)
        Ke.probe(f, given, UNICODE_STRING.size, write: true)
        f.copy(to: result, from: given, UNICODE_STRING.size)
        Ke.probe(f, result.Buffer, result.MaximumLength, write: true)
        Ke.probe(f, optional: f.argument(2), 4, write: true)
        let status = f.local(
            f.call(referenceObjectByHandle, f.argument(0), 1, symbolicLinkObjectType.dword, mode, f.address(of: object), 0))
        f.if(status.isError) { f.return(status) }
        let target = object.as(OBJECT_SYMBOLIC_LINK.self).LinkTarget
        f.if(result.MaximumLength < target.Length) {
            f.set(status, Status.bufferTooSmall)
        } else: {
            f.copy(to: result.Buffer, from: target.Buffer, target.Length)
            f.set(given.Length, target.Length)
        }
        f.if(f.argument(2) != 0) { f.set(f.argument(2).dword(), target.Length) }
        f.call(dereferenceObject, object)
        f.return(status)
    }

    package static let zwCreateSymbolicLinkObject = Ke.kernelService(ntCreateSymbolicLinkObject)
    package static let zwOpenSymbolicLinkObject = Ke.kernelService(ntOpenSymbolicLinkObject)
    package static let zwQuerySymbolicLinkObject = Ke.kernelService(ntQuerySymbolicLinkObject)

    /// `ObpParseSymbolicLink(…) -> status`: replaces the complete name by target and rest, and asks for another walk
    /// (STATUS_REPARSE); a drive letter that knows its object sends the walk straight there.
    static let parseSymbolicLink: Routine = .init("ObpParseSymbolicLink", parseParameters) { f in
        let object = f.argument(0)
        let fullName = f.argument(5, UNICODE_STRING.self)
        let rest = f.argument(6, UNICODE_STRING.self)
        f.set(f.argument(9).dword(), 0)
        f.if(rest.Length == 0) {
            let wanted = f.local(f.argument(1) == symbolicLinkObjectType.dword)
            f.if(f.argument(1) == 0) { f.set(wanted, f.argument(4) & Value(ObjectAttribute.openLink)) }
            f.if(wanted != 0) {
                f.call(referenceObject, object)
                f.set(f.argument(9).dword(), object)
                f.return(Status.success)
            }
        }
        let link = object.as(OBJECT_SYMBOLIC_LINK.self)
        f.if(link.LinkTargetObject != 0 && link.LinkTargetRemaining.Length == 0) {
            f.set(f.argument(9).dword(), link.LinkTargetObject)
            f.return(Status.reparseObject)
        }
        let target = link.LinkTarget
        let length = f.local(target.Length + rest.Length)
        let buffer = f.call(Ex.allocatePoolWithTag, 1, length + 2, Value.tag("ObNm"))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        f.copy(to: buffer, from: target.Buffer, target.Length)
        f.copy(to: buffer + target.Length, from: rest.Buffer, rest.Length)
        f.set((buffer + length).word(), 0)
        f.call(Ex.freePoolWithTag, fullName.Buffer, Value.tag("ObNm"))
        f.set(fullName.Buffer, buffer)
        f.set(fullName.Length, length)
        f.set(fullName.MaximumLength, length + 2)
        f.return(Status.reparse)
    }

    /// `ObpDeleteSymbolicLink(Object)`: the delete procedure.
    static let deleteSymbolicLink: Routine = .init("ObpDeleteSymbolicLink", ["Object"]) { f in
        let target = f.argument(0, OBJECT_SYMBOLIC_LINK.self).LinkTarget
        f.if(target.Buffer != 0) { f.call(Ex.freePoolWithTag, target.Buffer, Value.tag("ObNm")) }
        f.return()
    }

    // The object manager's own links are made with the I/O manager's routines (symlink.c).
    package static let createSymbolicLink = Io.createSymbolicLink
    package static let deleteSymbolicLinkByName = Io.deleteSymbolicLink
}
