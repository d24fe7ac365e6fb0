// SPDX-License-Identifier: GPL-3.0-or-later

/// Start-up of the security reference monitor (spec/boot.md sections 1.6 #22 and 1.8 #14).
extension Se {
    /// `SeInitSystem() -> BOOLEAN`: what is due in this phase of start-up. Bugcheck 0x33(0, phase, 0, 0) in a phase that has nothing for it.
    package static let initSystem: Routine = .init("SeInitSystem", section: .page) { f in
        f.if(Ex.initializationPhase.dword == 0) { f.return(f.call(initializationPhase0)) }
        f.if(Ex.initializationPhase.dword == 1) { f.return(f.call(initializationPhase1)) }
        f.call(Ke.bugCheckEx, 0x33, 0, Ex.initializationPhase.dword, 0, 0)
        f.return(0)
    }

    static let initializationPhase0: Routine = .bootStep(
        "1.6 #22", "SepInitializationPhase0", [], "Security, phase 0",
        """
        The well-known SIDs, the numbers of the privileges, the system's default lists and descriptors, the type Token, and the first token, which the Idle and the \
        System process share: Local System, in Administrators, Everyone and Authenticated Users. Without pool for any of it bugcheck 0x5F.
        """
    ) { f in
        f.call(initPrivileges)
        f.if(f.call(initSecurityIDs) == 0) { f.return(0) }
        f.if(f.call(initDACLs) == 0) { f.return(0) }
        f.if(f.call(initSDs) == 0) { f.return(0) }
        f.if(f.call(tokenInitialization) == 0) { f.return(0) }
        let token = f.local(f.call(createSystemProcessToken))
        f.if(token == 0) { f.return(0) }
        f.set(token.as(TOKEN.self).TokenInUse, 1)
        f.call(Ob.initializeFastReference, Ke.initialProcess.pointer.address(of: \.Token), token)
        // With the process's references in place, it gets a descriptor as any object would.
        f.return(f.call(Ob.insertObject, token, 0, 0, 0, 0, 0).isSuccess)
    }

    static let initializationPhase1: Routine = .bootStep(
        "1.8 #14", "SepInitializationPhase1", [], "Security, phase 1",
        """
        The directory \\Security and in it the event LSA_AUTHENTICATION_INITIALIZED, which the authentication service will set one day; 10 %. Without either it \
        is bugcheck 0x63.
        """
    ) { f in
        let attributes = f.objectAttributes(
            f.unicode(#"\Security"#), ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let directory = f.local(0)
        let handle = f.local(0)
        // DIRECTORY_ALL_ACCESS; the event is made in the directory by its handle.
        f.if(f.call(Ob.ntCreateDirectoryObject, f.address(of: directory), 0xF_000F, attributes).isError) { f.return(0) }
        let eventAttributes = f.objectAttributes(
            f.unicode("LSA_AUTHENTICATION_INITIALIZED"),
            ObjectAttribute.permanent | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        f.set(eventAttributes.RootDirectory, directory)
        // GENERIC_WRITE, a notification event that is not set.
        let status = f.local(f.call(Ex.ntCreateEvent, f.address(of: handle), 0x4000_0000, eventAttributes, 0, 0))
        f.call(Ob.zwClose, directory)
        f.if(status.isError) { f.return(0) }
        f.call(Ob.zwClose, handle)
        f.call(Misc.inbvUpdateProgressBar, 10)
        f.return(1)
    }
}
