// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's side of what the local security authority, a process that is not there yet, will talk to (spec/boot.md section 1.8 #35).
extension Se {
    /// The event that the authority sets when it is ready.
    private static let lsaInitEvent: Global = .init("SepLsaInitEvent")

    static let rmInitPhase1: Routine = .bootStep(
        "1.8 #35", "SeRmInitPhase1", [], "Reference monitor",
        """
        The event \\SeLsaInitEvent, and the thread SepRmCommandServerThread, which waits for it; 100 %, and the logo is done with. NT makes the port \\SeRmCommandPort too, and the thread \
        would connect the two sides when the local security authority has set the event; here are neither ports nor an authority. If the event or the thread cannot \
        be made it is bugcheck 0x6B.
        """
    ) { f in
        let attributes = f.objectAttributes(
            f.unicode(#"\SeLsaInitEvent"#), ObjectAttribute.caseInsensitive | ObjectAttribute.permanent | ObjectAttribute.kernelHandle)
        let handle = f.local(0)
        let object = f.local(0)
        let status = f.local(f.call(Ex.ntCreateEvent, f.address(of: handle), 0x1F_0003, attributes, 0, 0))
        f.if(status.isError) { f.return(0) }
        f.set(status, f.call(Ob.referenceObjectByHandle, handle, 0x10_0000, 0, 0, f.address(of: object), 0))
        f.call(Ob.zwClose, handle)
        f.if(status.isError) { f.return(0) }
        f.set(lsaInitEvent.dword, object)
        f.if(f.call(Ps.createSystemThread, f.address(of: handle), 0x1F_03FF, 0, 0, 0, commandServerThread, 0).isError) { f.return(0) }
        f.call(Ob.zwClose, handle)
        f.call(Misc.inbvUpdateProgressBar, 100)
        f.call(Misc.finalizeBootLogo)
        f.return(1)
    }

    /// `SepRmCommandServerThread(Context)`: waits for the authority, and ends, because there is no port to serve.
    private static let commandServerThread: Routine = .init("SepRmCommandServerThread", ["Context"]) { f in
        f.call(Ke.waitForSingleObject, lsaInitEvent.dword, 0, 0, 0, 0)
        f.call(Ob.dereferenceObject, lsaInitEvent.dword)
        f.set(lsaInitEvent.dword, 0)
        f.call(Ps.terminateSystemThread, 0)
        f.return()
    }
}
