// SPDX-License-Identifier: GPL-3.0-or-later

/// On whose behalf something is done. Threads do not impersonate here, so that is always the process.
extension Se {
    /// `SeCaptureSubjectContext(SubjectContext*)`: the token of the current thread's process, referenced.
    package static let captureSubjectContext: Routine = .init("SeCaptureSubjectContext", ["SubjectContext"]) { f in
        let context = f.argument(0, SECURITY_SUBJECT_CONTEXT.self)
        let process = f.local(currentThread.Tcb.ApcState.Process).as(EPROCESS.self)
        f.set(context.ClientToken, 0)
        f.set(context.ImpersonationLevel, 0)
        f.set(context.ProcessAuditId, process.UniqueProcessId)
        f.set(context.PrimaryToken, f.call(Ps.referencePrimaryToken, process))
        f.return()
    }

    /// `SeReleaseSubjectContext(SubjectContext*)`.
    package static let releaseSubjectContext: Routine = .init("SeReleaseSubjectContext", ["SubjectContext"]) { f in
        let context = f.argument(0, SECURITY_SUBJECT_CONTEXT.self)
        let process = f.local(currentThread.Tcb.ApcState.Process).as(EPROCESS.self)
        f.if(context.PrimaryToken != 0) { f.call(Ob.fastDereferenceObject, process.address(of: \.Token), context.PrimaryToken) }
        f.set(context.PrimaryToken, 0)
        f.return()
    }

    /// `SepEffectiveToken(SubjectContext*) -> TOKEN*`: that of the client, if there is one.
    static let effectiveToken: Routine = .init("SepEffectiveToken", ["SubjectContext"]) { f in
        let context = f.argument(0, SECURITY_SUBJECT_CONTEXT.self)
        f.if(context.ClientToken != 0) { f.return(context.ClientToken) }
        f.return(context.PrimaryToken)
    }
}
