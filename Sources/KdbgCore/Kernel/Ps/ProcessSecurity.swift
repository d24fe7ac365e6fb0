// SPDX-License-Identifier: GPL-3.0-or-later

/// Tokens of processes.
extension Ps {
    /// The system's token, until the first process has it.
    static let bootAccessToken: Global = .init("PspBootAccessToken")

    /// `PsReferencePrimaryToken(Process*) -> TOKEN* or NULL`: the caller gives the reference back with `ObFastDereferenceObject` or `ObfDereferenceObject`.
    package static let referencePrimaryToken: Routine = .init("PsReferencePrimaryToken", ["Process"]) { f in
        f.return(f.call(Ob.fastReferenceObject, f.argument(0, EPROCESS.self).address(of: \.Token)))
    }

    /// `PspInitializeProcessSecurity(Parent* or NULL, Child*) -> status`: the child gets a copy of its parent's token; the System process, which has no parent, the
    /// boot's own.
    static let initializeProcessSecurity: Routine = .init("PspInitializeProcessSecurity", ["Parent", "Child"]) { f in
        let child = f.argument(1, EPROCESS.self)
        f.if(f.argument(0) == 0) {
            f.call(Ob.initializeFastReference, child.address(of: \.Token), bootAccessToken.dword)
            f.return(Status.success)
        }
        let token = f.local(f.call(referencePrimaryToken, f.argument(0)))
        f.if(token == 0) { f.return(Status.noToken) }
        let copy = f.local(0)
        let status = f.local(f.call(Se.subProcessToken, token, f.address(of: copy)))
        f.call(Ob.fastDereferenceObject, f.argument(0, EPROCESS.self).address(of: \.Token), token)
        f.if(status.isError) { f.return(status) }
        f.call(Ob.initializeFastReference, child.address(of: \.Token), copy)
        f.call(Ob.dereferenceObject, copy)
        f.return(status)
    }

    /// `PspDeleteProcessSecurity(Process*)`: the token is one reference poorer.
    static let deleteProcessSecurity: Routine = .init("PspDeleteProcessSecurity", ["Process"]) { f in
        let token = f.local(f.call(Ob.fastReplaceObject, f.argument(0, EPROCESS.self).address(of: \.Token), 0))
        f.if(token != 0) { f.call(Ob.dereferenceObject, token) }
        f.return()
    }
}

extension Status {
    package static let noToken: Value = 0xC000_007C
}
